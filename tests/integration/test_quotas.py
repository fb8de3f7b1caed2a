"""Quotas of sources: one for all fronts through Redis, one for each process without it."""

import os
import time
import unittest

import grpc
from google.rpc import error_details_pb2, status_pb2

from tidemark.ingest.v1 import event_pb2, ingest_service_pb2 as ingest

from stack import SAMPLE, Stack

SOURCE = "limited"
# Slow enough that the bucket does not fill while the test runs: one event in a hundred seconds would be best, but a second is
# the unit. What may have come meanwhile is allowed for.
BURST = 1000
CATALOG = f"""
name: sources/{SOURCE}
source: {{kind: LIVE, quota: {{eventsPerSecond: 1, burst: {BURST}}}}}
"""


class Quotas(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(fronts=2).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
        cls.stack.cli("apply", "-f", "-", "--yes", input=CATALOG)
        cls.next = 0
        # Until all three judge by the view that has the source and its quota: validation takes nothing of it.
        for name in ("ingest", "front1", "front2"):
            deadline = time.monotonic() + 60
            while True:
                try:
                    if cls.submit(name, 1, validate_only=True).verdict.accepted == 1:
                        break
                except grpc.RpcError as error:
                    if error.code() != grpc.StatusCode.UNAVAILABLE:
                        raise
                if time.monotonic() > deadline:
                    raise AssertionError("the source does not arrive")
                time.sleep(0.05)

    @classmethod
    def submit(cls, name, count, validate_only=False):
        events = []
        for _ in range(count):
            cls.next += 1
            events.append(event_pb2.Event(source=SOURCE, id=f"e-{cls.next}", kind=event_pb2.EVENT_KIND_PURCHASE,
                                          event_time_us=1_300_000_000_000_000, amount=100, consumer_region="gb"))
        return cls.stack.ingest(name).SubmitEvents(
            ingest.SubmitEventsRequest(events=events, validate_only=validate_only), timeout=30,
            metadata=cls.stack.metadata(cls.stack.token("service")))

    def refused(self, name, count):
        """Reason and seconds of RetryInfo (None: there is none) of a batch above the quota."""
        with self.assertRaises(grpc.RpcError) as caught:
            self.submit(name, count)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        details = dict(caught.exception.trailing_metadata())["grpc-status-details-bin"]
        reason, seconds = None, None
        for detail in status_pb2.Status.FromString(details).details:
            retry = error_details_pb2.RetryInfo()
            if detail.Unpack(retry):
                seconds = retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9
            elif detail.type_url.endswith("google.rpc.ErrorInfo"):
                reason = next(r for r in ("QUOTA_EXCEEDED", "QUOTA_BATCH_TOO_LARGE") if r.encode() in detail.value)
        return reason, seconds

    def test_1_two_fronts_and_the_owner_share_one_quota(self):
        self.assertEqual(self.refused("front1", BURST + 1), ("QUOTA_BATCH_TOO_LARGE", None))
        self.assertEqual(self.submit("front1", BURST // 2).verdict.accepted, BURST // 2)
        self.assertEqual(self.submit("front2", BURST // 2).verdict.accepted, BURST // 2)
        for name in ("front1", "front2", "ingest"):
            reason, seconds = self.refused(name, BURST)
            self.assertEqual(reason, "QUOTA_EXCEEDED")
            self.assertGreater(seconds, 0)
            self.assertLessEqual(seconds, BURST)
        size = self.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=self.stack.metadata()).log_size
        # Nothing of what was refused: the events of two batches, and marks of the catalog.
        self.assertLess(size, BURST + 20)

    def test_2_without_redis_each_goes_on_by_itself(self):
        self.stack.kill("redis")
        # Each saw the shared bucket nearly empty; front2 and the others still know.
        for name in ("front1", "front2"):
            self.assertEqual(self.refused(name, BURST)[0], "QUOTA_EXCEEDED")
        # The owner has never taken from it: its own is full, once.
        self.assertEqual(self.submit("ingest", BURST - 1).verdict.accepted, BURST - 1)
        self.assertEqual(self.refused("ingest", BURST)[0], "QUOTA_EXCEEDED")
        # Other sources are not held back.
        other = event_pb2.Event(source="uk-online-retail", id="free", kind=event_pb2.EVENT_KIND_PURCHASE,
                                event_time_us=1_300_000_000_000_000, amount=100, consumer_region="gb")
        verdict = self.stack.ingest("front1").SubmitEvents(
            ingest.SubmitEventsRequest(events=[other]), timeout=30,
            metadata=self.stack.metadata(self.stack.token("service"))).verdict
        self.assertEqual(verdict.accepted, 1)

    def test_3_redis_comes_back_and_is_shared_again(self):
        self.stack.start("redis")
        # Empty, so full again for everybody together, as soon as each has tried it again. Who has not, refuses by its own bucket.
        taken = 0
        deadline = time.monotonic() + 60
        while taken < BURST and time.monotonic() < deadline:
            for name in ("front1", "front2"):
                try:
                    taken += self.submit(name, BURST // 2).verdict.accepted
                except grpc.RpcError as error:
                    self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
            time.sleep(0.1)
        self.assertEqual(taken, BURST)
        self.assertEqual(self.refused("front1", BURST)[0], "QUOTA_EXCEEDED")


if __name__ == "__main__":
    unittest.main()
