"""Ad-hoc questions drawn from a seed, in words of no engine: what is measured, broken down by what, of which events, when."""

import dataclasses
import datetime
import math
import random

from answers import query
from periods import days, name
from simulate import END_DAY, FIRST_DAY

ADDITIVE = ("gross", "refunds", "net", "events", "purchases", "quantity")
DISTINCT = ("consumers", "orders")
# Ten-thousandths. The number nearest to each of these, times a count of events, never exceeds the next integer when the
# exact product is one, so that engines that multiply in floating point mean the same rank.
QUANTILES = (2500, 5000, 7500, 9000, 9500, 9900)
# What a question of each class measures beside sums; half of the questions are additive.
TURNS = ("additive", "distinct", "additive", "quantile")
CLASSES = ("additive", "distinct", "quantile")

# What all engines have, with how often it is broken down by, out of the sum.
DIMENSIONS = {"source": 2, "consumer_region": 4, "consumer_region@province": 4, "provider_region": 2,
              "provider_region@province": 2, "category": 5, "category@1": 3, "product": 1, "segment": 3, "channel": 3,
              "payment_method": 3, "age_band": 3, "area_type": 3, "kind": 1}
# Fields whose absence an engine can see; `consumer_scheme` is absent when the consumer is.
MAY_LACK = ("segment", "channel", "area_type", "consumer_scheme")
GRAINS = {"ALL": 8, "MONTH": 5, "DAY": 2, "WEEK": 2, "YEAR": 3}
GRAIN_DAYS = {"ALL": 10_000, "YEAR": 365, "QUARTER": 90, "MONTH": 30, "WEEK": 7, "DAY": 1}
# Grain of the names that bound a range, most periods that it spans, and how often; None: no range.
RANGES = {None: 6, ("YEAR", 1): 3, ("QUARTER", 2): 2, ("MONTH", 1): 3, ("MONTH", 12): 3, ("WEEK", 8): 1, ("DAY", 1): 1,
          ("DAY", 60): 2}
# More rows than a page or a person takes are asked for as the first few; more cells than that by nobody.
MOST_ROWS, MOST_CELLS = 5_000, 300_000
LIMITS = (10, 20, 50, 100)
# Products that a log of a few thousand events is sure to have: the first are bought most.
PRODUCTS = 100


@dataclasses.dataclass(frozen=True)
class Filter:
    field: str  # a key of DIMENSIONS, whose level all codes have, or `consumer_scheme`
    codes: tuple
    unknown: bool
    exclude: bool


@dataclasses.dataclass(frozen=True)
class Question:
    kind: str  # of CLASSES
    measures: tuple  # names, `quantile(5000)`
    dimensions: tuple  # keys of DIMENSIONS
    filters: tuple
    first: str  # names of periods; empty: no range
    last: str
    grain: str
    limit: int  # the first rows by the first measure, largest first; 0: all

    def message(self):
        """The Query of Tidemark."""
        q = query(self.measures, self.grain, self.dimensions, limit=self.limit)
        for f in self.filters:
            q.filters.add(dimension=f.field.partition("@")[0], codes=f.codes, unknown=f.unknown, exclude=f.exclude)
        q.range.first, q.range.last = self.first, self.last
        if self.limit:
            q.order_by.add(column=self.measures[0], descending=True)
        return q


def draw(seed, count, members):
    """`count` questions; the same for the same seed. `members`: key of DIMENSIONS -> the codes it has."""
    return [_one(random.Random(f"{seed} {number}"), TURNS[number % len(TURNS)], members) for number in range(count)]


def _weighted(rng, weights):
    return rng.choices(list(weights), list(weights.values()))[0]


def _one(rng, kind, members):
    while True:
        dimensions = _dimensions(rng, rng.choices((0, 1, 2, 3), (2, 4, 3, 1))[0])
        grain, (first, last) = _weighted(rng, GRAINS), _range(rng)
        if grain != "ALL" and not dimensions and not first:
            # A total has a row for every period that a source reports in, whether or not it has events.
            first, last = FIRST_DAY[:4], str(int(END_DAY[:4]) - 1)
        cells = _periods(grain, first, last) * math.prod(len(members[d]) for d in dimensions)
        if cells <= MOST_CELLS:
            break
    limits = [n for n in LIMITS if n < cells] if cells > MOST_ROWS or rng.random() < 0.25 else []
    # What is distinct or of a rank is so among purchases: one kind or none.
    fields = [d for d in (*DIMENSIONS, "consumer_scheme") if d != "kind" or kind == "additive"]
    filters = _filters(rng, rng.choices((0, 1, 2, 3), (3, 4, 2, 1))[0], fields, members)
    return Question(kind, _measures(rng, kind), dimensions, filters, first, last, grain, rng.choice(limits) if limits else 0)


def _measures(rng, kind):
    if kind == "additive":
        return tuple(rng.sample(ADDITIVE, rng.randint(1, 4)))
    if kind == "distinct":
        heavy = [rng.choice(DISTINCT)]
    else:
        heavy = [f"quantile({n})" for n in sorted(rng.sample(QUANTILES, rng.randint(1, 2)))]
    return (*heavy, *rng.sample(ADDITIVE, rng.choice((0, 0, 1, 2))))


def _dimensions(rng, count):
    """As many different fields, each at one level."""
    found = {}
    while len(found) < count:
        dimension = _weighted(rng, DIMENSIONS)
        found.setdefault(dimension.partition("@")[0], dimension)
    return tuple(found.values())


def _filters(rng, count, fields, members):
    found = {}
    while len(found) < count:
        field, exclude = rng.choice(fields), rng.random() < 0.25
        dimension = field.partition("@")[0]
        if dimension in found:
            continue
        unknown = field == "consumer_scheme" or (field in MAY_LACK and rng.random() < 0.3)
        codes = () if field == "consumer_scheme" else _codes(rng, members[field][:PRODUCTS if field == "product" else None])
        found[dimension] = Filter(field, codes, unknown, exclude)
    return tuple(found.values())


def _codes(rng, known):
    """One of them, or several but not all; earlier ones, which have more events, more often."""
    count = 1 if len(known) <= 2 or rng.random() < 0.5 else rng.randint(2, min(6, len(known) - 1))
    found = {}
    while len(found) < count:
        found.setdefault(known[int(len(known) * rng.random() ** 2)])
    return tuple(sorted(found))


def _range(rng):
    drawn = _weighted(rng, RANGES)
    if drawn is None:
        return "", ""
    grain, most = drawn
    first_day, end_day = map(datetime.date.fromisoformat, (FIRST_DAY, END_DAY))
    start = first_day + datetime.timedelta(days=rng.randrange((end_day - first_day).days))
    last = start + datetime.timedelta(days=GRAIN_DAYS[grain] * rng.randrange(most))
    return name(grain, start), name(grain, min(last, end_day - datetime.timedelta(days=1)))


def bounds(question):
    """(first day, day after the last), None without a range."""
    return (days(question.first)[0], days(question.last)[1]) if question.first else None


def _periods(grain, first, last):
    """About how many periods of the grain an answer has."""
    end, start = (days(last)[1], days(first)[0]) if first else map(datetime.date.fromisoformat, (END_DAY, FIRST_DAY))
    return max(1, math.ceil((end - start).days / GRAIN_DAYS[grain]))
