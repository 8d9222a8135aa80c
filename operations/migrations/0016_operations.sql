-- When a person last began, answered or resumed it.
ALTER TABLE operations ADD COLUMN answered_at timestamptz NOT NULL DEFAULT now();
