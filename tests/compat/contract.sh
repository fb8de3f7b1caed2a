#!/usr/bin/env bash
# The public contract as bytes: a descriptor set of protos/tidemark, its imports included.
#   contract.sh describe OUT [PROTOS]   writes it, with comments
#   contract.sh golden OUT [PROTOS]     writes it without: what contract.binpb holds
#   contract.sh lint [PROTOS]           fails where a rule of protos/buf.yaml is broken
#   contract.sh breaking OLD [PROTOS]   fails where a program built with OLD would break
#   contract.sh landed [PROTOS]         fails where a program built with any promised contract would
#   contract.sh update                  rewrites contract.binpb, unless a promise is broken
#   contract.sh freeze                  update, and promises it: what ships in a release, or is
#                                       used by others, is frozen; commit landed.binpb with it
# A promise is every version of landed.binpb that the history of HEAD holds, and the file itself:
# deleting or replacing it takes nothing back.
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

# Every promised contract, each as a file in directory $1.
promises() {
  local dir=$1 commit blob
  mkdir -p "$dir"
  git -C "$here" rev-parse --quiet --verify HEAD >/dev/null 2>&1 || return 0
  for commit in $(git -C "$here" log --full-history --format=%H -- landed.binpb); do
    # Fails where the commit deletes it.
    blob=$(git -C "$here" rev-parse --quiet --verify "$commit:./landed.binpb") || continue
    git -C "$here" cat-file blob "$blob" >"$dir/$blob.binpb"
  done
}

check_promises() { # DIR PROTOS
  local old
  for old in "$1"/*.binpb; do
    [ -e "$old" ] || continue
    "$0" breaking "$old" "$2" || { echo "the contract breaks a promise: $(basename "$old")" >&2; return 1; }
  done
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
  landed)
    promises "$scratch/promises"
    [ ! -e "$here/landed.binpb" ] || cp "$here/landed.binpb" "$scratch/promises/file.binpb"
    ls "$scratch/promises"/*.binpb >/dev/null 2>&1 || {
      echo "nothing is promised: neither git nor tests/compat/landed.binpb knows a contract;" \
        "run tests/compat/contract.sh freeze and commit it" >&2
      exit 1
    }
    check_promises "$scratch/promises" "${2:-$root/protos}"
    ;;
  update | freeze)
    promises "$scratch/promises"
    check_promises "$scratch/promises" "$root/protos"
    "$0" golden "$here/contract.binpb"
    [ "$command" = update ] || cp "$here/contract.binpb" "$here/landed.binpb"
    ;;
  *)
    sed -n '2,12s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
