#!/usr/bin/env bash
# Measures Tidemark on this machine and prints the tables of docs/performance.md.
#   tests/bench/run.sh                  everything: 20 M events, about half an hour; leave the machine alone meanwhile
#   tests/bench/run.sh --short          300,000 events in under a minute: that it works, and that the answers are right
#   tests/bench/run.sh --peers          PostgreSQL, ClickHouse, DuckDB and Redis as well, on the same events in the same run
#   tests/bench/run.sh --only adhoc     200 questions drawn from a seed, answers compared with SQLite's; --peers: with other engines'
#   tests/bench/run.sh --help           all options
# Builds the release preset first unless $TIDEMARK_BIN names a folder with binaries. Data goes to a folder below
# $TMPDIR (default /var/tmp), which must be on a disk, and is removed at the end.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
prepare_bench run.sh tidemark tidemark-ingest tidemark-catalog tidemark-analytics bench_recount bench_export bench_ask
case " $* " in *" --peers "* | *" --peers="*) "$here/install-peers.sh" >&2 ;; esac
exec /usr/bin/python3 -B "$here/first_numbers.py" "$@"
