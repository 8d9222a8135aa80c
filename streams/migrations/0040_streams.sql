-- Streams beside their objects: which topic each one is. topic_id is the one that was seen under the stream, '' before.
-- creation_sent: a worker has asked the broker for the topic, so one that is there without a known id may be ours.
CREATE TABLE streams (
  object_id     bigint NOT NULL CONSTRAINT streams_pkey PRIMARY KEY CONSTRAINT streams_object REFERENCES objects ON DELETE CASCADE,
  cluster_id    bigint NOT NULL CONSTRAINT streams_cluster REFERENCES clusters,
  topic         text COLLATE "C" NOT NULL,
  topic_id      text NOT NULL DEFAULT '',
  creation_sent boolean NOT NULL DEFAULT false,
  CONSTRAINT streams_topic UNIQUE (cluster_id, topic)
);
