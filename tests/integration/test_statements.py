"""Statements of a world whose past is never settled, against a recount of what was sent: every source and many days, from a log
in many blocks, through the owner and a front, while events come and after kills."""

import collections
import datetime
import random
import signal
import time
import unittest

import grpc

from tidemark.ingest.v1 import ingest_service_pb2 as ingest
from tidemark.type.v1 import date_pb2

from revised_world import CATALOG, DAY, DAYS, PURCHASE, REFUND, SOURCES, START, VOID, RevisedWorld
from stack import Stack

EVENTS, BATCH = 8000, 100


class Statements(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(fronts=1).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", "-", "--yes", input=CATALOG)
        cls.random, cls.world = random.Random(5), RevisedWorld(6)
        cls.highest, cls.records = {}, collections.Counter()
        cls.send(EVENTS)

    @classmethod
    def send(cls, count):
        for first in range(0, count, BATCH):
            events = cls.world.batch(BATCH)
            # Lower revisions come late, too.
            cls.random.shuffle(events)
            verdict = cls.call(("ingest", "front1")[first // BATCH % 2], "SubmitEvents",
                               ingest.SubmitEventsRequest(events=events)).verdict
            assert verdict.accepted == BATCH, verdict.exceptions[:3]
            for e in events:
                day = (e.event_time_us - START) // DAY
                cls.records[e.source, day] += 1
                if (e.source, e.id) not in cls.highest or cls.highest[e.source, e.id][0] < e.revision:
                    cls.highest[e.source, e.id] = (e.revision, e.kind, day, e.amount)

    @classmethod
    def call(cls, name, method, request):
        deadline = time.monotonic() + 60
        while True:
            try:
                return getattr(cls.stack.ingest(name), method)(
                    request, metadata=cls.stack.metadata(cls.stack.token("service")), timeout=30)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def check(self, name):
        standing = collections.defaultdict(lambda: [0, 0, 0])
        for (source, _), (_, kind, day, amount) in self.highest.items():
            if kind == VOID:
                continue
            counts = standing[source, day]
            counts[0] += 1
            counts[1] += amount if kind == PURCHASE else 0
            counts[2] += amount if kind == REFUND else 0
        for source in SOURCES:
            for day in self.random.sample(range(DAYS), 60):
                date = datetime.date(2024, 1, 1) + datetime.timedelta(days=day)
                statement = self.call(name, "GetStatement", ingest.GetStatementRequest(
                    source=source, day=date_pb2.Date(year=date.year, month=date.month, day=date.day))).statement
                got = statement.standing
                self.assertEqual([got.events, got.gross, got.refunds], standing[source, day], f"{name}: {source} {date}")
                self.assertEqual(statement.by_event_day.accepted, self.records[source, day], f"{name}: {source} {date}")

    def test_statements_equal_the_recount(self):
        self.check("ingest")
        self.send(2000)
        self.check("front1")
        for number in (signal.SIGKILL, signal.SIGTERM):
            self.stack.restart("ingest", number)
            self.check("front1")
            self.send(500)
            self.check("ingest")


if __name__ == "__main__":
    unittest.main()
