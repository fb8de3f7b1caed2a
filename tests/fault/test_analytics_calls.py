"""Analytics with a fault at each of its file system calls: its answers are those of one that was never disturbed, byte for
byte, or it gives none and says why."""

import os
import shutil
import unittest

import grpc

from tidemark.ingest.v1 import ingest_service_pb2_grpc

from answers import ask, query
from campaign import Campaign
from faults import Faulty, alive, check_end, listening, stop, until
from sent import CLEAR, Sent, apply_little_catalog, event, expect, reason
from stack import Stack

# So few that a small log makes several runs, and merges of them.
RUN_RECORDS = 400
QUERIES = (query(["net", "events", "quantile(5000)"], "DAY", ["category"]), query(["gross", "refunds", "net"], "MONTH"))


class AnalyticsCalls(unittest.TestCase):
    def setUp(self):
        self.stack = Stack(redis=False, extra={"analytics": [f"--run_records={RUN_RECORDS}"]})
        self.addCleanup(self.stack.__exit__)
        self.stack.start("catalog")
        apply_little_catalog(self.stack)
        self.stack.start("ingest")
        self.sent = Sent()
        self.faulty = Faulty(self.stack, "analytics")
        self.errors = {}

    def submit(self, numbers):
        with self.stack.channel("ingest") as channel:
            stub = ingest_service_pb2_grpc.IngestServiceStub(channel)
            events = [event(i * 500, refund_of=(i - 3) * 500 if i % 50 == 49 else None) for i in numbers]
            for start in range(0, len(events), 150):
                until(lambda: self.sent.submit(stub, self.stack.metadata(), events[start:start + 150]) is None)
            self.size = self.sent.take_checkpoint(stub, self.stack.metadata()).log_size

    def answers(self, seconds):
        """The bytes of the answers at the log's size; None when there were none in time, or the service has ended."""
        got = []

        def ask_once():
            if not alive(self.stack, "analytics"):
                return True
            try:
                got[:] = [ask(self.stack, q, as_of=self.size)[1] for q in QUERIES]
                return True
            except grpc.RpcError as error:
                # Both are what one that is still behind says.
                if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.OUT_OF_RANGE):
                    name = " ".join(filter(None, (error.code().name, reason(error))))
                    self.errors[name] = self.errors.get(name, 0) + 1
                    expect(error.code() in CLEAR, f"a client was told {error.code().name}: {error.details()}")
                return False

        try:
            until(ask_once, seconds, pause=0.03)
        except TimeoutError:
            self.errors["no answer"] = self.errors.get("no answer", 0) + 1
        return got or None

    def live(self, fault=None):
        """Starts, folds, answers, stops; returns the answers."""
        self.faulty.start(fault)
        got = None
        if listening(self.stack, "analytics"):
            got = self.answers(3 if fault else 30)
        check_end(self.stack, "analytics", stop(self.stack, "analytics"), fault)
        expect(got is not None or fault is not None, "no answer without a fault")
        return got

    def campaign(self, name, fresh):
        def restore():
            shutil.rmtree(self.stack.data("analytics"), ignore_errors=True)
            if fresh is not None:
                shutil.copytree(fresh, self.stack.data("analytics"))

        restore()
        undisturbed = self.live()
        self.assertTrue([f for f in os.listdir(self.stack.data("analytics")) if f.endswith(".run")], "no run was written")

        def case(fault):
            restore()
            self.errors = {}
            try:
                got = self.live(fault)
                calls = self.faulty.journal()
                expect(got in (None, undisturbed), "an answer differs")
                expect(self.live() == undisturbed, "an answer differs after a restart")
                return calls, self.errors
            finally:
                self.stack.kill("analytics")

        Campaign(f"analytics_calls.AnalyticsCalls.{name}", case, 18).run()

    def test_first_start(self):
        self.submit(range(1800))
        self.campaign("test_first_start", None)

    def test_later_start(self):
        self.submit(range(1300))
        self.live()
        fresh = os.path.join(self.stack.folder, "analytics.fresh")
        shutil.copytree(self.stack.data("analytics"), fresh)
        self.submit(range(1300, 2600))
        self.campaign("test_later_start", fresh)


if __name__ == "__main__":
    unittest.main()
