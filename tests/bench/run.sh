#!/usr/bin/env bash
# Measures Tidemark on this machine and prints the tables of docs/performance.md.
#   tests/bench/run.sh                  everything: 20 M events, about half an hour; leave the machine alone meanwhile
#   tests/bench/run.sh --short          300,000 events in under a minute: that it works, and that the answers are right
#   tests/bench/run.sh --peers          PostgreSQL, ClickHouse, DuckDB and Redis as well, on the same events in the same run
#   tests/bench/run.sh --help           all options
# Builds the release preset first unless $TIDEMARK_BIN names a folder with binaries. Data goes to a folder below
# $TMPDIR (default /var/tmp), which must be on a disk, and is removed at the end.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build/release

if [ -z "${TIDEMARK_BIN:-}" ]; then
  "$root/deploy/install-packages.sh"
  [ -e "$build/build.ninja" ] || (cd "$root" && cmake --preset release >/dev/null)
  cmake --build "$build" --target tidemark tidemark-ingest tidemark-catalog tidemark-analytics \
    bench_recount bench_export bench_ask tidemark_python_modules >&2
  export TIDEMARK_BIN=$build/bin
fi
case " $* " in *" --peers "*) "$here/install-peers.sh" >&2 ;; esac
export TMPDIR=${TMPDIR:-/var/tmp}
case $(stat -f -c %T "$TMPDIR") in
  tmpfs | ramfs)
    echo "run.sh: $TMPDIR is in memory, so nothing would be durable; set TMPDIR to a folder on a disk" >&2
    exit 2
    ;;
esac
export PYTHONPATH=${TIDEMARK_STUBS:-$build/python}:$root/tests/integration${PYTHONPATH:+:$PYTHONPATH}
exec /usr/bin/python3 -B "$here/first_numbers.py" "$@"
