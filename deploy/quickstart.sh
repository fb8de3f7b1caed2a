#!/usr/bin/env bash
# Tidemark on one machine, from nothing to statistics: installs packages, builds, starts Redis and the three services
# on loopback, imports half a million real transactions and prints the first figures. The stack stays up.
#
#   deploy/quickstart.sh           install, build, start, import the sample, print statistics
#   deploy/quickstart.sh --down    stop what an earlier run started; the data stays
#   deploy/quickstart.sh --world yangtze-delta [--down]
#                                  the same with 200,000 synthetic events on the regions of the Yangtze delta instead,
#                                  in a folder of their own (docs/delta-world.md); stop the other stack first
#   deploy/quickstart.sh --help
#
# Environment: TIDEMARK_DATA      folder of the whole stack, also for the CLI (default ~/.tidemark, of the world
#                                 ~/.tidemark-yangtze-delta); the services have variables of their own, as
#                                 TIDEMARK_CATALOG_DATA
#              TIDEMARK_JOBS      parallel compile jobs (default: one per core)
#              TIDEMARK_REDIS_PORT, TIDEMARK_INGEST_PORT, TIDEMARK_CATALOG_PORT, TIDEMARK_ANALYTICS_PORT
#                                 (defaults 7379, 7301, 7302, 7303)
set -euo pipefail

world=
if [[ ${1:-} == --world ]]; then
  [[ ${2:-} == yangtze-delta ]] || { echo "quickstart: unknown world ${2:-}; there is yangtze-delta" >&2; exit 1; }
  world=$2
  shift 2
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data=${TIDEMARK_DATA:-$HOME/.tidemark${world:+-$world}}
bin=$root/build/release/bin
run=$data/run
log=$data/log
redis_port=${TIDEMARK_REDIS_PORT:-7379}
ingest=127.0.0.1:${TIDEMARK_INGEST_PORT:-7301}
catalog=127.0.0.1:${TIDEMARK_CATALOG_PORT:-7302}
analytics=127.0.0.1:${TIDEMARK_ANALYTICS_PORT:-7303}
samples=$root/deploy/samples
sample=$samples/uk-online-retail
export TIDEMARK_DATA=$data TIDEMARK_INGEST=$ingest TIDEMARK_CATALOG=$catalog TIDEMARK_ANALYTICS=$analytics

# For whoever has set ports: the CLI looks for the services where they are by default.
own_ports() {
  [[ $ingest,$catalog,$analytics == 127.0.0.1:7301,127.0.0.1:7302,127.0.0.1:7303 ]] ||
    printf '\n  export TIDEMARK_INGEST=%s TIDEMARK_CATALOG=%s TIDEMARK_ANALYTICS=%s' "$ingest" "$catalog" "$analytics"
}

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
die() { printf 'quickstart: %s\n' "$*" >&2; exit 1; }

