"""The wall clock of ingest and catalog steps forward and back, while they run and between two starts: events are taken,
accepted times and the times of versions never decrease, checkpoints stay consistent."""

import os
import struct
import unittest

import grpc

from tidemark.catalog.v1 import catalog_service_pb2 as catalog
from tidemark.catalog.v1 import catalog_service_pb2_grpc, resource_pb2, types_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest
from tidemark.ingest.v1 import ingest_service_pb2_grpc

from faults import Faulty, listening, stop, until
from sent import SOURCE, Sent, check_files, event, expect, little_catalog
from stack import Stack

HOUR = 3600 * 1_000_000
# Where the clock is put, in microseconds ahead of the machine's: steps forward and back of an hour to a month. Never behind
# it: the kernel, which does not know of the step, would end every wait at once that a library asks for by the wall clock.
MONTH = 30 * 24 * HOUR
STEPS = (MONTH, MONTH + HOUR, MONTH - HOUR, MONTH + 26 * HOUR, MONTH + 2 * HOUR, 0, MONTH)


class ClockSteps(unittest.TestCase):
    def setUp(self):
        self.stack = Stack(redis=False)
        self.addCleanup(self.stack.__exit__)
        self.clock = os.path.join(self.stack.folder, "clock")
        self.set_clock(STEPS[0])
        self.catalog = Faulty(self.stack, "catalog", {"TIDEMARK_CLOCK_FILE": self.clock})
        self.ingest = Faulty(self.stack, "ingest", {"TIDEMARK_CLOCK_FILE": self.clock})
        self.sent, self.times, self.versions = Sent(), [], []
        self.next = 0

    def set_clock(self, offset):
        # Never emptied: the services have it mapped.
        with open(self.clock, "r+b" if os.path.exists(self.clock) else "wb") as f:
            f.write(struct.pack("<q", offset))

    def start(self):
        for name, faulty in (("catalog", self.catalog), ("ingest", self.ingest)):
            faulty.start()
            self.assertTrue(listening(self.stack, name), self.stack.log(name)[-2000:])

    def apply(self, request):
        with self.stack.channel("catalog") as channel:
            stub = catalog_service_pb2_grpc.CatalogServiceStub(channel)
            answer = stub.ApplyResources(request, metadata=self.stack.metadata(), timeout=10)
        self.versions += [change.time_us for change in answer.changes]

    def work(self, stub):
        """A batch and a catalog change; what is told about time is kept."""
        events = [event(i) for i in range(self.next, self.next + 10)]
        self.next += 9  # the last is sent again
        until(lambda: self.sent.submit(stub, self.stack.metadata(), events) is None)
        self.apply(catalog.ApplyResourcesRequest(resources=[resource_pb2.Resource(
            name=f"categories/c{self.next}", display_names={"en": "c"}, category=types_pb2.Category())]))

        def read():
            # Right after a step the tokens may be too old to be trusted for reading, until the catalog is heard again.
            try:
                return stub.BatchGetEvents(ingest.BatchGetEventsRequest(source=SOURCE, ids=[e.id for e in events]),
                                           metadata=self.stack.metadata(), timeout=10)
            except grpc.RpcError as error:
                expect(error.code() == grpc.StatusCode.UNAVAILABLE, f"a reader was told {error}")
                return None
        self.times += [(e.receipt.leaf, e.accepted_time_us) for e in until(read).events]
        checkpoint = self.sent.take_checkpoint(stub, self.stack.metadata())
        if checkpoint is not None:
            self.times.append((checkpoint.log_size - 1, checkpoint.accepted_time_us))

    def check_times(self):
        ordered = [time for _, time in sorted(set(self.times))]
        self.assertEqual(ordered, sorted(ordered), "accepted times decrease")
        self.assertEqual(self.versions, sorted(self.versions), "times of catalog versions decrease")

    def test_steps_while_running_and_between_starts(self):
        self.start()
        self.apply(little_catalog())
        for restarts in (False, True):
            if restarts:
                stop(self.stack, "ingest"), stop(self.stack, "catalog")
            for step in STEPS:
                self.set_clock(step)
                if restarts:
                    self.start()
                with self.stack.channel("ingest") as channel:
                    stub = ingest_service_pb2_grpc.IngestServiceStub(channel)
                    self.work(stub)
                    self.work(stub)
                    if restarts or step == STEPS[-1]:
                        found = self.sent.check_served(stub, self.stack.metadata())
                if restarts:
                    self.assertEqual((stop(self.stack, "ingest"), stop(self.stack, "catalog")), (0, 0))
                    self.assertEqual(check_files(self.stack.data("ingest")), found)
        self.check_times()
        span = max(time for _, time in self.times) - min(time for _, time in self.times)
        self.assertGreater(span, 25 * HOUR, "the steps were not seen")
        print(f"{2 * len(STEPS)} positions of the clock, {len(self.times)} accepted times over {span // HOUR} h, "
              f"{len(self.versions)} catalog versions, {len(self.sent.checkpoints)} checkpoints; none went back")
        print("    again: tests/fault/run.sh clock_steps", flush=True)


if __name__ == "__main__":
    unittest.main()
