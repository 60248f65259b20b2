#!/bin/sh
# Runs once, in an empty data folder: a database for each service, owned by a role of its own that reaches no other.
set -eu
for file in /run/passwords/*; do
  psql --set ON_ERROR_STOP=1 --username postgres --set "service=$(basename "$file")" --set "password=$(cat "$file")" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE CONNECT ON DATABASE :"service" FROM PUBLIC;
SQL
done
psql --username postgres --command 'REVOKE CONNECT ON DATABASE postgres FROM PUBLIC'
