"""Groups of people of different sizes, at every snapshot, against a recount from nothing."""

import csv
import io
import itertools
import math
import os
import unittest
from collections import defaultdict
from fractions import Fraction

import grpc
from tidemark.analytics.v1 import divide_pb2, query_pb2, statistics_service_pb2_grpc
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import Null, rows, units
from market_world import CATALOG, PURCHASE, USE, Market, month, standing
from stack import Stack

AGES = ["18-59", "60+", "儿童"]
AREAS = {event_pb2.AREA_TYPE_URBAN: "urban", event_pb2.AREA_TYPE_RURAL: "rural"}
# Nobody of the last one consumes; two groups have no population.
POPULATION = {("18-59", "urban"): 577, ("18-59", "rural"): 288, ("60+", "urban"): 143, ("60+", "rural"): 121,
              ("0-3", "urban"): 50}
PAIRS = {"rural elderly": (("60+", "rural"), ("18-59", "urban")), "nobody": (("0-3", "urban"), ("60+", "rural")),
         "to nobody": (("60+", "rural"), ("0-3", "urban"))}


class People(Market):
    def describe(self, e):
        super().describe(e)
        if self.random.random() < 0.9:
            e.age_band = self.random.choice(AGES)
        e.area_type = self.random.choice([0, *AREAS])


def groups_of(events, period_of):
    """{period: {(age, area): [gross, people]}}"""
    found = defaultdict(lambda: defaultdict(lambda: [0, set()]))
    for e in events:
        group = found[period_of(e)][e.age_band if e.HasField("age_band") else "UNKNOWN",
                                    AREAS.get(e.area_type, "UNKNOWN")]
        if e.kind == PURCHASE:
            group[0] += e.amount
        if e.kind in (PURCHASE, USE) and e.HasField("consumer"):
            group[1].add(e.consumer.id)
    return found


