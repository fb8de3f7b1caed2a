"""Days of sources through the services: how they were closed decides what statistics call complete, and whom growth compares. At
every snapshot against a recount from nothing."""

import datetime
import json
import random
import unittest
from collections import defaultdict

import grpc
from tidemark.analytics.v1 import analytics_service_pb2 as analytics
from tidemark.analytics.v1 import query_pb2
from tidemark.ingest.v1 import control_totals_pb2, event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest
from tidemark.type.v1 import date_pb2

from answers import Null, ask, query
from stack import Stack

# The zone of the observatory.
ZONE = datetime.timezone(datetime.timedelta(hours=8))
PURCHASE, REFUND, VOID = (event_pb2.EVENT_KIND_PURCHASE, event_pb2.EVENT_KIND_REFUND, event_pb2.EVENT_KIND_VOID)
CLOSERS = ["shop-a", "shop-b"]
MONTHS = ["2024-01", "2024-02", "2024-03", "2024-04"]
FIRST, LAST = datetime.date(2024, 1, 1), datetime.date(2024, 4, 30)
DAYS = [FIRST + datetime.timedelta(days=i) for i in range((LAST - FIRST).days + 1)]

CATALOG = """
name: observatories/test
displayNames: {en: Test}
observatory: {timeZone: Asia/Shanghai, currency: CNY, scale: 2, start: 2024-01-01}
---
name: identifierSchemes/account
displayNames: {en: Account}
identifierScheme: {schemeClass: ACCOUNT, normalisation: NONE}
---
name: regions/cn
displayNames: {en: China, zh: 中国}
region: {level: NATION}
""" + "".join(f"""---
name: sources/{s}
displayNames: {{en: {s}}}
source: {{kind: LIVE, closesDays: true, reports: {{start: 2024-01-01, end: 2024-05-01}}}}
""" for s in CLOSERS) + """---
name: sources/joiner
displayNames: {en: Joined in February, zh: 二月起报送}
source: {kind: LIVE, reports: {start: 2024-02-01, end: 2024-05-01}}
---
name: sources/steady
displayNames: {en: Closes no days}
source: {kind: LIVE, reports: {start: 2024-01-01}}
"""


def date(day):
    return date_pb2.Date(year=day.year, month=day.month, day=day.day)


def time_us(day, seconds):
    return int(datetime.datetime.combine(day, datetime.time(), ZONE).timestamp() + seconds) * 1_000_000


