"""Days that sources close, and statements that set what was received beside what was sent: through the owner of the log and a
front, over kills and restarts, and from the command line."""

import json
import os
import signal
import subprocess
import time
import unittest

import grpc

from tidemark.ingest.v1 import control_totals_pb2, event_pb2, ingest_service_pb2 as ingest
from tidemark.type.v1 import date_pb2

from stack import BIN, SAMPLE, Stack

SOURCE = "uk-online-retail"
# 2011-03-13T07:06:40Z; every test has a day of its own.
START_US = 1_300_000_000_000_000
DAY_US = 86_400_000_000

MAPPING = f"""
scale: 3
time_zone: Europe/London
event:
  source: {SOURCE}
  id: ${{id}}
  kind: {{value: "${{kind}}"}}
  event_time: {{value: "${{time}}", format: "%Y-%m-%d %H:%M"}}
  amount: ${{amount}}
  consumer_region: ${{region}}
"""


def date(day):
    return date_pb2.Date(year=2011, month=3, day=13 + day)


def event(day, event_id, amount=1000, kind=event_pb2.EVENT_KIND_PURCHASE, region="gb"):
    return event_pb2.Event(source=SOURCE, id=f"{day}-{event_id}", kind=kind, event_time_us=START_US + day * DAY_US,
                           amount=amount, consumer_region=region)


