"""The contract follows its rules, breaks nothing that has landed, and the checks can fail."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GOLDEN = HERE / "contract.binpb"


def contract(*args):
    return subprocess.run([HERE / "contract.sh", *map(str, args)], capture_output=True, text=True,
                          check=False)


class ContractTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def changed(self, pattern, replacement):
        """A copy of protos/ in which the first match, over all files, is replaced."""
        protos = pathlib.Path(self.directory.name, "protos")
        shutil.copytree(ROOT / "protos", protos)
        for file in sorted(protos.glob("tidemark/**/*.proto")):
            text, count = re.subn(pattern, replacement, file.read_text(encoding="utf-8"), count=1,
                                  flags=re.MULTILINE)
            if count:
                file.write_text(text, encoding="utf-8")
                return protos
        self.fail(f"nothing matches {pattern}")

    def assert_passes(self, result):
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_rules_are_kept(self):
        self.assert_passes(contract("lint"))

    def test_nothing_that_landed_is_broken(self):
        self.assert_passes(contract("landed"))

    def test_golden_is_up_to_date(self):
        out = pathlib.Path(self.directory.name, "now.binpb")
        self.assert_passes(contract("golden", out))
        self.assertTrue(out.read_bytes() == GOLDEN.read_bytes(),
                        "the contract grew; run tests/compat/contract.sh update")

    def test_removed_field_is_noticed(self):
        protos = self.changed(r"^  (string|int64|uint64|bytes|int32|uint32) \w+ = \d+;$", "")
        result = contract("breaking", GOLDEN, protos)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("was deleted", result.stdout)

    def test_renumbered_field_is_noticed(self):
        protos = self.changed(r"^(  (?:string|int64|uint64) \w+) = \d+;$", r"\1 = 999;")
        self.assertNotEqual(contract("breaking", GOLDEN, protos).returncode, 0)

    def test_added_field_is_no_break(self):
        protos = self.changed(r"^(message \w+ \{)$", r"\1\n  // New.\n  string brand_new = 1999;")
        self.assert_passes(contract("breaking", GOLDEN, protos))
        self.assert_passes(contract("lint", protos))

    def test_undocumented_field_is_noticed(self):
        protos = self.changed(r"^(message \w+ \{)$", r"\1\n  string brand_new = 1999;\n")
        result = contract("lint", protos)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("brand_new", result.stdout)


class PromiseTest(unittest.TestCase):
    """contract.sh in a repository of its own, where promises can be made and broken."""

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.root = pathlib.Path(self.directory.name)
        self.compat = self.root / "tests" / "compat"
        self.compat.mkdir(parents=True)
        shutil.copy(HERE / "contract.sh", self.compat)
        shutil.copytree(ROOT / "protos", self.root / "protos")
        (self.root / "tests" / "tools").symlink_to(ROOT / "tests" / "tools")
        self.git("init", "--quiet")

    def git(self, *args):
        # Whatever repository or configuration the tests themselves run in.
        environment = {"PATH": os.environ["PATH"], "HOME": self.directory.name, "GIT_CONFIG_NOSYSTEM": "1"}
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *args], cwd=self.root,
                       env=environment, check=True, capture_output=True)

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "x")

    def run_it(self, *args):
        return subprocess.run([self.compat / "contract.sh", *args], capture_output=True, text=True, check=False)

    def passes(self, *args):
        done = self.run_it(*args)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def fails(self, *args):
        done = self.run_it(*args)
        self.assertNotEqual(done.returncode, 0)
        return done.stdout + done.stderr

    def edit(self, pattern, replacement):
        file = self.root / "protos" / "tidemark" / "ingest" / "v1" / "ingest_service.proto"
        text, count = re.subn(pattern, replacement, file.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
        self.assertEqual(count, 1)
        file.write_text(text, encoding="utf-8")

    def break_it(self):
        self.edit(r"^  (string|int64|uint64|bytes) \w+ = \d+;$", "")

    def grow_it(self):
        self.edit(r"^(message \w+ \{)$", r"\1\n  // New.\n  string brand_new = 1999;")

    def test_nothing_promised_is_no_pass(self):
        self.passes("update")
        self.commit()
        self.assertIn("nothing is promised", self.fails("landed"))
        shutil.rmtree(self.root / ".git")
        self.assertIn("nothing is promised", self.fails("landed"))

    def test_before_the_promise_everything_may_change(self):
        self.passes("update")
        self.break_it()
        self.passes("update")
        self.passes("freeze")
        self.passes("landed")

    def test_a_promise_holds_whatever_becomes_of_its_files(self):
        self.passes("freeze")
        self.commit()
        self.grow_it()
        self.passes("update")
        self.passes("freeze")
        self.passes("landed")
        self.commit()
        self.break_it()
        for attempt in ("landed", "update", "freeze"):
            self.assertIn("breaks a promise", self.fails(attempt))
        for name in ("contract.binpb", "landed.binpb"):
            (self.compat / name).unlink()
        for attempt in ("landed", "update", "freeze"):
            self.assertIn("breaks a promise", self.fails(attempt))
        self.commit()
        self.assertIn("breaks a promise", self.fails("landed"))
        self.passes("golden", self.compat / "landed.binpb")
        self.commit()
        self.assertIn("breaks a promise", self.fails("landed"))

    def test_without_git_the_file_is_the_promise(self):
        self.passes("freeze")
        shutil.rmtree(self.root / ".git")
        self.passes("landed")
        self.break_it()
        self.assertIn("breaks a promise", self.fails("landed"))


if __name__ == "__main__":
    unittest.main()
