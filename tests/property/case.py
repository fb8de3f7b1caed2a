"""One random query: its words, and the query as the service is asked. What it must answer: expected.py."""

from tidemark.analytics.v1 import query_pb2

import periods
from answers import query
from recount import RATIOS
from world import REGION_FIELDS

QUANTILES = ["quantile(5000)", "quantile(1)", "quantile(9500)", "quantile(10000)"]
ADDITIVE = ["gross", "refunds", "unlinked_refunds", "net", "voucher", "events", "purchases", "uses", "quantity",
            "pending_refunds", "void_refunds"]


class Words:
    """The words that the service says it knows, so that none can be forgotten here."""

    def __init__(self, vocabulary):
        self.measures = [m for term in vocabulary.measures
                         for m in (QUANTILES if term.name == "quantile" else [term.name])]
        self.levels = {term.name: list(term.levels) for term in vocabulary.dimensions}
        self.grains = [term.name.upper() for term in vocabulary.grains]
        # Years to date are recounted in services/analytics/testing.
        self.comparisons = [name for name in (term.name.upper() for term in vocabulary.comparisons)
                            if name in ("PREV", "YOY")]


class Case:
    def __init__(self, rng, words, recount, calendar, snapshots):
        """`snapshots`: ascending (log size, accepted time of the last record)."""
        self.rng, self.words, self.recount, self.calendar, self.world = rng, words, recount, calendar, recount.world
        self._choose_snapshot(snapshots)
        self.grain = rng.choice(words.grains + ["ALL", "MONTH", "WEEK", "DAY"])
        self.measures = rng.sample(words.measures, rng.randrange(1, 4))
        self.dimensions = self._dimensions()
        self.filters = self._filters()
        self.first = self.last = ""
        if self.grain == "HOUR":
            self._choose_short_range(["HOUR", "DAY"], rng.randrange(40) * periods.HOUR_US)
        elif self.grain == "DAY" and rng.random() < 0.7:
            self._choose_short_range(periods.GRAINS, rng.randrange(200) * 24 * periods.HOUR_US)
        elif rng.random() < 0.45:
            self._choose_range()
        self.has_periods = self.grain != "ALL" or bool(self.first) and self.first == self.last
        self.comparisons = rng.sample(words.comparisons, rng.choice([0, 1, 1, 2])) if self.has_periods else []
        if self.grain == "ALL" and ".." in self.first and "PREV" in self.comparisons:
            self.comparisons.remove("PREV")  # nothing precedes a cumulative period
        self.matched = bool(self.comparisons) and rng.random() < 0.35
        additive = [m for m in self.measures if m in ADDITIVE]
        self.share = rng.choice(additive) if additive and rng.random() < 0.6 else None
        self.share_of = self.share_level = ""
        if self.share and self.dimensions and rng.random() < 0.75:
            self._choose_denominator()
        self.rank = rng.choice(self.measures) if rng.random() < 0.4 else None
        self.ascending = rng.random() < 0.5
        self.order_by = self._order_by()
        self.limit = rng.randrange(1, 40) if rng.random() < 0.2 else 0
        self.page_size = rng.choice([0, 0, 1 + rng.randrange(40)])

    def _choose_snapshot(self, snapshots):
        """As of: None, a size, or a time in µs with the size that it must stand for."""
        rng, last = self.rng, snapshots[-1][0]
        self.as_of_time = None
        self.log_size = last
        # A time is settled once a later record was accepted.
        settled = [t for _, t in snapshots if t < snapshots[-1][1]]
        self.as_of = rng.choice(["head", "size", "earlier size"] + ["time"] * bool(settled))
        if self.as_of == "earlier size":
            self.log_size = rng.randrange(min(self.recount.leaf_of.values()) + 1, last + 1)
        if self.as_of == "time":
            self.as_of_time = rng.choice(settled)
            self.log_size = max(size for size, t in snapshots if t <= self.as_of_time)
        self.now_us = min(t for size, t in snapshots if size >= self.log_size)

    def _dimensions(self):
        names = self.rng.sample(list(self.words.levels), self.rng.choice([0, 1, 1, 1, 2]))
        names = [self.rng.choice(REGION_FIELDS + ["category"]) if self.rng.random() < 0.3 else n for n in names]
        out = []
        for name in dict.fromkeys(names):
            levels = self.words.levels[name]
            # Of the category's levels most are deeper than any category here.
            near = levels[:5] if name == "category" and self.rng.random() < 0.8 else levels
            out.append(f"{name}@{self.rng.choice(near)}" if levels and self.rng.random() < 0.75 else name)
        return out

    def _filters(self):
        rng, out = self.rng, []
        likely = ["consumer_region", "provider_region", "category", "source"]
        for dimension in rng.sample(list(self.words.levels) + ["order"] + likely, rng.choice([0, 0, 1, 1, 2])):
            silent = dimension == "source" and rng.random() < 0.4
            f = {"dimension": dimension, "unknown": rng.random() < 0.3, "exclude": rng.random() < 0.4 and not silent}
            if any(f["dimension"] == g["dimension"] and f["exclude"] == g["exclude"] for g in out):
                continue
            codes = self._codes(dimension)
            f["codes"] = rng.sample(codes, min(len(codes), rng.randrange(1, 4)))
            f["unknown"] |= not codes
            if silent:
                f["codes"] = ["s-ended", "s-again"]  # between those two nobody reports
            out.append(f)
        return out

    def _codes(self, dimension):
        w = self.world
        groups = ["regionGroups/" + g for g in w.groups]
        closed = {"category": list(w.categories), "source": list(w.sources)}
        closed.update({d: list(w.regions) + groups * 4 for d in REGION_FIELDS})
        codes = closed.get(dimension) or self.recount.codes_met(dimension, self.log_size)
        return list(dict.fromkeys(self.rng.sample(codes, len(codes))))

    def _choose_short_range(self, grains, length_us):
        """Over all time there are too many hours, and very many days."""
        us = self.rng.choice(self.world.events)["event_time"]
        self.first = self.calendar.at(self.rng.choice(grains), us)
        self.last = self.calendar.at(self.rng.choice(grains), us + length_us)

    def _choose_range(self):
        """Bounds of any grain, so that they cut periods too; sometimes one period, sometimes outside of all data."""
        rng = self.rng
        some = lambda: rng.choice(self.world.events)["event_time"] + rng.choice([0, 0, 0, 0, -500, 2500]) * 86_400_000_000
        grain = lambda: rng.choice(periods.GRAINS + [self.grain] * 3 if self.grain != "ALL" else periods.GRAINS)
        a, b = sorted([some(), some()])
        if rng.random() < (0.5 if self.grain == "ALL" else 0.1):
            self.first = self.last = self.calendar.at(grain(), a)
            if rng.random() < 0.4:
                self.first = self.last = self.first[:4] + rng.choice(["-01..02", "-Q1..Q3"])
            return
        if rng.random() < 0.8:
            self.first = self.calendar.at(grain(), a)
        if rng.random() < 0.8:
            self.last = self.calendar.at(grain(), b)
        if self.first and self.last and self.calendar.bounds(self.first)[0] >= self.calendar.bounds(self.last)[1]:
            self.last = ""

    def bounds(self):
        return (self.calendar.bounds(self.first)[0] if self.first else None,
                self.calendar.bounds(self.last)[1] if self.last else None)

    def _choose_denominator(self):
        dimension, _, level = self.rng.choice(self.dimensions).partition("@")
        self.share_of = dimension
        levels = self.words.levels[dimension]
        wider = levels[:levels.index(level)] if level else levels
        if wider and self.rng.random() < 0.7:
            self.share_level = self.rng.choice(wider[:4] if dimension == "category" else wider)

    def share_column(self):
        of = f" of {self.share_of}" + (f"@{self.share_level}" if self.share_level else "") if self.share_of else ""
        return f"share({self.share}{of})"

    def rank_column(self):
        return f"rank({self.rank}{' asc' if self.ascending else ''})"

    def compared(self):
        """(comparison, measure, names of its columns)."""
        for comparison in ("PREV", "YOY"):
            for m in self.measures if comparison in self.comparisons else ():
                word = comparison.lower()
                yield comparison, m, [f"{word}_diff({m})"] + ([] if m in RATIOS else [f"{word}({m})"])

    def _order_by(self):
        columns = (["period"] if self.has_periods else []) + [d.split("@")[0] for d in self.dimensions] + self.measures
        columns += [c for _, _, names in self.compared() for c in names] + ["status", "flags", "coverage_complete"]
        columns += ([self.share_column()] if self.share else []) + ([self.rank_column()] if self.rank else [])
        chosen = self.rng.sample(columns, self.rng.choice([0, 0, 1, 2]))
        return [(column, self.rng.random() < 0.5) for column in chosen]

    def query(self, limit=True):
        q = query(self.measures, self.grain, self.dimensions, comparisons=self.comparisons)
        if self.comparisons:
            # As the recount judges groups; analytics_recount_test asks by other geographies.
            q.geography = query_pb2.GEOGRAPHY_AT_EVENT
        if self.matched:
            q.panel = query_pb2.PANEL_MATCHED
        for f in self.filters:
            q.filters.add(**f)
        q.range.first, q.range.last = self.first, self.last
        if self.share:
            q.shares.add(measure=self.share, dimension=self.share_of, level=self.share_level)
        if self.rank:
            q.ranks.add(column=self.rank, ascending=self.ascending)
        for column, descending in self.order_by:
            q.order_by.add(column=column, descending=descending)
        if limit:
            q.limit = self.limit
        return q

    def __str__(self):
        return (f"grain {self.grain} measures {self.measures} by {self.dimensions} where {self.filters} "
                f"range {self.first}..{self.last} as of {self.as_of} {self.log_size} compare {self.comparisons}{' matched' * self.matched} "
                f"{self.share_column() if self.share else ''} {self.rank_column() if self.rank else ''} "
                f"order {self.order_by} limit {self.limit} page {self.page_size}")