def day_of(us):
    return datetime.datetime.fromtimestamp(us // 1_000_000, ZONE).date()


class Model:
    """What was sent up to a snapshot."""

    def __init__(self, operations):
        highest, self.totals = {}, {}
        for what in operations:
            if isinstance(what, control_totals_pb2.ControlTotals):
                self.totals[(what.source, datetime.date(what.day.year, what.day.month, what.day.day))] = what
            elif what is not None:
                old = highest.get((what.source, what.id))
                if old is None or what.revision > old.revision:
                    highest[(what.source, what.id)] = what
        self.events = [e for e in highest.values() if e.kind != VOID]
        self.sums = defaultdict(lambda: [0, 0, 0])
        for e in self.events:
            sums = self.sums[(e.source, day_of(e.event_time_us))]
            sums[0] += 1
            sums[1] += e.amount if e.kind == PURCHASE else 0
            sums[2] += e.amount if e.kind == REFUND else 0

    def state(self, source, day):
        if source not in CLOSERS:
            return "COMPLETE"
        sums, totals = self.sums.get((source, day), [0, 0, 0]), self.totals.get((source, day))
        if totals is None:
            return "OPEN" if sums[0] else "SILENT"
        return "COMPLETE" if [totals.events, totals.gross, totals.refunds] == sums else "DIFFERENT"

    def days(self, source, month):
        return [d for d in DAYS if d.strftime("%Y-%m") == month and (source != "joiner" or d.month > 1)]

    def coverage(self, source, month):
        """(complete, expected) of one source."""
        days = self.days(source, month)
        return sum(self.state(source, d) == "COMPLETE" for d in days), len(days)

    def is_complete(self, source, month):
        complete, expected = self.coverage(source, month)
        return expected > 0 and complete == expected

    def gross(self, month, sources):
        return sum(e.amount for e in self.events if e.kind == PURCHASE and e.source in sources
                   and day_of(e.event_time_us).strftime("%Y-%m") == month)

    def consumers(self, month, sources):
        return len({e.consumer.id for e in self.events if e.kind == PURCHASE and e.source in sources and e.consumer.id
                    and day_of(e.event_time_us).strftime("%Y-%m") == month})


SOURCES = CLOSERS + ["joiner", "steady"]


class Coverage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(extra={"analytics": ["--run_records=500", "--cache_from=0s"]}).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.apply("-f", "-", input=CATALOG)
        cls.random = random.Random(20240301)
        cls.operations, cls.snapshots = [], []  # (log size, number of operations)
        cls.late = cls.event("shop-b", datetime.date(2024, 3, 7))
        for source in SOURCES:
            for day in DAYS:
                if source == "joiner" and day.month == 1 or day == datetime.date(2024, 2, 3) and source != "steady":
                    continue
                cls.operations += [cls.event(source, day) for _ in range(cls.random.randrange(1, 5))]
        cls.random.shuffle(cls.operations)
        cls.changed = cls.operations[:40]
        cls.send(cls.operations)
        # Revisions of some, withdrawals of others; a refund of another source's purchase stays the refund of its own source.
        cls.send([cls.revised(e) for e in cls.changed])
        final = Model(cls.operations + [cls.late])
        closes = []
        for source in CLOSERS:
            for day in DAYS:
                events, gross, refunds = final.sums.get((source, day), [0, 0, 0])
                if (source, day) not in (("shop-a", datetime.date(2024, 4, 2)), ("shop-a", datetime.date(2024, 2, 3))):
                    closes.append(control_totals_pb2.ControlTotals(source=source, day=date(day), events=events, gross=gross,
                                                                   refunds=refunds))
        cls.random.shuffle(closes)
        cls.close(closes[:100])
        cls.stack.restart("analytics")
        cls.close(closes[100:])
        cls.note()
        cls.before_late = cls.snapshots[-1]
        cls.send([cls.late])
        cls.after_late = cls.snapshots[-1]
        # What a source says last counts.
        day = datetime.date(2024, 1, 9)
        events, gross, refunds = final.sums[("shop-a", day)]
        wrong = control_totals_pb2.ControlTotals(source="shop-a", day=date(day), events=events + 1, gross=gross, refunds=refunds)
        cls.close([wrong])
        right = control_totals_pb2.ControlTotals(source="shop-a", day=date(day), events=events, gross=gross, refunds=refunds)
        cls.close([right])

    @classmethod
    def event(cls, source, day):
        r = cls.random
        e = event_pb2.Event(source=source, id=f"e{r.getrandbits(60)}", event_time_us=time_us(day, r.randrange(86_400)),
                            consumer_region="cn", amount=r.randrange(1, 10_000))
        e.kind = PURCHASE if r.random() < 0.8 else REFUND
        if e.kind == PURCHASE and r.random() < 0.8:
            e.consumer.scheme, e.consumer.id = "account", f"人{r.randrange(60)}"
        return e

    @classmethod
    def revised(cls, old):
        e = event_pb2.Event()
        e.CopyFrom(old)
        e.revision = 3
        if cls.random.random() < 0.4:
            e = event_pb2.Event(source=old.source, id=old.id, revision=3, kind=VOID, event_time_us=old.event_time_us)
        else:
            e.amount += 17
        return e

    @classmethod
    def note(cls):
        status = cls.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=cls.stack.metadata())
        cls.snapshots.append((status.log_size, len(cls.sent)))

    sent = []

    @classmethod
    def send(cls, events):
        events = list(events)
        for begin in range(0, len(events), 150):
            batch = events[begin:begin + 150]
            verdict = cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=batch), metadata=cls.stack.metadata(),
                                                      timeout=60).verdict
            assert verdict.accepted == len(batch), verdict
            cls.sent += batch
            cls.note()
        cls.operations = cls.sent

    @classmethod
    def close(cls, totals):
        for begin in range(0, len(totals), 30):
            closed = cls.stack.ingest().SubmitControlTotals(ingest.SubmitControlTotalsRequest(totals=totals[begin:begin + 30]),
                                                            metadata=cls.stack.metadata(), timeout=60)
            assert not closed.sources_without_closes_days, closed
            cls.sent += totals[begin:begin + 30]
            cls.note()

    def wait(self):
        ask(self.stack, query(["net"]), min_log_size=self.snapshots[-1][0])

    def list_days(self, size=None, source="", first=FIRST, last=LAST):
        request = analytics.ListSourceDaysRequest(source=source, first=date(first), last=date(last))
        if size is not None:
            request.as_of.log_size = size
        answer = self.stack.analytics().ListSourceDays(request, metadata=self.stack.metadata(), timeout=60)
        return {(d.source, datetime.date(d.day.year, d.day.month, d.day.day)):
                (analytics.SourceDayState.Name(d.state).removeprefix("SOURCE_DAY_STATE_"), d.events, d.gross, d.refunds,
                 (d.totals.events, d.totals.gross, d.totals.refunds) if d.HasField("totals") else None)
                for d in answer.source_days}

    def check_days(self):
        self.wait()
        seen = set()
        for size, count in self.snapshots:
            model = Model(self.sent[:count])
            want = {}
            for source in SOURCES:
                for day in DAYS:
                    if source == "joiner" and day.month == 1:
                        continue
                    totals = model.totals.get((source, day))
                    want[(source, day)] = (model.state(source, day), *model.sums.get((source, day), [0, 0, 0]),
                                           (totals.events, totals.gross, totals.refunds) if totals else None)
                    seen.add(want[(source, day)][0])
            self.assertEqual(self.list_days(size), want, size)
        self.assertEqual(seen, {"COMPLETE", "DIFFERENT", "OPEN", "SILENT"})

    def test_1_every_day_at_every_snapshot(self):
        self.check_days()

    def test_2_after_a_restart_and_a_rebuild(self):
        self.stack.restart("analytics")
        self.check_days()
        self.stack.restart("analytics", extra=["--rebuild"])
        self.check_days()

    def growth(self, model, month, base, panel, sources=SOURCES, measure=Model.gross):
        matched = [s for s in sources if model.is_complete(s, month) and model.is_complete(s, base)]
        if panel == query_pb2.PANEL_MATCHED:
            if not matched:
                return Null(9)
            now, then = measure(model, month, matched), measure(model, base, matched)
        else:
            expected = [s for s in sources if model.days(s, month)]
            if not all(model.is_complete(s, month) for s in expected) or \
                    not all(model.is_complete(s, base) for s in sources if model.days(s, base)):
                return Null(4)
            now, then = measure(model, month, sources), measure(model, base, sources)
        return (now - then) / then if then else Null(2)

    def test_3_coverage_and_growth_equal_the_recount(self):
        self.wait()
        reasons = set()
        for size, count in self.snapshots[5::4] + [self.before_late, self.after_late, self.snapshots[-1]]:
            model = Model(self.sent[:count])
            for panel in (query_pb2.PANEL_AS_REPORTED, query_pb2.PANEL_MATCHED):
                for dimensions in ([], ["source"]):
                    q = query(["gross", "consumers"], "MONTH", dimensions, comparisons=["PREV"], panel=panel)
                    q.range.first, q.range.last = MONTHS[0], MONTHS[-1]
                    for row in ask(self.stack, q, as_of=size)[0]:
                        month = row["period"]
                        sources = [row["source"]] if dimensions else SOURCES
                        cover = [model.coverage(s, month) for s in sources]
                        where = (size, panel, month, sources)
                        self.assertEqual(row["coverage_complete"], sum(c for c, _ in cover), where)
                        self.assertEqual(row["coverage_expected"], sum(e for _, e in cover), where)
                        whole = all(c == e for c, e in cover) and any(e for _, e in cover)
                        self.assertEqual(row["status"], "A" if whole else "P", where)
                        at = MONTHS.index(month)
                        if at == 0 or dimensions and sources == ["joiner"] and month == "2024-02":
                            self.assertEqual(repr(row["prev(gross)"]), "Null(NO_BASE)", where)
                            continue
                        for column, measure in (("gross", Model.gross), ("consumers", Model.consumers)):
                            want = self.growth(model, month, MONTHS[at - 1], panel, sources, measure)
                            self.assertEqual(repr(row[f"prev({column})"]), repr(want), where)
                            reasons.add(repr(want) if isinstance(want, Null) else panel)
        self.assertLessEqual({query_pb2.PANEL_AS_REPORTED, query_pb2.PANEL_MATCHED, "Null(PARTIAL_PERIOD)",
                              "Null(NO_MATCHED_SOURCE)"}, reasons)

    def test_4_a_late_event_makes_the_day_complete_again(self):
        self.wait()
        day = datetime.date(2024, 3, 7)
        state = {size: self.list_days(size, "shop-b", day, day)[("shop-b", day)][0]
                 for size in (self.before_late[0], self.after_late[0])}
        self.assertEqual(list(state.values()), ["DIFFERENT", "COMPLETE"])
        q = query(["gross"], filters=[("source", ["shop-b"])])
        q.range.first = q.range.last = "2024-03"
        for size, want in ((self.before_late[0], "P"), (self.after_late[0], "A")):
            for _ in range(2):  # the second time from the cache
                self.assertEqual(ask(self.stack, q, as_of=size)[0][0]["status"], want)

    def test_5_silence_is_not_zero(self):
        self.wait()
        day = "2024-02-03"
        q = query(["gross"], filters=[("source", CLOSERS)])
        q.range.first = q.range.last = day
        self.assertEqual(ask(self.stack, q)[0][0]["gross"], 0)  # shop-b closed it without events
        q = query(["gross"], filters=[("source", ["shop-a"])])
        q.range.first = q.range.last = day
        self.assertEqual(repr(ask(self.stack, q)[0][0]["gross"]), "Null(NOT_REPORTED)")

    def test_6_to_date_compares_as_much_as_has_passed(self):
        now = ask(self.stack, query(["net"]))[2].snapshot.accepted_time_us
        today = day_of(now)
        events, day = [], datetime.date(today.year - 1, 1, 1)
        while day < today:
            if day > LAST:
                e = self.event("steady", day)
                e.kind = PURCHASE
                events.append(e)
            day += datetime.timedelta(days=1)
        type(self).send(events)
        size = self.snapshots[-1][0]
        model = Model(self.sent)
        q = query(["gross"], filters=[("source", ["steady"])], comparisons=["YOY"], to_date=True)
        q.range.first = q.range.last = str(today.year)
        rows, _, meta = ask(self.stack, q, min_log_size=size)
        today = day_of(meta.snapshot.accepted_time_us)
        last = today - datetime.timedelta(days=1)
        if last.year < today.year:
            self.assertEqual(repr(rows[0]["yoy(gross)"]), "Null(PARTIAL_PERIOD)")
            return
        if (last + datetime.timedelta(days=1)).day == 1:  # the last day of a month corresponds to the last day
            base_last = datetime.date(today.year - 1, today.month, 1) - datetime.timedelta(days=1)
        else:
            base_last = last.replace(year=last.year - 1)

        def gross(year, end):
            return sum(e.amount for e in model.events if e.source == "steady" and e.kind == PURCHASE
                       and day_of(e.event_time_us).year == year and day_of(e.event_time_us) <= end)
        value, base = gross(today.year, last), gross(today.year - 1, base_last)
        self.assertEqual(rows[0]["yoy_diff(gross)"], value - base)
        self.assertEqual(rows[0]["yoy(gross)"], (value - base) / base)
        self.assertEqual(rows[0]["status"], "P")
        q.to_date = False
        self.assertEqual(repr(ask(self.stack, q, as_of=size)[0][0]["yoy(gross)"]), "Null(PARTIAL_PERIOD)")

    def test_7_the_command_line(self):
        self.wait()
        done = self.stack.cli("coverage", "shop-a", "--from", "2024-04-01", "--to", "2024-04-03", "-o", "json")
        model, rows = Model(self.sent), json.loads(done.stdout)
        self.assertEqual([(r["day"], r["state"], r["events"]) for r in rows],
                         [(f"2024-04-0{d}", "OPEN" if d == 2 else "COMPLETE",
                           model.sums[("shop-a", datetime.date(2024, 4, d))][0]) for d in (1, 2, 3)])
        self.assertIsNone(rows[1]["closed_events"])
        self.assertEqual(round(rows[0]["closed_gross"] * 100), model.sums[("shop-a", datetime.date(2024, 4, 1))][1])
        shown = self.stack.cli("coverage", "--all", "--from", "2024-02-03", "--to", "2024-02-03", "--as-of",
                               str(self.after_late[0]))
        self.assertIn("SILENT", shown.stdout)
        self.assertIn("of 4 days of sources complete", shown.stderr)
        grown = self.stack.cli("query", "gross by month from 2024-03 to 2024-03 compare prev panel matched").stdout
        self.assertIn("PANEL_MATCHED", grown)
        for arguments, code, words in ((("coverage", "--from", "2024-02-03", "--to", "2024-02-03"), 2, "--all"),
                                       (("coverage", "shop-x", "--from", "2024-02-03", "--to", "2024-02-03"), 4, "shop-a"),
                                       (("coverage", "--all", "--from", "2024-02-30", "--to", "2024-03-03"), 2, "--from: `2024-02-30`"),
                                       (("coverage", "--all", "--from", "2024-02-03", "--to", "soon"), 2, "--to: `soon`")):
            done = self.stack.cli(*arguments, check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(words, done.stderr)

    def test_8_what_is_refused(self):
        def refused(**fields):
            with self.assertRaises(grpc.RpcError) as error:
                self.stack.analytics().ListSourceDays(analytics.ListSourceDaysRequest(**fields), metadata=self.stack.metadata())
            return error.exception.code(), error.exception.details()
        first, last = date(FIRST), date(LAST)
        self.assertEqual(refused(first=first)[0], grpc.StatusCode.INVALID_ARGUMENT)
        self.assertIn("last", refused(first=first)[1])
        self.assertIn("first", refused(first=last, last=first)[1])
        self.assertIn("shop-", refused(source="shop-c", first=first, last=last)[1])
        for q, words in ((query(["net"], "MONTH", panel=query_pb2.PANEL_MATCHED), "query.panel"),
                         (query(["net"], "HOUR", comparisons=["PREV"], to_date=True), "query.to_date"),
                         (query(["net"], "MONTH", to_date=True), "query.to_date")):
            with self.assertRaises(grpc.RpcError) as error:
                ask(self.stack, q)
            self.assertEqual(error.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            self.assertIn(words, error.exception.details())


if __name__ == "__main__":
    unittest.main()
