"""Settlement at size: events of products whose revenue is shared by many holders, most of whom change in the middle of the period.
Parts must add up to the revenue as counted here from the events, be the exact fractions rounded by largest remainder, and come again
byte for byte: asked twice, asked in pieces, and from statistics that were folded anew.

    tests/bench/settle_numbers.py [--events 1000000] [--holders 10000] [--seed 1]      TIDEMARK_BIN: folder of the programs
Prints what it checked with times, which are told, never judged.
"""

import argparse
import collections
import os
import random
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))

import grpc  # noqa: E402
from tidemark.analytics.v1 import query_pb2, settle_pb2, statistics_service_pb2_grpc  # noqa: E402
from tidemark.ingest.v1 import event_pb2  # noqa: E402
from tidemark.ingest.v1 import ingest_service_pb2 as ingest  # noqa: E402

from answers import rows  # noqa: E402
from stack import Stack  # noqa: E402

DAY = 86_400_000_000
START = 1_704_067_200_000_000  # 2024-01-01T00:00Z
PRODUCTS, BATCH, APPLIED = 8, 5000, 5000
CHANGE = 45  # the day: 15 February
FIRST, LAST, SETTLED = "2024-02", "2024-03", range(31, 91)
PURCHASE, REFUND = event_pb2.EVENT_KIND_PURCHASE, event_pb2.EVENT_KIND_REFUND


