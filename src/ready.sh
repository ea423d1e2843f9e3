# Sourced by `runner` and `tests/run.sh`: installs the npm packages and builds the command line if they are missing or
# out of date. If nothing has changed, this takes a few milliseconds.

make_ready() {
  (
    cd "$1"
    if [ ! -f node_modules/.ready ] || [ -n "$(find package-lock.json -newer node_modules/.ready)" ] ||
      [ ! -f dist/.built ] || [ -n "$(find build.mjs src stages -newer dist/.built -print | head -n 1)" ]; then
      set_up
    fi
  )
}

set_up() {
  oldest=$(sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' package.json)
  command -v node >/dev/null 2>&1 ||
    give_up "Node.js $oldest or newer is required, but node is not on the PATH (https://nodejs.org, or: apt install nodejs npm)"
  node -e 'const [a, b] = [process.versions.node, process.argv[1]].map((v) => v.split(".").map(Number));
    process.exit(a[0] > b[0] || (a[0] === b[0] && a[1] >= b[1]) ? 0 : 1)' "$oldest" ||
    give_up "Node.js $oldest or newer is required; this is $(node --version) (https://nodejs.org, or: nvm install 24)"
  command -v npm >/dev/null 2>&1 || give_up "npm is required but is not on the PATH (apt install npm, or reinstall Node.js from https://nodejs.org)"
  take_setup_lock
  trap 'rm -rf .setup-lock' EXIT
  trap 'exit 130' INT TERM HUP
  if [ ! -f node_modules/.ready ] || [ -n "$(find package-lock.json -newer node_modules/.ready)" ]; then
    say "installing npm packages (only once) …"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
      give_up "npm could not install the packages (see above). Check the network, then run the same command again"
    : >node_modules/.ready
  fi
  say "building …"
  node build.mjs || give_up "the build failed (see above)"
  : >dist/.built
}

# Of two concurrent first starts, the second waits. A lock is removed if its owner is dead.
take_setup_lock() {
  until mkdir .setup-lock 2>/dev/null; do
    owner=$(cat .setup-lock/pid 2>/dev/null || true)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then rm -rf .setup-lock; fi
    [ -n "${waited:-}" ] || say "another process is setting up this folder; waiting for it …"
    waited=1
    sleep 1
  done
  echo "$$" >.setup-lock/pid
}

say() { printf '%s\n' "$1" >&2; }

give_up() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}
