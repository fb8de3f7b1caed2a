"""Random official figures, targets of all kinds, and where they stand: by the definition, in fractions. Every additive figure is
a sum over one truth by months, so that whatever follows from figures is a sum over that truth."""

import random
from decimal import Decimal, getcontext
from fractions import Fraction

from answers import Null
from tidemark.analytics.v1 import result_pb2

getcontext().prec = 60

REGIONS = ["regions/cn-33", "regions/cn-63", "regions/cn-6301", "regionGroups/pair"]
DUES = ["2015", "2015", "2015", "2015-Q4", "2015-Q1..Q3", "2015-04..2016-03"]
ASKED = [None, "2011", "2013", "2014", "2015", "2016", "2013-Q3", "2013-Q1..Q3", "2014-Q2", "2014-H1", "2014-02"]
LETTER = {"NORMAL": "A", "REVISED": "R", "PROVISIONAL": "P", "ESTIMATED": "E", "IMPUTED": "I", "LOW_RELIABILITY": "U",
          "FORECAST": "F"}


def null(name):
    return Null(result_pb2.NullReason.Value("NULL_REASON_" + name))


def span(name):
    """Months since January of the year 0, half-open."""
    def one(text):
        year, rest = int(text[:4]), text[5:]
        if not rest:
            return year * 12, year * 12 + 12
        if rest[0] in "QH":
            length = 3 if rest[0] == "Q" else 6
            begin = year * 12 + (int(rest[1]) - 1) * length
            return begin, begin + length
        begin = year * 12 + int(rest) - 1
        return begin, begin + 1
    head, _, tail = name.partition("..")
    if not tail:
        return one(head)
    return one(head)[0], one(tail if len(tail) >= 4 else head[:5] + tail)[1]


