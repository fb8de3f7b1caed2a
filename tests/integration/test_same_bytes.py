"""Equal snapshots give equal bytes: on two replicas, after a restart, after a rebuild, with and without the cache, and
whatever was logged since."""

import os
import random
import shutil
import unittest

from tidemark.analytics.v1 import analytics_service_pb2 as analytics
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import ask
from questions import questions
from stack import SAMPLE, Stack

QUESTIONS = 200


class SameBytes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Small runs, so that sealing, merging and the tail all take part.
        runs = ["--run_records=60000"]
        cls.stack = Stack(replicas=2, extra={"analytics": runs}).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
        cls.stack.cli("import", os.path.join(SAMPLE, "online_retail.csv.gz"), "--mapping",
                      os.path.join(SAMPLE, "mapping.yaml"))
        cls.size = cls.log_size()
        rng = random.Random(7)
        cls.asked = [(q, rng.choice([cls.size, cls.size, rng.randrange(1, cls.size)])) for q in questions(7, QUESTIONS)]
        cls.recorded = cls.answers("analytics", bypass_cache=True)

    @classmethod
    def log_size(cls):
        return cls.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=cls.stack.metadata()).log_size

    @classmethod
    def answers(cls, name, **more):
        cls.wait_for_fold(name)
        return [ask(cls.stack, q, name, as_of=size, **more)[1] for q, size in cls.asked]

    @classmethod
    def wait_for_fold(cls, name):
        import time
        for _ in range(600):
            status = cls.stack.analytics(name).GetFoldStatus(analytics.GetFoldStatusRequest(),
                                                              metadata=cls.stack.metadata())
            if status.snapshot.log_size >= cls.size:
                return
            time.sleep(0.1)
        raise RuntimeError(f"{name} did not fold {cls.size} records")

    def check(self, name, **more):
        for (q, size), want, got in zip(self.asked, self.recorded, self.answers(name, **more)):
            self.assertEqual(want, got, f"at {size}: {q}")

    def test_1_questions_have_answers(self):
        self.assertEqual(len(self.recorded), QUESTIONS)
        self.assertGreater(sum(len(r[0]) > 100 for r in self.recorded), QUESTIONS * 0.9)

    def test_2_the_other_replica(self):
        self.check("analytics2", bypass_cache=True)

    def test_3_cache_cold_and_warm(self):
        self.check("analytics")
        self.check("analytics2")

    def test_4_after_a_kill_and_restart(self):
        self.stack.restart("analytics")
        self.check("analytics", bypass_cache=True)

    def test_5_after_a_rebuild_from_the_log(self):
        self.stack.kill("analytics")
        shutil.rmtree(self.stack.data("analytics"))
        self.stack.start("analytics")
        self.check("analytics", bypass_cache=True)

    def test_6_after_later_events_into_old_months(self):
        late = [event_pb2.Event(source="uk-online-retail", id=f"late-{i}", kind=event_pb2.EVENT_KIND_PURCHASE,
                                event_time_us=1_300_000_000_000_000 + i * 10**9, category="products",
                                consumer_region="gb", amount=10**6) for i in range(5000)]
        verdict = self.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=late),
                                                   metadata=self.stack.metadata()).verdict
        self.assertEqual(verdict.accepted, 5000)
        for name in ("analytics", "analytics2"):
            self.check(name)
            self.check(name, bypass_cache=True)


if __name__ == "__main__":
    unittest.main()
