"""How long a cancelled query still works: the time from the caller's cancel until the threads of analytics that answer queries
run no more, and what of the memory that the query took is then given back.

    tests/bench/cancelled.py [--events 2000000] [--times 40] [--seed 1]      TIDEMARK_BIN: folder of the programs
Prints median and range; times are told, never judged.
"""

import argparse
import glob
import os
import random
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "integration"))

from tidemark.analytics.v1 import analytics_service_pb2 as service  # noqa: E402

from answers import ask, query  # noqa: E402
from stack import Stack  # noqa: E402

STEP_S = 0.002
IDLE_NS = 400_000  # of a step: a fifth of a core
# What other threads do (the fold, files put together, health) is no work on a query.
THREADS = ("query", "scan")


def run_ns(pid):
    """What the threads of a process that answer queries have run."""
    total = 0
    for task in glob.glob(f"/proc/{pid}/task/*"):
        try:
            with open(f"{task}/comm") as f:
                if f.read().strip() not in THREADS:
                    continue
            with open(f"{task}/schedstat") as f:
                total += int(f.read().split()[0])
        except OSError:
            pass  # the thread has ended
    return total


def memory_mib(pid):
    with open(f"/proc/{pid}/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def works_until(pid, seconds):
    """Seconds from now to the end of the last step in which the process ran, looking for so long."""
    begun, last, before = time.monotonic(), 0.0, run_ns(pid)
    while (now := time.monotonic() - begun) < seconds:
        time.sleep(STEP_S)
        ran = run_ns(pid)
        if ran - before > IDLE_NS:
            last = time.monotonic() - begun
        before = ran
    return last


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--events", type=int, default=2_000_000)
    arguments.add_argument("--times", type=int, default=40)
    arguments.add_argument("--seed", type=int, default=1)
    flags = arguments.parse_args()
    r = random.Random(flags.seed)
    heavy = {
        "sums": query(["gross", "events"], grain="DAY", dimensions=["product", "consumer_region"]),
        "distinct": query(["consumers", "new_consumers", "orders"], grain="DAY", dimensions=["product"]),
        "quantiles": query(["quantile(5000)"], grain="DAY", dimensions=["product", "consumer_region"]),
    }
    with Stack() as stack:
        stack.cli("simulate", "--setup", "--events", str(flags.events), "--quiet")
        ask(stack, query(["events"]), min_log_size=flags.events)
        pid = stack.processes["analytics"].pid
        stub = stack.analytics()
        # The last runs of the fold are merged in the background.
        while works_until(pid, 1) > 0:
            pass
        print(f"{flags.events:,} events, seed {flags.seed}")
        for name, q in heavy.items():
            request = service.QueryRequest(query=q, page_size=1, bypass_cache=True)
            begun = time.monotonic()
            try:
                stub.Query(request, metadata=stack.metadata(), timeout=300)
                whole = time.monotonic() - begun
            except Exception as error:  # too large is a query too
                whole = time.monotonic() - begun
                print(f"{name}: refused after {whole * 1000:.0f} ms: {error.details()[:80]}")
            while works_until(pid, 0.5) > 0:
                pass
            rest, before = [], memory_mib(pid)
            for _ in range(flags.times):
                call = stub.Query.future(request, metadata=stack.metadata(), timeout=300)
                time.sleep(r.uniform(0.05, 0.9) * whole)
                call.cancel()
                rest.append(works_until(pid, 0.3) * 1000)
            late = sum(ms > 100 for ms in rest)
            print(f"{name}: whole {whole * 1000:.0f} ms; works on after a cancel for {statistics.median(rest):.0f} ms "
                  f"({min(rest):.0f}-{max(rest):.0f}), {late} of {len(rest)} for more than 100; "
                  f"memory {before:.0f} -> {memory_mib(pid):.0f} MiB")


if __name__ == "__main__":
    main()
