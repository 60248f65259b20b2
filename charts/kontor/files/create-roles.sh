#!/bin/sh
# Runs after each start of the server, and at an upgrade, which does not restart it, from a pod that PGHOST leads to the server. Creates
# what is missing: for each service a role that owns its database, a role that runs, and the database. Passwords follow the Secrets. The
# services' migrate steps grant the roles that run their rights.
set -eu
rm -f /tmp/roles-ready
until pg_isready --quiet --host="${PGHOST:-127.0.0.1}" --username=postgres; do sleep 0.5; done
query() { psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username postgres "$@"; }
for file in /run/passwords/owner/*; do
  service=$(basename "$file")
  query --set "service=$service" --set "owner_password=$(cat "$file")" --set "run_password=$(cat "/run/passwords/run/$service")" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN', role) FROM (VALUES (:'service'), (:'service' || '_run')) AS wanted (role)
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
SELECT format('ALTER ROLE %I PASSWORD %L', role, password)
  FROM (VALUES (:'service', :'owner_password'), (:'service' || '_run', :'run_password')) AS wanted (role, password) \gexec
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8'' LOCALE ''C'' LOCALE_PROVIDER builtin BUILTIN_LOCALE ''C.UTF-8''',
    :'service', :'service')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service') \gexec
REVOKE CONNECT ON DATABASE :"service" FROM PUBLIC;
SQL
done
query --command 'REVOKE CONNECT ON DATABASE postgres FROM PUBLIC'
touch /tmp/roles-ready
