"""StreamEvents against real processes: verdicts as SubmitEvents gives them, nothing acknowledged is lost and nothing is
logged twice when ingest is killed, and neither a reader that is slow nor a thousand idle streams cost much memory."""

import asyncio
import itertools
import os
import signal
import time
import unittest

import grpc

from tidemark.ingest.v1 import event_pb2, ingest_service_pb2 as ingest, ingest_service_pb2_grpc, verdict_pb2

from exchange import Exchange
from stack import SAMPLE, Stack

MIB = 1 << 20
SOURCE = "uk-online-retail"


def event(event_id, **fields):
    return event_pb2.Event(**{"source": SOURCE, "id": event_id, "kind": event_pb2.EVENT_KIND_PURCHASE,
                              "event_time_us": 1_300_000_000_000_000, "amount": 100, "consumer_region": "gb", **fields})


class OpenStream(Exchange):
    """One StreamEvents call."""

    def __init__(self, stack, channel):
        super().__init__(ingest_service_pb2_grpc.IngestServiceStub(channel).StreamEvents, stack.metadata(stack.token("service")))

    def send(self, sequence, batch):
        super().send(ingest.StreamEventsRequest(sequence=sequence, batch=batch))


class Streams(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")

    def setUp(self):
        self.wait_for_the_observatory()

    def wait_for_the_observatory(self):
        """Until events are judged: the catalog is heard of and bound to the log."""
        while True:
            try:
                return self.submit(ingest.SubmitEventsRequest())
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                time.sleep(0.05)

    def submit(self, batch):
        return self.stack.ingest().SubmitEvents(batch, metadata=self.stack.metadata(self.stack.token("service")), timeout=30)

    def test_1_pipelined_verdicts_are_those_of_unary_calls(self):
        def batches(prefix):
            for b in range(50):
                events = [event(f"{prefix}-{b}-{i}") for i in range(100)]
                events[3].amount = 0
                events[5].consumer_region = "nowhere"
                events[7].CopyFrom(events[6])
                yield ingest.SubmitEventsRequest(events=events)

        unary = [self.submit(batch) for batch in batches("unary")]
        with self.stack.channel("ingest") as channel:
            stream = OpenStream(self.stack, channel)
            for sequence, batch in enumerate(batches("stream")):
                stream.send(sequence, batch)
            stream.close()
            answers = list(stream.call)
            self.assertEqual(stream.call.code(), grpc.StatusCode.OK)
        self.assertEqual([answer.sequence for answer in answers], list(range(50)))
        for answer, expected in zip(answers, unary):
            verdict = answer.response.verdict
            self.assertEqual(verdict.accepted, 97)
            # But for the place in the log they are equal.
            for one, other in zip(verdict.exceptions, expected.verdict.exceptions):
                # In any order.
                for exception in (one, other):
                    exception.status.details.sort(key=lambda detail: detail.type_url)
                if one.kind == verdict_pb2.EXCEPTION_KIND_DUPLICATE:
                    self.assertEqual(one.leaf - verdict.first_leaf, other.leaf - expected.verdict.first_leaf)
                    one.leaf = other.leaf
            verdict.first_leaf = expected.verdict.first_leaf
            self.assertEqual(verdict.SerializeToString(deterministic=True),
                             expected.verdict.SerializeToString(deterministic=True))

    def test_2_what_was_acknowledged_is_in_the_log_once_when_ingest_is_killed(self):
        before = self.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=self.stack.metadata(), timeout=30)
        batches = {b: ingest.SubmitEventsRequest(request_id=f"killed-{b}", events=[event(f"killed-{b}-{i}") for i in range(200)])
                   for b in range(300)}
        leaf_of = {}
        unanswered = sorted(batches)
        kills = 0
        while unanswered:
            with self.stack.channel("ingest") as channel:
                stream = OpenStream(self.stack, channel)
                answered = 0
                for b in unanswered[:20]:
                    stream.send(b, batches[b])
                try:
                    for answer in iter(stream.read, None):
                        self.assertEqual(answer.sequence, unanswered[answered])
                        answered += 1
                        self._keep(answer, batches[answer.sequence], leaf_of)
                        if answered + 20 <= len(unanswered):
                            stream.send(unanswered[answered + 19], batches[unanswered[answered + 19]])
                        elif answered == len(unanswered):
                            stream.close()
                        if kills < 4 and answered == 30:
                            self.stack.kill("ingest", signal.SIGKILL)
                            kills += 1
                except StopIteration:
                    self.assertEqual(answered, len(unanswered))
                except grpc.RpcError as error:
                    self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE)
                unanswered = unanswered[answered:]
            if "ingest" not in self.stack.processes:
                self.stack.start("ingest")
                self.wait_for_the_observatory()
        self.assertEqual(kills, 4)
        self.assertEqual(len(leaf_of), 300 * 200)
        self.assertEqual(len(set(leaf_of.values())), 300 * 200)
        status = self.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=self.stack.metadata(), timeout=30)
        self.assertEqual(status.identities - before.identities, 300 * 200)
        ids = sorted(leaf_of)
        for start in range(0, len(ids), 1000):
            found = self.stack.ingest().BatchGetEvents(
                ingest.BatchGetEventsRequest(source=SOURCE, ids=ids[start:start + 1000]), metadata=self.stack.metadata(),
                timeout=30)
            self.assertEqual(list(found.missing_ids), [])
            for stored in found.events:
                self.assertEqual(stored.receipt.leaf, leaf_of[stored.event.id])

    def _keep(self, answer, batch, leaf_of):
        """The leaf of every event of an answered batch: accepted now, or a duplicate of what an earlier attempt logged."""
        self.assertEqual(answer.WhichOneof("result"), "response")
        verdict = answer.response.verdict
        exceptions = {e.position: e for e in verdict.exceptions}
        leaves = itertools.count(verdict.first_leaf)
        for position, sent in enumerate(batch.events):
            if position in exceptions:
                self.assertEqual(exceptions[position].kind, verdict_pb2.EXCEPTION_KIND_DUPLICATE)
                leaf_of[sent.id] = exceptions[position].leaf
            else:
                leaf_of[sent.id] = next(leaves)

    def test_3_a_drain_answers_what_is_under_way_and_says_that_it_ends(self):
        with self.stack.channel("ingest") as channel:
            stream = OpenStream(self.stack, channel)
            stream.send(1, ingest.SubmitEventsRequest(events=[event("drained")]))
            self.assertEqual(stream.read().response.verdict.accepted, 1)
            self.stack.kill("ingest", signal.SIGTERM)
            with self.assertRaises(grpc.RpcError) as ended:
                stream.read()
            self.assertEqual(ended.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.stack.start("ingest")
        self.wait_for_the_observatory()
        again = self.submit(ingest.SubmitEventsRequest(events=[event("drained")])).verdict
        self.assertEqual(again.exceptions[0].kind, verdict_pb2.EXCEPTION_KIND_DUPLICATE)

    def test_4_answers_that_nobody_takes_stop_the_stream_not_the_service(self):
        # Sent again, each is answered with 1,000 exceptions.
        again = ingest.SubmitEventsRequest(events=[event(f"again-{i}") for i in range(1000)])
        self.submit(again)
        size = self.submit(again).ByteSize()
        count = 600
        before = self.stack.rss_bytes("ingest")
        # A receive window of 64 KiB that does not grow.
        options = [("grpc.http2.bdp_probe", 0), ("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(self.stack.address("ingest"), options=options) as channel:
            sent = 0

            def requests():
                nonlocal sent
                for sent in range(1, count + 1):
                    yield ingest.StreamEventsRequest(sequence=sent, batch=again)

            call = ingest_service_pb2_grpc.IngestServiceStub(channel).StreamEvents(
                requests(), metadata=self.stack.metadata(self.stack.token("service")))
            # Until the sender is held up.
            seen = -1
            while sent != seen:
                seen = sent
                time.sleep(2)
            grown = self.stack.rss_bytes("ingest") - before
            print(f"slow reader: {sent} of {count} requests taken, {count * size / MIB:.1f} MiB of answers in all; ingest grew "
                  f"by {grown / MIB:.1f} MiB")
            self.assertLess(sent, count)
            self.assertLess(grown, 100 * MIB)
            # Others are served meanwhile, and the stream goes on when its answers are taken.
            self.assertEqual(self.submit(ingest.SubmitEventsRequest(events=[event("beside")])).verdict.accepted, 1)
            self.assertEqual([answer.sequence for answer in call], list(range(1, count + 1)))

    def test_5_a_thousand_idle_streams_cost_little(self):
        self.stack.restart("ingest", signal.SIGTERM)
        self.wait_for_the_observatory()
        grown = asyncio.run(self._idle_streams())
        print(f"1000 idle streams: ingest grew by {grown / MIB:.1f} MiB, {grown / 1000 / 1024:.1f} KiB each")
        self.assertLess(grown, 100 * MIB)

    async def _idle_streams(self):
        metadata = self.stack.metadata(self.stack.token("service"))
        channels = [grpc.aio.insecure_channel(self.stack.address("ingest"), options=(("grpc.use_local_subchannel_pool", 1),))
                    for _ in range(20)]
        stubs = [ingest_service_pb2_grpc.IngestServiceStub(channel) for channel in channels]

        async def open_streams(count):
            calls = [stub.StreamEvents(metadata=metadata) for stub in stubs for _ in range(count)]
            for call in calls:
                await call.write(ingest.StreamEventsRequest(sequence=1))
                self.assertEqual((await call.read()).sequence, 1)
            return calls

        # Connections are no streams.
        calls = await open_streams(1)
        before = self.stack.rss_bytes("ingest")
        calls += await open_streams(50)
        grown = self.stack.rss_bytes("ingest") - before
        # They all live.
        for call in calls:
            await call.write(ingest.StreamEventsRequest(sequence=2))
        for call in calls:
            self.assertEqual((await call.read()).sequence, 2)
            await call.done_writing()
            self.assertEqual(await call.read(), grpc.aio.EOF)
            self.assertEqual(await call.code(), grpc.StatusCode.OK)
        for channel in channels:
            await channel.close()
        return grown

    def test_6_connections_that_come_of_age_cost_nothing(self):
        self.stack.restart("ingest", signal.SIGTERM, extra=["--max_connection_age=1s", "--max_connection_age_grace=1s"])
        self.wait_for_the_observatory()
        self.stack.cli("simulate", "--setup", "--events", "1", "--among-real")
        status = lambda: self.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=self.stack.metadata(),
                                                          timeout=30)
        before = status().identities
        with self.stack.channel("ingest") as channel:
            stream = OpenStream(self.stack, channel)
            stream.send(1, ingest.SubmitEventsRequest())
            self.assertEqual(stream.read().sequence, 1)
            self.stack.cli("simulate", "--events", "100000", "--rate", "20000", "--among-real", "--seed", "7")
            # A stream that knows nothing of resuming did not live as long.
            with self.assertRaises(grpc.RpcError) as ended:
                stream.read()
            self.assertEqual(ended.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.assertEqual(status().identities - before, 100_000)


if __name__ == "__main__":
    unittest.main()
