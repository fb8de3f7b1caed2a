#!/usr/bin/env bash
# Measures the catalog on this machine and prints the tables of docs/performance.md.
#   tests/bench/catalog.sh              1,000,000 resources: some ten minutes; leave the machine alone meanwhile
#   tests/bench/catalog.sh --short      4,000 resources in seconds: that it works, and that the answers are right
#   tests/bench/catalog.sh --help       all options
# Builds the release preset first unless $TIDEMARK_BIN names a folder with binaries. Data goes to a folder below
# $TMPDIR (default /var/tmp), which must be on a disk, and is removed at the end.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build/release

if [ -z "${TIDEMARK_BIN:-}" ]; then
  "$root/deploy/install-packages.sh"
  [ -e "$build/build.ninja" ] || (cd "$root" && cmake --preset release >/dev/null)
  cmake --build "$build" --target tidemark-catalog bench_catalog tidemark_python_modules >&2
  export TIDEMARK_BIN=$build/bin
fi
export TMPDIR=${TMPDIR:-/var/tmp}
case $(stat -f -c %T "$TMPDIR") in
  tmpfs | ramfs)
    echo "catalog.sh: $TMPDIR is in memory, so nothing would be durable; set TMPDIR to a folder on a disk" >&2
    exit 2
    ;;
esac
export PYTHONPATH=${TIDEMARK_STUBS:-$build/python}:$root/tests/integration${PYTHONPATH:+:$PYTHONPATH}
exec /usr/bin/python3 -B "$here/catalog_numbers.py" "$@"
