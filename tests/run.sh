#!/usr/bin/env bash
# Installs what is missing, builds build/release, runs every test. The last line is
# "N passed, N failed"; the exit code is 0 only when nothing failed.
#   tests/run.sh [CTEST-OPTION...]      for example: tests/run.sh -L unit
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build/release
results=$build/test-results.xml
cd "$root" || exit 1

give_up() { # whatever stopped us before the tests counts as one failure
  echo "$1" >&2
  echo "0 passed, 1 failed"
  exit 1
}

# Seconds that each part took, told at the end.
times=
begun=$SECONDS
part_done() {
  times+="${times:+, }$1 $((SECONDS - begun)) s"
  begun=$SECONDS
}

deploy/install-packages.sh --examples || give_up "packages could not be installed"
part_done packages

# npm waits for the network and the disk, so the build goes on meanwhile.
install_node_modules() {
  local folder
  for folder in tests/tools clients/node; do
    [ -e "$folder/package-lock.json" ] || continue
    # npm leaves this file behind once it is done.
    [ ! "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] || continue
    npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error ||
      { echo "npm ci in $folder failed" >&2; return 1; }
  done
}
install_node_modules &
npm=$!

# From nothing, many source files are compiled as one. A folder that is there stays as it is.
preset=release
[ -e "$build/CMakeCache.txt" ] || preset=ci
mkdir -p "$build"
cmake --preset "$preset" >"$build/configure.log" 2>&1 ||
  { cat "$build/configure.log"; give_up "cmake failed"; }
cmake --build "$build" || give_up "the build failed"
part_done build
wait "$npm" || give_up "what the tests need of npm is not there"
part_done npm

rm -f "$results"
# Half of what a test does is waiting: for a disk, a clock, another process.
ctest --test-dir "$build" -j "$((2 * $(nproc)))" --output-on-failure --no-tests=error \
  --output-junit "$results" "$@"
code=$?
part_done tests

[ -s "$results" ] || give_up "ctest wrote no results"
# A test that was skipped or could not be started has not passed.
total=$(grep -c '<testcase ' "$results")
passed=$(grep -c '<testcase [^>]*status="run"' "$results")
echo "took: $times"
echo "$passed passed, $((total - passed)) failed"
[ "$code" -eq 0 ] && [ "$passed" -eq "$total" ]
