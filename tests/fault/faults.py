"""A service of a Stack with the preloaded library in it (preload/plan.h), and what it did, call by call.

    faulty = Faulty(stack, "ingest")
    faulty.start(Fault("eio", 12)); ...; stack.kill("ingest")
    faulty.journal()  # [Call(...)]
"""

import dataclasses
import os
import signal
import socket
import time

PRELOAD = os.environ.get("TIDEMARK_FAULT_PRELOAD") or os.path.join(
    os.environ["TIDEMARK_BIN"], "..", "test", "libtidemark_fault_preload.so")

WRITES = {"write", "pwrite"}
WANT_SPACE = WRITES | {"create", "fsync", "fdatasync", "rename", "mkdir"}
# How the system and SQLite tell of them.
ERROR_TEXTS = {"eio": ("Input/output error", "check that the disk works", "check the disk"),
               "full": ("No space left on device", "database or disk is full", "has space left")}
ACTIONS = ("eio", "full", "short", "kill", "torn", "power")


@dataclasses.dataclass(frozen=True)
class Fault:
    action: str
    at: int

    @classmethod
    def parse(cls, text):
        action, _, at = text.partition("@")
        return cls(action, int(at))

    def __str__(self):
        return f"{self.action}@{self.at}"

    @property
    def kills(self):
        return self.action in ("kill", "torn", "power")

    def fits(self, call):
        """Whether it does to this call something that another action does not do already."""
        if self.action in ("short", "torn"):
            return call.name in WRITES and call.bytes > 1
        return call.name in WANT_SPACE if self.action == "full" else True


@dataclasses.dataclass(frozen=True)
class Call:
    """A line of the journal (preload/journal.h)."""

    entered: int
    left: int
    number: int
    name: str
    result: int
    fault: str
    offset: int
    bytes: int
    object: str

    @classmethod
    def parse(cls, line):
        f = line.rstrip("\n").split("\t", 8)
        return cls(int(f[0]), int(f[1]), int(f[2]), f[3], int(f[4]), f[5], int(f[6]), int(f[7]), f[8])


class Faulty:
    """`variables`: more environment of the service, such as TIDEMARK_CLOCK_FILE (preload/clock_calls.cc)."""

    def __init__(self, stack, name, variables=None):
        self.stack, self.name, self.variables = stack, name, variables or {}
        self._journal = os.path.join(stack.folder, name + ".journal")
        self._lift = os.path.join(stack.folder, name + ".lift")

    def start(self, fault=None, **more):
        """Starts without waiting. `more`: further variables of the library, such as SENDS."""
        for path in (self._journal, self._lift):
            if os.path.exists(path):
                os.remove(path)
        self.stack.service_variables[self.name] = {
            **self.environment(), **({"TIDEMARK_FAULT": str(fault)} if fault else {}),
            **{"TIDEMARK_FAULT_" + key: str(value) for key, value in more.items()}}
        try:
            self.stack.start(self.name, wait=False)
        finally:
            del self.stack.service_variables[self.name]

    def environment(self):
        return {"LD_PRELOAD": os.path.abspath(PRELOAD), "TIDEMARK_FAULT_DIR": self.stack.data(self.name),
                "TIDEMARK_FAULT_JOURNAL": self._journal, "TIDEMARK_FAULT_LIFT": self._lift, **self.variables}

    def free_space(self):
        """Ends `full`."""
        with open(self._lift, "w"):
            pass

    def journal(self):
        """The calls in the order in which they were begun."""
        if not os.path.exists(self._journal):
            return []
        with open(self._journal) as f:
            return sorted((Call.parse(line) for line in f), key=lambda call: call.entered)


def alive(stack, name):
    process = stack.processes.get(name)
    return process is not None and process.poll() is None


def listening(stack, name, seconds=30):
    """Waits until the service takes connections; False when it has ended instead. Channels are made after that: one
    that was refused once may take seconds to notice that it has a connection while no call waits for it."""
    def connects():
        try:
            socket.create_connection(("127.0.0.1", stack.port[name]), timeout=1).close()
            return True
        except OSError:
            return not alive(stack, name)
    until(connects, seconds, pause=0.005)
    return alive(stack, name)


def stop(stack, name, seconds=30):
    """Stops a service as an operator does, if it still runs; returns its exit code, -9 after SIGKILL."""
    process = stack.processes[name]
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=seconds)
    return stack.kill(name)


def check_end(stack, name, code, fault):
    """Fails when a service ended otherwise than it may: 0 at its stop; killed when the fault kills; 1 with a message that
    says why when it could not start. Never by crashing."""
    if code == 0:
        return
    if fault is not None and fault.kills:
        assert code == -signal.SIGKILL, f"{name} ended with {code} instead of being killed"
        return
    log = stack.log(name)
    assert code == 1 and "cannot start" in log, f"{name} ended with {code}:\n{log[-3000:]}"
    why = log[log.rindex("cannot start"):]
    assert fault is not None, f"{name} does not start though no fault is left:\n{why[-3000:]}"
    assert any(text in why for text in ERROR_TEXTS.get(fault.action, ())), \
        f"{name} ended without saying why:\n{why[-3000:]}"


def until(what, seconds=30, pause=0.01):
    """Calls `what` until it returns something true; returns that."""
    deadline = time.monotonic() + seconds
    while True:
        got = what()
        if got:
            return got
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(pause)
