"""What a producer sent, what it was told, and whether the log keeps its word:

acknowledged ⊆ log ⊆ sent; no identity twice; each acknowledged leaf holds its event; every checkpoint handed out is a prefix
of the last one.
"""

import collections
import re
import subprocess
import threading

import grpc
from google.rpc import error_details_pb2, status_pb2

from tidemark.catalog.v1 import catalog_service_pb2 as catalog
from tidemark.catalog.v1 import catalog_service_pb2_grpc, resource_pb2, types_pb2
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest
from tidemark.ingest.v1 import verdict_pb2

from merkle import inclusion_root, is_prefix
from stack import BIN

SOURCE = "shop"
# What a client may be told while files fail. Never INTERNAL or UNKNOWN.
CLEAR = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.FAILED_PRECONDITION,
         grpc.StatusCode.DATA_LOSS, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.NOT_FOUND}


def little_catalog():
    """The least that events can be judged by."""
    def resource(name, **more):
        return resource_pb2.Resource(name=name, display_names={"en": name}, **more)
    return catalog.ApplyResourcesRequest(resources=[
        resource("observatories/test", observatory=types_pb2.Observatory(
            time_zone="Europe/London", currency="GBP", scale=2, fiscal_start_month=1, start={"year": 2010, "month": 1, "day": 1})),
        resource(f"sources/{SOURCE}", source=types_pb2.Source(kind=types_pb2.SOURCE_KIND_LIVE)),
        resource("categories/goods", category=types_pb2.Category())])


def apply_little_catalog(stack):
    with stack.channel("catalog") as channel:
        catalog_service_pb2_grpc.CatalogServiceStub(channel).ApplyResources(little_catalog(), metadata=stack.metadata())


def event(number, refund_of=None):
    """The event with this number: always the same, so that a retry sends the same bytes."""
    made = event_pb2.Event(
        source=SOURCE, id=f"event-{number}", kind=event_pb2.EVENT_KIND_PURCHASE, category="goods", amount=100 + number,
        event_time_us=1_700_000_000_000_000 + number * 1_000_000, order=f"order-{number // 3}",
        attributes={"note": f"line {number} " * 3})
    if refund_of is not None:
        made.kind = event_pb2.EVENT_KIND_REFUND
        made.original.source, made.original.id = SOURCE, f"event-{refund_of}"
    return made


