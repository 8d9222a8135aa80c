-- Tags that rules act on. They are objects like the organisation's own: admins may describe them otherwise, nobody deletes them.
WITH made AS (
  INSERT INTO objects (kind, name, wish, state, observed_generation, updated_by)
  SELECT 'tag', t.name, jsonb_build_object('spec.description', jsonb_build_object('v', t.description)), 'applied', 1, 'edad'
    FROM (VALUES ('pii', 'Data about identifiable people. A stream that has it is never public.'),
                 ('financial', 'Data that books and audits rest on.'),
                 ('deprecated', 'On its way out: a stream that has it takes no new consumers.')) t(name, description)
  ON CONFLICT ON CONSTRAINT objects_name DO NOTHING
  RETURNING id, generation, wish)
INSERT INTO revisions (object_id, generation, actor, reason, plan_id, wish)
SELECT id, generation, 'edad', 'built in', '', wish FROM made;
