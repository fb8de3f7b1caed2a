"""Who reports when: coverage, and what silence means, by counting days of every source's window."""

import datetime

from world import LIVE

DAY = datetime.timedelta(days=1)
FOREVER = 2**62


class Reports:
    """Of the LIVE sources that the filters leave, at a `now`; `bounds`: the range asked, None: no bound."""

    def __init__(self, world, calendar, filters, now_us, bounds):
        self.world, self.calendar, self.now_us = world, calendar, now_us
        self.low, self.high = (-FOREVER if bounds[0] is None else bounds[0]), (FOREVER if bounds[1] is None else bounds[1])
        self.open = bounds[0] is None, bounds[1] is None
        self.windows = [(first, end) for source, (kind, first, end) in world.sources.items()
                        if kind == LIVE and all((source in f["codes"]) != f["exclude"] for f in filters
                                                if f["dimension"] == "source")]
        self.covered = {}  # by period; periods of other reports with the same windows are with the calendar

    def window_us(self, window):
        first, end = window
        return self.world.day_start(first), FOREVER if end is None else self.world.day_start(end)

    def bounds_of(self, period):
        """`period`: a name, or "" for the whole range."""
        return self.calendar.bounds(period) if period else (self.low, self.high)

    def is_asked(self, start, end):
        return start < self.high and self.low < end

    def reported(self, period):
        """Whether a source reports in what was asked of the period and has passed."""
        start, end = self.bounds_of(period)
        if self.is_asked(start, end):
            start, end = max(start, self.low), min(end, self.high)
        end = min(end, self.now_us)
        return any(max(start, low) < min(end, high) for low, high in map(self.window_us, self.windows))

    def reach(self, grain):
        """The periods of the range from the first to the last that a source reports in."""
        windows = list(map(self.window_us, self.windows))
        if not windows:
            return []
        us = max(self.low, min(low for low, _ in windows))
        end = min(self.high, self.now_us, max(high for _, high in windows))
        out, kept = [], 0
        while us < end:
            period = self.calendar.at(grain, us)
            us = self.calendar.bounds(period)[1]
            if self.reported(period):
                out.append(period)
                kept = len(out)
            elif kept:
                out.append(period)
        return out[:kept]

    def coverage(self, period):
        """(complete, expected, partial)."""
        if period not in self.covered:
            start, end = self.bounds_of(period)
            key = (period, self.now_us, tuple(self.windows), max(start, self.low), min(end, self.high), self.open)
            cached = self.calendar.cached_coverage
            if key not in cached:
                cached[key] = self._coverage(period)
            self.covered[period] = cached[key]
        return self.covered[period]

    def _coverage(self, period):
        start, end = self.bounds_of(period)
        open_start, open_end = (False, False) if period else self.open
        complete = expected = 0
        over = open_end or end <= self.now_us
        today = self.world.local(self.now_us).date()
        for window in self.windows:
            low, high = self.window_us(window)
            if low >= end or high <= start:
                continue
            if open_end and high > self.now_us:
                over = False
            if period:
                first, last = self.calendar.days(period)
            else:
                first = window[0] if open_start else self.world.local(start).date()
                last = min(window[1] or today, today) if open_end else self.world.local(end - 1).date() + DAY
            for day in (first + n * DAY for n in range((last - first).days)):
                day_start, day_end = self.world.day_start(day), self.world.day_start(day + DAY)
                if day_start == day_end:
                    continue
                expected += 1
                inside = window[0] <= day and (window[1] is None or day < window[1])
                asked = not self.is_asked(start, end) or (
                    max(day_start, start) >= self.low and min(day_end, end) <= self.high)
                complete += inside and asked and day_end <= self.now_us
        return complete, expected, expected == 0 or complete < expected or not over