class Divide(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.apply("-f", "-", input=CATALOG)
        cls.events = People(31, 1200).events
        cls.sizes = []  # (log size, number of events)
        for begin in range(0, len(cls.events), 300):
            batch = cls.events[begin:begin + 300]
            verdict = cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=batch),
                                                      metadata=cls.stack.metadata(), timeout=60).verdict
            assert verdict.accepted == len(batch), verdict
            cls.sizes.append((verdict.first_leaf + verdict.accepted, begin + len(batch)))
        cls.stack.restart("analytics")

    @staticmethod
    def request(**more):
        request = divide_pb2.DivideRequest(population_source="人口普查", decompose_by="area_type", **more)
        for name in ("age_band", "area_type"):
            request.dimensions.add(name=name)
        for codes, population in POPULATION.items():
            request.populations.add(codes=codes, population=population)
        for name, (of, to) in PAIRS.items():
            request.pairs.add(name=name, of=of, to=to)
        return request

    def ask(self, request):
        stub = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel("analytics"))
        return stub.Divide(request, metadata=self.stack.metadata(), timeout=60)

    def check_indices(self, r, groups):
        known = {g: (groups[g][0], n) for g, n in POPULATION.items()}
        people, whole = sum(POPULATION.values()), sum(x for x, _ in known.values())
        self.assertEqual((r["population"], r["gross"]), (people, whole))
        self.assertEqual(r["gross_left_out"], sum(v[0] for g, v in groups.items() if g not in POPULATION))
        mean = Fraction(whole, people)
        gini = sum(Fraction(n * m, people * people) * abs(Fraction(x, n) - Fraction(y, m))
                   for (x, n), (y, m) in itertools.product(known.values(), repeat=2)) / (2 * mean)
        self.assertEqual(r["gini"], float(gini))

        def theil(part, to):
            return sum(float(Fraction(x, whole)) * math.log(Fraction(x, n) / to) for x, n in part if x)
        self.assertAlmostEqual(r["theil"], theil(known.values(), mean), places=12)
        between = within = 0
        for area in AREAS.values():
            part = [v for g, v in known.items() if g[1] == area]
            x, n = (sum(column) for column in zip(*part))
            between += float(Fraction(x, whole)) * math.log(Fraction(x, n) / mean)
            within += theil(part, Fraction(x, n))
        self.assertAlmostEqual(r["theil_between"], between, places=12)
        self.assertAlmostEqual(r["theil_within"], within, places=12)

    def check(self, size, count, monthly):
        request = self.request(grain=query_pb2.GRAIN_MONTH if monthly else query_pb2.GRAIN_ALL)
        request.read.as_of.log_size = request.read.min_log_size = size
        answer = self.ask(request)
        want = groups_of(standing(self.events[:count]), month if monthly else lambda e: None)
        got = {(r.get("period"), r["age_band"], r["area_type"]): r for r in rows(answer.groups)}
        self.assertEqual(set(got), {(p, *g) for p, groups in want.items() for g in {**groups, **POPULATION}})
        for (p, *group), r in got.items():
            gross, people = want[p][tuple(group)]
            n = POPULATION.get(tuple(group))
            self.assertEqual((r["gross"], r["consumers"]), (gross, len(people)))
            self.assertEqual(r["population"], n or Null(11))
            self.assertEqual(r["per_head"], float(Fraction(gross, n * 100)) if n else Null(11))
            self.assertEqual(r["participation"], float(Fraction(len(people), n)) if n else Null(11))
        for r in rows(answer.indices):
            self.check_indices(r, want[r.get("period")])
        pairs = rows(answer.pairs)
        self.assertEqual(len(pairs), len(PAIRS) * len(want))
        for r in pairs:
            (x, p), (y, q) = (want[r.get("period")][g] for g in PAIRS[r["pair"]])
            n, m = (POPULATION[g] for g in PAIRS[r["pair"]])
            self.assertEqual(r["gap"], float(Fraction(x, 100 * n) - Fraction(y, 100 * m)))
            if y:
                self.assertAlmostEqual(r["ratio"], float(Fraction(x * m, n * y)), places=12)
            else:
                self.assertEqual(r["ratio"], Null(6))
            self.assertAlmostEqual(r["participation_gap"], 100 * float(Fraction(len(p), n) - Fraction(len(q), m)), places=12)
        self.assertLessEqual({"LOWER_BOUND", "POPULATION"}, {note.code for note in answer.groups.notes})

    def test_every_snapshot_equals_the_recount(self):
        for size, count in self.sizes:
            for monthly in (False, True):
                self.check(size, count, monthly)

    def test_indices_are_numbers_and_participation_is_in_per_cent(self):
        answer = self.ask(self.request())
        numbers = [{c for c, u in units(table).items() if u == "number"} for table in (answer.groups, answer.indices, answer.pairs)]
        self.assertEqual(numbers, [set(), {"gini", "theil", "theil_between", "theil_within"}, {"ratio"}])
        ratios = {c for table in (answer.groups, answer.indices, answer.pairs) for c, u in units(table).items() if u == "ratio"}
        self.assertEqual(ratios, {"participation", "participation_of", "participation_to"})

    def test_wrong_words_are_named(self):
        def refused(change):
            request = self.request()
            change(request)
            with self.assertRaises(grpc.RpcError) as raised:
                self.ask(request)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            return raised.exception.details()
        self.assertIn("populations[5]: ", refused(lambda r: r.populations.add(codes=["60+", "rural"], population=1)))
        self.assertIn("populations[5].codes: ", refused(lambda r: r.populations.add(codes=["60+"], population=1)))
        self.assertIn("nearest: urban", refused(lambda r: r.populations.add(codes=["60+", "urbn"], population=1)))
        self.assertIn("populations[5].population: ", refused(lambda r: r.populations.add(codes=["70+", "urban"])))
        # Not what events have, but nearly; what is far from it may be a group that consumes nothing.
        def misspelt(request):
            request.ClearField("pairs")
            del request.populations[1]
            request.populations[0].codes[0] = "儿童组"
        self.assertIn("populations[0].codes[0]: `儿童组`: no event at this snapshot has that age_band; events have `儿童`, of which",
                      refused(misspelt))
        self.assertIn("GROUP_NOT_MET: `0-3`: no event at this snapshot has that age_band; events have `儿童`, of which",
                      [f"{note.code}: {note.message}" for note in self.ask(self.request()).groups.notes if note.code == "GROUP_NOT_MET"][0])
        self.assertIn("pairs[3].to: ", refused(lambda r: r.pairs.add(name="x", of=["60+", "rural"], to=["60+", "moon"])))
        self.assertIn("dimensions[2].name: ", refused(lambda r: r.dimensions.add(name="category")))
        self.assertIn("decompose_by: ", refused(lambda r: setattr(r, "decompose_by", "income_band")))
        self.assertIn("population_source: ", refused(lambda r: setattr(r, "population_source", "")))
        self.assertIn("population_source: ", refused(lambda r: r.ClearField("populations")))

    def test_the_command_shows_the_same(self):
        path = os.path.join(self.stack.folder, "people.csv")
        with open(path, "w", encoding="utf-8") as f:
            f.write("age_band,area_type,population\n")
            f.writelines(f"{age},{area},{n}\n" for (age, area), n in POPULATION.items())
        told = self.stack.cli("divide", path, "by month", "--source", "人口普查", "--pair",
                              "old: 60+, rural / 18-59, urban", "--table", "pairs", "-o", "csv").stdout
        request = self.request(grain=query_pb2.GRAIN_MONTH)
        del request.pairs[1:]
        want = rows(self.ask(request).pairs)
        self.assertEqual([(r["period"], r["pair"], float(r["ratio"])) for r in csv.DictReader(io.StringIO(told))],
                         [(r["period"], "old", r["ratio"]) for r in want])
        self.assertIn("POPULATION: 人口普查", self.stack.cli("divide", path, "--source", "人口普查").stdout)


if __name__ == "__main__":
    unittest.main()
