"""Events that hang together, as a careless world sends them, and what counts of them by the words of docs/statistics.md."""

import random
from collections import defaultdict

from tidemark.ingest.v1 import event_pb2

DAY = 86_400_000_000
START = 1_704_067_200_000_000  # 2024-01-01T00:00Z
SOURCES = ["shop-a", "shop-b", "bank"]
REGIONS = ["north", "south"]
PURCHASE, REFUND, USE, VOID = (event_pb2.EVENT_KIND_PURCHASE, event_pb2.EVENT_KIND_REFUND,
                               event_pb2.EVENT_KIND_SERVICE_USE, event_pb2.EVENT_KIND_VOID)

# The observatory, its identifier schemes and sources.
PARTIES = """
name: observatories/test
displayNames: {en: Test}
observatory:
  {timeZone: UTC, currency: CNY, scale: 2, start: 2024-01-01, precedence: [SELLER_PLATFORM, PAYMENT, LOGISTICS, DEPARTMENT]}
---
name: identifierSchemes/account
displayNames: {en: Account}
identifierScheme: {schemeClass: ACCOUNT, normalisation: NONE}
---
name: identifierSchemes/payment
displayNames: {en: Payment number, zh: 支付流水号}
identifierScheme: {schemeClass: TRANSACTION, normalisation: NONE}
""" + "".join(f"""---
name: sources/{s}
displayNames: {{en: {s}, zh: 单位{i}}}
source: {{kind: LIVE, reports: {{start: 2024-01-01}}}}
""" for i, s in enumerate(SOURCES))

CATALOG = PARTIES + "".join(f"""---
name: regions/{r}
displayNames: {{en: {r}}}
region: {{level: NATION}}
""" for r in REGIONS)


class World:
    def __init__(self, seed, count):
        self.random = random.Random(seed)
        self.events = []
        met = set()
        while len(self.events) < count:
            e = self.purchase() if not self.events or self.random.random() < 0.45 else self.follower()
            if (e.source, e.id, e.revision) not in met:
                met.add((e.source, e.id, e.revision))
                self.events.append(e)

    def describe(self, e):
        r = self.random
        e.event_time_us = START + r.randrange(60) * DAY + len(self.events)
        if r.random() < 0.9:
            e.consumer_region = r.choice(REGIONS)
        else:
            e.ClearField("consumer_region")
        if r.random() < 0.7:
            e.consumer.scheme, e.consumer.id = "account", f"人{r.randrange(30)}"
        e.quantity = r.randrange(4)
        if r.random() < 0.3:
            e.transaction.scheme, e.transaction.id = "payment", f"t{r.randrange(40)}"
            e.reporting_role = r.randrange(1, 5)

    def purchase(self):
        e = event_pb2.Event(source=self.random.choice(SOURCES), id=f"e{len(self.events)}")
        e.kind = PURCHASE if self.random.random() < 0.9 else USE
        self.describe(e)
        if e.kind == PURCHASE:
            e.amount = self.random.randrange(1, 2000)
        return e

    def follower(self):
        r = self.random
        other = r.choice(self.events)
        if r.random() < 0.6:
            e = event_pb2.Event(source=other.source, id=f"e{len(self.events)}", kind=REFUND)
            self.describe(e)
            e.amount = r.randrange(1, 1200)
            if r.random() < 0.9:
                e.original.source, e.original.id = other.source, other.id if r.random() < 0.9 else "never-sent"
            return e
        e = event_pb2.Event()
        e.CopyFrom(other)
        e.revision = r.randrange(1, 6)
        if r.random() < 0.3:
            return event_pb2.Event(source=e.source, id=e.id, revision=e.revision, kind=VOID,
                                   event_time_us=e.event_time_us)
        self.describe(e)
        if e.kind == VOID:
            e.kind = PURCHASE
        if e.kind != USE:
            e.amount = r.randrange(1, 2000)
        return e


def _counts(e, effective, place):
    """Not another source's event of the same kind and transaction instead."""
    if not e.HasField("transaction"):
        return True

    def key(x):
        return (x.reporting_role or 9, x.source, x.event_time_us, x.amount, place[id(x)])
    return all(key(e) <= key(x) for x in effective.values()
               if x.kind == e.kind and x.HasField("transaction") and x.transaction.id == e.transaction.id)


def judged(events):
    """What counts: (event, event whose fields it has, "counts", "pending" or "void") of each that has an effect."""
    place = {id(e): i for i, e in enumerate(events)}
    effective, described = {}, {}
    for e in events:
        key = (e.source, e.id)
        if key not in effective or e.revision > effective[key].revision:
            effective[key] = e
        if e.kind in (PURCHASE, USE) and (key not in described or e.revision > described[key].revision):
            described[key] = e
    found, refunds = [], defaultdict(list)
    for e in effective.values():
        original = (e.original.source, e.original.id) if e.HasField("original") else None
        if e.kind == VOID:
            continue
        if e.kind == REFUND and original in described:
            refunds[original].append(e)
        elif _counts(e, effective, place):
            found.append((e, e, "pending" if e.kind == REFUND and original else "counts"))
    for key, waiting in refunds.items():
        fields, original, given = described[key], effective[key], 0
        counts = original.kind not in (PURCHASE, USE) or _counts(original, effective, place)
        for e in sorted(waiting, key=lambda e: (e.event_time_us, e.source.encode(), e.id.encode())):
            if not counts or not _counts(e, effective, place):
                continue
            excess = given + e.amount > (original.amount if original.kind == PURCHASE else 0)
            given += 0 if excess else e.amount
            found.append((e, fields, "void" if excess else "counts"))
    return found


def recount(events):
    """({(month, region): {measure: value}}, {(source, id): (reason, amount)} of the refunds that do not count)."""
    cells, people, exceptions = defaultdict(lambda: defaultdict(int)), defaultdict(set), {}

    def cell_of(e, fields):
        day = (e.event_time_us - START) // DAY
        month = "2024-01" if day < 31 else "2024-02" if day < 60 else "2024-03"
        return month, fields.consumer_region if fields.HasField("consumer_region") else "UNKNOWN"

    def count(e, fields):
        key = cell_of(e, fields)
        cell = cells[key]
        cell["events"] += 1
        if e.kind == REFUND:
            cell["refunds"] += e.amount
            cell["quantity"] -= e.quantity
            if not e.HasField("original"):
                cell["unlinked_refunds"] += e.amount
            else:
                cells[cell_of(fields, fields)]["cohort"] += e.amount
            return
        if e.HasField("consumer"):
            people[key].add(e.consumer.id)
        if e.kind == PURCHASE:
            cell["gross"] += e.amount
            cell["quantity"] += e.quantity

    for e, fields, verdict in judged(events):
        if verdict == "counts":
            count(e, fields)
            continue
        cells[cell_of(e, fields)][verdict + "_refunds"] += e.amount
        exceptions[(e.source, e.id)] = ("ORIGINAL_UNKNOWN" if verdict == "pending" else "REFUND_EXCESS", e.amount)
    for key, names in people.items():
        cells[key]["consumers"] = len(names)
    return cells, exceptions
