"""The contract follows its rules, breaks nothing that has landed, and the checks can fail."""

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


def landed_golden(directory):
    """contract.binpb of the main branch as this clone knows it; None where it knows none."""
    for ref in ("origin/main", "main"):
        shown = subprocess.run(["git", "-C", ROOT, "show", f"{ref}:tests/compat/contract.binpb"],
                               capture_output=True, check=False)
        if shown.returncode == 0:
            path = pathlib.Path(directory, "landed.binpb")
            path.write_bytes(shown.stdout)
            return path
    return None


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
        self.assert_passes(contract("breaking", GOLDEN))
        landed = landed_golden(self.directory.name)
        if landed:
            self.assert_passes(contract("breaking", landed))

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


if __name__ == "__main__":
    unittest.main()
