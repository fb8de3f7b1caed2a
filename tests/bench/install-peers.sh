#!/usr/bin/env bash
# Installs the engines that `tests/bench/run.sh --peers` measures beside Tidemark: PostgreSQL, ClickHouse of Debian,
# Redis as packages, ClickHouse (chdb) and DuckDB of today from npm into tests/bench/peers/node_modules (600 MB).
# No service is started: the bench starts its own on loopback, with their data below $TMPDIR. Quick when all is there.
# Needs root, or sudo without a password prompt, while a package is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
packages=(postgresql-15 clickhouse-server redis-server python3 python3-psycopg2)
command -v npm >/dev/null || packages+=(nodejs npm)

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  echo "installing: ${missing[*]}"
  # Packages ask this policy before they start a service; 101 forbids it.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
  fi
  apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@"; }
  apt update
  apt install -y --no-install-recommends "${missing[@]}" >/dev/null
fi
cd "$here/peers"
# `npm ci` refuses a lock that leaves out the libraries for other systems; `install` keeps to the versions and hashes in it.
[ node_modules/.package-lock.json -nt package-lock.json ] ||
  npm install --ignore-scripts --no-save --loglevel=error >/dev/null
touch node_modules/.package-lock.json
