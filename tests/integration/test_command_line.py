"""What `tidemark` promises its users whatever the command: help, exit codes, output that arrives, files that survive."""

import csv
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest

from stack import BIN, ROOT, SAMPLE, Stack

TIDEMARK = os.path.join(BIN, "tidemark")
MAPPING = os.path.join(SAMPLE, "mapping.yaml")
DATA = os.path.join(SAMPLE, "online_retail.csv.gz")
# Nothing listens there.
AWAY = "127.0.0.1:1"


def run(*arguments, env=None, **options):
    return subprocess.run([TIDEMARK, *arguments], env=env, capture_output=True, text=True, timeout=120, **options)


def subcommands(*words):
    """The names that the help of a command lists."""
    text = run(*words, "--help").stdout
    return re.findall(r"^  ([\w-]+) ", text.partition("\nSubcommands:\n")[2].partition("\n\n")[0], re.MULTILINE)


class WithoutServices(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.env = {"PATH": os.environ["PATH"], "HOME": self.folder}

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def test_every_command_explains_itself_with_examples_of_itself(self):
        seen = []
        for name in subcommands():
            for words in [[name], *([name, below] for below in subcommands(name))]:
                done = run(*words, "--help")
                self.assertEqual(done.returncode, 0, words)
                self.assertRegex(done.stdout, r"Examples:\n(.*\n)*?.*tidemark " + " ".join(words), words)
                self.assertIn("exit codes: tidemark --help", done.stdout)
                seen.append(" ".join(words))
        self.assertIn("import", seen)
        self.assertIn("token issue", seen)

    def test_commands_of_the_page_are_those_there_are(self):
        with open(os.path.join(ROOT, "docs", "command-line.md"), encoding="utf-8") as f:
            page = f.read()
        table = page.partition("| command |")[2].partition("\n\n")[0]
        named = {word for cell in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for word in re.findall(r"`(.*?)`", cell)}
        there = set()
        for name in subcommands():
            there.update(f"{name} {below}" for below in subcommands(name)) if subcommands(name) else there.add(name)
        self.assertEqual(named, there)

    def test_exit_codes_of_the_page_are_those_of_the_help(self):
        with open(os.path.join(ROOT, "docs", "command-line.md"), encoding="utf-8") as f:
            page = f.read().replace("\\|", "|")
        codes = re.findall(r"^  (\d+) +(.*)$", run("--help").stdout.partition("Exit codes:")[2], re.MULTILINE)
        self.assertEqual(len(codes), 9)
        for code, meaning in codes:
            self.assertIn(f"| {code} | {meaning} |", page)

    def test_mistakes_have_the_codes_of_the_help_and_a_hint(self):
        for arguments, code, hint in [
                ([], 2, "subcommand"),
                (["imprt"], 2, "did you mean `import`?"),
                (["token", "isue"], 2, "did you mean `issue`?"),
                (["query", "net", "--lables", "zh"], 2, "did you mean `--labels`?"),
                (["import", DATA, "--mapping", MAPPING, "--limit", "-1"], 2, "--limit"),
                (["import", DATA, "--mapping", "none.yaml"], 5, "none.yaml"),
                (["import", "none.csv", "--mapping", MAPPING, "--print"], 5, "none.csv"),
                (["import", DATA, "--mapping", self.folder], 5, "cannot read the mapping"),
                (["simulate", "--events", "20000000", "--prepare"], 2, "--prepare: 20000000 events do not fit"),
                (["query", "net"], 5, "--token-file"),
                (["apply", "-f", self.folder, "--yes"], 5, self.folder)]:
            done = run(*arguments, env=self.env, cwd=self.folder)
            self.assertEqual(done.returncode, code, f"{arguments}: {done.stderr}")
            self.assertIn(hint, done.stderr)

    def test_the_rejects_file_never_replaces_the_input(self):
        text = "id,amount\ne1,x\n"
        source = self.write("in.csv", text)
        mapping = self.write("map.yaml", "scale: 2\ntime_zone: UTC\nevent: {source: s, id: '${id}', kind: PURCHASE, "
                             "event_time: '2024-01-01', amount: '${amount}'}\n")
        for target in (source, mapping):
            with open(target, encoding="utf-8") as f:
                before = f.read()
            done = run("import", source, "--mapping", mapping, "--print", "--rejects", target, env=self.env)
            self.assertEqual(done.returncode, 5, done.stderr)
            with open(target, encoding="utf-8") as f:
                self.assertEqual(f.read(), before)
        rejects = os.path.join(self.folder, "r.csv")
        for _ in range(2):
            done = run("import", source, "--mapping", mapping, "--print", "--rejects", rejects, env=self.env)
            self.assertEqual(done.returncode, 1, done.stderr)
            with open(rejects, encoding="utf-8", newline="") as f:
                self.assertEqual([row["raw"] for row in csv.DictReader(f)], ["e1,x"])

    def test_printing_ends_with_its_reader(self):
        # A trillion events: whoever does not notice the reader's leave never ends.
        for arguments in (["simulate", "--events", str(10 ** 12), "--print"],
                          ["import", DATA, "--mapping", MAPPING, "--print"]):
            with subprocess.Popen([TIDEMARK, *arguments], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True) as process:
                self.assertTrue(process.stdout.readline().startswith('{"source"'))
                process.stdout.close()
                self.assertEqual(process.wait(timeout=120), 141)
                self.assertEqual(process.stderr.read(), "")

    def test_a_full_disk_is_not_taken_for_success(self):
        for arguments in (["--help"], ["simulate", "--events", "5", "--print"],
                          ["import", DATA, "--mapping", MAPPING, "--print", "--limit", "5"]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([TIDEMARK, *arguments], env=self.env, stdout=full, stderr=subprocess.PIPE,
                                      text=True, timeout=120)
            self.assertEqual(done.returncode, 5, done.stderr)
            self.assertIn("cannot write the output", done.stderr)


class WithServices(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_a_service_that_is_away_or_refuses(self):
        self.assertEqual(self.stack.cli("query", "net", "--analytics", AWAY, check=False).returncode, 3)
        self.assertEqual(self.stack.cli("status", "--catalog", AWAY, check=False).returncode, 3)
        away = self.stack.cli("import", DATA, "--mapping", MAPPING, "--ingest", AWAY, "--retry-for", "1", check=False)
        self.assertEqual(away.returncode, 3)
        self.assertIn(AWAY, away.stderr)
        self.assertEqual(self.stack.cli("query", "nets", check=False).returncode, 4)
        # A service that answers is not down, whatever it answers.
        token = os.path.join(self.folder, "token")
        with open(token, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as f:
            f.write("tm_" + "A" * 43)
        refused = self.stack.cli("status", "--token-file", token, check=False)
        self.assertEqual(refused.returncode, 4, refused.stderr)
        self.assertEqual(refused.stdout.count("  refused  "), 3, refused.stdout)
        self.assertNotIn("Is the service running?", refused.stderr)
        self.assertEqual(self.stack.cli("get", "regions/nowhere", check=False).returncode, 4)

    def test_nothing_is_simulated_among_real_sources_unasked(self):
        simulate = ["simulate", "--setup", "--events", "10", "--quiet"]
        refused = self.stack.cli(*simulate, check=False)
        self.assertEqual(refused.returncode, 4, refused.stderr)
        self.assertIn("uk-online-retail", refused.stderr)
        self.assertEqual(self.stack.cli("get", "sources/synthetic-platform", check=False).returncode, 4)
        self.stack.cli(*simulate, "--among-real")

    @staticmethod
    def rows_of(state):
        with open(state, encoding="utf-8") as f:
            return json.load(f)["rows"]

    def test_killed_and_resumed_imports_keep_every_reject(self):
        """Rows of a wrong amount are told of in the rejects file, whichever run met them."""
        rows = 300_000
        source = os.path.join(self.folder, "in.csv")
        with open(source, "w", encoding="utf-8") as f:
            f.write("id,amount\n")
            f.writelines(f"k{i},{'x' if i % 1000 == 0 else 1}\n" for i in range(1, rows + 1))
        mapping = os.path.join(self.folder, "map.yaml")
        with open(mapping, "w", encoding="utf-8") as f:
            f.write("event: {source: uk-online-retail, id: '${id}', kind: PURCHASE, event_time: '2011-01-01', "
                    "amount: '${amount}'}\n")
        state, rejects = os.path.join(self.folder, "state"), os.path.join(self.folder, "r.csv")
        arguments = ["import", source, "--mapping", mapping, "--resume", state, "--rejects", rejects, "--batch", "200"]
        process = self.stack.cli_start(*arguments, "--in-flight", "1")
        while process.poll() is None and not (os.path.exists(state) and self.rows_of(state) > 0):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        done = self.stack.cli(*arguments, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        with open(rejects, encoding="utf-8", newline="") as f:
            told = {int(row["row"]) for row in csv.DictReader(f)}
        self.assertEqual(told, set(range(1000, rows + 1, 1000)))


if __name__ == "__main__":
    unittest.main()
