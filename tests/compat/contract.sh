#!/usr/bin/env bash
# The public contract as bytes: a descriptor set of protos/tidemark, its imports included.
#   contract.sh describe OUT [PROTOS]   writes it, with comments
#   contract.sh golden OUT [PROTOS]     writes it without: what contract.binpb holds
#   contract.sh lint [PROTOS]           fails where a rule of protos/buf.yaml is broken
#   contract.sh breaking OLD [PROTOS]   fails where a program built with OLD would break
#   contract.sh update                  rewrites contract.binpb, unless it breaks its old self
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
buf=$root/tests/tools/node_modules/.bin/buf

googleapis() {
  local dir
  for dir in /usr/share/gocode/src/github.com/grpc-ecosystem/grpc-gateway/third_party/googleapis \
    /usr/include; do
    [ ! -e "$dir/google/rpc/status.proto" ] || { echo "$dir"; return; }
  done
  echo "google/rpc/status.proto not found; run deploy/install-packages.sh" >&2
  return 1
}

describe() { # OUT PROTOS FLAG...
  local out=$1 protos=$2 google files
  shift 2
  google=$(googleapis)
  # tidemark.internal is stored state of one service, no promise to anybody.
  mapfile -t files < <(cd "$protos" && find tidemark -path tidemark/internal -prune -o \
    -name '*.proto' -print | LC_ALL=C sort)
  protoc -I"$protos" -I"$google" --include_imports "$@" -o "$out" "${files[@]}"
}

need_buf() {
  [ -x "$buf" ] || { echo "buf is missing; run: npm ci --prefix tests/tools" >&2; exit 1; }
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
current=$scratch/current.binpb
command=${1:-}
case "$command" in
  describe) describe "$2" "${3:-$root/protos}" --include_source_info ;;
  golden) describe "$2" "${3:-$root/protos}" ;;
  lint)
    need_buf
    describe "$current" "${2:-$root/protos}" --include_source_info
    "$buf" lint "$current" --config "$root/protos/buf.yaml"
    ;;
  breaking)
    need_buf
    describe "$current" "${3:-$root/protos}" --include_source_info
    "$buf" breaking "$current" --against "$2" --config "$root/protos/buf.yaml"
    ;;
  update)
    [ ! -e "$here/contract.binpb" ] || "$0" breaking "$here/contract.binpb"
    "$0" golden "$here/contract.binpb"
    ;;
  *)
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
