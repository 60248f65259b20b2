#!/bin/sh
# Makes google.binpb from the public contracts that the npm package google-proto-files carries. It is 83 MB, so it is
# fetched for this alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent google-proto-files@6.0.1 >/dev/null
tar xzf google-proto-files-*.tgz
mkdir -p protos/google/pubsub/v1 protos/google/example/library/v1
cp -r package/google/api protos/google/
rm -rf protos/google/api/*/ # Services of their own.
cp package/google/pubsub/v1/*.proto protos/google/pubsub/v1/
cp package/google/example/library/v1/library.proto protos/google/example/library/v1/
buf build protos --path protos/google/pubsub --path protos/google/example --exclude-source-info -o "$here/google.binpb"
