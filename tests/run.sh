#!/bin/sh
# `npm test`: installs and builds if necessary, runs `npm run check`, builds the tests and runs them with Node's own runner.
# Names select test files; then only those are built, and the check is skipped: npm test -- store lock
# `npm run test:slow`: the same for the files whose names end in `.slow.ts`.
set -eu
cd "$(dirname "$0")/.."
. src/ready.sh
make_ready .
case "$*" in '') npm run --silent check ;; esac
# Everything that tests, even killed ones, leave in this temporary folder is deleted at the end.
# Other users may enter it, because some tests change their user id.
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/runner-tests-XXXXXX")
export TMPDIR
chmod 755 "$TMPDIR"
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM HUP
node --enable-source-maps tests/run.mjs "$@"
