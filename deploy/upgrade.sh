#!/usr/bin/env bash
# Replaces the containers of a running stack (deploy/compose.yaml) by ones of the images that are there now, without
# interrupting what has more than one way to be answered:
#
#   docker compose -f deploy/compose.yaml build && deploy/upgrade.sh            all services
#   deploy/upgrade.sh analytics                                                 one
#
# ingest, analytics: as many new containers start beside the old ones; once all are ready the old ones drain and go. catalog, log,
# gateway, redis: one container each, away for some seconds; calls get UNAVAILABLE and are tried again by clients.
# Environment: COMPOSE_PROJECT_NAME and what deploy/compose.yaml names.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
compose() { docker compose -f "$here/compose.yaml" "$@"; }
count() { compose ps --quiet "$1" | wc -l; }

replace_one() { compose up --wait --no-deps "$1"; }

replace_beside() {
  local old container
  mapfile -t old < <(compose ps --quiet "$1")
  compose up --wait --no-deps --no-recreate --scale "$1=$((2 * ${#old[@]}))" "$1"
  for container in "${old[@]}"; do
    docker stop --time 20 "$container" >/dev/null
    docker rm --volumes "$container" >/dev/null
  done
}

[ $# -gt 0 ] || set -- redis catalog log ingest analytics gateway
for service in "$@"; do
  [ "$(count "$service")" -gt 0 ] || { echo "upgrade.sh: no container of $service runs; start the stack first" >&2; exit 1; }
  echo "upgrading $service"
  case $service in
    ingest | analytics) replace_beside "$service" ;;
    *) replace_one "$service" ;;
  esac
done
