"""Comparisons and figures per head over changed boundaries and members, against a recount from nothing: a city that gives a part to
another, one that another takes over, a new one, a group whose members come and go, and official figures of the boundaries of their time."""

import csv
import io
import random
import unittest
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

import grpc
from tidemark.analytics.v1 import query_pb2
from tidemark.ingest.v1 import event_pb2

import official_world
from answers import Null, ask, query
from stack import Stack

PURCHASE, REFUND = event_pb2.EVENT_KIND_PURCHASE, event_pb2.EVENT_KIND_REFUND
FIRST, END = date(2021, 1, 1), date(2024, 1, 1)
CITIES = {"a": "east", "b": "east", "old": "east", "c": "west", "d": "west", "e": "west", "f": "west"}
THERE = {"old": (date.min, date(2023, 2, 1)), "d": (date(2022, 7, 1), date.max)}
# Giver, taker, day, weights by basis; none: all.
GIVEN = [("a", "c", date(2022, 5, 1), {"POPULATION": "0.3", "GDP": "0.2"}),
         ("c", "d", date(2022, 7, 1), {"POPULATION": "0.125"}),
         ("old", "b", date(2023, 2, 1), None),
         ("e", "f", date(2022, 9, 1), {"AREA": "0.5"})]
# Of the group `club`: member, first day, first day after.
MEMBERS = [("a", date.min, date(2022, 11, 15)), ("old", date.min, date(2023, 2, 1)), ("b", date(2022, 4, 1), date.max),
           ("west", date(2023, 7, 1), date.max), ("c", date(2021, 8, 1), date.max)]
YEARS = range(2019, 2024)


def region_text(r):
    start, end = THERE.get(r, (date.min, date.max))
    days = [f"start: {start}"] * (start != date.min) + [f"end: {end}"] * (end != date.max)
    given = [f"{{region: regions/{to}, date: {day}, basis: {basis}" + (f", weight: '{weight}'" if weight else "") + "}"
             for giver, to, day, weights in GIVEN if giver == r for basis, weight in (weights or {"WHOLE": ""}).items()]
    return f"- name: regions/{r}\n  region: {{level: CITY, parent: regions/{CITIES[r]}" + \
        (f", valid: {{{', '.join(days)}}}" if days else "") + (f", successors: [{', '.join(given)}]" if given else "") + "}\n"


def member_text(r, start, end):
    days = [f"start: {start}"] * (start != date.min) + [f"end: {end}"] * (end != date.max)
    return f"    - {{member: regions/{r}" + (f", valid: {{{', '.join(days)}}}" if days else "") + "}\n"


CATALOG = """
- name: observatories/test
  observatory: {timeZone: UTC, currency: CNY, scale: 2, start: 2021-01-01}
- name: identifierSchemes/account
  identifierScheme: {schemeClass: ACCOUNT, normalisation: NONE}
- name: sources/shop
  source: {kind: LIVE, reports: {start: 2021-01-01, end: 2024-01-01}}
- name: organisations/office
  organisation: {kind: STATISTICS_OFFICE}
- name: regions/cn
  region: {level: NATION}
- name: regions/east
  region: {level: PROVINCE, parent: regions/cn}
- name: regions/west
  region: {level: PROVINCE, parent: regions/cn}
""" + "".join(map(region_text, CITIES)) + "- name: regionGroups/club\n  regionGroup:\n    members:\n" + \
    "".join(member_text(*m) for m in MEMBERS) + """
- name: indicators/people
  indicator: {unit: {kind: PERSONS}, frequency: YEAR, additivity: STOCK, method: {texts: {en: People}}}
- name: indicators/product
  indicator: {unit: {kind: MONEY, currency: CNY}, frequency: YEAR, additivity: FLOW, method: {texts: {en: Product}}}
- name: indicators/sales
  indicator: {unit: {kind: MONEY, currency: CNY}, frequency: YEAR, additivity: FLOW, method: {texts: {en: Sales}}}
- name: observationSeries/people
  observationSeries: {indicator: indicators/people, form: LEVEL, unit: {kind: PERSONS}, publisher: organisations/office,
                      denominator: {role: POPULATION, preference: 1}}
- name: observationSeries/product
  observationSeries: {indicator: indicators/product, form: LEVEL, unit: {kind: MONEY, currency: CNY}, publisher: organisations/office,
                      price_basis: CURRENT, denominator: {role: GDP, preference: 1}}
- name: observationSeries/sales
  observationSeries: {indicator: indicators/sales, form: LEVEL, unit: {kind: MONEY, currency: CNY}, publisher: organisations/office}
- name: observationSeries/sales-growth
  observationSeries: {indicator: indicators/sales, form: GROWTH_ON_YEAR, unit: {kind: PERCENT}, publisher: organisations/office,
                      basis: AS_PUBLISHED}
"""
# Sales of 2021 and 2022, and published growth in per cent.
SALES = {"a": (1000, 900), "c": (500, 770), "b": (300, 330), "d": (None, 100)}
GROWTH = {"a": "12.5", "c": "11", "b": "10", "d": "5"}


