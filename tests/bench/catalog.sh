#!/usr/bin/env bash
# Measures the catalog on this machine and prints the tables of docs/performance.md.
#   tests/bench/catalog.sh              1,000,000 resources: some ten minutes; leave the machine alone meanwhile
#   tests/bench/catalog.sh --short      4,000 resources in seconds: that it works, and that the answers are right
#   tests/bench/catalog.sh --help       all options
# Builds the release preset first unless $TIDEMARK_BIN names a folder with binaries. Data goes to a folder below
# $TMPDIR (default /var/tmp), which must be on a disk, and is removed at the end.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
prepare_bench catalog.sh tidemark-catalog bench_catalog
exec /usr/bin/python3 -B "$here/catalog_numbers.py" "$@"