def reason(error):
    """The stable reason in the error's details, or ""."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            info = error_details_pb2.ErrorInfo()
            for detail in status_pb2.Status.FromString(value).details:
                if detail.Unpack(info):
                    return info.reason
    return ""


class Losses(AssertionError):
    pass


def expect(holds, what):
    if not holds:
        raise Losses(what)


class Sent:
    """Thread-safe."""

    def __init__(self):
        self.events = {}  # id → event
        self.leaves = {}  # id → leaf told, by acceptance or as that of a duplicate
        self.accepted = set()  # ids told to be new in exactly one verdict
        self.checkpoints = []
        self.batches = self.acks = self.duplicates = 0
        self.errors = collections.Counter()
        self._mutex = threading.Lock()

    def submit(self, stub, metadata, events, timeout=10, wait=False):
        """The error, or None when the batch was acknowledged. `wait`: for a connection, instead of failing without one."""
        with self._mutex:
            self.events.update((e.id, e) for e in events)
            self.batches += 1
        try:
            verdict = stub.SubmitEvents(ingest.SubmitEventsRequest(events=events), metadata=metadata,
                                        timeout=timeout, wait_for_ready=wait).verdict
        except grpc.RpcError as error:
            self.failed(error)
            return error
        with self._mutex:
            self._take(events, verdict)
        return None

    def failed(self, error):
        with self._mutex:
            self.errors[" ".join(filter(None, (error.code().name, reason(error))))] += 1
        expect(error.code() in CLEAR, f"a client was told {error.code().name}: {error.details()}")
        expect(error.details(), f"{error.code().name} without a message")

    def _take(self, events, verdict):
        self.acks += 1
        exceptions = {e.position: e for e in verdict.exceptions}
        leaf = verdict.first_leaf
        for position, sent in enumerate(events):
            exception = exceptions.get(position)
            if exception is None:
                expect(sent.id not in self.accepted, f"{sent.id} was accepted as new twice")
                self.accepted.add(sent.id)
                self._told(sent.id, leaf)
                leaf += 1
            else:
                expect(exception.kind == verdict_pb2.EXCEPTION_KIND_DUPLICATE, f"{sent.id}: {exception}")
                self.duplicates += 1
                self._told(sent.id, exception.leaf)
        expect(leaf - verdict.first_leaf == verdict.accepted, f"accepted is {verdict.accepted}: {verdict}")

    def _told(self, id, leaf):
        expect(self.leaves.setdefault(id, leaf) == leaf, f"{id} was at leaf {self.leaves[id]}, now at {leaf}")

    def take_checkpoint(self, stub, metadata):
        try:
            checkpoint = stub.GetCheckpoint(ingest.GetCheckpointRequest(), metadata=metadata, timeout=10).checkpoint
        except grpc.RpcError as error:
            self.failed(error)
            return None
        with self._mutex:
            self.checkpoints.append(checkpoint)
        return checkpoint

    def check_served(self, stub, metadata):
        """By what the service says; returns the number of different sent events that are in the log."""
        found, leaves = self._read_back(stub, metadata)
        missing = self.leaves.keys() - found
        expect(not missing, f"{len(missing)} acknowledged events are not in the log, such as {sorted(missing)[:3]}")
        expect(len(set(leaves)) == len(leaves), "a leaf holds two events")
        last = self.take_checkpoint(stub, metadata)
        status = stub.GetLogStatus(ingest.GetLogStatusRequest(), metadata=metadata, timeout=10)
        expect(not leaves or max(leaves) < status.log_size, "a leaf is beyond the log")
        for old in self.checkpoints:
            self._check_prefix(stub, metadata, old, last)
        return len(found)

    def _read_back(self, stub, metadata):
        ids, found, leaves, probes = list(self.events), set(), [], []
        for start in range(0, len(ids), 1000):
            got = stub.BatchGetEvents(ingest.BatchGetEventsRequest(source=SOURCE, ids=ids[start:start + 1000]),
                                      metadata=metadata, timeout=30)
            for stored in got.events:
                id, leaf = stored.event.id, stored.receipt.leaf
                expect(stored.event == self.events[id], f"{id} came back as {stored.event}")
                expect(self.leaves.get(id, leaf) == leaf, f"{id} was acknowledged at {self.leaves.get(id)}, is at {leaf}")
                found.add(id)
                leaves.append(leaf)
            probes += got.events[:2]
        last = self.take_checkpoint(stub, metadata) if probes else None
        for stored in probes:
            if last is None or stored.receipt.leaf >= last.log_size:
                continue
            proof = stub.GetInclusionProof(
                ingest.GetInclusionProofRequest(leaf=stored.receipt.leaf, tree_size=last.log_size), metadata=metadata,
                timeout=10)
            expect(inclusion_root(stored.receipt.leaf, last.log_size, stored.receipt.leaf_hash, proof.path)
                   == last.root_hash, f"{stored.event.id} is not in the tree of the last checkpoint")
        return found, leaves

    def _check_prefix(self, stub, metadata, old, last):
        expect(last is not None and old.log_size <= last.log_size, f"the checkpoint went back from {old.log_size}")
        proof = stub.GetConsistencyProof(
            ingest.GetConsistencyProofRequest(old_size=old.log_size, new_size=last.log_size), metadata=metadata, timeout=10)
        expect(is_prefix(old.log_size, old.root_hash, last.log_size, last.root_hash, proof.path),
               f"the checkpoint of {old.log_size} leaves is no prefix of that of {last.log_size}")


def check_files(folder):
    """`tidemark-ingest --check` on a log that nobody owns: every leaf derived anew, no identity twice, the checkpoint's
    signature. Returns the number of events in the log."""
    done = subprocess.run([f"{BIN}/tidemark-ingest", "--check", f"--data={folder}"], capture_output=True, text=True,
                          timeout=120)
    expect(done.returncode == 0, f"--check says: {done.stdout}{done.stderr}")
    return int(re.search(r"^events +(\d+)$", done.stdout, re.MULTILINE)[1])
