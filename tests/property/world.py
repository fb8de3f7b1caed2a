"""A random observatory: a catalog and events, made from a seed. What the services are sent and what SQL recounts.

The world has everything that a wrong engine would stumble over: codes recorded at every level, levels left out, fields
left out, dated group memberships, a region that another replaces, reporting windows that start and end inside periods and
leave gaps, categories that stop selling, a TEST source, refunds with and without original, service uses, extreme amounts,
clock changes, week 53, 29 February, year ends.

Scenario, project and activity are never filled in: ingest knows no codes of theirs yet and rejects all.
"""

import datetime
import functools
import random
import zoneinfo

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)

# Where days are awkward: no clock change, clock change at 1 h UTC, at midnight, odd offset, a day that never was.
ZONES = ["Asia/Shanghai", "Europe/London", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"]
START = {"Pacific/Apia": datetime.date(2010, 1, 1)}

LIVE, TEST = "SOURCE_KIND_LIVE", "SOURCE_KIND_TEST"
# What an event without the field is filed under, and what comes before a code recorded above the level asked.
UNKNOWN, UNALLOCATED = "UNKNOWN", "UNALLOCATED:"
FIELDS = ["source", "consumer_region", "provider_region", "place_of_use", "category", "product", "provider", "segment",
          "channel", "payment_method", "age_band", "area_type", "income_band", "scenario", "project", "activity", "kind",
          "consumer_scheme", "reporting_role"]
REGION_FIELDS = ["consumer_region", "provider_region", "place_of_use"]


def micros(moment):
    return (moment - EPOCH) // datetime.timedelta(microseconds=1)


class World:
    def __init__(self, seed, zone, events=4000):
        self.rng = random.Random(f"{seed}/{zone}")
        self.zone_name, self.zone = zone, zoneinfo.ZoneInfo(zone)
        self.start = START.get(zone, datetime.date(2015, 7, 1))
        self.end = datetime.date(self.start.year + 6, 3, 10)
        self._make_regions()
        self._make_categories()
        self._make_sources()
        self._make_groups()
        self.events = []
        for i in range(events):
            self.events.append(self._event(i))

    def day(self, year_offset, month, day):
        return datetime.date(self.start.year + year_offset, month, day)

    @functools.lru_cache(maxsize=None)
    def day_start(self, date):
        """First instant of a civil day, in µs: the smallest instant whose local date is on or after `date`."""
        naive = datetime.datetime(date.year, date.month, date.day, tzinfo=UTC)
        low, high = micros(naive) - 26 * 3_600_000_000, micros(naive) + 26 * 3_600_000_000
        while high - low > 1:
            middle = (low + high) // 2
            if self.local(middle).date() < date:
                low = middle
            else:
                high = middle
        return high

    def local(self, us):
        return (EPOCH + datetime.timedelta(microseconds=us)).astimezone(self.zone)

    def _make_regions(self):
        """code -> (level, parent, first day or None, day after the last or None)."""
        self.regions = {"earth": ("world", None, None, None), "bloc": ("supranational", "earth", None, None),
                        "n1": ("nation", "bloc", None, None), "n2": ("nation", "earth", None, None)}
        for p in range(4):
            self.regions[f"p{p}"] = ("province", "n1" if p < 3 else "n2", None, None)
            for c in range(3):
                self.regions[f"p{p}.c{c}"] = ("city", f"p{p}", None, None)
        self.regions["p1.c0.k0"] = ("county", "p1.c0", None, None)
        self.regions["p1.c0.k1"] = ("county", "p1.c0", None, None)
        self.regions["p1.k2"] = ("county", "p1", None, None)
        self.regions["p1.c0.k1.t0"] = ("township", "p1.c0.k1", None, None)
        self.regions["p1.c0.k1.t0.b0"] = ("business_district", "p1.c0.k1.t0", None, None)
        self.regions["p1.c0.k1.t0.b0.s0"] = ("street", "p1.c0.k1.t0.b0", None, None)
        self.regions["p1.c0.k1.t0.m0"] = ("community", "p1.c0.k1.t0", None, None)
        # p0.c0 is replaced by p0.c9 at a date inside a month; a city directly below a nation has no province.
        self.change = self.day(2, 5, 17)
        self.regions["p0.c0"] = ("city", "p0", None, self.change)
        self.regions["p0.c9"] = ("city", "p0", self.change, None)
        self.regions["free-city"] = ("city", "n2", None, None)

    def _make_categories(self):
        self.categories = {"goods": None, "services": None}
        for i in range(3):
            self.categories[f"goods-{i}"] = "goods"
            self.categories[f"services-{i}"] = "services"
            self.categories[f"services-1-{i}"] = "services-1"
        self.categories["services-1-0-0"] = "services-1-0"

    def _make_sources(self):
        """id -> (kind, first day, day after the last or None)."""
        self.sources = {
            "s-all": (LIVE, self.start, self.end + datetime.timedelta(days=70)),
            # In one zone a source reports to this day; hours up to now would be too many to ask for in all of them.
            "s-late": (LIVE, self.day(1, 3, 8), None if self.zone_name == "Asia/Kathmandu" else self.end),
            "s-ended": (LIVE, self.start, self.day(4, 4, 20)),
            # With s-ended alone it leaves a gap.
            "s-again": (LIVE, self.day(5, 2, 3), self.day(5, 9, 9)),
            "s-test": (TEST, self.start, None),
        }

    def _make_groups(self):
        """group -> [(member, first day or None, day after the last or None)]."""
        self.groups = {
            "mixed": [("regions/p1", None, None), ("regions/p2.c0", None, None), ("regions/p1.c2", None, None)],
            "dated": [("regions/p0", None, self.day(3, 2, 10)), ("regions/n2", self.day(3, 6, 5), None)],
            "nested": [("regionGroups/dated", None, None), ("regions/p3.c1", self.day(1, 1, 1), None)],
        }

    def ancestor(self, region, level):
        """The region's ancestor at a level, or None; hierarchies do not change parents here."""
        while region is not None:
            if self.regions[region][0] == level:
                return region
            region = self.regions[region][1]
        return None

    def chain(self, parents, code):
        out = []
        while code is not None:
            out.append(code)
            code = parents(code)
        return out

    def region_chain(self, region):
        return self.chain(lambda r: self.regions[r][1], region)

    def category_chain(self, category):
        return self.chain(lambda c: self.categories[c], category)

    def in_group(self, group, region, us):
        """Whether an event with that region code at that time is in the group."""
        if region is None:
            return False
        for member, first, end in self.groups[group]:
            if first is not None and us < self.day_start(first) or end is not None and us >= self.day_start(end):
                continue
            kind, _, code = member.partition("/")
            if kind == "regionGroups" and self.in_group(code, region, us):
                return True
            if kind == "regions" and code in self.region_chain(region):
                return True
        return False

    def _valid_region(self, us):
        while True:
            code = self.rng.choice(list(self.regions))
            _, _, first, end = self.regions[code]
            if (first is None or us >= self.day_start(first)) and (end is None or us < self.day_start(end)):
                return code

    def _time(self, first, end):
        """Mostly anywhere; often within seconds of a day's start, where periods begin."""
        low, high = self.day_start(first), self.day_start(end)
        if self.rng.random() < 0.25:
            date = first + datetime.timedelta(days=self.rng.randrange((end - first).days))
            if self.rng.random() < 0.5:
                date = date.replace(day=1)
            us = self.day_start(max(date, first)) + self.rng.choice([-1, 0, 1, -3_600_000_000, 3_599_999_999])
            return min(max(us, low), high - 1)
        return self.rng.randrange(low, high)

    def _original(self, i, source):
        number = self.rng.randrange(-1, i + 50)
        same = [e["id"] for e in self.events[-400:] if e["source"] == source and e["kind"] == "purchase"]
        return self.rng.choice(same) if same and self.rng.random() < 0.7 else f"e{-1 if number == i else number}-事件"

    def _event(self, i):
        rng = self.rng
        maybe = lambda probability, value: value if rng.random() < probability else None
        source = rng.choice(["s-all", "s-all", "s-all", "s-late", "s-late", "s-ended", "s-ended", "s-test", "s-again"])
        _, first, end = self.sources[source]
        t = self._time(first, min(end or self.end, self.end))
        kind = rng.choices(["purchase", "refund", "service_use"], [80, 12, 8])[0]
        amount = None if kind == "service_use" else rng.choice(
            [1, 2, 99, 100, 12_345, rng.randrange(1, 10**6), rng.randrange(1, 10**12)])
        # What stops selling, and what starts, on one day in the middle.
        late = t >= self.day_start(self.day(3, 1, 15))
        categories = [c for c in self.categories if c != ("goods-1" if late else "goods-2")]
        consumer = maybe(0.8, f"consumer {int(rng.paretovariate(0.7)) % 900}")
        return {
            "source": source, "id": f"e{i}-事件", "kind": kind, "event_time": t,
            # Of the same source now and then, and sometimes of what comes later or never.
            "original": maybe(0.7, self._original(i, source)) if kind == "refund" else None,
            "consumer_region": maybe(0.9, self._valid_region(t)), "provider_region": maybe(0.5, self._valid_region(t)),
            "place_of_use": maybe(0.4, self._valid_region(t)), "category": maybe(0.9, rng.choice(categories)),
            "product": maybe(0.8, rng.choice(["图书", "book", "b-%d" % rng.randrange(30), "é" * 20])),
            "provider": maybe(0.6, f"shop {rng.randrange(8)}"), "segment": maybe(0.9, rng.choice(
                ["persons", "persons", "enterprises", "public"])),
            "channel": maybe(0.7, rng.choice(["online", "offline", "hybrid"])),
            "payment_method": maybe(0.5, rng.choice(["card", "wallet"])),
            "age_band": maybe(0.5, rng.choice(["0-17", "18-59", "60+"])),
            "area_type": maybe(0.6, rng.choice(["urban", "rural"])),
            "income_band": maybe(0.4, rng.choice(["low", "middle", "high"])),
            "reporting_role": maybe(0.6, rng.choice(["seller_platform", "payment", "logistics", "department"])),
            "scenario": None, "project": None, "activity": None,
            # A consumer is always under one scheme: under another one it would be another pseudonym.
            "consumer": consumer, "consumer_scheme": consumer and ("account", "card")[sum(map(ord, consumer)) % 2],
            "order": maybe(0.7, f"o{rng.randrange(1500)}"), "amount": amount,
            "voucher": maybe(0.2, rng.randrange(0, amount + 1)) if kind == "purchase" else None,
            "quantity": maybe(0.8, rng.randrange(0, 50)) if amount else None,
        }
