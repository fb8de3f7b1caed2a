"""The preloaded library sees every call that changes files which the kernel sees (by strace): a call that it does not know
would never fail in any test."""

import collections
import os
import re
import signal
import subprocess
import unittest

from tidemark.ingest.v1 import ingest_service_pb2_grpc

from answers import ask, query
from faults import Faulty, listening, until
from sent import Sent, apply_little_catalog, event
from stack import Stack

# The kernel's calls, all that can change a file or its name, and what the library calls them.
CALLS = {
    "open": "open", "openat": "open", "openat2": "open", "creat": "open", "mkdir": "mkdir", "mkdirat": "mkdir",
    "write": "write", "writev": "write", "pwrite64": "write", "pwritev": "write", "pwritev2": "write",
    "fsync": "sync", "fdatasync": "sync", "sync_file_range": "sync", "msync": "sync", "rename": "rename",
    "renameat": "rename", "renameat2": "rename", "ftruncate": "truncate", "truncate": "truncate", "fallocate": "allocate",
    "unlink": "remove", "unlinkat": "remove", "rmdir": "remove", "link": "link", "linkat": "link", "symlink": "link",
    "copy_file_range": "copy", "sendfile": "copy",
}
OURS = {"open": "open", "create": "open", "opendir": "open", "mkdir": "mkdir", "write": "write", "pwrite": "write",
        "fsync": "sync", "fdatasync": "sync", "rename": "rename", "ftruncate": "truncate", "unlink": "remove",
        "remove": "remove"}


class Traced(Faulty):
    def run(self, work):
        """Starts under strace, works, stops; returns how often each call was seen by the kernel and by the library."""
        stack, log = self.stack, os.path.join(self.stack.folder, self.name + ".strace")
        variables = [part for key, value in self.environment().items() for part in ("-E", f"{key}={value}")]
        process = subprocess.Popen(["strace", "-f", "-y", "-s", "0", "-o", log, "-e", "trace=" + ",".join(CALLS), *variables,
                                    *stack._command(self.name)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.processes[self.name] = process
        try:
            assert listening(stack, self.name, 60), "strace could not start the service; is ptrace allowed here?"
            work()
        finally:
            # Not strace itself, which would leave its child behind.
            with open(f"/proc/{process.pid}/task/{process.pid}/children") as f:
                for child in f.read().split():
                    os.kill(int(child), signal.SIGTERM)
            process.wait(timeout=60)
            stack.processes.pop(self.name)
        kernel, below = collections.Counter(), re.compile(re.escape(stack.data(self.name)) + r'[/">]')
        with open(log, errors="replace") as f:
            for line in f:
                call = re.match(r"\d+ +(\w+)\(", line)
                if call and below.search(line):
                    kernel[CALLS[call[1]]] += 1
        ours = collections.Counter(OURS[call.name] for call in self.journal() if call.name in OURS)
        return dict(kernel), dict(ours)


class Preload(unittest.TestCase):
    def test_sees_what_the_kernel_sees(self):
        stack = Stack(redis=False, extra={"analytics": ["--run_records=100"]})
        self.addCleanup(stack.__exit__)
        sent = Sent()

        def apply():
            apply_little_catalog(stack)

        def submit():
            with stack.channel("ingest") as channel:
                stub = ingest_service_pb2_grpc.IngestServiceStub(channel)
                for start in range(0, 600, 200):
                    until(lambda: sent.submit(stub, stack.metadata(), [event(i) for i in range(start, start + 200)]) is None)
                sent.take_checkpoint(stub, stack.metadata())

        def fold():
            until(lambda: stack._is_ready("analytics"))
            until(lambda: ask(stack, query(["events"]), min_log_size=600)[0])

        for name, work in (("catalog", apply), ("ingest", submit), ("analytics", fold)):
            kernel, ours = Traced(stack, name).run(work)
            print(f"{name}: {ours}", flush=True)
            self.assertEqual(ours, kernel, name)
            self.assertGreater(ours["write"], 2)
            stack.start(name)


if __name__ == "__main__":
    unittest.main()
