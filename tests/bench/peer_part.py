"""Ingest of other engines on the events of `tidemark simulate`, their runs taken in turn with Tidemark's own. Each engine
takes them in two forms, see peer_rows.py: as they are sent, and with numbers for codes."""

import contextlib
import copy
import json
import os
import subprocess
import sys
import tempfile

import peer_rows
import peer_servers
from bench_stack import BenchStack
from figures import Figure, Table, short
from ingest_part import IngestPart
from simulate import Simulation, set_up

HERE = os.path.dirname(os.path.abspath(__file__))
# Class of peer_engines, server it needs, and how many times its rate Tidemark's is to be, by batch size; None: no goal.
ENGINES = (("PostgresInsert", peer_servers.Postgres, {1_000: 30, 10_000: 30}),
           ("PostgresCopy", peer_servers.Postgres, {1_000: 7, 10_000: 7}),
           ("DuckDb", None, {1_000: 6, 10_000: 6}),
           ("NewClickHouse", None, {1_000: 15, 10_000: 3}),
           ("OldClickHouse", peer_servers.OldClickHouse, {}),
           ("Redis", peer_servers.Redis, {1_000: 4, 10_000: 4}))
TITLES = {"PostgresInsert": ("PostgreSQL 15, INSERT … ON CONFLICT", "yes", "yes"),
          "PostgresCopy": ("PostgreSQL 15, COPY with UNIQUE", "yes", "aborts the batch"),
          "DuckDb": ("DuckDB 1.5, appender with PRIMARY KEY", "yes", "aborts the batch"),
          "NewClickHouse": ("ClickHouse 26.7, in process", "yes", "no"),
          "OldClickHouse": ("ClickHouse 18.16, HTTP", "no", "no"),
          "Redis": ("Redis 7.0, XADD per event, pipelined", "each second", "no")}
FORMS = {"texts": "as sent", "numbers": "codes as numbers, given beforehand"}


class Worker:
    """An engine in peer_worker.py; killed at the end of the block."""

    def __init__(self, name, folder, port):
        os.makedirs(folder, exist_ok=True)
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, "-B", os.path.join(HERE, "peer_worker.py"), name, folder, str(port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def do(self, what, **more):
        self.process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name} ended with {self.process.wait()}; its message is above")
        return json.loads(answer)


@contextlib.contextmanager
def workers(folder, names=tuple(name for name, _, _ in ENGINES)):
    """Class name -> Worker, with the servers beside."""
    with contextlib.ExitStack() as stack:
        servers, found = {}, {}
        for name, server, _ in ENGINES:
            if name not in names:
                continue
            if server is not None and server not in servers:
                servers[server] = stack.enter_context(server(os.path.join(folder, server.__name__)))
            port = servers[server].port if server is not None else 0
            found[name] = stack.enter_context(Worker(name, os.path.join(folder, name), port))
        yield found


def ingest(options):
    own_options = copy.copy(options)
    own_options.events = options.peer_own_events
    own = IngestPart(own_options, lean=True)
    table = Table(f"Ingest beside other engines: {options.peer_events:,} events from an empty table, one client, runs in turn "
                  f"(Tidemark: {own_options.events:,} events)",
                  "engine", "event", "B/event", "synced before ack", "skips duplicates", "batch", "events/s", "ours ÷ theirs",
                  "goal", "met")
    measured = {}
    with tempfile.TemporaryDirectory(prefix="tidemark-peers-") as folder:
        os.chmod(folder, 0o755)  # PostgreSQL runs as another user
        files = {form: os.path.join(folder, form + ".tsv") for form in options.peer_forms}
        with BenchStack(set_up) as stack:
            for form, path in files.items():
                Simulation(options.peer_events, lean=True).export(stack.codes, path, peer_rows.EXPORTED[form])
            own_bytes = message_bytes(stack.codes, os.path.join(folder, "messages"))
        with workers(folder) as engines:
            for batch, in_flight in zip(options.batches, options.in_flight):
                sizes, rates = one_batch(options, own, engines, files, batch, in_flight)
                measured[batch] = rates
                add_rows(table, own_bytes, sizes, rates, batch, in_flight)
    yield table
    yield {"peers_ingest": measured}


def message_bytes(codes, path, events=100_000):
    """Bytes that an event takes in Tidemark's requests."""
    Simulation(events, lean=True).export(codes, path, "messages")
    size = os.path.getsize(path)
    os.unlink(path)
    return size / events


def one_batch(options, own, engines, files, batch, in_flight):
    """Engine -> form -> bytes of an event, and events per second of every run. The first run of a peer warms up, and its
    table is held against the file."""
    sizes = {name: {} for name in engines}
    rates = {"Tidemark": [], **{name: {form: [] for form in files} for name in engines}}
    for name, engine in engines.items():
        for form, path in files.items():
            done = engine.do("prepare", form=form, file=path, events=options.peer_events, batch=batch)
            sizes[name][form] = done["bytes"] / options.peer_events
    for number in range(-1, options.peer_runs):
        for name, engine in engines.items():
            # Now one form first and now the other, so that neither always follows what the other left to be written.
            for form in sorted(files, reverse=number % 2 == 0):
                done = engine.do("run", form=form, check=number < 0)
                assert done["count"] == options.peer_events, \
                    f"{name}, {form}: {done['count']} of {options.peer_events} events are in its table"
                if number >= 0:
                    rates[name][form].append(options.peer_events / done["seconds"])
        if number >= 0:
            rates["Tidemark"].append(own.one(batch, in_flight)["rate"])
    return sizes, rates


def add_rows(table, own_bytes, sizes, rates, batch, in_flight):
    ours = Figure(rates["Tidemark"])
    table.add("Tidemark, ledger and fold beside it", FORMS["texts"], short(own_bytes), "yes", "yes", f"{batch:,} × {in_flight}",
              ours, "-", "-", "-")
    for name, _, goals in ENGINES:
        title, *promises = TITLES[name]
        for form, measured in rates[name].items():
            theirs, goal = Figure(measured), goals.get(batch)
            ratio = ours.median / theirs.median
            met = "-" if goal is None else "yes" if ratio >= goal else "no"
            table.add(title, FORMS[form], short(sizes[name][form]), *promises, f"{batch:,}", theirs, short(ratio),
                      f"≥ {goal}" if goal else "-", met)
