"""The eight questions at several log sizes, and the time from a kill to serving at the largest."""

import grpc

from tidemark.analytics.v1 import analytics_service_pb2 as analytics
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

import peer_questions
import queries
from answers import query
from bench_stack import BenchStack, disk_bytes
from figures import Figure, Table, short
from ingest_part import check_totals, wait_folded
from simulate import SOURCES, Simulation, set_up


def run(options):
    measured = {}
    for events in options.query_events:
        simulation = Simulation(events)
        with BenchStack(set_up) as stack:
            recount = simulation.recount(stack.codes, full=True)
            simulation.load(stack)
            log_size = stack.log_status().log_size
            wait_folded(stack, log_size)
            check_totals(stack, recount, log_size)
            peers = queries.PEERS.get(events, {})
            if options.peers:
                in_turn = SmallAnswers(stack, queries.questions(recount)["Q8"], log_size, events)
                table, peers, measured[f"peers_{events}"] = peer_questions.measure(simulation, recount, options.asks, in_turn)
                yield table
                yield in_turn.table()
                measured[f"small_{events}"] = in_turn.values
            part = ask_all(stack, recount, events, log_size, options.asks, peers)
            measured[events] = part.pop("values")
            yield part["table"]
            if events == max(options.query_events):
                table, values = restarts(stack, recount, events, log_size, options.runs)
                yield table
                measured["restart"] = values
    yield {"queries": measured}


def ask_all(stack, recount, events, log_size, times, peers):
    want = queries.expected(recount)
    asker = queries.Asker(stack)
    floor = Figure(asker.floor(max(times, 100)))
    table = Table(f"Questions at {events:,} events, cache off, {times} calls each, ms", "question", "rows",
                  "C++ client, by calls", "over a stream", "in the service", "Python client, by calls",
                  "quickest peer over its raw table", "peer ÷ a call", "peer ÷ over a stream")
    values = {"floor": floor.values}
    for name, q in queries.questions(recount).items():
        seen, streamed, inside, from_python, answer = asker.ask(q, log_size, times)
        queries.check(name, answer, want[name])
        peer, engine = peers.get(name, (None, ""))
        ratios = [short(peer / Figure(ms).median) if peer else "-" for ms in (seen, streamed)]
        table.add(f"{name} {queries.WHAT[name]}", answer.result.row_count, Figure(seen), Figure(streamed), Figure(inside),
                  Figure(from_python), f"{short(peer)} ({engine})" if peer else "-", *ratios)
        values[name] = {"ms": seen, "stream_ms": streamed, "service_ms": inside, "python_ms": from_python,
                        "rows": answer.result.row_count}
    table.add("-- GetFoldStatus", "-", "-", "-", "-", floor, "-", "-", "-")
    asker.close()
    return {"table": table, "values": values}


class SmallAnswers:
    """Q8, whose time is mostly the client's and the wire's, put to PostgreSQL and Tidemark in turn: what a machine that is
    slower for a while does to one it does to all."""
    ROUNDS, TIMES = 20, 50
    PSYCOPG, PSQL, CALL, STREAM = "PostgreSQL by psycopg", "PostgreSQL by psql", "Tidemark by calls", "Tidemark over a stream"

    def __init__(self, stack, q, log_size, events):
        self.stack, self.q, self.log_size, self.events = stack, q, log_size, events
        self.values = {}

    def __call__(self, postgres, sql):
        asker = queries.Asker(self.stack)
        ways = {self.PSYCOPG: lambda: postgres.do("ask", sql=sql, times=self.TIMES)["ms"],
                self.PSQL: lambda: postgres.do("ask_by_psql", sql=sql, times=self.TIMES),
                self.CALL: lambda: asker.ask_from_cpp(self.q, self.log_size, self.TIMES)[0],
                self.STREAM: lambda: asker.ask_from_cpp(self.q, self.log_size, self.TIMES, way="stream")[0]}
        for _ in range(self.ROUNDS):
            for way, ask in ways.items():
                self.values.setdefault(way, []).append(Figure(ask()).median)
        asker.close()

    def table(self):
        table = Table(f"Q8 at {self.events:,} events, in turn, {self.ROUNDS} rounds of {self.TIMES} questions: medians of the rounds, ms",
                      "asked", "ms", f"{self.PSYCOPG} ÷ this", f"{self.PSQL} ÷ this")
        for way, medians in self.values.items():
            ratios = [[peer / own for peer, own in zip(self.values[name], medians)] for name in (self.PSYCOPG, self.PSQL)]
            table.add(way, Figure(medians), *map(Figure, ratios))
        return table


def tried(serves):
    """False also when the service cannot be asked yet."""
    try:
        return serves()
    except grpc.RpcError:
        return False


def restarts(stack, recount, events, log_size, times):
    """kill -9 and start again; the files are in the page cache."""
    token = stack.metadata()
    probe = ingest.BatchGetEventsRequest(source=SOURCES[0], ids=["no-such-event"])

    def ingest_serves():
        return (stack.log_status().log_size >= log_size and
                len(stack.ingest_stub.BatchGetEvents(probe, metadata=token, timeout=10).missing_ids) == 1)

    def analytics_serves():
        request = analytics.QueryRequest(query=query(["events"], "YEAR"), min_log_size=log_size, bypass_cache=True)
        return stack.analytics_stub.Query(request, metadata=token, timeout=60).meta.folded_size >= log_size

    table = Table(f"Restart after kill -9 at {events:,} events, s", "service", "until health says SERVING",
                  "until it answers at full size", "data on disk, MiB")
    values = {}
    for name, serves, stub in (("ingest", ingest_serves, "ingest_stub"), ("analytics", analytics_serves, "analytics_stub")):
        serving, answering = [], []
        for _ in range(times):
            stack.kill(name)
            # A channel that has seen the refusal waits before it connects again; a new one does not.
            setattr(stack, stub, getattr(stack, name)())
            health, answer = stack.start_and_wait(name, lambda: tried(serves))
            serving.append(health)
            answering.append(answer)
        table.add(name, Figure(serving), Figure(answering), short(disk_bytes(stack.data(name)) / 2**20))
        values[name] = {"serving_s": serving, "answering_s": answering}
    check_totals(stack, recount, log_size)
    return table, values
