"""Divides whose populations the catalog states, at snapshots before and after they were revised, against a recount from nothing."""

import csv
import io
import itertools
import math
import unittest
from collections import defaultdict
from datetime import date
from fractions import Fraction

import grpc
from tidemark.analytics.v1 import divide_pb2, query_pb2, statistics_service_pb2_grpc
from tidemark.catalog.v1 import types_pb2
from tidemark.type.v1 import role_pb2

import official_world as world
from answers import Null, rows
from stack import Stack

YEARS = range(2022, 2025)
GROUPS = list(itertools.product(world.AGES, world.AREAS.values()))


def group_of(e):
    return (e.age_band if e.HasField("age_band") else "UNKNOWN", world.AREAS.get(e.area_type, "UNKNOWN"))


class DivideCatalog(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.apply("-f", "-", input=world.CATALOG + "".join(s.yaml() for s in world.SERIES))
        figures = world.Figures(21)
        cls.events = world.make_events(22, 1200)
        cls.snapshots = []  # (log size, number of events, figures by then)
        for begin in range(0, len(cls.events), 600):
            cls.stack.apply("-f", "-", input=figures.publish())
            batch = cls.events[begin:begin + 600]
            size = cls.stack.submit(batch)
            cls.snapshots.append((size, begin + len(batch), world.copy_of(figures.cells)))
        cls.met = set()

    @staticmethod
    def request(size=None, dimensions=("age_band", "area_type"), filters=(), **more):
        request = divide_pb2.DivideRequest(grain=query_pb2.GRAIN_YEAR, **more)
        for name, _, level in (d.partition("@") for d in dimensions):
            request.dimensions.add(name=name, level=level)
        for dimension, codes in filters:
            request.filters.add(dimension=dimension, codes=codes)
        if size:
            request.read.as_of.log_size = request.read.min_log_size = size
        return request

    def ask(self, request, secret=None):
        stub = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel("analytics"))
        return stub.Divide(request, metadata=self.stack.metadata(secret), timeout=60)

    @staticmethod
    def size_of(cells, place, group, year):
        """(people, carried) or None."""
        name = f"people-{group[0].replace('+', '-up')}-{group[1]}"
        found = world.of_place(lambda p: world.people_stated(cells, [name], p, year), place, date(year, 12, 31))
        if not isinstance(found, tuple):
            return None
        return math.floor(found[0] + Fraction(1, 2)), found[1]

    def check(self, answer, events, sizes):
        """`events` and `sizes` by year and group, of all dimensions of the answer."""
        got = {(int(r["period"]), *(v for k, v in r.items() if k in ("age_band", "area_type", "consumer_region"))): r
               for r in rows(answer.groups)}
        self.assertEqual(set(got), set(events) | set(sizes))
        for key, r in got.items():
            found = events.get(key, [])
            gross = sum(e.amount for e in found if e.kind == world.PURCHASE)
            people = len({e.consumer.id for e in found if e.kind != world.REFUND and e.HasField("consumer")})
            self.assertEqual((r["gross"], r["consumers"]), (gross, people))
            flags = r["flags"].split()
            if key not in sizes:
                self.assertEqual((r["population"], r["per_head"], r["participation"]), (Null(11),) * 3)
                self.assertNotIn("CARRIED", flags)
                self.met.add("NO_DENOMINATOR")
                continue
            n, carried = sizes[key]
            self.assertEqual(r["population"], n)
            self.assertEqual(r["per_head"], float(Fraction(gross, 100 * n)))
            self.assertEqual(r["participation"], float(Fraction(people, n)))
            self.assertEqual("CARRIED" in flags, carried)
            self.met |= set(flags)
        for r in rows(answer.indices):
            year = int(r["period"])
            known = [(got[k]["gross"], sizes[k][0]) for k in got if k[0] == year and k in sizes]
            people, whole = sum(n for _, n in known), sum(x for x, _ in known)
            self.assertEqual((r["population"], r["gross"]), (people, whole))
            self.assertEqual("CARRIED" in r["flags"].split(), any(sizes[k][1] for k in got if k[0] == year and k in sizes))
            self.assertEqual(r["gross_left_out"], sum(got[k]["gross"] for k in got if k[0] == year and k not in sizes))
            if not whole:
                self.assertEqual(r["gini"], Null(6))
                continue
            gini = sum(Fraction(n * m, people * people) * abs(Fraction(x, n) - Fraction(y, m))
                       for (x, n), (y, m) in itertools.product(known, repeat=2)) / (2 * Fraction(whole, people))
            self.assertEqual(r["gini"], float(gini))
        notes = {note.code: note.message for note in answer.groups.notes}
        self.assertRegex(notes["POPULATION"], "^observationSeries/people-.* of vintages/stage-[12]: 20")

    def test_without_regions_the_place_is_the_root_or_what_a_filter_keeps(self):
        for size, count, cells in self.snapshots:
            for place in ("regions/cn", "regions/west", "regionGroups/pair"):
                filters = [] if place == "regions/cn" else [("consumer_region", [place.removeprefix("regions/")])]

                def inside(e):
                    if place == "regions/cn":
                        return True
                    members = ["west"] if place == "regions/west" else world.members_on(world.day_of(e))
                    return e.HasField("consumer_region") and any(m in world.ancestors(e.consumer_region) for m in members)
                events, sizes = defaultdict(list), {}
                for e in filter(inside, self.events[:count]):
                    events[(world.day_of(e).year, *group_of(e))].append(e)
                for year, group in itertools.product(YEARS, GROUPS):
                    found = self.size_of(cells, place, group, year)
                    if found:
                        sizes[(year, *group)] = found
                self.assertTrue(sizes, (place, "a seed that leaves something to see"))
                self.check(self.ask(self.request(size, filters=filters)), events, sizes)
        self.assertLessEqual({"CARRIED", "NO_DENOMINATOR", "QUALIFIED"}, self.met)

    def test_regions_of_a_level_are_groups_that_filters_leave_in(self):
        size, count, cells = self.snapshots[-1]
        dimensions = ("area_type", "consumer_region@province", "age_band")
        for filters in ([], [("consumer_region", ["west"]), ("age_band", ["60+"])]):
            events, sizes = defaultdict(list), {}
            for e in self.events[:count]:
                at = [p for p in world.ancestors(e.consumer_region) if world.LEVEL.get(p) == "province"]
                code = at[0] if at else "UNALLOCATED:cn" if e.HasField("consumer_region") else "UNKNOWN"
                if filters and (code != "west" or group_of(e)[0] != "60+"):
                    continue
                events[world.day_of(e).year, group_of(e)[1], code, group_of(e)[0]].append(e)
            for year, group, region in itertools.product(YEARS, GROUPS, ("east", "west")):
                found = self.size_of(cells, f"regions/{region}", group, year)
                if found and (not filters or (region == "west" and group[0] == "60+")):
                    sizes[year, group[1], region, group[0]] = found
            self.check(self.ask(self.request(size, dimensions, filters)), events, sizes)

    def test_pairs_are_null_where_a_group_has_no_population(self):
        size, _, cells = self.snapshots[-1]
        request = self.request(size)
        for of, to in itertools.permutations(GROUPS, 2):
            request.pairs.add(name=f"{of}{to}", of=of, to=to)
        groups = {(r["period"], r["age_band"], r["area_type"]): r for r in rows(self.ask(request).groups)}
        pairs = rows(self.ask(request).pairs)
        self.assertEqual(len(pairs), len(YEARS) * 12)
        for r in pairs:
            of, to = next((a, b) for a, b in itertools.permutations(GROUPS, 2) if r["pair"] == f"{a}{b}")
            a, b = (self.size_of(cells, "regions/cn", g, int(r["period"])) for g in (of, to))
            self.assertEqual(r["per_head_of"], groups[(r["period"], *of)]["per_head"] if a else Null(11))
            if a and b:
                x, y = (groups[(r["period"], *g)]["gross"] for g in (of, to))
                self.assertEqual(r["gap"], float(Fraction(x, 100 * a[0]) - Fraction(y, 100 * b[0])))
                self.assertEqual("CARRIED" in r["flags"].split(), a[1] or b[1])
            else:
                self.assertEqual((r["ratio"], r["gap"], r["participation_gap"]), (Null(11),) * 3)

    def test_wrong_words_are_named(self):
        def refused(code, change, **more):
            request = self.request(**more)
            change(request)
            with self.assertRaises(grpc.RpcError) as raised:
                self.ask(request)
            self.assertEqual(raised.exception.code(), code)
            return raised.exception.details()
        invalid, failed = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION
        self.assertIn("dimensions[1].level: ", refused(invalid, lambda r: None, dimensions=("age_band", "consumer_region")))
        self.assertIn("filters[0]: ", refused(invalid, lambda r: None, filters=[("consumer_region", ["east", "west"])]))
        self.assertIn("population_source: ", refused(invalid, lambda r: setattr(r, "population_source", "x")))
        self.assertIn("pairs[0].to: ", refused(invalid, lambda r: r.pairs.add(name="x", of=GROUPS[0], to=("60+", "moon"))))
        # No series is of registered people by age.
        self.assertIn("no population", refused(failed, lambda r: setattr(r.population_basis, "kind", 2)))
        self.assertIn("no population", refused(failed, lambda r: None, dimensions=("age_band",)))

        def stated(r):
            r.populations.add(codes=GROUPS[0], population=1)
            r.population_basis.kind = 2
        self.assertIn("population_basis: ", refused(invalid, stated))

    def test_who_may_see_a_region_is_told_of_it_only(self):
        token = types_pb2.Token(principal="west", roles=[role_pb2.ROLE_ANALYST], region_scope="regions/west")
        secret = self.stack.issue_token("scoped", token)
        size, _, cells = self.snapshots[-1]
        for r in rows(self.ask(self.request(size), secret).groups):
            found = self.size_of(cells, "regions/west", (r["age_band"], r["area_type"]), int(r["period"])) \
                if (r["age_band"], r["area_type"]) in GROUPS else None
            self.assertEqual(r["population"], found[0] if found else Null(11))
        regions = rows(self.ask(self.request(size, ("age_band", "area_type", "consumer_region@province")), secret).groups)
        self.assertLessEqual({r["consumer_region"] for r in regions}, {"west"})

    def test_the_command_shows_the_same(self):
        told = self.stack.cli("divide", "--by", "age_band, area_type", "by year", "--table", "groups", "-o", "csv").stdout
        want = rows(self.ask(self.request()).groups)
        self.assertEqual([(r["period"], r["age_band"], r["area_type"]) for r in csv.DictReader(io.StringIO(told))],
                         [(r["period"], r["age_band"].removeprefix("UNKNOWN") or r["age_band"], r["area_type"]) for r in want])
        refused = self.stack.cli("divide", "--by", "age_band, area_type", "--population", "registered,year-end", check=False)
        self.assertIn("no population", refused.stderr)
        for arguments, message in ((["--by", "age_band", "--source", "x"], "leave out POPULATION"), ([], "want POPULATION"),
                                   (["--by", "age_band", "--population", "all"], "want resident"),
                                   (["--by", "year, age_band"], "want dimensions only")):
            done = self.stack.cli("divide", *arguments, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(message, done.stderr)


if __name__ == "__main__":
    unittest.main()
