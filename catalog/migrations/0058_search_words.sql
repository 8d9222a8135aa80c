-- The words that objects are searched by, so that a misspelt one is compared with words and not with every name. Learnt each
-- minute of what has changed since; a word that nothing has any longer finds nothing.
CREATE TABLE search_words (
  word text COLLATE "C" NOT NULL CONSTRAINT search_words_pkey PRIMARY KEY
);
CREATE TABLE search_words_learnt (
  until timestamptz NOT NULL
);
INSERT INTO search_words_learnt VALUES ('-infinity');

DO $$
BEGIN
  CREATE INDEX search_words_spelling ON search_words USING gin (word gin_trgm_ops);
EXCEPTION WHEN undefined_object THEN
  RAISE NOTICE 'search does not forgive spelling: %', SQLERRM;
END $$;
