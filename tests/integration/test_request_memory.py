"""Requests that nobody was asked for: a server's memory is bounded before it knows who calls."""

import os
import unittest

from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from half_sent import attack
from stack import SAMPLE, Stack

MIB = 1 << 20
LIMIT = 64 * MIB
SUBMIT = "/tidemark.ingest.v1.IngestService/SubmitEvents"


class RequestMemory(unittest.TestCase):
    def test_half_sent_requests_do_not_fill_the_memory(self):
        with Stack(redis=False, extra={"ingest": [f"--request_memory={LIMIT}"]}) as stack:
            stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
            before = stack.rss_bytes("ingest")
            peak = 0

            def watch():
                nonlocal peak
                peak = max(peak, stack.rss_bytes("ingest"))

            # 20 connections with 100 streams of 39 MiB each would be 78 GiB.
            attacked = attack(stack.address("ingest"), SUBMIT, connections=20, streams=100, size=39 * MIB, seconds=20,
                              watch=watch)
            sent = sum(connection.sent for connection in attacked)
            cut_off = sum(connection.cut_off for connection in attacked)
            print(f"sent {sent / MIB:.0f} MiB, {cut_off} calls cut off, "
                  f"{sum(c.open for c in attacked)} connections left; memory grew by {(peak - before) / MIB:.0f} MiB")
            # It did try, and the limit did act.
            self.assertGreater(sent, LIMIT)
            self.assertLess(peak - before, 3 * LIMIT)
            for connection in attacked:
                connection.socket.close()
            stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=stack.metadata(), timeout=30)
            self.assertIsNone(stack.processes["ingest"].poll())


if __name__ == "__main__":
    unittest.main()
