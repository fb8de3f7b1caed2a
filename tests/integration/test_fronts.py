"""Fronts of the ingest service in front of the one owner of the log: they are the service, whichever a call meets, and what
they say holds when any of them, or the owner, is killed."""

import os
import shutil
import signal
import subprocess
import threading
import time
import unittest

import grpc

from tidemark.ingest.v1 import event_pb2, ingest_service_pb2 as ingest, verdict_pb2

from answers import ask, query
from stack import BIN, SAMPLE, Stack, wait_until


class Fronts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(fronts=2).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.apply("-f", os.path.join(SAMPLE, "catalog.yaml"))

    def status(self, name):
        return self.stack.ingest(name).GetLogStatus(ingest.GetLogStatusRequest(), metadata=self.stack.metadata(),
                                                    timeout=10)

    def status_or_none(self, name):
        """The log's size; None while nobody answers."""
        try:
            return self.status(name).log_size
        except grpc.RpcError:
            return None

    def submit(self, name, events, request_id=""):
        """Tried again while the front waits for the catalog or its owner."""
        request = ingest.SubmitEventsRequest(events=events, request_id=request_id)
        deadline = time.monotonic() + 30
        while True:
            try:
                return self.stack.ingest(name).SubmitEvents(
                    request, metadata=self.stack.metadata(self.stack.token("service")), timeout=20).verdict
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def redis(self, *command):
        return subprocess.run(["redis-cli", "-p", str(self.stack.port["redis"]), *command], check=True, capture_output=True,
                              text=True, timeout=30).stdout.strip()

    @staticmethod
    def event(event_id, amount=100):
        return event_pb2.Event(source="uk-online-retail", id=event_id, kind=event_pb2.EVENT_KIND_PURCHASE,
                               event_time_us=1_300_000_000_000_000, amount=amount, consumer_region="gb")

    def test_1_a_retry_gets_its_verdict_from_any_front(self):
        events = [self.event(f"retry-{i}") for i in range(10)]
        first = self.submit("front1", events, "request-1")
        self.assertEqual(first.accepted, 10)
        # It is shared after the answer has gone out.
        while self.redis("dbsize") == "0":
            time.sleep(0.01)
        self.assertEqual(self.submit("front2", events, "request-1"), first)
        self.assertEqual(self.submit("ingest", events, "request-1"), first)
        # Without the id the events are known all the same.
        again = self.submit("front2", events)
        self.assertEqual(again.accepted, 0)
        self.assertEqual([e.leaf for e in again.exceptions], [first.first_leaf + i for i in range(10)])
        self.assertEqual({e.kind for e in again.exceptions}, {verdict_pb2.EXCEPTION_KIND_DUPLICATE})
        conflict = self.submit("front1", [self.event("retry-3", amount=7)]).exceptions[0]
        self.assertEqual(conflict.kind, verdict_pb2.EXCEPTION_KIND_CONFLICT)
        self.assertEqual(conflict.status.message.split(":")[0], "amount")

    def test_2_a_second_owner_is_told_what_to_do(self):
        done = subprocess.run(
            [f"{BIN}/tidemark-ingest", "--listen=127.0.0.1:0", f"--data={self.stack.data('ingest')}",
             f"--catalog={self.stack.address('catalog')}",
             f"--service_token_file={self.stack.data('catalog')}/service.token"], capture_output=True, text=True, timeout=30)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("--store=grpc://host:port", done.stderr)

    def test_3_without_an_owner_a_front_says_so_and_does_not_start(self):
        done = subprocess.run(
            [f"{BIN}/tidemark-ingest", "--listen=127.0.0.1:0", "--store=grpc://" + self.stack.address("analytics"),
             f"--catalog={self.stack.address('catalog')}",
             f"--service_token_file={self.stack.data('catalog')}/service.token"], capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("no owner of a log is at the address of --store", done.stderr)

    def test_4_the_sample_through_fronts_that_die(self):
        before = self.status("ingest").log_size
        self.stack.variables["TIDEMARK_INGEST"] = f"ipv4:{self.stack.address('front1')},{self.stack.address('front2')}"
        importing = self.stack.cli_start("import", os.path.join(SAMPLE, "online_retail.csv.gz"), "--mapping",
                                         os.path.join(SAMPLE, "mapping.yaml"), "--batch", "500")
        output = []
        reader = threading.Thread(target=lambda: output.extend(importing.communicate()))
        reader.start()
        killed = []
        for name in ("front1", "ingest", "front2", "ingest"):
            size = self.status_or_none("ingest")
            while importing.poll() is None and (self.status_or_none("ingest") or 0) < (size or 0) + 20_000:
                time.sleep(0.01)
            if importing.poll() is None:
                killed.append(name)
            self.stack.restart(name, signal.SIGKILL)
        reader.join()
        self.assertEqual(importing.returncode, 0, output)
        self.assertEqual(killed, ["front1", "ingest", "front2", "ingest"], "the import was over too early")
        size = self.status("front2").log_size
        self.assertEqual(size, before + 539_394)
        [row] = ask(self.stack, query(["gross", "refunds", "events"]), min_log_size=size)[0]
        mine = 10 * 100  # of the first test
        self.assertEqual(row["gross"], 10_666_684_544 + mine)
        self.assertEqual(row["refunds"], 918_936_610)
        self.assertEqual(row["events"], 539_394 + 10)

    def tail(self, name, size):
        """The blocks of the log below `size`."""
        blocks, end = [], 0
        for response in self.stack.ingest(name).Tail(ingest.TailRequest(), metadata=self.stack.metadata(), timeout=30):
            if response.HasField("block"):
                blocks.append(response.block)
                end = response.block.first_leaf + response.block.record_count
            if end >= size:
                return blocks
        self.fail(f"the log ended at {end}")

    def test_5_what_a_restore_took_back_is_not_told_any_more(self):
        folder = self.stack.data("ingest")
        self.stack.kill("ingest")
        shutil.copytree(folder, folder + ".backup")
        self.stack.start("ingest")
        kept = self.status("ingest").log_size
        events = [self.event(f"lost-{i}") for i in range(10)]
        shared = int(self.redis("dbsize"))
        first = self.submit("front1", events, "lost")
        mixed = [self.event("retry-0"), *(self.event(f"mixed-{i}") for i in range(4))]
        self.submit("front1", mixed, "mixed")
        wait_until(lambda: int(self.redis("dbsize")) >= shared + 2)
        self.assertEqual(self.submit("front1", events, "lost"), first)
        self.tail("front1", kept + 14)  # a front keeps the blocks it read last
        following = self.stack.ingest("front1").Tail(ingest.TailRequest(from_leaf=kept + 14), metadata=self.stack.metadata())

        self.stack.kill("ingest")
        shutil.rmtree(folder)
        os.rename(folder + ".backup", folder)
        self.stack.start("ingest")
        wait_until(lambda: self.status("front1").log_size == kept)
        with self.assertRaises(grpc.RpcError) as ended:
            for _ in following:
                pass
        self.assertEqual(ended.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.assertIn(b"LOG_REOPENED", dict(ended.exception.trailing_metadata())["grpc-status-details-bin"])
        # Others take the places of what is lost, before it comes again under its request ids.
        self.assertEqual(self.submit("front2", [self.event(f"other-{i}") for i in range(20)]).accepted, 20)
        again = self.submit("front1", events, "lost")
        self.assertEqual((again.first_leaf, again.accepted), (kept + 20, 10))
        again = self.submit("front2", mixed, "mixed")
        self.assertEqual((again.first_leaf, again.accepted, [e.position for e in again.exceptions]), (kept + 30, 4, [0]))
        # From here on these are what is remembered.
        self.assertEqual(self.submit("front2", mixed, "mixed"), again)
        size = self.status("ingest").log_size
        self.assertEqual(size, kept + 34)
        self.assertEqual(self.tail("front1", size), self.tail("ingest", size))


if __name__ == "__main__":
    unittest.main()
