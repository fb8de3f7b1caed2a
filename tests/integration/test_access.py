"""Every method of every service, with every role and without a token: allowed exactly where docs/access.md says so."""

import os
import re
import unittest

import grpc

from tidemark.analytics.v1 import analytics_service_pb2
from tidemark.catalog.v1 import catalog_service_pb2, types_pb2
from tidemark.ingest.v1 import ingest_service_pb2
from tidemark.type.v1 import role_pb2

from stack import ROOT, Stack

SERVICES = {
    "ingest": ingest_service_pb2.DESCRIPTOR.services_by_name["IngestService"],
    "catalog": catalog_service_pb2.DESCRIPTOR.services_by_name["CatalogService"],
    "analytics": analytics_service_pb2.DESCRIPTOR.services_by_name["AnalyticsService"],
}
ROLES = [name for name, number in role_pb2.Role.items() if number]


def documented_roles():
    """Method path -> set of role names, from the table in docs/access.md."""
    table = {}
    with open(os.path.join(ROOT, "docs", "access.md"), encoding="utf-8") as f:
        for line in f:
            found = re.match(r"\|\s*`?/?(tidemark\.\w+\.v1\.\w+/\w+)`?\s*\|\s*([^|]*)\|", line)
            if found:
                words = set(re.findall(r"[a-z]+", found.group(2)))
                table["/" + found.group(1)] = (
                    set(ROLES) if "any" in words else {r for r in ROLES if r.removeprefix("ROLE_").lower() in words})
    return table


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.secret = {}
        for role in ROLES:
            request = catalog_service_pb2.IssueTokenRequest(
                id="test-" + role.removeprefix("ROLE_").lower(),
                token=types_pb2.Token(principal="tester", roles=[role_pb2.Role.Value(role)], sources=["*"]))
            cls.secret[role] = cls.stack.catalog().IssueToken(request, metadata=cls.stack.metadata()).secret

    def call(self, channel, path, method, metadata):
        """Status code of a call with an empty request; OK for a stream that stays open or says anything."""
        try:
            if method.server_streaming:
                stream = channel.unary_stream(path, bytes, bytes)(b"", metadata=metadata, timeout=3)
                next(iter(stream), None)
                stream.cancel()
            else:
                channel.unary_unary(path, bytes, bytes)(b"", metadata=metadata, timeout=10)
            return grpc.StatusCode.OK
        except grpc.RpcError as error:
            return error.code()

    def test_every_method_with_every_role_and_none(self):
        table = documented_roles()
        walked = 0
        for name, service in SERVICES.items():
            with self.stack.channel(name) as channel:
                for method in service.methods:
                    path = f"/{service.full_name}/{method.name}"
                    self.assertIn(path, table)
                    for metadata in ([], [("authorization", "Bearer tm_" + "x" * 43)], [("authorization", "nonsense")]):
                        self.assertEqual(self.call(channel, path, method, metadata),
                                         grpc.StatusCode.UNAUTHENTICATED, f"{path} {metadata}")
                    for role in ROLES:
                        code = self.call(channel, path, method, self.stack.metadata(self.secret[role]))
                        self.assertNotEqual(code, grpc.StatusCode.UNAUTHENTICATED, f"{path} {role}")
                        denied = code == grpc.StatusCode.PERMISSION_DENIED
                        self.assertEqual(denied, role not in table[path], f"{path} {role} gave {code}")
                        walked += 1
        self.assertEqual(walked, len(table) * len(ROLES))

    def test_server_reflection_shows_no_service_outside_the_table(self):
        known = {service.full_name for service in SERVICES.values()}
        for name in SERVICES:
            with self.stack.channel(name) as channel:
                call = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", bytes, bytes)
                answer = next(iter(call(iter([b"\x3a\x00"]), metadata=self.stack.metadata(), timeout=10)))
            shown = set(re.findall(r"tidemark\.[a-z]+\.v1\.[A-Za-z]+", answer.decode("latin-1")))
            self.assertTrue(shown)
            self.assertLessEqual(shown, known)

    def test_revoked_token_stops_working_within_a_second(self):
        import time
        request = catalog_service_pb2.IssueTokenRequest(
            id="short-lived", token=types_pb2.Token(principal="tester", roles=[role_pb2.ROLE_ANALYST]))
        secret = self.stack.catalog().IssueToken(request, metadata=self.stack.metadata()).secret
        ask = lambda: self.stack.analytics().GetFoldStatus(
            analytics_service_pb2.GetFoldStatusRequest(), metadata=self.stack.metadata(secret), timeout=5)
        deadline = time.monotonic() + 5
        while True:  # the new token reaches analytics by Watch
            try:
                ask()
                break
            except grpc.RpcError:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
        self.stack.catalog().DeleteResource(
            catalog_service_pb2.DeleteResourceRequest(name="tokens/short-lived"), metadata=self.stack.metadata())
        time.sleep(1)
        with self.assertRaises(grpc.RpcError) as refused:
            ask()
        self.assertEqual(refused.exception.code(), grpc.StatusCode.UNAUTHENTICATED)


if __name__ == "__main__":
    unittest.main()
