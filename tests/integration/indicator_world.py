"""Random events, official figures and formula trees over a small catalog: what test_indicator evaluates."""

import random
from datetime import datetime, timedelta

from tidemark.catalog.v1 import formula_pb2 as f
from tidemark.catalog.v1 import observations_pb2 as obs
from tidemark.catalog.v1 import resource_pb2, unit_pb2
from tidemark.ingest.v1 import event_pb2
from tidemark.type.v1 import period_pb2

PURCHASE, REFUND, USE = (event_pb2.EVENT_KIND_PURCHASE, event_pb2.EVENT_KIND_REFUND, event_pb2.EVENT_KIND_SERVICE_USE)
ZONE_US = 8 * 3_600_000_000  # Shanghai
FISCAL_MONTH = 4
PARENT = {"cn": None, "east": "cn", "west": "cn", "east-0": "east", "east-1": "east", "east-2": "east", "east-3": "east",
          "west-1": "west", "west-2": "west", "west-3": "west"}
LEVEL = {"cn": "NATION", "east": "PROVINCE", "west": "PROVINCE"}
LEVEL.update({r: "CITY" for r in PARENT if r not in LEVEL})
# First month of a region, and the first without it.
VALID = {"east-0": (0, 2022 * 12 + 9), "east-3": (2022 * 12 + 6, 10**6)}
# What regions gave to others, and when: all, or a share by basis.
GIVEN = [("west-2", "west-1", 2022 * 12 + 2, {"POPULATION": "0.3", "GDP": "0.4"}),
         ("east-1", "east-3", 2022 * 12 + 6, {"POPULATION": "0.25"}),
         ("east-0", "east-2", 2022 * 12 + 9, {"WHOLE": "1"}),
         ("west-3", "east-2", 2023 * 12 + 1, {"GDP": "0.5"})]
# Members of regionGroups/pair, until (year, month) where it ends.
GROUP = {"east-1": (2022, 6), "west": None}
# Category: its parent, content and nature.
CATEGORIES = {"game": (None, "DIRECT", "SERVICES"), "app": ("game", "INDIRECT", "SERVICES"), "phone": (None, "INDIRECT", "GOODS"),
              "bread": (None, "NONE", "GOODS"), "kit": (None, None, "MIXED"), "odd": ("bread", None, None)}
# Provider: kind, and size by the first day (year, month) on which it holds.
PROVIDERS = {"p1": ("CREATOR", {(2021, 1): "MICRO", (2022, 3): "SMALL"}), "p2": ("ENTERPRISE", {(2022, 1): "LARGE"})}
# The first day on which a source reports, and the first on which it does no more.
SOURCES = {"shop": ("2021-01-01", "2023-11-16"), "mall": ("2021-03-10", "2022-07-01")}
PLACES = ["regions/" + r for r in PARENT] + ["regionGroups/pair"]
MONEY, COUNT, RATIO, PERCENT, PERSONS = (unit_pb2.UNIT_KIND_MONEY, unit_pb2.UNIT_KIND_COUNT, unit_pb2.UNIT_KIND_RATIO,
                                         unit_pb2.UNIT_KIND_PERCENT, unit_pb2.UNIT_KIND_PERSONS)


def unit(kind, power=0, per=0):
    return unit_pb2.Unit(kind=kind, currency="CNY" if kind == MONEY else "", power_of_ten=power, per=per)


# Series: its indicator's additivity, unit and what it serves as.
SERIES = {"sales": ("FLOW", unit(MONEY, 1), ""), "stock": ("STOCK", unit(COUNT), ""), "rate": ("NONE", unit(PERCENT), ""),
          "people": ("STOCK", unit(PERSONS, 2), "population"), "registered": ("STOCK", unit(PERSONS), "registered"),
          "gdp": ("FLOW", unit(MONEY, 3), "gdp"), "gdp-2": ("FLOW", unit(MONEY, 3), "gdp 2")}

def month_start(month):
    """First day of a month counted from January of the year 0."""
    return f"{month // 12:04}-{month % 12 + 1:02}-01"


