"""The split of revenue between rights holders at every snapshot, against exact fractions of a recount from nothing."""

import csv
import datetime
import io
import json
import unittest
from collections import defaultdict
from fractions import Fraction

import grpc
from tidemark.analytics.v1 import query_pb2, settle_pb2, statistics_service_pb2_grpc
from tidemark.catalog.v1 import types_pb2
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest
from tidemark.type.v1 import role_pb2

from answers import rows
from linked_world import CATALOG, DAY, PURCHASE, REFUND, REGIONS, START, VOID, World, judged
from stack import Stack

ZONE = 8 * DAY // 24  # Asia/Shanghai
HOLDERS = {"organisations/museum": "博物馆", "organisations/press": "出版社", "providers/li": "李画家",
           "providers/wang": "王作者", "organisations/archive": "档案馆"}
# (holder, weight, first day, day after the last) by days since 2024-01-01 in the zone; None: open.
RIGHTS = {
    "album": [("organisations/museum", 1, None, 20), ("providers/li", 1, None, None), ("organisations/press", 1, 20, 45),
              ("organisations/museum", 2, 45, None), ("providers/wang", 7, 45, None)],
    # Nobody between; the same parts before and after, by other weights.
    "book": [("organisations/press", 3, 5, 15), ("providers/wang", 4, 5, 15), ("organisations/press", 300, 30, 50),
             ("providers/wang", 400, 30, 50)],
    "song": [("providers/li", 1_000_000_000, None, None)],
    "free": [],
    "case": [("organisations/museum", 1, None, 400), ("organisations/press", 1, 400, 430), ("providers/wang", 1, 430, None)],
    "ties": [(name, 1, None, None) for name in HOLDERS],
}
# (source or None, code): product
CODES = {("shop-a", "书-1"): "book", (None, "b2"): "book", ("shop-b", "书-1"): "song", ("bank", "x"): "album", (None, "song"): "album"}


def date(day):
    return str(datetime.date(2024, 1, 1) + datetime.timedelta(days=day))


def valid(first, end):
    days = [f"{word}: {date(day)}" for word, day in (("start", first), ("end", end)) if day is not None]
    return f", valid: {{{', '.join(days)}}}" if days else ""


def product(name):
    codes = ", ".join("{" + (f"source: sources/{s}, " if s else "") + f"code: {c}}}" for (s, c), p in CODES.items() if p == name)
    rights = "".join(f"    - {{holder: {h}, weight: {w}{valid(a, b)}}}\n" for h, w, a, b in RIGHTS[name])
    return f"""---
name: products/{name}
displayNames: {{en: {name}, zh: 产品{name}}}
product:
  kind: CONTENT
  codes: [{codes}]
  rights:
{rights}""" if rights else f"""---
name: products/{name}
displayNames: {{en: {name}}}
product: {{kind: CONTENT}}
"""


PRODUCTS = "".join(f"""---
name: {name}
displayNames: {{zh: {label}}}
{"organisation: {kind: AUTHORITY}" if name.startswith("organisations") else "provider: {kind: CREATOR}"}
""" for name, label in HOLDERS.items()) + "".join(product(name) for name in RIGHTS)
WORLD = CATALOG.replace("timeZone: UTC", "timeZone: Asia/Shanghai") + PRODUCTS


class Sales(World):
    def describe(self, e):
        super().describe(e)
        e.event_time_us += self.random.randrange(96) * 900_000_000
        if self.random.random() < 0.9:
            e.product = self.random.choice(["album", "book", "b2", "song", "free", "书-1", "x", "unknown"])
        else:
            e.ClearField("product")


def day_of(e):
    return (e.event_time_us + ZONE - START) // DAY


def sold(e):
    for source in (e.source, None):
        if (source, e.product) in CODES:
            return CODES[source, e.product]
    return e.product if e.product in RIGHTS else None


