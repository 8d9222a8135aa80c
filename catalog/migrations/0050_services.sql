-- A service owns the streams that it produces: their owner rows name the service, and the team follows from its own.
ALTER TABLE owners
  ALTER COLUMN team_id DROP NOT NULL,
  ADD COLUMN service_id bigint CONSTRAINT owners_service REFERENCES objects,
  ADD CONSTRAINT owners_one CHECK ((team_id IS NULL) <> (service_id IS NULL));
CREATE INDEX owners_by_service ON owners (service_id) WHERE service_id IS NOT NULL;

CREATE VIEW owned_by AS
  SELECT w.object_id, coalesce(w.team_id, s.team_id) AS team_id, w.service_id
    FROM owners w LEFT JOIN owners s ON s.object_id = w.service_id;

-- What services say they read, beside their wishes; cluster '': wherever a stream of that name is.
CREATE TABLE service_reads (
  service_id bigint NOT NULL CONSTRAINT service_reads_service REFERENCES objects ON DELETE CASCADE,
  cluster    text COLLATE "C" NOT NULL,
  stream     text COLLATE "C" NOT NULL,
  group_name text COLLATE "C" NOT NULL,
  CONSTRAINT service_reads_pkey PRIMARY KEY (service_id, cluster, stream, group_name)
);
CREATE INDEX service_reads_stream ON service_reads (stream, cluster);
CREATE INDEX service_reads_group ON service_reads (group_name);

-- Who owned what, by name, from when until when; of a service's streams the service, whose own span has the team.
CREATE TABLE owner_spans (
  kind    text COLLATE "C" NOT NULL,
  cluster text COLLATE "C" NOT NULL,
  name    text COLLATE "C" NOT NULL,
  team    text NOT NULL,
  service text NOT NULL,
  since   timestamptz NOT NULL,
  until   timestamptz
);
CREATE INDEX owner_spans_object ON owner_spans (kind, cluster, name, since);

INSERT INTO owner_spans (kind, cluster, name, team, service, since)
  SELECT o.kind, o.cluster, o.name, t.name, '', o.created_at
    FROM owners w JOIN objects o ON o.id = w.object_id JOIN objects t ON t.id = w.team_id;

-- Whoever deletes an object ends its span: the worker of a live kind, or the plan.
CREATE FUNCTION end_owner_span() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE owner_spans SET until = now()
   WHERE (kind, cluster, name) = (OLD.kind, OLD.cluster, OLD.name) AND until IS NULL;
  RETURN OLD;
END $$;
CREATE TRIGGER objects_end_owner_span BEFORE DELETE ON objects FOR EACH ROW EXECUTE FUNCTION end_owner_span();
