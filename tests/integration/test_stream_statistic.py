"""Answers of named statistics by stream: tables of any size, in pages, of one snapshot; else what the method itself answers."""

import random
import unittest
from collections import defaultdict

import grpc
from tidemark.analytics.v1 import (analytics_service_pb2 as service, co_consumption_pb2, concentration_pb2, divide_pb2, flows_pb2,
                                   forecast_pb2, indicator_pb2, query_pb2, read_options_pb2, settle_pb2,
                                   statistics_service_pb2 as statistics, statistics_service_pb2_grpc, target_progress_pb2, uplift_pb2)
from tidemark.catalog.v1 import types_pb2
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest
from tidemark.type.v1 import role_pb2

from answers import ask, query, rows
from stack import Stack

PLACES, EVENTS, MEBIBYTE = 260, 120_000, 1 << 20
NEW_YEAR_US, DAY_US = 1_704_067_200_000_000, 86_400_000_000
HOLDERS = {"studio": 2, "label": 1}

CATALOG = """
name: observatories/test
displayNames: {en: Test}
observatory: {timeZone: UTC, currency: CNY, scale: 2, start: 2024-01-01}
---
name: sources/shop
displayNames: {en: Shop}
source: {kind: LIVE, reports: {start: 2024-01-01, end: 2024-04-01}}
---
name: identifierSchemes/account
displayNames: {en: Account}
identifierScheme: {schemeClass: ACCOUNT, normalisation: NONE}
---
name: categories/music
displayNames: {en: Music}
category: {nature: SERVICES}
---
name: categories/books
displayNames: {en: Books}
category: {nature: GOODS}
""" + "".join(f"""---
name: regions/p{i:03}
displayNames: {{zh: 第{i:03}市}}
region: {{level: CITY}}
""" for i in range(PLACES)) + "".join(f"""---
name: organisations/{name}
displayNames: {{zh: 权利人 {name}}}
organisation: {{kind: AUTHORITY}}
""" for name in HOLDERS) + """---
name: products/song
displayNames: {zh: 歌曲}
product:
  kind: CONTENT
  codes: [{code: song}]
  rights:
""" + "".join(f"    - {{holder: organisations/{name}, weight: {weight}}}\n" for name, weight in HOLDERS.items())


