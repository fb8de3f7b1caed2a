"""Flows between places at every snapshot, against a recount from nothing."""

import json
import unittest
from collections import defaultdict
from fractions import Fraction

import grpc
from tidemark.analytics.v1 import flows_pb2, query_pb2, statistics_service_pb2_grpc
from tidemark.catalog.v1 import types_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest
from tidemark.type.v1 import role_pb2

from answers import Null, rows
from market_world import (CATALOG, DAY, MEMBERS, PARENT, PURCHASE, START, USE, Market, at_level, field, is_place, month,
                          standing)
from stack import Stack

ENDS = {"provider_region": flows_pb2.FLOW_END_SELLER, "place_of_use": flows_pb2.FLOW_END_PLACE_OF_USE}


def member_of(code, day):
    """The nearest member of the group at or above a place on a day."""
    while code is not None:
        if code in MEMBERS and MEMBERS[code][0] <= day < MEMBERS[code][1]:
            return code
        code = PARENT.get(code)
    return None


class Recount:
    """By period (None: all of it)."""

    def __init__(self, events, to, level, period_of):
        self.flows, self.shown = defaultdict(int), set()
        self.visitors, self.all_visitors = defaultdict(set), defaultdict(set)
        self.group = defaultdict(lambda: defaultdict(int))
        for e in events:
            p, day = period_of(e), (e.event_time_us - START) // DAY
            a, b = (at_level(field(e, name), level) for name in ("consumer_region", to))
            self.shown.add((p, a, b))
            if e.kind == PURCHASE:
                self.flows[p, a, b] += e.amount
                home, served = (member_of(field(e, name), day) for name in ("consumer_region", to))
                if home is not None:
                    self.group[p]["total"] += e.amount
                    self.group[p]["own" if served == home else "within" if served else "elsewhere"] += e.amount
            if e.kind in (PURCHASE, USE) and e.HasField("consumer") and is_place(a) and is_place(b) and a != b:
                self.visitors[p, b].add(e.consumer.id)
                self.all_visitors[p].add(e.consumer.id)

    def places(self):
        """{(period, region): figures}"""
        table = defaultdict(lambda: defaultdict(int))
        for p, a, b in self.shown:
            gross = self.flows[p, a, b]
            kind = "unplaced" if not (is_place(a) and is_place(b)) else "own" if a == b else "out"
            table[p, a]["total"] += gross
            table[p, b]["served"] += gross
            if kind == "own":
                table[p, a]["own"] += gross
            else:
                table[p, a]["outflow" if kind == "out" else "total_unplaced"] += gross
                table[p, b]["inflow" if kind == "out" else "served_unplaced"] += gross
        return table


def quotient(part, whole):
    return float(Fraction(part, whole)) if whole else Null(6)


