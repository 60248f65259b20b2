#!/bin/sh
# Runs before the server. The image keeps each major version's data in a folder of its own, so another major would start on an empty one.
set -eu
major=$(postgres --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
for file in /var/lib/postgresql/*/docker/PG_VERSION /var/lib/postgresql/data/PG_VERSION; do
  [ -e "$file" ] || continue
  found=$(cat "$file")
  if [ "$found" != "$major" ]; then
    echo "The volume holds data of PostgreSQL $found, and this image is PostgreSQL $major. Set postgres.image back to postgres:$found." \
      "docs/guides/kubernetes.md says how to move to another major version." >&2
    exit 1
  fi
done
