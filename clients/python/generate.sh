#!/usr/bin/env bash
# Generates the Python modules of Tidemark's contract into a folder: put it on PYTHONPATH.
#   clients/python/generate.sh OUT_DIR
set -euo pipefail
[[ $# == 1 ]] || { sed -n '2,3s/^# \{0,1\}//p' "$0" >&2; exit 2; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
google=/usr/share/gocode/src/github.com/grpc-ecosystem/grpc-gateway/third_party/googleapis
mkdir -p "$1"
generate() {
  protoc -I"$root/protos" -I"$google" --python_out="$out" --grpc_out="$out" \
    --plugin=protoc-gen-grpc="$(command -v grpc_python_plugin)" "$@"
}
out=$1
generate "$google"/google/rpc/{status,error_details}.proto
(cd "$root/protos" && find tidemark -path tidemark/internal -prune -o -name '*.proto' -print) |
  while read -r file; do generate "$root/protos/$file"; done
