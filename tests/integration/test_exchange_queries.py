"""ExchangeQueries against real processes: each query over an open stream is answered as a call would, what is not taken is
bounded, and streams end as they should."""

import os
import random
import threading
import time
import unittest

import grpc
from tidemark.analytics.v1 import analytics_service_pb2 as service
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import ask, query
from exchange import Exchange
from shop import CATALOG, NEW_YEAR_US
from stack import Stack

PRODUCTS, EVENTS = 20_000, 60_000
MEBIBYTE = 1 << 20


def asked(sequence, q, **more):
    return service.ExchangeQueriesRequest(sequence=sequence, request=service.QueryRequest(query=q, **more))


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

    def open(self):
        return Exchange(self.stack.analytics().ExchangeQueries, self.stack.metadata(), timeout=120)

    def test_answers_are_those_of_calls(self):
        r = random.Random(42)
        queries = []
        for _ in range(200):
            product = [f"数字产品 {r.randrange(PRODUCTS):05d}" for _ in range(r.randrange(1, 4))]
            queries.append(query(r.sample(["gross", "net", "events", "refunds"], 2), grain=r.choice(["ALL", "MONTH", "DAY"]),
                                 dimensions=r.choice([[], ["product"]]), filters=[("product", product)]))
        exchange = self.open()
        for number, q in enumerate(queries):
            exchange.send(asked(number + 1, q, min_log_size=self.size))
        for number, q in enumerate(queries):
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
        exchange.send(asked(7, query(["grosss"])))
        exchange.send(asked(8, query(["gross"])))
        bad, good = exchange.read(), exchange.read()
        self.assertEqual((bad.sequence, bad.error.code), (7, grpc.StatusCode.INVALID_ARGUMENT.value[0]))
        self.assertIn("gross", bad.error.message)
        self.assertTrue(bad.error.details)
        self.assertEqual(good.sequence, 8)
        self.assertTrue(good.HasField("response"))
        exchange.close()

    def test_bytes_that_make_no_sense_end_nothing(self):
        raw = self.stack.channel("analytics").stream_stream("/tidemark.analytics.v1.AnalyticsService/ExchangeQueries")
        # No message; a number and a query that is none; more than a request may have; and one that is answered.
        messages = [b"\xff\xff", b"\x08\x2a\x12\x01\x0c", b"\x08\x07\x12\x80\x80\x80\x01" + bytes(2 * MEBIBYTE),
                    asked(9, query(["gross"])).SerializeToString()]
        told = [service.ExchangeQueriesResponse.FromString(answer)
                for answer in raw(iter(messages), metadata=self.stack.metadata(), timeout=60)]
        self.assertEqual([answer.sequence for answer in told], [0, 42, 7, 9])
        self.assertEqual([answer.error.code for answer in told], [3, 3, 8, 0])
        for answer, reason in zip(told, ("MALFORMED_REQUEST", "MALFORMED_REQUEST", "REQUEST_TOO_LARGE")):
            self.assertIn(reason.encode(), answer.error.SerializeToString())
        self.assertTrue(told[-1].HasField("response"))
        with self.assertRaises(grpc.RpcError) as caught:
            list(raw(iter([bytes(5 * MEBIBYTE)]), metadata=self.stack.metadata(), timeout=60))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)

    def test_without_a_token_the_stream_ends(self):
        exchange = Exchange(self.stack.analytics().ExchangeQueries, [])
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
                exchange.send(asked(number + 1, large, page_size=100_000))
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
            exchange = Exchange(stack.analytics().ExchangeQueries, stack.metadata())
            exchange.send(asked(1, query(["net"])))
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
