"""Rejected events: kept without identifiers, over a kill, judged again after the catalog was mended, at the owner of the log
and through its fronts; and never so many that memory grows."""

import json
import os
import signal
import subprocess
import unittest

import grpc

from tidemark.ingest.v1 import event_pb2, ingest_service_pb2 as ingest, quarantine_pb2 as quarantine, verdict_pb2

from answers import ask, query
from stack import BIN, SAMPLE, Stack, wait_until

SOURCE = "uk-online-retail"
MIB = 1 << 20
IDENTIFIER = "13800138000"
NEW_CATEGORY = """
name: categories/new-goods
displayNames: {zh: 新品类}
category: {}
---
name: identifierSchemes/account
identifierScheme: {schemeClass: ACCOUNT, normalisation: TRIM}
"""
SCHEME = """
name: identifierSchemes/account
identifierScheme: {schemeClass: ACCOUNT, normalisation: TRIM}
"""


EXPORTED = """
scale: 3
event:
  source: ${event.source}
  id: ${event.id}
  kind: ${event.kind}
  event_time: {value: "${event.event_time_us}", format: unix_micros}
  consumer: {scheme: "${event.consumer.scheme}", prehashed: "${event.consumer.prehashed}"}
  consumer_region: ${event.consumer_region}
  category: ${event.category}
  amount: {product: ["${event.amount}", 0.001]}
  attributes: {备注: "${event.attributes.备注}"}
"""


def rejected(event_id, amount=100, category="new-goods", scheme="account"):
    return event_pb2.Event(source=SOURCE, id=event_id, kind=event_pb2.EVENT_KIND_PURCHASE,
                           event_time_us=1_300_000_000_000_000, amount=amount, consumer_region="gb", category=category,
                           consumer=event_pb2.Consumer(scheme=scheme, id=IDENTIFIER), attributes={"备注": "private"})


