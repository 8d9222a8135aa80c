-- Teams beside their objects, as the checks of every call need them: the members by user, and the contact to name.
CREATE TABLE teams (
  object_id bigint NOT NULL CONSTRAINT teams_pkey PRIMARY KEY CONSTRAINT teams_object REFERENCES objects ON DELETE CASCADE,
  contact   text NOT NULL DEFAULT ''
);

CREATE TABLE team_members (
  team_id   bigint NOT NULL CONSTRAINT team_members_team REFERENCES teams ON DELETE CASCADE,
  user_name text NOT NULL,
  role      text NOT NULL CONSTRAINT team_members_role CHECK (role IN ('member', 'lead')),
  CONSTRAINT team_members_pkey PRIMARY KEY (team_id, user_name)
);
CREATE INDEX team_members_user ON team_members (user_name);

-- Whose each object is. Moving something is one row changed.
CREATE TABLE owners (
  object_id bigint NOT NULL CONSTRAINT owners_pkey PRIMARY KEY CONSTRAINT owners_object REFERENCES objects ON DELETE CASCADE,
  team_id   bigint NOT NULL CONSTRAINT owners_team REFERENCES teams
);
CREATE INDEX owners_by_team ON owners (team_id);
