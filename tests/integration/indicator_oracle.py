"""Evaluates formula trees by looping over plain events and cells, written apart from the product."""

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, getcontext
from fractions import Fraction

from tidemark.catalog.v1 import formula_pb2 as f
from tidemark.catalog.v1 import observations_pb2 as obs
from tidemark.catalog.v1 import unit_pb2

from indicator_boundaries import above, changed, counts_as, is_new, made_of, members, region_within
from indicator_world import CATEGORIES, FISCAL_MONTH, LENGTH, LEVEL, PROVIDERS, PURCHASE, REFUND, SERIES, SOURCES, USE

getcontext().prec = 80
GRAINS = {"MONTH": 1, "QUARTER": 3, "HALF_YEAR": 6, "YEAR": 12}
RANK = "ARPE"
ADDITIVE = {"gross", "net", "refunds", "events", "purchases", "uses", "quantity"}


class Refused(Exception):
    """A reason for which the whole question is refused."""


class Value:
    def __init__(self, number=None, null=None, unknown=False, partial=False, status="A", flags=()):
        self.number, self.null, self.unknown, self.partial = number, null, unknown, partial
        self.status, self.flags = status, frozenset(flags)

    def follow(self, *others):
        self.partial = self.partial or any(o.partial for o in others)
        self.status = max([self.status, *(o.status for o in others)], key=RANK.index)
        self.flags = self.flags.union(*(o.flags for o in others))
        return self


def of(number=None, null=None, follows=(), unknown=False):
    return Value(number if null is None else None, null, unknown).follow(*follows)


def scale(unit):
    return Fraction(1, 100) if unit.kind == unit_pb2.UNIT_KIND_PERCENT else Fraction(10) ** unit.power_of_ten