class Works:
    """Products with their shares before and after the change; the first one's never change, and everyone has one."""

    def __init__(self, holders, chance):
        self.names = [f"{'organisations' if i % 2 else 'providers'}/h{i:05}" for i in range(holders)]
        self.shares = {}  # by product: {holder: weight} before, and after
        for number in range(PRODUCTS):
            everyone = {name: chance.randrange(1, 100_000) for name in self.names}
            if number == 0:
                self.shares["p0"] = (everyone, everyone)
                continue
            part = chance.sample(self.names, holders // 2)
            half = holders // 4
            # Some of the old ones go, and new ones come; in the last product there is nobody at first.
            before = {} if number == PRODUCTS - 1 else {name: everyone[name] for name in part[:half]}
            self.shares[f"p{number}"] = before, {name: everyone[name] for name in part[half:]}

    def catalog(self):
        """Resources, each after what it names."""
        yield """name: observatories/test
displayNames: {en: Test}
observatory: {timeZone: UTC, currency: CNY, scale: 2, start: 2024-01-01}
---
name: sources/shop
displayNames: {en: Shop}
source: {kind: LIVE, reports: {start: 2024-01-01}}
"""
        for name in self.names:
            body = "organisation: {kind: AUTHORITY}" if name.startswith("o") else "provider: {kind: CREATOR}"
            yield f"---\nname: {name}\ndisplayNames: {{en: {name[-6:]}}}\n{body}\n"
        for product, (before, after) in self.shares.items():
            text = f"---\nname: products/{product}\ndisplayNames: {{en: {product}}}\nproduct:\n  kind: CONTENT\n  rights:\n"
            for weights, valid in ((before, ", valid: {end: 2024-02-15}"), (after, ", valid: {start: 2024-02-15}")):
                valid = "" if before is after else valid
                text += "".join(f"    - {{holder: {name}, weight: {weight}{valid}}}\n" for name, weight in weights.items())
                if before is after:
                    break
            yield text


class Sales:
    """Events in the order in which they are sent, and what they come to."""

    def __init__(self, count, chance):
        self.count, self.chance = count, chance
        self.revenue = collections.Counter()  # by product, and whether the change is before
        self.gross = collections.Counter()
        self.refunds = collections.Counter()
        self.open = []  # purchases that nothing was given back of

    def batches(self):
        for begin in range(0, self.count, BATCH):
            yield [self.event(number) for number in range(begin, min(begin + BATCH, self.count))]

    def event(self, number):
        chance = self.chance
        e = event_pb2.Event(source="shop", id=f"e{number}")
        dice = chance.random()
        if dice < 0.06 and self.open:
            at = chance.randrange(len(self.open))
            original, product, day, amount = self.open[at]
            self.open[at] = self.open[-1]
            self.open.pop()
            e.kind, e.amount = REFUND, chance.randrange(1, amount + 1)
            e.original.source, e.original.id = "shop", f"e{original}"
            of = min(90, day + chance.randrange(40))
        else:
            product, day = f"p{int(PRODUCTS * chance.random() ** 2)}", chance.randrange(91)
            e.product, e.amount, of = product, chance.randrange(1, 1_000_000), day
            e.kind = REFUND if dice > 0.995 else PURCHASE
            if e.kind == PURCHASE:
                self.open.append((number, product, day, e.amount))
        e.event_time_us = START + of * DAY + chance.randrange(DAY // 2)
        if of in SETTLED:
            self.revenue[product, day >= CHANGE] += e.amount if e.kind == PURCHASE else -e.amount
            (self.gross if e.kind == PURCHASE else self.refunds)[product] += e.amount
        return e


def split(amount, weights):
    whole = sum(weights.values())
    parts = {name: abs(amount) * weight // whole for name, weight in weights.items()}
    left = abs(amount) - sum(parts.values())
    for name in sorted(weights, key=lambda n: (-(abs(amount) * weights[n] % whole), n))[:left]:
        parts[name] += 1
    return {name: part if amount >= 0 else -part for name, part in parts.items()}


class Asker:
    def __init__(self, stack):
        self.stack = stack

    def ask(self, size, **more):
        request = settle_pb2.SettleRequest(range=query_pb2.PeriodRange(first=FIRST, last=LAST), **more)
        request.read.as_of.log_size = request.read.min_log_size = size
        stub = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel("analytics"))
        while True:
            try:
                return stub.Settle(request, metadata=self.stack.metadata(), timeout=300)
            except grpc.RpcError as error:  # still folding
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                time.sleep(0.2)

    def all(self, size):
        """(sums, parts by product, bytes of all of them)."""
        whole = self.ask(size, without_parts=True)
        tables = [whole.holders, whole.subjects]
        parts = {}
        for row in rows(whole.subjects):
            answer = self.ask(size, subjects=[row["subject"]])
            tables += [answer.parts, answer.subjects]
            parts[row["subject"].removeprefix("products/")] = {r["holder"]: r["amount"] for r in rows(answer.parts)}
        return whole, parts, [table.SerializeToString(deterministic=True) for table in tables]


def same(what, got, want):
    if got != want:
        raise SystemExit(f"{what}: got {str(got)[:300]}, want {str(want)[:300]}")


def check(works, sales, whole, parts):
    by_holder = collections.Counter()
    for product, (before, after) in works.shares.items():
        want = collections.Counter()
        sets = [(before, sales.revenue[product, False]), (after, sales.revenue[product, True])]
        unsettled = 0
        if before is after:
            sets = [(before, sum(revenue for _, revenue in sets))]
        for weights, revenue in sets:
            unsettled += 0 if weights else revenue
            for name, part in split(revenue, weights).items() if weights else ():
                want[name] += part
        same(f"parts of {product}", parts[product], dict(want))
        row = next(r for r in rows(whole.subjects) if r["subject"] == "products/" + product)
        net = sales.gross[product] - sales.refunds[product]
        same(product, [row[c] for c in ("gross", "refunds", "net", "settled", "unsettled", "holders")],
             [sales.gross[product], sales.refunds[product], net, net - unsettled, unsettled, len(want)])
        same(f"sum of the parts of {product}", sum(parts[product].values()), net - unsettled)
        for name, part in parts[product].items():
            by_holder[name] += part
    same("holders", {r["holder"]: r["amount"] for r in rows(whole.holders)}, dict(by_holder))


def check_whole(asker, size, whole, parts):
    """All parts in one answer, or a refusal where they are too many for one."""
    count = sum(map(len, parts.values()))
    try:
        answer = asker.ask(size)
    except grpc.RpcError as error:
        same("what is too large", error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        same("what is refused", count > 10_000, True)
        return
    same("what is answered", count < 60_000, True)
    same("all parts at once", {(r["subject"], r["holder"]): r["amount"] for r in rows(answer.parts)},
         {(f"products/{p}", h): part for p, of in parts.items() for h, part in of.items()})
    same("holders with and without parts", answer.holders, whole.holders)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--holders", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    works, sales = Works(options.holders, chance), Sales(options.events, chance)
    began = time.monotonic()

    def told(what):
        nonlocal began
        print(f"{what}: {time.monotonic() - began:.2f} s", flush=True)
        began = time.monotonic()

    with Stack(redis=False) as stack:
        resources = list(works.catalog())
        for begin in range(0, len(resources), APPLIED):
            stack.cli("apply", "-f", "-", "--yes", input="".join(resources[begin:begin + APPLIED]), timeout=600)
        told(f"catalog of {options.holders} holders")
        size = 0
        for batch in sales.batches():
            verdict = stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=batch), metadata=stack.metadata(),
                                                  timeout=120).verdict
            same("accepted", verdict.accepted, len(batch))
            size = verdict.first_leaf + verdict.accepted
        told(f"{options.events} events made and sent")
        asker = Asker(stack)
        asker.ask(size, without_parts=True)
        told("fold, and the first settlement")
        asker.ask(size, without_parts=True)
        told(f"one settlement of {PRODUCTS} products, parts left out")
        whole, parts, first = asker.all(size)
        told(f"all parts: {sum(map(len, parts.values()))}, {len(parts) + 1} settlements")
        check(works, sales, whole, parts)
        told("everything equals the recount; parts add up to the unit")
        check_whole(asker, size, whole, parts)
        same("asked again", asker.all(size)[2], first)
        some = sorted(parts["p1"])[::7]
        answer = asker.ask(size, holders=some, subjects=["products/p1"])
        same("some holders", {r["holder"]: r["amount"] for r in rows(answer.parts)},
             {name: parts["p1"][name] for name in some})
        stack.restart("analytics", signal.SIGTERM)
        same("from the files of another process", asker.all(size)[2], first)
        began = time.monotonic()
        stack.restart("analytics", extra=["--rebuild"])
        same("from statistics folded anew", asker.all(size)[2], first)
        told("folded anew and settled again: the same bytes")


if __name__ == "__main__":
    main()
