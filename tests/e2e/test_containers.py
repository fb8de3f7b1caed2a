"""The containers of deploy/compose.yaml under everything that happens to containers: the sample is imported through the gateway
while analytics and ingest go from one container to three and back, each container is killed once, and ingest is upgraded. The figures are
those of the undisturbed import, and equal snapshots gave equal bytes whoever answered.

Needs a Docker engine (engine.sh) and the programs of a release build.
"""

import collections
import gzip
import json
import os
import subprocess
import threading
import time
import unittest

import grpc

from answers import ask, query
from compose_stack import ComposeStack
from stack import ROOT, SAMPLE
from tidemark.analytics.v1 import analytics_service_pb2
from tidemark.catalog.v1 import catalog_service_pb2, catalog_service_pb2_grpc
from tidemark.ingest.v1 import ingest_service_pb2

QUERIES = [query(["gross", "refunds", "net", "events"]), query(["net"], "MONTH"),
           query(["net", "consumers"], dimensions=["consumer_region"]), query(["net", "quantile(9000)"], "QUARTER")]
LEAST_QUERIES = 200
# Rows of the file a second, so that the import lasts longer than what happens meanwhile, also where other tests run beside
# this one: four and a half minutes.
ROWS_PER_SECOND = 2000


class Feeder(threading.Thread):
    """Gives an import its file slowly, and what is left of it at once when nothing more is to come."""

    def __init__(self, stack):
        super().__init__()
        self.process = stack.cli_start("import", "-", "--mapping", os.path.join(SAMPLE, "mapping.yaml"), "--batch", "1000",
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.hurry = threading.Event()
        self.rows = 0
        self.rows_when_hurried = None

    def run(self):
        with gzip.open(os.path.join(SAMPLE, "online_retail.csv.gz"), "rt", encoding="utf-8", newline="") as file:
            while lines := file.readlines(64 << 10):
                self.process.stdin.write("".join(lines))
                self.rows += len(lines)
                if self.hurry.wait(0 if self.hurry.is_set() else len(lines) / ROWS_PER_SECOND) and not self.rows_when_hurried:
                    self.rows_when_hurried = self.rows
        self.process.stdin.close()

    def finish(self):
        """The import's output; it has taken every row."""
        self.hurry.set()
        self.join()
        output = self.process.stdout.read()
        if self.process.wait(timeout=120) != 0:
            raise AssertionError(f"import ended with {self.process.returncode}:\n{output}")
        return output


class Asker(threading.Thread):
    """Asks at the head of the fold, and again at the same snapshot of whichever replica is next, computed anew each time."""

    def __init__(self, stack):
        super().__init__()
        self.stack = stack
        self.stopping = threading.Event()
        self.asked = 0
        self.unavailable = 0
        self.replicas = collections.Counter()
        self.compared = 0  # pairs of two replicas
        self.problems = []

    def one(self, q, **how):
        """An UNAVAILABLE is asked again, as every client does."""
        deadline = time.monotonic() + 60
        while True:
            try:
                _, results, meta = ask(self.stack, q, bypass_cache=True, **how)
                self.asked += 1
                self.replicas[meta.replica] += 1
                return results, meta
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE or time.monotonic() > deadline:
                    raise
                self.unavailable += 1
                time.sleep(0.1)

    def run(self):
        try:
            turn = 0
            while not self.stopping.is_set() or self.asked < LEAST_QUERIES:
                q = QUERIES[turn % len(QUERIES)]
                turn += 1
                first, meta = self.one(q)
                again, other = self.one(q, as_of=meta.snapshot.log_size)
                if first != again:
                    self.problems.append(f"{meta.canonical_query} at {meta.snapshot.log_size}: {meta.replica} and {other.replica} differ")
                self.compared += meta.replica != other.replica
                self.stopping.wait(0.1)
        except Exception as error:  # Told by the test.
            self.problems.append(repr(error))

    def finish(self):
        self.stopping.set()
        self.join()


class ContainersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        begun = time.monotonic()
        cls.stack = ComposeStack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        print(f"\nimages made and `docker compose up --wait`: {time.monotonic() - begun:.1f} s", flush=True)

    def probe(self, service):
        """One call through the gateway."""
        with self.stack.channel(service) as channel:
            if service == "catalog":
                stub = catalog_service_pb2_grpc.CatalogServiceStub(channel)
                stub.ListResources(catalog_service_pb2.ListResourcesRequest(collection="sources", page_size=1),
                                   metadata=self.stack.metadata(), timeout=5)
        if service == "ingest":
            self.stack.ingest().GetCheckpoint(ingest_service_pb2.GetCheckpointRequest(), metadata=self.stack.metadata(), timeout=5)
        if service == "analytics":
            self.stack.analytics().GetFoldStatus(analytics_service_pb2.GetFoldStatusRequest(), metadata=self.stack.metadata(),
                                                 timeout=5)

    def seconds_until_answered(self, services):
        begun = time.monotonic()
        for service in services:
            while True:
                try:
                    self.probe(service)
                    break
                except grpc.RpcError as error:
                    self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE, error)
                    self.assertLess(time.monotonic() - begun, 60, error)
                    time.sleep(0.05)
        return time.monotonic() - begun

    def kill_each_once(self):
        print("killed, by container:  answered through the gateway again / container healthy again")
        for name, container in sorted(self.stack.containers().items()):
            service = container["Config"]["Labels"]["com.docker.compose.service"]
            asked = {"log": ["ingest"], "redis": ["ingest", "analytics"], "gateway": ["ingest", "catalog", "analytics"]}
            begun = time.monotonic()
            started_at = self.stack.kill(name)
            answered = self.seconds_until_answered(asked.get(service, [service]))
            self.stack.wait_recovered(name, started_at)
            print(f"  {name.removeprefix(self.stack.project + '-'):14} {answered:5.2f} s / {time.monotonic() - begun:5.2f} s", flush=True)

    def scale_and_tell(self, service, count):
        begun = time.monotonic()
        self.stack.scale(service, count)
        self.assertEqual(len(self.stack.containers(service)), count)
        print(f"{service} scaled to {count}: {time.monotonic() - begun:.1f} s", flush=True)

    def upgrade_and_tell(self, service):
        begun, before = time.monotonic(), self.stack.containers(service)
        self.stack.upgrade(service)
        after = self.stack.containers(service)
        self.assertEqual(len(after), len(before))
        self.assertFalse(set(after) & set(before), "a container was not replaced")
        print(f"{service} upgraded: {time.monotonic() - begun:.1f} s", flush=True)

    def check_hardening(self):
        for name, container in self.stack.containers().items():
            self.assertTrue(container["HostConfig"]["ReadonlyRootfs"], name)
            self.assertEqual(container["Config"]["User"], "10001:10001", name)

    def check_second_owner(self):
        done = self.stack.compose("run", "--rm", "--no-deps", "-T", "log", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("LOCK is in use by tidemark-ingest", done.stdout + done.stderr)
        self.assertIn("--store=grpc://host:port", done.stdout + done.stderr)

    def check_figures(self):
        size = self.stack.ingest().GetLogStatus(ingest_service_pb2.GetLogStatusRequest(), metadata=self.stack.metadata(),
                                                timeout=10).log_size
        [row] = ask(self.stack, query(["gross", "refunds", "net", "events", "consumers"]), min_log_size=size)[0]
        self.assertEqual(row["gross"], 10_666_684_544)
        self.assertEqual(row["refunds"], 918_936_610)
        self.assertEqual(row["net"], 9_747_747_934)
        self.assertEqual(row["events"], 539_394)
        self.assertEqual(row["consumers"], 4_338)
        with open(os.path.join(ROOT, "tests", "data", "uci_online_retail_expected.json"), encoding="utf-8") as f:
            months = json.load(f)["scopes"]["net_all_rows"]["by_month"]
        got = {r["period"]: r["net"] for r in ask(self.stack, query(["net"], "MONTH"), min_log_size=size)[0]}
        self.assertEqual(got, {month: value["amount_mils"] for month, value in months.items()})

    def check_log(self):
        self.stack.compose("stop", "log")
        checked = self.stack.compose("run", "--rm", "--no-deps", "-T", "log", "--check", "--data=/var/lib/tidemark/ingest")
        print(checked.stdout)

    def test_scaling_and_crashes_change_no_figure(self):
        self.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
        self.check_hardening()
        feeder, asker = Feeder(self.stack), Asker(self.stack)
        feeder.start()
        asker.start()
        try:
            self.scale_and_tell("analytics", 3)
            self.scale_and_tell("ingest", 3)
            self.check_second_owner()
            self.kill_each_once()
            self.scale_and_tell("analytics", 1)
            self.scale_and_tell("ingest", 1)
            self.upgrade_and_tell("ingest")
            self.assertIsNone(feeder.process.poll(), "the import ended early")
        except BaseException:
            print(self.stack.all_logs(), flush=True)
            raise
        finally:
            asker.finish()
            output = feeder.finish()
        print(f"rows imported while it happened: {feeder.rows_when_hurried:,} of {feeder.rows - 1:,}")
        print(f"queries: {asker.asked}, by {len(asker.replicas)} replicas ({dict(asker.replicas)}); asked again of another replica "
              f"at the same snapshot: {asker.compared}; UNAVAILABLE and asked again: {asker.unavailable}")
        print(output)
        self.assertEqual(asker.problems, [])
        self.assertGreaterEqual(asker.asked, LEAST_QUERIES)
        self.assertGreaterEqual(len(asker.replicas), 3)
        self.assertGreater(asker.compared, 20)
        self.assertTrue(feeder.rows_when_hurried, "the import was over before the last container was back")
        self.check_figures()
        self.check_log()


if __name__ == "__main__":
    unittest.main()
