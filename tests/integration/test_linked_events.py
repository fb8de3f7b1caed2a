"""Refunds, revisions, withdrawals and transactions through the services, against a recount from nothing."""

import json
import random
import subprocess
import unittest

from tidemark.analytics.v1 import analytics_service_pb2 as analytics
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import Null, ask, query
from linked_world import CATALOG, World, recount
from stack import BIN, Stack

MEASURES = ["gross", "refunds", "net", "unlinked_refunds", "pending_refunds", "void_refunds", "events", "quantity",
            "consumers", "refund_rate_cohort"]
INTEGERS = [m for m in MEASURES if m not in ("net", "refund_rate_cohort")]
QUESTION = query(MEASURES, "MONTH", ["consumer_region"])


class LinkedEvents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.apply("-f", "-", input=CATALOG)
        cls.random = random.Random(20240229)
        cls.events = World(11, 1500).events
        cls.random.shuffle(cls.events)
        cls.snapshots = []  # (log size, number of events, serialized results)
        sent = 0
        while sent < len(cls.events):
            batch = cls.events[sent:sent + cls.random.randrange(1, 120)]
            verdict = cls.submit(batch)
            assert verdict.accepted == len(batch), verdict
            sent += len(batch)
            size = verdict.first_leaf + verdict.accepted
            cls.snapshots.append((size, sent, ask(cls.stack, QUESTION, min_log_size=size)[1]))
            if cls.random.random() < 0.15:
                cls.stack.restart("analytics")
            if cls.random.random() < 0.1:
                cls.stack.restart("ingest")

    @classmethod
    def submit(cls, batch, **more):
        return cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=batch, **more),
                                               metadata=cls.stack.metadata(), timeout=60).verdict

    def check(self, size, count):
        rows = ask(self.stack, QUESTION, as_of=size, min_log_size=size)[0]
        cells, _ = recount(self.events[:count])
        shown = {k for k, v in cells.items() if any(name != "cohort" for name in v)}
        self.assertEqual({(r["period"], r["consumer_region"]) for r in rows}, shown)
        for row in rows:
            cell = cells[(row["period"], row["consumer_region"])]
            got = {m: row[m] for m in INTEGERS}
            self.assertEqual(got, {m: cell[m] for m in INTEGERS}, (size, row["period"], row["consumer_region"]))
            self.assertEqual(row["net"], cell["gross"] - cell["refunds"])
            rate = cell["cohort"] / cell["gross"] if cell["gross"] else Null(6)
            self.assertEqual(repr(row["refund_rate_cohort"]),
                             repr(rate) if cell["gross"] else "Null(ZERO_DENOMINATOR)")

    def test_every_snapshot_equals_the_recount(self):
        for size, count, _ in self.snapshots:
            self.check(size, count)

    def test_answers_of_the_past_stay_as_they_were(self):
        again = self.events[:]
        self.random.shuffle(again)
        for begin in range(0, len(again), 200):
            verdict = self.submit(again[begin:begin + 200])
            self.assertEqual(verdict.accepted, 0)
        self.stack.restart("analytics", extra=["--rebuild"])
        for bypass in (False, True):
            for size, _, results in self.snapshots:
                self.assertEqual(ask(self.stack, QUESTION, as_of=size, min_log_size=size, bypass_cache=bypass)[1], results)

    def test_refunds_that_do_not_count_are_listed(self):
        want = recount(self.events)[1]
        self.stack.restart("analytics")  # what it remembers comes from its own files
        found, token = {}, ""
        while True:
            page = self.stack.analytics().ListExceptions(
                analytics.ListExceptionsRequest(page_size=7, page_token=token), metadata=self.stack.metadata())
            for e in page.exceptions:
                reason = analytics.RefundExceptionReason.Name(e.reason).removeprefix("REFUND_EXCEPTION_REASON_")
                found[(e.source, e.id)] = (reason, e.amount)
                self.assertEqual(e.HasField("original_leaf"), reason == "REFUND_EXCESS")
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(found, want)
        self.assertEqual({reason for reason, _ in want.values()}, {"ORIGINAL_UNKNOWN", "REFUND_EXCESS"})
        self.assertEqual(page.total_count, len(want))
        told = json.loads(self.stack.cli("exceptions", "-o", "json", "--source", "bank").stdout)
        self.assertEqual({r["id"] for r in told}, {i for s, i in want if s == "bank"})

    def test_an_event_is_read_back_in_its_highest_revision(self):
        highest = {}
        for e in self.events:
            if e.source == "bank" and (e.id not in highest or e.revision > highest[e.id].revision):
                highest[e.id] = e
        ids = sorted(highest)[:500]
        answer = self.stack.ingest().BatchGetEvents(ingest.BatchGetEventsRequest(source="bank", ids=ids),
                                                    metadata=self.stack.metadata(), timeout=60)
        self.assertEqual([(e.event.id, e.event.revision, e.event.kind) for e in answer.events],
                         [(i, highest[i].revision, highest[i].kind) for i in ids])

    def test_the_log_is_good(self):
        self.stack.kill("ingest")
        checked = subprocess.run([f"{BIN}/tidemark-ingest", "--check", f"--data={self.stack.data('ingest')}"],
                                 capture_output=True, text=True, timeout=60)
        self.stack.start("ingest")
        self.assertEqual(checked.returncode, 0, checked.stdout)
        self.assertTrue(checked.stdout.endswith("good\n"), checked.stdout)


if __name__ == "__main__":
    unittest.main()
