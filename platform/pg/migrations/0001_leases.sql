-- A timestamp as microseconds since 1970, exact: the one form in which instants leave the database (pg::instant_of).
create function eda_micros(instant timestamptz) returns bigint
  language sql immutable parallel safe
  return (extract(epoch from instant) * 1000000)::bigint;

-- Who leads which work (platform/pg/lease.h). One row a name for ever: the epoch must never start again.
create table leases (
  name       text        not null,
  holder     text        not null,
  epoch      bigint      not null,
  expires_at timestamptz not null,
  constraint leases_name primary key (name)
);
