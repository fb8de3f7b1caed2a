"""An answer given at a snapshot stays that answer, byte for byte: whatever is refunded, revised and withdrawn afterwards, with
the cache and without, on another replica, after a rebuild.

By hand with more events than in the tests:
    TIDEMARK_LATER_EVENTS=1000000 python3 -B -m unittest -v test_answers_stay
"""

import os
import random
import shutil
import sys
import time
import unittest

import grpc
from tidemark.analytics.v1 import analytics_service_pb2 as analytics
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import ask
from questions import KINDS, kinds_of, question
from revised_world import CATALOG, QUESTIONS, RevisedWorld
from stack import Stack

ANSWERS = 200
FIRST_EVENTS = 6000
LATER_EVENTS = int(os.environ.get("TIDEMARK_LATER_EVENTS", "20000"))
BATCH = 2000


class AnswersStay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Small runs for few events, so that sealing, merging and the tail all take part; and every answer is kept in Redis.
        flags = [f"--run_records={max(5000, LATER_EVENTS // 20)}", "--cache_from=0s"]
        cls.stack = Stack(replicas=2, extra={"analytics": flags, "analytics2": flags}).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", "-", "--yes", input=CATALOG)
        cls.world, cls.rng, cls.recorded = RevisedWorld(11), random.Random(12), []
        cls.size = 0
        # The answers are given while events come: at the size of the log after each few batches, and at earlier ones.
        while len(cls.recorded) < ANSWERS:
            cls.send(cls.world.batch(FIRST_EVENTS * 4 // ANSWERS))
            cls.record(4)
        cls.recorded_size = cls.size
        begun = time.monotonic()
        for sent in range(0, LATER_EVENTS, BATCH):
            cls.send(cls.world.batch(min(BATCH, LATER_EVENTS - sent)))
        cls.say(f"{len(cls.recorded)} answers recorded in a log of {cls.recorded_size} records; {LATER_EVENTS} events later "
                f"it has {cls.size} ({time.monotonic() - begun:.0f} s)")

    @staticmethod
    def say(text):
        print(text, file=sys.stderr, flush=True)

    @classmethod
    def send(cls, events):
        deadline = time.monotonic() + 60
        while True:
            try:
                verdict = cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=events),
                                                          metadata=cls.stack.metadata(), timeout=60).verdict
                break
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        assert verdict.accepted == len(events), verdict.exceptions[:3]
        cls.size = verdict.first_leaf + verdict.accepted

    @classmethod
    def wait_for_fold(cls, name):
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            try:
                status = cls.stack.analytics(name).GetFoldStatus(analytics.GetFoldStatusRequest(), metadata=cls.stack.metadata())
                if status.snapshot.log_size >= cls.size:
                    return
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
            time.sleep(0.02)
        raise RuntimeError(f"{name} did not fold {cls.size} records")

    @classmethod
    def record(cls, count):
        cls.wait_for_fold("analytics")
        for _ in range(count):
            q = question(cls.rng, **QUESTIONS)
            size = cls.size if cls.rng.random() < 0.6 else cls.rng.randrange(1, cls.size)
            cls.recorded.append((q, size, cls.answer("analytics", q, size)))

    @classmethod
    def answer(cls, name, q, size, **more):
        """The bytes; of a question that the snapshot refuses (it lacks a code) what it says."""
        try:
            return ask(cls.stack, q, name, as_of=size, **more)[1]
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.INVALID_ARGUMENT:
                raise
            return [f"{error.code()} {error.details()}"]

    def check(self, name, **more):
        begun = time.monotonic()
        self.wait_for_fold(name)
        for q, size, want in self.recorded:
            self.assertEqual(want, self.answer(name, q, size, **more), f"at {size}: {q}")
        self.say(f"  {len(self.recorded)} answers of {name} {more or ''} are the same ({time.monotonic() - begun:.1f} s)")

    def test_1_the_questions_are_of_every_kind_and_most_have_answers(self):
        met = [kind for q, _, _ in self.recorded for kind in kinds_of(q)]
        for kind in KINDS:
            self.assertIn(kind, met)
        answered = [1 for _, _, answer in self.recorded if isinstance(answer[0], bytes)]
        self.assertGreater(len(answered), ANSWERS * 3 // 4)

    def test_2_computed_anew(self):
        self.check("analytics", bypass_cache=True)

    def test_3_with_the_cache_cold_and_warm(self):
        self.check("analytics")
        self.check("analytics2")

    def test_4_after_a_rebuild_from_the_log(self):
        self.stack.kill("analytics")
        shutil.rmtree(self.stack.data("analytics"))
        self.stack.start("analytics")
        self.check("analytics", bypass_cache=True)
        self.check("analytics")

    def test_5_the_present_did_change(self):
        now = [self.answer("analytics", q, self.size) for q, _, _ in self.recorded]
        changed = sum(answer != want for answer, (_, _, want) in zip(now, self.recorded))
        self.assertGreater(changed, ANSWERS * 3 // 4)


if __name__ == "__main__":
    unittest.main()
