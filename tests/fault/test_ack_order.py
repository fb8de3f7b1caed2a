"""No acknowledgement leaves the process before the disk has said that what it acknowledges is there.

The library in the service records when each call was begun and when it had returned; every sync is made slow, so that an
answer that does not wait for it cannot come after it by luck. What the disk itself does is not tested.
"""

import threading
import unittest

from tidemark.ingest.v1 import ingest_service_pb2 as ingest
from tidemark.ingest.v1 import ingest_service_pb2_grpc

from ack_order import Block, blocks_of, unsynced_acks
from faults import Call, Faulty, listening, stop, until
from sent import apply_little_catalog, event
from stack import Stack

THREADS, BATCHES, SYNC_US = 6, 20, 5_000


class Producer(threading.Thread):
    """Sends batches of its own one after the other, every third a second time; keeps the answers as they came."""

    def __init__(self, stack, number):
        super().__init__()
        self.stack, self.number, self.acks, self.error = stack, number, [], None

    def run(self):
        try:
            with self.stack.channel("ingest") as channel:
                submit = channel.unary_unary("/tidemark.ingest.v1.IngestService/SubmitEvents",
                                             ingest.SubmitEventsRequest.SerializeToString, bytes)
                for batch in range(BATCHES):
                    start = (self.number * BATCHES + batch) * 10
                    request = ingest.SubmitEventsRequest(events=[event(i) for i in range(start, start + 1 + batch % 7)])
                    for _ in range(2 if batch % 3 == 0 else 1):
                        self.acks.append(self._leaves(submit(request, metadata=self.stack.metadata(), timeout=30)))
        except Exception as error:
            self.error = error

    @staticmethod
    def _leaves(answer):
        verdict = ingest.SubmitEventsResponse.FromString(answer).verdict
        return answer, [*range(verdict.first_leaf, verdict.first_leaf + verdict.accepted),
                        *(exception.leaf for exception in verdict.exceptions)]


class AckOrder(unittest.TestCase):
    def test_synced_before_answered(self):
        stack = Stack(redis=False)
        self.addCleanup(stack.__exit__)
        stack.start("catalog")
        apply_little_catalog(stack)
        faulty = Faulty(stack, "ingest")
        faulty.start(SENDS=1, SYNC_DELAY_US=SYNC_US)
        self.assertTrue(listening(stack, "ingest"), "ingest did not start")
        until(lambda: stack._is_ready("ingest"))
        with stack.channel("ingest") as channel:
            stub = ingest_service_pb2_grpc.IngestServiceStub(channel)
            until(lambda: stub.GetLogStatus(ingest.GetLogStatusRequest(), metadata=stack.metadata()).log_size > 0)
        producers = [Producer(stack, number) for number in range(THREADS)]
        for producer in producers:
            producer.start()
        for producer in producers:
            producer.join()
            self.assertIsNone(producer.error)
        self.assertEqual(stop(stack, "ingest"), 0)
        acks = [ack for producer in producers for ack in producer.acks]
        blocks, calls = blocks_of(stack.data("ingest")), faulty.journal()
        wrong = unsynced_acks(calls, blocks, acks)
        syncs = sum(call.name == "fdatasync" and call.object.endswith(".tmb") for call in calls)
        print(f"{len(acks)} acknowledgements of {sum(len(leaves) for _, leaves in acks)} events in {len(blocks)} blocks, "
              f"{syncs} syncs of block files, {len(wrong)} acknowledged too early")
        print("    again: tests/fault/run.sh ack_order", flush=True)
        self.assertEqual(wrong, [])
        self.assertGreater(syncs, 10)


def call(place, name, left=None, result=0, offset=0, object="log"):
    return Call(place, left or place + 1, 1, name, result, "none", offset, max(result, 0), object)


def send(place, data, fd=7):
    return Call(place, place + 1, 0, "send", len(data), "none", fd, len(data), data.hex())


class Checker(unittest.TestCase):
    """The checker notices what it is for."""

    BLOCKS = [Block("log", 0, 100, 0, 5), Block("log", 100, 50, 5, 5)]

    def check(self, *calls, leaves=(5, 6)):
        return unsynced_acks(calls, self.BLOCKS, [(b"answer", list(leaves))])

    def test_good(self):
        written = call(10, "pwrite", result=50, offset=100)
        self.assertEqual(self.check(written, call(20, "fdatasync"), send(30, b"head answer")), [])
        # One write of both blocks, the answer cut over two sends.
        self.assertEqual(self.check(call(10, "pwrite", result=150), call(20, "fdatasync"), send(30, b"ans"),
                                    send(40, b"wer"), leaves=range(8)), [])

    def test_answered_before_synced(self):
        written = call(10, "pwrite", result=50, offset=100)
        self.assertIn("synced until", self.check(written, call(20, "fdatasync", left=40), send(30, b"answer"))[0])
        self.assertIn("synced until", self.check(written, send(30, b"answer"), call(40, "fdatasync"))[0])

    def test_begun_before_the_sync(self):
        written = call(10, "pwrite", result=50, offset=100)
        self.assertIn("synced until", self.check(written, send(19, b"ans"), call(20, "fdatasync"), send(30, b"wer"))[0])

    def test_not_synced(self):
        written = call(10, "pwrite", result=50, offset=100)
        for other in (call(20, "fdatasync", result=-5), call(20, "fdatasync", object="another file"), call(5, "fdatasync")):
            self.assertIn("never synced", self.check(written, other, send(30, b"answer"))[0])

    def test_sync_begun_while_writing(self):
        self.assertIn("never synced", self.check(call(10, "pwrite", left=21, result=50, offset=100), call(20, "fdatasync"),
                                                 send(30, b"answer"))[0])

    def test_not_written(self):
        self.assertIn("not written", self.check(call(10, "pwrite", result=100), call(20, "fdatasync"),
                                                send(30, b"answer"))[0])
        self.assertIn("never sent", self.check(send(30, b"another"))[0])

    def test_each_leaf_counts(self):
        self.assertEqual(len(self.check(call(10, "pwrite", result=50, offset=100), call(20, "fdatasync"),
                                        send(30, b"answer"), leaves=(4, 5))), 1)


if __name__ == "__main__":
    unittest.main()
