"""A world whose past is never settled: purchases of two years, refunds of any of them, revisions that change amounts, days and
regions, withdrawals, and transactions that two sources saw. Events come in no order of time."""

import random

from tidemark.ingest.v1 import event_pb2

from linked_world import DAY, PARTIES, PURCHASE, REFUND, SOURCES, START, USE, VOID

DAYS = 731  # 2024 and 2025
# code: (level, parent)
REGIONS = {"n1": ("NATION", None), "p1": ("PROVINCE", "n1"), "p2": ("PROVINCE", "n1"), "n2": ("NATION", None)}
CATEGORIES = {"goods": None, "books": "goods", "toys": "goods", "services": None, "music": "services"}

CATALOG = PARTIES + "".join(f"""---
name: regions/{code}
displayNames: {{en: {code}}}
region: {{level: {level}{f', parent: regions/{parent}' if parent else ''}}}
""" for code, (level, parent) in REGIONS.items()) + "".join(f"""---
name: categories/{code}
displayNames: {{en: {code}}}
category: {{{f'parent: categories/{parent}' if parent else ''}}}
""" for code, parent in CATEGORIES.items())

# For questions.question().
QUESTIONS = {
    "ranges": [{}, {"first": "2024-03"}, {"first": "2024-Q2", "last": "2025-Q1"}, {"first": "2024-12", "last": "2025-01..02"},
               {"first": "2024-W10", "last": "2024-W20"}, {"last": "2025-06-15"}],
    "periods": ["2025", "2025-H1", "2025-Q3", "2025-12", "2025-W49", "2025-03-05", "2025-03..11", "2024-01..02", "2024-07"],
    "filters": [("category", ["goods"]), ("consumer_region", ["n1"], True), ("kind", ["purchase"]),
                ("consumer_region", ["p1", "n2"]), ("source", ["shop-a", "bank"]), ("order", ["o7"], True)],
}


class RevisedWorld:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.sent = []  # (source, id, kind) of every event
        self.revisions = {}  # by place in `sent`: the highest revision

    def batch(self, count):
        """So many events, no identity and revision twice."""
        return [self._event() for _ in range(count)]

    def _event(self):
        r = self.random
        chance = r.random() if len(self.sent) > 100 else 0
        if chance < 0.6:
            return self._new(PURCHASE if r.random() < 0.9 else USE)
        place = r.randrange(len(self.sent))
        source, event_id, kind = self.sent[place]
        if chance < 0.8:
            e = self._new(REFUND, source)
            if r.random() < 0.9:
                e.original.source, e.original.id = source, event_id
            return e
        # Of one event few revisions, or the log would refuse them.
        revision = self.revisions.get(place, 0) + r.randrange(1, 3)
        if revision > 20:
            return self._new(PURCHASE)
        self.revisions[place] = revision
        if chance < 0.85:
            return event_pb2.Event(source=source, id=event_id, kind=VOID, revision=revision, event_time_us=self._time())
        e = self._described(source, event_id, kind)
        e.revision = revision
        return e

    def _new(self, kind, source=None):
        source = source or self.random.choice(SOURCES)
        event_id = f"e{len(self.sent)}"
        self.sent.append((source, event_id, kind))
        return self._described(source, event_id, kind)

    def _time(self):
        return START + self.random.randrange(DAYS * DAY)

    def _described(self, source, event_id, kind):
        r = self.random
        e = event_pb2.Event(source=source, id=event_id, kind=kind, event_time_us=self._time(), quantity=r.randrange(4),
                            consumer_region=r.choice(list(REGIONS)), category=r.choice(list(CATEGORIES)),
                            product=f"p{r.randrange(50)}", order=f"o{r.randrange(1000)}")
        if kind != USE:
            e.amount = r.randrange(1, 100_000)
        if r.random() < 0.8:
            e.consumer.scheme, e.consumer.id = "account", f"人{r.randrange(5000)}"
        if kind == PURCHASE and r.random() < 0.1:
            e.transaction.scheme, e.transaction.id = "payment", f"t{r.randrange(1 + len(self.sent) // 20)}"
            e.reporting_role = r.randrange(1, 5)
        return e
