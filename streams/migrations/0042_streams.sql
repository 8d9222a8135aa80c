-- let_go_at: when the operation of a deletion let the worker have it; what a database was restored after is held again.
-- removal_sent: a worker was about to ask the broker for the deletion; before that it can be called off.
ALTER TABLE streams ADD COLUMN let_go_at timestamptz, ADD COLUMN removal_sent boolean NOT NULL DEFAULT false;
