#!/usr/bin/env bash
# A Docker engine with compose v2 and the base image of deploy/Dockerfile, for the end-to-end tests. Does only what is
# missing, so that the second run takes a second:
#   engine.sh          installs an engine from Debian's packages where none answers and starts it; takes the compose and
#                      buildx plugins from Debian 13, as Debian 12 has none of version 2; makes debian:bookworm-slim with
#                      debootstrap where no registry gives it
#   engine.sh --stop   stops the engine that an earlier run of this script started
# Needs root. An engine that runs already is used as it is.
set -euo pipefail

state=/run/tidemark-docker
log=/var/log/tidemark-dockerd.log
plugins=/usr/local/lib/docker/cli-plugins
base=debian:bookworm-slim

die() { echo "engine.sh: $*" >&2; exit 1; }

answers() { docker info >/dev/null 2>&1; }

install_packages() { # PACKAGE...
  echo "engine.sh: installing $*"
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "$@" >/dev/null
}

# The mirror that this machine installs Debian from.
mirror() {
  local found
  found=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
  [ -n "$found" ] || die "apt knows no mirror of Debian; add one to /etc/apt/sources.list.d"
  echo "$found"
}

engine() {
  answers && return
  command -v dockerd >/dev/null || install_packages docker.io iptables ca-certificates
  if [ -d /run/systemd/system ]; then
    systemctl start docker
  else
    mkdir -p "$state"
    setsid dockerd --pidfile "$state/dockerd.pid" >"$log" 2>&1 </dev/null &
  fi
  for _ in $(seq 120); do
    ! answers || return 0
    sleep 0.5
  done
  [ ! -e "$log" ] || tail -n 20 "$log" >&2
  die "the engine does not answer; see $log"
}

# Both plugins are programs without shared libraries, so Debian 13's run here.
compose_plugins() {
  docker compose version >/dev/null 2>&1 && docker buildx version >/dev/null 2>&1 && return
  echo "engine.sh: taking docker-compose and docker-buildx from Debian 13"
  local work
  work=$(mktemp -d)
  mkdir -p "$work/lists/partial" "$work/archives/partial" "$plugins"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(mirror) trixie main" >"$work/sources.list"
  local apt=(apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=-
             -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work" -o APT::Sandbox::User=root)
  "${apt[@]}" update
  (cd "$work" && "${apt[@]}" download docker-compose docker-buildx)
  local deb plugin
  for deb in "$work"/*.deb; do dpkg-deb --extract "$deb" "$work/root"; done
  for plugin in docker-compose docker-buildx; do
    install -m 755 "$(find "$work/root" -type f -path '*cli-plugins*' -name "$plugin" -print -quit)" "$plugins/$plugin"
  done
  rm -rf "$work"
  docker compose version
}

base_image() {
  docker image inspect "$base" >/dev/null 2>&1 && return
  timeout 60 docker pull --quiet "$base" 2>/dev/null && return
  echo "engine.sh: no registry gives $base; making it with debootstrap"
  command -v debootstrap >/dev/null || install_packages debootstrap
  local work
  work=$(mktemp -d)
  debootstrap --variant=minbase bookworm "$work/root" "$(mirror)" >"$work/log" || { tail "$work/log" >&2; die "debootstrap failed"; }
  rm -rf "$work"/root/var/{cache/apt/archives/*.deb,lib/apt/lists/*} "$work"/root/usr/share/{doc,man,locale}/*
  tar -C "$work/root" -c . | docker import --change 'CMD ["bash"]' - "$base" >/dev/null
  rm -rf "$work"
}

stop() {
  [ -e "$state/dockerd.pid" ] || return 0
  local pid
  pid=$(cat "$state/dockerd.pid")
  kill -TERM "$pid"
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.2
  done
  die "the engine (pid $pid) does not stop"
}

case ${1:-} in
  '') engine; compose_plugins; base_image ;;
  --stop) stop ;;
  *) die "unknown option $1; see the head of this file" ;;
esac
