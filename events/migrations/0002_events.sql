-- The trail (events/events.h). Partitioned by month, so that a retention can be a DROP of old months and never a DELETE.
create sequence events_number;

create table events (
  id             bigint      not null default nextval('events_number'),
  at             timestamptz not null default now(),
  -- The writing transaction. Ids are drawn before commits, so a smaller id may appear after a larger one: who follows
  -- the trail asks for what a snapshot did not see yet, not for larger ids.
  xid            xid8        not null default pg_current_xact_id(),
  actor          text        not null,
  verb           text        not null,
  object_kind    text        not null,
  object_cluster text        not null,
  object_name    text        not null,
  -- That owned the object then; empty where none did. Who may see the row follows from it.
  team           text        not null,
  -- json, not jsonb: what people wrote is kept as it was, and jsonb refuses texts with \u0000.
  before         json,
  after          json,
  reason         text        not null,
  request_id     text        not null,
  plan_id        text        not null,
  constraint events_id primary key (id, at)
) partition by range (at);

create index events_object on events (object_kind, object_name, object_cluster, id);
create index events_actor  on events (actor, id);
create index events_team   on events (team, id);
create index events_at     on events (at);
create index events_xid    on events (xid);

create function eda_events_are_final() returns trigger language plpgsql as $$
begin
  raise exception 'the trail is append-only: % of events is refused', tg_op using errcode = 'restrict_violation';
end $$;

-- Row triggers are inherited by every partition; TRUNCATE's is not and is made with each.
create trigger events_are_final before update or delete on events for each row execute function eda_events_are_final();
create trigger events_stay before truncate on events for each statement execute function eda_events_are_final();

-- What no month's partition takes; empty as long as eda_events_ahead is called once a month.
create table events_other partition of events default;
create trigger events_stay before truncate on events_other for each statement execute function eda_events_are_final();

-- Makes the partitions of this month and the next `months`; those that are there stay. A month that already has rows in
-- the default partition is left there. Returns how many were made.
create function eda_events_ahead(months int) returns int language plpgsql as $$
declare
  first date := date_trunc('month', now() at time zone 'UTC')::date;
  month date;
  name  text;
  made  int := 0;
begin
  perform pg_advisory_xact_lock(hashtext('eda_events_ahead'));
  for ahead in 0..months loop
    month := first + make_interval(months => ahead);
    name := 'events_' || to_char(month, 'YYYY_MM');
    continue when to_regclass(name) is not null;
    begin
      execute format('create table %I partition of events for values from (%L) to (%L)', name,
                     month::text || ' 00:00:00+00', (month + interval '1 month')::date::text || ' 00:00:00+00');
      execute format('create trigger events_stay before truncate on %I '
                     'for each statement execute function eda_events_are_final()', name);
      made := made + 1;
    exception when check_violation then
      null;
    end;
  end loop;
  return made;
end $$;

select eda_events_ahead(3);

-- Outcomes of mutating calls under their request ids, for 24 hours.
create table outcomes (
  subject    text        not null,
  request_id text        not null,
  body_hash  text        not null,
  result     text        not null,
  at         timestamptz not null default now(),
  constraint outcomes_request primary key (subject, request_id)
);
create index outcomes_at on outcomes (at);