def hamilton(amount, shares):
    """{holder: part} by (holder, Fraction) that add up to 1."""
    exact = {holder: abs(amount) * share for holder, share in shares}
    parts = {holder: part.numerator // part.denominator for holder, part in exact.items()}
    for holder in sorted(exact, key=lambda h: (parts[h] - exact[h], h))[:abs(amount) - sum(parts.values())]:
        parts[holder] += 1
    return {holder: part if amount >= 0 else -part for holder, part in parts.items()}


def settle(events, first, end, keep=lambda e: True):
    """({product: [gross, refunds, unsettled]}, {(product, holder): part}) of days [first, end)."""
    totals, sets = defaultdict(lambda: [0, 0, 0]), defaultdict(int)
    for e, fields, verdict in judged(events):
        name = sold(fields)
        if verdict != "counts" or e.kind not in (PURCHASE, REFUND) or not first <= day_of(e) < end or not keep(fields):
            continue
        if name is None:
            continue
        day = day_of(fields)
        shares = [(h, w) for h, w, a, b in RIGHTS[name] if (a is None or a <= day) and (b is None or day < b)]
        whole = sum(w for _, w in shares)
        sets[name, tuple(sorted((h, Fraction(w, whole)) for h, w in shares))] += e.amount if e.kind == PURCHASE else -e.amount
        totals[name][0 if e.kind == PURCHASE else 1] += e.amount
    parts = defaultdict(int)
    for (name, shares), revenue in sets.items():
        if not shares:
            totals[name][2] += revenue
            continue
        for holder, part in hamilton(revenue, shares).items():
            parts[name, holder] += part
    return totals, parts


class Settle(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Small runs, so that sealing, merging and the tail all take part.
        cls.stack = Stack(redis=False, extra={"analytics": ["--run_records=700"]}).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.apply("-f", "-", input=WORLD)
        cls.events = Sales(41, 2400).events
        cls.sizes = []  # (log size, number of events)
        for begin in range(0, len(cls.events), 400):
            cls.sizes.append((cls.submit(cls.events[begin:begin + 400]), min(begin + 400, len(cls.events))))
            if begin == 800:
                cls.stack.restart("analytics")
        cls.stack.restart("analytics")

    @classmethod
    def submit(cls, batch):
        verdict = cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=batch), metadata=cls.stack.metadata(),
                                                  timeout=60).verdict
        assert verdict.accepted == len(batch), verdict
        return verdict.first_leaf + verdict.accepted

    def ask(self, first, last=None, size=None, token=None, language="", **more):
        request = settle_pb2.SettleRequest(range=query_pb2.PeriodRange(first=first, last=last or first), **more)
        request.read.label_language = language
        if size is not None:
            request.read.as_of.log_size = request.read.min_log_size = size
        stub = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel("analytics"))
        return stub.Settle(request, metadata=self.stack.metadata(token), timeout=60)

    def check(self, answer, totals, parts, named=(), shown=None):
        got = {r["subject"].removeprefix("products/"): r for r in rows(answer.subjects)}
        self.assertEqual(set(got), set(named) or {name for name in totals if RIGHTS[name]})
        for name, r in got.items():
            gross, refunds, unsettled = totals.get(name, (0, 0, 0))
            want = {"gross": gross, "refunds": refunds, "net": gross - refunds, "settled": gross - refunds - unsettled,
                    "unsettled": unsettled, "holders": sum(1 for p, _ in parts if p == name)}
            self.assertEqual({column: r[column] for column in want}, want, name)
            self.assertEqual(sum(part for (p, _), part in parts.items() if p == name), r["settled"])
        want = {(p, h): part for (p, h), part in parts.items() if p in got and (shown is None or h in shown)}
        self.assertEqual({(r["subject"].removeprefix("products/"), r["holder"]): r["amount"] for r in rows(answer.parts)}, want)
        by_holder = {h: [0, 0] for h in shown or ()}
        for (_, holder), part in want.items():
            of = by_holder.setdefault(holder, [0, 0])
            of[0] += part
            of[1] += 1
        self.assertEqual({r["holder"]: [r["amount"], r["subjects"]] for r in rows(answer.holders)}, by_holder)
        order = [(r["subject"], r["holder"]) for r in rows(answer.parts)]
        self.assertEqual(order, sorted(order))

    def test_every_snapshot_equals_the_recount(self):
        met = set()
        for size, count in self.sizes:
            for first, last, begin, end in (("2024-01", "2024-01", 0, 31), ("2024-02", "2024-02", 31, 60),
                                            ("2024-01-16", "2024-02-20", 15, 51), ("2024-02-18", "2024-02-18", 48, 49)):
                totals, parts = settle(self.events[:count], begin, end)
                self.check(self.ask(first, last, size), totals, parts)
                met |= {"negative" for part in parts.values() if part < 0}
                met |= {"unsettled" for _, _, unsettled in totals.values() if unsettled}
        self.assertEqual(met, {"negative", "unsettled"})

    def test_filters_subjects_and_holders_narrow_what_is_told(self):
        size, count = self.sizes[-1]
        totals, parts = settle(self.events[:count], 0, 60, lambda e: e.consumer_region == "north")
        north = [query_pb2.Filter(dimension="consumer_region", codes=["north"])]
        self.check(self.ask("2024-01", "2024-02", size, filters=north), totals, parts)
        named = ["products/free", "products/book", "products/ties"]
        self.check(self.ask("2024-01", "2024-02", size, filters=north, subjects=named), totals, parts,
                   ["free", "book", "ties"])
        shown = ["providers/wang", "organisations/archive"]
        self.check(self.ask("2024-01", "2024-02", size, filters=north, holders=shown), totals, parts, shown=shown)
        # A token of the region sees the same as the filter.
        secret = self.stack.issue_token("north", types_pb2.Token(
            principal="north", roles=[role_pb2.ROLE_ANALYST], region_scope="regions/north"))
        self.check(self.ask("2024-01", "2024-02", size, token=secret), totals, parts)

    @staticmethod
    def event(name, number, kind, day, amount=0, revision=0, original=None, sold="case"):
        """In the middle of a day."""
        e = event_pb2.Event(source="shop-a", id=f"{name}-{number}", kind=kind, revision=revision,
                            event_time_us=START + day * DAY + number)
        if kind != VOID:
            e.amount = amount
            if original is None:
                e.product = sold
        if original is not None:
            e.original.source, e.original.id = "shop-a", f"{name}-{original}"
        return e

    def case(self, month, *events):
        """Parts and subjects of `case` or `ties` in a month once the events are there."""
        size = self.submit(list(events))
        answer = self.ask(month, size=size, subjects=["products/case", "products/ties"])
        return ({r["holder"]: r["amount"] for r in rows(answer.parts)},
                {r["subject"]: (r["net"], r["settled"], r["unsettled"]) for r in rows(answer.subjects)}, size)

    def test_who_was_paid_is_charged(self):
        # Paid under the museum (day 395), refunded under the press (day 405), in another month: 31 January, 9 February 2025.
        parts, subjects, _ = self.case("2025-02", self.event("a", 1, PURCHASE, 395, 1000),
                                       self.event("a", 2, REFUND, 405, 300, original=1))
        self.assertEqual(parts, {"organisations/museum": -300})
        self.assertEqual(subjects["products/case"], (-300, -300, 0))
        # The refund comes first in the log: it waits, and counts as soon as its original is there.
        parts, _, size = self.case("2025-02", self.event("b", 2, REFUND, 406, 50, original=1))
        self.assertEqual(parts, {"organisations/museum": -300})
        parts, _, with_original = self.case("2025-02", self.event("b", 1, PURCHASE, 396, 60))
        self.assertEqual(parts, {"organisations/museum": -350})
        # A revision says that it was bought on day 403, under the press, in February.
        parts, _, moved = self.case("2025-02", self.event("b", 1, PURCHASE, 403, 60, revision=1))
        self.assertEqual(parts, {"organisations/museum": -300, "organisations/press": 10})
        # Withdrawn: neither it nor its refund counts.
        parts, _, _ = self.case("2025-02", self.event("b", 1, VOID, 403, revision=2))
        self.assertEqual(parts, {"organisations/museum": -300})
        # A refund that names no original has its own day.
        parts, _, _ = self.case("2025-02", self.event("c", 1, REFUND, 407, 7))
        self.assertEqual(parts, {"organisations/museum": -300, "organisations/press": -7})
        self.stack.restart("analytics", extra=["--rebuild"])
        for at, want in ((size, {"organisations/museum": -300}), (with_original, {"organisations/museum": -350}),
                         (moved, {"organisations/museum": -300, "organisations/press": 10})):
            got = self.ask("2025-02", size=at, subjects=["products/case"])
            self.assertEqual({r["holder"]: r["amount"] for r in rows(got.parts)}, want)

    def test_ties_go_by_name_and_losses_as_gains(self):
        parts, subjects, _ = self.case("2025-05", self.event("t", 1, PURCHASE, 490, 7, sold="ties"))
        by_name = sorted(HOLDERS)
        self.assertEqual(parts, dict(zip(by_name, [2, 2, 1, 1, 1])))
        self.assertEqual(subjects["products/ties"], (7, 7, 0))
        parts, subjects, _ = self.case("2025-06", self.event("t", 2, REFUND, 520, 3, original=1))
        self.assertEqual(parts, dict(zip(by_name, [-1, -1, -1, 0, 0])))
        self.assertEqual(subjects["products/ties"], (-3, -3, 0))

    def test_names_are_told_in_the_language_asked_for(self):
        answer = self.ask("2024-01", size=self.sizes[-1][0], language="zh")
        for table, column in ((answer.holders, 0), (answer.parts, 1)):
            members = table.columns[column].dictionary.members
            self.assertEqual({m.code: m.label for m in members}, {m.code: HOLDERS[m.code] for m in members})
        self.assertEqual({m.label for m in answer.subjects.columns[0].dictionary.members}, {"产品album", "产品book", "产品song"})
        self.assertEqual({m.label for m in self.ask("2024-01").holders.columns[0].dictionary.members}, {""})

    def test_answers_say_when_more_may_come(self):
        self.assertNotIn("PARTIAL", [n.code for n in self.ask("2024-02").parts.notes])
        late = self.ask("2024-02", "2099-12")
        self.assertIn("PARTIAL", [n.code for n in late.holders.notes])

    def test_wrong_words_are_named(self):
        def refused(first="2024-01", last=None, **more):
            with self.assertRaises(grpc.RpcError) as raised:
                self.ask(first, last, **more)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            return raised.exception.details()
        def refused_range(first="2024-01", last="2024-01"):
            request = settle_pb2.SettleRequest(range=query_pb2.PeriodRange(first=first, last=last))
            stub = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel("analytics"))
            with self.assertRaises(grpc.RpcError) as raised:
                stub.Settle(request, metadata=self.stack.metadata(), timeout=60)
            return raised.exception.details()
        self.assertIn("range.first: missing", refused_range(first=""))
        self.assertIn("range.last: missing", refused_range(last=""))
        self.assertIn("range: `2024-03` to `2024-01`", refused_range(first="2024-03"))
        self.assertIn("subjects[1]: `products/albun`", refused(subjects=["products/album", "products/albun"]))
        self.assertIn("subjects[0]: `album`", refused(subjects=["album"]))
        self.assertIn("subjects[0]: `dataAssets/map` is not an asset", refused(subjects=["dataAssets/map"]))
        self.assertIn("named twice", refused(subjects=["products/album"] * 2))
        self.assertIn("subjects: 10001 names", refused(subjects=["products/album"] * 10_001))
        self.assertIn("holders[0]: `organisations/nobody`", refused(holders=["organisations/nobody"]))
        self.assertIn("holders[0]: `providers/li`", refused(holders=["providers/li"], subjects=["products/book"]))
        self.assertIn("filters[0].codes[0]", refused(filters=[query_pb2.Filter(dimension="consumer_region", codes=["nord"])]))

    def test_sums_that_do_not_fit_are_refused(self):
        most = 10**15
        size = self.submit([self.event("most", n, PURCHASE, 580, most) for n in range(9224)])
        with self.assertRaises(grpc.RpcError) as raised:
            self.ask("2025-08", size=size, subjects=["products/case"])
        self.assertEqual(raised.exception.code(), grpc.StatusCode.OUT_OF_RANGE)
        answer = self.ask("2025-08", size=size - 1, subjects=["products/case"])
        self.assertEqual([r["amount"] for r in rows(answer.parts)], [9223 * most])

    def test_the_command_shows_the_same(self):
        size = str(self.sizes[-1][0])
        want = rows(self.ask("2024-01", "2024-02", self.sizes[-1][0], holders=["providers/li"]).parts)
        told = self.stack.cli("settle", "from 2024-01 to 2024-02", "--holder", "providers/li", "--table", "parts", "-o", "csv",
                              "--as-of", size).stdout
        self.assertEqual([(r["subject"], r["holder"], Fraction(r["amount"])) for r in csv.DictReader(io.StringIO(told))],
                         [(r["subject"], r["holder"], Fraction(r["amount"], 100)) for r in want])
        told = json.loads(self.stack.cli("settle", "in 2024-01 where consumer_region = south", "--subject", "products/book",
                                         "--table", "subjects", "-o", "json", "--as-of", size).stdout)
        self.assertEqual([r["subject"] for r in told], ["products/book"])
        shown = self.stack.cli("settle", "in 2024-01", "--labels", "zh", "--as-of", size).stdout
        self.assertIn("博物馆", shown)
        failed = self.stack.cli("settle", "by month in 2024-01", check=False)
        self.assertNotEqual(failed.returncode, 0)
        self.assertIn("want clauses in, from, to and where only", failed.stderr)


if __name__ == "__main__":
    unittest.main()
