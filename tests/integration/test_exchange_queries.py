"""ExchangeQueries against real processes: each query over an open stream is answered as a call would, what is not taken is
bounded, and streams end as they should."""

import os
import queue
import random
import threading
import time
import unittest

import grpc
from tidemark.analytics.v1 import analytics_service_pb2 as service
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import ask, query
from stack import Stack

PRODUCTS, EVENTS = 20_000, 60_000
NEW_YEAR_US = 1_704_038_400_000_000  # in Shanghai

CATALOG = """
name: observatories/test
displayNames: {en: Test}
observatory: {timeZone: Asia/Shanghai, currency: CNY, scale: 2, start: 2024-01-01}
---
name: sources/shop
displayNames: {en: Shop}
source: {kind: LIVE, reports: {start: 2024-01-01, end: 2025-01-01}}
"""


class Exchange:
    """One stream: send() from this thread, read() the answers in order; close() half-closes."""

    def __init__(self, stub, metadata, timeout=120):
        self._requests = queue.Queue()
        self.call = stub.ExchangeQueries(iter(self._requests.get, None), metadata=metadata, timeout=timeout)

    def send(self, sequence, q, **more):
        self._requests.put(service.ExchangeQueriesRequest(sequence=sequence, request=service.QueryRequest(query=q, **more)))

    def read(self):
        return next(self.call)

    def close(self):
        self._requests.put(None)


class ExchangeQueries(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.apply("-f", "-", input=CATALOG)
        r = random.Random(41)
        events = [event_pb2.Event(source="shop", id=f"e{i}", kind=event_pb2.EVENT_KIND_PURCHASE, amount=1 + r.randrange(99_999),
                                  product=f"数字产品 {i % PRODUCTS:05d}", event_time_us=NEW_YEAR_US + r.randrange(366 * 86_400) * 1_000_000)
                  for i in range(EVENTS)]
        for begin in range(0, EVENTS, 5_000):
            verdict = cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=events[begin:begin + 5_000]),
                                                      metadata=cls.stack.metadata(), timeout=60).verdict
            assert verdict.accepted == 5_000, verdict
        cls.size = cls.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=cls.stack.metadata()).log_size
        ask(cls.stack, query(["net"]), min_log_size=cls.size)

    def open(self, **more):
        return Exchange(self.stack.analytics(), self.stack.metadata(), **more)

    def test_answers_are_those_of_calls(self):
        r = random.Random(42)
        asked = []
        for _ in range(200):
            product = [f"数字产品 {r.randrange(PRODUCTS):05d}" for _ in range(r.randrange(1, 4))]
            asked.append(query(r.sample(["gross", "net", "events", "refunds"], 2), grain=r.choice(["ALL", "MONTH", "DAY"]),
                               dimensions=r.choice([[], ["product"]]), filters=[("product", product)]))
        exchange = self.open()
        for number, q in enumerate(asked):
            exchange.send(number + 1, q, min_log_size=self.size)
        for number, q in enumerate(asked):
            answer = exchange.read()
            self.assertEqual(answer.sequence, number + 1)
            _, results, meta = ask(self.stack, q, as_of=answer.response.meta.snapshot.log_size)
            self.assertEqual(answer.response.meta.snapshot, meta.snapshot)
            self.assertEqual([answer.response.result.SerializeToString(deterministic=True)], results)
        exchange.close()
        self.assertEqual(list(exchange.call), [])
        self.assertEqual(exchange.call.code(), grpc.StatusCode.OK)

    def test_an_error_ends_nothing(self):
        exchange = self.open()
        exchange.send(7, query(["grosss"]))
        exchange.send(8, query(["gross"]))
        bad, good = exchange.read(), exchange.read()
        self.assertEqual((bad.sequence, bad.error.code), (7, grpc.StatusCode.INVALID_ARGUMENT.value[0]))
        self.assertIn("gross", bad.error.message)
        self.assertTrue(bad.error.details)
        self.assertEqual(good.sequence, 8)
        self.assertTrue(good.HasField("response"))
        exchange.close()

    def test_without_a_token_the_stream_ends(self):
        exchange = Exchange(self.stack.analytics(), [])
        with self.assertRaises(grpc.RpcError) as caught:
            exchange.read()
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAUTHENTICATED)

    def resident(self):
        with open(f"/proc/{self.stack.processes['analytics'].pid}/statm") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20

    def test_answers_that_nobody_takes_are_bounded(self):
        large = query(["gross", "events", "average_line"], dimensions=["product"])
        one = self.stack.analytics().Query(service.QueryRequest(query=large, page_size=100_000), metadata=self.stack.metadata(),
                                           timeout=60)
        self.assertGreater(one.ByteSize(), 700_000)
        before = self.resident()
        # Streams that ask for answers of about 0.8 MiB and read none: 16 of each stream would take 300 MiB.
        streams, queries = 24, 20
        exchanges = [self.open() for _ in range(streams)]
        for exchange in exchanges:
            for number in range(queries):
                exchange.send(number + 1, large, page_size=100_000)
        deadline, seen = time.monotonic() + 60, []
        while time.monotonic() < deadline and (len(seen) < 20 or max(seen[-20:]) - min(seen[-20:]) > 4):
            time.sleep(0.1)
            seen.append(self.resident())
        # 128 MiB of answers, and what making them takes.
        self.assertLess(max(seen) - before, 240, f"MiB more of resident memory; before {before}")
        # Others are answered meanwhile.
        ask(self.stack, query(["net"]))
        # Whoever reads gets an answer to each: the page, or that it had to wait.
        counts = {"response": 0, "error": 0}

        def read(exchange):
            for number in range(queries):
                answer = exchange.read()
                self.assertEqual(answer.sequence, number + 1)
                if answer.HasField("error"):
                    self.assertEqual(answer.error.code, grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], answer.error)
                else:
                    self.assertEqual(answer.response.result, one.result)
                counts[answer.WhichOneof("result")] += 1
        readers = [threading.Thread(target=read, args=(exchange,)) for exchange in exchanges]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        self.assertEqual(sum(counts.values()), streams * queries, counts)
        self.assertGreater(counts["response"], 100, counts)
        for exchange in exchanges:
            exchange.close()
            self.assertEqual(list(exchange.call), [])

    def test_a_stop_answers_what_is_under_way_and_ends_the_stream(self):
        with Stack() as stack:
            stack.apply("-f", "-", input=CATALOG)
            exchange = Exchange(stack.analytics(), stack.metadata())
            exchange.send(1, query(["net"]))
            self.assertTrue(exchange.read().HasField("response"))
            stack.processes["analytics"].terminate()
            with self.assertRaises(grpc.RpcError) as caught:
                while True:
                    exchange.read()
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
            self.assertIn("SHUTTING_DOWN", str(caught.exception.trailing_metadata()))
            self.assertEqual(stack.processes["analytics"].wait(timeout=30), 0)


if __name__ == "__main__":
    unittest.main()
