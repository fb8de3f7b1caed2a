"""How long one batch takes to its durable ack with nothing else on its way, against writing its bytes to a file."""

import os
import time

from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from bench_stack import BenchStack
from figures import Figure, Table, short
from simulate import Simulation, set_up

METHOD = "/tidemark.ingest.v1.IngestService/SubmitEvents"
GOAL = 6
WARM_UP = 20


def requests(stack, batch, count):
    path = os.path.join(stack.folder, "messages")
    Simulation(batch * count).export(stack.codes, path, "messages")
    with open(path, "rb") as f:
        events = ingest.SubmitEventsRequest.FromString(f.read()).events
    os.unlink(path)
    return [ingest.SubmitEventsRequest(events=events[i:i + batch]).SerializeToString()
            for i in range(0, len(events), batch)]


def run(options, batch=1_000):
    acks, writes, sizes = [], [], []
    with BenchStack(set_up) as stack:
        payloads = requests(stack, batch, options.ack_batches + WARM_UP)
        path = os.path.join(stack.data("ingest"), "bench-append")
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with stack.channel("ingest") as channel:
            submit = channel.unary_unary(METHOD)
            # In turn, so that both meet the same disk.
            for payload in payloads:
                start = time.perf_counter()
                answer = submit(payload, metadata=stack.metadata(), timeout=60)
                acked = time.perf_counter()
                os.write(file, payload)
                os.fdatasync(file)
                written = time.perf_counter()
                verdict = ingest.SubmitEventsResponse.FromString(answer).verdict
                assert verdict.accepted == batch, f"{verdict.accepted} of {batch} events were accepted"
                acks.append(1e3 * (acked - start))
                writes.append(1e3 * (written - acked))
                sizes.append(len(payload))
        os.close(file)
        os.unlink(path)
    acks, writes = Figure(acks[WARM_UP:]), Figure(writes[WARM_UP:])
    table = Table(f"One batch of {batch:,} events at a time, {sum(sizes) / len(sizes) / batch:.0f} B/event as messages, "
                  f"{options.ack_batches} of them, ms", "", "p50 (range)", "p99")
    table.add("sent → durable ack, Python client", acks, short(acks.percentile(99)))
    table.add("append of the same bytes and fdatasync, same folder", writes, short(writes.percentile(99)))
    ratio = acks.median / writes.median
    table.add(f"ack ÷ append (goal ≤ {GOAL}: {'met' if ratio <= GOAL else 'not met'})", short(ratio), "-")
    yield table
    yield {"ack": {"ack_ms": acks.values, "append_ms": writes.values}}
