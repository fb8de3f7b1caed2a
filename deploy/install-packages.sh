#!/usr/bin/env bash
# Installs what Tidemark is built, run and tested with, on Debian 12. Quick when all is there.
# Needs root, or sudo without a password prompt.
#   deploy/install-packages.sh [--examples]      also what the examples in Go and Java are tested with
set -euo pipefail

packages=(
  # build
  cmake ninja-build g++ ccache pkg-config git
  libgrpc++-dev libgrpc-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev
  libprotoc-dev libabsl-dev libre2-dev libc-ares-dev
  golang-github-grpc-ecosystem-grpc-gateway-dev
  libhiredis-dev libsqlite3-dev libzstd-dev zlib1g-dev libssl-dev libcli11-dev libyaml-cpp-dev
  nlohmann-json3-dev libicu-dev libmpfr-dev libgtest-dev libgmock-dev libbenchmark-dev
  # run
  redis-server sqlite3 tzdata ca-certificates jq
  # test
  python3 python3-grpcio python3-protobuf python3-grpc-tools python3-yaml strace openssl
  clang-14 libclang-rt-14-dev llvm-14
)
if [ "${1:-}" = --examples ]; then
  packages+=(
    golang-go golang-google-grpc-dev golang-google-protobuf-dev protoc-gen-go-grpc
    libgrpc-java libnetty-java libperfmark-java libprotobuf-java protobuf-compiler-grpc-java-plugin
  )
  command -v javac >/dev/null || packages+=(default-jdk-headless)
fi
# A Node.js that did not come from Debian's packages is as good.
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)

# `dpkg-query` answers in milliseconds where `apt-get install` takes seconds to find nothing to do.
missing=()
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p' | sort -u)
for package in "${packages[@]}"; do
  grep -qxF -- "$package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "install-packages.sh: run as root, or install sudo; missing: ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@"
}
echo "installing: ${missing[*]}"
apt update
apt install -y --no-install-recommends "${missing[@]}" >/dev/null
