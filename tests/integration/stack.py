"""A whole Tidemark on free loopback ports: real Redis, real services, real files, in a folder of its own.

    with Stack() as stack:
        stack.cli("apply", "-f", "catalog.yaml", "--yes")
        stack.kill("ingest"); stack.start("ingest")

Binaries come from $TIDEMARK_BIN, generated Python modules from PYTHONPATH (tests/integration/CMakeLists.txt sets both).
"""

import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import grpc

from tidemark.analytics.v1 import analytics_service_pb2, analytics_service_pb2_grpc
from tidemark.catalog.v1 import catalog_service_pb2, catalog_service_pb2_grpc
from tidemark.ingest.v1 import ingest_service_pb2, ingest_service_pb2_grpc

BIN = os.environ["TIDEMARK_BIN"]
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SAMPLE = os.path.join(ROOT, "deploy", "samples", "uk-online-retail")


# One file per port in use by a test of this machine, locked until its process ends.
_held = []


def _try_hold(port):
    folder = os.path.join(tempfile.gettempdir(), f"tidemark-test-ports-{os.getuid()}")
    os.makedirs(folder, exist_ok=True)
    lock = open(os.path.join(folder, str(port)), "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with socket.socket() as s:
            s.bind(("127.0.0.1", port))
    except OSError:
        lock.close()
        return False
    _held.append(lock)
    return True


def free_ports(count):
    """Ports that nobody takes until this process ends: another test may not because of the lock, and the kernel does not
    hand them to outgoing connections because they are outside its range for those."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as f:
        low, high = map(int, f.read().split())
    candidates = list(range(10000, min(low, 32768)) or range(high + 1, 65536))
    random.SystemRandom().shuffle(candidates)
    ports = []
    for port in candidates:
        if _try_hold(port):
            ports.append(port)
            if len(ports) == count:
                return ports
    raise RuntimeError("no free ports")


def wait_until(condition, seconds=60):
    """What the condition gave; calls that fail meanwhile are tried again."""
    deadline = time.monotonic() + seconds
    last = None
    while time.monotonic() < deadline:
        try:
            found = condition()
            if found:
                return found
        except grpc.RpcError as error:
            last = error
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s; last error: {last}")


class Stack:
    """Services by name: redis, catalog, ingest, analytics; analytics2 when `replicas` is 2, front1 and front2 when `fronts`
    of ingest is 2."""

    def __init__(self, replicas=1, redis=True, extra=None, data=None, credentials=None, fronts=0):
        self.folder = tempfile.mkdtemp(prefix="tidemark-test-")
        self.names = (["redis"] if redis else []) + ["catalog", "ingest"]
        self.names += [f"front{i}" for i in range(1, fronts + 1)] + ["analytics"]
        self.names += [f"analytics{i}" for i in range(2, replicas + 1)]
        self.port = dict(zip(self.names, free_ports(len(self.names))))
        self.extra = extra or {}
        self.own_data = data or {}  # data folders elsewhere, by name
        self.credentials = credentials  # of channels; None: no TLS
        self.variables = {}  # more environment of the CLI
        self.service_variables = {}  # more environment of a service, by name
        self.processes = {}

    def __enter__(self):
        try:
            for name in self.names:
                self.start(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in reversed(self.names):
            self.kill(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def address(self, name):
        return f"127.0.0.1:{self.port[name]}"

    def data(self, name):
        return self.own_data.get(name) or os.path.join(self.folder, name)

    def log(self, name):
        with open(os.path.join(self.folder, name + ".log"), errors="replace") as f:
            return f.read()

    def _command(self, name):
        listen = f"--listen={self.address(name)}"
        data = f"--data={self.data(name)}"
        redis = [f"--redis={self.address('redis')}"] if "redis" in self.names else []
        service_token = f"--service_token_file={os.path.join(self.data('catalog'), 'service.token')}"
        catalog = f"--catalog={self.address('catalog')}"
        if name == "redis":
            return ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port[name]), "--save", "",
                    "--dir", self.folder, "--enable-debug-command", "yes"]
        if name == "catalog":
            return [f"{BIN}/tidemark-catalog", listen, data, *redis]
        if name == "ingest":
            return [f"{BIN}/tidemark-ingest", listen, data, catalog, service_token, *redis]
        if name.startswith("front"):
            return [f"{BIN}/tidemark-ingest", listen, f"--store=grpc://{self.address('ingest')}", catalog, service_token,
                    *redis]
        return [f"{BIN}/tidemark-analytics", listen, data, catalog, f"--ingest={self.address('ingest')}",
                f"--replica={name}", service_token, *redis]

    def start(self, name, wait=True, extra=()):
        log = open(os.path.join(self.folder, name + ".log"), "a")
        self.processes[name] = subprocess.Popen(
            [*self._command(name), *self.extra.get(name, ()), *extra], stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, env={**os.environ, **self.service_variables.get(name, {})})
        log.close()
        if wait:
            self.wait_ready(name)

    def wait_ready(self, name, seconds=60):
        """Until the port answers and, for our services, health says SERVING."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.processes[name].poll() is not None:
                raise RuntimeError(f"{name} ended with {self.processes[name].returncode}:\n{self.log(name)[-4000:]}")
            if self._is_ready(name):
                return
            time.sleep(0.05)
        raise RuntimeError(f"{name} is not ready after {seconds} s:\n{self.log(name)[-4000:]}")

    def _is_ready(self, name):
        if name == "redis":
            try:
                with socket.create_connection(("127.0.0.1", self.port[name]), timeout=1) as s:
                    s.sendall(b"PING\r\n")
                    return s.recv(16).startswith(b"+PONG")
            except OSError:
                return False
        # As a whole ingest is only SERVING once the catalog has an observatory.
        return self._serves(name, b"tidemark.ingest.v1.IngestService" if name.startswith(("ingest", "front")) else b"")

    def _serves(self, name, service):
        # grpc.health.v1 by hand: a HealthCheckRequest with the service's name; SERVING answers the bytes 08 01.
        request = b"\x0a" + bytes([len(service)]) + service if service else b""
        try:
            with self.channel(name) as channel:
                check = channel.unary_unary("/grpc.health.v1.Health/Check", bytes, bytes)
                return check(request, timeout=1) == b"\x08\x01"
        except grpc.RpcError:
            return False

    def kill(self, name, sig=signal.SIGKILL):
        process = self.processes.pop(name, None)
        if process is not None:
            if process.poll() is None:
                process.send_signal(sig)
            process.wait(timeout=60)
            return process.returncode

    def restart(self, name, sig=signal.SIGKILL, extra=()):
        self.kill(name, sig)
        self.start(name, extra=extra)

    def rss_bytes(self, name):
        with open(f"/proc/{self.processes[name].pid}/status") as f:
            for line in f:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")

    def environment(self):
        return {**os.environ, "TIDEMARK_INGEST": self.address("ingest"), "TIDEMARK_CATALOG": self.address("catalog"),
                "TIDEMARK_ANALYTICS": self.address("analytics"), "TIDEMARK_DATA": self.folder, **self.variables}

    def cli(self, *arguments, check=True, input=None, timeout=300):
        """Runs the CLI; returns the finished process with stdout and stderr as text."""
        done = subprocess.run([f"{BIN}/tidemark", *arguments], env=self.environment(), capture_output=True, text=True,
                              input=input, timeout=timeout)
        if check and done.returncode != 0:
            raise RuntimeError(f"tidemark {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def apply(self, *arguments, input=None, seconds=60):
        """Applies resources; the catalog has an observatory then. Ingest, which follows the catalog, judges events by them."""
        self.cli("apply", *arguments, "--yes", input=input)
        request = catalog_service_pb2.ListResourcesRequest(collection="sources", page_size=1)
        self.wait_judged_by(self.catalog().ListResources(request, metadata=self.metadata(), timeout=60).version)
        self._wait_ingest(lambda: self._serves("ingest", b""), "takes no events", seconds)

    def wait_judged_by(self, version, seconds=60):
        """Until ingest judges events by this version of the catalog, or a later one."""
        status = lambda: self.ingest().GetLogStatus(ingest_service_pb2.GetLogStatusRequest(), metadata=self.metadata(), timeout=60)
        self._wait_ingest(lambda: status().catalog_version >= version, f"is not at version {version} of the catalog", seconds)

    def _wait_ingest(self, reached, complaint, seconds):
        deadline = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > deadline:
                raise RuntimeError(f"ingest {complaint} after {seconds} s:\n{self.log('ingest')[-4000:]}")
            time.sleep(0.02)

    def submit(self, events):
        """The log's size after the events, all of which must be accepted: the catalog is one that was waited for."""
        request = ingest_service_pb2.SubmitEventsRequest(events=events)
        verdict = self.ingest().SubmitEvents(request, metadata=self.metadata(), timeout=60).verdict
        if verdict.accepted != len(events):
            raise RuntimeError(f"not all of {len(events)} events were accepted: {verdict}")
        return verdict.first_leaf + verdict.accepted

    def cli_start(self, *arguments):
        return subprocess.Popen([f"{BIN}/tidemark", *arguments], env=self.environment(), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, stdin=subprocess.PIPE, text=True)

    def token(self, name="admin"):
        with open(os.path.join(self.data("catalog"), name + ".token")) as f:
            return f.read().strip()

    def metadata(self, token=None):
        return [("authorization", f"Bearer {token or self.token()}")]

    def issue_token(self, id, token, seconds=30):
        """The secret of a new token. Analytics, which follows the catalog, knows it by then."""
        request = catalog_service_pb2.IssueTokenRequest(id=id, token=token)
        secret = self.catalog().IssueToken(request, metadata=self.metadata(), timeout=60).secret
        stub = self.analytics()
        deadline = time.monotonic() + seconds
        while True:
            try:
                stub.GetFoldStatus(analytics_service_pb2.GetFoldStatusRequest(), metadata=self.metadata(secret), timeout=60)
                return secret
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.PERMISSION_DENIED:
                    return secret
                if error.code() != grpc.StatusCode.UNAUTHENTICATED or time.monotonic() > deadline:
                    raise
            time.sleep(0.02)

    def channel(self, name):
        options = [("grpc.max_receive_message_length", 64 << 20)]
        if self.credentials is None:
            return grpc.insecure_channel(self.address(name), options=options)
        return grpc.secure_channel(self.address(name), self.credentials, options=options)

    def ingest(self, name="ingest"):
        return ingest_service_pb2_grpc.IngestServiceStub(self.channel(name))

    def catalog(self):
        return catalog_service_pb2_grpc.CatalogServiceStub(self.channel("catalog"))

    def analytics(self, name="analytics"):
        return analytics_service_pb2_grpc.AnalyticsServiceStub(self.channel(name))
