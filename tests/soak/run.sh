#!/bin/sh
# `npm run soak -- [--minutes 10] [--seed N] [--only NAME]`: installs, builds and runs tests/soak/soak.process.ts.
set -eu
cd "$(dirname "$0")/../.."
. src/ready.sh
make_ready .
node build.mjs --tests
exec node --enable-source-maps dist/tests/soak/soak.process.js "$@"
