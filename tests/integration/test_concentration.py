"""Concentration of providers at every snapshot, against a recount from nothing; holdings change in the middle."""

import json
import unittest
from collections import defaultdict
from fractions import Fraction

import grpc
from tidemark.analytics.v1 import concentration_pb2, query_pb2, statistics_service_pb2_grpc
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import Null, rows, shown, units
from market_world import CATALOG, DAY, DAYS, PURCHASE, START, Market, at_level, date, field, month, standing
from stack import Stack

# Of a provider, by its id: [(holding, first day, day after the last)]. p5 to p7 are not in the catalog, but p6 is a code of p4's.
HOLDINGS = {"p0": [("providers/p1", 20, 50), ("organisations/state", 50, DAYS)], "p1": [("providers/p2", 35, DAYS)],
            "p2": [], "p3": [("organisations/state", 0, DAYS)], "p4": []}
ORGANISATION = {"p4": "organisations/state"}
CODES = {"p6": "p4"}

PROVIDERS = """---
name: organisations/state
displayNames: {en: State}
organisation: {kind: AUTHORITY}
""" + "".join(f"""---
name: providers/{p}
displayNames: {{en: {p}}}
provider:
  kind: ENTERPRISE
  organisation: {ORGANISATION.get(p, '""')}
  codes: [{", ".join(f"{{code: {c}}}" for c, of in CODES.items() if of == p)}]
  holdings: [{", ".join(f"{{holding: {h}, valid: {{start: {date(a)}{f', end: {date(b)}' if b < DAYS else ''}}}}}"
                        for h, a, b in holdings)}]
""" for p, holdings in HOLDINGS.items())


def top(code, day):
    at = CODES.get(code, code)
    if at not in HOLDINGS:
        return code
    while True:
        above = next((h for h, a, b in HOLDINGS[at] if a <= day < b), None)
        if above is None:
            return ORGANISATION.get(at, "providers/" + at)
        if not above.startswith("providers/"):
            return above
        at = above.removeprefix("providers/")


class Concentration(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.apply("-f", "-", input=CATALOG + PROVIDERS)
        cls.events = Market(23, 1200).events
        cls.sizes = []  # (log size, number of events)
        for begin in range(0, len(cls.events), 300):
            batch = cls.events[begin:begin + 300]
            verdict = cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=batch),
                                                      metadata=cls.stack.metadata(), timeout=60).verdict
            assert verdict.accepted == len(batch), verdict
            cls.sizes.append((verdict.first_leaf + verdict.accepted, begin + len(batch)))
        cls.stack.restart("analytics")

    def ask(self, dimensions=(), size=None, **more):
        request = concentration_pb2.ConcentrationRequest(**more)
        for name, level in dimensions:
            request.dimensions.add(name=name, level=level)
        if size is not None:
            request.read.as_of.log_size = request.read.min_log_size = size
        stub = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel("analytics"))
        return stub.Concentration(request, metadata=self.stack.metadata(), timeout=60)

    def check(self, size, count, dimensions, monthly):
        answer = self.ask(dimensions, size, grain=query_pb2.GRAIN_MONTH if monthly else query_pb2.GRAIN_ALL)
        gross, parts = defaultdict(int), defaultdict(lambda: defaultdict(int))
        for e in standing(self.events[:count]):
            key = (month(e) if monthly else None, *(at_level(field(e, name), level) for name, level in dimensions))
            gross[key] += e.amount if e.kind == PURCHASE else 0
            if e.kind == PURCHASE and e.HasField("provider"):
                parts[key][top(e.provider, (e.event_time_us - START) // DAY)] += e.amount
        got = {(r.get("period"), *(r[name] for name, _ in dimensions)): r for r in rows(answer.cells)}
        self.assertEqual(set(got), set(gross))
        for key, r in got.items():
            values = parts[key].values()
            whole = sum(values)
            self.assertEqual((r["gross"], r["with_provider"], r["holdings"]), (gross[key], whole, len(values)))
            if whole:
                self.assertEqual(r["hhi"], float(sum(Fraction(v, whole) ** 2 for v in values)))
                self.assertEqual(r["largest_share"], float(Fraction(max(values), whole)))
            else:
                self.assertEqual((r["hhi"], r["largest_share"]), (Null(6), Null(6)))

    def test_every_snapshot_equals_the_recount(self):
        for size, count in self.sizes:
            for dimensions in ((), (("category", ""),), (("consumer_region", "province"), ("scenario", ""))):
                for monthly in (False, True):
                    self.check(size, count, dimensions, monthly)

    def test_wrong_words_are_named(self):
        def refused(*positional, **more):
            with self.assertRaises(grpc.RpcError) as raised:
                self.ask(*positional, **more)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            return raised.exception.details()
        self.assertIn("dimensions[0].name: ", refused([("provider", "")]))
        self.assertIn("dimensions[1].level: ", refused([("category", ""), ("consumer_region", "town")]))
        self.assertIn("order_by[0].column", refused(order_by=[query_pb2.OrderBy(column="hh")]))

    def test_the_command_shows_the_same(self):
        told = json.loads(self.stack.cli("concentration", "by category order by hhi desc limit 3", "-o", "json").stdout)
        want = rows(self.ask([("category", "")], limit=3,
                             order_by=[query_pb2.OrderBy(column="hhi", descending=True)]).cells)
        self.assertEqual([(r["category"], float(r["hhi"])) for r in told], [(r["category"], r["hhi"]) for r in want])

    def test_shares_are_in_per_cent_and_the_index_is_a_number(self):
        answer = self.ask([("category", "")]).cells
        self.assertEqual([units(answer)[c] for c in ("largest_share", "hhi")], ["ratio", "number"])
        text = self.stack.cli("concentration", "by category").stdout
        for r in rows(answer):
            self.assertRegex(text, rf"(?m)^{r['category']} .* {100 * r['largest_share']:.2f} % +{shown(r['hhi'])}\b")


if __name__ == "__main__":
    unittest.main()
