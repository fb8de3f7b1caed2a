"""Ingest with the fold beside it, and how soon what was acknowledged is in answers."""

import threading
import time

import grpc

from tidemark.analytics.v1 import analytics_service_pb2 as analytics
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import query, rows
from bench_stack import BenchStack, Watch, disk_bytes
from figures import Figure, Table, short
from simulate import SOURCES, Simulation, set_up

MIB = 2**20
# A log holds records of its own beside events: marks of catalog versions.
FEW_RECORDS = 100
PROCESSES = ("ingest", "analytics", "catalog", "redis", "simulate")


def check_totals(stack, recount, log_size):
    """The whole log, asked as one row, is what was sent."""
    q = query(["events", "purchases", "gross", "refunds", "net"])
    answer = stack.analytics_stub.Query(
        analytics.QueryRequest(query=q, min_log_size=log_size, bypass_cache=True), metadata=stack.metadata(),
        timeout=120)
    (row,) = rows(answer.result)
    want = recount.totals
    for name in ("events", "purchases", "gross", "refunds"):
        assert row[name] == want[name], f"{name}: answered {row[name]}, recounted {want[name]}"
    assert row["net"] == want["gross"] - want["refunds"], f"net: answered {row['net']}"


def wait_folded(stack, size, patience=60):
    """Monotonic time at which the fold had reached `size`. Raises when it stands still for `patience` seconds."""
    last, moved = -1, time.monotonic()
    while True:
        folded = stack.fold_status().snapshot.log_size
        now = time.monotonic()
        if folded >= size:
            return now
        if folded != last:
            last, moved = folded, now
        if now > moved + patience:
            raise RuntimeError(f"the fold stands still at {folded} of {size} for {patience} s:\n"
                               f"{stack.log('analytics')[-2000:]}")
        time.sleep(0.002)


