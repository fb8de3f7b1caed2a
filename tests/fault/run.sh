#!/usr/bin/env bash
# Runs fault tests against the release build; without arguments all of them, each in its short form.
#   tests/fault/run.sh [NAME ...]      ingest_calls, ack_order.AckOrder.test_..., as in test_NAME.py
# docs/fault-tests.md says what each does and how to run it for longer.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export TIDEMARK_BIN=${TIDEMARK_BIN:-$root/build/release/bin}
export TIDEMARK_FAULT_PRELOAD=${TIDEMARK_FAULT_PRELOAD:-$root/build/release/test/libtidemark_fault_preload.so}
export PYTHONPATH=${PYTHONPATH:-$root/build/release/python}:$root/tests/integration
cd "$root/tests/fault"
if [ $# -eq 0 ]; then
  for file in test_*.py; do
    name=${file#test_}
    set -- "$@" "${name%.py}"
  done
fi
exec /usr/bin/python3 -B -W ignore::ResourceWarning -m unittest -v "${@/#/test_}"