def region_text(r):
    start, end = VALID.get(r, (0, 10**6))
    days = [f"start: {month_start(start)}"] * (start > 0) + [f"end: {month_start(end)}"] * (end < 10**6)
    given = [f"{{region: regions/{to}, date: {month_start(month)}, basis: {basis}" +
             ("}" if basis == "WHOLE" else f", weight: '{weight}'}}")
             for giver, to, month, weights in GIVEN if giver == r for basis, weight in weights.items()]
    return f"""
- name: regions/{r}
  region:
    level: {LEVEL[r]}
""" + (f"    parent: regions/{PARENT[r]}\n" if PARENT[r] else "") + (f"    valid: {{{', '.join(days)}}}\n" if days else "") + \
        (f"    successors: [{', '.join(given)}]\n" if given else "")


CATALOG = f"""
- name: observatories/test
  observatory: {{timeZone: Asia/Shanghai, currency: CNY, scale: 2, start: 2021-01-01, fiscalStartMonth: {FISCAL_MONTH},
                precedence: [SELLER_PLATFORM, PAYMENT]}}
- name: identifierSchemes/account
  identifierScheme: {{schemeClass: ACCOUNT, normalisation: NONE}}
- name: organisations/office
  organisation: {{kind: STATISTICS_OFFICE}}
""" + "".join(f"""
- name: sources/{s}
  source: {{kind: LIVE, reports: {{start: {first}, end: {end}}}}}
""" for s, (first, end) in SOURCES.items()) + "".join(map(region_text, PARENT)) + """
- name: regionGroups/pair
  regionGroup:
    members:
""" + "".join(f"      - {{member: regions/{r}" + (f", valid: {{end: {end[0]}-{end[1]:02}-01}}" if end else "") + "}\n"
              for r, end in GROUP.items()) + "".join(f"""
- name: categories/{c}
  category: {{{", ".join(filter(None, (f"parent: categories/{parent}" if parent else "", f"informationContent: {content}" if content
                                       else "", f"nature: {nature}" if nature else "")))}}}
""" for c, (parent, content, nature) in CATEGORIES.items())


def providers():
    for name, (kind, sizes) in PROVIDERS.items():
        starts = sorted(sizes)
        lines = [f"- {{sizeClass: {sizes[s]}, valid: {{start: {s[0]}-{s[1]:02}-01" +
                 (f", end: {e[0]}-{e[1]:02}-01" if e else "") + "}}" for s, e in zip(starts, starts[1:] + [None])]
        yield f"\n- name: providers/{name}\n  provider:\n    kind: {kind}\n    sizes:\n" + "".join(f"      {l}\n" for l in lines)


CATALOG += "".join(providers())


def there(region, e):
    """Whether the region is when the event happens."""
    day = datetime(1970, 1, 1) + timedelta(microseconds=e.event_time_us, hours=8)
    return VALID[region][0] <= day.year * 12 + day.month - 1 < VALID[region][1]


def events(seed, count):
    r = random.Random(seed)
    made = []
    for i in range(count):
        e = event_pb2.Event(source=r.choice(list(SOURCES)), id=f"e{i}")
        first = 1_609_430_400_000_000 if e.source == "shop" else 1_615_305_600_000_000  # 2021-01-01, 2021-03-10 in Shanghai
        end = 1_700_064_000_000_000 if e.source == "shop" else 1_656_604_800_000_000  # 2023-11-16, 2022-07-01
        e.event_time_us = r.randrange(first, end)
        e.kind = r.choices([PURCHASE, USE, REFUND], [6, 2, 2])[0]
        if e.kind != USE:
            e.amount = r.randrange(1, 100_000)
        if r.random() < 0.8:
            e.consumer.scheme, e.consumer.id = "account", f"c{r.randrange(25)}"
        for name, values, share in (("consumer_region", list(PARENT), 0.9), ("provider_region", list(PARENT), 0.9),
                                    ("category", list(CATEGORIES), 0.9), ("provider", [*PROVIDERS, "stranger"], 0.8)):
            if r.random() < share:
                setattr(e, name, r.choice([v for v in values if v not in VALID or there(v, e)]))
        e.channel = r.choice([0, event_pb2.CHANNEL_ONLINE, event_pb2.CHANNEL_OFFLINE])
        e.quantity = 0 if e.kind == USE else r.randrange(4)
        made.append(e)
    return made


