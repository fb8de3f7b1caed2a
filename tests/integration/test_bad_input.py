"""Whatever is sent, the answer is a clear error, the services stay up, and memory does not grow."""

import os
import time
import unittest

import grpc

from google.rpc import error_details_pb2
from tidemark.analytics.v1 import analytics_service_pb2 as analytics
from tidemark.catalog.v1 import catalog_service_pb2 as catalog
from tidemark.catalog.v1 import resource_pb2, types_pb2
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest
from tidemark.ingest.v1 import verdict_pb2

from answers import ask, query
from stack import SAMPLE, Stack

SOURCE = "uk-online-retail"
SUBMIT = "/tidemark.ingest.v1.IngestService/SubmitEvents"
AUGUST_2011_US = 1_312_200_000_000_000
BAD_REQUESTS = int(os.environ.get("TIDEMARK_BAD_REQUESTS", "100000"))


def event(id, **more):
    fields = dict(source=SOURCE, id=id, kind=event_pb2.EVENT_KIND_PURCHASE, event_time_us=AUGUST_2011_US,
                  category="products", amount=1000)
    fields.update(more)
    return event_pb2.Event(**{k: v for k, v in fields.items() if v is not None})


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def batch(*events):
    """A SubmitEventsRequest of events given as messages or as raw bytes."""
    parts = [e if isinstance(e, bytes) else e.SerializeToString() for e in events]
    return b"".join(b"\x0a" + varint(len(p)) + p for p in parts)


