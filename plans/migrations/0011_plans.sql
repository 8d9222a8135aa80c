-- sets: the managers of the wish's fields. overlay: field path -> {"v" | "r", "until", "by", "reason"}; overlay_until:
-- the first end among them. drift: [{field, wish, fact, since, what}].
ALTER TABLE objects
  ADD COLUMN sets          text[] NOT NULL DEFAULT '{}',
  ADD COLUMN overlay       jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN overlay_until timestamptz,
  ADD COLUMN drift         jsonb NOT NULL DEFAULT '[]';
CREATE INDEX objects_sets ON objects USING gin (sets);
CREATE INDEX objects_overlay_until ON objects (overlay_until) WHERE overlay_until IS NOT NULL;

UPDATE objects o SET sets = m.sets
  FROM (SELECT id, array_agg(DISTINCT f.value->>'m') AS sets
          FROM objects, jsonb_each(wish) f WHERE f.value->>'m' IS NOT NULL GROUP BY id) m
 WHERE m.id = o.id;

ALTER TABLE revisions
  ADD COLUMN source  text NOT NULL DEFAULT '',
  ADD COLUMN file    text NOT NULL DEFAULT '',
  ADD COLUMN overlay jsonb NOT NULL DEFAULT '{}';

ALTER TABLE plans
  ADD COLUMN set_team   text NOT NULL DEFAULT '',
  ADD COLUMN cluster    text NOT NULL DEFAULT '',
  ADD COLUMN source     text NOT NULL DEFAULT '',
  ADD COLUMN reason     text NOT NULL DEFAULT '',
  ADD COLUMN rules      text NOT NULL DEFAULT '',
  ADD COLUMN applied_at timestamptz;
CREATE INDEX plans_created ON plans (created_at, id);

-- Where a set was last applied from, on each cluster ('' for what belongs to none).
CREATE TABLE apply_sets (
  manager    text NOT NULL,
  cluster    text COLLATE "C" NOT NULL,
  source     text NOT NULL,
  actor      text NOT NULL,
  applied_at timestamptz NOT NULL,
  plan_id    text NOT NULL,
  CONSTRAINT apply_sets_pkey PRIMARY KEY (manager, cluster)
);