class StreamStatistic(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.apply("-f", "-", input=CATALOG)
        r = random.Random(41)
        place = lambda: f"p{r.randrange(PLACES):03}"
        events = [event_pb2.Event(source="shop", id=f"e{i}", kind=event_pb2.EVENT_KIND_PURCHASE, amount=1 + r.randrange(99_999),
                                  product="song" if i % 3 == 0 else None, category="music" if i % 3 == 0 else r.choice(["music", "books"]),
                                  consumer_region=place(), provider_region=place(), provider=f"shop {i % 50}",
                                  event_time_us=NEW_YEAR_US + r.randrange(91) * DAY_US,
                                  consumer=event_pb2.Consumer(scheme="account", id=f"c{r.randrange(4_000)}"))
                  for i in range(EVENTS)]
        cls.gross, cls.song = defaultdict(int), sum(e.amount for e in events if e.HasField("product"))
        for e in events:
            cls.gross[e.consumer_region, e.provider_region] += e.amount
        for begin in range(0, EVENTS, 8_000):
            cls.send(events[begin:begin + 8_000])
        cls.size = cls.log_size()
        ask(cls.stack, query(["net"]), min_log_size=cls.size)
        cls.stub = statistics_service_pb2_grpc.StatisticsServiceStub(cls.stack.channel("analytics"))

    @classmethod
    def log_size(cls):
        return cls.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=cls.stack.metadata()).log_size

    @classmethod
    def send(cls, events):
        verdict = cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=events), metadata=cls.stack.metadata(),
                                                  timeout=60).verdict
        assert verdict.accepted == len(events), verdict

    def read(self, **more):
        return read_options_pb2.ReadOptions(as_of=service.AsOf(log_size=self.size), **more)

    def stream(self, secret=None, **question):
        return self.stub.StreamStatistic(statistics.StreamStatisticRequest(**question), metadata=self.stack.metadata(secret), timeout=60)

    def error_of(self, call):
        with self.assertRaises(grpc.RpcError) as caught:
            list(call())
        details = dict(caught.exception.trailing_metadata()).get("grpc-status-details-bin")
        return caught.exception.code(), caught.exception.details(), details

    def test_a_table_of_any_size_comes_whole(self):
        request = flows_pb2.FlowsRequest(read=self.read())
        code, message, _ = self.error_of(lambda: [self.stub.Flows(request, metadata=self.stack.metadata(), timeout=60)])
        self.assertEqual(code, grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertIn("StreamStatistic", message)
        *pages, last = list(self.stream(flows=request))
        tables = defaultdict(list)
        for message in pages:
            self.assertLessEqual(message.ByteSize(), MEBIBYTE + 4_096)
            tables[message.page.table].append(message.page.rows)
        self.assertEqual(list(tables), ["flows", "places", "totals"])
        self.assertGreater(len(tables["flows"]), 1)
        told = [row for page in tables["flows"] for row in rows(page)]
        self.assertEqual({(row["from"], row["to"]): row["gross"] for row in told}, self.gross)
        self.assertEqual(len(told), len(self.gross))
        self.assertEqual([(row["from"], row["to"]) for row in told], sorted(self.gross))
        rest = last.rest.flows
        self.assertFalse(rest.HasField("flows") or rest.HasField("places") or rest.HasField("totals"))
        self.assertEqual(rest.meta.snapshot.log_size, self.size)
        self.assertEqual(rest.meta.total_row_count, len(self.gross))
        # The same bytes again.
        again = [message.page.SerializeToString(deterministic=True) for message in self.stream(flows=request)][:-1]
        self.assertEqual(again, [message.page.SerializeToString(deterministic=True) for message in pages])

    def test_the_command_line_shows_it_whole(self):
        done = self.stack.cli("flows", "-o", "csv", "--as-of", str(self.size))
        self.assertRegex(done.stderr, rf"^{len(self.gross)} rows; snapshot [0-9a-f]{{32}} at {self.size}, .*; in CNY;")
        told = done.stdout.splitlines()
        self.assertEqual(len(told), 1 + len(self.gross))
        names = told[0].split(",")
        at = [names.index(name) for name in ("from", "to", "gross")]
        shown = [[line.split(",")[i] for i in at] for line in told[1:]]
        self.assertEqual({(a, b): round(float(gross) * 100) for a, b, gross in shown}, self.gross)

    def test_else_it_is_what_the_method_answers(self):
        questions = {
            "availability": ("GetAvailability", statistics.GetAvailabilityRequest(place=query_pb2.Dimension(name="consumer_region"))),
            "flows": ("Flows", flows_pb2.FlowsRequest(limit=7, grain=query_pb2.GRAIN_MONTH)),
            "co_consumption": ("CoConsumption", co_consumption_pb2.CoConsumptionRequest(dimension=query_pb2.Dimension(name="category"))),
            "concentration": ("Concentration", concentration_pb2.ConcentrationRequest(grain=query_pb2.GRAIN_MONTH)),
            "forecast": ("Forecast", forecast_pb2.ForecastRequest(measure=query_pb2.Measure(name="gross"), grain=query_pb2.GRAIN_DAY)),
            "settle": ("Settle", settle_pb2.SettleRequest(range=query_pb2.PeriodRange(first="2024-01", last="2024-03"))),
            # Errors, too, are theirs.
            "uplift": ("Uplift", uplift_pb2.UpliftRequest(treated=["none"])),
            "divide": ("Divide", divide_pb2.DivideRequest(dimensions=[query_pb2.Dimension(name="none")])),
            "indicator": ("EvaluateIndicator", indicator_pb2.EvaluateIndicatorRequest(indicator="indicators/none")),
            "reconcile": ("Reconcile", indicator_pb2.ReconcileRequest(indicator="indicators/none")),
            "target_progress": ("TargetProgress", target_progress_pb2.TargetProgressRequest(targets=["targets/none"])),
        }
        asked = statistics.StreamStatisticRequest.DESCRIPTOR.oneofs_by_name["question"].fields
        self.assertEqual(set(questions), {field.name for field in asked}, "a statistic that this test does not ask")
        answered = 0
        for name, (method, request) in questions.items():
            with self.subTest(name):
                request.read.CopyFrom(self.read(label_language="zh"))
                call = lambda: getattr(self.stub, method)(request, metadata=self.stack.metadata(), timeout=60)
                try:
                    want = call()
                except grpc.RpcError:
                    streamed, unary = self.error_of(lambda: self.stream(**{name: request})), self.error_of(lambda: [call()])
                    self.assertEqual(streamed[:2], unary[:2])
                    # The same bytes; those of ErrorInfo's map in any order.
                    self.assertEqual(sorted(streamed[2]), sorted(unary[2]))
                    continue
                answered += 1
                *pages, last = list(self.stream(**{name: request}))
                got = getattr(last.rest, name)
                self.assertEqual(last.rest.WhichOneof("answer"), name)
                for message in pages:
                    getattr(got, message.page.table).CopyFrom(message.page.rows)
                got.meta.elapsed_us = want.meta.elapsed_us
                self.assertEqual(got.SerializeToString(deterministic=True), want.SerializeToString(deterministic=True))
        self.assertEqual(answered, 6)

    def test_labels_come_with_every_page(self):
        *pages, _ = list(self.stream(settle=settle_pb2.SettleRequest(
            read=self.read(label_language="zh"), range=query_pb2.PeriodRange(first="2024-01", last="2024-03"))))
        holders = next(message.page.rows for message in pages if message.page.table == "holders")
        column = next(c for c in holders.columns if c.name == "holder")
        self.assertEqual({m.label for m in column.dictionary.members}, {f"权利人 {name}" for name in HOLDERS})
        amounts = {row["holder"]: row["amount"] for row in rows(holders)}
        self.assertEqual(sum(amounts.values()), self.song)

    def test_one_snapshot_while_the_log_grows(self):
        call = self.stream(flows=flows_pb2.FlowsRequest(read=self.read()))
        told = rows(next(call).page.rows)
        self.send([event_pb2.Event(source="shop", id="late", kind=event_pb2.EVENT_KIND_PURCHASE, amount=7, category="music",
                                   consumer_region="p000", provider_region="p000", event_time_us=NEW_YEAR_US)])
        ask(self.stack, query(["net"]), min_log_size=self.log_size())
        for message in call:
            if message.page.table == "flows":
                told += rows(message.page.rows)
        self.assertEqual({(row["from"], row["to"]): row["gross"] for row in told}, self.gross)

    def test_waits_for_the_fold_or_says_that_it_is_behind(self):
        behind = flows_pb2.FlowsRequest(read=read_options_pb2.ReadOptions(min_log_size=10**9))
        self.assertEqual(self.error_of(lambda: self.stream(flows=behind))[0], grpc.StatusCode.UNAVAILABLE)

    def test_errors(self):
        code, message, details = self.error_of(self.stream)
        self.assertEqual(code, grpc.StatusCode.INVALID_ARGUMENT)
        self.assertIn("question", message)
        self.assertIn(b"MISSING", details)
        code, message, _ = self.error_of(lambda: self.stream(flows=flows_pb2.FlowsRequest(
            read=read_options_pb2.ReadOptions(label_language="no language"))))
        self.assertEqual(code, grpc.StatusCode.INVALID_ARGUMENT)
        self.assertIn("read.label_language", message)
        producer = self.stack.issue_token("stream-producer", types_pb2.Token(
            principal="producer", roles=[role_pb2.ROLE_PRODUCER], sources=["sources/shop"]))
        self.assertEqual(self.error_of(lambda: self.stream(producer, flows=flows_pb2.FlowsRequest()))[0],
                         grpc.StatusCode.PERMISSION_DENIED)

    def test_a_reader_that_leaves_costs_nothing(self):
        for _ in range(30):
            call = self.stream(flows=flows_pb2.FlowsRequest(read=self.read()))
            next(call)
            call.cancel()
        # 256 MiB are for all that are open: were these still counted, the next would be refused.
        self.assertEqual(len(list(self.stream(flows=flows_pb2.FlowsRequest(read=self.read(), limit=1)))), 4)


if __name__ == "__main__":
    unittest.main()
