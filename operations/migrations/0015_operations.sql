-- Acts in steps. `due`: when a running one's step is run next. A claim is a holder with an epoch and an end.
CREATE TABLE operations (
  id            text NOT NULL CONSTRAINT operations_pkey PRIMARY KEY,
  number        bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT operations_number UNIQUE,
  kind          text NOT NULL,
  target_kind   text COLLATE "C" NOT NULL,
  target_cluster text COLLATE "C" NOT NULL,
  target_name   text COLLATE "C" NOT NULL,
  team          text NOT NULL,
  parameters    jsonb NOT NULL,
  state         text NOT NULL,
  step          text NOT NULL,
  steps         jsonb NOT NULL,
  waiting_for   text NOT NULL DEFAULT '',
  waiting_until timestamptz,
  trouble       text NOT NULL DEFAULT '',
  next          text NOT NULL DEFAULT '',
  actor         text NOT NULL,
  reason        text NOT NULL,
  plan_id       text NOT NULL DEFAULT '',
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  version       bigint NOT NULL DEFAULT 1,
  due           timestamptz NOT NULL DEFAULT now(),
  holder        text NOT NULL DEFAULT '',
  epoch         bigint NOT NULL DEFAULT 0,
  held_until    timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX operations_due ON operations (due) WHERE state = 'running';
CREATE INDEX operations_waiting ON operations (waiting_until) WHERE state = 'waiting';
-- What has not come to an end: the list that people look at, and what is counted.
CREATE INDEX operations_unfinished ON operations (number) WHERE state NOT IN ('done', 'aborted');
CREATE INDEX operations_target ON operations (target_kind, target_cluster, target_name);
CREATE INDEX operations_plan ON operations (plan_id) WHERE plan_id <> '';