def period(grain, start, count=0):
    """`start`: a month counted from the year 0."""
    made = period_pb2.Period(grain=period_pb2.PeriodGrain.Value("PERIOD_GRAIN_" + grain), count=count)
    made.start.year, made.start.month, made.start.day = start // 12, start % 12 + 1, 1
    return made


LENGTH = {"MONTH": 1, "QUARTER": 3, "HALF_YEAR": 6, "YEAR": 12}


def series_resources():
    for name, (additivity, of, serves) in SERIES.items():
        indicator = (made := resource_pb2.Resource(name=f"indicators/of-{name}")).indicator
        indicator.unit.CopyFrom(of)
        indicator.frequency = period_pb2.PERIOD_GRAIN_MONTH
        indicator.additivity = indicator.DESCRIPTOR.fields_by_name["additivity"].enum_type.values_by_name[
            "ADDITIVITY_" + additivity].number
        indicator.method.texts["en"] = "As stated."
        yield made
        series = (made := resource_pb2.Resource(name=f"observationSeries/{name}")).observation_series
        series.indicator, series.form, series.publisher = f"indicators/of-{name}", obs.SERIES_FORM_LEVEL, "organisations/office"
        series.unit.CopyFrom(of)
        if serves in ("population", "registered"):
            series.population.kind = f.POPULATION_KIND_RESIDENT if serves == "population" else f.POPULATION_KIND_REGISTERED
            series.population.time = f.POPULATION_TIME_MID_YEAR if serves == "population" else f.POPULATION_TIME_YEAR_END
            series.denominator.role = obs.DENOMINATOR_ROLE_POPULATION
        elif serves:
            series.price_basis = obs.PRICE_BASIS_CURRENT
            series.denominator.role = obs.DENOMINATOR_ROLE_GDP
            series.denominator.preference = 2 if serves == "gdp 2" else 1
        yield made


def figures(seed):
    """A vintage, and its cells by (series, place, first month, end month)."""
    r = random.Random(seed)
    vintage = (made := resource_pb2.Resource(name="vintages/v1")).vintage
    vintage.source.publisher = "organisations/office"
    vintage.source.published.year, vintage.source.published.month, vintage.source.published.day = 2024, 1, 15
    cells = {}
    for name in SERIES:
        of_series = vintage.series.add(series=f"observationSeries/{name}")
        yearly = SERIES[name][2] in ("population", "registered")
        for place in PLACES:
            if r.random() < 0.1:
                continue
            of_region = of_series.regions.add(region=place)
            grains = ["YEAR"] if yearly else ["YEAR", "QUARTER", "MONTH"]
            for grain in grains:
                for start in range(2019 * 12, 2024 * 12, LENGTH[grain]):
                    if r.random() < (0.4 if yearly else 0.12):
                        continue
                    cell = of_region.cells.add(period=period(grain, start))
                    kind = r.random()
                    if kind < 0.06:
                        cell.status = obs.OBSERVATION_STATUS_MISSING
                    elif kind < 0.12:
                        cell.status = obs.OBSERVATION_STATUS_SUPPRESSED
                    else:
                        cell.value.value = r.choice([f"{r.randrange(1, 999)}", f"{r.randrange(99)}.{r.randrange(10)}", "0"])
                        if not yearly and r.random() < 0.1:
                            cell.value.value = "-" + f"{r.randrange(1, 99)}.25"
                        cell.status = r.choice([0, 0, obs.OBSERVATION_STATUS_PROVISIONAL, obs.OBSERVATION_STATUS_REVISED,
                                                obs.OBSERVATION_STATUS_FORECAST])
                        cell.divisor = r.choice([0, 0, 0, 3])
                        cell.qualifier = r.choice([0, 0, unit_pb2.QUALIFIER_ABOUT])
                        cell.break_before = r.random() < 0.1
                    cells[name, place, start, start + LENGTH[grain]] = cell
            if not of_region.cells:
                of_series.regions.pop()
    return made, cells


