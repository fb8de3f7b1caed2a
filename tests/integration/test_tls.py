"""Mutual TLS everywhere: services ask each other, and everybody else, for a certificate; made by openssl for the test."""

import os
import subprocess
import tempfile
import unittest

import grpc

from tidemark.analytics.v1 import analytics_service_pb2 as analytics
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from stack import SAMPLE, Stack


class Authority:
    """Signs certificates for 127.0.0.1; each is a pair of PEM files."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", f"/CN={name}", "-keyout", self.path("ca.key"), "-out", self.path("ca.pem"))

    def path(self, name):
        return os.path.join(self.folder, f"{self.name}-{name}")

    def run(self, *arguments, **more):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, **more)

    def sign(self, name):
        certificate, key, request = (self.path(f"{name}.{kind}") for kind in ("pem", "key", "csr"))
        self.run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                 "-keyout", key, "-out", request)
        self.run("x509", "-req", "-in", request, "-CA", self.path("ca.pem"), "-CAkey", self.path("ca.key"),
                 "-CAcreateserial", "-days", "2", "-extfile", "/dev/stdin", "-out", certificate,
                 input=b"subjectAltName=IP:127.0.0.1")
        return certificate, key


def read(path):
    with open(path, "rb") as f:
        return f.read()


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.authority = Authority(folder.name, "ours")
        cls.ca = cls.authority.path("ca.pem")
        cls.stranger = Authority(folder.name, "theirs").sign("stranger")
        cls.person = cls.authority.sign("person")
        cls.flags = {}
        for name, called in (("catalog", ()), ("ingest", ("catalog",)), ("front1", ("catalog", "store")),
                             ("analytics", ("catalog", "ingest"))):
            certificate, key = cls.authority.sign(name)
            cls.flags[name] = [f"--tls_certificate_file={certificate}", f"--tls_key_file={key}",
                               f"--tls_client_ca_file={cls.ca}"]
            if called:
                cls.flags[name] += [f"--client_certificate_file={certificate}", f"--client_key_file={key}"]
            cls.flags[name] += [f"--{other}_ca_file={cls.ca}" for other in called]
        cls.stack = Stack(extra=cls.flags, fronts=1, credentials=cls.credentials(*cls.person)).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.variables = {"TIDEMARK_TLS_CA": cls.ca, "TIDEMARK_TLS_CERTIFICATE": cls.person[0],
                               "TIDEMARK_TLS_KEY": cls.person[1]}
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")

    @classmethod
    def credentials(cls, certificate=None, key=None):
        return grpc.ssl_channel_credentials(read(cls.ca), key and read(key), certificate and read(certificate))

    def test_services_reach_each_other_and_the_cli_reaches_them(self):
        self.stack.cli("import", os.path.join(SAMPLE, "online_retail.csv.gz"), "--mapping",
                       os.path.join(SAMPLE, "mapping.yaml"), "--limit", "100")
        self.stack.cli("query", "events", "--min-log-size", "latest")
        log = self.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=self.stack.metadata(), timeout=10)
        self.assertTrue(log.catalog_reachable)
        fold = self.stack.analytics().GetFoldStatus(analytics.GetFoldStatusRequest(), metadata=self.stack.metadata(),
                                                    timeout=10)
        self.assertTrue(fold.log_reachable)
        self.assertTrue(fold.catalog_reachable)

    def test_a_front_reaches_the_owner_of_the_log(self):
        self.stack.variables["TIDEMARK_INGEST"] = self.stack.address("front1")
        self.addCleanup(self.stack.variables.pop, "TIDEMARK_INGEST")
        self.stack.cli("import", os.path.join(SAMPLE, "online_retail.csv.gz"), "--mapping",
                       os.path.join(SAMPLE, "mapping.yaml"), "--limit", "200")
        self.stack.cli("query", "events", "--min-log-size", "latest")
        status = [self.stack.ingest(name).GetLogStatus(ingest.GetLogStatusRequest(), metadata=self.stack.metadata(), timeout=10)
                  for name in ("ingest", "front1")]
        self.assertEqual(status[0].log_id, status[1].log_id)

    def test_the_health_probe_needs_only_the_servers_own_files(self):
        for name in ("catalog", "ingest", "front1", "analytics"):
            program = f"{os.environ['TIDEMARK_BIN']}/tidemark-{'ingest' if name == 'front1' else name}"
            probe = f"--health_probe={self.stack.address(name)}"
            # With a certificate and a key; the CA is for others.
            subprocess.run([program, probe, *self.flags[name][:2]], check=True, timeout=30)
            refused = subprocess.run([program, probe], capture_output=True, text=True, timeout=30)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("does not answer", refused.stderr)

    def test_who_has_no_certificate_of_ours_is_turned_away(self):
        for name in ("catalog", "ingest", "front1", "analytics"):
            for pair in ((None, None), self.stranger):
                with grpc.secure_channel(self.stack.address(name), self.credentials(*pair)) as channel:
                    with self.assertRaises(grpc.RpcError) as refused:
                        channel.unary_unary("/grpc.health.v1.Health/Check", bytes, bytes)(b"", timeout=10)
                self.assertEqual(refused.exception.code(), grpc.StatusCode.UNAVAILABLE)
        whole = self.stack.variables
        self.stack.variables = {"TIDEMARK_TLS_CA": self.ca}
        try:
            self.assertNotEqual(self.stack.cli("get", "regions/gb", check=False).returncode, 0)
        finally:
            self.stack.variables = whole
        self.stack.cli("get", "regions/gb")

    def test_half_a_setting_is_refused(self):
        certificate, key = self.person
        token = f"--service_token_file={os.path.join(self.stack.data('catalog'), 'service.token')}"
        for flags in ([f"--client_certificate_file={certificate}", f"--client_key_file={key}"],
                      [f"--catalog_ca_file={self.ca}", f"--client_certificate_file={certificate}"]):
            for service in ("ingest", "analytics"):
                with tempfile.TemporaryDirectory() as data:
                    done = subprocess.run([f"{os.environ['TIDEMARK_BIN']}/tidemark-{service}", "--listen=127.0.0.1:0",
                                           f"--data={data}", token, *flags], capture_output=True, text=True, timeout=30)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("cannot start", done.stderr)
                self.assertIn("want", done.stderr)


if __name__ == "__main__":
    unittest.main()
