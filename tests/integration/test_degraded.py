"""Parts that are slow, wrong or away: answers stay right, and the services say what is missing."""

import os
import signal
import socket
import time
import unittest

import grpc

from tidemark.analytics.v1 import analytics_service_pb2 as analytics
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import ask, query
from questions import questions
from stack import SAMPLE, Stack


def event(id, amount=1000):
    return event_pb2.Event(source="uk-online-retail", id=id, kind=event_pb2.EVENT_KIND_PURCHASE,
                           event_time_us=1_312_200_000_000_000, category="products", amount=amount)


class Degraded(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
        cls.stack.cli("import", os.path.join(SAMPLE, "online_retail.csv.gz"), "--mapping",
                      os.path.join(SAMPLE, "mapping.yaml"), "--limit", "60000")
        cls.size = cls.log_size()
        cls.questions = questions(3, 40)
        cls.expected = cls.answers(bypass_cache=True)

    @classmethod
    def log_size(cls):
        return cls.log_status().log_size

    @classmethod
    def log_status(cls):
        return cls.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=cls.stack.metadata())

    @classmethod
    def answers(cls, **more):
        return [ask(cls.stack, q, as_of=cls.size, **more)[1] for q in cls.questions]

    def redis_command(self, *words):
        with socket.create_connection(("127.0.0.1", self.stack.port["redis"]), timeout=10) as s:
            s.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
            answer = b""
            while not answer.endswith(b"\r\n"):
                answer += s.recv(1 << 16)
            return answer

    def poison(self):
        """Puts another value under every key of the cache; returns how many."""
        script = (b"local n = 0 for _, k in ipairs(redis.call('KEYS', '*')) do if redis.call('TYPE', k).ok == 'string' "
                  b"then local v = redis.call('GET', k) redis.call('SET', k, string.rep('\\0', 8) .. string.sub(v, 9)) "
                  b"n = n + 1 end end return n")
        return int(self.redis_command(b"EVAL", script, b"0").strip()[1:])

    def test_redis_flushed_poisoned_slow_and_gone(self):
        self.assertEqual(self.answers(), self.expected)
        self.redis_command(b"FLUSHALL")
        self.assertEqual(self.answers(), self.expected)
        self.poison()
        self.assertEqual(self.answers(), self.expected)
        self.stack.processes["redis"].send_signal(signal.SIGSTOP)
        try:
            self.assertEqual(self.answers(), self.expected)
            verdict = self.stack.ingest().SubmitEvents(
                ingest.SubmitEventsRequest(events=[event("redis-stopped")], request_id="r1"),
                metadata=self.stack.metadata(), timeout=10).verdict
            self.assertEqual(verdict.accepted, 1)
        finally:
            self.stack.processes["redis"].send_signal(signal.SIGCONT)
        self.stack.kill("redis")
        self.assertEqual(self.answers(), self.expected)
        self.stack.start("redis")
        self.assertEqual(self.answers(), self.expected)

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