def wait_for_source(stack, raw):
    """Until ingest has the catalog and takes events of SOURCE."""
    deadline = time.monotonic() + 10
    while True:
        try:
            verdict = raw(batch(event("warm-up")), metadata=stack.metadata(), timeout=30).verdict
            if verdict.accepted or verdict.exceptions[0].kind == verdict_pb2.EXCEPTION_KIND_DUPLICATE:
                return
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE, error
        assert time.monotonic() < deadline, "ingest does not know the source"
        time.sleep(0.05)


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
        cls.channel = cls.stack.channel("ingest")
        cls.addClassCleanup(cls.channel.close)
        cls.raw = staticmethod(cls.channel.unary_unary(SUBMIT, bytes, ingest.SubmitEventsResponse.FromString))
        wait_for_source(cls.stack, cls.raw)

    def tearDown(self):
        for name in ("catalog", "ingest", "analytics"):
            self.assertIsNone(self.stack.processes[name].poll(), f"{name} is gone:\n{self.stack.log(name)[-3000:]}")

    @classmethod
    def submit(cls, *events):
        return cls.raw(batch(*events), metadata=cls.stack.metadata(), timeout=30).verdict

    def rejection(self, e):
        """(code, field, message) of an event that must be rejected."""
        verdict = self.submit(e)
        self.assertEqual(verdict.accepted, 0)
        [exception] = verdict.exceptions
        self.assertEqual(exception.kind, verdict_pb2.EXCEPTION_KIND_REJECTED)
        self.assertTrue(exception.status.message)
        field = ""
        for detail in exception.status.details:
            bad = error_details_pb2.BadRequest()
            if detail.Unpack(bad):
                field = bad.field_violations[0].field
        return exception.status.code, field, exception.status.message

    def refused(self, call):
        with self.assertRaises(grpc.RpcError) as error:
            call()
        self.assertTrue(error.exception.details(), "an error without a message")
        return error.exception

    def test_garbage_bytes_name_what_was_expected(self):
        for service, method in (("ingest", SUBMIT), ("ingest", "/tidemark.ingest.v1.IngestService/BatchGetEvents"),
                                ("catalog", "/tidemark.catalog.v1.CatalogService/ApplyResources"),
                                ("analytics", "/tidemark.analytics.v1.AnalyticsService/Query")):
            with self.stack.channel(service) as channel:
                call = channel.unary_unary(method, bytes, bytes)
                error = self.refused(lambda: call(b"\xff\xfe\xfd\x07garbage", metadata=self.stack.metadata(), timeout=10))
                self.assertEqual(error.code(), grpc.StatusCode.INVALID_ARGUMENT, f"{method}: {error}")

    def test_invalid_utf8_costs_one_event(self):
        bad = event("utf8-bad", product="XXXX").SerializeToString().replace(b"XXXX", b"\xff\xc0XX")
        verdict = self.submit(event("utf8-1"), bad, event("utf8-2", product="数字产品"))
        self.assertEqual(verdict.accepted, 2)
        [exception] = verdict.exceptions
        self.assertEqual(exception.position, 1)
        self.assertIn("product", exception.status.message)
        self.assertIn("UTF-8", exception.status.message)

    def test_truncated_event_costs_one_event(self):
        whole = event("cut-bad", product="some product").SerializeToString()
        verdict = self.submit(event("cut-1"), whole[:-5], event("cut-2"))
        self.assertEqual((verdict.accepted, [e.position for e in verdict.exceptions]), (2, [1]))

    def test_a_message_of_100_MB_is_refused(self):
        error = self.refused(lambda: self.raw(b"\x0a" + varint(100 << 20) + b"x" * (100 << 20),
                                              metadata=self.stack.metadata(), timeout=60))
        self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)

    def test_a_batch_of_a_million_events_is_refused_whole(self):
        for one in (batch(event_pb2.Event(source="s", id="i", amount=1)), batch(b"\x08\x01")):
            error = self.refused(lambda: self.raw(one * 10**6, metadata=self.stack.metadata(), timeout=60))
            self.assertEqual(error.code(), grpc.StatusCode.INVALID_ARGUMENT)
            self.assertIn("100000", error.details().replace(",", ""))

    def test_amounts(self):
        for amount in (0, -1, 10**15 + 1, 2**63 - 1, -2**63):
            code, field, message = self.rejection(event(f"amount{amount}", amount=amount))
            self.assertEqual((code, field), (3, "amount"), message)
        self.assertEqual(self.submit(event("amount-most", amount=10**15)).accepted, 1)
        self.assertEqual(self.rejection(event("amount-none", amount=None))[1], "amount")
        self.assertEqual(self.rejection(event("use", kind=event_pb2.EVENT_KIND_SERVICE_USE))[1], "amount")

    def test_times(self):
        year_1, year_9999 = -62_135_596_800_000_000, 253_402_214_400_000_000
        now = int(time.time() * 1e6)
        for t in (year_1, year_9999, now + 3_600_000_000, 2**63 - 1, -2**63):
            self.assertEqual(self.rejection(event(f"time{t}", event_time_us=t))[1], "event_time_us")
        self.assertEqual(self.rejection(event("no-time", event_time_us=None))[1], "event_time_us")

    def test_unknown_codes_name_the_nearest(self):
        code, field, message = self.rejection(event("code", category="product"))
        self.assertEqual(field, "category")
        self.assertIn("products", message)
        self.assertEqual(self.rejection(event("region", consumer_region="gbr"))[1], "consumer_region")
        self.assertEqual(self.rejection(event("scenario", scenario="one-card"))[1], "scenario")
        self.assertEqual(self.rejection(event("empty", product=""))[1], "product")
        self.assertEqual(self.rejection(event("long", product="x" * 65))[1], "product")
        self.assertEqual(self.rejection(event("", product="x"))[1], "id")
        self.assertEqual(self.rejection(event("x" * 129))[1], "id")

    def test_duplicates_inside_a_batch_point_at_the_first(self):
        verdict = self.submit(event("twin"), event("twin"), event("twin", amount=999), event("other"))
        self.assertEqual(verdict.accepted, 2)
        duplicate, conflict = verdict.exceptions
        self.assertEqual((duplicate.position, duplicate.kind), (1, verdict_pb2.EXCEPTION_KIND_DUPLICATE))
        self.assertEqual((conflict.position, conflict.kind), (2, verdict_pb2.EXCEPTION_KIND_CONFLICT))
        self.assertEqual({duplicate.leaf, conflict.leaf}, {verdict.first_leaf})
        self.assertEqual((duplicate.first_position, conflict.first_position), (0, 0))
        self.assertTrue(duplicate.HasField("first_position"))
        self.assertIn("amount", conflict.status.message)

    def test_catalog_refuses_cycles_and_stale_etags(self):
        stub, metadata = self.stack.catalog(), self.stack.metadata()
        category = lambda id, parent, etag="": resource_pb2.Resource(
            name=f"categories/{id}", etag=etag, category=types_pb2.Category(parent=parent))
        apply = lambda *r: stub.ApplyResources(catalog.ApplyResourcesRequest(resources=r), metadata=metadata)
        apply(category("c-a", ""), category("c-b", "categories/c-a"))
        error = self.refused(lambda: apply(category("c-a", "categories/c-b")))
        self.assertEqual(error.code(), grpc.StatusCode.FAILED_PRECONDITION)
        error = self.refused(lambda: apply(category("c-a", "", etag="stale")))
        self.assertEqual(error.code(), grpc.StatusCode.ABORTED)
        error = self.refused(lambda: apply(category("c-c", "categories/nowhere")))
        self.assertEqual(error.code(), grpc.StatusCode.FAILED_PRECONDITION)
        error = self.refused(lambda: apply(category("Upper_Case", "")))
        self.assertEqual(error.code(), grpc.StatusCode.INVALID_ARGUMENT)

    def test_queries_name_the_nearest_valid_words(self):
        for q, word in ((query(["gros"]), "gross"), (query(["net"], dimensions=["categori"]), "category"),
                        (query(["net"], dimensions=["consumer_region@natoin"]), "nation"),
                        (query(["net"], filters=[("category", ["product"])]), "products"),
                        (query(["net"], range={"first": "2011-13"}), "2011-13"),
                        (query(["quantile(0)"]), "quantile"), (query([]), "measures")):
            error = self.refused(lambda: ask(self.stack, q))
            self.assertEqual(error.code(), grpc.StatusCode.INVALID_ARGUMENT, error)
            self.assertIn(word, error.details())

    def test_the_largest_verdict_fits_the_default_limit_of_a_client(self):
        metadata = self.stack.metadata()
        # Good ones first: they are durable whatever becomes of the answer.
        events = [event(f"large-good{i}").SerializeToString() for i in range(10)]
        events += [event(f"large{i}", category=f"unknown-{i}").SerializeToString() for i in range(49_990)]
        events += [event(f"large{i}", product="x" * 65, amount=1).SerializeToString() for i in range(50_000)]
        with grpc.insecure_channel(self.stack.address("ingest")) as channel:
            call = channel.unary_unary(SUBMIT, bytes, ingest.SubmitEventsResponse.FromString)
            verdict = call(batch(*events), metadata=metadata, timeout=60).verdict
        self.assertEqual((verdict.accepted, len(verdict.exceptions)), (10, 99_990))
        self.assertLess(verdict.ByteSize(), 3 << 20)
        self.assertEqual([(r.reason, r.field, r.count) for r in verdict.reasons],
                         [("UNKNOWN_CATEGORY", "category", 49_990), ("TOO_LONG", "product", 50_000)])
        for exception in verdict.exceptions:
            self.assertEqual(exception.kind, verdict_pb2.EXCEPTION_KIND_REJECTED)
            self.assertEqual(exception.reason, 0 if exception.position < 50_000 else 1)
            place = exception.position - (10 if exception.position < 50_000 else 50_000)
            self.assertEqual(exception.HasField("status"), place < 100, exception.position)


