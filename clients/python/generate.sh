#!/usr/bin/env bash
# Generates the Python modules of Tidemark's contract into a folder: put it on PYTHONPATH.
#   clients/python/generate.sh OUT_DIR
set -euo pipefail
[[ $# == 1 ]] || { sed -n '2,3s/^# \{0,1\}//p' "$0" >&2; exit 2; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
google=/usr/share/gocode/src/github.com/grpc-ecosystem/grpc-gateway/third_party/googleapis
mkdir -p "$1"
generate() {
  protoc -I"$root/protos" -I"$root/clients" -I"$google" --python_out="$out" --grpc_out="$out" \
    --plugin=protoc-gen-grpc="$(command -v grpc_python_plugin)" "$@"
}
out=$1
# Those of googleapis-common-protos, where it is installed: two of one name cannot be loaded.
if ! python3 -c 'from google.rpc import error_details_pb2; error_details_pb2.ErrorInfo' 2> /dev/null; then
  generate "$google"/google/rpc/status.proto "$root"/clients/google/rpc/error_details.proto
fi
(cd "$root/protos" && find tidemark -path tidemark/internal -prune -o -name '*.proto' -print) |
  while read -r file; do generate "$root/protos/$file"; done
