#!/usr/bin/env bash
# Builds the fuzzers and runs each for some seconds on its corpus (docs/fuzzing.md).
#   tests/fuzz/run.sh [--seconds N] [--jobs N] [--seed N] [--build-only | --no-build] [--keep] [TARGET...]
#     --seconds N  of each target, 10 unless given
#     --seed N     makes nearly the same inputs again; else each run makes others
#     --jobs N     targets side by side, 2 unless given
#     --build-only, --no-build   the one without the other
#     --keep       adds what reaches new code to build/fuzz/corpus, for the next run to start from
# Without TARGET all of them. Ends with a line per target: executions, edges covered, inputs that
# reach new ones. A failure keeps its input below build/fuzz/findings and prints the command that
# repeats it; the exit code is then 1.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build/fuzz
seconds=10 jobs=2 seed=0 do_build=1 do_run=1 keep=
targets=()

usage() {
  sed -n '2,/^set /{/^# /s/^# //p}' "${BASH_SOURCE[0]}" >&2
  exit 2
}
while [ $# -gt 0 ]; do
  case $1 in
    --seconds | --jobs | --seed)
      [[ ${2-} =~ ^[1-9][0-9]*$ ]] || usage
      declare "${1#--}=$2"
      shift
      ;;
    --build-only) do_run= ;;
    --no-build) do_build= ;;
    --keep) keep=1 ;;
    -*) usage ;;
    *) targets+=("$1") ;;
  esac
  shift
done

all=()
for source in "$here"/*_fuzzer.cc; do
  name=${source##*/}
  all+=("${name%_fuzzer.cc}")
done
for name in "${targets[@]}"; do
  [ -f "$here/${name}_fuzzer.cc" ] || { echo "no fuzzer $name; there are: ${all[*]}" >&2; exit 2; }
done
[ ${#targets[@]} -gt 0 ] || targets=("${all[@]}")

if [ -n "$do_build" ]; then
  mkdir -p "$build"
  # A folder configured for another place or compiler is of no use.
  (cd "$root" && cmake --preset fuzz) >"$build/configure.log" 2>&1 ||
    { cat "$build/configure.log" >&2; exit 1; }
  cmake --build "$build" --target fuzz
fi
[ -n "$do_run" ] || exit 0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$build/findings"

# Options that a target needs beside those of all; see the comment beside each.
options_of() {
  case $1 in
    # Hundreds of rows and a block's nodes fit; longer inputs only repeat them.
    block | run) echo -max_len=16384 ;;
    *) echo -max_len=4096 ;;
  esac
}

fuzz_one() {
  local name=$1 log=$scratch/$1.log grown=$scratch/$1.corpus
  local command=("$build/fuzz/$name" -rss_limit_mb=1024 -malloc_limit_mb=256 -timeout=10)
  # Kept between runs with --keep; else the run's own.
  [ -z "$keep" ] || grown=$build/corpus/$name
  mkdir -p "$grown"
  command+=("$(options_of "$name")")
  [ ! -f "$here/dictionaries/$name.dict" ] || command+=("-dict=$here/dictionaries/$name.dict")
  if "${command[@]}" "-artifact_prefix=$build/findings/$name-" "-max_total_time=$seconds" "-seed=$seed" \
    -print_final_stats=1 -print_funcs=0 "$grown" "$here/corpus/$name" >"$log" 2>&1; then
    local last
    last=$(grep -E '^#[0-9]+[[:space:]]+DONE' "$log" | tail -n 1)
    printf '%-14s %9d executions, %5d edges, %4d new inputs\n' "$name" \
      "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
      "$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' <<<"$last")" \
      "$(sed -n 's/^stat::new_units_added: *//p' "$log")"
    return 0
  fi
  {
    echo "$name FAILED:"
    grep -vE '^#[0-9]|^INFO:|^Dictionary|^stat::' "$log" | tail -n 60
    local input
    input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
    [ -z "$input" ] || echo "repeat it with: build/fuzz/fuzz/$name ${input#"$root"/}"
  } >&2
  return 1
}

# A megabyte of freed memory kept is enough to see a use after free, and much quicker than fresh
# pages for every input.
export ASAN_OPTIONS=quarantine_size_mb=1:allocator_release_to_os_interval_ms=-1
export UBSAN_OPTIONS=print_stacktrace=1
export ASAN_SYMBOLIZER_PATH=/usr/lib/llvm-14/bin/llvm-symbolizer
export UBSAN_SYMBOLIZER_PATH=$ASAN_SYMBOLIZER_PATH
failed=0 running=0
for name in "${targets[@]}"; do
  [ -x "$build/fuzz/$name" ] || { echo "$build/fuzz/$name is not built" >&2; exit 1; }
  if [ "$running" -ge "$jobs" ]; then
    wait -n || failed=$((failed + 1))
    running=$((running - 1))
  fi
  fuzz_one "$name" &
  running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
  wait -n || failed=$((failed + 1))
  running=$((running - 1))
done
[ "$failed" -eq 0 ]
