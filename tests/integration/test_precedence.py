"""One purchase reported by two platforms: refused without a precedence, counted once by that of its category, and told of in the
report of overlaps, all against a plain recount; the same bytes after a rebuild."""

import json
import random
import unittest
from collections import defaultdict

import grpc

from tidemark.analytics.v1 import analytics_service_pb2 as analytics
from tidemark.catalog.v1 import catalog_service_pb2 as catalog
from tidemark.ingest.v1 import event_pb2

from answers import ask, query
from stack import Stack

DAY = 86_400_000_000
START = 1_704_067_200_000_000  # 2024-01-01T00:00Z
SELLER, PAYMENT = event_pb2.REPORTING_ROLE_SELLER_PLATFORM, event_pb2.REPORTING_ROLE_PAYMENT
DEPARTMENT = event_pb2.REPORTING_ROLE_DEPARTMENT
ENUM = [1, 2, 3, 4, 0]
ROLE = {"shop": SELLER, "bank": PAYMENT, "office": DEPARTMENT}
PARENT = {"goods": "", "phones": "goods", "tickets": ""}

CATALOG = """
name: observatories/test
observatory: {timeZone: UTC, currency: CNY, scale: 2, start: 2024-01-01}
---
name: identifierSchemes/payment
displayNames: {zh: 支付流水号}
identifierScheme: {schemeClass: TRANSACTION, normalisation: NONE}
---
name: categories/goods
displayNames: {zh: 商品}
category: {}
---
name: categories/phones
category: {parent: categories/goods}
---
name: categories/tickets
category: {}
---
name: sources/shop
displayNames: {zh: 某平台}
source: {kind: LIVE, channels: [ONLINE, HYBRID]}
"""
OTHERS = """
name: sources/bank
source: {kind: LIVE}
---
name: sources/office
source: {kind: LIVE, categories: [categories/goods]}
"""
QUESTION = query(["gross", "purchases"], "MONTH", ["source", "category"])