class IngestPart:
    def __init__(self, options, lean=False, columns=False):
        self.options, self.simulation = options, Simulation(options.events, lean, columns)
        self.rate = None  # events per second at the smallest batch: what freshness halves

    def run(self):
        options = self.options
        speed = Table(f"Ingest of {options.events:,} events with the fold beside it", "batch × in flight",
                      "durable events/s", "in the last fifth", "fold behind the last ack, s", "largest backlog, events",
                      "processor s per million events: simulate", "ingest", "analytics")
        memory = Table("Memory at the peak, MiB resident (without file pages)", "batch × in flight", *PROCESSES)
        size = Table("Size", "batch × in flight", "log, B/event on disk", "all of ingest, B/event",
                     "runs, B/event on disk", "identities, B/event in memory", "analytics' store, B/event in memory")
        measured = {}
        for batch, in_flight in zip(options.batches, options.in_flight):
            runs = [self.one(batch, in_flight) for _ in range(options.runs)]
            name = f"{batch:,} × {in_flight}"
            measured[name] = runs
            of = lambda key: Figure([run[key] for run in runs])
            speed.add(name, of("rate"), of("rate_last_fifth"), of("fold_lag_s"), of("backlog"), of("cpu_simulate"),
                      of("cpu_ingest"), of("cpu_analytics"))
            memory.add(name, *(f"{of('peak_' + p)} ({short(of('anonymous_' + p).median)})" for p in PROCESSES))
            size.add(name, of("log_bytes"), of("ingest_disk"), of("run_disk"), of("identity_bytes"), of("store_bytes"))
            self.rate = self.rate or of("rate").median
        yield from (speed, memory, size)
        yield {"ingest": measured}

    def one(self, batch, in_flight):
        """One run into an empty log, with all that is measured of it."""
        events = self.options.events
        with BenchStack(set_up) as stack:
            recount = self.simulation.recount(stack.codes, full=False)
            before = stack.log_status().log_size
            with Watch(stack) as watch, self.simulation.sending(stack, batch, in_flight) as process:
                watch.others["simulate"] = process.pid
                exited = self.simulation.finish(stack, process)
                log_size = stack.log_status().log_size
                folded = wait_folded(stack, log_size)
            assert 0 <= log_size - before - events <= FEW_RECORDS, \
                f"the log grew from {before} to {log_size} by {events} events"
            check_totals(stack, recount, log_size)
            acked = min(exited, watch.time_of(log_size))
            status, fold = stack.log_status(), stack.fold_status()
            result = {
                "rate": events / (acked - watch.growth_start(before + FEW_RECORDS)),
                "rate_last_fifth": events / 5 / (acked - watch.time_of(log_size - events // 5)),
                "fold_lag_s": max(0, folded - acked),
                "backlog": max(size - done for _, size, done in watch.sizes),
                "sizes": [(at - watch.sizes[0][0], size, done) for at, size, done in watch.sizes],
                "log_bytes": status.log_bytes / events,
                "ingest_disk": disk_bytes(stack.data("ingest")) / events,
                "run_disk": disk_bytes(stack.data("analytics")) / events,
                "run_bytes": fold.run_bytes / events,
                "identity_bytes": status.identity_bytes / events,
                "store_bytes": fold.memory_bytes / events,
                "runs": fold.runs,
            }
            for process in watch.peak:
                result["peak_" + process] = watch.peak[process] / MIB
                result["anonymous_" + process] = watch.peak_anonymous[process] / MIB
                result["cpu_" + process] = watch.cpu[process] / events * 1e6
            return result


def columns(options):
    """The same lean events, made beforehand, one by one and by columns, in turn."""
    batch, in_flight = options.batches[-1], options.in_flight[-1]
    forms = {"one by one": IngestPart(options, lean=True), "by columns": IngestPart(options, lean=True, columns=True)}
    runs = {form: [] for form in forms}
    for _ in range(options.runs):
        for form, part in forms.items():
            runs[form].append(part.one(batch, in_flight))
    table = Table(f"{options.events:,} events in batches of {batch:,} × {in_flight}, made beforehand", "events",
                  "durable events/s", "in the last fifth", "processor s per million events: simulate, with making them",
                  "ingest", "analytics")
    for form, measured in runs.items():
        of = lambda key: Figure([run[key] for run in measured])
        table.add(form, of("rate"), of("rate_last_fifth"), of("cpu_simulate"), of("cpu_ingest"), of("cpu_analytics"))
    ratios = [one["rate"] / other["rate"] for one, other in zip(runs["by columns"], runs["one by one"])]
    ratio = Table("Columns against rows, run by run", "", "rate ÷ rate")
    ratio.add("by columns ÷ one by one", Figure(ratios))
    yield from (table, ratio)
    yield {"columns": runs}


class Prober(threading.Thread):
    """Sends one event after the other and asks, from its ack on, until an answer covers it."""

    def __init__(self, stack, seconds):
        super().__init__(daemon=True)
        self.stack, self.seconds = stack, seconds
        self.ack_ms, self.visible_ms, self.failure = [], [], None

    def run(self):
        try:
            until = time.monotonic() + self.seconds
            while time.monotonic() < until:
                self._probe(len(self.ack_ms))
                time.sleep(0.005)
        except Exception as failure:  # raised again where the thread is joined
            self.failure = failure

    def _probe(self, number):
        stack = self.stack
        # Two years before all other events, so that the question reads next to nothing.
        event = event_pb2.Event(source=SOURCES[0], id=f"probe-{number}",
                                kind=event_pb2.EVENT_KIND_PURCHASE, event_time_us=1_640_995_200_000_000, amount=1)
        start = time.monotonic()
        verdict = stack.ingest_stub.SubmitEvents(ingest.SubmitEventsRequest(events=[event]),
                                                 metadata=stack.metadata(), timeout=30).verdict
        acked = time.monotonic()
        assert verdict.accepted == 1, f"probe {number} was not accepted: {verdict.exceptions}"
        request = analytics.QueryRequest(query=query(["events"], range={"first": "2022-01", "last": "2022-01"}),
                                         min_log_size=verdict.first_leaf + 1, bypass_cache=True)
        while True:
            try:
                answer = stack.analytics_stub.Query(request, metadata=stack.metadata(), timeout=30)
                break
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE or time.monotonic() > acked + 30:
                    raise
        self.visible_ms.append(1e3 * (time.monotonic() - acked))
        self.ack_ms.append(1e3 * (acked - start))
        (row,) = rows(answer.result)
        assert row["events"] == number + 1, f"{row['events']} of {number + 1} acknowledged probes are in the answer"


def quick_rate(batch, in_flight, events):
    """Events per second of one short run."""
    simulation = Simulation(events)
    with BenchStack(set_up) as stack:
        before = stack.log_status().log_size
        with Watch(stack) as watch, simulation.sending(stack, batch, in_flight) as process:
            ended = simulation.finish(stack, process)
        return events / (ended - watch.growth_start(before + FEW_RECORDS))


def freshness(options, rate):
    """At half of `rate`, which is measured quickly when unknown."""
    batch, in_flight = options.batches[0], options.in_flight[0]
    half = (rate or quick_rate(batch, in_flight, min(options.events, 2_000_000))) / 2
    simulation = Simulation(int(half * (options.freshness_seconds + 2)))
    with BenchStack(set_up) as stack, simulation.sending(stack, batch, in_flight, half) as process:
        time.sleep(1)
        prober = Prober(stack, options.freshness_seconds)
        prober.start()
        prober.join()
        simulation.finish(stack, process)
    if prober.failure:
        raise prober.failure
    table = Table(f"Freshness while {half:,.0f} events/s come in, batch {batch:,}; {len(prober.visible_ms)} probes",
                  "from", "p50, ms", "p99, ms", "largest, ms")
    for name, values in (("one event sent → durable ack", prober.ack_ms),
                         ("ack → an answer that covers it, the question's own time included", prober.visible_ms)):
        figure = Figure(values)
        table.add(name, *(f"{v:.1f}" for v in (figure.percentile(50), figure.percentile(99), max(values))))
    yield table
    yield {"freshness": {"rate": half, "ack_ms": prober.ack_ms, "visible_ms": prober.visible_ms}}
