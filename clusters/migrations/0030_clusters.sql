-- Clusters beside their objects: what is no wish. cluster_id is the one seen last, '' before the first look.
CREATE TABLE clusters (
  object_id  bigint NOT NULL CONSTRAINT clusters_pkey PRIMARY KEY CONSTRAINT clusters_object REFERENCES objects ON DELETE CASCADE,
  mode       text NOT NULL DEFAULT 'observe' CONSTRAINT clusters_mode CHECK (mode IN ('observe', 'manage')),
  cluster_id text NOT NULL DEFAULT '',
  seen_at    timestamptz
);
