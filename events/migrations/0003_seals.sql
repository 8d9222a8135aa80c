-- The sealed trail (events/seal.h). Every committed event gets a number without gaps and a hash over the hash before and
-- the whole row; each batch ends in a head, which is signed with a key that is not in the database.

-- No foreign key to events: it would lock what writers append, and a seal must outlive a row that somebody removes.
create table seals (
  number   bigint      not null,
  event_id bigint      not null,
  event_at timestamptz not null,
  hash     bytea       not null,
  constraint seals_number primary key (number),
  constraint seals_event unique (event_id)
);

create table heads (
  number    bigint      not null,
  hash      bytea       not null,
  -- Empty where edad had no key.
  signature bytea       not null,
  key       text        not null,
  at        timestamptz not null,
  -- All that this snapshot sees is sealed: where the sealing worker goes on. Empty while it catches up.
  horizon   text        not null,
  constraint heads_number primary key (number)
);

create function eda_seals_are_final() returns trigger language plpgsql as $$
begin
  raise exception 'the trail is append-only: % of % is refused', tg_op, tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger seals_are_final before update or delete on seals for each row execute function eda_seals_are_final();
create trigger seals_stay before truncate on seals for each statement execute function eda_seals_are_final();
create trigger heads_are_final before update or delete on heads for each row execute function eda_seals_are_final();
create trigger heads_stay before truncate on heads for each statement execute function eda_seals_are_final();
