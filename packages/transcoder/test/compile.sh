#!/bin/sh
# Compiles the test contract with its imports to library.binpb.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$here/proto/." "$here/../../../proto/google" "$work"
buf build "$work" --exclude-source-info -o "$here/library.binpb"
