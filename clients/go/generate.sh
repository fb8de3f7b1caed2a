#!/usr/bin/env bash
# Generates the Go packages of Tidemark's contract into a GOPATH, with Debian's packages and without network.
#   clients/go/generate.sh OUT_DIR
set -euo pipefail
[[ $# == 1 ]] || { sed -n '2,3s/^# \{0,1\}//p' "$0" >&2; exit 2; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
debian=/usr/share/gocode
google=$debian/src/github.com/grpc-ecosystem/grpc-gateway/third_party/googleapis
mkdir -p "$1/src" "$1/bin"
# Debian's package of this plugin excludes that of googleapis; its source does not.
GO111MODULE=off GOFLAGS='' GOPATH=$debian go build -o "$1/bin/protoc-gen-go" google.golang.org/protobuf/cmd/protoc-gen-go
mapfile -t files < <(cd "$root/protos" && find tidemark -path tidemark/internal -prune -o -name '*.proto' -print)
# Debian's google.rpc package is for an older runtime.
own="Mgoogle/rpc/status.proto=tidemark.dev/go/google/rpc;rpc,Mgoogle/rpc/error_details.proto=tidemark.dev/go/google/rpc;rpc"
protoc -I"$root/protos" -I"$root/clients" -I"$google" --plugin=protoc-gen-go="$1/bin/protoc-gen-go" \
  --go_out="$1/src" --go_opt="$own" --go-grpc_out="$1/src" --go-grpc_opt="$own" "${files[@]}" \
  google/rpc/{status,error_details}.proto
