#!/usr/bin/env bash
# Writes the descriptor set of Tidemark's contract, which @grpc/proto-loader reads.
#   clients/node/generate.sh OUT_FILE
set -euo pipefail
[[ $# == 1 ]] || { sed -n '2,3s/^# \{0,1\}//p' "$0" >&2; exit 2; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
google=/usr/share/gocode/src/github.com/grpc-ecosystem/grpc-gateway/third_party/googleapis
mapfile -t files < <(cd "$root/protos" && find tidemark -path tidemark/internal -prune -o -name '*.proto' -print)
protoc -I"$root/protos" -I"$root/clients" -I"$google" --include_imports -o "$1" "${files[@]}" google/rpc/error_details.proto
