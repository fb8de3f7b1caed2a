"""Calendar periods by plain civil arithmetic on local times; shares nothing with the product.

A period is known by its name; CUMULATIVE is the grain of names like `2016-01..02` and `2016-Q1..Q3`.
"""

import datetime

GRAINS = ["HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "HALF_YEAR", "YEAR"]
HOUR_US = 3_600_000_000


def name(grain, local):
    """Name of the period that a local (zone-aware) time falls in."""
    y, m = local.year, local.month
    if grain == "HOUR":
        minutes = int(local.utcoffset().total_seconds()) // 60
        sign = "+" if minutes >= 0 else "-"
        return f"{local:%Y-%m-%dT%H}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    if grain == "DAY":
        return f"{local:%Y-%m-%d}"
    if grain == "WEEK":
        year, week, _ = local.isocalendar()
        return f"{year:04}-W{week:02}"
    if grain == "MONTH":
        return f"{y:04}-{m:02}"
    if grain == "QUARTER":
        return f"{y:04}-Q{(m - 1) // 3 + 1}"
    if grain == "HALF_YEAR":
        return f"{y:04}-H{(m - 1) // 6 + 1}"
    return f"{y:04}"


def grain_of(text):
    if ".." in text:
        return "CUMULATIVE"
    for letter, grain in (("T", "HOUR"), ("W", "WEEK"), ("Q", "QUARTER"), ("H", "HALF_YEAR")):
        if letter in text:
            return grain
    return {4: "YEAR", 7: "MONTH", 10: "DAY"}[len(text)]


def days(text):
    """(first day, day after the last) of a named period of a day or longer."""
    grain, y = grain_of(text), int(text[:4])
    if grain == "CUMULATIVE":
        first, _, last = text[5:].partition("..")
        return days(f"{y:04}-{first}")[0], days(f"{y:04}-{last}")[1]
    if grain == "DAY":
        first = datetime.date.fromisoformat(text)
        return first, first + datetime.timedelta(days=1)
    if grain == "WEEK":
        first = datetime.date.fromisocalendar(y, int(text[6:]), 1)
        return first, first + datetime.timedelta(days=7)
    months = {"MONTH": 1, "QUARTER": 3, "HALF_YEAR": 6, "YEAR": 12}[grain]
    number = 1 if grain == "YEAR" else int(text[5:] if grain == "MONTH" else text[6:])
    first = datetime.date(y, (number - 1) * months + 1, 1)
    return first, add_months(first, months)


def add_months(date, months):
    index = date.year * 12 + date.month - 1 + months
    return datetime.date(index // 12, index % 12 + 1, 1)


class Calendar:
    """Periods as times in µs, of one zone."""

    def __init__(self, world):
        self.world = world
        self.cached_bounds, self.cached_earlier, self.cached_coverage = {}, {}, {}

    def at(self, grain, us):
        return name(grain, self.world.local(us))

    def bounds(self, text):
        """Half-open. The zones here change their clocks by whole hours, at whole local hours."""
        if text not in self.cached_bounds:
            if grain_of(text) == "HOUR":
                # The offset is part of the name, so this is plain ISO 8601.
                moment = datetime.datetime.fromisoformat(text[:13] + ":00" + text[13:])
                start = int(moment.timestamp()) * 1_000_000
                self.cached_bounds[text] = start, start + HOUR_US
            else:
                self.cached_bounds[text] = tuple(map(self.world.day_start, days(text)))
        return self.cached_bounds[text]

    def days(self, text):
        """The days that a period lies in: (first, day after the last)."""
        if grain_of(text) != "HOUR":
            return days(text)
        first = datetime.date.fromisoformat(text[:10])
        return first, first + datetime.timedelta(days=1)

    def before(self, grain, text):
        return self.at(grain, self.bounds(text)[0] - 1)

    def year_earlier(self, text):
        """The same period a year earlier; None when there is none."""
        if text not in self.cached_earlier:
            self.cached_earlier[text] = self._year_earlier(text)
        return self.cached_earlier[text]

    def _year_earlier(self, text):
        grain, y = grain_of(text), int(text[:4])
        if grain == "WEEK":
            week = int(text[6:])
            return f"{y - 1:04}-W{52 if week == 53 else week:02}"
        other = f"{y - 1:04}{text[4:]}"
        if grain not in ("DAY", "HOUR"):
            return other
        try:
            date = datetime.date.fromisoformat(other[:10])
        except ValueError:
            return None  # 29 February
        start, end = map(self.world.day_start, (date, date + datetime.timedelta(days=1)))
        if start == end:
            return None  # the zone left that day out
        if grain == "DAY":
            return other
        hours = [self.at("HOUR", us) for us in range(start, end, HOUR_US)]
        same_clock = [h for h in hours if h[:13] == other[:13]]
        return other if other in same_clock else same_clock[0] if same_clock else None
