#!/bin/sh
# Runs an app from its sources and restarts it on HUP, with the files synced into /tmp/app: a volume that pods may write to and
# that outlives the container. Told like the image without sources: dist/main.js, `dist/main.js migrate`, or another script.
set -u
[ "$1" = dist/main.js ] || exec node "$@"
shift
main="apps/$APP/src/main.ts"
[ $# -eq 0 ] || exec node "$main" "$@"

if [ ! -d /tmp/app ]; then
  rm -rf /tmp/copying && mkdir /tmp/copying && cp -RP package.json packages apps /tmp/copying
  ln -s /src/node_modules /tmp/copying/node_modules
  mv /tmp/copying /tmp/app
fi
cd /tmp/app || exit
export NODE_COMPILE_CACHE=/tmp/compiled

leaving='' again='' pid=''
trap 'again=yes; kill -TERM $pid 2>/dev/null' HUP
trap 'leaving=yes; kill -TERM $pid 2>/dev/null' TERM INT
while [ -z "$leaving" ]; do
  again=''
  node "$main" &
  pid=$!
  while kill -0 $pid 2>/dev/null; do wait $pid; done
  # It ended by itself: a mistake in the sources, or something it needs is not there yet.
  [ -n "$leaving$again" ] || sleep 1
done
