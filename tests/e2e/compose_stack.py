"""deploy/compose.yaml on a real engine, in a project, with volumes, ports and images of its own.

    with ComposeStack() as stack:
        stack.scale("analytics", 3)
        stack.kill("tidemark-...-analytics-2")
        stack.cli("status")
"""

import json
import os
import signal
import subprocess
import time

import grpc

from stack import BIN, ROOT, free_ports
from tidemark.analytics.v1 import analytics_service_pb2_grpc
from tidemark.ingest.v1 import ingest_service_pb2_grpc

COMPOSE = os.path.join(ROOT, "deploy", "compose.yaml")
SERVICES = ("ingest", "catalog", "analytics")


def run(*command, env=None, check=True, timeout=600):
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=timeout)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done


class ComposeStack:
    def __init__(self):
        self.project = f"tidemark-e2e-{os.getpid()}"
        self.port = dict(zip(SERVICES, free_ports(len(SERVICES))))
        self.environment = {
            **os.environ, "TIDEMARK_BINARIES": "host", "TIDEMARK_TAG": "e2e", "DOCKER_BUILDKIT": "1",
            "COMPOSE_PROGRESS": "plain",
            **{f"TIDEMARK_{name.upper()}_PORT": str(port) for name, port in self.port.items()}}
        self.scales = {"ingest": 1, "analytics": 1}
        self.secret = None

    @staticmethod
    def remove_stale():
        """Stacks of runs that were killed: the engine starts their containers again and again."""
        listed = json.loads(run("docker", "compose", "ls", "--all", "--format", "json", "--filter", "name=tidemark-e2e-").stdout)
        for project in (entry["Name"] for entry in listed):
            if not os.path.exists(f"/proc/{project.rpartition('-')[2]}"):
                run("docker", "compose", "-p", project, "down", "--volumes", "--timeout", "1")

    def __enter__(self):
        try:
            self.remove_stale()
            self.compose("build")
            self.compose("up", "--wait")
            self.secret = self.compose("exec", "-T", "catalog", "cat", "/var/lib/tidemark/admin/admin.token").stdout.strip()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.compose("down", "--volumes", "--timeout", "5", check=False)

    def compose(self, *arguments, check=True, timeout=600):
        return run("docker", "compose", "-f", COMPOSE, "-p", self.project, *arguments, env=self.environment, check=check,
                   timeout=timeout)

    def scale(self, service, count):
        """Returns when every container of the service is healthy."""
        self.scales[service] = count
        scales = [f"--scale={name}={n}" for name, n in self.scales.items()]
        self.compose("up", "--wait", "--no-recreate", *scales)

    def upgrade(self, service):
        run(os.path.join(ROOT, "deploy", "upgrade.sh"), service, env={**self.environment, "COMPOSE_PROJECT_NAME": self.project})

    def containers(self, service=None):
        """Inspections of the project's containers, by name."""
        names = self.compose("ps", "--quiet", *([service] if service else [])).stdout.split()
        found = json.loads(run("docker", "inspect", *names).stdout) if names else []
        return {c["Name"].lstrip("/"): c for c in found}

    def inspect(self, name):
        return json.loads(run("docker", "inspect", name).stdout)[0]

    def kill(self, name):
        """SIGKILL to the process itself: the engine takes it for a crash and starts the container again."""
        before = self.inspect(name)
        os.kill(before["State"]["Pid"], signal.SIGKILL)
        return before["State"]["StartedAt"]

    def wait_recovered(self, name, started_at, seconds=60):
        """Until the container is another incarnation and healthy."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = self.inspect(name)["State"]
            if state["StartedAt"] != started_at and state.get("Health", {}).get("Status") == "healthy":
                return
            time.sleep(0.1)
        raise AssertionError(f"{name} is not healthy again after {seconds} s:\n{self.logs(name)}")

    def logs(self, name):
        done = run("docker", "logs", "--tail", "40", name, check=False)
        return done.stdout + done.stderr

    def all_logs(self):
        return "\n".join(f"--- {name}\n{self.logs(name)}" for name in self.containers())

    def cli_environment(self):
        return {**os.environ, "TIDEMARK_TOKEN": self.secret,
                **{f"TIDEMARK_{name.upper()}": self.address(name) for name in SERVICES}}

    def cli(self, *arguments, timeout=120):
        return run(f"{BIN}/tidemark", *arguments, env=self.cli_environment(), timeout=timeout)

    def cli_start(self, *arguments, **streams):
        return subprocess.Popen([f"{BIN}/tidemark", *arguments], env=self.cli_environment(), text=True, **streams)

    # As Stack of the integration tests, so that their helpers work.

    def address(self, name):
        return f"127.0.0.1:{self.port[name]}"

    def metadata(self, token=None):
        return [("authorization", f"Bearer {token or self.secret}")]

    def channel(self, name):
        return grpc.insecure_channel(self.address(name), options=[("grpc.max_receive_message_length", 64 << 20)])

    def analytics(self, name="analytics"):
        return analytics_service_pb2_grpc.AnalyticsServiceStub(self.channel(name))

    def ingest(self):
        return ingest_service_pb2_grpc.IngestServiceStub(self.channel("ingest"))
