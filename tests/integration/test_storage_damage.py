"""Damaged files and a full disk: found, named, never served; nothing acknowledged is lost."""

import os
import shutil
import subprocess
import tempfile
import time
import unittest

import grpc

from tidemark.analytics.v1 import analytics_service_pb2 as analytics
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import ask, query
from stack import BIN, SAMPLE, Stack

ROWS = "120000"


def files(folder):
    return [os.path.join(base, name) for base, _, names in os.walk(folder) for name in names]


def flip(path, offset):
    with open(path, "r+b") as f:
        f.seek(offset)
        byte = f.read(1)
        f.seek(offset)
        f.write(bytes([byte[0] ^ 0x10]))


def event(id, amount=1000):
    return event_pb2.Event(source="uk-online-retail", id=id, kind=event_pb2.EVENT_KIND_PURCHASE,
                           event_time_us=1_312_200_000_000_000, category="products", amount=amount, order=id,
                           attributes={"text": id * 8})


class Damage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(extra={"analytics": ["--run_records=20000"]}).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.apply("-f", os.path.join(SAMPLE, "catalog.yaml"))
        cls.stack.cli("import", os.path.join(SAMPLE, "online_retail.csv.gz"), "--mapping",
                      os.path.join(SAMPLE, "mapping.yaml"), "--limit", ROWS)
        cls.size = cls.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=cls.stack.metadata()).log_size
        cls.net = cls.ask_net()

    @classmethod
    def ask_net(cls):
        deadline = time.monotonic() + 60
        while True:
            try:
                return ask(cls.stack, query(["net", "consumers"], "MONTH"), as_of=cls.size, bypass_cache=True)[1]
            except Exception:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def block_files(self):
        return sorted(f for f in files(os.path.join(self.stack.data("ingest"), "blocks")) if f.endswith(".tmb"))

    def check(self, folder):
        return subprocess.run([f"{BIN}/tidemark-ingest", "--check", f"--data={folder}"], capture_output=True, text=True,
                              timeout=120)

    def damaged_copy(self, change):
        """A copy of the log's folder after `change(largest block file, its size)`."""
        self.stack.kill("ingest")
        copy = os.path.join(self.stack.folder, "copy")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.stack.data("ingest"), copy)
        self.stack.start("ingest")
        [path] = [os.path.join(copy, "blocks", os.path.basename(f)) for f in self.block_files()][:1]
        change(path, os.path.getsize(path))
        return copy

    def test_check_passes_on_a_good_log(self):
        done = self.check(self.damaged_copy(lambda path, size: None))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(str(self.size), done.stdout)

    def test_flipped_bit_in_the_log_is_named_with_file_and_offset(self):
        for part in (0.01, 0.3, 0.7):
            copy = self.damaged_copy(lambda path, size: flip(path, int(size * part)))
            done = self.check(copy)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(".tmb", done.stdout + done.stderr)
            self.assertIn("offset", (done.stdout + done.stderr).lower())
            # The service does not start on it, and says why.
            listen = self.stack._command("ingest")
            listen[2] = f"--data={copy}"
            listen[1] = "--listen=127.0.0.1:0"
            started = subprocess.run(listen, capture_output=True, text=True, timeout=60)
            self.assertNotEqual(started.returncode, 0)
            self.assertIn(".tmb", started.stderr)

    def test_log_cut_below_its_checkpoint_is_refused(self):
        copy = self.damaged_copy(lambda path, size: os.truncate(path, size // 2))
        done = self.check(copy)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("checkpoint", (done.stdout + done.stderr).lower())

    def test_damaged_runs_are_found_and_rebuilt(self):
        changes = [lambda f: flip(f, os.path.getsize(f) // 2), lambda f: os.truncate(f, os.path.getsize(f) // 2),
                   lambda f: flip(f, 9), os.remove]
        for change in changes:
            for pick in (0, -1):
                self.stack.kill("analytics", 15)
                runs = sorted(f for f in files(self.stack.data("analytics")) if os.path.getsize(f) > 10_000)
                self.assertTrue(runs, "no runs were sealed")
                change(runs[pick])
                self.stack.start("analytics")
                self.assertEqual(self.ask_net(), self.net)

    def test_full_disk_refuses_and_loses_nothing(self):
        folder = tempfile.mkdtemp(prefix="tidemark-full-")
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder]).returncode == 0
        self.addCleanup(lambda: (subprocess.run(["umount", "-l", folder]), shutil.rmtree(folder, ignore_errors=True)))
        if not mounted:
            self.skipTest("needs the right to mount a tmpfs")
        with Stack(redis=False, data={"ingest": folder}) as stack:
            stack.apply("-f", os.path.join(SAMPLE, "catalog.yaml"))
            stack.cli("import", os.path.join(SAMPLE, "online_retail.csv.gz"), "--mapping",
                      os.path.join(SAMPLE, "mapping.yaml"), "--limit", "100")
            self.fill(stack)

    def fill(self, stack):
        stub, metadata, accepted, refused = stack.ingest(), stack.metadata(), {}, None
        for batch in range(2000):
            events = [event(f"{batch}-{i}-" + os.urandom(40).hex()) for i in range(1000)]
            try:
                verdict = stub.SubmitEvents(ingest.SubmitEventsRequest(events=events), metadata=metadata,
                                            timeout=30).verdict
            except grpc.RpcError as error:
                refused = error
                break
            self.assertEqual(verdict.accepted, 1000)
            accepted[verdict.first_leaf] = events
        self.assertIsNotNone(refused, "the disk did not become full")
        self.assertEqual(refused.code(), grpc.StatusCode.RESOURCE_EXHAUSTED, refused)
        self.assertTrue(accepted)
        for restart in (False, True):
            if restart:
                stack.restart("ingest")
                stub = stack.ingest()
            for first_leaf, events in list(accepted.items())[-3:]:
                got = stub.BatchGetEvents(
                    ingest.BatchGetEventsRequest(source="uk-online-retail", ids=[e.id for e in events]),
                    metadata=metadata, timeout=30)
                self.assertEqual([e.receipt.leaf for e in got.events], list(range(first_leaf, first_leaf + 1000)))


if __name__ == "__main__":
    unittest.main()
