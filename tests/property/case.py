"""One random query: as the service is asked, and as the recount must answer it."""

import bisect
from fractions import Fraction

import periods
from answers import Null, query
from recount import ADDITIVE, RATIOS, compare

MEASURES = ADDITIVE + ["orders", "consumers", "new_consumers", "average_line", "average_order", "refund_rate",
                       "identified_share", "quantile(5000)", "quantile(1)", "quantile(9500)", "quantile(10000)"]


class Case:
    def __init__(self, rng, world, recount, first_leaf, log_size):
        self.rng, self.world, self.recount = rng, world, recount
        self.grain = rng.choice(periods.GRAINS + ["ALL", "MONTH", "WEEK", "DAY"])
        self.measures = rng.sample(MEASURES, rng.randrange(1, 4))
        self.dimensions = self._dimensions()
        self.filters = self._filters()
        self.as_of = rng.choice([log_size, log_size, rng.randrange(first_leaf + 1, log_size + 1)])
        self.comparisons = []
        if self.grain not in ("ALL", "HOUR"):
            self.comparisons = rng.sample(["PREV", "YOY"], rng.choice([0, 1, 2]))
        self.first = self.last = ""
        self.bounds = (None, None)
        if self.grain not in ("ALL", "HOUR") and rng.random() < 0.4:
            self._choose_range()
        additive = [m for m in self.measures if m in ("gross", "net", "events", "purchases", "refunds")]
        self.share = rng.choice(additive) if additive and self.dimensions and rng.random() < 0.5 else None
        self.rank = self.measures[0] if self.dimensions and rng.random() < 0.4 else None
        self.ascending = rng.random() < 0.5
        self.page_size = rng.choice([0, 0, 1 + rng.randrange(40)])

    def _dimensions(self):
        chosen = self.rng.sample(self.recount.dimensions, self.rng.choice([0, 1, 1, 2]))
        if len({d.split("@")[0] for d in chosen}) < len(chosen):
            chosen = chosen[:1]
        return chosen

    def _filters(self):
        rng, w = self.rng, self.world
        codes = {
            "consumer_region": list(w.regions) + ["regionGroups/" + g for g in w.groups] * 4,
            "provider_region": list(w.regions) + ["regionGroups/" + g for g in w.groups] * 4,
            "category": list(w.categories), "source": list(w.sources), "kind": ["purchase", "refund", "service_use"],
            "segment": ["persons", "enterprises", "public"], "channel": ["online", "offline"],
            "product": ["图书", "book", "never met"], "order": ["o1", "o2", "o3", "o700"], "age_band": ["60+"]}
        out = []
        for dimension in rng.sample(list(codes), rng.choice([0, 0, 1, 2])):
            some = rng.sample(codes[dimension], min(len(codes[dimension]), rng.randrange(1, 4)))
            out.append({"dimension": dimension, "codes": list(dict.fromkeys(some)), "unknown": rng.random() < 0.3,
                        "exclude": rng.random() < 0.3})
        return out

    def _choose_range(self):
        names = sorted({periods.name(self.grain, self.world.local(e["event_time"])) for e in self.world.events})
        a, b = sorted(self.rng.sample(range(len(names)), 2))
        if self.rng.random() < 0.8:
            self.first = names[a]
        if self.rng.random() < 0.8:
            self.last = names[b]
        start = self.first and self.world.day_start(periods.days(self.grain, self.first)[0])
        end = self.last and self.world.day_start(periods.days(self.grain, self.last)[1])
        self.bounds = (start or None, end or None)

    def query(self):
        q = query(self.measures, self.grain, self.dimensions, comparisons=self.comparisons)
        for f in self.filters:
            q.filters.add(**f)
        q.range.first, q.range.last = self.first, self.last
        if self.share:
            q.shares.add(measure=self.share)
        if self.rank:
            q.ranks.add(column=self.rank, ascending=self.ascending)
        return q

    def expected(self):
        """{key: {column: exact value, or null reason as text}}."""
        quantiles = [int(m[9:-1]) for m in self.measures if m.startswith("quantile")]
        arguments = (self.grain, self.dimensions, self.filters, self.as_of)
        extras = (quantiles, "new_consumers" in self.measures)
        rows = self.recount.cells(*arguments, self.bounds, *extras)
        every = rows
        if self.comparisons and self.bounds != (None, None):
            every = self.recount.cells(*arguments, (None, None), *extras)
        sources = self.recount.sources_asked(self.filters)
        partial = {}
        if self.grain != "ALL":
            for key in list(rows) + list(every):
                if key[0] not in partial:
                    partial[key[0]] = self.recount.is_partial(self.grain, key[0], sources)
        out = {}
        for key, row in rows.items():
            want = {m: row[m] for m in self.measures}
            for comparison in self.comparisons:
                word = comparison.lower()
                other = self._before(key[0]) if comparison == "PREV" else periods.year_earlier(self.grain, key[0])
                base = every.get((other, *key[1:]))
                for m in self.measures:
                    difference, ratio = compare(row, base, partial.get(other, False), partial[key[0]], m)
                    want[f"{word}_diff({m})"] = percentage_points(difference) if m in RATIOS else difference
                    if m not in RATIOS:
                        want[f"{word}({m})"] = ratio
            if self.grain not in ("ALL", "HOUR"):
                want["status"] = "P" if partial[key[0]] else "A"
            out[key] = want
        if self.share:
            self._add_shares(out, rows)
        if self.rank:
            self._add_ranks(out, rows)
        return out

    def _before(self, period):
        """The period before; a day that the zone's clocks left out is no period."""
        other = periods.before(self.grain, period)
        while self.grain == "DAY" and len(set(map(self.world.day_start, periods.days("DAY", other)))) == 1:
            other = periods.before(self.grain, other)
        return other

    def _add_shares(self, out, rows):
        totals = {}
        for key, row in rows.items():
            totals[key[0] if self.grain != "ALL" else ""] = totals.get(key[0] if self.grain != "ALL" else "", 0) + row[self.share]
        for key, row in rows.items():
            total = totals[key[0] if self.grain != "ALL" else ""]
            out[key][f"share({self.share})"] = Fraction(row[self.share], total) if total else "NULL"

    def _add_ranks(self, out, rows):
        """A row's rank is one more than the number of placed rows of its period with a better value."""
        column = f"rank({self.rank}{' asc' if self.ascending else ''})"
        placed = lambda key: not any(k == "UNKNOWN" or k.startswith("UNALLOCATED:") for k in key[1:])
        values = {}
        for key, row in rows.items():
            if placed(key) and row[self.rank] is not None:
                values.setdefault(key[0] if self.grain != "ALL" else "", []).append(row[self.rank])
        for list_of_period in values.values():
            list_of_period.sort()
        for key, row in rows.items():
            if not placed(key) or row[self.rank] is None:
                out[key][column] = "NULL"
                continue
            of_period = values[key[0] if self.grain != "ALL" else ""]
            better = (bisect.bisect_left(of_period, row[self.rank]) if self.ascending
                      else len(of_period) - bisect.bisect_right(of_period, row[self.rank]))
            out[key][column] = 1 + better

    def key(self, row):
        key = tuple(row[d.split("@")[0]] for d in self.dimensions)
        if self.grain != "ALL":
            return (row["period"], *key)
        return ("", *key)

    def order(self, key):
        """Rows come by period, then codes; UNALLOCATED after codes, UNKNOWN last."""
        return [key[0]] + [(2, "") if k == "UNKNOWN" else (1, k) if k.startswith("UNALLOCATED:") else (0, k)
                           for k in key[1:]]


def same(got, want, cancelled=0):
    """Exact for integers; doubles must be the nearest to the exact ratio, up to one rounding of the quotient.
    `cancelled`: magnitude of the operands when the value is a difference of doubles."""
    if isinstance(want, str) or want is None:
        if isinstance(got, Null):
            return want in (None, "NULL") or got.reason == want
        return got == want
    if isinstance(got, Null):
        return False
    if isinstance(got, int):
        return got == want
    # Differences of quotients lose what their operands share.
    return abs(Fraction(got) - want) <= abs(Fraction(want)) * Fraction(1, 2**51) + Fraction(cancelled) * Fraction(1, 2**48)


def percentage_points(difference):
    return difference if isinstance(difference, str) else difference * 100


def describe(case):
    return (f"grain {case.grain} measures {case.measures} by {case.dimensions} where {case.filters} "
            f"range {case.first}..{case.last} as of {case.as_of} compare {case.comparisons} share {case.share} "
            f"rank {case.rank} ascending {case.ascending} page {case.page_size}")
