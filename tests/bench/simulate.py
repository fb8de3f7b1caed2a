"""`tidemark simulate` as the load, and the recount of what it sends."""

import collections
import contextlib
import subprocess
import time

from tidemark.catalog.v1 import catalog_service_pb2 as catalog
from tidemark.catalog.v1 import types_pb2

from stack import BIN

# The two calendar years, 8 sources and 2 M consumers that the peers were measured with; regions (350 cities in 81
# provinces) and categories (60) are those of `simulate --setup`.
FIRST_DAY, END_DAY = "2024-01-01", "2026-01-01"
SOME_REJECTED, UNREACHABLE = 1, 3  # exit codes of the CLI
SEED, CONSUMERS = 1, 2_000_000
SOURCES = [f"synthetic-{n}" for n in range(1, 9)]

# The peers' Q1 kept 3.9 % of the events, their Q8 one day of 2.6 % and of these 6 %. Earlier regions get more events:
# the third has 3.9 %, the fifth 2.5 %.
Q1_REGION, Q8_REGION, Q8_CATEGORY_SHARE, Q8_DAY = 2, 4, 0.06, "2025-06-17"


class Codes:
    """Regions and categories in the order that simulate takes them from the catalog, and where they belong."""

    def __init__(self, stack):
        self.stack = stack
        self.region = {r.name.partition("/")[2]: r.region for r in self._all("regions")}
        self.category = {r.name.partition("/")[2]: r.category for r in self._all("categories")}
        self.regions = self._leaves(self.region)
        self.categories = self._leaves(self.category)
        (observatory,) = self._all("observatories")
        self.zone, self.scale = observatory.observatory.time_zone, observatory.observatory.scale

    def _all(self, collection):
        found, token = [], ""
        while True:
            page = self.stack.catalog().ListResources(
                catalog.ListResourcesRequest(collection=collection, page_size=1000, page_token=token),
                metadata=self.stack.metadata())
            found += page.resources
            token = page.next_page_token
            if not token:
                return found

    @staticmethod
    def _leaves(resources):
        parents = {r.parent.partition("/")[2] for r in resources.values()}
        return [code for code in resources if code not in parents]

    def province(self, region):
        code = region
        while self.region[code].level != types_pb2.REGION_LEVEL_PROVINCE:
            code = self.region[code].parent.partition("/")[2]
        return code

    def root(self, category):
        code = category
        while self.category[code].parent:
            code = self.category[code].parent.partition("/")[2]
        return code


class Recount:
    """Tables of bench_recount: name -> {keys: values}."""

    def __init__(self, text, codes):
        self.codes, self.tables, self.totals = codes, collections.defaultdict(dict), {}
        values = {"consumers": 1}
        for line in text.splitlines():
            table, *cells = line.split("\t")
            if len(cells) == 1:
                self.totals[table] = int(cells[0])
            else:
                keys = len(cells) - values.get(table, 2)
                self.tables[table][tuple(cells[:keys])] = tuple(map(int, cells[keys:]))
        if self.tables["day"]:
            events = collections.Counter()
            for (_, category), (_, number) in self.tables["year_category"].items():
                events[category] += number
            want = Q8_CATEGORY_SHARE * self.totals["events"]
            self.q8_category = min((c for c, in self.tables["day"]), key=lambda c: (abs(events[c] - want), c))
            self.q1_region, self.q8_region = codes.regions[Q1_REGION], codes.regions[Q8_REGION]
            self.q8_day = Q8_DAY


