#!/bin/sh
# `npm test`: makes the checkout ready, checks the types, builds the tests and runs them with Node's own runner.
# Names on the command line select test files: npm test -- store lock
set -eu
cd "$(dirname "$0")/.."
. src/ready.sh
make_ready .
# The suite computes with the real TensorFlow library and sends to a real MLflow server; both come once, through pip.
node dist/cli.js setup mlflow
node_modules/.bin/tsc -p .
node_modules/.bin/tsc -p src/pages/browser
node build.mjs --tests
if [ "$#" -gt 0 ]; then
  pattern=$(printf '%s|' "$@")
  files=$(find dist/tests -name '*.test.js' | grep -E "${pattern%|}" | sort)
else
  files=$(find dist/tests -name '*.test.js' | sort)
fi
# What tests write to the temporary folder goes when they end, also those that were killed. It may be entered by others: some tests change who they are.
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/runner-tests-XXXXXX")
export TMPDIR
chmod 755 "$TMPDIR"
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM HUP
# One file at a time: the computing ones use every core, and one's load must not be another's timeout.
node --enable-source-maps --test --test-concurrency="${TEST_CONCURRENCY:-1}" $files
