"""Events of three years between places, and official figures of them: populations and GDP that are revised once, known exactly to
whoever made them, stated in parts, in several series, units and grains, to be divided by."""

import random
from datetime import date, timedelta
from fractions import Fraction

from tidemark.ingest.v1 import event_pb2

PURCHASE, REFUND, USE = (event_pb2.EVENT_KIND_PURCHASE, event_pb2.EVENT_KIND_REFUND, event_pb2.EVENT_KIND_SERVICE_USE)
FIRST, LAST = date(2022, 1, 1), date(2024, 12, 31)
PARENT = {"east": "cn", "west": "cn", "east-1": "east", "east-2": "east", "west-1": "west", "west-2": "west"}
LEVEL = {"cn": "nation", "east": "province", "west": "province"}  # the others are cities
# Of the region group `pair`: member, first day, first day after. East-1 lies in east.
MEMBERS = [("east", FIRST, None), ("east-1", FIRST, None), ("west-1", date(2023, 3, 1), date(2024, 8, 1))]
AGES = ["18-59", "60+"]
AREAS = {event_pb2.AREA_TYPE_URBAN: "urban", event_pb2.AREA_TYPE_RURAL: "rural"}
YEARS = range(2021, 2025)
PLACES = [*(f"regions/{r}" for r in ["cn", *PARENT]), "regionGroups/pair"]

CATALOG = """
- name: observatories/test
  observatory: {timeZone: UTC, currency: CNY, scale: 2, start: 2022-01-01}
- name: identifierSchemes/account
  identifierScheme: {schemeClass: ACCOUNT, normalisation: NONE}
- name: sources/shop
  source: {kind: LIVE, reports: {start: 2022-01-01, end: 2025-01-01}}
- name: organisations/office
  organisation: {kind: STATISTICS_OFFICE}
- name: regions/cn
  region: {level: NATION}
""" + "".join(f"""- name: regions/{r}
  region: {{level: {LEVEL.get(r, "city").upper()}, parent: regions/{parent}}}
""" for r, parent in PARENT.items()) + """- name: regionGroups/pair
  regionGroup:
    members:
""" + "".join(f"""    - {{member: regions/{r}, valid: {{start: {a}{f", end: {b}" if b else ""}}}}}
""" for r, a, b in MEMBERS) + """- name: indicators/people
  indicator: {unit: {kind: PERSONS}, frequency: YEAR, additivity: STOCK, method: {texts: {en: People}}}
- name: indicators/product
  indicator: {unit: {kind: MONEY, currency: CNY}, frequency: QUARTER, additivity: FLOW, method: {texts: {en: Product}}}
"""


class Series:
    def __init__(self, name, power, denominator, **more):
        self.name, self.power, self.denominator, self.more = name, power, denominator, more

    def yaml(self):
        money = self.denominator["role"] == "GDP"
        unit = "{kind: MONEY, currency: CNY" if money else "{kind: PERSONS"
        text = f"""- name: observationSeries/{self.name}
  observationSeries:
    indicator: indicators/{"product" if money else "people"}
    form: LEVEL
    unit: {unit}, power_of_ten: {self.power}}}
    publisher: organisations/office
    denominator: {{role: {self.denominator["role"]}, preference: {self.denominator["preference"]}}}
"""
        if money:
            text += "    price_basis: CURRENT\n"
        if "population" in self.more:
            text += f"    population: {{{self.more['population']}}}\n"
        if "slices" in self.more:
            slices = ", ".join(f"{{dimension: {d}, code: '{c.upper() if d == 'area_type' else c}'}}"
                               for d, c in self.more["slices"].items())
            text += f"    slices: [{slices}]\n"
        return text


def people(name, preference, power=0, **more):
    return Series(name, power, {"role": "POPULATION", "preference": preference}, **more)


SERIES = [people("people-a", 1, 4), people("people-b", 2),
          people("registered", 1, population="kind: REGISTERED, time: YEAR_END"),
          Series("product-a", 8, {"role": "GDP", "preference": 1}), Series("product-b", 4, {"role": "GDP", "preference": 2})]
