-- When the cluster was last seen to know an event that this database does not: it was restored, and what was under way
-- in it before that needs a person to go on.
ALTER TABLE clusters ADD COLUMN restored_at timestamptz;
