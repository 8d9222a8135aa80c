-- held: the deletion may take data with it and goes through an operation; the worker leaves the stream alone meanwhile.
ALTER TABLE streams ADD COLUMN held boolean NOT NULL DEFAULT false;

-- When all streams at rest of a cluster were last compared with the broker: their facts are at least that young.
-- wanted_at: somebody knows that they are not and wants them looked at again.
CREATE TABLE stream_surveys (
  cluster_id  bigint NOT NULL CONSTRAINT stream_surveys_pkey PRIMARY KEY CONSTRAINT stream_surveys_cluster REFERENCES clusters ON DELETE CASCADE,
  surveyed_at timestamptz NOT NULL DEFAULT '-infinity',
  wanted_at   timestamptz NOT NULL DEFAULT '-infinity'
);
