"""A random market between places: who lives where, who serves, what for; revised and withdrawn at will."""

import random

from tidemark.ingest.v1 import event_pb2

DAY = 86_400_000_000
START = 1_704_067_200_000_000  # 2024-01-01T00:00Z
DAYS = 91  # to the end of March
PURCHASE, REFUND, USE, VOID = (event_pb2.EVENT_KIND_PURCHASE, event_pb2.EVENT_KIND_REFUND,
                               event_pb2.EVENT_KIND_SERVICE_USE, event_pb2.EVENT_KIND_VOID)
PARENT = {"east": "cn", "west": "cn", "east-1": "east", "east-2": "east", "west-1": "west", "west-2": "west"}
LEVEL = {"cn": "NATION", "east": "PROVINCE", "west": "PROVINCE"}  # the others are cities
# Of the region group `pair`: members with the days [first, last) on which they are.
MEMBERS = {"east": (0, DAYS), "west-1": (45, 80), "east-2": (60, DAYS)}
NATURE = {"phone": "GOODS", "book": "GOODS", "game": "SERVICES", "music": "SERVICES", "kit": "MIXED"}
SCENARIOS = ["home", "travel"]


def date(day):
    month, of_month = next((m, day - before) for m, before in ((3, 60), (2, 31), (1, 0)) if day >= before)
    return f"2024-{month:02}-{of_month + 1:02}"


def month(e):
    return date((e.event_time_us - START) // DAY)[:7]


def _valid(days):
    end = f", end: {date(days[1])}" if days[1] < DAYS else ""
    return f"{{start: {date(days[0])}{end}}}"


CATALOG = """
name: observatories/test
displayNames: {en: Test}
observatory: {timeZone: UTC, currency: CNY, scale: 2, start: 2024-01-01}
---
name: identifierSchemes/account
displayNames: {en: Account}
identifierScheme: {schemeClass: ACCOUNT, normalisation: NONE}
---
name: sources/shop
displayNames: {en: Shop}
source: {kind: LIVE, reports: {start: 2024-01-01, end: 2024-04-01}}
---
name: regions/cn
displayNames: {zh: 中国}
region: {level: NATION}
""" + "".join(f"""---
name: regions/{r}
displayNames: {{zh: {r}}}
region: {{level: {LEVEL.get(r, "CITY")}, parent: regions/{parent}}}
""" for r, parent in PARENT.items()) + f"""---
name: regionGroups/pair
displayNames: {{zh: 一对}}
regionGroup:
  members:
""" + "".join(f"    - {{member: regions/{r}, valid: {_valid(days)}}}\n" for r, days in MEMBERS.items()) + "".join(f"""---
name: categories/{c}
displayNames: {{en: {c}}}
category: {{nature: {nature}}}
""" for c, nature in NATURE.items()) + "".join(f"""---
name: scenarios/{s}
displayNames: {{en: {s}}}
scenario: {{}}
""" for s in SCENARIOS)


class Market:
    """Its events in the order in which they are sent."""

    def __init__(self, seed, count, people=40, providers=8):
        self.random, self.people, self.providers = random.Random(seed), people, providers
        self.events, met = [], set()
        while len(self.events) < count:
            e = self.revision() if self.events and self.random.random() < 0.25 else self.fresh()
            if (e.id, e.revision) not in met:
                met.add((e.id, e.revision))
                self.events.append(e)

    def fresh(self):
        e = event_pb2.Event(source="shop", id=f"e{len(self.events)}")
        self.describe(e)
        return e

    def revision(self):
        old = self.random.choice(self.events)
        e = event_pb2.Event(source="shop", id=old.id, revision=self.random.randrange(1, 5))
        self.describe(e)
        if self.random.random() < 0.3:
            return event_pb2.Event(source="shop", id=e.id, revision=e.revision, kind=VOID, event_time_us=e.event_time_us)
        return e

    def maybe(self, values, share=0.85):
        return self.random.choice(values) if self.random.random() < share else None

    def describe(self, e):
        r = self.random
        e.event_time_us = START + r.randrange(DAYS) * DAY + r.randrange(24) * 3_600_000_000 + len(self.events)
        e.kind = r.choices([PURCHASE, USE, REFUND], [7, 2, 1])[0]
        if e.kind != USE:
            e.amount = r.randrange(1, 100_000)
        if r.random() < 0.85:
            e.consumer.scheme, e.consumer.id = "account", f"人{int(self.people * r.random() ** 2)}"
        places = [*PARENT, *PARENT, "cn"]
        cities = [p for p in PARENT if p not in LEVEL]
        fields = {"consumer_region": self.maybe(places if r.random() < 0.3 else cities),
                  "provider_region": self.maybe(places if r.random() < 0.3 else cities),
                  "place_of_use": self.maybe(places if r.random() < 0.3 else cities),
                  "category": self.maybe(list(NATURE), 0.95), "scenario": self.maybe(SCENARIOS),
                  "provider": self.maybe([f"p{int(self.providers * r.random() ** 2)}"], 0.9)}
        for name, value in fields.items():
            if value is not None:
                setattr(e, name, value)


def standing(events):
    """Those that count: the highest revision of each, unless it withdraws the event."""
    highest = {}
    for e in events:
        if e.id not in highest or e.revision > highest[e.id].revision:
            highest[e.id] = e
    return [e for e in highest.values() if e.kind != VOID]


def field(e, name):
    """The code, or None."""
    return getattr(e, name) if e.HasField(name) else None


def at_level(code, level):
    """As the column has it: of a region, at `province` or `city`, or as recorded where that is empty."""
    if code is None:
        return "UNKNOWN"
    if not level:
        return code
    at = code
    while at is not None and LEVEL.get(at, "CITY") != level.upper():
        at = PARENT.get(at)
    return at or "UNALLOCATED:" + code


def is_place(text):
    return text != "UNKNOWN" and not text.startswith("UNALLOCATED:")
