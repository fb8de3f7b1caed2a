"""Ingest with a fault at each of its file system calls: nothing acknowledged is lost, nothing else is in the log."""

import os
import shutil
import unittest

import grpc

from tidemark.ingest.v1 import ingest_service_pb2 as ingest
from tidemark.ingest.v1 import ingest_service_pb2_grpc

from campaign import Campaign
from faults import Faulty, alive, check_end, listening, stop, until
from sent import Sent, apply_little_catalog, check_files, event, expect
from stack import Stack

class Log:
    """An ingest service and its producer, through faults and restarts."""

    def __init__(self, stack):
        self.stack, self.sent = stack, Sent()
        self.faulty = Faulty(stack, "ingest")

    def live(self, batches, fault=None, check=True):
        """Starts, sends, reads everything back unless told not to, stops. Without a fault everything must work."""
        self.faulty.start(fault)
        if listening(self.stack, "ingest"):
            with self.stack.channel("ingest") as channel:
                self._talk(ingest_service_pb2_grpc.IngestServiceStub(channel), batches, fault, check)
        check_end(self.stack, "ingest", stop(self.stack, "ingest"), fault)

    def _talk(self, stub, batches, fault, check):
        until(lambda: self._judging(stub) or not alive(self.stack, "ingest"))
        for batch in batches:
            self._send(stub, batch, fault)
            self.sent.take_checkpoint(stub, self.stack.metadata())
        if check and fault is None:
            self.found = self.sent.check_served(stub, self.stack.metadata())

    def _judging(self, stub):
        """Whether it takes events, or says why it will not."""
        request = ingest.SubmitEventsRequest(events=[event(0)], validate_only=True)
        try:
            stub.SubmitEvents(request, metadata=self.stack.metadata(), timeout=5)
            return True
        except grpc.RpcError as error:
            return error.code() != grpc.StatusCode.UNAVAILABLE

    def _send(self, stub, batch, fault):
        error = self.sent.submit(stub, self.stack.metadata(), batch)
        if error is None:
            return
        expect(fault is not None, f"a batch was refused without a fault: {error}")
        if error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED:
            # Space is all it wants: with it the same batch is taken, without a restart.
            self.faulty.free_space()
            error = self.sent.submit(stub, self.stack.metadata(), batch)
            expect(error is None, f"refused though there was space again: {error}")


class IngestCalls(unittest.TestCase):
    def setUp(self):
        self.stack = Stack(redis=False)
        self.addCleanup(self.stack.__exit__)
        self.stack.start("catalog")
        apply_little_catalog(self.stack)
        self.fresh = {}

    def keep(self, name):
        """The service's folder as it is now is what every case starts from."""
        stop(self.stack, name)
        self.fresh[name] = os.path.join(self.stack.folder, name + ".fresh")
        shutil.copytree(self.stack.data(name), self.fresh[name])

    def restore(self, name):
        shutil.rmtree(self.stack.data(name), ignore_errors=True)
        if name in self.fresh:
            shutil.copytree(self.fresh[name], self.stack.data(name))

    def outcome(self, log, calls):
        """After a clean life: files and service agree, and nothing is there that was not sent."""
        events = check_files(self.stack.data("ingest"))
        expect(events == log.found, f"the log has {events} events, {log.found} of those sent")
        return calls, log.sent.errors

    def test_first_start(self):
        self.keep("catalog")

        def case(fault):
            self.restore("catalog")
            self.restore("ingest")
            self.stack.start("catalog")
            try:
                log = Log(self.stack)
                log.live([[event(i) for i in range(20)], [event(i) for i in range(15, 40)],
                          [event(50, refund_of=3), event(51, refund_of=60)]], fault, check=False)
                calls = log.faulty.journal()
                log.live([[event(i) for i in range(10, 70) if i not in (50, 51)]])
                return self.outcome(log, calls)
            finally:
                self.stack.kill("ingest")
                self.stack.kill("catalog")

        Campaign("ingest_calls.IngestCalls.test_first_start", case, 18).run()

    def test_later_start(self):
        first = Log(self.stack)
        first.live([[event(i) for i in range(100)], [event(101, refund_of=200)]])
        self.stack.start("ingest", wait=False)
        self.keep("ingest")

        def case(fault):
            self.restore("ingest")
            log = Log(self.stack)
            log.sent.events.update(first.sent.events)
            log.sent.leaves.update(first.sent.leaves)
            log.sent.checkpoints += first.sent.checkpoints
            try:
                log.live([[event(i) for i in range(90, 120) if i != 101], [event(i) for i in range(195, 230)],
                          [event(i) for i in range(230, 240)]], fault, check=False)
                calls = log.faulty.journal()
                log.live([[event(i) for i in range(220, 260)]])
                return self.outcome(log, calls)
            finally:
                self.stack.kill("ingest")

        Campaign("ingest_calls.IngestCalls.test_later_start", case, 18).run()


if __name__ == "__main__":
    unittest.main()
