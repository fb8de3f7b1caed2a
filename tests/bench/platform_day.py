"""The day of a platform, from the first event to the close: synthetic events of ten sources through ten streams, some sent
twice, some with a fault, 3 % refunds. Each source closes its day with the totals of what it sent, counted here from the events
themselves; statements and statistics must agree with them, and name the one event that a source keeps back.

    tests/bench/platform_day.py [--events 20000000] [--seed 1]      TIDEMARK_BIN: folder of the programs
Prints what it checked with times and rates; times are told, never judged. Needs 150 bytes of disk for an event.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "integration"))

import grpc  # noqa: E402
from tidemark.ingest.v1 import event_pb2  # noqa: E402
from tidemark.ingest.v1 import ingest_service_pb2 as ingest  # noqa: E402
from tidemark.type.v1 import date_pb2  # noqa: E402

from answers import ask, query  # noqa: E402
from stack import BIN, Stack  # noqa: E402

SOURCES = [f"synthetic-{n:02}" for n in range(1, 11)]
DAY, NEXT_DAY = "2024-06-18", "2024-06-19"
CLIENTS, DUPLICATES, BAD = 10, 0.01, 0.001
SOME_REJECTED = 1
REPEATED_WITHIN = 1001  # events between an event and its repetition, at most
# A line of `simulate --print`; what has no product has a fault.
FIELDS = re.compile(r'"source":"([^"]+)","id":"([^"]+)","kind":"EVENT_KIND_([A-Z_]+)",.*?"product":.*?"amount":"(\d+)"')


class Books:
    """What the sources sent, by the events as `simulate --print` writes them."""

    def __init__(self):
        self.events = collections.Counter()
        self.amount = collections.Counter()  # by (source, kind)
        self.repeated = self.bad = 0
        self.recent = collections.OrderedDict()

    def read(self, lines, errors):
        for line in lines:
            found = FIELDS.search(line)
            if found is None:
                self.bad += 1
                continue
            source, event_id, kind, amount = found.groups()
            if event_id in self.recent:
                self.repeated += 1
                self.recent.move_to_end(event_id)
                continue
            self.recent[event_id] = None
            if len(self.recent) > 2 * REPEATED_WITHIN:
                self.recent.popitem(last=False)
            self.events[source] += 1
            self.amount[source, kind] += int(amount)
        # Texts that are not UTF-8 are told apart from the others.
        self.bad += sum(line.startswith("event ") for line in errors)

    def totals(self, source):
        return self.events[source], self.amount[source, "PURCHASE"], self.amount[source, "REFUND"]


class Day:
    def __init__(self, stack, events, seed):
        self.stack, self.count = stack, events
        self.options = ["--events", str(events), "--seed", str(seed), "--from", DAY, "--to", NEXT_DAY,
                        "--duplicates", str(DUPLICATES), "--bad", str(BAD)]
        self.options += [word for source in SOURCES for word in ("--source", source)]

    def keep_books(self):
        with open(os.path.join(self.stack.folder, "bad"), "w+", encoding="utf-8") as errors:
            with subprocess.Popen([f"{BIN}/tidemark", "simulate", "--print", *self.options], stdout=subprocess.PIPE,
                                  stderr=errors, text=True, env=self.stack.environment()) as process:
                books = Books()
                books.read(process.stdout, [])
            errors.seek(0)
            books.read([], errors)
        check(process.returncode == 0, f"simulate --print ended with {process.returncode}")
        check(sum(books.events.values()) + books.repeated + books.bad == self.count, "an event is not in the books")
        return books

    def send(self):
        """The numbers of events by what became of them, and the seconds it took."""
        self.set_up()
        begun = time.monotonic()
        done = self.stack.cli("simulate", "--clients", str(CLIENTS), "--batch", str(min(10_000, self.count // CLIENTS // 2)),
                              "--quiet", *self.options, check=False, timeout=None)
        seconds = time.monotonic() - begun
        check(done.returncode in (0, SOME_REJECTED), f"simulate ended with {done.returncode}: {done.stderr}")
        counts = collections.Counter()
        for what, number in re.findall(r"^ +(accepted|duplicate|conflict|rejected) +([\d,]+)", done.stdout, re.MULTILINE):
            counts[what] += int(number.replace(",", ""))
        return counts, seconds

    def set_up(self):
        """The catalog, and one event with a fault, until ingest judges by it."""
        sources = [word for source in SOURCES for word in ("--source", source)]
        deadline = time.monotonic() + 60
        while True:
            done = self.stack.cli("simulate", "--setup", "--events", "1", "--bad", "1", "--quiet", *sources, check=False)
            if "UNKNOWN_SOURCE" not in done.stdout and done.returncode in (0, SOME_REJECTED):
                return
            check(time.monotonic() < deadline, f"simulate --setup: {done.stdout}{done.stderr}")
            time.sleep(0.1)

    def close(self, source, totals):
        events, gross, refunds = totals
        self.stack.cli("close-day", source, DAY, "--events", str(events), "--gross", money(gross), "--refunds", money(refunds))

    def statement(self, source):
        year, month, day = map(int, DAY.split("-"))
        request = ingest.GetStatementRequest(source=source, day=date_pb2.Date(year=year, month=month, day=day))
        while True:
            try:
                return self.stack.ingest().GetStatement(request, metadata=self.stack.metadata(), timeout=60).statement
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                time.sleep(0.5)  # the log is still being counted


def check(holds, message):
    if not holds:
        raise SystemExit(f"platform_day: {message}")


def money(amount):
    return f"{amount // 100}.{amount % 100:02}"


def difference(statement):
    d = statement.difference
    return d.events, d.gross, d.refunds


def close_and_compare(day, books):
    begun = time.monotonic()
    for source in SOURCES:
        day.close(source, books.totals(source))
    say(f"ten days closed in {time.monotonic() - begun:.1f} s")
    begun, repeated = time.monotonic(), 0
    for source in SOURCES:
        statement = day.statement(source)
        check(statement.HasField("difference") and difference(statement) == (0, 0, 0),
              f"{source}: the statement differs by {difference(statement)}")
        repeated += statement.by_event_day.duplicates
    say(f"ten statements in {time.monotonic() - begun:.1f} s, the first of which counts the log: no difference; "
        f"{repeated:,} duplicates")
    check(repeated == books.repeated, f"statements count {repeated} duplicates, {books.repeated} were sent")


def compare_statistics(day, books):
    begun = time.monotonic()
    size = day.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=day.stack.metadata(), timeout=30).log_size
    while True:
        try:
            rows, _, _ = ask(day.stack, query(["gross"], dimensions=["source"]), min_log_size=size)
            break
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
            time.sleep(0.1)  # the fold is behind
    gross = {row["source"]: row["gross"] for row in rows}
    want = {source: books.amount[source, "PURCHASE"] for source in SOURCES}
    check(gross == want, f"gross by source is {gross}, want {want}")
    say(f"gross by source is that of the books ({time.monotonic() - begun:.1f} s, with the fold's rest)")


def keep_one_back(day, books):
    """A source has an event in its books that it did not send; then it does."""
    source, amount = SOURCES[3], 123_456
    events, gross, refunds = books.totals(source)
    day.close(source, (events + 1, gross + amount, refunds))
    check(difference(day.statement(source)) == (-1, -amount, 0), f"not the gap: {difference(day.statement(source))}")
    shown = day.stack.cli("statement", source, DAY).stdout
    check(f"differs by -1 events, -{money(amount)} gross, 0.00 refunds" in shown, f"the statement does not say it:\n{shown}")
    late = event_pb2.Event(source=source, id="kept-back", kind=event_pb2.EVENT_KIND_PURCHASE, amount=amount,
                           event_time_us=1_718_683_200_000_000)
    day.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=[late]), metadata=day.stack.metadata(), timeout=30)
    check(difference(day.statement(source)) == (0, 0, 0), "the event came, and the statement still differs")
    say(f"the event that was kept back: -1 event, -{money(amount)}; none when it came")


def say(text):
    print(text, flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--events", type=int, default=20_000_000)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    with Stack() as stack:
        day = Day(stack, given.events, given.seed)
        begun = time.monotonic()
        books = day.keep_books()
        say(f"{given.events:,} events: {sum(books.events.values()):,} different, {books.repeated:,} sent twice, {books.bad:,} "
            f"with a fault (books kept in {time.monotonic() - begun:.0f} s)")
        counts, seconds = day.send()
        say(f"sent in {seconds:.1f} s, {given.events / seconds:,.0f} a second: {json.dumps(counts)}")
        want = {"accepted": sum(books.events.values()), "duplicate": books.repeated, "rejected": books.bad, "conflict": 0}
        check(all(counts[what] == number for what, number in want.items()), f"want {want}")
        close_and_compare(day, books)
        compare_statistics(day, books)
        keep_one_back(day, books)
    say("platform day: all agrees")


if __name__ == "__main__":
    main()
