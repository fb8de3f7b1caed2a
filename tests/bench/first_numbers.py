#!/usr/bin/env python3
"""Measures a whole Tidemark on this machine: ingest with the fold beside it, freshness, eight queries, restarts, sizes.

Every figure is a median with the smallest and largest value of several runs. Answers are held against an independent
recount of the events before a figure counts; a wrong answer ends the run with exit code 1. Started by run.sh.
"""

import argparse
import json
import os
import platform
import signal
import sys
import time

import grpc

import ack_part
import adhoc_part
import ingest_part
import peer_part
import query_part
from figures import Table


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000_000, help="events of an ingest run (%(default)s)")
    parser.add_argument("--query-events", default="1000000,10000000", metavar="N,N",
                        help="log sizes to ask at; restarts are timed at the largest (%(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="ingest runs and restarts (%(default)s)")
    parser.add_argument("--asks", type=int, default=15, help="times every question is asked (%(default)s)")
    parser.add_argument("--batches", default="1000,10000", metavar="N,N", help="batch sizes (%(default)s)")
    parser.add_argument("--in-flight", default="16,4", metavar="N,N",
                        help="batches on their way at once, per batch size (%(default)s)")
    parser.add_argument("--freshness-seconds", type=float, default=20, help="how long freshness is probed (%(default)s)")
    parser.add_argument("--only", default="ingest,columns,ack,freshness,peers,queries", metavar="PART,PART",
                        help="parts to measure (%(default)s); restarts belong to queries, "
                             "peers needs --peers; adhoc is there only where it is named")
    parser.add_argument("--ack-batches", type=int, default=300, help="batches sent one at a time (%(default)s)")
    parser.add_argument("--queries", type=int, default=200, help="ad-hoc questions that are drawn (%(default)s)")
    parser.add_argument("--seed", type=int, default=20261127, help="what they are drawn from (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="times that each of them is asked of every engine; 0: answers are only compared (%(default)s)")
    parser.add_argument("--check-events", type=int, default=200_000,
                        help="events of the log that ad-hoc answers are compared on first (%(default)s)")
    parser.add_argument("--peers", nargs="?", const="all", metavar="NAME,NAME",
                        help="also load PostgreSQL, ClickHouse, DuckDB and Redis with the same events, in turn with Tidemark; "
                             "tests/bench/install-peers.sh installs them. The names are for adhoc: "
                             f"{', '.join(adhoc_part.PEERS)}; without names all")
    parser.add_argument("--peer-events", type=int, default=500_000, help="events of a peer's run (%(default)s)")
    parser.add_argument("--peer-forms", default="texts,numbers", metavar="FORM,FORM",
                        help="what peers get of an event: codes as the texts that are sent, or as numbers given beforehand "
                             "(%(default)s)")
    parser.add_argument("--peer-own-events", type=int, default=3_000_000,
                        help="events of Tidemark's runs between the peers' (%(default)s)")
    parser.add_argument("--peer-runs", type=int, default=5, help="runs of every peer, after one to warm up (%(default)s)")
    parser.add_argument("--short", action="store_true",
                        help="300,000 events, once: for tests, judges answers and never times")
    parser.add_argument("--json", metavar="FILE", help="also write every single value here")
    options = parser.parse_args()
    if options.short:
        options.events, options.query_events, options.runs, options.asks = 300_000, "300000", 1, 3
        options.batches, options.in_flight, options.freshness_seconds = "1000", "16", 3
        options.ack_batches = 30
        options.peer_events, options.peer_own_events, options.peer_runs = 50_000, 300_000, 1
        options.queries, options.rounds, options.check_events = 60, 1, 20_000
    for name in ("query_events", "batches", "in_flight"):
        setattr(options, name, [int(n) for n in getattr(options, name).split(",")])
    if len(options.in_flight) != len(options.batches):
        parser.error("--in-flight needs one number per batch size of --batches")
    options.only, options.peer_forms = options.only.split(","), options.peer_forms.split(",")
    for form in options.peer_forms:
        if form not in peer_part.FORMS:
            parser.error(f"--peer-forms: {form} is none of {', '.join(peer_part.FORMS)}")
    return options


def machine():
    with open("/proc/cpuinfo") as f:
        model = next((line.partition(":")[2].strip() for line in f if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{os.cpu_count()} × {model}, {memory:.0f} GiB memory, Linux {platform.release()}, "
            f"load average before: {os.getloadavg()[0]:.2f}")


def main():
    options, start = arguments(), time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that services and files go as well
    print(f"Machine: {machine()}\n", flush=True)
    tables, values = [], {"machine": machine(), "options": vars(options)}

    def report(part):
        for item in part:
            if isinstance(item, Table):
                print(item, flush=True)
                tables.append(item)
            else:
                values.update(item)

    rate = None
    if "ingest" in options.only:
        part = ingest_part.IngestPart(options)
        report(part.run())
        rate = part.rate
    if "columns" in options.only:
        report(ingest_part.columns(options))
    if "ack" in options.only:
        report(ack_part.run(options))
    if "freshness" in options.only:
        report(ingest_part.freshness(options, rate))
    if options.peers and "peers" in options.only:
        report(peer_part.ingest(options))
    if "queries" in options.only:
        report(query_part.run(options))
    if "adhoc" in options.only:
        print(f"Ad-hoc questions: {options.queries} of seed {options.seed}\n", flush=True)
        report(adhoc_part.run(options))
    if options.json:
        with open(options.json, "w") as f:
            json.dump(values, f, indent=1)
    adhoc = ", ad-hoc answers those of the other engines" if "adhoc" in options.only else ""
    print(f"Answers and totals equal the recount{adhoc}. {time.monotonic() - start:.0f} s.")


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, RuntimeError, grpc.RpcError) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        sys.exit(1)
