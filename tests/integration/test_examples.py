"""The examples of every language run as their README says, against a running stack."""

import glob
import os
import subprocess
import sys
import unittest

from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from stack import ROOT, SAMPLE, Stack


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
        cls.stack.cli("apply", "-f", os.path.join(ROOT, "clients", "examples.yaml"), "--yes")
        # As README.md says: one token that may send and ask.
        cls.token_of_examples = cls.stack.cli(
            "token", "issue", "examples", "--principal", "examples", "--role", "producer", "--role", "analyst",
            "--source", "sources/examples").stdout.strip()

    def run_example(self, *command):
        go = os.environ["TIDEMARK_GO"]
        done = subprocess.run(command, env={
            **self.stack.environment(), "TIDEMARK_TOKEN": self.token_of_examples,
            "GO111MODULE": "off", "GOPATH": f"{go}:/usr/share/gocode", "GOCACHE": f"{go}/cache"},
            capture_output=True, text=True, timeout=200)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_each_language_sends_and_asks_and_repeating_counts_once(self):
        languages = [
            [sys.executable, os.path.join(ROOT, "clients/python/examples/send_and_ask.py"), "examples", "products"],
            ["node", os.path.join(ROOT, "clients/node/examples/send_and_ask.mjs"), os.environ["TIDEMARK_CONTRACT"],
             "examples", "products"],
            ["go", "run", *sorted(glob.glob(os.path.join(ROOT, "clients/go/examples/*.go"))), "examples", "products"],
            ["java", "-cp", "{0}:{0}/lib/*".format(os.environ["TIDEMARK_JAVA"]),
             os.path.join(ROOT, "clients/java/examples/SendAndAsk.java"), "examples", "products"]]
        for position, command in enumerate(languages):
            first = self.run_example(*command)
            self.assertIn("accepted 2 of 2", first)
            want = f"purchases: {2 * (position + 1)}"
            self.assertIn(want, first)
            again = self.run_example(*command)
            self.assertIn("accepted 0 of 2", again)
            self.assertNotIn("CONFLICT", again)
            self.assertIn(want, again)

    def test_errors_are_read(self):
        for command in ([sys.executable, os.path.join(ROOT, "clients/python/examples/read_errors.py")],
                        ["node", os.path.join(ROOT, "clients/node/examples/read_errors.mjs"), os.environ["TIDEMARK_CONTRACT"]]):
            told = self.run_example(*command)
            self.assertRegex(told, r"(?m)^INVALID_ARGUMENT UNKNOWN_MEASURE: .*\n  query.measures\[0\].name: `netto`")
            self.assertRegex(told, r"(?m)^UNAVAILABLE BEHIND: .*\n  again in [0-9.]+ s$")

    def test_streaming_counts_once_as_well(self):
        command = [sys.executable, os.path.join(ROOT, "clients/python/examples/stream_events.py"), "examples", "products"]
        self.assertIn("accepted 2000, not accepted 0", self.run_example(*command))
        # The first verdicts, by request id, or duplicates: nothing is new.
        size = self.log_size()
        self.run_example(*command)
        self.assertEqual(self.log_size(), size)

    def test_many_questions_over_one_stream(self):
        self.run_example(sys.executable, os.path.join(ROOT, "clients/python/examples/send_and_ask.py"), "examples", "products")
        told = self.run_example(sys.executable, os.path.join(ROOT, "clients/python/examples/ask_many.py"), "examples", "2023").splitlines()
        self.assertEqual(len(told), 12)
        # The examples' events are of 2023-11-14.
        self.assertGreater(int(told[10].removeprefix("2023-11: ")), 0)
        self.assertEqual([line[-3:] for line in told[:10] + told[11:]], [": 0"] * 11)

    def log_size(self):
        return self.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=self.stack.metadata(), timeout=30).log_size

    def test_examples_are_short(self):
        for folder in ("python", "node", "go", "java"):
            examples = os.path.join(ROOT, "clients", folder, "examples")
            for name in os.listdir(examples):
                with open(os.path.join(examples, name), encoding="utf-8") as f:
                    self.assertLessEqual(len(f.readlines()), 40, name)


if __name__ == "__main__":
    unittest.main()
