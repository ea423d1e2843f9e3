#!/bin/sh
# `npm run test:large`: the tests that need gigabytes, minutes, or Python packages, which `npm test` does without.
#   npm run test:large                 all of them
#   npm run test:large -- fb-345m      those named
# fb-345m       wants 14 GB of free memory and 12 GB of disk (TMPDIR names the folder), four minutes on two cores
# transformers  installs PyTorch and transformers into an environment of its own, once; RUNNER_TRANSFORMERS_PYTHON names another Python
set -eu
cd "$(dirname "$0")/.."
. src/ready.sh
make_ready .
node dist/cli.js setup
node build.mjs --tests
if [ "$#" -eq 0 ]; then set -- transformers fb-345m; fi
files=
for name in "$@"; do files="$files dist/tests/large/$name.process.js"; done
exec node --enable-source-maps --test --test-concurrency=1 $files