class Memory(unittest.TestCase):
    """On a stack of its own: what other tests send would hide a leak."""

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
        with cls.stack.channel("ingest") as channel:
            wait_for_source(cls.stack, channel.unary_unary(SUBMIT, bytes, ingest.SubmitEventsResponse.FromString))

    def settled_rss(self, name):
        """Nothing is under way: the smallest sample is what the service keeps, free pages being given back every 5 s."""
        samples = []
        for _ in range(70):
            time.sleep(0.1)
            samples.append(self.stack.rss_bytes(name))
        return min(samples)

    def assert_flat(self, name, bad, count):
        """`bad`: pairs of method and request, each of which is refused or has its events rejected."""
        metadata = self.stack.metadata()
        with self.stack.channel(name) as channel:
            calls = [(channel.unary_unary(method, bytes, bytes), request) for method, request in bad]

            def send(count):
                # Few at a time: the memory of those under way is no leak, and how many the service holds at once is chance.
                for start in range(0, count, 16):
                    pending = []
                    for i in range(start, min(start + 16, count)):
                        call, request = calls[i % len(calls)]
                        pending.append(call.future(request, metadata=metadata, timeout=60))
                    for p in pending:
                        p.exception()

            send(1000)
            before = self.settled_rss(name)
            send(count)
            after = self.settled_rss(name)
        print(f"{name}: {before / 1e6:.2f} MB after 1,000, {after / before - 1:+.1%} after {count:,} bad requests", flush=True)
        self.assertLessEqual(after, before * 1.05, f"{name}: {before} -> {after}")

    def test_ingest(self):
        self.assert_flat("ingest", [(SUBMIT, request) for request in (
            b"\xff\xfegarbage", batch(event("flat", amount=0)), batch(event("flat-code", category="nope")),
            batch(b"\x0a\x05abc"), batch(*[event(f"flat{i}", amount=-1) for i in range(20)]))], BAD_REQUESTS)

    def test_catalog(self):
        service = "/tidemark.catalog.v1.CatalogService/"
        category = lambda parent, etag="": catalog.ApplyResourcesRequest(resources=[resource_pb2.Resource(
            name="categories/products", etag=etag, category=types_pb2.Category(parent=parent))]).SerializeToString()
        self.assert_flat("catalog", [
            (service + "ApplyResources", b"\xff\xfegarbage"), (service + "ApplyResources", category("categories/nowhere")),
            (service + "ApplyResources", category("", etag="stale")),
            (service + "GetResource", catalog.GetResourceRequest(name="regions/nowhere").SerializeToString()),
            (service + "ListResources", catalog.ListResourcesRequest(collection="nothings").SerializeToString()),
        ], BAD_REQUESTS // 5)

    def test_analytics(self):
        service = "/tidemark.analytics.v1.AnalyticsService/Query"
        request = lambda q: analytics.QueryRequest(query=q).SerializeToString()
        self.assert_flat("analytics", [
            (service, b"\xff\xfegarbage"), (service, request(query(["gros"]))),
            (service, request(query(["net"], dimensions=["categori"]))),
            (service, request(query(["net"], filters=[("category", ["product"])]))),
            (service, request(query(["net"], range={"first": "2011-13"}))),
        ], BAD_REQUESTS // 5)


class HugeSums(unittest.TestCase):
    def test_a_sum_that_does_not_fit_names_its_measure_and_period(self):
        with Stack(redis=False) as stack:
            stack.apply("-f", os.path.join(SAMPLE, "catalog.yaml"))
            stack.submit([event_pb2.Event(source="uk-online-retail", id=f"e{i}", kind=event_pb2.EVENT_KIND_PURCHASE, amount=10**15,
                                          event_time_us=1_300_000_000_000_000) for i in range(9_300)])
            size = stack.submit([event_pb2.Event(source="uk-online-retail", id="small", kind=event_pb2.EVENT_KIND_PURCHASE, amount=1,
                                                 event_time_us=1_310_000_000_000_000)])
            for text in ("net by month", "events, consumers by month"):
                done = stack.cli("query", text, "--min-log-size", str(size), check=False)
                self.assertEqual(done.returncode, 4, done.stderr)
                self.assertRegex(done.stderr, r"what (net|identified_share) is made of in 2011-03 does not fit 64 bits.*SUM_OVERFLOW")
            done = stack.cli("query", "net by month in 2011-07 compare ytd", check=False)
            self.assertRegex(done.stderr, r"what net is made of.* does not fit 64 bits.*SUM_OVERFLOW")
            self.assertIn("0.001", stack.cli("query", "net in 2011-07").stdout)


if __name__ == "__main__":
    unittest.main()