# True when the process that we recorded under a name is still ours: pids are reused after a restart of the machine.
is_up() {
  local name=$1 pid
  pid=$(cat "$run/$name.pid" 2>/dev/null) || return 1
  # A process that has ended has no such file, which the shell itself would tell.
  [[ -n $pid ]] && { tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -q -e "$name"
}

start() {
  local name=$1 port=$2 program=$3
  shift 3
  is_up "$name" && return 0
  # Whoever listens there would be taken for the service.
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null &&
    die "port $port is taken: stop what listens there, or give $name another by TIDEMARK_${name^^}_PORT"
  setsid "$program" "$@" >>"$log/$name.log" 2>&1 </dev/null &
  echo $! >"$run/$name.pid"
}

stop() {
  local name=$1 pid
  is_up "$name" || { rm -f "$run/$name.pid"; return 0; }
  pid=$(cat "$run/$name.pid")
  kill -TERM "$pid"
  for _ in $(seq 200); do
    kill -0 "$pid" 2>/dev/null || { rm -f "$run/$name.pid"; echo "stopped $name"; return 0; }
    sleep 0.1
  done
  die "$name (pid $pid) did not stop within 20 s; see $log/$name.log"
}

down() {
  local name
  for name in analytics ingest catalog redis; do stop "$name"; done
}

build() {
  "$root/deploy/install-packages.sh"
  say "Building (the first time takes some minutes)"
  cmake -S "$root" --preset release >"$log/cmake.log" 2>&1 || { tail -n 40 "$log/cmake.log"; die "configuring failed"; }
  ninja -C "$root/build/release" ${TIDEMARK_JOBS:+-j "$TIDEMARK_JOBS"} \
    tidemark tidemark-ingest tidemark-catalog tidemark-analytics
}

start_stack() {
  local name
  say "Starting Redis, catalog, ingest and analytics"
  start redis "$redis_port" "$(command -v redis-server)" --bind 127.0.0.1 --port "$redis_port" --save '' --appendonly no \
    --maxmemory 256mb --maxmemory-policy allkeys-lru --dir "$run"
  start catalog "${catalog##*:}" "$bin/tidemark-catalog" --listen="$catalog" --data="$data/catalog" --redis="127.0.0.1:$redis_port"
  for _ in $(seq 100); do [[ -s $data/catalog/service.token ]] && break; sleep 0.1; done
  [[ -s $data/catalog/service.token ]] || die "catalog did not start; see $log/catalog.log"
  start ingest "${ingest##*:}" "$bin/tidemark-ingest" --listen="$ingest" --data="$data/ingest" --catalog="$catalog" \
    --service_token_file="$data/catalog/service.token" --redis="127.0.0.1:$redis_port"
  start analytics "${analytics##*:}" "$bin/tidemark-analytics" --listen="$analytics" --data="$data/analytics" --catalog="$catalog" \
    --ingest="$ingest" --service_token_file="$data/catalog/service.token" --redis="127.0.0.1:$redis_port"
  "$bin/tidemark" status --wait 60s >"$run/status" 2>&1 &
  local waiter=$!
  while kill -0 "$waiter" 2>/dev/null; do
    for name in redis catalog ingest analytics; do
      is_up "$name" && continue
      kill "$waiter"
      tail -n 3 "$log/$name.log" >&2
      die "$name has ended; see $log/$name.log"
    done
    sleep 0.2
  done
  wait "$waiter" || { cat "$run/status"; die "the services did not become ready; see $log/*.log"; }
  cat "$run/status"
}

import_sample() {
  [[ -e $run/sample-imported ]] && return 0
  [[ ! -e $run/world-simulated ]] || die "$data holds the world yangtze-delta; say --world yangtze-delta, or another TIDEMARK_DATA"
  say "Applying the catalog of the sample (UCI Online Retail, CC BY 4.0)"
  "$bin/tidemark" apply -f "$sample/catalog.yaml" --yes
  say "Importing 541,909 rows"
  "$bin/tidemark" import "$sample/online_retail.csv.gz" --mapping "$sample/mapping.yaml"
  touch "$run/sample-imported"
}

simulate_world() {
  [[ -e $run/world-simulated ]] && return 0
  [[ ! -e $run/sample-imported ]] || die "$data holds the sample of real transactions; want another TIDEMARK_DATA"
  say "Applying the catalog of the Yangtze delta: what was reported, and what is synthetic"
  "$bin/tidemark" apply -f "$samples/regions/china.yaml" -f "$samples/taxonomy" -f "$samples/yangtze-delta" \
    -f "$samples/yangtze-delta-synthetic" --yes | tail -n 1
  say "Simulating 200,000 synthetic events"
  "$bin/tidemark" simulate --world yangtze-delta
  touch "$run/world-simulated"
}

ask() {
  printf '\n$ tidemark query "%s"\n' "$1"
  "$bin/tidemark" query "$1" --min-log-size latest
}

print_statistics() {
  say "First statistics"
  ask 'gross, refunds, net, events, orders'
  ask 'net by month from 2010-12 to 2011-12 compare prev, yoy'
  ask 'net by consumer_region share net rank net order by net desc limit 8'
  ask 'consumers, average_order, quantile(5000), quantile(9500)'
}

print_world_statistics() {
  say "First statistics (synthetic; one yuan stands for a million)"
  ask 'gross, refunds, net, events, consumers by year'
  ask 'net in 2023-01..02 where channel = online compare yoy'
  ask 'net in 2013-Q1..Q3 where consumer_region = cn-6301 and category != other compare yoy'
  ask 'net by consumer_region@province in 2024 share net rank net order by net desc limit 8'
  ask 'net, consumers by age_band, area_type in 2024'
}

print_next_steps() {
  say "The stack is up"
  cat <<TEXT
  ingest     $ingest       log        $data/ingest
  catalog    $catalog       data       $data/catalog
  analytics  $analytics       runs       $data/analytics
  redis      127.0.0.1:$redis_port       logs       $log
  admin token               $data/catalog/admin.token (the CLI finds it)

Try next:
  export PATH=$bin:\$PATH$([[ $data == "$HOME/.tidemark" ]] || printf '\n  export TIDEMARK_DATA=%s' "$data")$(own_ports)
  tidemark query $next
  tidemark get $resource -o json
  tidemark --help
  deploy/quickstart.sh ${world:+--world $world }--down
TEXT
}

case ${1:-} in
  '') ;;
  --down) down; exit 0 ;;
  -h | --help) sed -n '2,/^set -e/p' "${BASH_SOURCE[0]}" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
  *) die "unknown option $1; see deploy/quickstart.sh --help" ;;
esac

mkdir -p "$run" "$log"
chmod 700 "$data"
build
start_stack
if [[ -n $world ]]; then
  simulate_world
  print_world_statistics
  next="'net by consumer_region@province, quarter where category = content in 2024 order by net desc limit 10'"
  resource=regions/cn-33
else
  import_sample
  print_statistics
  next="'net by consumer_region@nation, quarter where category = products order by net desc limit 10'"
  resource=regions/gb
fi
print_next_steps
