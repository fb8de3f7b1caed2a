"""Every method of every service, with every role and without a token: allowed exactly where docs/access.md says so."""

import os
import re
import unittest

import grpc

import reflection
from tidemark.analytics.v1 import analytics_service_pb2
from tidemark.catalog.v1 import catalog_service_pb2, types_pb2
from tidemark.ingest.v1 import ingest_service_pb2
from tidemark.type.v1 import role_pb2

from stack import ROOT, SAMPLE, Stack, wait_until

SERVICES = ("ingest", "catalog", "analytics")
ROLES = [name for name, number in role_pb2.Role.items() if number]
# What a method may say to an empty request of a caller that it has let in.
LET_IN = {grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND,
          grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.OUT_OF_RANGE}


def documented_roles():
    """Method path -> set of role names, None where no token is needed; from the table in docs/access.md."""
    table = {}
    with open(os.path.join(ROOT, "docs", "access.md"), encoding="utf-8") as f:
        for line in f:
            found = re.match(r"\|\s*`([\w.]+/\w+)`\s*\|\s*([^|]*)\|", line)
            if found:
                words = set(re.findall(r"[a-z]+", found.group(2)))
                everybody = set(ROLES) if "any" in words else None if "open" in words else set()
                named = {r for r in ROLES if r.removeprefix("ROLE_").lower() in words}
                table["/" + found.group(1)] = everybody if everybody is None else everybody | named
    return table


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
        cls.stack.cli("apply", "-f", "-", "--yes", input="{name: organisations/tester, organisation: {kind: ENTERPRISE}}")
        cls.secret = {}
        for role in ROLES:
            cls.secret[role] = cls.issue("test-" + role.removeprefix("ROLE_").lower(), role)
        # Tokens travel to the others in order: who knows the last knows all.
        for ask in (cls.log_status, cls.fold_status):
            wait_until(lambda: ask(cls.secret[ROLES[-1]]) == grpc.StatusCode.OK)

    @classmethod
    def issue(cls, id, role):
        request = catalog_service_pb2.IssueTokenRequest(id=id, token=types_pb2.Token(
            principal="tester", roles=[role_pb2.Role.Value(role)], sources=["*"],
            acts_for="organisations/tester" if role == "ROLE_GRANTEE" else ""))
        return cls.stack.catalog().IssueToken(request, metadata=cls.stack.metadata()).secret

    @classmethod
    def code_of(cls, method, request, secret):
        try:
            method(request, metadata=cls.stack.metadata(secret), timeout=10)
            return grpc.StatusCode.OK
        except grpc.RpcError as error:
            return error.code()

    @classmethod
    def log_status(cls, secret):
        return cls.code_of(cls.stack.ingest().GetLogStatus, ingest_service_pb2.GetLogStatusRequest(), secret)

    @classmethod
    def fold_status(cls, secret):
        return cls.code_of(cls.stack.analytics().GetFoldStatus, analytics_service_pb2.GetFoldStatusRequest(), secret)

    def call(self, channel, path, method, metadata):
        """Status code and message of a call with an empty request; OK for a stream that says anything."""
        try:
            if method.server_streaming:
                stream = channel.unary_stream(path, bytes, bytes)(b"", metadata=metadata, timeout=30)
                next(iter(stream), None)
                stream.cancel()
            else:
                channel.unary_unary(path, bytes, bytes)(b"", metadata=metadata, timeout=30)
            return grpc.StatusCode.OK, ""
        except grpc.RpcError as error:
            return error.code(), error.details()

    def methods(self, channel):
        """All methods of the server that are ours, as it says itself."""
        found = {}
        for service in reflection.services(channel):
            if service.startswith("tidemark."):
                found.update(reflection.methods(channel, service))
        return found

    def check_role(self, channel, path, method, role, allowed):
        code, message = self.call(channel, path, method, self.stack.metadata(self.secret[role]))
        if not allowed:
            self.assertEqual(code, grpc.StatusCode.PERMISSION_DENIED, f"{path} {role}: {message}")
        else:
            self.assertIn(code, LET_IN, f"{path} {role}: {message}")

    def test_every_method_with_every_role_and_none(self):
        table = documented_roles()
        walked = set()
        for name in SERVICES:
            with self.stack.channel(name) as channel:
                for path, method in self.methods(channel).items():
                    walked.add(path)
                    self.assertIn(path, table)
                    for metadata in ([], [("authorization", "Bearer tm_" + "x" * 43)], [("authorization", "nonsense")]):
                        self.assertEqual(self.call(channel, path, method, metadata)[0],
                                         grpc.StatusCode.UNAUTHENTICATED, f"{path} {metadata}")
                    for role in ROLES:
                        self.check_role(channel, path, method, role, role in table[path])
        self.assertEqual(walked, {path for path, roles in table.items() if roles is not None})

    def test_nothing_else_is_served(self):
        open_services = {path.split("/")[1] for path, roles in documented_roles().items() if roles is None}
        self.assertEqual(open_services, {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"})
        for name in SERVICES:
            with self.stack.channel(name) as channel:
                others = {s for s in reflection.services(channel) if not s.startswith("tidemark.")}
                self.assertLessEqual(others, open_services)
                health = channel.unary_unary("/grpc.health.v1.Health/Check", bytes, bytes)(b"", timeout=30)
                self.assertIn(health, (b"\x08\x01", b"\x08\x02"), name)

    def test_revoked_token_stops_working(self):
        secret = self.issue("short-lived", "ROLE_ANALYST")
        for ask in (self.log_status, self.fold_status):
            wait_until(lambda: ask(secret) == grpc.StatusCode.OK)
        self.stack.catalog().DeleteResource(
            catalog_service_pb2.DeleteResourceRequest(name="tokens/short-lived"), metadata=self.stack.metadata())
        for ask in (self.log_status, self.fold_status):
            wait_until(lambda: ask(secret) == grpc.StatusCode.UNAUTHENTICATED)


if __name__ == "__main__":
    unittest.main()