def counts_as(region, day):
    """By the boundaries of a day; None: as recorded."""
    heirs = [to for giver, to, since, weights in GIVEN if day and giver == region and not weights and since <= day]
    return counts_as(heirs[0], day) if heirs else region


def above(region, day):
    """Itself first, without the nation."""
    region = counts_as(region, day)
    return [region] + ([CITIES[region]] if region in CITIES else [])


def members(day, boundaries):
    return {counts_as(r, boundaries) for r, a, b in MEMBERS if a <= day < b}


def parts(region, basis, stated, day):
    """{region: share} whose figures of the boundaries of `stated` make that of the boundaries of `day`; None: a weight is missing.
    Backwards, day by day."""
    shares, complete = {counts_as(region, day): Fraction(1)}, True
    for since in sorted({s for _, _, s, _ in GIVEN if stated < s <= day}, reverse=True):
        before = Counter(shares)
        for giver, to, at, weights in GIVEN:
            if at != since or not {giver, to} & set(shares):
                continue
            weight = Fraction(1) if not weights else next((Fraction(weights[b]) for b in basis if b in weights), None)
            if weight is None:
                complete = False
                continue
            before[giver] += weight * (shares.get(to, 0) - shares.get(giver, 0))
        shares = {r: s for r, s in before.items() if s}
    there = {r: s for r, s in shares.items() if THERE.get(r, (date.min,))[0] <= stated}
    return (there or {counts_as(region, day): Fraction(1)}) if complete else None


def last_day(year):
    return date(year, 12, 31)


