"""Batches by columns against real processes: the log, the verdicts and what is kept of refused events are those of the same
events one by one, over SubmitEvents and StreamEvents, and columns that do not fit cost nothing but their own batch."""

import os
import time
import unittest

import grpc
from tidemark.ingest.v1 import columns_pb2, event_pb2, ingest_service_pb2 as ingest, ingest_service_pb2_grpc, \
    quarantine_pb2, verdict_pb2

from stack import SAMPLE, Stack

SOURCE = "uk-online-retail"
CODES = ("source", "consumer_region", "provider_region", "category", "product")
NUMBERS = ("kind", "event_time_us", "revision", "segment", "channel", "area_type", "reporting_role")


def event(event_id, **fields):
    return event_pb2.Event(**{"source": SOURCE, "id": event_id, "kind": event_pb2.EVENT_KIND_PURCHASE,
                              "event_time_us": 1_300_000_000_000_000, "amount": 100, "consumer_region": "gb", **fields})


def by_columns(events):
    """Written from the contract alone, without the client library."""
    columns = columns_pb2.EventColumns(count=len(events))
    for name in CODES:
        texts = [getattr(e, name) if name == "source" or e.HasField(name) else None for e in events]
        if all(text is None for text in texts):
            continue
        column = getattr(columns, name)
        values = sorted({text for text in texts if text is not None})
        column.values.extend(values)
        column.indexes.extend(0 if text is None else 1 + values.index(text) for text in texts)
    for name in NUMBERS:
        if any(getattr(e, name) for e in events):
            getattr(columns, name).extend(getattr(e, name) for e in events)
    columns.id.texts = "".join(e.id for e in events).encode()
    columns.id.lengths.extend(len(e.id.encode()) for e in events)
    columns.amount.values.extend(e.amount for e in events)
    bits = bytearray((len(events) + 7) // 8)
    for i, e in enumerate(events):
        bits[i // 8] |= e.HasField("amount") << i % 8
    columns.amount.present = bytes(bits)
    if any(e.HasField("original") for e in events):
        columns.original_id.texts = "".join(e.original.id for e in events).encode()
        columns.original_id.lengths.extend(len(e.original.id.encode()) for e in events)
    return columns


def mixed(prefix, count=200):
    """Good ones, refunds of them, and one of several faults."""
    events = [event(f"{prefix}-{i}-号", product=f"p{i % 7}", category="products") for i in range(count)]
    events[3].amount = 0
    events[5].consumer_region = "nowhere"
    events[7].CopyFrom(events[6])
    events[9].ClearField("amount")
    for i in range(20, count, 10):
        events[i].kind = event_pb2.EVENT_KIND_REFUND
        events[i].original.id = events[i - 1].id
    return events


class Columns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
        while True:  # until the catalog is heard of
            try:
                cls.submit()
                break
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                time.sleep(0.05)

    @classmethod
    def metadata(cls):
        return cls.stack.metadata(cls.stack.token("service"))

    @classmethod
    def submit(cls, **batch):
        return cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(**batch), metadata=cls.metadata(), timeout=30)

    def reasons(self, verdict):
        return [(reason.reason, reason.field, reason.count) for reason in verdict.reasons]

    def test_1_verdicts_and_records_are_those_of_rows(self):
        rows = self.submit(events=mixed("row"), with_receipts=True)
        columns = self.submit(columns=by_columns(mixed("col")), with_receipts=True)
        self.assertEqual(rows.verdict.accepted, 196)
        self.assertEqual(columns.verdict.accepted, 196)
        self.assertEqual(len(columns.receipts), 196)
        self.assertEqual(self.reasons(columns.verdict), self.reasons(rows.verdict))
        self.assertEqual([(e.position, e.kind) for e in columns.verdict.exceptions],
                         [(e.position, e.kind) for e in rows.verdict.exceptions])
        for one, other in zip(mixed("row"), mixed("col")):
            found = [self.read_back(e.id) for e in (one, other)]
            self.assertEqual([len(f) for f in found], [len(found[0])] * 2)
            if found[0]:
                self.assertEqual(str(found[1][0].event).replace("col-", "row-"), str(found[0][0].event))

    def read_back(self, event_id):
        return self.stack.ingest().BatchGetEvents(
            ingest.BatchGetEventsRequest(source=SOURCE, ids=[event_id]), metadata=self.metadata(), timeout=30).events

    def test_2_the_same_events_in_the_other_form_are_duplicates(self):
        events = [event(f"twice-{i}") for i in range(50)]
        self.assertEqual(self.submit(events=events).verdict.accepted, 50)
        again = self.submit(columns=by_columns(events)).verdict
        self.assertEqual(again.accepted, 0)
        self.assertEqual({e.kind for e in again.exceptions}, {verdict_pb2.EXCEPTION_KIND_DUPLICATE})

    def test_3_over_a_stream(self):
        events = [event(f"streamed-{i}") for i in range(100)]
        requests = [ingest.StreamEventsRequest(sequence=n, batch=ingest.SubmitEventsRequest(columns=by_columns(part)))
                    for n, part in enumerate((events[:60], events[60:]))]
        with self.stack.channel("ingest") as channel:
            answers = list(ingest_service_pb2_grpc.IngestServiceStub(channel).StreamEvents(
                iter(requests), metadata=self.metadata(), timeout=30))
        self.assertEqual([answer.response.verdict.accepted for answer in answers], [60, 40])

    def test_4_what_is_refused_is_kept_as_an_event(self):
        bad = event("kept-1", category="no-such-category")
        self.assertEqual(self.submit(columns=by_columns([bad])).verdict.accepted, 0)
        deadline = time.monotonic() + 30
        kept = []
        while not kept and time.monotonic() < deadline:  # written after the verdict
            page = self.stack.ingest().ListQuarantine(
                quarantine_pb2.ListQuarantineRequest(source=SOURCE, page_size=1000),
                metadata=self.stack.metadata(), timeout=30)
            kept = [entry for entry in page.events if entry.event_id == "kept-1"]
        self.assertEqual([(entry.reason, entry.field) for entry in kept], [("UNKNOWN_CATEGORY", "category")])
        exported = self.stack.cli("quarantine", "export", "--source", SOURCE).stdout
        self.assertIn("no-such-category", exported)

    def refused(self, reason, text, **batch):
        """The batch is refused for `reason`, with a message that holds `text`."""
        with self.assertRaises(grpc.RpcError) as caught:
            self.submit(**batch)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertIn(reason.encode(), dict(caught.exception.trailing_metadata())["grpc-status-details-bin"])
        self.assertIn(text, caught.exception.details())

    def test_5_columns_that_do_not_fit(self):
        events = [event(f"misfit-{i}") for i in range(3)]
        short = by_columns(events)
        del short.kind[2:]
        self.refused("MALFORMED_COLUMNS", "columns.kind", columns=short)
        beyond = by_columns(events)
        beyond.consumer_region.indexes[1] = 9
        self.refused("MALFORMED_COLUMNS", "columns.consumer_region", columns=beyond)
        self.refused("EVENTS_AND_COLUMNS", "one of the two", columns=by_columns(events), events=events)
        self.refused("BATCH_TOO_LARGE", "at most",
                     columns=columns_pb2.EventColumns(count=4_000_000_000))
        # Nothing of them was taken, and the service goes on.
        self.assertEqual(self.submit(columns=by_columns(events)).verdict.accepted, 3)

    def test_6_simulated_batches_are_the_same_events(self):
        with Stack(redis=False) as stack:
            flags = ["--events", "20000", "--plain", "--bad", "0.001", "--duplicates", "0.01", "--batch", "3000", "--quiet"]
            rows = stack.cli("simulate", "--setup", *flags, check=False)
            columns = stack.cli("simulate", *flags, "--columns", check=False)
            accepted = [line.split() for line in (rows.stdout + columns.stdout).splitlines() if "accepted" in line or "duplicate" in line]
            numbers = [int(words[1].replace(",", "")) for words in accepted]
            self.assertGreater(numbers[0], 19_000)
            self.assertEqual(numbers[2], 0, "every event was in the log already")
            self.assertEqual(numbers[3], numbers[0] + numbers[1])


if __name__ == "__main__":
    unittest.main()
