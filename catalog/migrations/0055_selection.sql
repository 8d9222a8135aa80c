-- What lists select by, out of each wish: tags "t:pii", domain "d:sales", labels "l:tier" and "l:tier=1" (catalog/selection.h).
CREATE FUNCTION object_marks(wish jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ARRAY(SELECT 't:' || tag FROM jsonb_array_elements_text(
                 CASE WHEN jsonb_typeof(wish #> '{spec.tags,v}') = 'array' THEN wish #> '{spec.tags,v}' ELSE '[]' END) tag)
      || ARRAY(SELECT 'd:' || (wish #>> '{metadata.domain,v}') WHERE wish #>> '{metadata.domain,v}' IS NOT NULL)
      || ARRAY(SELECT unnest(ARRAY['l:' || label, 'l:' || label || '=' || value])
                 FROM (SELECT substr(key, 18, length(key) - 19) AS label, value #>> '{v}' AS value
                         FROM jsonb_each(wish) WHERE key LIKE 'metadata.labels["%') l
                WHERE value IS NOT NULL)
$$;

-- What search reads of an object, in four lines: its name; its domain, tags and labels; what is said of it; whom to ask. Words are
-- split where people do, and at capitals: OrderPlaced is found by "placed". What is asked for is split by the same function.
-- Not in SQL, for it runs with every wish that is written, and takes half the time so.
CREATE FUNCTION object_words(name text, wish jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  path text;
  field jsonb;
  marks text := '';
  said text := '';
  contacts text := '';
BEGIN
  FOR path, field IN SELECT * FROM jsonb_each(wish) LOOP
    IF path LIKE 'metadata.labels["%' THEN marks := marks || ' ' || substr(path, 18) || ' ' || coalesce(field ->> 'v', '');
    ELSIF path IN ('metadata.domain', 'spec.tags') THEN marks := marks || ' ' || coalesce(field ->> 'v', '');
    ELSIF path IN ('spec.description', 'spec.repository') THEN said := said || ' ' || coalesce(field ->> 'v', '');
    ELSIF path LIKE 'spec.contacts.%' THEN contacts := contacts || ' ' || substr(path, 15) || ' ' || coalesce(field ->> 'v', '');
    END IF;
  END LOOP;
  RETURN lower(translate(regexp_replace(
    concat_ws(E'\n', translate(name, E'\n\r\t', '   '), translate(marks, E'\n\r\t', '   '), translate(said, E'\n\r\t', '   '),
              translate(contacts, E'\n\r\t', '   ')),
    '([[:lower:][:digit:]])([[:upper:]])', '\1 \2', 'g'),
    '.-_[](){}<>"''`,:;!?/\|@#=+*&%$^~', '                                '));
END $$;

ALTER TABLE objects
  ADD COLUMN marks text[] NOT NULL GENERATED ALWAYS AS (object_marks(wish)) STORED,
  ADD COLUMN words text NOT NULL GENERATED ALWAYS AS (object_words(name, wish)) STORED;

CREATE INDEX objects_marks ON objects USING gin (marks);
CREATE INDEX objects_named ON objects (lower(name));
-- What a word of each line weighs: the name most, whom to ask least.
CREATE INDEX objects_document ON objects USING gin ((
  setweight(to_tsvector('pg_catalog.simple'::regconfig, split_part(words, E'\n', 1)), 'A')
  || setweight(to_tsvector('pg_catalog.simple'::regconfig, split_part(words, E'\n', 2)), 'B')
  || setweight(to_tsvector('pg_catalog.simple'::regconfig, split_part(words, E'\n', 3)), 'C')
  || setweight(to_tsvector('pg_catalog.simple'::regconfig, split_part(words, E'\n', 4)), 'D')));

-- For names that are spelt wrongly. The database's owner may make the extension where Postgres' additional modules are installed;
-- without it search asks for words as they are, and says so (docs/operations.md).
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE INDEX objects_spelling ON objects USING gin (split_part(words, E'\n', 1) gin_trgm_ops);
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR undefined_object THEN
  RAISE NOTICE 'search does not forgive spelling: %', SQLERRM;
END $$;
