"""Fifty producers that know nothing but to send again, several of them the same events at the same time, against an ingest
service that is killed every second.

    TIDEMARK_STORM_SECONDS=60   how long (default 8)
    TIDEMARK_SEED=7             which batches
"""

import os
import random
import threading
import time
import unittest

import grpc

from tidemark.ingest.v1 import ingest_service_pb2_grpc

from faults import listening, stop, until
from sent import Sent, apply_little_catalog, check_files, event, expect
from stack import Stack

SECONDS = float(os.environ.get("TIDEMARK_STORM_SECONDS", "8"))
SEED = int(os.environ.get("TIDEMARK_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
PRODUCERS = 50
# New events a second, of all producers together; each is sent by several of them.
EVENTS_A_SECOND = 2000
WINDOW = 1500


def numbered(number):
    """Every twentieth is a refund, half of them of a purchase that comes later."""
    if number % 20 == 7:
        return event(number, refund_of=number + (5 if number % 40 == 7 else -5))
    return event(number)


class Storm:
    def __init__(self, stack):
        self.stack, self.sent, self.failures = stack, Sent(), []
        self.begun = time.monotonic()
        self.kills = 0
        self.kills_with_acks = 0

    def over(self):
        return bool(self.failures) or time.monotonic() - self.begun > SECONDS

    def channel(self):
        """A connection of its own that is made again at once when it breaks."""
        return grpc.insecure_channel(self.stack.address("ingest"), options=[
            ("grpc.use_local_subchannel_pool", 1), ("grpc.initial_reconnect_backoff_ms", 20),
            ("grpc.max_reconnect_backoff_ms", 100)])

    def guarded(self, work):
        def run():
            try:
                with self.channel() as channel:
                    work(ingest_service_pb2_grpc.IngestServiceStub(channel))
            except Exception as error:
                self.failures.append(error)
        return threading.Thread(target=run)

    def producer(self, number):
        rng = random.Random(SEED * 1000 + number)

        def work(stub):
            while not self.over():
                newest = int((time.monotonic() - self.begun) * EVENTS_A_SECOND)
                start = max(0, newest - rng.randrange(WINDOW))
                batch = [numbered(i) for i in range(start, start + rng.randrange(5, 60))]
                # Waits for a connection: this library makes none while nobody waits.
                while self.sent.submit(stub, self.stack.metadata(), batch, timeout=5, wait=True) is not None and not self.over():
                    time.sleep(rng.random() * 0.05)
                # Blindly once more, as a producer does that lost the answer.
                if rng.random() < 0.3:
                    self.sent.submit(stub, self.stack.metadata(), batch, timeout=5, wait=True)
        return self.guarded(work)

    def auditor(self):
        def work(stub):
            while not self.over():
                self.sent.take_checkpoint(stub, self.stack.metadata())
                time.sleep(0.1)
        return self.guarded(work)

    def kill_every_second(self):
        """On a machine too busy to have it up and heard by then, as soon as it has acknowledged something, at most three
        seconds later: a service that never gets to its log proves nothing."""
        while not self.over():
            acks = self.sent.acks
            time.sleep(1)
            deadline = time.monotonic() + 3
            while self.sent.acks == acks and time.monotonic() < deadline:
                time.sleep(0.01)
            self.stack.kill("ingest")
            self.kills += 1
            self.kills_with_acks += self.sent.acks > acks
            self.stack.start("ingest", wait=False)


class RetryStorm(unittest.TestCase):
    def test_nothing_lost_nothing_twice(self):
        stack = Stack(redis=False)
        self.addCleanup(stack.__exit__)
        stack.start("catalog")
        apply_little_catalog(stack)
        stack.start("ingest")
        storm = Storm(stack)
        threads = [storm.producer(number) for number in range(PRODUCERS)] + [storm.auditor()]
        for thread in threads:
            thread.start()
        storm.kill_every_second()
        for thread in threads:
            thread.join()
        self.report(storm)
        if storm.failures:
            raise storm.failures[0]
        self.check(stack, storm)

    def report(self, storm):
        sent = storm.sent
        print(f"seed {SEED}: {SECONDS:.0f} s, {storm.kills} kills, {storm.kills_with_acks} after an acknowledgement; "
              f"{sent.batches} batches sent, {sent.acks} acknowledged, {sent.duplicates} duplicates reported; "
              f"{len(sent.events)} events, {len(sent.accepted)} acknowledged as new, "
              f"{len(sent.leaves)} acknowledged at all; {len(sent.checkpoints)} checkpoints; "
              f"clients were told {dict(sent.errors)}; {len(storm.failures)} failures")
        print(f"    again: TIDEMARK_STORM_SECONDS={SECONDS:.0f} TIDEMARK_SEED={SEED} tests/fault/run.sh retry_storm",
              flush=True)

    def check(self, stack, storm):
        stop(stack, "ingest")
        stack.start("ingest", wait=False)
        self.assertTrue(listening(stack, "ingest"), stack.log("ingest")[-3000:])
        with stack.channel("ingest") as channel:
            stub = ingest_service_pb2_grpc.IngestServiceStub(channel)
            # One more, so that it is known to take events again.
            until(lambda: storm.sent.submit(stub, stack.metadata(), [event(10**7)]) is None)
            found = storm.sent.check_served(stub, stack.metadata())
        self.assertEqual(stop(stack, "ingest"), 0)
        events = check_files(stack.data("ingest"))
        expect(events == found, f"the log has {events} events, {found} of those sent")
        print(f"    the log holds {events} events, {events - len(storm.sent.leaves)} of them never acknowledged; 0 lost",
              flush=True)
        self.assertGreater(storm.kills_with_acks, storm.kills / 2, "most of the time nothing was acknowledged")
        self.assertGreater(storm.sent.duplicates, 0)


if __name__ == "__main__":
    unittest.main()
