"""What a case must answer: cells from the recount in SQL; rows, comparisons, shares and ranks in plain Python."""

import bisect
import datetime
from fractions import Fraction

import periods
from recount import compare, nothing
from reports import Reports
from world import LIVE, UNALLOCATED, UNKNOWN


class Expected:
    """`rows`: {(period, member...): {column: exact value, or null reason as text}}; period is "" where there is none."""

    def __init__(self, case):
        self.case, self.calendar, self.world = case, case.calendar, case.world
        self.bounds = case.bounds()
        self.reports = Reports(case.world, case.calendar, case.filters, case.now_us, self.bounds)
        self.reports_of, self.cells_of = {}, {}  # of one source; of the sources of a panel
        names = [d.split("@")[0] for d in case.dimensions]
        self.source_at = 1 + names.index("source") if "source" in names else None
        self.one = case.first if case.grain == "ALL" and case.has_periods else ""
        measures = set(case.measures) | ({"identified_share"} if "consumers" in case.measures else set())
        self.shown_measures = sorted(measures)
        self._find_cells()
        self._add_rows_without_events()
        self.rows = {key: self._row(key) for key in self.keys}
        if case.share:
            self._add_shares()
        if case.rank:
            self._add_ranks()

    def _of_source(self, source):
        """What one source reports; nothing where the filters leave it out."""
        if source not in self.reports_of:
            only = {"dimension": "source", "codes": [source], "exclude": False}
            self.reports_of[source] = Reports(self.case.world, self.case.calendar, self.case.filters + [only], self.case.now_us,
                                              self.bounds)
        return self.reports_of[source]

    def _reports(self, key):
        """A row of one source goes by what that one reports."""
        return self.reports if self.source_at is None else self._of_source(key[self.source_at])

    def _cells(self, bounds, label=None, sources=None):
        case = self.case
        only = [] if sources is None else [{"dimension": "source", "codes": list(sources), "unknown": False, "exclude": False}]
        cells = case.recount.cells(case.grain, case.dimensions, case.filters + only, case.log_size, bounds, self.shown_measures)
        return cells if label is None else {(label, *key[1:]): row for key, row in cells.items()}

    def _find_cells(self):
        """`cells`: what was asked for; `bases`: the other periods it can be compared with, whole."""
        case = self.case
        self.cells = self._cells(self.bounds, self.one) if self.one else self._cells(self.bounds)
        self.bases = {}
        if not case.comparisons:
            return
        if self.one:
            for base in filter(None, (self._base(c, self.one) for c in case.comparisons)):
                self.bases.update(self._cells(self.calendar.bounds(base), base))
        elif self.bounds != (None, None):
            for key, row in self._cells((None, None)).items():
                if not self.reports.is_asked(*self.calendar.bounds(key[0])):
                    self.bases[key] = row
        self.members_of = {}
        for key in list(self.cells) + list(self.bases):
            self.members_of.setdefault(key[0], []).append(key[1:])

    def _base(self, comparison, period):
        if comparison == "YOY":
            return self.calendar.year_earlier(period)
        return self.calendar.before(periods.grain_of(period), period)

    def _add_rows_without_events(self):
        case, self.keys = self.case, dict.fromkeys(self.cells)
        if not case.dimensions and case.grain == "ALL":
            self.keys[(self.one,)] = None
        elif not case.dimensions:
            self.keys.update(dict.fromkeys((period,) for period in self.reports.reach(case.grain)))
        elif case.comparisons:
            reach = list(filter(self.reports.reported, [self.one])) if self.one else self.reports.reach(case.grain)
            for period in reach:
                for comparison in case.comparisons:
                    base = self._base(comparison, period)
                    self.keys.update(dict.fromkeys((period, *members) for members in self.members_of.get(base, ())))

    def _value(self, key, measure):
        if key in self.cells:
            return self.cells[key][measure]
        return nothing(measure) if self._reports(key).reported(key[0]) else "NOT_REPORTED"

    def _row(self, key):
        case, period = self.case, key[0]
        complete, expected, partial = self._reports(key).coverage(period)
        row = {m: self._value(key, m) for m in self.shown_measures}
        for comparison, measure, columns in case.compared():
            for column, value in zip(columns, self._compared(key, comparison, measure, partial)):
                row[column] = value
        row["coverage_complete"], row["coverage_expected"] = complete, expected
        row["status"] = "P" if partial else "A"
        flags = {"PARTIAL": partial, "WEEK_53": "YOY" in case.comparisons and period.endswith("-W53"),
                 "LEFT_CENSORED": "new_consumers" in case.measures and self._is_censored(period)}
        row["flags"] = " ".join(flag for flag, is_set in flags.items() if is_set)
        return row

    def _compared(self, key, comparison, measure, partial):
        base = self._base(comparison, key[0])
        if base is None:
            return "NO_BASE", "NO_BASE"
        cell = self.cells.get((base, *key[1:])) or self.bases.get((base, *key[1:]))
        if cell is None and not self._reports(key).reported(base):
            return "NO_BASE", "NO_BASE"
        if self.case.matched:
            return self._matched(key, base, measure)
        if partial or self._reports(key).coverage(base)[2]:
            return "PARTIAL_PERIOD", "PARTIAL_PERIOD"
        return compare(self._value(key, measure), nothing(measure) if cell is None else cell[measure], measure)

    def _is_whole(self, period):
        """Over, and not cut by the range."""
        start, end = self.reports.bounds_of(period)
        low, high = self.reports.low, self.reports.high
        cut = self.reports.is_asked(start, end) and (start < low or high < end)
        return not cut and end <= self.case.now_us

    def _matched(self, key, base, measure):
        """Of the sources that are complete in both periods."""
        if not self._is_whole(key[0]) or not self._is_whole(base):
            return "PARTIAL_PERIOD", "PARTIAL_PERIOD"
        sources = tuple(s for s in self.world.sources
                        if (self.source_at is None or s == key[self.source_at]) and self._of_source(s).windows
                        and not self._of_source(s).coverage(key[0])[2] and not self._of_source(s).coverage(base)[2])
        if not sources:
            return "NO_MATCHED_SOURCE", "NO_MATCHED_SOURCE"
        if self.one:
            found = {}
            for period in (key[0], base):
                if (sources, period) not in self.cells_of:
                    self.cells_of[(sources, period)] = self._cells(self.calendar.bounds(period), period, sources)
                found.update(self.cells_of[(sources, period)])
        else:
            if sources not in self.cells_of:
                self.cells_of[sources] = self._cells((None, None), None, sources)
            found = self.cells_of[sources]
        value, then = found.get(key), found.get((base, *key[1:]))
        return compare(nothing(measure) if value is None else value[measure],
                       nothing(measure) if then is None else then[measure], measure)

    def _is_censored(self, period):
        """Begins within twelve months after the first LIVE source began to report."""
        first = min(start for kind, start, _ in self.world.sources.values() if kind == LIVE)
        return self.reports.bounds_of(period)[0] < self.world.day_start(datetime.date(first.year + 1, first.month, first.day))

    def _add_shares(self):
        case, totals, denominator_of = self.case, {}, {}
        for key, row in self.rows.items():
            denominator_of[key] = self._denominator(key)
            value = row[case.share]
            totals.setdefault(denominator_of[key], 0)
            totals[denominator_of[key]] += 0 if isinstance(value, str) else value
        for key, row in self.rows.items():
            total, value = totals[denominator_of[key]], row[case.share]
            row[case.share_column()] = (value if isinstance(value, str) else
                                        Fraction(value, total) if total else "ZERO_DENOMINATOR")

    def _denominator(self, key):
        """Rows with equal ones are shares of the same sum."""
        case = self.case
        if not case.share_of:
            return key[0]
        out = [key[0]]
        for dimension, member in zip(case.dimensions, key[1:]):
            name = dimension.split("@")[0]
            if name != case.share_of:
                out.append(member)
            elif case.share_level and member != UNKNOWN:
                wider = case.recount.at_level(name, member.removeprefix(UNALLOCATED), case.share_level)
                out.append(("wider", wider) if wider else member)
            else:
                out.append(member if case.share_level else "")
        return tuple(out)

    def _add_ranks(self):
        """A row's rank is one more than the number of placed rows of its period with a better value."""
        case = self.case
        placed = lambda key: (not any(k == UNKNOWN or k.startswith(UNALLOCATED) for k in key[1:])
                              and not isinstance(self.rows[key][case.rank], str))
        values = {}
        for key in filter(placed, self.rows):
            values.setdefault(key[0], []).append(self.rows[key][case.rank])
        for of_period in values.values():
            of_period.sort()
        for key, row in self.rows.items():
            row[case.rank_column()] = "NOT_RANKED"
            if placed(key):
                of_period, value = values[key[0]], row[case.rank]
                row[case.rank_column()] = 1 + (bisect.bisect_left(of_period, value) if case.ascending
                                               else len(of_period) - bisect.bisect_right(of_period, value))

    def key(self, row):
        return (row["period"] if self.case.has_periods else "", *(row[d.split("@")[0]] for d in self.case.dimensions))

    def order(self, key):
        """Where nothing else is asked rows come by period, then codes; UNALLOCATED after codes, UNKNOWN last."""
        start = self.calendar.bounds(key[0])[0] if key[0] else 0
        return [start] + [member_order(member) for member in key[1:]]


def member_order(member):
    return (2, "") if member == UNKNOWN else (1, member) if member.startswith(UNALLOCATED) else (0, member)