class Trees:
    """Random formulas by what they are of; `known`: names of indicators made before, by kind and depth."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.known = {}

    def pick(self, options):
        return self.random.choice(options)

    def filters(self, node):
        r = self.random
        for dimension, codes, share in (("category", list(CATEGORIES), 0.2), ("channel", ["ONLINE", "OFFLINE"], 0.15),
                                        ("information_content", ["DIRECT", "INDIRECT", "NONE"], 0.2),
                                        ("category_nature", ["GOODS", "SERVICES", "MIXED"], 0.1),
                                        ("provider_size", ["MICRO", "SMALL", "LARGE"], 0.1),
                                        ("provider_kind", ["CREATOR", "ENTERPRISE", "PUBLIC_BODY"], 0.1),
                                        ("provider", ["p1", "stranger", "nobody"], 0.1),
                                        ("consumer_region", ["east", "west-1", "regionGroups/pair"], 0.1),
                                        ("source", list(SOURCES), 0.1)):
            if r.random() < share:
                codes = r.sample(codes, r.randrange(1, len(codes)))
                node.filters.add(dimension=dimension, codes=codes, unknown=dimension != "source" and r.random() < 0.3,
                                 exclude=r.random() < 0.2)

    def measure(self, names):
        name, _, q = self.pick(names).partition(":")
        node = f.MeasureNode(name=name, quantile=int(q or 0), place=self.pick(["", "", "provider_region"]))
        self.filters(node)
        return f.Formula(measure=node)

    def constant(self, of):
        return f.Formula(constant=f.ConstantNode(value={"value": self.pick(["0.5", "100", "-3", "7.25", "0"])}, unit=of))

    def series(self, names):
        return f.Formula(series=f.SeriesNode(series="observationSeries/" + (name := self.pick(names)),
                                             region=self.pick(["", "", "regions/cn"]),
                                             carried=name == "stock" and self.random.random() < 0.6))

    def operation(self, kind, *operands):
        return f.Formula(operation=f.OperationNode(kind=f.OperationKind.Value("OPERATION_KIND_" + kind), operands=operands))

    def comparison(self, kind, of, form=0, **more):
        return f.Formula(comparison=f.ComparisonNode(kind=f.ComparisonKind.Value("COMPARISON_KIND_" + kind), of=of, form=form, **more))

    def whole(self):
        made = f.ComparisonWhole()
        if self.random.random() < 0.4:
            made.level = self.pick([30, 40])  # nation, province
        elif self.random.random() < 0.6:
            made.region = self.pick(PLACES)
        if not made.level and not made.region or self.random.random() < 0.3:
            made.over.extend(self.random.sample(["category", "channel", "information_content", "provider_size"], 2))
        return made

    def nested(self, kind):
        options = self.known.get(kind)
        if not options:
            return None
        name, depth = self.pick(options)
        self.depth = max(self.depth, depth)
        return f.Formula(indicator=f.IndicatorNode(indicator=name, region=self.pick(["", "", "regions/east"])))

    def formula(self, kind, depth):
        r = self.random
        if depth > 1 and r.random() < 0.15 and (nested := self.nested(kind)) is not None:
            return nested
        if kind in ("money", "count"):
            leaves = ["gross", "net", "refunds", "net", "gross", "net", "average_line", "quantile:5000"] if kind == "money" else \
                ["events", "purchases", "uses", "quantity"]
            of = unit(MONEY, self.pick([0, 2])) if kind == "money" else unit(COUNT)
            if depth <= 1:
                return self.pick([lambda: self.measure(leaves), lambda: self.measure(leaves), lambda: self.constant(of),
                                  lambda: self.series(["sales"] if kind == "money" else ["stock"])])()
            inner, choice = (lambda: self.formula(kind, depth - 1)), r.random()
            if choice < 0.4:
                return self.operation(self.pick(["ADD", "SUBTRACT"]), inner(), inner())
            if choice < 0.6:
                return self.operation(self.pick(["MULTIPLY", "DIVIDE"]), inner(), self.formula("ratio", depth - 1))
            if choice < 0.75:
                return self.comparison("YTD", inner())
            return self.comparison(self.pick(["PREV", "YOY", "YTD_YOY"]), inner(), f.COMPARISON_FORM_DIFFERENCE)
        if kind == "ratio":
            if depth <= 1:
                return self.pick([lambda: self.constant(None), lambda: self.series(["rate"]),
                                  lambda: self.measure(["refund_rate"])])()
            amount = self.pick(["money", "money", "count"])
            inner, choice = (lambda: self.formula(amount, depth - 1)), r.random()
            if choice < 0.15:
                return self.operation("DIVIDE", inner(), inner())
            if choice < 0.25:
                return self.operation(self.pick(["ADD", "SUBTRACT", "MULTIPLY", "DIVIDE"]), self.formula("ratio", depth - 1),
                                      self.formula("ratio", depth - 1))
            if choice < 0.5:
                return self.comparison(self.pick(["PREV", "YOY", "YTD_YOY"]), inner(), f.COMPARISON_FORM_GROWTH)
            if choice < 0.65:
                return self.comparison("CAGR", inner(), intervals=r.randrange(1, 4))
            if choice < 0.85:
                return self.comparison(self.pick(["SHARE", "CONTRIBUTION_RATE"]), inner(), whole=self.whole())
            return self.comparison("RATIO_TO_GDP", self.formula("money", depth - 1))
        if kind == "points":
            if r.random() < 0.5:
                return self.comparison("CONTRIBUTION", self.formula(self.pick(["money", "count"]), depth - 1), whole=self.whole())
            return self.comparison(self.pick(["PREV", "YOY", "YTD_YOY"]), self.formula("ratio", depth - 1), f.COMPARISON_FORM_DIFFERENCE)
        if kind == "index":
            base = self.pick([period("MONTH", 2021 * 12 + 4), period("QUARTER", 2021 * 12 + 3), period("YEAR", 2021 * 12),
                              period("MONTH", 2021 * 12, 2), period("MONTH", 2021 * 12 + 3, 2)])
            return self.comparison("INDEX", self.formula("money", depth - 1), base=base)
        if kind == "pseudonyms":
            if depth <= 2:
                return self.measure(["consumers"])
            return self.operation("ADD", self.formula(kind, depth - 1), self.formula(kind, depth - 1))
        return self.comparison("PER_CAPITA", self.formula("money", depth - 1), population=self.pick(
            [None, f.PopulationBasis(kind=f.POPULATION_KIND_REGISTERED, time=f.POPULATION_TIME_YEAR_END)]))

    KINDS = {"money": [unit(MONEY), unit(MONEY, 4)], "count": [unit(COUNT)], "ratio": [unit(RATIO), unit(PERCENT)],
             "points": [unit(unit_pb2.UNIT_KIND_PERCENTAGE_POINTS)], "index": [unit(unit_pb2.UNIT_KIND_INDEX)],
             "pseudonyms": [unit(unit_pb2.UNIT_KIND_PSEUDONYMS)], "head": [unit(MONEY, 0, unit_pb2.UNIT_PER_PERSON)]}

    def indicator(self, number):
        kind = self.random.choices(list(self.KINDS), [4, 2, 6, 2, 1, 1, 1])[0]
        self.depth = 0
        made = resource_pb2.Resource(name=f"indicators/t{number}")
        made.indicator.formula.CopyFrom(self.formula(kind, self.random.randrange(2, 6)))
        made.indicator.unit.CopyFrom(self.pick(self.KINDS[kind]))
        made.indicator.frequency = period_pb2.PERIOD_GRAIN_MONTH
        made.indicator.additivity = 3  # none
        made.indicator.method.texts["en"] = "Made up."
        if self.depth < 6:
            self.known.setdefault(kind, []).append((made.name, self.depth + 1))
        return made