class Precedence(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.random = random.Random(20241101)
        cls.sent = []  # (leaf, event)
        cls.moments = []  # (log size, precedences, bytes of the answer, overlaps)
        cls.set = {"": [], "goods": [], "phones": [], "tickets": []}
        cls.refusals = []
        cls.stack.cli("apply", "-f", "-", "--yes", input=CATALOG)
        # Every category that two of them share needs a precedence.
        cls.refusals.append(cls.stack.cli("apply", "-f", "-", "--yes", input=OTHERS, check=False))
        cls.stack.cli("apply", "-f", "-", "--yes", input="""
name: categories/goods
displayNames: {zh: 商品}
category: {precedence: [PAYMENT, SELLER_PLATFORM]}
""")
        cls.refusals.append(cls.stack.cli("apply", "-f", "-", "--yes", input=OTHERS, check=False))
        cls.stack.cli("apply", "-f", "-", "--yes", input="""
name: categories/tickets
category: {precedence: [SELLER_PLATFORM]}
""")
        cls.stack.apply("-f", "-", input=OTHERS)
        cls.set["goods"], cls.set["tickets"] = [PAYMENT, SELLER], [SELLER]
        cls.settle()
        for change in ({"": [DEPARTMENT]}, {"phones": [SELLER]}, {"goods": [DEPARTMENT, PAYMENT]}, {"phones": []},
                       {"goods": [SELLER], "tickets": [PAYMENT]}):
            cls.send(150)
            cls.keep()
            cls.set = {**cls.set, **change}
            cls.apply(change)
            cls.settle()
            cls.keep()
        cls.send(50)
        cls.keep()

    @classmethod
    def apply(cls, change):
        resources = []
        for id, roles in change.items():
            name = f"categories/{id}" if id else "observatories/test"
            stored = cls.stack.catalog().GetResource(catalog.GetResourceRequest(name=name), metadata=cls.stack.metadata())
            part = stored.resource.category if id else stored.resource.observatory
            part.precedence[:] = roles
            stored.resource.etag = ""
            resources.append(stored.resource)
        cls.stack.catalog().ApplyResources(catalog.ApplyResourcesRequest(resources=resources), metadata=cls.stack.metadata())

    @classmethod
    def submit(cls, events):
        size = cls.stack.submit(events)
        cls.sent += [(size - len(events) + i, e) for i, e in enumerate(events)]
        return size

    @classmethod
    def settle(cls):
        """Sends an event of no transaction, the first that ingest judges by the newest catalog: its mark is in the log then."""
        newest = cls.stack.catalog().ListResources(catalog.ListResourcesRequest(collection="observatories"),
                                                   metadata=cls.stack.metadata()).version
        cls.stack.wait_judged_by(newest)
        size = cls.submit([event_pb2.Event(source="shop", id=f"alone-{len(cls.sent)}", kind=event_pb2.EVENT_KIND_PURCHASE,
                                           category="goods", event_time_us=START, amount=1)])
        snapshot = ask(cls.stack, query(["gross"]), as_of=size, min_log_size=size)[2].snapshot
        assert snapshot.catalog_version == newest, snapshot

    @classmethod
    def send(cls, count):
        r, events = cls.random, []
        for i in range(count):
            source = r.choice(["shop", "shop", "bank", "bank", "office"])
            e = event_pb2.Event(source=source, id=f"e-{len(cls.sent)}-{i}", kind=event_pb2.EVENT_KIND_PURCHASE,
                                event_time_us=START + r.randrange(60) * DAY + i, amount=r.choice([100, 150, 2000]))
            number = r.randrange(250)
            # What one number stands for is of one category most of the time, and not every source knows it.
            category = ["goods", "phones", "tickets"][number % 3] if r.random() < 0.85 else r.choice(["goods", "tickets"])
            if r.random() < 0.75:
                e.category = category
            if r.random() < 0.85:
                e.transaction.scheme, e.transaction.id = "payment", f"t{number}"
                e.reporting_role = ROLE[source]
            events.append(e)
        for begin in range(0, count, 40):
            cls.submit(events[begin:begin + 40])

    @classmethod
    def overlaps(cls, size=None, range=None):
        request = analytics.ListOverlapsRequest(range=range)
        if size is not None:
            request.as_of.log_size = size
        answer = cls.stack.analytics().ListOverlaps(request, metadata=cls.stack.metadata(), timeout=60)
        return answer

    @classmethod
    def keep(cls):
        size = cls.sent[-1][0] + 1
        rows, results, _ = ask(cls.stack, QUESTION, as_of=size, min_log_size=size)
        told = cls.overlaps(size).SerializeToString(deterministic=True)
        cls.moments.append((size, dict(cls.set), rows, results, told))

    # The recount.

    def order(self, roles):
        return list(roles) + [x for x in ENUM if x not in roles]

    def precedence(self, set, category):
        while category:
            if set[category]:
                return self.order(set[category])
            category = PARENT[category]
        return self.order(set[""])

    def groups(self, size):
        groups = defaultdict(list)
        for leaf, e in self.sent:
            if leaf < size:
                groups[e.transaction.id or f"alone {leaf}"].append((leaf, e))
        return groups.values()

    def counted(self, set, members):
        said = {tuple(self.precedence(set, e.category)) for _, e in members if e.category}
        order = list(said.pop()) if len(said) == 1 else self.precedence(set, "")
        return min(members, key=lambda m: (order.index(m[1].reporting_role), m[1].source.encode(), m[1].event_time_us,
                                           m[1].amount, m[0]))

    def recount(self, size, set):
        cells = defaultdict(lambda: [0, 0])
        for members in self.groups(size):
            _, e = self.counted(set, members)
            month = "2024-01" if e.event_time_us < START + 31 * DAY else "2024-02"
            cell = cells[(month, e.source, e.category or "UNKNOWN")]
            cell[0] += e.amount
            cell[1] += 1
        return {key: tuple(cell) for key, cell in cells.items()}

    def recount_overlaps(self, size, set, first=0, end=2**62):
        pairs = defaultdict(lambda: [0, 0, 0, 0])
        for members in self.groups(size):
            _, counted = self.counted(set, members)
            if not first <= counted.event_time_us < end:
                continue
            for _, e in members:
                if e.source != counted.source:
                    pair = pairs[(counted.source, e.source)]
                    pair[0] += 1
                    pair[1] += counted.amount
                    pair[2] += e.amount
                    pair[3] += e.amount != counted.amount
        return {names: tuple(pair) for names, pair in pairs.items()}

    @staticmethod
    def told(answer):
        return {(o.counted_source, o.other_source): (o.events, o.counted_amount, o.other_amount, o.differing)
                for o in answer.overlaps}

    def test_overlapping_scopes_are_refused_at_registration(self):
        for refusal, words in zip(self.refusals, (("sources/bank and sources/office", "categories/goods"),
                                                  ("sources/bank and sources/shop", "categories/tickets"))):
            self.assertEqual(refusal.returncode, 4, refusal)
            for word in words + ("precedence", "SCOPES_OVERLAP"):
                self.assertIn(word, refusal.stderr)

    def test_a_purchase_counts_once_by_the_precedence_of_its_category(self):
        differing = 0
        for size, set, rows, _, _ in self.moments:
            got = {(r["period"], r["source"], r["category"]): (r["gross"], r["purchases"]) for r in rows}
            self.assertEqual(got, self.recount(size, set), size)
            differing += got != self.recount(size, {key: [] for key in set})
        self.assertGreater(differing, 5, "the order of the enum would have told the same")

    def test_the_report_of_overlaps_is_that_of_a_recount(self):
        size, set = self.moments[-1][:2]
        for size, set, *_ in self.moments:
            self.assertEqual(self.told(self.overlaps(size)), self.recount_overlaps(size, set), size)
        january = self.overlaps(size, {"first": "2024-01", "last": "2024-01"})
        self.assertEqual(self.told(january), self.recount_overlaps(size, set, START, START + 31 * DAY))
        self.assertEqual(january.snapshot.log_size, size)
        names = [(o.counted_source, o.other_source) for o in self.overlaps().overlaps]
        self.assertEqual(names, sorted(names))
        self.assertGreater(len(names), 3)
        rows = json.loads(self.stack.cli("overlap", "-o", "json", "--range", "2024-01", "--as-of", str(size)).stdout)
        self.assertEqual({(r["counted"], r["other"]): int(r["events"]) for r in rows},
                         {names: pair[0] for names, pair in self.told(january).items()})
        shown = self.stack.cli("overlap", "--range", "from 2024-01 to 2024-02")
        self.assertIn("counted_amount", shown.stdout)

    def test_what_cannot_be_asked_is_refused(self):
        for range, as_of, code in (({"first": "2024-13"}, None, grpc.StatusCode.INVALID_ARGUMENT),
                                   ({"first": "2024-02", "last": "2024-01"}, None, grpc.StatusCode.INVALID_ARGUMENT),
                                   (None, 10**9, grpc.StatusCode.OUT_OF_RANGE)):
            with self.assertRaises(grpc.RpcError) as caught:
                self.overlaps(as_of, range)
            self.assertEqual(caught.exception.code(), code, caught.exception)
        self.assertEqual(self.stack.cli("overlap", "--range", "2024-01 by month", check=False).returncode, 2)
        self.assertEqual(self.stack.cli("overlap", "--as-of", "yesterday", check=False).returncode, 2)

    def test_the_same_bytes_come_after_restart_and_rebuild(self):
        for extra in ([], ["--rebuild"]):
            self.stack.restart("analytics", extra=extra)
            for size, _, _, results, told in self.moments:
                self.assertEqual(ask(self.stack, QUESTION, as_of=size, min_log_size=size, bypass_cache=True)[1], results)
                self.assertEqual(self.overlaps(size).SerializeToString(deterministic=True), told)


if __name__ == "__main__":
    unittest.main()
