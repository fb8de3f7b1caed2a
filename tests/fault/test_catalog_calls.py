"""The catalog with a fault at each of its file system calls: every version that was acknowledged is read back byte for byte,
and there is none that nobody asked for."""

import os
import shutil
import unittest

import grpc

from tidemark.catalog.v1 import catalog_service_pb2 as catalog
from tidemark.catalog.v1 import catalog_service_pb2_grpc, resource_pb2, types_pb2

from campaign import Campaign
from faults import Faulty, check_end, listening, stop
from sent import CLEAR, expect, little_catalog, reason
from stack import Stack


def category(number, text):
    return resource_pb2.Resource(name=f"categories/c{number}", display_names={"en": text, "zh": "类别"},
                                 description=text * 40, category=types_pb2.Category())


class Steward:
    """Changes a catalog through faults and restarts, and knows what it was told."""

    def __init__(self, stack):
        self.stack, self.faulty = stack, Faulty(stack, "catalog")
        self.versions = {}  # version → [Change] as acknowledged
        self.sent = set()  # encoded states ever asked for
        self.errors = {}

    def live(self, requests, fault=None):
        self.faulty.start(fault)
        if listening(self.stack, "catalog"):
            with self.stack.channel("catalog") as channel:
                stub = catalog_service_pb2_grpc.CatalogServiceStub(channel)
                for request in requests:
                    self._apply(stub, request, fault)
                if fault is None:
                    self._check(stub)
        check_end(self.stack, "catalog", stop(self.stack, "catalog"), fault)

    def _call(self, method, request):
        try:
            return method(request, metadata=self.stack.metadata(), timeout=10), None
        except grpc.RpcError as error:
            name = " ".join(filter(None, (error.code().name, reason(error))))
            self.errors[name] = self.errors.get(name, 0) + 1
            expect(error.code() in CLEAR, f"a client was told {error.code().name}: {error.details()}")
            expect(error.details(), f"{error.code().name} without a message")
            return None, error

    def _apply(self, stub, request, fault):
        self.sent.update(state(resource) for resource in request.resources)
        answer, error = self._call(stub.ApplyResources, request)
        if error is not None and error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED:
            self.faulty.free_space()
            answer, error = self._call(stub.ApplyResources, request)
            expect(error is None, f"refused though there was space again: {error}")
        expect(error is None or fault is not None, f"refused without a fault: {error}")
        if answer is not None:
            changed = [change for change in answer.changes if change.version == answer.version]
            expect(self.versions.setdefault(answer.version, changed) == changed or not changed,
                   f"version {answer.version} was acknowledged twice")
            # What is acknowledged is there at once, for every reader.
            self._check_version(stub, answer.version)

    def _check_version(self, stub, version):
        for change in self.versions[version]:
            got, _ = self._call(stub.GetResource, catalog.GetResourceRequest(name=change.name, version=version))
            expect(got is None or got.resource.SerializeToString(deterministic=True)
                   == change.after.SerializeToString(deterministic=True),
                   f"{change.name} at version {version} is not what was acknowledged")
        return got is not None

    def _check(self, stub):
        for version in self.versions:
            if self.versions[version]:
                expect(self._check_version(stub, version), f"version {version} cannot be read")
        last, changes = 0, []
        for answer in stub.WatchResources(catalog.WatchResourcesRequest(), metadata=self.stack.metadata(), timeout=10):
            changes += answer.changes
            last = answer.version
            if answer.up_to_date:
                break
        expect(last >= max(self.versions, default=0), f"the newest version is {last}, {max(self.versions)} was acknowledged")
        expect({change.version for change in changes} | set(range(1, last + 1)) == set(range(1, last + 1)),
               "versions have gaps")
        for change in changes:
            if not change.name.startswith("tokens/"):
                expect(change.state in self.sent, f"version {change.version} holds a state of {change.name} nobody sent: "
                       f"{resource_pb2.Resource.FromString(change.state)}")


def state(resource):
    return resource.SerializeToString(deterministic=True)


class CatalogCalls(unittest.TestCase):
    def setUp(self):
        self.stack = Stack(redis=False)
        self.addCleanup(self.stack.__exit__)

    def test_first_start(self):
        self.campaign("test_first_start", None)

    def test_later_start(self):
        first = Steward(self.stack)
        first.live([little_catalog(), *(catalog.ApplyResourcesRequest(resources=[category(i, f"first {i}")])
                                        for i in range(5))])
        fresh = os.path.join(self.stack.folder, "catalog.fresh")
        # As a killed process leaves it: with what SQLite has not moved out of its journal yet.
        self.stack.start("catalog")
        with self.stack.channel("catalog") as channel:
            first._apply(catalog_service_pb2_grpc.CatalogServiceStub(channel),
                         catalog.ApplyResourcesRequest(resources=[category(9, "last")]), None)
        self.stack.kill("catalog")
        shutil.copytree(self.stack.data("catalog"), fresh)
        self.campaign("test_later_start", first)

    def campaign(self, name, first):
        def case(fault):
            shutil.rmtree(self.stack.data("catalog"), ignore_errors=True)
            steward = Steward(self.stack)
            if first is not None:
                shutil.copytree(os.path.join(self.stack.folder, "catalog.fresh"), self.stack.data("catalog"))
                steward.versions.update(first.versions)
                steward.sent |= first.sent
            try:
                steward.live([little_catalog(), *(catalog.ApplyResourcesRequest(
                    resources=[category(i % 2, f"change {i}"), category(10 + i, "new")]) for i in range(4))], fault)
                calls = steward.faulty.journal()
                steward.live([catalog.ApplyResourcesRequest(resources=[category(7, "after all")])])
                return calls, steward.errors
            finally:
                self.stack.kill("catalog")

        Campaign(f"catalog_calls.CatalogCalls.{name}", case, 18).run()


if __name__ == "__main__":
    unittest.main()