class Simulation:
    """A fixed set of synthetic events: `events` of them, spread over the two years. `lean`: with the fields that the peers'
    tables have and no others, consumers as pseudonyms, and made before the first is sent, as the peers' are."""

    def __init__(self, events, lean=False, columns=False):
        self.events, self.lean, self.columns = events, lean, columns
        self.counted = {}

    def _options(self):
        options = ["--events", str(self.events), "--seed", str(SEED), "--from", FIRST_DAY, "--to", END_DAY,
                   "--consumers", str(CONSUMERS), "--quiet"]
        for source in SOURCES:
            options += ["--source", source]
        if self.lean:
            options += ["--lean", "--plain", "--prehashed", "--prepare"]
        if self.columns:
            options += ["--columns"]
        return options

    @contextlib.contextmanager
    def sending(self, stack, batch, in_flight, rate=0):
        """`tidemark simulate` beside the block; killed at its end if it still runs."""
        paced = ["--rate", f"{rate:.0f}"] if rate else []
        process = stack.cli_start("simulate", *self._options(), "--batch", str(batch), "--in-flight", str(in_flight),
                                  "--retry-for", "30", *paced)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def finish(self, stack, process, patience=60):
        """Waits for the end; the monotonic time it ended at. Raises when the log stands still for `patience` seconds."""
        size, moved = -1, time.monotonic()
        while True:
            try:
                out, err = process.communicate(timeout=5)
                break
            except subprocess.TimeoutExpired:
                now = stack.log_status().log_size
                if now != size:
                    size, moved = now, time.monotonic()
                elif time.monotonic() > moved + patience:
                    raise RuntimeError(f"the log stands still at {size} of {self.events} events for {patience} s:\n"
                                       f"{stack.log('ingest')[-2000:]}") from None
        ended = time.monotonic()
        if process.returncode != 0:
            raise RuntimeError(f"tidemark simulate ended with {process.returncode}:\n{out}{err}")
        return ended

    def load(self, stack, batch=10_000, in_flight=4):
        """Sends everything as fast as it goes."""
        with self.sending(stack, batch, in_flight) as process:
            self.finish(stack, process)

    def _made_events(self, codes):
        """Arguments of the tools that make the same events without any service."""
        return ["lean" if self.lean else "full", str(self.events), str(SEED), FIRST_DAY, END_DAY, codes.zone, str(CONSUMERS),
                ",".join(SOURCES), ",".join(codes.regions), ",".join(codes.categories)]

    def export(self, codes, path, form="lines"):
        """Writes what is sent as lines for other engines, as lines with `orders`, or as `messages`, one request with all
        events. Of lines, the texts of the numbers that bench_export chose: column -> {number: text}."""
        done = subprocess.run([f"{BIN}/bench_export", form, path, *self._made_events(codes)], capture_output=True, text=True,
                              timeout=600 + self.events // 100_000)
        if done.returncode != 0:
            raise RuntimeError(f"bench_export ended with {done.returncode}: {done.stderr}")
        chosen = collections.defaultdict(dict)
        for line in done.stdout.splitlines():
            column, number, text = line.split("\t")
            chosen[column][int(number)] = text
        return chosen

    def recount(self, codes, full):
        """What is sent, counted without any service; `full`: what the eight questions need, not only totals."""
        if full not in self.counted:
            day = [Q8_DAY, codes.regions[Q8_REGION]] if full else []
            done = subprocess.run([f"{BIN}/bench_recount", *self._made_events(codes), *day],
                                  capture_output=True, text=True, timeout=600 + self.events // 100_000)
            if done.returncode != 0:
                raise RuntimeError(f"bench_recount ended with {done.returncode}: {done.stderr}")
            self.counted[full] = Recount(done.stdout, codes)
        return self.counted[full]


def set_up(stack):
    """Applies the synthetic catalog and waits until ingest judges by it, so that no run pays for it."""
    sources = [word for source in SOURCES for word in ("--source", source)]
    # Setting up sends something; an event with a fault leaves the log as it is. Ingest may not know the token yet.
    deadline = time.monotonic() + 60
    while True:
        made = stack.cli("simulate", "--setup", "--events", "1", "--bad", "1", "--quiet", *sources, check=False)
        if made.returncode in (0, SOME_REJECTED):
            break
        if made.returncode != UNREACHABLE or time.monotonic() > deadline:
            raise RuntimeError(f"tidemark simulate --setup ended with {made.returncode}:\n{made.stdout}{made.stderr}")
        time.sleep(0.1)
    version = stack.catalog().ListResources(catalog.ListResourcesRequest(collection="sources"),
                                            metadata=stack.metadata()).version
    while stack.log_status().catalog_version < version:
        if time.monotonic() > deadline:
            raise RuntimeError(f"ingest does not load the catalog:\n{stack.log('ingest')[-2000:]}")
        time.sleep(0.01)
    return Codes(stack)