class Quarantine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(fronts=2).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
        cls.stack.cli("apply", "-f", "-", "--yes", input=SCHEME)
        wait_until(lambda: cls.submit("ingest", [rejected("warm-up")]) is not None)
        cls.stack.cli("quarantine", "delete", "--source", SOURCE, "--all")

    @classmethod
    def submit(cls, name, events):
        """The verdict; None while the service has nothing to judge by, or another view than the test's."""
        try:
            verdict = cls.stack.ingest(name).SubmitEvents(
                ingest.SubmitEventsRequest(events=events), timeout=60,
                metadata=cls.stack.metadata(cls.stack.token("service"))).verdict
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.UNAVAILABLE:
                return None
            raise
        return None if any(r.reason == "UNKNOWN_SCHEME" for r in verdict.reasons) else verdict

    def send(self, name, events):
        wait_until(lambda: self.submit(name, events) is not None)

    def stats(self, name="ingest"):
        return self.stack.ingest(name).GetQuarantineStats(
            quarantine.GetQuarantineStatsRequest(source=SOURCE), metadata=self.stack.metadata(), timeout=20)

    def list(self, name="ingest"):
        return self.stack.ingest(name).ListQuarantine(
            quarantine.ListQuarantineRequest(source=SOURCE, page_size=1000), metadata=self.stack.metadata(),
            timeout=20).events

    def folder_bytes(self):
        found = b""
        for root, _, names in os.walk(self.stack.data("ingest")):
            for name in names:
                with open(os.path.join(root, name), "rb") as f:
                    found += f.read()
        return found

    def test_1_rejected_until_the_category_is_there(self):
        good = [rejected(f"good-{i}", category="products") for i in range(3)]
        self.send("ingest", good + [rejected(f"bad-{i}", amount=1000 + i) for i in range(50)])
        # Sent again and again they are the same entries.
        for _ in range(5):
            self.send("ingest", [rejected(f"bad-{i}", amount=1000 + i) for i in range(50)])
        stats = self.stats()
        self.assertEqual(stats.events, 50)
        self.assertEqual([(c.reason, c.field, c.events, c.rejections, c.resubmittable) for c in stats.counts],
                         [("UNKNOWN_CATEGORY", "category", 50, 300, 50)])
        self.assertEqual({e.event.consumer.WhichOneof("identity") for e in self.list()}, {"prehashed"})
        # Over a kill: everything that was told is on disk.
        before = [(e.id, e.event_id, e.count) for e in self.list()]
        self.stack.restart("ingest", signal.SIGKILL)
        wait_until(lambda: self.submit("ingest", [rejected("good-0", category="products")]) is not None)
        self.assertEqual([(e.id, e.event_id, e.count) for e in self.list()], before)
        self.assertNotIn(IDENTIFIER.encode(), self.folder_bytes())

        dry = self.stack.cli("quarantine", "resubmit", "--source", SOURCE, "--dry-run", "-o", "json", check=False)
        self.assertEqual(dry.returncode, 1)
        self.assertIn({"outcome": "stays", "reason": "UNKNOWN_CATEGORY", "field": "category", "events": 50},
                      json.loads(dry.stdout))
        exported = self.stack.cli("quarantine", "export", "--source", SOURCE, "--reason", "UNKNOWN_CATEGORY").stdout
        lines = [json.loads(line) for line in exported.splitlines()]
        self.assertEqual([line["event"]["id"] for line in lines], [f"bad-{i}" for i in range(50)])
        self.assertNotIn(IDENTIFIER, exported)
        # A reason that nothing was rejected for is told with those there are.
        for command in (["list"], ["export"], ["resubmit", "--dry-run"], ["delete"]):
            none = self.stack.cli("quarantine", *command, "--source", SOURCE, "--reason", "UNKNOWN_CATEGORIE")
            self.assertIn(f"no event fits; what is kept of `{SOURCE}`: 50 UNKNOWN_CATEGORY (category);", none.stderr)
        self.assertEqual(self.stats().events, 50)

        self.stack.cli("apply", "-f", "-", "--yes", input=NEW_CATEGORY)
        accepted = 0

        def all_accepted():
            nonlocal accepted
            done = self.stack.cli("quarantine", "resubmit", "--source", SOURCE, "-o", "json", check=False)
            accepted += json.loads(done.stdout)[0]["events"]
            return done.returncode == 0

        wait_until(all_accepted)
        self.assertEqual(accepted, 50)
        self.assertEqual(self.stats().events, 0)
        # What the producer sends again is the event that is there.
        again = self.submit("ingest", [rejected(f"bad-{i}", amount=1000 + i) for i in range(50)])
        self.assertEqual({e.kind for e in again.exceptions}, {verdict_pb2.EXCEPTION_KIND_DUPLICATE})
        # So is what was exported, with its pseudonyms.
        done = self.import_exported(exported)
        self.assertRegex(done.stderr, r"duplicate\D+50\b")
        size = self.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=self.stack.metadata()).log_size
        [row] = ask(self.stack, query(["gross", "events", "consumers"]), min_log_size=size)[0]
        self.assertEqual((row["gross"], row["events"], row["consumers"]),
                         (3 * 100 + sum(1000 + i for i in range(50)), 53, 1))

    def test_1_then_what_was_mended_and_sent_again_is_removed(self):
        self.send("ingest", [rejected("taken", category="products")])
        # Another event under its id comes after it, so the log has not taken that one.
        self.send("ingest", [rejected("taken", amount=7, category="nowhere")]
                  + [rejected(f"mended-{i}", category="nowhere") for i in range(3)])
        self.send("ingest", [rejected(f"mended-{i}", category="products") for i in range(2)])
        command = ["quarantine", "list", "--source", SOURCE, "-o", "json"]
        self.assertEqual([e["event"] for e in json.loads(self.stack.cli(*command, "--accepted").stdout)],
                         ["mended-0", "mended-1"])
        delete = ["quarantine", "delete", "--source", SOURCE, "--accepted"]
        self.assertEqual(self.stack.cli(*delete).stdout, "deleted 2\n")
        self.assertEqual([e["event"] for e in json.loads(self.stack.cli(*command).stdout)], ["taken", "mended-2"])
        self.assertEqual(self.stack.cli(*delete).stdout, "deleted 0\n")
        self.assertEqual(self.stack.cli(*delete, "--all", check=False).returncode, 2)
        self.stack.cli("quarantine", "delete", "--source", SOURCE, "--all")

    def import_exported(self, exported):
        paths = {}
        for name, text in (("exported.yaml", EXPORTED), ("exported.jsonl", exported)):
            paths[name] = os.path.join(self.stack.folder, name)
            with open(paths[name], "w", encoding="utf-8") as f:
                f.write(text)
        return self.stack.cli("import", paths["exported.jsonl"], "--mapping", paths["exported.yaml"])

    def test_2_fronts_have_one_quarantine_with_the_owner(self):
        self.send("front1", [rejected("front-1", category="nowhere")])
        self.send("front2", [rejected("front-2", category="nowhere"), rejected("front-3", category="nowhere")])
        # Its own rejections a front shows at once, others' when they have passed them on.
        self.assertTrue({"front-2", "front-3"} <= {e.event_id for e in self.list("front2")})
        for name in ("front1", "front2", "ingest"):
            wait_until(lambda: {e.event_id for e in self.list(name)} == {"front-1", "front-2", "front-3"})
        resubmitted = self.stack.ingest("front1").ResubmitQuarantine(
            quarantine.ResubmitQuarantineRequest(source=SOURCE, validate_only=True), metadata=self.stack.metadata(),
            timeout=20)
        self.assertEqual(len(resubmitted.verdict.exceptions), 3)
        deleted = self.stack.ingest("front2").DeleteQuarantine(
            quarantine.DeleteQuarantineRequest(source=SOURCE, all=True), metadata=self.stack.metadata(), timeout=20)
        self.assertEqual(deleted.deleted, 3)
        self.assertEqual(self.stats("front1").events, 0)
        self.assertNotIn(IDENTIFIER.encode(), self.folder_bytes())

    def test_3_a_flood_of_rejected_events_is_bounded(self):
        before = self.stack.rss_bytes("ingest")
        for first in range(0, 100_000, 10_000):
            self.send("ingest", [rejected(f"flood-{first + i}", category=f"nowhere-{i}") for i in range(10_000)])
        stats = self.stats()
        self.assertEqual(stats.events + stats.aged_out + stats.dropped, 100_000)
        self.assertLessEqual(stats.events, 25_000)
        self.assertLessEqual(stats.bytes, 16 * MIB)
        self.assertGreater(stats.events, 10_000)
        grown = self.stack.rss_bytes("ingest") - before
        print(f"{stats.events} of 100,000 kept in {stats.bytes / MIB:.1f} MiB, {stats.aged_out} aged out, "
              f"{stats.dropped} dropped; memory grew by {grown / MIB:.0f} MiB")
        self.assertLess(grown, 200 * MIB)
        self.assertLess(os.path.getsize(os.path.join(self.stack.data("ingest"), "quarantine", "entries.tmq")), 64 * MIB)
        self.stack.cli("quarantine", "delete", "--source", SOURCE, "--all")

    def test_4_a_damaged_quarantine_is_told_and_stops_nothing(self):
        self.send("ingest", [rejected(f"kept-{i}", category="nowhere") for i in range(20)])
        self.assertEqual(self.stats().events, 20)
        self.stack.kill("ingest", signal.SIGTERM)
        path = os.path.join(self.stack.data("ingest"), "quarantine", "entries.tmq")
        with open(path, "r+b") as f:
            content = f.read()
            f.seek(content.index(b"kept-7"))
            f.write(b"broken")
        self.stack.start("ingest")
        wait_until(lambda: self.submit("ingest", [rejected("good-0", category="products")]) is not None)
        stats = self.stats()
        self.assertEqual((stats.events, stats.damaged_parts), (19, 1))
        self.assertIn("quarantine: damaged", self.stack.log("ingest"))
        self.stack.kill("ingest", signal.SIGTERM)
        check = subprocess.run([f"{BIN}/tidemark-ingest", "--check", f"--data={self.stack.data('ingest')}"],
                               capture_output=True, text=True, timeout=60)
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)
        self.stack.start("ingest")

    def test_5_what_a_front_cannot_hand_on_is_counted_when_the_owner_is_back(self):
        dropped = self.stats().dropped
        self.stack.kill("ingest")
        # No event of it is for the log, so the front answers alone.
        self.send("front1", [rejected("lost", category="nowhere")])
        wait_until(lambda: "rejected events are lost" in self.stack.log("front1"))
        with self.assertRaises(grpc.RpcError) as caught:
            self.list("front1")
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.stack.start("ingest")

        def handed_on():
            self.send("front1", [rejected("not-lost", category="nowhere")])
            try:
                return "not-lost" in {e.event_id for e in self.list("front1")}
            except grpc.RpcError as error:
                self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE)
                return False

        wait_until(handed_on)
        self.assertGreater(self.stats("front1").dropped, dropped)
        self.assertNotIn("lost", {e.event_id for e in self.list("front1")})


if __name__ == "__main__":
    unittest.main()
