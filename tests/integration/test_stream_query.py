"""Large answers by stream: the pages of Query in one call, of one snapshot; and queries that are cancelled."""

import os
import random
import threading
import time
import unittest

import grpc
from tidemark.analytics.v1 import analytics_service_pb2 as service
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import ask, query, rows
from shop import CATALOG, NEW_YEAR_US
from stack import Stack

PRODUCTS, EVENTS = 40_000, 200_000
MEBIBYTE = 1 << 20


class StreamQuery(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", "-", "--yes", input=CATALOG)
        r = random.Random(40)
        events = [event_pb2.Event(source="shop", id=f"e{i}", kind=event_pb2.EVENT_KIND_PURCHASE, amount=1 + r.randrange(99_999),
                                  product=f"数字产品 {i % PRODUCTS:05d}", event_time_us=NEW_YEAR_US + r.randrange(366 * 86_400) * 1_000_000,
                                  consumer=event_pb2.Consumer(scheme="account", id=f"c{r.randrange(50_000)}"))
                  for i in range(EVENTS)]
        cls.amounts = {}
        for event in events:
            cls.amounts[event.product] = cls.amounts.get(event.product, 0) + event.amount
        for begin in range(0, EVENTS, 4_000):
            cls.send(events[begin:begin + 4_000])
        cls.size = cls.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=cls.stack.metadata()).log_size
        ask(cls.stack, query(["net"]), min_log_size=cls.size)

    @classmethod
    def send(cls, events):
        while True:
            try:
                verdict = cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=events), metadata=cls.stack.metadata(),
                                                          timeout=60).verdict
                break
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                time.sleep(0.05)
        assert verdict.accepted == len(events), verdict

    def stream(self, q, timeout=60, **more):
        request = service.StreamQueryRequest(request=service.QueryRequest(query=q, **more))
        return (answer.page for answer in
                self.stack.analytics().StreamQuery(request, metadata=self.stack.metadata(), timeout=timeout))

    def fails(self, code, reason, q, **more):
        with self.assertRaises(grpc.RpcError) as caught:
            list(self.stream(q, **more))
        self.assertEqual(caught.exception.code(), code, caught.exception)
        status = dict(caught.exception.trailing_metadata())["grpc-status-details-bin"]
        self.assertIn(reason.encode(), status)

    def test_large_answers_come_whole(self):
        q = query(["gross"], dimensions=["product"])
        pages = list(self.stream(q, page_size=100_000))
        self.assertGreater(len(pages), 1)
        self.assertGreater(sum(page.ByteSize() for page in pages), MEBIBYTE)
        for page in pages:
            self.assertLess(page.ByteSize(), MEBIBYTE + 4_096)
            self.assertEqual(page.meta.snapshot, pages[0].meta.snapshot)
            self.assertEqual(page.meta.total_row_count, PRODUCTS)
        told = {row["product"]: row["gross"] for page in pages for row in rows(page.result)}
        self.assertEqual(told, self.amounts)

    def test_pages_are_those_of_query(self):
        q = query(["gross", "events"], grain="MONTH", dimensions=["product"], limit=5_000)
        _, results, _ = ask(self.stack, q, page_size=700)
        pages = list(self.stream(q, page_size=700))
        self.assertEqual([page.result.SerializeToString(deterministic=True) for page in pages], results)
        self.assertEqual([page.result.row_count for page in pages], [700] * 7 + [100])
        self.assertEqual(pages[-1].meta.next_page_token, "")
        # An answer that was broken off goes on where it was.
        rest = list(self.stream(q, page_size=700, page_token=pages[2].meta.next_page_token))
        self.assertEqual([page.result.SerializeToString(deterministic=True) for page in rest], results[3:])

    def test_small_and_empty_answers(self):
        page, = self.stream(query(["net"]))
        self.assertEqual(rows(page.result)[0]["net"], sum(self.amounts.values()))
        page, = self.stream(query(["net"], grain="MONTH", dimensions=["product"], range={"first": "2023-01", "last": "2023-02"}))
        self.assertEqual(page.result.row_count, 0)

    def test_one_snapshot_while_the_log_grows(self):
        q = query(["gross"], dimensions=["product"])
        call = self.stream(q, page_size=500)
        told = rows(next(call).result)
        extra = event_pb2.Event(source="shop", id="late", kind=event_pb2.EVENT_KIND_PURCHASE, amount=7, product="数字产品 39999",
                                event_time_us=NEW_YEAR_US)
        self.send([extra])
        size = self.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=self.stack.metadata()).log_size
        ask(self.stack, query(["net"]), min_log_size=size)
        for page in call:
            told += rows(page.result)
        last = next(row["gross"] for row in told if row["product"] == "数字产品 39999")
        self.assertEqual(last, self.amounts["数字产品 39999"])
        self.amounts["数字产品 39999"] += 7
        type(self).size = size

    def test_waits_for_the_fold(self):
        event = event_pb2.Event(source="shop", id="awaited", kind=event_pb2.EVENT_KIND_PURCHASE, amount=3, product="数字产品 00000",
                                event_time_us=NEW_YEAR_US)
        size = self.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=self.stack.metadata()).log_size
        answers = []
        reader = threading.Thread(target=lambda: answers.extend(self.stream(query(["events"]), min_log_size=size + 1)))
        reader.start()
        self.send([event])
        reader.join()
        self.assertGreaterEqual(answers[0].meta.snapshot.log_size, size + 1)
        self.amounts["数字产品 00000"] += 3
        type(self).size = size + 1

    def test_errors(self):
        invalid = grpc.StatusCode.INVALID_ARGUMENT
        self.fails(invalid, "UNKNOWN_MEASURE", query(["grosss"]))
        self.fails(invalid, "UNKNOWN_CODE", query(["net"], filters=[("product", ["nothing"])]))
        self.fails(invalid, "PAGE_TOKEN_INVALID", query(["net"]), page_token="nonsense")
        self.fails(invalid, "PAGE_SIZE_INVALID", query(["net"]), page_size=100_001)
        self.fails(grpc.StatusCode.UNAVAILABLE, "BEHIND", query(["net"]), min_log_size=10**9)
        self.fails(grpc.StatusCode.OUT_OF_RANGE, "AS_OF_AHEAD", query(["net"]), as_of=service.AsOf(log_size=10**9))
        with self.assertRaises(grpc.RpcError) as caught:
            list(self.stack.analytics().StreamQuery(service.StreamQueryRequest(), timeout=10))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAUTHENTICATED)

    def processor_seconds(self):
        with open(f"/proc/{self.stack.processes['analytics'].pid}/stat") as f:
            fields = f.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_a_cancelled_query_stops_working(self):
        # Each asks for distinct consumers of every product and day: much work, and none answers from memory.
        q = query(["consumers", "new_consumers", "quantile(5000)", "orders"], grain="DAY", dimensions=["product"])
        before = self.processor_seconds()
        self.stack.analytics().Query(service.QueryRequest(query=q, page_size=1, bypass_cache=True), metadata=self.stack.metadata(),
                                     timeout=60)
        whole = self.processor_seconds() - before
        self.assertGreater(whole, 0.1, "too little work to tell")
        before = self.processor_seconds()
        for make in (self.stack.analytics().Query.future,
                     lambda request, **more: self.stack.analytics().StreamQuery(service.StreamQueryRequest(request=request), **more)):
            for _ in range(10):
                call = make(service.QueryRequest(query=q, page_size=1, bypass_cache=True), metadata=self.stack.metadata(), timeout=60)
                time.sleep(0.02)
                call.cancel()
        # Behind what was cancelled nothing waits.
        ask(self.stack, query(["net"]))
        time.sleep(0.5)
        self.assertLess(self.processor_seconds() - before, 10 * whole, "20 cancelled queries cost as much as 10 whole ones")


if __name__ == "__main__":
    unittest.main()
