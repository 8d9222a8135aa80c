-- Names that teams had. They stay reserved, and answer with the team that has them now.
CREATE TABLE team_names (
  name    text COLLATE "C" NOT NULL CONSTRAINT team_names_pkey PRIMARY KEY,
  team_id bigint NOT NULL CONSTRAINT team_names_team REFERENCES objects ON DELETE CASCADE,
  since   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX team_names_by_team ON team_names (team_id);
