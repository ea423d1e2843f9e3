# Sourced by `runner` and `tests/run.sh`: installs the npm packages and builds the command line if they are missing or
# out of date. If nothing has changed, this takes a few milliseconds.

make_ready() {
  (
    cd "$1"
    if ! is_installed || ! is_built; then set_up; fi
  )
}

is_installed() {
  [ -f node_modules/.ready ] && [ -z "$(find package-lock.json -newer node_modules/.ready)" ]
}

is_built() {
  [ -f dist/.built ] && [ -z "$(find build.mjs src stages -newer dist/.built -print | head -n 1)" ]
}

set_up() {
  case $(uname -s) in
    MINGW* | MSYS* | CYGWIN*) give_up "this does not run in Windows itself: install WSL (wsl --install), open its Linux terminal, and clone and run it there" ;;
  esac
  oldest=$(sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' package.json)
  command -v node >/dev/null 2>&1 ||
    give_up "Node.js $oldest or newer is required, but node is not on the PATH (https://nodejs.org; Debian, Ubuntu: apt install nodejs npm; macOS: brew install node)"
  node -e 'const [a, b] = [process.versions.node, process.argv[1]].map((v) => v.split(".").map(Number));
    process.exit(a[0] > b[0] || (a[0] === b[0] && a[1] >= b[1]) ? 0 : 1)' "$oldest" ||
    give_up "Node.js $oldest or newer is required; this is $(node --version) (https://nodejs.org, or: nvm install 24)"
  command -v npm >/dev/null 2>&1 || give_up "npm is required but is not on the PATH (apt install npm, or reinstall Node.js from https://nodejs.org)"
  take_setup_lock
  if ! is_installed; then
    say "installing npm packages (only once) …"
    rm -f node_modules/.ready
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
      give_up "npm could not install the packages (see above). Check the network, then run the same command again"
    : >node_modules/.ready
  fi
  if ! is_built; then
    say "building …"
    node build.mjs || give_up "the build failed (see above)"
    : >dist/.built
  fi
}

# Of two concurrent first starts, the second waits. The system holds the lock for this shell and for the programs that
# it starts, so it is free exactly when the last of them has ended, even after SIGKILL: an npm that outlives its shell
# keeps it.
take_setup_lock() {
  if [ -d .setup-lock ]; then rm -rf .setup-lock; fi # older versions made a folder
  exec 9>.setup-lock
  lock_descriptor_9 now && return
  say "another process is setting up this folder; waiting for it …"
  lock_descriptor_9 wait || say "cannot lock $PWD/.setup-lock; make sure that no other process is setting up this folder"
}

# macOS has no flock program, but the system call, and Perl or Python to make it. The lock belongs to the open file, which
# this shell keeps open after the program has ended.
lock_descriptor_9() {
  if command -v flock >/dev/null 2>&1; then
    case $1 in now) flock -n 9 ;; wait) flock 9 ;; esac
  elif command -v perl >/dev/null 2>&1; then
    perl -e 'open(my $file, ">&=", 9) or exit 1; exit(flock($file, $ARGV[0] eq "now" ? 6 : 2) ? 0 : 1)' "$1"
  elif command -v python3 >/dev/null 2>&1; then
    python3 -c 'import fcntl, sys; fcntl.flock(9, 6 if sys.argv[1] == "now" else 2)' "$1" 2>/dev/null
  else
    give_up "flock, perl or python3 is required, and none is on the PATH (Debian, Ubuntu: apt install util-linux; macOS: brew install python)"
  fi
}

say() { printf '%s\n' "$1" >&2; }

give_up() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}
