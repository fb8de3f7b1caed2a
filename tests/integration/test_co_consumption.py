"""Who consumes of several, at every snapshot, against a recount from nothing."""

import json
import unittest
from collections import defaultdict
from fractions import Fraction

import grpc
from tidemark.analytics.v1 import co_consumption_pb2, query_pb2, statistics_service_pb2_grpc
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import rows, shown, units
from market_world import CATALOG, DAY, NATURE, PURCHASE, USE, Market, at_level, field, month, standing
from stack import Stack


def member_of(e, dimension, level):
    if dimension == "category_nature":
        return NATURE[e.category].lower() if e.HasField("category") else "UNKNOWN"
    if dimension == "consumer_region":
        return at_level(field(e, dimension), level)
    return field(e, dimension) or "UNKNOWN"


class Recount:
    def __init__(self, events, dimension, level, period_of):
        self.first = defaultdict(dict)  # period -> {(person, member): time}
        self.people = defaultdict(set)
        for e in events:
            if e.kind not in (PURCHASE, USE) or not e.HasField("consumer"):
                continue
            p, key = period_of(e), (e.consumer.id, member_of(e, dimension, level))
            self.people[p].add(e.consumer.id)
            self.first[p][key] = min(self.first[p].get(key, e.event_time_us), e.event_time_us)

    def of(self, period):
        """{member: {person: time}}"""
        members = defaultdict(dict)
        for (person, member), time in self.first[period].items():
            members[member][person] = time
        return members


def share(part, whole):
    return float(Fraction(part, whole))


class CoConsumption(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.apply("-f", "-", input=CATALOG)
        cls.events = Market(13, 1200, people=60).events
        cls.sizes = []  # (log size, number of events)
        for begin in range(0, len(cls.events), 300):
            batch = cls.events[begin:begin + 300]
            verdict = cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=batch),
                                                      metadata=cls.stack.metadata(), timeout=60).verdict
            assert verdict.accepted == len(batch), verdict
            cls.sizes.append((verdict.first_leaf + verdict.accepted, begin + len(batch)))
        cls.stack.restart("analytics")

    def ask(self, dimension="category", level="", size=None, **more):
        request = co_consumption_pb2.CoConsumptionRequest(
            dimension=query_pb2.Dimension(name=dimension, level=level), **more)
        if size is not None:
            request.read.as_of.log_size = request.read.min_log_size = size
        stub = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel("analytics"))
        return stub.CoConsumption(request, metadata=self.stack.metadata(), timeout=60)

    def check(self, size, count, dimension, level, monthly, within, goods_and_services=False):
        answer = self.ask(dimension, level, size, within_days=within, goods_and_services=goods_and_services,
                          grain=query_pb2.GRAIN_MONTH if monthly else query_pb2.GRAIN_ALL)
        want = Recount(standing(self.events[:count]), dimension, level, month if monthly else lambda e: None)
        totals = {r.get("period"): r["consumers"] for r in rows(answer.totals)}
        self.assertEqual({p: n for p, n in totals.items() if n}, {p: len(s) for p, s in want.people.items()})
        got = {(r.get("period"), r["member"]): r["consumers"] for r in rows(answer.members)}
        self.assertEqual(got, {(p, m): len(people) for p in want.first for m, people in want.of(p).items()})
        pairs = {(r.get("period"), r["a"], r["b"]): r for r in rows(answer.pairs)}
        expected = set()
        for p in want.first:
            members = {m: people for m, people in want.of(p).items()
                       if m != "UNKNOWN" and not m.startswith("UNALLOCATED:")}
            for a, of_a in members.items():
                for b, of_b in members.items():
                    both = of_a.keys() & of_b.keys()
                    if a == b or not both or (goods_and_services and {NATURE[a], NATURE[b]} != {"GOODS", "SERVICES"}):
                        continue
                    expected.add((p, a, b))
                    r = pairs[p, a, b]
                    x, y = len(of_a), len(of_b)
                    self.assertEqual((r["consumers_a"], r["consumers_b"], r["both"]), (x, y, len(both)))
                    self.assertEqual(r["confidence"], share(len(both), x))
                    self.assertEqual(r["lift"], share(len(both) * len(want.people[p]), x * y))
                    self.assertEqual(r["jaccard"], share(len(both), x + y - len(both)))
                    if within:
                        then = sum(0 <= of_b[who] - of_a[who] <= within * DAY for who in both)
                        self.assertEqual((r["then_b"], r["sequence"]), (then, share(then, x)))
                    else:
                        self.assertNotIn("then_b", r)
        self.assertEqual(set(pairs), expected)
        return len(pairs)

    def test_every_snapshot_equals_the_recount(self):
        pairs = 0
        for size, count in self.sizes:
            for dimension, level in (("category", ""), ("scenario", ""), ("category_nature", ""),
                                     ("consumer_region", "city"), ("provider", "")):
                for monthly in (False, True):
                    pairs += self.check(size, count, dimension, level, monthly, within=0 if monthly else 20)
            pairs += self.check(size, count, "category", "1", False, within=3, goods_and_services=True)
        self.assertGreater(pairs, 500)

    def test_rows_are_ordered_and_cut(self):
        whole = rows(self.ask("provider").pairs)
        cut = self.ask("provider", limit=4, order_by=[query_pb2.OrderBy(column="lift", descending=True)])
        self.assertEqual([r["lift"] for r in rows(cut.pairs)],
                         sorted((r["lift"] for r in whole), reverse=True)[:4])

    def test_lift_is_a_number_and_parts_are_in_per_cent(self):
        pairs = self.ask("category", within_days=30).pairs
        self.assertEqual({c: u for c, u in units(pairs).items() if u in ("ratio", "number")},
                         {"confidence": "ratio", "lift": "number", "jaccard": "ratio", "sequence": "ratio"})
        text = self.stack.cli("co-consumption", "--of", "category", "--table", "pairs").stdout
        for r in rows(pairs):
            self.assertRegex(text, rf"(?m)^{r['a']} .* {r['b']} .* {100 * r['confidence']:.2f} % +{shown(r['lift'])} +"
                                    rf"{100 * r['jaccard']:.2f} %")

    def test_wrong_words_are_named(self):
        def refused(*positional, **more):
            with self.assertRaises(grpc.RpcError) as raised:
                self.ask(*positional, **more)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            return raised.exception.details()
        self.assertIn("dimension.name: ", refused("categry"))
        self.assertIn("dimension.level: ", refused("category", "town"))
        self.assertIn("dimension.level: ", refused("category_nature", "1"))
        self.assertIn("goods_and_services: ", refused("scenario", goods_and_services=True))
        self.assertIn("within_days: ", refused(within_days=4000))
        self.assertIn("order_by[0].column", refused(order_by=[query_pb2.OrderBy(column="lft")]))

    def test_the_command_shows_the_same(self):
        told = json.loads(self.stack.cli("co-consumption", "--of", "category@1", "--within", "30", "-o", "json",
                                         "order by both desc, a limit 5").stdout)
        want = rows(self.ask("category", "1", within_days=30, limit=5,
                             order_by=[query_pb2.OrderBy(column="both", descending=True),
                                       query_pb2.OrderBy(column="a")]).pairs)
        self.assertEqual([(r["a"], r["b"], int(r["both"])) for r in told], [(r["a"], r["b"], r["both"]) for r in want])


if __name__ == "__main__":
    unittest.main()