class Geography(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = cls.enterClassContext(Stack())
        cls.stack.apply("-f", "-", input=CATALOG)
        r = random.Random(7)
        cls.figures = {(series, region, year): r.randrange(1000, 9999)
                       for series in ("people", "product") for region in [*CITIES, "east"] for year in YEARS
                       if r.random() < (0.55 if series == "people" else 0.8) and
                       THERE.get(region, (date.min, date.max))[0] <= last_day(year) < THERE.get(region, (0, date.max))[1]}
        # Made for the new boundaries by its publisher later, and a part without a weight lies behind it; nothing is stated of the years after.
        cls.figures["people", "d", 2021], cls.figures["people", "f", 2021] = 777, 4000
        for region, year in [("d", 2022), ("d", 2023), ("f", 2022), ("f", 2023), *(("e", y) for y in YEARS)]:
            cls.figures.pop(("people", region, year), None)
        cls.stack.apply("-f", "-", input=cls.vintage())
        cls.events = cls.make_events(r, 3000)
        cls.size = cls.stack.submit(cls.events)
        cls.met = Counter()

    @classmethod
    def vintage(cls):
        text = "- name: vintages/v1\n  vintage:\n    source: {publisher: organisations/office, published: 2024-02-01}\n    series:\n"
        of = {}
        for (series, region, year), number in cls.figures.items():
            of.setdefault(series, {}).setdefault(region, []).append((year, str(number)))
        for region, levels in SALES.items():
            of.setdefault("sales", {})[region] = [(y, str(v)) for y, v in zip((2021, 2022), levels) if v is not None]
            of.setdefault("sales-growth", {})[region] = [(2022, GROWTH[region])]
        for series, regions in of.items():
            text += f"      - series: observationSeries/{series}\n        regions:\n"
            for region, cells in regions.items():
                listed = ", ".join(f"{{period: '{year}', value: '{value}'}}" for year, value in sorted(cells))
                text += f"          - region: regions/{region}\n            cells: [{listed}]\n"
        return text

    @staticmethod
    def make_events(r, count):
        events = []
        while len(events) < count:
            day = FIRST + timedelta(days=r.randrange((END - FIRST).days))
            region = r.choice([*CITIES, "east"])
            start, end = THERE.get(region, (date.min, date.max))
            if not start <= day < end:
                continue
            e = event_pb2.Event(source="shop", id=f"e{len(events)}", kind=r.choices([PURCHASE, REFUND], [5, 1])[0])
            e.event_time_us = ((day - date(1970, 1, 1)).days * 86_400 + r.randrange(86_400)) * 1_000_000
            e.amount, e.consumer_region = r.randrange(1, 100_000), region
            events.append(e)
        return events

    def net(self, first, end, passes):
        """None: no events."""
        found = [(e.amount if e.kind == PURCHASE else -e.amount) for e in self.events
                 if first <= official_world.day_of(e) < end and passes(e.consumer_region, official_world.day_of(e))]
        return sum(found) if found else None

    def figure(self, series, region, year, day):
        """(number, weighed), a reason or None."""
        stated = last_day(year)
        own = self.figures.get((series, counts_as(region, day), year))
        if THERE.get(counts_as(region, day), (date.min,))[0] > stated and own is not None:
            self.met["made for its own boundaries"] += 1
            return Fraction(own), False
        basis = ["POPULATION"] if series == "people" else ["GDP", "POPULATION"]
        shares = parts(region, basis, stated, day)
        if shares is None:
            return "NO_WEIGHT" if own is not None else None
        numbers = [(self.figures.get((series, r, year)), share) for r, share in shares.items()]
        if any(n is None for n, _ in numbers):
            return None
        self.met["made of several"] += len(numbers) > 1
        return sum(n * share for n, share in numbers), any(share < 1 for share in shares.values())

    def people(self, region, year, day):
        """(number, carried, weighed) or a reason."""
        for y in range(year, YEARS[0] - 1, -1):
            found = self.figure("people", region, y, day)
            if found is not None:
                return found if isinstance(found, str) else (found[0], y != year, found[1])
        return "NO_DENOMINATOR"

    def product(self, region, year, day):
        found = self.figure("product", region, year, day)
        if found is not None:
            return found
        shares = parts(region, ["GDP", "POPULATION"], last_day(year), day)
        missing = [r for r in shares if ("product", r, year) not in self.figures]
        known = all(any(s == "product" and p == r for s, p, _ in self.figures) for r in missing)
        return "PERIOD_MISMATCH" if known else "NO_DENOMINATOR"

    def check_growth(self, row, word, value, base):
        """`base`: a sum, None for no events, or "unknown" where no source reports."""
        difference, growth = row[f"{word}_diff(net)"], row[f"{word}(net)"]
        if base == "unknown":
            self.assertEqual((difference, growth), (Null(1), Null(1)), row)
            self.met["no base"] += 1
            return
        value, base = value or 0, base or 0
        self.assertEqual(difference, value - base, row)
        if base <= 0:
            self.assertIn(growth.reason, ("ZERO_BASE", "NEGATIVE_BASE"), row)
        else:
            self.assertEqual(growth, float(Fraction(value - base, base)), row)
        self.met[f"{word} compared"] += 1

    def check_cities(self, geography, day_of_year):
        """By year and city, with growth and figures per head; `day_of_year`: by which boundaries, None for those of the event."""
        q = query(["net"], "YEAR", ["consumer_region@city"], comparisons=["YOY"], ratio_to_gdp=["net"], **geography)
        q.per_capita.add(measure="net")
        got, _, meta = ask(self.stack, q, as_of=self.size)
        seen = set()
        for row in got:
            year, code = int(row["period"]), row["consumer_region"]
            day = day_of_year(year)
            name = code.removeprefix("UNALLOCATED:")

            def passes(region, _):
                return counts_as(region, day) == name
            value = self.net(date(year, 1, 1), date(year + 1, 1, 1), passes)
            base = "unknown" if year == 2021 else self.net(date(year - 1, 1, 1), date(year, 1, 1), passes)
            self.assertFalse(value is None and base in (None, "unknown"), row)
            seen.add((year, name))
            self.assertEqual(row["net"], value or 0, row)
            self.check_growth(row, "yoy", value, base)
            if name in CITIES:
                self.check_figures(row, name, year, day)
        # Every row that there is to have.
        for year in (2021, 2022, 2023):
            for region in [*CITIES, "east"]:
                day = day_of_year(year)
                spans = [(year, year + 1)] + ([(year - 1, year)] if year > 2021 else [])
                if any(self.net(date(a, 1, 1), date(b, 1, 1), lambda r, _: r == region) is not None for a, b in spans):
                    self.assertIn((year, counts_as(region, day)), seen)
        return meta

    def check_figures(self, row, name, year, day):
        # A region that is no more by the end of the year is asked for as it was.
        by = day or (last_day(year) if counts_as(name, last_day(year)) == name else None)
        people = self.people(name, year, by) if by else "its own"
        flags = set(row["flags"].split())
        if people != "its own":
            if isinstance(people, str):
                self.assertEqual(row["per_capita(net)"].reason, people, row)
                self.met[people] += 1
            else:
                self.assertEqual(row["per_capita(net)"], float(Fraction(row["net"], 100) / people[0]), row)
                self.assertEqual("CARRIED" in flags, people[1], row)
                self.met["carried"] += people[1]
        product = self.product(name, year, by if day else last_day(year)) if by else "its own"
        if product == "its own":
            return
        if isinstance(product, str):
            self.assertEqual(row["ratio_to_gdp(net)"].reason, product, row)
            self.met[product] += 1
        else:
            self.assertEqual(row["ratio_to_gdp(net)"], float(Fraction(row["net"], 100) / product[0]), row)
        weighed = any(not isinstance(f, str) and f[-1] for f in (people, product))
        self.assertEqual("CROSSWALK" in flags, weighed, row)
        self.met["weighed"] += weighed

    def test_a_comparison_is_of_the_later_periods_boundaries(self):
        meta = self.check_cities({}, last_day)
        self.assertIn("compare yoy", meta.canonical_query)
        self.assertNotIn("geography", meta.canonical_query)
        same = self.check_cities({"geography": query_pb2.GEOGRAPHY_PERIOD_END}, last_day)
        self.assertEqual(meta.canonical_query, same.canonical_query)
        self.check_cities({"geography": query_pb2.GEOGRAPHY_AT_EVENT}, lambda year: None)
        for day in (date(2022, 4, 30), date(2022, 5, 1), date(2022, 8, 31), date(2023, 1, 31), date(2023, 2, 1), date(2023, 12, 31)):
            fixed = {"geography": query_pb2.GEOGRAPHY_FIXED}
            q = query_pb2.Query(**fixed)
            q.fixed_on.year, q.fixed_on.month, q.fixed_on.day = day.year, day.month, day.day
            self.check_cities({**fixed, "fixed_on": q.fixed_on}, lambda year, day=day: day)
        for met in ("yoy compared", "no base", "carried", "weighed", "made of several", "made for its own boundaries", "NO_WEIGHT",
                    "NO_DENOMINATOR", "PERIOD_MISMATCH"):
            self.assertGreater(self.met[met], 0, met)

    def test_a_comparison_of_a_group_is_of_its_later_members(self):
        q = query(["net"], "QUARTER", filters=[("consumer_region", ["regionGroups/club"])], comparisons=["PREV", "YOY"])
        got, _, _ = ask(self.stack, q, as_of=self.size)
        self.assertEqual(len(got), 12)
        starts = [date(2021 + m // 12, m % 12 + 1, 1) for m in range(0, 39, 3)]
        at_event = 0
        for i, row in enumerate(got):
            day = starts[i + 1] - timedelta(days=1)
            club = members(day, day)

            def passes(region, _):
                return any(r in club for r in above(region, day))
            value = self.net(starts[i], starts[i + 1], passes)
            self.assertEqual(row["net"], value or 0, row)
            for word, back in (("prev", 1), ("yoy", 4)):
                base = "unknown" if i < back else self.net(starts[i - back], starts[i - back + 1], passes)
                self.check_growth(row, word, value, base)
            at_event += value != self.net(starts[i], starts[i + 1], lambda r, d: any(x in members(d, None) for x in above(r, None)))
        self.assertGreater(at_event, 0)

    def test_the_boundaries_of_a_later_base_count_for_all_rows(self):
        told = self.stack.cli("query", "net by year, consumer_region@city index 2023", "-o", "csv").stdout
        for row in csv.DictReader(io.StringIO(told)):
            year, name = int(row["period"]), row["consumer_region"].removeprefix("UNALLOCATED:")
            values = [self.net(date(y, 1, 1), date(y + 1, 1, 1), lambda r, _: counts_as(r, last_day(2023)) == name) or 0
                      for y in (year, 2023)]
            if name and name in CITIES and values[1] > 0:
                self.assertEqual(float(row["index(net)"]), float(Fraction(100 * values[0], values[1])), row)
        self.assertNotIn(",old,", told)
        self.assertIn(",old,", self.stack.cli("query", "net by year, consumer_region@city", "-o", "csv").stdout)
        self.assertIn(",old,", self.stack.cli("query", "net by year, consumer_region@city geography at_event index 2023", "-o",
                                              "csv").stdout)

    def test_growth_follows_from_levels_of_the_later_boundaries(self):
        told = csv.DictReader(io.StringIO(self.stack.cli("reconcile", "sales", "--series", "sales-growth", "in 2022", "-o",
                                                         "csv").stdout))
        got = {r["region"].removeprefix("regions/"): r for r in told if r["computed_from"] == "LEVELS"}
        for region, (_, value) in SALES.items():
            shares = parts(region, ["GDP", "POPULATION"], last_day(2021), last_day(2022))
            base = sum(SALES[r][0] * share for r, share in shares.items())
            growth = (Fraction(value) - base) / base * 100
            row = got[region]
            self.assertEqual(float(row["computed"]), float(growth), row)
            weighed = any(share < 1 for share in shares.values())
            self.assertEqual((row["status"], row["flags"]), ("E", "CROSSWALK") if weighed else ("A", ""), row)
            self.assertEqual(row["reason"], "EQUAL" if growth == Fraction(GROWTH[region]) else "CROSSWALK", row)
        self.assertEqual({r["reason"] for r in got.values()}, {"EQUAL", "CROSSWALK"})

    def test_notes_say_which_geography_an_answer_has(self):
        def notes(text):
            return self.stack.cli("query", text).stdout
        self.assertIn("GEOGRAPHY_PERIOD_END", notes("net by year, consumer_region@city compare yoy"))
        self.assertNotIn("GEOGRAPHY", notes("net by year compare yoy"))
        self.assertNotIn("GEOGRAPHY", notes("net by year, consumer_region@nation compare yoy"))
        self.assertIn("GEOGRAPHY_PERIOD_END", notes("net by year geography period_end compare yoy"))
        self.assertIn("GEOGRAPHY_FIXED", notes("net by year geography fixed 2023-01-31 compare yoy"))
        self.assertNotIn("GEOGRAPHY", notes("net by year, consumer_region@city geography at_event compare yoy"))
        done = self.stack.cli("query", "net by year geography then compare yoy", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("want at_event, period_end, or fixed and a day", done.stderr)
        q = query(["net"], "YEAR", comparisons=["YOY"])
        q.fixed_on.year = 2023
        with self.assertRaises(grpc.RpcError) as raised:
            ask(self.stack, q)
        self.assertIn("query.fixed_on", raised.exception.details())


if __name__ == "__main__":
    unittest.main()
