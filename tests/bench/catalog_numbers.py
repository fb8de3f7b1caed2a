#!/usr/bin/env python3
"""Measures a catalog of many resources: applying them, reading, searching, following, memory, starting.

A client in C++ (catalog_main.cc) holds every answer against what it must hold; a wrong one ends the run with exit code 1.
Started by catalog.sh.
"""

import argparse
import collections
import signal
import subprocess
import sys

from bench_stack import BenchStack, cpu_seconds, disk_bytes, memory_of
from figures import Figure, Table, short
from first_numbers import machine
from stack import BIN


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resources", type=int, default=1_000_000, help="(%(default)s)")
    parser.add_argument("--batch", type=int, default=5000, help="resources of an ApplyResources (%(default)s)")
    parser.add_argument("--asks", type=int, default=300, help="questions of each kind; ten times as many Gets (%(default)s)")
    parser.add_argument("--followers", type=int, default=100, help="(%(default)s)")
    parser.add_argument("--starts", type=int, default=3, help="(%(default)s)")
    parser.add_argument("--short", action="store_true",
                        help="4,000 resources: for tests, judges answers and never times")
    options = parser.parse_args()
    if options.short:
        options.resources, options.batch, options.asks, options.followers, options.starts = 4000, 1000, 20, 20, 1
    return options


class CatalogStack(BenchStack):
    """The catalog alone: no Redis, so that no page comes from a cache."""

    def __init__(self):
        super().__init__(set_up=None)
        self.names = ["catalog"]

    def __enter__(self):
        try:
            self.start("catalog")
        except BaseException:
            self.__exit__()
            raise
        return self

    def measure(self, command, *numbers):
        """What bench_catalog printed: {what: [(microseconds, resources)]}, in order."""
        done = subprocess.run([f"{BIN}/bench_catalog", self.address("catalog"), f"{self.data('catalog')}/admin.token",
                               command, *map(str, numbers)], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"bench_catalog {command}: {done.stderr}\n{self.log('catalog')[-2000:]}")
        values = collections.defaultdict(list)
        for line in done.stdout.splitlines():
            what, micros, resources = line.split("\t")
            values[what].append((float(micros), int(resources)))
        return values

    def cpu(self):
        """Processor time of the service since it was started, s."""
        return cpu_seconds(self.processes["catalog"].pid)

    def memory(self):
        peak, now = memory_of(self.processes["catalog"].pid)
        return f"{short(now / 2**20)} (peak {short(peak / 2**20)})"


def rates(values):
    """Resources a second: of all calls together, and of the first and the last fifth of them."""
    def rate(part):
        return short(sum(n for _, n in part) / sum(micros for micros, _ in part) * 1e6)
    fifth = max(len(values) // 5, 1)
    return rate(values), rate(values[:fifth]), rate(values[-fifth:])


def fill(stack, options):
    table = Table(f"{options.resources:,} resources applied, {options.batch:,} a call, one call at a time",
                  "calls", "resources/s", "in the first fifth", "in the last fifth", "a call, ms",
                  "processor s of the service per 100,000")
    again = min(20 * options.batch, options.resources - options.batch)
    for what, command, first, count in (("new", "load", 0, options.resources),
                                        ("the same again: nothing changes", "again", options.batch, again)):
        before = stack.cpu()
        values = stack.measure(command, first, count, options.batch)[command]
        table.add(what, *rates(values), Figure([micros / 1e3 for micros, _ in values]),
                  short((stack.cpu() - before) / count * 1e5))
    return table


def ask(stack, options):
    table = Table(f"One call at a time at {options.resources:,} resources, from a C++ client, ms", "call", "calls", "p50", "p99",
                  "smallest–largest", "resources in the answer")
    measured = stack.measure("ask", options.resources, options.asks)
    measured.update(stack.measure("change", options.resources, options.asks))
    for what, values in measured.items():
        times = Figure([micros / 1e3 for micros, _ in values])
        table.add(what, len(values), short(times.percentile(50)), short(times.percentile(99)),
                  f"{short(min(times.values))}–{short(max(times.values))}", Figure([n for _, n in values]))
    return table


def follow(stack, options):
    table = Table(f"{options.followers} followers, each by a connection of its own, ms", "from → to", "changes", "p50", "p99",
                  "smallest–largest")
    for what, values in stack.measure("follow", options.resources, options.followers, options.asks).items():
        times = Figure([micros / 1e3 for micros, _ in values])
        table.add(what, len(values), short(times.percentile(50)), short(times.percentile(99)),
                  f"{short(min(times.values))}–{short(max(times.values))}")
    return table


def start(stack, options, memory):
    table = Table("Start, size", "what", "value")
    serving, cpu = [], []
    for _ in range(options.starts):
        stack.kill("catalog")
        serving.append(stack.start_and_wait("catalog", lambda: True, seconds=900)[0])
        cpu.append(stack.cpu())
    table.add("kill -9 → health says SERVING, files in the page cache, s", Figure(serving))
    table.add("… processor time of the service until then, s", Figure(cpu))
    (micros, changes), = stack.measure("replay")["replay"]
    table.add("a new follower has the whole history, s", short(micros / 1e6))
    table.add("changes in it", f"{changes:,}")
    table.add("memory without file pages after all that was applied, MiB", memory["applied"])
    table.add("… after questions and followers, MiB", memory["asked"])
    table.add("… after the last start and the whole history sent, MiB", stack.memory())
    table.add("data on disk, MiB", short(disk_bytes(stack.data("catalog")) / 2**20))
    return table


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that the service and its files go as well
    print(f"Machine: {machine()}\n", flush=True)
    memory = {}
    with CatalogStack() as stack:
        print(fill(stack, options), flush=True)
        memory["applied"] = stack.memory()
        print(ask(stack, options), flush=True)
        print(follow(stack, options), flush=True)
        memory["asked"] = stack.memory()
        print(start(stack, options, memory), flush=True)


if __name__ == "__main__":
    main()
