-- Every manifest object of every kind. The wish is field path -> {"v": value} | {"r": true} (reset), with "m", its manager.
CREATE TABLE objects (
  id                  bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT objects_pkey PRIMARY KEY,
  uid                 uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT objects_uid UNIQUE,
  kind                text COLLATE "C" NOT NULL,
  cluster             text COLLATE "C" NOT NULL DEFAULT '',
  name                text COLLATE "C" NOT NULL,
  generation          bigint NOT NULL DEFAULT 1,
  observed_generation bigint NOT NULL DEFAULT 0,
  state               text NOT NULL,
  wish                jsonb NOT NULL,
  observed            jsonb NOT NULL DEFAULT 'null',
  fingerprint         text NOT NULL DEFAULT '',
  conditions          jsonb NOT NULL DEFAULT '[]',
  created_at          timestamptz NOT NULL DEFAULT now(),
  updated_at          timestamptz NOT NULL DEFAULT now(),
  updated_by          text NOT NULL,
  CONSTRAINT objects_name UNIQUE (kind, cluster, name)
);
-- Workers look for the few that want them among the many that do not.
CREATE INDEX objects_due ON objects (kind, cluster, updated_at) WHERE state IN ('pending', 'unknown', 'deleting');

CREATE TABLE revisions (
  object_id  bigint NOT NULL CONSTRAINT revisions_object REFERENCES objects ON DELETE CASCADE,
  generation bigint NOT NULL,
  at         timestamptz NOT NULL DEFAULT now(),
  actor      text NOT NULL,
  reason     text NOT NULL,
  plan_id    text NOT NULL,
  wish       jsonb NOT NULL,
  CONSTRAINT revisions_pkey PRIMARY KEY (object_id, generation)
);

CREATE TABLE plans (
  id         text NOT NULL CONSTRAINT plans_pkey PRIMARY KEY,
  state      text NOT NULL DEFAULT 'open',
  hash       text NOT NULL,
  actor      text NOT NULL,
  set_name   text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  ended_at   timestamptz,
  summary    jsonb NOT NULL
);

CREATE TABLE plan_changes (
  plan_id   text NOT NULL CONSTRAINT plan_changes_plan REFERENCES plans ON DELETE CASCADE,
  ordinal   integer NOT NULL,
  kind      text COLLATE "C" NOT NULL,
  cluster   text COLLATE "C" NOT NULL,
  name      text COLLATE "C" NOT NULL,
  action    text NOT NULL,
  object_id bigint NOT NULL DEFAULT 0,
  -- the generation that the apply wrote
  generation bigint NOT NULL DEFAULT 0,
  detail    jsonb NOT NULL,
  CONSTRAINT plan_changes_pkey PRIMARY KEY (plan_id, ordinal)
);

CREATE TABLE stages (
  id         text NOT NULL CONSTRAINT stages_pkey PRIMARY KEY,
  subject    text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  documents  integer NOT NULL DEFAULT 0
);

CREATE TABLE staged_documents (
  stage_id text NOT NULL CONSTRAINT staged_documents_stage REFERENCES stages ON DELETE CASCADE,
  ordinal  integer NOT NULL,
  body     bytea NOT NULL,
  CONSTRAINT staged_documents_pkey PRIMARY KEY (stage_id, ordinal)
);
