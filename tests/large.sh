#!/bin/sh
# `npm run test:large`: the tests that need gigabytes, minutes or Python packages, which `npm test` leaves out.
#   npm run test:large                 all of them
#   npm run test:large -- fb-345m      only this one
# fb-345m       needs 14 GB of free memory, 12 GB of disk (in TMPDIR) and four minutes on two cores
# transformers  installs PyTorch and transformers once, into a virtual environment, unless RUNNER_TRANSFORMERS_PYTHON
#               names a Python
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