def days(first, end):
    """Of months counted from the year 0."""
    return (date(end // 12, end % 12 + 1, 1) - date(first // 12, first % 12 + 1, 1)).days


def month_of(day):
    return day.year * 12 + day.month - 1


def day_of(text):
    return date.fromisoformat(text)


def category_within(category, code):
    while category is not None:
        if category == code:
            return True
        category = CATEGORIES[category][0]
    return False


class Row:
    """An event as the oracle reads it."""

    def __init__(self, e):
        local = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=e.event_time_us, hours=8)
        self.kind, self.amount, self.quantity, self.source = e.kind, e.amount, e.quantity, e.source
        self.month = month_of(local)
        self.consumer = e.consumer.id if e.HasField("consumer") else None
        for name in ("consumer_region", "provider_region", "category", "provider"):
            setattr(self, name, getattr(e, name) if e.HasField(name) else None)
        self.channel = {0: None, 1: "online", 2: "offline", 3: "hybrid"}[e.channel]

    def word(self, dimension):
        if dimension == "information_content":
            return (CATEGORIES[self.category][1] or "NONE") if self.category else None
        if dimension == "category_nature":
            return CATEGORIES[self.category][2] if self.category else None
        if dimension == "provider_kind":
            return PROVIDERS[self.provider][0] if self.provider in PROVIDERS else None
        if dimension == "provider_size":
            sizes = PROVIDERS[self.provider][1] if self.provider in PROVIDERS else {}
            since = [s for s in sizes if s[0] * 12 + s[1] - 1 <= self.month]
            return sizes[max(since)] if since else None
        return getattr(self, dimension)

    def passes(self, dimension, codes, unknown, exclude, end):
        word = self.word(dimension)
        if word is None:
            named = unknown
        elif dimension.endswith("_region"):
            named = any(region_within(word, c, self.month, end) for c in codes)
        elif dimension == "category":
            named = any(category_within(word, c) for c in codes)
        else:
            named = word in codes
        return named != exclude


class Oracle:
    def __init__(self, events, cells, indicators):
        self.rows = [Row(e) for e in events]
        self.cells = cells
        self.indicators = {i.name: i.indicator for i in indicators}
        self.met = Counter()
        self.memo = {}

    def figure(self, series, place, first, end):
        cell = self.cells.get((series, place, first, end))
        if cell is None:
            return None
        if cell.status in (obs.OBSERVATION_STATUS_MISSING, obs.OBSERVATION_STATUS_SUPPRESSED):
            kept = cell.status == obs.OBSERVATION_STATUS_SUPPRESSED
            return Value(null="SUPPRESSED" if kept else "NO_DATA", unknown=not kept)
        status = {obs.OBSERVATION_STATUS_PROVISIONAL: "P", obs.OBSERVATION_STATUS_REVISED: "R",
                  obs.OBSERVATION_STATUS_FORECAST: "E"}.get(cell.status, "A")
        flags = {"QUALIFIED"} if cell.qualifier > 1 else set()
        if cell.break_before:
            flags.add("BREAK")
        return Value(Fraction(cell.value.value) / (cell.divisor or 1) * scale(SERIES[series][1]), status=status, flags=flags)

    # Periods are (grain, first month, end month); cumulative ones have the grain CUM.
    def earlier(self, period, years=1):
        grain, first, end = period
        return grain, first - 12 * years, end - 12 * years

    def before(self, period):
        grain, first, end = period
        return None if grain == "CUM" else (grain, first - LENGTH[grain], first)

    def to_date(self, period):
        grain, first, end = period
        start = first // 12 * 12 + FISCAL_MONTH - 1
        start -= 12 if start > first else 0
        if start + 12 < end:
            raise Refused("GRAIN_INVALID")
        return period if start == first else ("CUM", start, end)

    def coverage(self, period, filters):
        _, first, end = period
        expected = complete = 0
        for source, (opens, closes) in SOURCES.items():
            if not all((source in codes) != exclude for dimension, codes, _, exclude in filters if dimension == "source"):
                continue
            start, stop = date(first // 12, first % 12 + 1, 1), date(end // 12, end % 12 + 1, 1)
            shared = (min(stop, day_of(closes)) - max(start, day_of(opens))).days
            if shared > 0:
                expected, complete = expected + days(first, end), complete + shared
        return complete, expected

    def measure(self, node, place, period, over, extra, end):
        filters = [(x[0], x[1], False, False) for x in extra if x[0] not in over]
        for x in node.filters:
            codes = [c.lower() for c in x.codes] if x.dimension == "channel" else list(x.codes)
            if x.dimension not in over:
                filters.append((x.dimension, codes, x.unknown, x.exclude))
        of_place = node.place or "consumer_region"
        rows = [r for r in self.rows if period[1] <= r.month < period[2] and region_within(getattr(r, of_place), place, r.month, end)
                and all(r.passes(*x, end) for x in filters)]
        complete, expected = self.coverage(period, filters)
        partial = complete < expected or expected == 0
        value = self.aggregate(node, rows)
        if not rows and expected == 0:
            value = Value(null="NOT_REPORTED", unknown=True)
        if partial:
            value.partial, value.status, value.flags = True, "P", frozenset({"PARTIAL"})
        return value

    def aggregate(self, node, rows):
        bought = [r.amount for r in rows if r.kind == PURCHASE]
        gross, refunds = sum(bought), sum(r.amount for r in rows if r.kind == REFUND)
        name = node.name
        if name == "average_line":
            return Value(Fraction(gross / (len(bought) * 100))) if bought else Value(null="NO_DATA")
        if name == "quantile":
            rank = -(-node.quantile * len(bought) // 10_000)
            return Value(Fraction(sorted(bought)[rank - 1], 100)) if bought else Value(null="NO_DATA")
        if name == "refund_rate":
            return Value(Fraction(refunds / gross)) if gross else Value(null="ZERO_DENOMINATOR")
        if name == "consumers":
            return Value(Fraction(len({r.consumer for r in rows if r.kind != REFUND and r.consumer})))
        money = {"gross": gross, "refunds": refunds, "net": gross - refunds}
        if name in money:
            return Value(Fraction(money[name], 100))
        counts = {"events": len(rows), "purchases": len(bought), "uses": sum(r.kind == USE for r in rows),
                  "quantity": sum(r.quantity * (1 if r.kind == PURCHASE else -1) for r in rows)}
        return Value(Fraction(counts[name]))

    def is_ratio(self, tree):
        """Whether differences of it are told in points."""
        node = tree.WhichOneof("node")
        if node == "constant":
            return not tree.constant.HasField("unit")
        if node == "measure":
            return tree.measure.name == "refund_rate"
        if node == "series":
            return SERIES[tree.series.series.partition("/")[2]][1].kind == unit_pb2.UNIT_KIND_PERCENT
        if node == "indicator":
            return self.indicators[tree.indicator.indicator].unit.kind in (unit_pb2.UNIT_KIND_RATIO, unit_pb2.UNIT_KIND_PERCENT)
        if node == "operation":
            first, *others = [self.is_ratio(o) for o in tree.operation.operands]
            if tree.operation.kind == f.OPERATION_KIND_DIVIDE:
                return first if others[0] else True
            return first and all(others)
        kind = f.ComparisonKind.Name(tree.comparison.kind)[16:]
        if kind in ("PREV", "YOY", "YTD_YOY"):
            return tree.comparison.form == f.COMPARISON_FORM_GROWTH
        return self.is_ratio(tree.comparison.of) if kind == "YTD" else kind not in ("INDEX", "CONTRIBUTION", "PER_CAPITA")

    def is_additive(self, tree):
        node = tree.WhichOneof("node")
        if node == "measure":
            return tree.measure.name in ADDITIVE
        if node == "series":
            return SERIES[tree.series.series.partition("/")[2]][0] != "NONE"
        if node == "indicator":
            return self.is_additive(self.indicators[tree.indicator.indicator].formula)
        if node == "operation":
            operands, kind = list(tree.operation.operands), tree.operation.kind
            additive = [self.is_additive(o) for o in operands]
            if kind in (f.OPERATION_KIND_ADD, f.OPERATION_KIND_SUBTRACT):
                return all(additive)
            constant = [o.WhichOneof("node") == "constant" for o in operands]
            if sum(additive) != 1 or sum(constant) != len(operands) - 1:
                return False
            return kind == f.OPERATION_KIND_MULTIPLY or not constant[0]
        if node == "comparison":
            c = tree.comparison
            return (c.kind == f.COMPARISON_KIND_YTD or c.form == f.COMPARISON_FORM_DIFFERENCE) and self.is_additive(c.of)
        return False

    def value(self, tree, place, period, over=frozenset(), extra=(), end=None):
        """`end`: of a comparison the first month whose regions and groups do not matter any more."""
        key = (tree.SerializeToString(deterministic=True), place, period, over, extra, end)
        if key not in self.memo:
            self.memo[key] = self.compute(tree, place, period, over, extra, end)
        return self.memo[key]

    def compute(self, tree, place, period, over, extra, end):
        node = tree.WhichOneof("node")
        if node == "constant":
            number = Fraction(tree.constant.value.value)
            return Value(number * (scale(tree.constant.unit) if tree.constant.HasField("unit") else 1))
        if node == "measure":
            self.met["measure " + tree.measure.name] += 1
            return self.measure(tree.measure, place, period, over, extra, end)
        if node == "series":
            return self.series(tree.series, tree.series.region or place, period, end)
        if node == "indicator":
            formula = self.indicators[tree.indicator.indicator].formula
            return self.value(formula, tree.indicator.region or place, period, over, extra, end)
        if node == "operation":
            values = [self.value(o, place, period, over, extra, end) for o in tree.operation.operands]
            return self.operation(tree.operation.kind, values)
        return self.comparison(tree.comparison, place, period, over, extra, end)

    def crossed(self, kind, place, stated, end, figure):
        """What `figure(place)` of the boundaries at the end of the month before `stated` says of a place of later ones."""
        if place.startswith("regionGroups/") or end is None:
            return figure(place)
        region = counts_as(place.removeprefix("regions/"), end)
        if changed(stated, end) and is_new(region, stated):
            own = figure("regions/" + region)
            if own is not None and own.null in (None, "SUPPRESSED"):
                self.met["made for later boundaries"] += 1
                return own
        shares, reason = made_of(region, kind, stated, end)
        if shares == {region: 1} and not reason:
            return figure("regions/" + region)
        parts = [(figure("regions/" + r), share) for r, share in shares.items()]
        known = [p for p, _ in parts if p is not None]
        if not known:
            return None
        if len(known) < len(parts) or any(p.unknown for p in known):
            return Value(null="NO_DATA", unknown=True)
        nulls = [p.null for p in known if p.null]
        if nulls or reason:
            self.met["made of nothing"] += 1
            return Value(null=nulls[0] if nulls else reason)
        made = of(sum(p.number * share for p, share in parts), follows=known)
        self.met["made of parts"] += 1
        if any(share < 1 for share in shares.values()):
            made.status, made.flags = "E", made.flags | {"CROSSWALK"}
        return made

    def by_then(self, place, period, end):
        """The boundaries that a figure is wanted of."""
        region = place.removeprefix("regions/")
        return end or (period[2] if not place.startswith("regionGroups/") and counts_as(region, period[2]) == region else None)

    def series(self, node, place, period, end):
        name = node.series.partition("/")[2]
        additivity, unit, _ = SERIES[name]
        kind = {unit_pb2.UNIT_KIND_MONEY: "money", unit_pb2.UNIT_KIND_PERSONS: "people"}.get(unit.kind, "other")
        kind = "none" if additivity == "NONE" else kind
        end = self.by_then(place, period, end)

        def find(p):
            return self.crossed(kind, place, p[2], end, lambda of_place: self.figure(name, of_place, *p[1:]))
        found = find(period)
        if not node.carried or found is not None and not found.unknown:
            return found or Value(null="NO_DATA", unknown=True)
        for years in range(1, 6):
            before = find(self.earlier(period, years))
            if before is not None and not before.unknown:
                before.flags |= {"CARRIED"}
                return before
        return found or Value(null="NO_DATA", unknown=True)

    def operation(self, kind, values):
        self.met[f.OperationKind.Name(kind)[15:]] += 1
        for v in values:
            if v.null:
                return of(null=v.null, unknown=v.unknown, follows=values)
        number = values[0].number
        for v in values[1:]:
            if kind == f.OPERATION_KIND_ADD:
                number += v.number
            elif kind == f.OPERATION_KIND_SUBTRACT:
                number -= v.number
            elif kind == f.OPERATION_KIND_MULTIPLY:
                number *= v.number
            elif v.number == 0:
                return of(null="ZERO_DENOMINATOR", follows=values)
            else:
                number /= v.number
        return of(number, follows=values)

    def compare(self, value, base):
        """Why the two have no comparison."""
        if base is None or base.unknown:
            return "NO_BASE"
        if value.partial or base.partial:
            return "PARTIAL_PERIOD"
        return value.null or base.null

    def comparison(self, c, place, period, over, extra, end):
        kind = f.ComparisonKind.Name(c.kind)[16:]
        self.met[kind + ("_DIFF" if c.form == f.COMPARISON_FORM_DIFFERENCE else "")] += 1

        def at(p, where=place, without=over, by=end):
            return None if p is None else self.value(c.of, where, p, without, extra, by)

        def both(p, q, where=place, without=over):
            later = max(m for m in (end, p[2], q and q[2]) if m is not None)
            return at(p, where, without, later), at(q, where, without, later)
        if kind == "YTD":
            return at(self.to_date(period))
        if kind in ("PREV", "YOY", "YTD_YOY"):
            base = self.before(period) if kind == "PREV" else self.earlier(period)
            now = self.to_date(period) if kind == "YTD_YOY" else period
            base = self.to_date(base) if kind == "YTD_YOY" else base
            return self.change(c, *both(now, base))
        if kind in ("CAGR", "INDEX"):
            return self.far(c, kind, both, period)
        if kind in ("PER_CAPITA", "RATIO_TO_GDP"):
            return self.divided(c, kind, at(period), place, period, end)
        return self.of_whole(c, kind, at, both, place, period, over, end)

    def change(self, c, value, base):
        follows = [v for v in (value, base) if v]
        null = self.compare(value, base)
        if null:
            return of(null=null, follows=follows)
        difference = value.number - base.number
        if c.form == f.COMPARISON_FORM_DIFFERENCE:
            return of(difference * (100 if self.is_ratio(c.of) else 1), follows=follows)
        return self.over_base(difference, base.number, follows)

    def over_base(self, part, base, follows):
        null = "ZERO_BASE" if base == 0 else "NEGATIVE_BASE" if base < 0 else None
        return of(None if null else part / base, null, follows)

    def far(self, c, kind, both, period):
        if kind == "CAGR":
            base_period = self.earlier(period, c.intervals)
        else:
            first, count = c.base.start.year * 12 + c.base.start.month - 1, c.base.count or 1
            grain = next(g for g, n in GRAINS.items() if f.DESCRIPTOR.pool.FindEnumTypeByName(
                "tidemark.type.v1.PeriodGrain").values_by_name["PERIOD_GRAIN_" + g].number == c.base.grain)
            base_period = ("CUM" if count > 1 else grain, first, first + count * GRAINS[grain])
        value, base = both(period, base_period)
        null, follows = self.compare(value, base), [value, base]
        if kind == "INDEX":
            like = period[0] == base_period[0] and (period[0] != "CUM" or (
                period[1] % 12 == base_period[1] % 12 and period[2] - period[1] == base_period[2] - base_period[1]))
            null = null if like else "PERIOD_MISMATCH"
            return of(null=null, follows=follows) if null else self.over_base(value.number * 100, base.number, follows)
        if null is None and (base.number <= 0 or value.number < 0):
            null = "NOT_POSITIVE"
        if null:
            return of(null=null, follows=follows)
        quotient = value.number / base.number
        exact = Decimal(quotient.numerator) / Decimal(quotient.denominator)
        root = exact ** (Decimal(1) / c.intervals) if exact else Decimal(0)
        return of(Fraction(float(root) - 1), follows=follows)

    def divided(self, c, kind, value, place, period, end):
        if kind == "RATIO_TO_GDP":
            by = self.stated(place, period[2], end, lambda p: self.product(p, *period[1:], end))
        else:
            series = "registered" if c.HasField("population") else "people"
            by = self.stated(place, period[2], end, lambda p: self.people(series, p, period, end))
        result = of(value.number, value.null, [value, by], value.unknown)
        if kind == "PER_CAPITA" and period[0] != "YEAR":
            result.flags |= {"PART_YEAR"}
        if result.null is None:
            if by.null or by.number == 0:
                result.number, result.null = None, by.null or "ZERO_DENOMINATOR"
            else:
                result.number = value.number / by.number
        return result

    def stated(self, place, until, end, of_place):
        """Of a group what is stated of itself, else the sum over its members on the last day."""
        own = of_place(place)
        if not place.startswith("regionGroups/") or own.null is None and "CARRIED" not in own.flags:
            return own
        found = [of_place("regions/" + m) for m in members(until - 1, end)]
        nulls = {m.null for m in found} - {None}
        if not nulls:
            sum_ = of(sum(m.number for m in found), follows=found)
            return own if own.null is None and "CARRIED" in sum_.flags else sum_
        if own.null in (None, "PERIOD_MISMATCH"):
            return own
        return Value(null=next(n for n in ("NO_DENOMINATOR", "NO_WEIGHT", "PERIOD_MISMATCH") if n in nulls))

    def people(self, series, place, period, end):
        last, end = (period[2] - 1) // 12, self.by_then(place, period, end)

        def find(year):
            def figure(p):
                found = self.figure(series, p, year * 12, year * 12 + 12)
                return found if found is not None and found.null is None else None
            return self.crossed("people", place, year * 12 + 12, end, figure)
        for year in range(last, 2018, -1):
            found = find(year)
            if found is not None and not found.unknown:
                found.flags |= {"CARRIED"} if year < last and not found.null else set()
                return found
        return Value(null="NO_DENOMINATOR")

    def product(self, place, first, until, end):
        found = self.crossed("money", place, until, end, lambda p: self.product_of(p, first, until))
        return found if found and not found.unknown else Value(null="NO_DENOMINATOR")

    def product_of(self, place, first, end):
        """Of the very period; else of the fewest cells of one series that add up to it, some perhaps subtracted: the shortest way
        from its first month to its end, where every cell leads from its own first month to its end, or back."""
        spans = {series: sorted((a, b) for (s, p, a, b), cell in self.cells.items()
                                if (s, p) == (series, place) and cell.HasField("value")) for series in ("gdp", "gdp-2")}
        for series, cells in spans.items():
            if (first, end) in cells:
                return self.figure(series, place, first, end)
        for series, cells in spans.items():
            ways = {first: []}
            waiting = [first]
            while waiting and end not in ways:
                month = waiting.pop(0)
                steps = [(b, (a, b), 1) for a, b in cells if a == month] + [(a, (a, b), -1) for a, b in cells if b == month]
                for to, span, sign in steps:
                    if to not in ways:
                        ways[to] = ways[month] + [(span, sign)]
                        waiting.append(to)
            if ways.get(end):
                parts = [(self.figure(series, place, *span), sign) for span, sign in ways[end]]
                return of(sum(part.number * sign for part, sign in parts), follows=[part for part, _ in parts])
        return Value(null="PERIOD_MISMATCH") if any(spans.values()) else None

    def of_whole(self, c, kind, at, both, place, period, over, end):
        without, where, base = over | set(c.whole.over), c.whole.region or place, self.earlier(period)
        if c.whole.level:
            level = {30: "NATION", 40: "PROVINCE"}[c.whole.level]
            by = end if kind == "SHARE" else max(period[2], end or 0)
            around = [] if place.startswith("regionGroups/") else above(place.partition("/")[2], by)
            where = next(("regions/" + r for r in around if LEVEL[r] == level), None)
        additive = self.is_additive(c.of)
        if kind == "SHARE":
            a, b = at(period), at(period, where, without) if where else Value()
            null = None if additive else "NOT_ADDITIVE"
            unknown = not null and (a.unknown if a.null else bool(where) and b.unknown)
            null = null or a.null or (None if where else "NO_DENOMINATOR") or b.null
            if not null and b.number == 0:
                null = "ZERO_DENOMINATOR"
            return of(None if null else a.number / b.number, null, [a, b], unknown)
        (a, a0), (b, b0) = both(period, base), both(period, base, where, without) if where else (Value(), Value())
        follows = [a, a0] + ([b, b0] if where else [])
        null = (None if additive else "NOT_ADDITIVE") or self.compare(a, a0) or (None if where else "NO_DENOMINATOR") or \
            self.compare(b, b0)
        if null:
            return of(null=null, follows=follows)
        if kind == "CONTRIBUTION":
            return self.over_base((a.number - a0.number) * 100, b0.number, follows)
        if b.number == b0.number:
            return of(null="NO_CHANGE", follows=follows)
        return of((a.number - a0.number) / (b.number - b0.number), follows=follows)
