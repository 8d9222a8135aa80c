-- People. Never deleted, only disabled: the trail names them for ever.
create table users (
  id           bigint      generated always as identity,
  name         text        not null,
  display_name text        not null,
  email        text        not null,
  disabled     boolean     not null default false,
  created_at   timestamptz not null default now(),
  constraint users_id primary key (id),
  constraint users_name unique (name)
);

-- Roles in the organisation; those in teams are the catalog's.
create table user_roles (
  user_id bigint not null,
  role    text   not null,
  constraint user_roles_once primary key (user_id, role),
  constraint user_roles_user foreign key (user_id) references users (id),
  constraint user_roles_known check (role in ('admin', 'operator', 'auditor'))
);
create index user_roles_role on user_roles (role);

-- 256 random bits need no slow hash: SHA-256 of the token's text, which is stored nowhere.
create table tokens (
  id           text        not null,
  digest       bytea       not null,
  subject      text        not null,
  scopes       text[]      not null,
  description  text        not null,
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  revoked_at   timestamptz,
  last_used_at timestamptz,
  constraint tokens_id primary key (id),
  constraint tokens_digest unique (digest)
);
create index tokens_subject on tokens (subject, created_at);
create index tokens_created on tokens (created_at, id);
