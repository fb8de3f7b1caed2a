# What the benchmarks' scripts share; sourced after `set -euo pipefail`.
#   prepare_bench NAME TARGET...
# Builds the targets in the release preset unless $TIDEMARK_BIN names a folder with binaries, sets $TIDEMARK_BIN, $TMPDIR and
# $PYTHONPATH, and refuses a $TMPDIR in memory. NAME is the script's, for messages.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

prepare_bench() {
  local name=$1 root build
  shift
  root=$(cd "$here/../.." && pwd)
  build=$root/build/release
  if [ -z "${TIDEMARK_BIN:-}" ]; then
    "$root/deploy/install-packages.sh"
    [ -e "$build/build.ninja" ] || (cd "$root" && cmake --preset release >/dev/null)
    cmake --build "$build" --target "$@" tidemark_python_modules >&2
    export TIDEMARK_BIN=$build/bin
  fi
  export TMPDIR=${TMPDIR:-/var/tmp}
  case $(stat -f -c %T "$TMPDIR") in
    tmpfs | ramfs)
      echo "$name: $TMPDIR is in memory, so nothing would be durable; set TMPDIR to a folder on a disk" >&2
      exit 2
      ;;
  esac
  export PYTHONPATH=${TIDEMARK_STUBS:-$build/python}:$root/tests/integration:$root/tests/property${PYTHONPATH:+:$PYTHONPATH}
}
