-- What a plan and an apply of 20 new teams INSERT, for pgbench: the peer of bench_clients. Taken from the server's log
-- (log_statement = all) while bench_clients ran: the same INSERTs in the same two transactions, with rows of the same
-- number, columns and sizes, into the same tables with the same indexes. Left out is everything that is no INSERT: reads,
-- locks, the UPDATEs that mark the plan as applied and tie it to its objects. Texts are made from the names here, where edad
-- sends them as arrays.
\set n random(1, 1000000000000000)

BEGIN;
INSERT INTO plans (id, hash, actor, set_name, set_team, cluster, source, reason, rules, expires_at, summary)
  SELECT 'pl-' || :client_id || '-' || :n, encode(sha256(convert_to(repeat('team/z29063-0-0-0 create 0 1 spec.contacts.chat', 94), 'UTF8')), 'hex'),
         'user/admin', 'p' || :n, '', '', '', '', 'team:1', now() + interval '1 hour',
         '{"risk": 0, "adopts": 0, "prunes": 0, "changes": 0, "confirm": [], "creates": 20, "deletes": 0, "unchanged": 0, "hand_overs": 0}'::jsonb
  RETURNING id, hash, (extract(epoch from created_at) * 1000000)::bigint, (extract(epoch from expires_at) * 1000000)::bigint;
INSERT INTO plan_changes (plan_id, ordinal, kind, cluster, name, action, detail)
  SELECT 'pl-' || :client_id || '-' || :n, i, 'team', '', 'p' || :n || '-' || i, 'create',
         replace('{"at": {"file": "bench/NAME.yaml", "line": 1, "column": 0}, "risk": 0, "after": {"spec.description": {"m": "SETNAME", "v": "made by a bench that asks how many clients edad serves"}, "spec.contacts.chat": {"m": "SETNAME", "v": "#NAME"}, "spec.contacts.email": {"m": "SETNAME", "v": "NAME@example.org"}}, "owner": "NAME", "fields": [{"to": "#NAME", "path": "spec.contacts.chat"}, {"to": "NAME@example.org", "path": "spec.contacts.email"}, {"to": "made by a bench that asks how many clients edad serves", "path": "spec.description"}], "before_id": 0, "generation": 0, "fingerprint": ""}',
                 'NAME', 'p' || :n || '-' || i)::jsonb
  FROM generate_series(1, 20) i;
INSERT INTO outcomes (subject, request_id, body_hash, result)
  VALUES ('user/admin', :client_id || '-' || :n || '-plan', repeat('7269c192', 8), 'pl-' || :client_id || '-' || :n);
COMMIT;

BEGIN;
INSERT INTO objects (kind, cluster, name, wish, state, sets, observed_generation, updated_by)
  SELECT 'team', '', 'p' || :n || '-' || i,
         replace('{"spec.description": {"m": "SETNAME", "v": "made by a bench that asks how many clients edad serves"}, "spec.contacts.chat": {"m": "SETNAME", "v": "#NAME"}, "spec.contacts.email": {"m": "SETNAME", "v": "NAME@example.org"}}',
                 'NAME', 'p' || :n || '-' || i)::jsonb,
         'applied', ARRAY['p' || :n], 1, 'user/admin'
  FROM generate_series(1, 20) i
  ON CONFLICT ON CONSTRAINT objects_name DO NOTHING RETURNING id, kind, cluster, name;
INSERT INTO revisions (object_id, generation, actor, reason, plan_id, source, file, wish, overlay)
  SELECT o.id, o.generation, 'user/admin', '', 'pl-' || :client_id || '-' || :n, '', 'bench/z29063.yaml:1', o.wish, o.overlay
  FROM generate_series(1, 20) i JOIN objects o ON (o.kind, o.cluster, o.name) = ('team', '', 'p' || :n || '-' || i);
INSERT INTO teams (object_id, contact)
  SELECT o.id, 'chat: #' || o.name
  FROM generate_series(1, 20) i JOIN objects o ON (o.kind, o.cluster, o.name) = ('team', '', 'p' || :n || '-' || i)
  ON CONFLICT ON CONSTRAINT teams_pkey DO UPDATE SET contact = excluded.contact;
INSERT INTO events (actor, verb, object_kind, object_cluster, object_name, team, before, after, reason, request_id, plan_id)
  SELECT 'user/admin', 'team.created', 'team', '', 'p' || :n || '-' || i, 'p' || :n || '-' || i, NULL,
         replace('{"spec.contacts.chat":"#NAME","spec.contacts.email":"NAME@example.org","spec.description":"made by a bench that asks how many clients edad serves"}',
                 'NAME', 'p' || :n || '-' || i)::json,
         '', :client_id || '-' || :n || '-apply', 'pl-' || :client_id || '-' || :n
  FROM generate_series(1, 20) i;
INSERT INTO outcomes (subject, request_id, body_hash, result)
  VALUES ('user/admin', :client_id || '-' || :n || '-apply', repeat('e7c363ba', 8), 'pl-' || :client_id || '-' || :n);
INSERT INTO apply_sets (manager, cluster, source, actor, applied_at, plan_id)
  VALUES ('p' || :client_id, '', '', 'user/admin', now(), 'pl-' || :client_id || '-' || :n)
  ON CONFLICT ON CONSTRAINT apply_sets_pkey DO NOTHING;
COMMIT;
