"""The stack of tests/integration, with what measuring needs beside it: memory peaks, bytes on disk, timed starts."""

import os
import threading
import time

from tidemark.analytics.v1 import analytics_service_pb2 as analytics
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from stack import Stack

SERVICES = ("ingest", "analytics", "catalog", "redis")


def disk_bytes(folder):
    """Bytes that files take on disk (blocks, not lengths)."""
    total = 0
    for parent, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(parent, name)).st_blocks * 512
            except FileNotFoundError:  # merged away meanwhile
                pass
    return total


def memory_of(pid):
    """(peak resident, resident now without file pages) in bytes; zeros once the process is gone."""
    fields = {}
    try:
        with open(f"/proc/{pid}/status") as f:
            for line in f:
                name, _, rest = line.partition(":")
                if name in ("VmHWM", "RssAnon"):
                    fields[name] = int(rest.split()[0]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return fields.get("VmHWM", 0), fields.get("RssAnon", 0)


def cpu_seconds(pid):
    """Processor time of a process so far."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (FileNotFoundError, ProcessLookupError):
        return 0


class BenchStack(Stack):
    """`set_up(stack)` fills the catalog, and its result becomes `codes`: ingest takes events only once there is one."""

    def __init__(self, set_up):
        super().__init__()
        self.set_up, self.codes = set_up, None

    def __enter__(self):
        try:
            self.start("redis")
            self.start("catalog")
            self.start("ingest", wait=False)
            self.ingest_stub, self.analytics_stub = self.ingest(), self.analytics()
            self.codes = self.set_up(self)
            self.wait_ready("ingest")
            self.start("analytics")
        except BaseException:
            self.__exit__()
            raise
        return self

    def log_status(self):
        return self.ingest_stub.GetLogStatus(ingest.GetLogStatusRequest(), metadata=self.metadata(), timeout=10)

    def fold_status(self):
        return self.analytics_stub.GetFoldStatus(analytics.GetFoldStatusRequest(), metadata=self.metadata(),
                                                 timeout=10)

    def start_and_wait(self, name, ready, seconds=300):
        """Starts a service; seconds until health is SERVING, and until ready() is true (asked every 5 ms)."""
        start = time.monotonic()
        self.start(name, wait=False)
        serving = None
        while True:
            now = time.monotonic() - start
            if now > seconds or self.processes[name].poll() is not None:
                raise RuntimeError(f"{name} does not serve after {now:.1f} s:\n{self.log(name)[-4000:]}")
            if serving is None and self._is_ready(name):
                serving = time.monotonic() - start
            if serving is not None and ready():
                return serving, time.monotonic() - start
            time.sleep(0.005)


class Watch(threading.Thread):
    """Samples durable log size, folded size and memory while something else runs."""

    def __init__(self, stack, interval=0.1):
        super().__init__(daemon=True)
        self.stack, self.interval, self.done = stack, interval, threading.Event()
        self.sizes = []  # (monotonic seconds, log size, folded size)
        self.peak = {}  # process -> peak resident bytes
        self.peak_anonymous = {}  # process -> peak of samples of resident bytes without file pages
        self.cpu = {}  # process -> processor seconds while watched
        self.cpu_before = {}
        self.others = {}  # name -> pid of further processes to watch

    def __enter__(self):
        self.sample()
        self.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.join()
        self.sample()

    def run(self):
        while not self.done.wait(self.interval):
            self.sample()

    def sample(self):
        pids = {name: self.stack.processes[name].pid for name in SERVICES if name in self.stack.processes}
        for name, pid in {**pids, **self.others}.items():
            peak, anonymous = memory_of(pid)
            self.peak[name] = max(peak, self.peak.get(name, 0))
            self.peak_anonymous[name] = max(anonymous, self.peak_anonymous.get(name, 0))
            used = cpu_seconds(pid)
            before = self.cpu_before.setdefault(name, used if name in SERVICES else 0)
            self.cpu[name] = max(used - before, self.cpu.get(name, 0))
        # The time is taken after the answer, so that no size counts as reached earlier than it was.
        log_size = self.stack.log_status().log_size
        now = time.monotonic()
        self.sizes.append((now, log_size, self.stack.fold_status().snapshot.log_size))

    def time_of(self, size):
        """When the durable log reached `size`, between two samples by proportion."""
        for (t0, s0, _), (t1, s1, _) in zip(self.sizes, self.sizes[1:]):
            if s0 < size <= s1:
                return t0 + (t1 - t0) * (size - s0) / (s1 - s0)
        raise ValueError(f"the log did not reach {size} while it was watched")

    def growth_start(self, first):
        """The last sample before the log grew past `first`."""
        return max(t for t, s, _ in self.sizes if s <= first)
