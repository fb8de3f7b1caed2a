"""Parts that are slow, wrong or away: answers stay right, and the services say what is missing."""

import json
import os
import shutil
import signal
import socket
import time
import unittest

import grpc

from tidemark.analytics.v1 import analytics_service_pb2 as analytics
from tidemark.catalog.v1 import catalog_service_pb2 as catalog
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import ask, query
from questions import questions
from stack import SAMPLE, Stack, wait_until


def event(id, amount=1000):
    return event_pb2.Event(source="uk-online-retail", id=id, kind=event_pb2.EVENT_KIND_PURCHASE,
                           event_time_us=1_312_200_000_000_000, category="products", amount=amount)


SOURCES = 150
SOURCE = """
name: sources/shop-{0:03}
displayNames: {{en: Shop {0}}}
source: {{kind: LIVE, reports: {{start: {{year: 2010, month: 12, day: 1}}, end: {{year: 2011, month: 12, day: 10}}}}}}
"""

# Each changes all text values of Redis and returns how many there are.
POISONS = {
    "other bytes": "redis.call('SET', k, string.rep('\\0', 8) .. string.sub(v, 9))",
    "cut short": "redis.call('SET', k, string.sub(v, 1, #v - 1))",
    "nothing": "redis.call('SET', k, '')",
    "values of other keys": "redis.call('SET', k, values[i % #values + 1])",
    "too much": "redis.call('SET', k, string.rep(v, math.ceil(5000000 / #v)))",
}
POISON = """
local keys, values = {}, {}
for _, k in ipairs(redis.call('KEYS', 'tm:*')) do
  if redis.call('TYPE', k).ok == 'string' then
    keys[#keys + 1] = k
    values[#values + 1] = redis.call('GET', k)
  end
end
for i, k in ipairs(keys) do
  local v = values[i]
  %s
end
return #keys
"""


