#!/bin/sh
# Compiles the test contract with its imports to notes.binpb.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$here/proto/." "$work"
mkdir -p "$work/google" "$work/kontor"
cp -R "$here/../../../proto/google/." "$work/google"
cp -R "$here/../../../proto/kontor/options" "$work/kontor/options"
buf build "$work" --exclude-source-info -o "$here/notes.binpb"
