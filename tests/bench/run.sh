#!/bin/sh
# `npm run bench NAME [-- OPTIONS]`: installs, builds and runs tests/bench/NAME.ts.
set -eu
cd "$(dirname "$0")/../.."
. src/ready.sh
make_ready .
if [ "$#" -eq 0 ]; then
  echo "usage: npm run bench NAME, for example: npm run bench train" >&2
  exit 2
fi
name=$1
shift
node dist/cli.js setup
node build.mjs --bench
exec node "dist/tests/bench/$name.js" "$@"