class Degraded(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Every answer is worth keeping, or a fast machine would keep none and the tests of Redis would test nothing.
        cls.stack = Stack(extra={"analytics": ["--cache_from=0s"]}).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
        cls.stack.cli("apply", "-f", "-", "--yes", input="---".join(SOURCE.format(i) for i in range(SOURCES)))
        cls.stack.cli("import", os.path.join(SAMPLE, "online_retail.csv.gz"), "--mapping",
                      os.path.join(SAMPLE, "mapping.yaml"), "--limit", "60000")
        cls.size = cls.log_size()
        # The order that some questions are about is further down in the file.
        cls.questions = [q for q in questions(3, 60) if all(f.dimension != "order" for f in q.filters)][:40]
        cls.expected = cls.answers(bypass_cache=True)
        cls.expected_names = sorted(["sources/uk-online-retail"] + [f"sources/shop-{i:03}" for i in range(SOURCES)])

    @classmethod
    def log_size(cls):
        return cls.log_status().log_size

    @classmethod
    def log_status(cls):
        return cls.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=cls.stack.metadata())

    @classmethod
    def answers(cls, states=None, **more):
        """Bytes of the answers to all questions; where they came from is appended to `states`."""
        found = [ask(cls.stack, q, as_of=cls.size, **more) for q in cls.questions]
        if states is not None:
            states += [analytics.CacheState.Name(meta.cache).removeprefix("CACHE_STATE_") for _, _, meta in found]
        return [results for _, results, _ in found]

    def list_names(self, page_size):
        """Names of all sources, in pages; long enough for the catalog to keep them in Redis."""
        names, token = [], ""
        while True:
            answer = self.stack.catalog().ListResources(
                catalog.ListResourcesRequest(collection="sources", page_size=page_size, page_token=token),
                metadata=self.stack.metadata(), timeout=30)
            names += [resource.name for resource in answer.resources]
            token = answer.next_page_token
            if not token:
                return names

    def check_lists(self):
        for page_size in (0, 120):
            self.assertEqual(self.list_names(page_size), self.expected_names)

    def redis_command(self, *words):
        with socket.create_connection(("127.0.0.1", self.stack.port["redis"]), timeout=10) as s:
            s.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
            answer = b""
            while not answer.endswith(b"\r\n"):
                answer += s.recv(1 << 16)
            return answer

    def redis_number(self, script):
        answer = self.redis_command(b"EVAL", script.encode(), b"0").strip()
        self.assertTrue(answer.startswith(b":"), answer)
        return int(answer[1:])

    def warm_up(self):
        """Until what is asked comes from Redis; a busy machine may need more than one try to store it all."""
        for _ in range(20):
            states = []
            self.assertEqual(self.answers(states), self.expected)
            self.check_lists()
            lists = self.redis_number("return #redis.call('KEYS', 'tm:catalog.list:*')")
            if lists >= 2 and states.count("HIT") >= len(states) * 3 // 4:
                return
        self.fail(f"Redis is not used: {states}, {lists} pages of lists")

    def test_redis_poisoned(self):
        for name, change in POISONS.items():
            with self.subTest(name):
                self.redis_command(b"FLUSHALL")
                self.warm_up()
                self.assertGreater(self.redis_number(POISON % change), len(self.questions) // 2)
                states = []
                self.check_lists()
                self.assertEqual(self.answers(states), self.expected)
                self.assertIn("MISS", states)

    def test_redis_flushed_slow_and_gone(self):
        self.warm_up()
        self.redis_command(b"FLUSHALL")
        self.assertEqual(self.answers(), self.expected)
        self.stack.processes["redis"].send_signal(signal.SIGSTOP)
        try:
            self.assertEqual(self.answers(), self.expected)
            self.check_lists()
            verdict = self.stack.ingest().SubmitEvents(
                ingest.SubmitEventsRequest(events=[event("redis-stopped")], request_id="r1"),
                metadata=self.stack.metadata(), timeout=10).verdict
            self.assertEqual(verdict.accepted, 1)
        finally:
            self.stack.processes["redis"].send_signal(signal.SIGCONT)
        self.stack.kill("redis")
        self.assertEqual(self.answers(), self.expected)
        self.check_lists()
        self.stack.start("redis")
        self.assertEqual(self.answers(), self.expected)
        self.check_lists()

    def test_request_id_is_answered_again_with_the_first_verdict(self):
        send = lambda: self.stack.ingest().SubmitEvents(
            ingest.SubmitEventsRequest(events=[event("again-1"), event("again-2", amount=0)], request_id="again"),
            metadata=self.stack.metadata(), timeout=10)
        first = send()
        self.assertEqual(first.verdict.accepted, 1)
        self.assertEqual(send(), first)
        self.stack.restart("ingest", signal.SIGTERM)
        self.assertEqual(send(), first)  # from Redis

    def test_catalog_away(self):
        self.stack.kill("catalog")
        verdict = self.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=[event("no-catalog")]),
                                                   metadata=self.stack.metadata(), timeout=10).verdict
        self.assertEqual(verdict.accepted, 1)
        self.assertEqual(self.answers(), self.expected)
        deadline = time.monotonic() + 30
        while self.log_status().catalog_reachable:
            self.assertLess(time.monotonic(), deadline, "ingest does not say that the catalog is away")
            time.sleep(0.1)
        self.stack.start("catalog")
        while not self.log_status().catalog_reachable:
            self.assertLess(time.monotonic(), deadline + 30)
            time.sleep(0.1)

    def test_tokens_are_not_trusted_for_long_without_the_catalog(self):
        limit = "--tokens_max_age=5s"  # the catalog speaks every two
        with Stack(redis=False, extra={"ingest": [limit], "analytics": [limit]}) as stack:
            stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")

            def submit(id):
                return stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=[event(id)]),
                                                   metadata=stack.metadata(), timeout=10).verdict.accepted

            def reasons():
                """What the two say to a good token."""
                asked = [lambda: stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=stack.metadata()),
                         lambda: stack.analytics().GetFoldStatus(analytics.GetFoldStatusRequest(),
                                                                 metadata=stack.metadata())]
                found = []
                for call in asked:
                    try:
                        call()
                        found.append("OK")
                    except grpc.RpcError as error:
                        self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE)
                        details = dict(error.trailing_metadata())["grpc-status-details-bin"]
                        self.assertIn(b"TOKENS_STALE", details)
                        found.append("STALE")
                return found

            stack.cli("status", "--wait", "60s")
            self.assertEqual(submit("before"), 1)
            self.assertEqual(reasons(), ["OK", "OK"])
            stack.kill("catalog")
            deadline = time.monotonic() + 60
            while reasons() != ["STALE", "STALE"]:
                self.assertLess(time.monotonic(), deadline, "tokens are trusted without the catalog")
                time.sleep(0.1)
            self.assertEqual(submit("meanwhile"), 1)
            told = stack.cli("status", "-o", "json", check=False)
            self.assertEqual(told.returncode, 3, told.stderr)
            self.assertEqual([(row["service"], row["state"]) for row in json.loads(told.stdout)],
                             [("catalog", "down"), ("ingest", "waits"), ("analytics", "waits")])
            stack.start("catalog")
            while reasons() != ["OK", "OK"]:
                self.assertLess(time.monotonic(), deadline + 60)
                time.sleep(0.1)

    def test_status_tells_counts_redis_and_a_wrong_address(self):
        with Stack() as stack:
            stack.apply("-f", os.path.join(SAMPLE, "catalog.yaml"))
            size = stack.submit([event("a"), event("b")])
            stack.cli("status", "--wait", "60s")

            def rows(*more, check=True):
                told = stack.cli("status", "-o", "json", *more, check=check)
                return {row["service"]: row for row in json.loads(told.stdout)}

            told = rows()
            version = told["catalog"]["catalog_version"]
            self.assertEqual([told["ingest"][key] for key in ("state", "catalog_version", "log_size", "folded_size")],
                             ["up", version, size, None])
            self.assertEqual([told["analytics"][key] for key in ("state", "catalog_version", "log_size", "folded_size")],
                             ["up", version, size, size])
            self.assertEqual([told["redis"][key] for key in ("state", "details")], ["up", "used by ingest, analytics"])
            stack.kill("redis")
            wait_until(lambda: rows()["redis"]["state"] == "away")
            self.assertIn("without it: --redis is not given, or it does not answer", rows()["redis"]["details"])
            stack.start("redis")
            wait_until(lambda: rows()["redis"]["state"] == "up")
            told = rows("--analytics", stack.address("catalog"), check=False)
            self.assertEqual(told["analytics"]["details"], "another service answers here, or an older version")

    def test_a_catalog_restored_from_an_old_backup_is_told_by_status(self):
        with Stack(redis=False) as stack:
            stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
            stack.cli("status", "--wait", "60s")
            folder = stack.data("catalog")
            stack.kill("catalog")
            shutil.copytree(folder, folder + ".backup")
            stack.start("catalog")
            stack.cli("apply", "-f", "-", "--yes", input=SOURCE.format(1))
            stack.cli("status", "--wait", "60s")
            size = stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=stack.metadata()).log_size
            deadline = time.monotonic() + 60
            while size < 2:  # the marks of both versions
                self.assertLess(time.monotonic(), deadline, "the new version of the catalog is not marked")
                size = stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=stack.metadata()).log_size
            for name in ("analytics", "ingest", "catalog"):
                stack.kill(name)
            for lost in (folder, stack.data("analytics")):
                shutil.rmtree(lost)
            shutil.copytree(folder + ".backup", folder)
            stack.start("catalog")
            for name in ("ingest", "analytics"):
                stack.start(name, wait=False)

            def shown():
                told = stack.cli("status", "-o", "json", check=False)
                return told.returncode, {row["service"]: row for row in json.loads(told.stdout)}

            code, rows = shown()
            while "has not been read" not in rows["analytics"]["details"] or rows["ingest"]["state"] != "refuses":
                self.assertLess(time.monotonic(), deadline + 60, rows)
                time.sleep(0.1)
                code, rows = shown()
            self.assertEqual(code, 4)
            self.assertIn("no events are taken: the catalog is at version", rows["ingest"]["details"])
            self.assertEqual(rows["catalog"]["state"], "up")
            waited = stack.cli("status", "--wait", "100ms", check=False)
            self.assertEqual(waited.returncode, 4, waited.stderr)
            self.assertIn("CATALOG_BEHIND_LOG", waited.stderr)
            asked = stack.cli("query", "net", check=False)
            self.assertIn("restore its newest", asked.stderr)

    def test_a_log_restored_from_an_old_backup_is_not_mixed_with_the_lost_one(self):
        with Stack() as stack:
            stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
            stack.cli("status", "--wait", "60s")
            folder = stack.data("ingest")

            def submit(amounts):
                events = [event_pb2.Event(source="uk-online-retail", id=f"e-{amount}", amount=amount,
                                          kind=event_pb2.EVENT_KIND_PURCHASE, category="products",
                                          event_time_us=1_312_200_000_000_000) for amount in amounts]
                deadline = time.monotonic() + 60
                while True:
                    try:
                        verdict = stack.ingest().SubmitEvents(
                            ingest.SubmitEventsRequest(events=events), metadata=stack.metadata(), timeout=30).verdict
                        self.assertEqual(verdict.accepted, len(events))
                        return verdict.first_leaf + len(events)
                    except grpc.RpcError as error:
                        if error.code() != grpc.StatusCode.UNAVAILABLE or time.monotonic() > deadline:
                            raise
                        time.sleep(0.1)

            def events_counted(*flags):
                return json.loads(stack.cli("query", "events", "-o", "json", *flags).stdout)[0]["events"]

            def fold_state():
                told = stack.cli("status", "-o", "json", check=False)
                [row] = [row for row in json.loads(told.stdout) if row["service"] == "analytics"]
                return told.returncode, row

            size = submit([1000, 2000])
            stack.kill("ingest")
            shutil.copytree(folder, folder + ".backup")
            stack.start("ingest")
            lost = submit([3000, 4000, 5000])
            self.assertEqual(events_counted("--min-log-size", str(lost)), 5)
            stack.kill("ingest")
            shutil.rmtree(folder)
            shutil.copytree(folder + ".backup", folder)
            stack.start("ingest")
            deadline = time.monotonic() + 60
            # Shorter than what was folded, then longer.
            for amounts, why in (([], "it has fewer"), ([7000], "it has fewer"),
                                 ([8000, 9000, 9500, 9600], "was accepted at")):
                size = submit(amounts) if amounts else size
                code, row = fold_state()
                while row["state"] != "stands" or why not in row["details"]:
                    self.assertLess(time.monotonic(), deadline, row)
                    time.sleep(0.1)
                    code, row = fold_state()
                self.assertEqual(code, 4)
                self.assertEqual(events_counted(), 5)
            # Made again it has the figures of the log there is, though the cache remembers others.
            stack.kill("analytics")
            shutil.rmtree(stack.data("analytics"))
            stack.start("analytics")
            self.assertEqual(events_counted("--min-log-size", str(size)), 7)
            self.assertEqual(events_counted("--as-of", str(lost)), events_counted("--as-of", str(lost), "--no-cache"))

    def test_ingest_away(self):
        self.stack.kill("ingest")
        self.assertEqual(self.answers(), self.expected)
        deadline = time.monotonic() + 30
        while ask(self.stack, query(["net"]))[2].log_reachable:
            self.assertLess(time.monotonic(), deadline, "analytics does not say that the log is away")
            time.sleep(0.1)
        with self.assertRaises(grpc.RpcError) as behind:
            ask(self.stack, query(["net"]), min_log_size=10**9)
        self.assertEqual(behind.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.stack.start("ingest")

    def test_behind_names_its_size(self):
        with self.assertRaises(grpc.RpcError) as behind:
            ask(self.stack, query(["net"]), min_log_size=10**9)
        self.assertEqual(behind.exception.code(), grpc.StatusCode.UNAVAILABLE)
        with self.assertRaises(grpc.RpcError) as beyond:
            ask(self.stack, query(["net"]), as_of=10**9)
        self.assertEqual(beyond.exception.code(), grpc.StatusCode.OUT_OF_RANGE)


if __name__ == "__main__":
    unittest.main()