class ControlTotals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(fronts=1).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")

    def call(self, name, method, request, token="service"):
        """Tried again while the service waits for the catalog, its owner, or counts the log."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return getattr(self.stack.ingest(name), method)(
                    request, metadata=self.stack.metadata(self.stack.token(token)), timeout=20)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def submit(self, name, *events):
        return self.call(name, "SubmitEvents", ingest.SubmitEventsRequest(events=events)).verdict

    def close(self, name, day, events, gross, refunds=0):
        totals = control_totals_pb2.ControlTotals(source=SOURCE, day=date(day), events=events, gross=gross, refunds=refunds)
        return self.call(name, "SubmitControlTotals", ingest.SubmitControlTotalsRequest(totals=[totals])).leaves[0]

    def statement(self, name, day):
        return self.call(name, "GetStatement", ingest.GetStatementRequest(source=SOURCE, day=date(day))).statement

    def test_a_day_closed_as_sent_has_no_difference(self):
        for name, day in (("ingest", 0), ("front1", 1)):
            with self.subTest(name):
                self.assertEqual(self.submit(name, event(day, "a"), event(day, "b", 500),
                                             event(day, "r", 30, event_pb2.EVENT_KIND_REFUND)).accepted, 3)
                leaf = self.close(name, day, 3, 1500, 30)
                for asked in ("ingest", "front1"):
                    statement = self.statement(asked, day)
                    self.assertEqual(statement.close.leaf, leaf)
                    self.assertEqual(statement.by_event_day.accepted, 3)
                    self.assertTrue(statement.HasField("difference"))
                    self.assertEqual(statement.difference, type(statement.difference)())
                    # The same again, through either.
                    self.assertEqual(self.close(asked, day, 3, 1500, 30), leaf)

    def test_what_was_withheld_is_the_difference(self):
        self.submit("front1", event(2, "a"), event(2, "b", 500))
        self.close("ingest", 2, 3, 2500)
        difference = self.statement("front1", 2).difference
        self.assertEqual((difference.events, difference.gross, difference.refunds), (-1, -1000, 0))
        # It comes after all.
        self.submit("ingest", event(2, "c"))
        statement = self.statement("ingest", 2)
        self.assertEqual((statement.difference.events, statement.difference.gross), (0, 0))

    def test_an_event_stands_on_the_day_of_its_highest_revision(self):
        def revised(day, event_id, revision, amount=1000, **fields):
            again = event(day, event_id, amount, **fields)
            again.id, again.revision = f"10-{event_id}", revision
            return again
        gone = revised(10, "gone", 1, kind=event_pb2.EVENT_KIND_VOID)
        gone.ClearField("amount")
        gone.ClearField("consumer_region")
        self.assertEqual(self.submit("ingest", event(10, "a"), event(10, "gone"), event(10, "b", 500)).accepted, 3)
        self.assertEqual(self.submit("front1", revised(11, "a", 2, 900), gone).accepted, 2)
        # A lower revision that comes late.
        self.assertEqual(self.submit("ingest", revised(10, "a", 1, 7)).accepted, 1)
        self.close("ingest", 10, 1, 500)
        self.close("front1", 11, 1, 900)
        for signal_number in (None, signal.SIGKILL, signal.SIGTERM):
            if signal_number is not None:
                self.stack.restart("ingest", signal_number)
            for name in ("ingest", "front1"):
                with self.subTest(name, signal=signal_number):
                    statement = self.statement(name, 10)
                    self.assertEqual((statement.standing.events, statement.standing.gross), (1, 500))
                    self.assertEqual(statement.by_event_day.accepted, 5)
                    self.assertEqual(statement.difference, type(statement.difference)())
                    statement = self.statement(name, 11)
                    self.assertEqual((statement.standing.events, statement.standing.gross), (1, 900))
                    self.assertEqual(statement.difference, type(statement.difference)())
        shown = self.stack.cli("statement", SOURCE, "2011-03-23", "-o", "csv").stdout
        self.assertIn("accepted,5,0,1,1,0", shown)
        self.assertIn("gross,2.507,0.000,0.500,0.500,0.000", shown)

    def test_closes_and_counts_survive_a_kill(self):
        self.submit("ingest", event(3, "a"))
        leaf = self.close("front1", 3, 2, 2000)
        before = self.statement("front1", 3)
        self.stack.restart("ingest", signal.SIGKILL)
        after = self.statement("ingest", 3)
        self.assertEqual(after.close, before.close)
        self.assertEqual(after.difference, before.difference)
        self.assertEqual(after.by_event_day.accepted, 1)
        self.assertEqual(self.close("front1", 3, 2, 2000), leaf)
        # Other totals are another record, and replace.
        self.assertGreater(self.close("ingest", 3, 1, 1000), leaf)
        self.stack.restart("ingest", signal.SIGKILL)
        self.assertEqual(self.statement("front1", 3).difference.events, 0)
        self.stack.kill("ingest", signal.SIGTERM)
        done = self.check_log()
        self.stack.start("ingest")
        self.assertIn("good", done)

    def check_log(self):
        done = subprocess.run([f"{BIN}/tidemark-ingest", "--check", f"--data={self.stack.data('ingest')}"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_what_a_front_refused_is_in_the_statement_after_a_clean_stop(self):
        verdict = self.submit("front1", event(4, "a"), event(4, "a"), event(4, "a", 7), event(4, "b", region="atlantis"))
        self.assertEqual(verdict.accepted, 1)
        # The front tells its owner after it has answered.
        deadline = time.monotonic() + 60
        while self.statement("ingest", 4).by_event_day.received < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        for _ in range(2):
            counts = self.statement("front1", 4).by_event_day
            self.assertEqual((counts.received, counts.accepted, counts.duplicates, counts.conflicts, counts.rejected),
                             (4, 1, 1, 1, 1))
            self.assertEqual([(r.reason, r.field, r.count) for r in counts.rejections],
                             [("UNKNOWN_REGION", "consumer_region", 1)])
            self.stack.restart("ingest", signal.SIGTERM)

    def test_a_day_that_is_none_of_the_source_is_refused(self):
        totals = control_totals_pb2.ControlTotals(source=SOURCE, day=date_pb2.Date(year=2012, month=1, day=1))
        for name in ("ingest", "front1"):
            with self.assertRaises(grpc.RpcError) as refused:
                self.call(name, "SubmitControlTotals", ingest.SubmitControlTotalsRequest(totals=[totals]))
            self.assertEqual(refused.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            self.assertIn("totals[0].day", refused.exception.details())

    def write(self, name, text):
        path = os.path.join(self.stack.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def rows(self, day):
        done = self.stack.cli("statement", SOURCE, f"2011-03-{13 + day}", "-o", "json")
        return {row["count"]: row for row in json.loads(done.stdout)}

    def test_import_closes_the_days_of_its_file(self):
        mapping = self.write("day.yaml", MAPPING)
        data = self.write("day.csv", "id,kind,time,amount,region\n"
                          "1,PURCHASE,2011-03-19 10:00,1.5,gb\n"
                          "2,PURCHASE,2011-03-19 23:59,2,gb\n"
                          "1,PURCHASE,2011-03-19 10:00,1.5,gb\n"
                          "3,REFUND,2011-03-20 00:00,0.25,gb\n")
        done = self.stack.cli("import", data, "--mapping", mapping, "--close-days")
        self.assertIn("closed days: 2", done.stderr)
        rows = self.rows(6)
        self.assertEqual(rows["accepted"]["closed"], 2)
        self.assertEqual(rows["duplicates"]["by_event_day"], 1)
        self.assertEqual([rows[count]["difference"] for count in ("accepted", "gross", "refunds")], [0, 0, 0])
        self.assertEqual(rows["gross"]["closed"], 3.5)
        self.assertEqual(self.rows(7)["refunds"]["closed"], 0.25)
        # Again: the same totals.
        size = self.statement("ingest", 6).log_size
        self.stack.cli("import", data, "--mapping", mapping, "--close-days")
        self.assertEqual(self.statement("ingest", 6).log_size, size)

    def test_import_closes_the_days_that_its_file_empties(self):
        mapping = self.write("revised.yaml", MAPPING + "  revision: ${revision}\n")
        data = self.write("revised.csv", "id,kind,time,amount,region,revision\n"
                          "21,PURCHASE,2011-03-28 10:00,1.5,gb,0\n"
                          "21,PURCHASE,2011-03-29 10:00,1.5,gb,1\n"
                          "22,PURCHASE,2011-03-29 11:00,2,gb,0\n"
                          "22,VOID,2011-03-30 11:00,,gb,1\n")
        done = self.stack.cli("import", data, "--mapping", mapping, "--close-days")
        self.assertIn("closed days: 2", done.stderr)
        # Moved away; moved here, and another withdrawn; only a withdrawal.
        for day, stands, gross in ((15, 0, 0), (16, 1, 1.5)):
            rows = self.rows(day)
            self.assertEqual([rows[count]["closed"] for count in ("accepted", "gross")], [stands, gross])
            self.assertEqual([rows[count]["difference"] for count in ("accepted", "gross", "refunds")], [0, 0, 0])
        self.assertIsNone(self.rows(17)["accepted"]["closed"])

    def test_import_names_days_that_cannot_be_closed_and_closes_the_others(self):
        mapping = self.write("bad.yaml", MAPPING)
        data = self.write("bad.csv", "id,kind,time,amount,region\n"
                          "11,PURCHASE,2011-03-21 10:00,1,gb\n"
                          "12,PURCHASE,2013-03-21 10:00,1,gb\n"
                          "13,PURCHASE,2011-03-21 10:00,1,atlantis\n")
        done = self.stack.cli("import", data, "--mapping", mapping, "--close-days", check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("closed days: 1", done.stderr)
        self.assertIn("not closed: ", done.stderr)
        self.assertIn("2013-03-21", done.stderr)
        # The one refused is missing.
        self.assertEqual(self.rows(8)["accepted"]["difference"], -1)
        self.assertEqual(self.rows(8)["rejected UNKNOWN_REGION consumer_region"]["by_event_day"], 1)

    def test_import_leaves_days_open_whose_rows_it_rejects(self):
        mapping = self.write("part.yaml", MAPPING)
        head = "id,kind,time,amount,region\n"
        day, other, bad = "31,PURCHASE,2011-04-01 10:00,1,gb\n", "32,PURCHASE,2011-04-02 10:00,2,gb\n", "33,PURCHASE,2011-04-02 11:00,30x,gb\n"
        for rows, closed, told in ((day + other + bad, 1, "not closed: 2011-04-02 of uk-online-retail: 1 row was rejected"),
                                   (day + other + "34,PURCHASE,2011-04-xx,1,gb\n", 0, "not closed: all days of uk-online-retail: 1 row"),
                                   (day + other + '"35,PURCHASE\n', 0, "not closed: all days: 1 row")):
            done = self.stack.cli("import", self.write("part.csv", head + rows), "--mapping", mapping, "--close-days", check=False)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(f"closed days: {closed}", done.stderr)
            self.assertIn(told, done.stderr)

    def test_close_day_and_statement_on_the_command_line(self):
        self.submit("ingest", event(9, "a", 1234))
        done = self.stack.cli("close-day", SOURCE, "2011-03-22", "--events", "2", "--gross", "2.234")
        self.assertIn(f"sources/{SOURCE} does not say `closesDays: true`", done.stderr)
        shown = self.stack.cli("statement", SOURCE, "2011-03-22").stdout
        self.assertIn("differs by -1 events, -1.000 gross, 0.000 refunds", shown)
        csv = self.stack.cli("statement", SOURCE, "2011-03-22", "-o", "csv").stdout
        self.assertIn("gross,1.234,0.000,1.234,2.234,-1.000", csv)
        for arguments, code, words in ((("close-day", SOURCE, "2011-02-30", "--events", "1"), 2, "2011-02-30"),
                                       (("close-day", SOURCE, "2011-03-22", "--events", "-5"), 2, "`-5`"),
                                       (("close-day", SOURCE, "2011-03-22", "--events", "010"), 2, "`010`"),
                                       (("close-day", SOURCE, "2011-03-22", "--events", "1", "--gross", "0.0001"), 2, "--gross"),
                                       (("close-day", SOURCE, "2012-03-22", "--events", "1"), 4, "2012-03-22"),
                                       (("statement", "nobody", "2011-03-22"), 4, "nobody")):
            done = self.stack.cli(*arguments, check=False)
            self.assertEqual(done.returncode, code, f"{arguments}: {done.stderr}")
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main()