def name_of(months):
    begin, end = months
    for length, text in ((12, "{0}"), (6, "{0}-H{1}"), (3, "{0}-Q{1}"), (1, "{0}-{1:02}")):
        if begin % length == 0 and (end - begin) % length == 0:
            first, last = (text.format(m // 12, m % 12 // length + 1) for m in (begin, end - length))
            if first == last:
                return first
            shared = "-" in first and first[:5] == last[:5]
            return f"{first}..{last[5:] if shared else last}"


def kind_of(months):
    """What makes periods alike: the longest grain, how many of it, and where several where in the year they begin."""
    begin, end = months
    grain = next(g for g in (12, 6, 3, 1) if begin % g == 0 and (end - begin) % g == 0)
    count = (end - begin) // grain
    return grain, count, begin % 12 if count > 1 else None


def decimal(fraction):
    """Text of a fraction that is a decimal of at most 18 digits after the point."""
    sign, fraction = "-" if fraction < 0 else "", abs(fraction)
    for digits in range(19):
        scaled = fraction * 10 ** digits
        if scaled.denominator == 1:
            text = str(scaled.numerator).rjust(digits + 1, "0")
            return sign + (f"{text[:-digits]}.{text[-digits:]}" if digits else text)
    raise ValueError(fraction)


class Cell:
    def __init__(self, months, value, power, status, qualified, divisor=1):
        self.months, self.power, self.status, self.qualified, self.divisor = months, power, status, qualified, divisor
        self.value = value  # exact, in whole units; None: there is no number
        self.vintage = None

    @property
    def stated(self):
        return self.value is not None and self.status != "FORECAST"

    def yaml(self):
        parts = [f"period: '{name_of(self.months)}'", f"status: {self.status}"]
        if self.value is not None:
            parts.append(f"value: '{decimal(self.value * self.divisor / Fraction(10) ** self.power)}'")
        if self.divisor > 1:
            parts.append(f"divisor: {self.divisor}")
        if self.qualified:
            parts.append("qualifier: ABOUT")
        return "{" + ", ".join(parts) + "}"


class Target:
    def __init__(self, rng, number, series, region, additive, power):
        self.name, self.series, self.region, self.additive = f"targets/t{number:03}", series, region, additive
        self.due = span(rng.choice(DUES))
        self.kind = rng.choice(["AT_LEAST", "AT_MOST", "ABOUT"])
        self.power = power
        self.goal = self.number(rng)
        if rng.random() < 0.1:
            self.goal = Fraction(0)
        self.tolerance = abs(self.number(rng)) / 10 + Fraction(10) ** power
        self.qualified = rng.random() < 0.2
        length = self.due[1] - self.due[0]
        step = length if kind_of(self.due)[1] == 1 else 12
        back = lambda n: (self.due[0] - n * step, self.due[1] - n * step)
        self.baseline = None
        if rng.random() < 0.7:
            self.baseline = (back(rng.choice([1, 2, 3, 4])), self.goal if rng.random() < 0.15 else self.number(rng))
        self.path = [(back(n), self.number(rng)) for n in rng.sample(range(-1, 5), rng.choice([0, 0, 1, 2, 3]))]

    def number(self, rng):
        whole = rng.randint(1, 40) if self.additive else rng.randint(-3, 30)
        return Fraction(whole * 10 ** 9 + rng.randint(0, 9) * 10 ** 8 if self.additive else whole)

    def yaml(self, indicator, unit):
        text = lambda value: f"'{decimal(value / Fraction(10) ** self.power)}'"
        point = lambda p: f"{{period: '{name_of(p[0])}', value: {text(p[1])}}}"
        parts = [f"indicator: {indicator}", f"kind: {self.kind}", f"unit: {unit}", f"value: {text(self.goal)}"]
        if self.kind == "ABOUT":
            parts.append(f"tolerance: {text(self.tolerance)}")
        if self.qualified:
            parts.append("qualifier: ABOUT")
        if self.baseline:
            parts.append(f"baseline: {point(self.baseline)}")
        if self.path:
            parts.append(f"path: [{', '.join(map(point, self.path))}]")
        parts.append(f"series: {self.series}")
        return (f"- name: {self.name}\n  target:\n    parent: programmes/pilot\n    region: {self.region}\n"
                f"    due: '{name_of(self.due)}'\n    quantitative: {{{', '.join(parts)}}}\n")


class Oracle:
    """Of one target, from the cells of its series and place."""

    def __init__(self, target, cells, truth, asked):
        self.t, self.truth, self.asked = target, truth, asked and span(asked)
        self.until = (self.asked or target.due)[1]
        self.cells = [c for c in cells if c.months[1] <= self.until]
        self.year = target.due[1] - target.due[0] == 12
        self.like = not self.asked or kind_of(self.asked) == kind_of(target.due)
        self.actual = self.period = self.cell = None
        self.flags, self.reason = set(), "NO_ACTUAL"
        self.find()

    def wanted(self, cell):
        return cell.months == self.asked if self.asked else kind_of(cell.months) == kind_of(self.t.due)

    def take(self, cell, *flags):
        self.actual, self.period, self.cell = cell.value, cell.months, cell
        self.flags |= {*flags}

    def trailing_end(self):
        """The end of the last twelve months that follow, or of those asked for."""
        if not (self.t.additive and self.year):
            return None
        group = {}
        for cell in self.cells:
            if cell.stated:
                a, b = (group.get(m, m) for m in cell.months)
                group = {m: b if g == a else g for m, g in {**dict(zip(cell.months, cell.months)), **group}.items()}
                group = {m: b if g == a else g for m, g in group.items()}
        ends = [self.asked[1]] if self.asked else sorted(group, reverse=True)
        for end in ends:
            if end % 3 == 0 and end in group and group[end] == group.get(end - 12):
                return end

    def find(self):
        likes = [c for c in self.cells if self.like and self.wanted(c)]
        stated = [c for c in likes if c.stated]
        suppressed = any(c.status == "SUPPRESSED" for c in likes)
        if stated:
            return self.take(max(stated, key=lambda c: c.months[1]))
        if self.asked and suppressed:
            self.reason = "SUPPRESSED"
            return
        end = self.trailing_end()
        if end is not None:
            self.actual, self.period = sum(self.truth[m] for m in range(end - 12, end)), (end - 12, end)
            self.flags.add("TRAILING_FOUR_QUARTERS")
            return
        newest = max((c.months[1] for c in self.cells if c.stated), default=0)
        forecasts = [c for c in likes if c.status == "FORECAST" and (self.asked or c.months[1] >= newest)]
        if self.year and forecasts:
            return self.take(min(forecasts, key=lambda c: c.months[1]), "YEAR_FORECAST")
        if suppressed:
            self.reason = "SUPPRESSED"
        elif any(c.stated and (not self.asked or c.months[1] > self.asked[0]) for c in self.cells):
            self.reason = "PERIOD_MISMATCH"

    def path(self):
        period = self.period or self.asked
        if not period:
            return null(self.reason)
        if period[0] >= self.t.due[0]:
            return self.t.goal
        points = {self.t.due[0]: self.t.goal}
        start = self.t.baseline[0][0] if self.t.baseline else 0
        for months, value in self.t.path:
            if start < months[0] < self.t.due[0]:
                points[months[0]] = value
        if self.t.baseline:
            points[start] = self.t.baseline[1]
        before = [m for m in points if m <= period[0]]
        if not before:
            return null("NO_BASE" if self.t.baseline else "NO_BASELINE")
        a, b = max(before), min(m for m in points if m > period[0])
        return points[a] + (points[b] - points[a]) * Fraction(period[0] - a, b - a)

    def satisfies(self, wanted):
        if self.actual is None or isinstance(wanted, Null):
            return ""
        good = {"AT_LEAST": self.actual >= wanted, "AT_MOST": self.actual <= wanted,
                "ABOUT": abs(self.actual - wanted) <= self.t.tolerance}[self.t.kind]
        return "YES" if good else "NO"

    def growth(self, value, end):
        if value <= 0 or self.t.goal <= 0:
            return null("NOT_POSITIVE")
        months = self.t.due[1] - end
        if months <= 0:
            return null("TOO_SHORT")
        ratio = self.t.goal / value
        ratio = Decimal(ratio.numerator) / Decimal(ratio.denominator)
        return float(ratio ** (Decimal(12) / Decimal(months)) - 1)

    def shown(self, value):
        return value if isinstance(value, Null) else float(value / Fraction(10) ** self.t.power)

    def first_months(self):
        if not (self.t.additive and self.year):
            return None
        stated = [c for c in self.cells if c.stated]
        newest = max((c.months[1] for c in stated), default=0)
        firsts = [c for c in stated if c.months[1] == newest and c.months[1] - c.months[0] < 12
                  and c.months[0] % 12 == self.t.due[0] % 12]
        return firsts[0] if firsts else None

    def progress_row(self):
        t, actual, path = self.t, self.actual, self.path()
        reason = null(self.reason)
        if t.baseline is None:
            progress = null("NO_BASELINE")
        elif t.baseline[1] == t.goal:
            progress = null("BASELINE_IS_GOAL")
        elif actual is None:
            progress = reason
        else:
            progress = float((actual - t.baseline[1]) / (t.goal - t.baseline[1]))
        flags = set(self.flags)
        if self.first_months():
            flags.add("ANNUALISED")
        if t.qualified or (self.cell and self.cell.qualified):
            flags.add("QUALIFIED")
        row = {"target": t.name, "region": t.region, "kind": t.kind, "due": name_of(t.due),
               "period": name_of(self.period or self.asked) if self.period or self.asked else "",
               "actual": reason if actual is None else self.shown(actual), "goal": self.shown(t.goal),
               "baseline": self.shown(t.baseline[1]) if t.baseline else null("NO_BASELINE"), "progress": progress,
               "path_value": self.shown(path), "on_track": self.satisfies(path), "reached": self.satisfies(t.goal),
               "needed_growth": reason if actual is None else self.growth(actual, self.period[1]), "flags": flags}
        if self.cell:
            row["source"] = f"{t.series} {self.cell.vintage}"
            row["status"] = LETTER[self.cell.status]
        return row

    def like_row(self):
        first = self.first_months()
        if not first:
            return None
        begin, end = first.months
        annual = first.value * Fraction(12, end - begin)
        return {"target": self.t.name, "period": name_of(first.months), "part": self.shown(first.value),
                "annualised": self.shown(annual), "needed_growth": self.growth(annual, begin + 12),
                "naive_growth": self.growth(first.value, begin + 12)}


class World:
    """Series `a0`.. of money, which add up, and `r0`.. of percentages, which do not."""

    def __init__(self, seed):
        rng = random.Random(seed)
        self.cells, self.truth, self.targets, self.units = {}, {}, [], {}
        for i in range(6):
            additive = i < 4
            series = f"observationSeries/{'a' if additive else 'r'}{i}"
            power = rng.choice([0, 4, 6, 8]) if additive else 0
            unit = "{kind: MONEY, currency: CNY, powerOfTen: %d}" if additive else "{kind: PERCENT}"
            self.units[series] = unit % power if additive else unit
            for region in REGIONS:
                key = series, region
                self.truth[key] = {m: Fraction(rng.randint(1, 3000) * 10 ** 6) for m in range(2010 * 12, 2017 * 12)}
                self.cells[key] = list(self.cells_of(rng, additive, power, self.truth[key]))
                for _ in range(5):
                    goal_power = rng.choice([4, 8]) if additive else 0
                    self.targets.append(Target(rng, len(self.targets), series, region, additive, goal_power))

    @staticmethod
    def cells_of(rng, additive, power, truth):
        names = [f"{y}" for y in range(2011, 2017)]
        parts = [f"{y}-{p}" for y in range(2011, 2016) for p in ("Q1", "Q2", "Q3", "Q4", "H1", "H2", "Q1..Q3", "01..02", "02")]
        parts += ["2013-04..2014-03", "2014-04..2015-03", "2015-04..08"]
        chosen = rng.sample(names, rng.choice([0, 1, 1, 3, 6])) + rng.sample(parts, rng.choice([0, 1, 4, 12, 30]))
        for name in chosen:
            begin, end = span(name)
            status = rng.choice(["NORMAL"] * 6 + list(LETTER) + ["FORECAST", "MISSING", "SUPPRESSED"])
            if additive:
                value, divisor = sum(truth[m] for m in range(begin, end)), 1
            else:
                divisor = rng.choice([1, 1, 3, 7])
                value = Fraction(rng.randint(-20, 400), 10 * divisor)
            if status in ("MISSING", "SUPPRESSED"):
                value, divisor = None, 1
            yield Cell((begin, end), value, power, status, rng.random() < 0.15, divisor)

    def vintages(self, rng):
        """Two of them; what the second states again it does not change, so that only its name does."""
        yaml = ""
        for number in (1, 2):
            yaml += f"- name: vintages/v{number}\n  vintage:\n    source: {{publisher: organisations/nbs, published: 2016-0{number}-01}}\n    series:\n"
            for series in self.units:
                stated = {}
                for region in REGIONS:
                    some = [c for c in self.cells[series, region] if number == 1 or rng.random() < 0.2]
                    for cell in some:
                        cell.vintage = f"vintages/v{number}"
                    if some:
                        stated[region] = some
                if stated:
                    yaml += f"      - series: {series}\n        regions:\n"
                for region, some in stated.items():
                    yaml += f"          - {{region: {region}, cells: [{', '.join(c.yaml() for c in some)}]}}\n"
        return yaml
