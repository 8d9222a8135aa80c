-- What a plan found unchanged, one item each: [kind, cluster, name] or [kind, cluster, name, [note, …]]. Ten thousand rows of
-- their own would cost more than the planning.
ALTER TABLE plans ADD COLUMN idle jsonb NOT NULL DEFAULT '[]';