SERIES += [people(f"people-{age.replace('+', '-up')}-{area}", 1, slices={"age_band": age, "area_type": area})
           for age in AGES for area in AREAS.values()]


def quarters_of(first, last):
    """The numbers of the quarters that days fill exactly; none when they do not."""
    end = last + timedelta(days=1)
    if first.day != 1 or end.day != 1 or first.month % 3 != 1 or end.month % 3 != 1:
        return None
    return range(first.year * 4 + first.month // 3, end.year * 4 + end.month // 3)


def period_name(kind, number):
    if kind == "year":
        return str(number)
    return f"{number // 4}-Q{number % 4 + 1}"


class Figures:
    """What stands of every series. `cells`: {(series, place): {period: (number, exactly stated)}}, where a period is a year of
    people and a range of numbers of quarters of product."""

    def __init__(self, seed):
        self.random, self.cells, self.stage = random.Random(seed), {}, 0
        # Which cells a series states, decided once.
        self.stated = {}
        for series in SERIES:
            for place in PLACES:
                self.stated[series.name, place] = self._choose(series)

    def _choose(self, series):
        r = self.random
        if r.random() < 0.2:
            return []
        if series.denominator["role"] == "POPULATION":
            return [y for y in YEARS if r.random() < 0.55]
        periods = []
        for y in YEARS:
            form = r.choice(["none", "year", "quarters", "cumulative", "cumulative"])
            first = y * 4
            if form == "year":
                periods.append(range(first, first + 4))
            if form == "quarters":
                periods += [range(q, q + 1) for q in range(first, first + 4) if r.random() < 0.9]
            if form == "cumulative":
                periods += [range(first, first + n) for n in range(1, 5) if r.random() < 0.9]
        return periods

    def publish(self):
        """YAML of a vintage that states everything anew; the second keeps most numbers back that it does not revise."""
        self.stage += 1
        r = self.random
        text = f"""- name: vintages/stage-{self.stage}
  vintage:
    source: {{publisher: organisations/office, published: 2025-0{self.stage}-01}}
    series:
"""
        for series in SERIES:
            body = ""
            for place in PLACES:
                if self.stage > 1 and r.random() < 0.4:
                    continue
                body += self._region(series, place)
            if body:
                text += f"      - series: observationSeries/{series.name}\n        regions:\n{body}"
        return text

    def _region(self, series, place):
        r, cells = self.random, ""
        found = self.cells[series.name, place] = {}
        scale = Fraction(10) ** series.power
        # In hundredths of the unit; product is known by quarters, so that whatever is stated of it adds up.
        hidden = {q: r.randrange(1000, 99999) for y in YEARS for q in range(y * 4, y * 4 + 4)}
        for period in self.stated[series.name, place]:
            hundredths = r.randrange(1000, 99999) if isinstance(period, int) else sum(hidden[q] for q in period)
            exact, divisor = r.random() < 0.9, r.choice([1, 1, 1, 3]) if isinstance(period, int) else 1
            if r.random() < 0.07:
                cells += f"            - {{period: '{self._text(series, period)}', status: MISSING}}\n"
                continue
            cells += f"            - {{period: '{self._text(series, period)}', value: '{hundredths / 100:.2f}'"
            cells += f"{', divisor: 3' if divisor > 1 else ''}{'' if exact else ', qualifier: ABOUT'}}}\n"
            found[period] = (Fraction(hundredths, 100 * divisor) * scale, exact)
        return f"          - region: {place}\n            cells:\n" + cells.replace("            - ", "              - ") if cells else ""

    @staticmethod
    def _text(series, period):
        if isinstance(period, int):
            # A stock at the end of the year, as its day.
            return f"{period}-12-31" if series.name == "registered" and period % 2 else str(period)
        first, last = period[0], period[-1]
        if len(period) == 4:
            return str(first // 4)
        name = period_name("quarter", first)
        return name if len(period) == 1 else f"{name}..Q{last % 4 + 1}"


def copy_of(cells):
    return {key: dict(value) for key, value in cells.items()}


def people_stated(cells, names, place, year):
    """(number, carried, exact) of one place, of the series in their order; None: none is stated."""
    for y in range(year, min(YEARS) - 1, -1):
        for name in names:
            if y in cells.get((name, place), {}):
                number, exact = cells[name, place][y]
                return number, y != year, exact
    return None


def product_stated(cells, names, place, quarters):
    """(number, False, exact), `PERIOD_MISMATCH` or None. What is stated in parts adds up whatever the way, as all cells of a series
    and place are made of the same quarters: a period follows from them exactly when steps along cells lead from its start to its end.
    How exactly the parts were stated depends on the way: None then."""
    stated = [cells.get((name, place), {}) for name in names]
    if not any(stated):
        return None
    for one in stated:
        if quarters and quarters in one:
            return one[quarters][0], False, one[quarters][1]
    for one in stated:
        if not quarters:
            continue
        # Every boundary's height above the start.
        heights, changed = {quarters[0]: Fraction(0)}, True
        while changed:
            changed = False
            for period, (number, _) in one.items():
                a, b = period[0], period[-1] + 1
                for known, new, height in ((a, b, number), (b, a, -number)):
                    if known in heights and new not in heights:
                        heights[new] = heights[known] + height
                        changed = True
        if quarters[-1] + 1 in heights:
            return heights[quarters[-1] + 1], False, None
    return "PERIOD_MISMATCH"


def members_on(day):
    found = {r for r, a, b in MEMBERS if a <= day and (b is None or day < b)}
    return [r for r in sorted(found) if not any(a in found for a in ancestors(r)[1:])]


def of_place(stated, place, day):
    """`stated(place)` of a region; of a group its own, else the sum of its members. As product_stated."""
    own = stated(place)
    if not place.startswith("regionGroups/") or (isinstance(own, tuple) and not own[1]):
        return own
    parts = [stated(f"regions/{r}") for r in members_on(day)]
    total = None
    if parts and all(isinstance(p, tuple) for p in parts):
        exact = False if any(p[2] is False for p in parts) else None if any(p[2] is None for p in parts) else True
        total = sum(p[0] for p in parts), any(p[1] for p in parts), exact
    if total and (not total[1] or not isinstance(own, tuple)):
        return total
    if isinstance(own, tuple):
        return own
    if own == "PERIOD_MISMATCH" or (parts and None not in parts):
        return "PERIOD_MISMATCH"
    return None


def ancestors(region):
    """Itself first."""
    found = [region]
    while found[-1] in PARENT:
        found.append(PARENT[found[-1]])
    return found


def make_events(seed, count):
    r, events = random.Random(seed), []
    cities = [p for p in PARENT if p not in LEVEL]
    start = int((FIRST - date(1970, 1, 1)).days) * 86_400
    for i in range(count):
        e = event_pb2.Event(source="shop", id=f"e{i}", kind=r.choices([PURCHASE, USE, REFUND], [7, 2, 1])[0])
        e.event_time_us = (start + r.randrange(((LAST - FIRST).days + 1) * 86_400)) * 1_000_000 + i
        if e.kind != USE:
            e.amount = r.randrange(1, 1_000_000)
        if r.random() < 0.85:
            e.consumer.scheme, e.consumer.id = "account", f"p{int(60 * r.random() ** 2)}"
        for name in ("consumer_region", "provider_region"):
            if r.random() < 0.9:
                setattr(e, name, r.choice(["cn", *PARENT] if r.random() < 0.2 else cities))
        if r.random() < 0.9:
            e.age_band = r.choice([*AGES, "child"])
        e.area_type = r.choice([0, *AREAS])
        events.append(e)
    return events


def day_of(e):
    return date(1970, 1, 1) + timedelta(days=e.event_time_us // 86_400_000_000)
