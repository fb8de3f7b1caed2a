"""A folder has one owner: a second process on it stops with a message that says what to do, and the first goes on. A killed
owner is none."""

import signal
import subprocess
import unittest

from sent import apply_little_catalog
from stack import Stack


class SecondOwner(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        apply_little_catalog(cls.stack)

    def second(self, name):
        command = self.stack._command(name)
        command[1] = "--listen=127.0.0.1:0"
        return subprocess.run(command, capture_output=True, text=True, timeout=30)

    def check(self, name):
        owner = self.stack.processes[name]
        second = self.second(name)
        self.assertEqual(second.returncode, 1, second.stderr)
        for part in (self.stack.data(name) + "/LOCK is in use by", f"tidemark-{name}, process {owner.pid}",
                     "stop it first", "--data", "folder"):
            self.assertIn(part, second.stderr)
        self.assertIsNone(owner.poll(), f"the first {name} ended")
        self.assertTrue(self.stack._is_ready(name), f"the first {name} does not serve any more")
        # The name that a killed owner leaves in the file holds nobody up.
        self.stack.restart(name, signal.SIGKILL)

    def test_catalog(self):
        self.check("catalog")

    def test_ingest(self):
        self.check("ingest")

    def test_analytics(self):
        self.check("analytics")

    def test_check_does_not_read_below_an_owner(self):
        command = [self.stack._command("ingest")[0], "--check", f"--data={self.stack.data('ingest')}"]
        checked = subprocess.run(command, capture_output=True, text=True, timeout=30)
        self.assertNotEqual(checked.returncode, 0)
        self.assertIn("in use by tidemark-ingest", checked.stderr)
        self.assertIn("stop it first", checked.stderr)


if __name__ == "__main__":
    unittest.main()