class Flows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.apply("-f", "-", input=CATALOG)
        cls.events = Market(7, 1500).events
        cls.nested = set()
        cls.sizes = []  # (log size, number of events)
        for begin in range(0, len(cls.events), 300):
            batch = cls.events[begin:begin + 300]
            verdict = cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=batch),
                                                      metadata=cls.stack.metadata(), timeout=60).verdict
            assert verdict.accepted == len(batch), verdict
            cls.sizes.append((verdict.first_leaf + verdict.accepted, begin + len(batch)))
        cls.stack.restart("analytics")

    def ask(self, secret=None, size=None, **more):
        request = flows_pb2.FlowsRequest(**more)
        if size is not None:
            request.read.as_of.log_size = request.read.min_log_size = size
        stub = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel("analytics"))
        return stub.Flows(request, metadata=self.stack.metadata(secret), timeout=60)

    def check(self, size, count, to, level, monthly):
        answer = self.ask(size=size, to=ENDS[to], level=level, region_groups=["regionGroups/pair"],
                          grain=query_pb2.GRAIN_MONTH if monthly else query_pb2.GRAIN_ALL)
        want = Recount(standing(self.events[:count]), to, level, month if monthly else lambda e: None)
        flows = rows(answer.flows)
        self.assertEqual({(r.get("period"), r["from"], r["to"]) for r in flows}, want.shown)
        of_from = defaultdict(int)
        for (p, a, _), gross in want.flows.items():
            of_from[p, a] += gross
        for r in flows:
            p = r.get("period")
            self.assertEqual(r["gross"], want.flows[p, r["from"], r["to"]])
            self.assertEqual(r["share"], quotient(r["gross"], of_from[p, r["from"]]))
        self.check_nested(answer, {code for _, *ends in want.shown for code in ends if is_place(code)})
        places = want.places()
        got = {(r.get("period"), r["region"]): r for r in rows(answer.places)}
        self.assertEqual(set(got), set(places))
        for (p, region), r in got.items():
            figures = places[p, region]
            for name in ("total", "own", "outflow", "total_unplaced", "served", "inflow", "served_unplaced"):
                self.assertEqual(r[name], figures[name], (p, region, name))
            self.assertEqual(r["net"], figures["inflow"] - figures["outflow"])
            placed = is_place(region)
            self.assertEqual(r["self_sufficiency"],
                             quotient(figures["own"], figures["total"]) if placed else Null(8))
            if to == "place_of_use":
                self.assertEqual(r["visitors"], len(want.visitors[p, region]) if placed else Null(8))
            else:
                self.assertNotIn("visitors", r)
        for r in rows(answer.totals):
            p = r.get("period")
            mine = [f for (period, _), f in places.items() if period == p]
            self.assertEqual(r["total"], sum(f["total"] for f in mine))
            self.assertEqual(r["total"], sum(f["served"] for f in mine))
            self.assertEqual(r["between"], sum(f["outflow"] for f in mine))
            self.assertEqual(r["between"], sum(f["inflow"] for f in mine))
            self.assertEqual(r["total"], r["own"] + r["between"] + r["unplaced"])
            if to == "place_of_use":
                self.assertEqual(r["visitors"], len(want.all_visitors[p]))
        groups = rows(answer.groups)
        self.assertEqual({r.get("period") for r in groups}, {p for p, _, _ in want.shown})
        for r in groups:
            figures = want.group[r.get("period")]
            self.assertEqual(r["group"], "regionGroups/pair")
            for name in ("total", "own", "within", "elsewhere"):
                self.assertEqual(r[name], figures[name], name)
            self.assertEqual(r["integration"], quotient(figures["within"], figures["total"]))
        self.assertEqual(answer.meta.snapshot.log_size, size)
        self.assertEqual(answer.meta.total_row_count, len(flows))

    def check_nested(self, answer, codes):
        def around(code):
            while code in PARENT:
                code = PARENT[code]
                yield code
        pair = next(((c, outer) for c in sorted(codes) for outer in around(c) if outer in codes), None)
        told = [[n.message for n in table.notes if n.code == "NESTED_PLACES"] for table in (answer.flows, answer.places, answer.totals)]
        if pair is None:
            self.assertEqual(told, [[], [], []])
        else:
            self.assertEqual(len(told[0]), 1)
            self.assertEqual(told, [told[0]] * 3)
            self.assertIn("`%s` in `%s`" % pair, told[0][0])
        self.assertNotIn("NESTED_PLACES", {n.code for n in answer.groups.notes})
        self.nested.add(pair is not None)

    def test_every_snapshot_equals_the_recount(self):
        for size, count in self.sizes:
            for to in ENDS:
                for level in ("", "city", "province"):
                    for monthly in (False, True):
                        self.check(size, count, to, level, monthly)
        self.assertEqual(self.nested, {True, False})

    def test_rows_are_ordered_and_cut_but_not_what_they_add_up_to(self):
        whole = self.ask(level="city")
        cut = self.ask(level="city", limit=3, order_by=[query_pb2.OrderBy(column="gross", descending=True)])
        largest = sorted((r["gross"] for r in rows(whole.flows)), reverse=True)[:3]
        self.assertEqual([r["gross"] for r in rows(cut.flows)], largest)
        self.assertEqual(cut.places, whole.places)
        self.assertEqual(cut.totals, whole.totals)

    def test_wrong_words_are_named(self):
        def refused(**more):
            with self.assertRaises(grpc.RpcError) as raised:
                self.ask(**more)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            return raised.exception.details()
        self.assertIn("level: ", refused(level="town"))
        self.assertIn("regionGroups/", refused(region_groups=["pair"]))
        self.assertIn("nearest: pair", refused(region_groups=["regionGroups/pairs"]))
        self.assertIn("order_by[0].column", refused(order_by=[query_pb2.OrderBy(column="gros")]))
        self.assertIn("filters[0].codes[0]", refused(filters=[query_pb2.Filter(dimension="channel", codes=["onlin"])]))
        self.assertIn("region_groups", refused(region_groups=["regionGroups/pair"] * 17))

    def test_who_may_see_a_region_sees_its_residents_flows_only(self):
        token = types_pb2.Token(principal="east", roles=[role_pb2.ROLE_ANALYST], region_scope="regions/east")
        secret = self.stack.issue_token("scoped", token)
        answer = self.ask(secret=secret, level="province")
        self.assertEqual({r["from"] for r in rows(answer.flows)}, {"east"})
        self.assertEqual(answer.flows.notes[0].code, "REGION_SCOPE")

    def test_the_command_shows_the_same(self):
        told = json.loads(self.stack.cli("flows", "--level", "province", "-o", "json").stdout)
        want = rows(self.ask(level="province").flows)
        self.assertEqual([(r["from"], r["to"]) for r in told],
                         [(r["from"], r["to"]) for r in want])
        places = self.stack.cli("flows", "--level", "city", "--to", "place_of_use", "--table", "places",
                                "by month where category = phone")
        self.assertIn("visitors", places.stdout)
        self.assertIn("NESTED_PLACES: ", self.stack.cli("flows").stdout)
        group = self.stack.cli("flows", "--group", "regionGroups/pair", "--table", "groups", "-o", "csv").stdout
        self.assertIn("integration", group.splitlines()[0])


if __name__ == "__main__":
    unittest.main()
