"""The importer gives the same figures from a mangled file, twice, from two processes at once, and while services die.

Ingest has memory for an eighth of the file's identities, so that the others are on disk.
"""

import csv
import gzip
import io
import os
import random
import signal
import subprocess
import time
import unittest
from decimal import Decimal

from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import ask, query
from stack import BIN, SAMPLE, Stack

FILE = os.path.join(SAMPLE, "online_retail.csv.gz")
MAPPING = os.path.join(SAMPLE, "mapping.yaml")
FEW_IDENTITIES = {"ingest": ["--identity_memory=4194304"]}
SEED = int(os.environ.get("TIDEMARK_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)


def rows_of_file():
    with gzip.open(FILE) as f:
        reader = csv.reader(io.TextIOWrapper(f, encoding="utf-8", newline=""))
        header = next(reader)
        return header, list(reader)


def recount(rows):
    """(gross, refunds, events, pseudonyms) in mils, by plain decimal arithmetic."""
    gross = refunds = events = 0
    customers = set()
    for row in rows:
        amount = int(Decimal(row[3]) * Decimal(row[5]) * 1000)
        if amount == 0:
            continue
        events += 1
        if amount > 0:
            gross += amount
            if row[6]:
                customers.add(row[6])
        else:
            refunds -= amount
    return gross, refunds, events, len(customers)


class ImportFaults(unittest.TestCase):
    def new_stack(self):
        stack = Stack(extra=FEW_IDENTITIES).__enter__()
        self.addCleanup(stack.__exit__)
        stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
        return stack

    def expect_identities_on_disk(self, stack):
        runs = [name for name in os.listdir(os.path.join(stack.data("ingest"), "identities")) if name.endswith(".tmi")]
        self.assertGreater(max(int(name[21:41]) for name in runs), 400_000, runs)
        stack.kill("ingest")
        check = subprocess.run([f"{BIN}/tidemark-ingest", "--check", f"--data={stack.data('ingest')}"],
                               capture_output=True, text=True, timeout=120)
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)

    def figures(self, stack):
        status = stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=stack.metadata())
        deadline = time.monotonic() + 60
        while True:
            try:
                [row], _, _ = ask(stack, query(["gross", "refunds", "events", "consumers"]), min_log_size=status.log_size)
                return row["gross"], row["refunds"], row["events"], row["consumers"]
            except Exception:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def test_shuffled_file_with_rows_removed_equals_a_recount(self):
        print(f"seed {SEED}")
        rng = random.Random(SEED)
        header, rows = rows_of_file()
        rng.shuffle(rows)
        del rows[:1000]
        stack = self.new_stack()
        path = os.path.join(stack.folder, "mangled.csv")
        with open(path, "w", encoding="utf-8", newline="") as f:
            writer = csv.writer(f)
            writer.writerow(header)
            writer.writerows(rows)
        stack.cli("import", path, "--mapping", MAPPING)
        self.assertEqual(self.figures(stack), recount(rows))
        # The whole file adds exactly what was missing: ids do not depend on order.
        stack.cli("import", FILE, "--mapping", MAPPING)
        self.assertEqual(self.figures(stack), (10_666_684_544, 918_936_610, 539_394, 4_338))

    def test_twice_and_by_two_processes_at_once(self):
        stack = self.new_stack()
        importers = [stack.cli_start("import", FILE, "--mapping", MAPPING) for _ in range(2)]
        for importer in importers:
            out, err = importer.communicate(timeout=300)
            self.assertEqual(importer.returncode, 0, out + err)
        self.assertEqual(self.figures(stack), (10_666_684_544, 918_936_610, 539_394, 4_338))
        stack.cli("import", FILE, "--mapping", MAPPING)
        self.assertEqual(self.figures(stack), (10_666_684_544, 918_936_610, 539_394, 4_338))
        self.expect_identities_on_disk(stack)

    def test_a_catalog_that_is_away_when_it_begins_is_waited_for(self):
        stack = self.new_stack()
        command = ("import", FILE, "--mapping", MAPPING, "--limit", "100")
        stack.kill("catalog")
        done = stack.cli(*command, "--retry-for", "1", check=False)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("catalog", done.stderr)
        importer = stack.cli_start(*command)
        time.sleep(0.3)
        self.assertIsNone(importer.poll())
        stack.start("catalog")
        out, err = importer.communicate(timeout=60)
        self.assertEqual(importer.returncode, 0, out + err)

    def test_each_service_killed_in_the_middle(self):
        stack = self.new_stack()
        # Fed by hand, so that the import cannot be over before the last kill.
        importer = stack.cli_start("import", "-", "--mapping", MAPPING, "--batch", "1000", "--in-flight", "4")
        with gzip.open(FILE, "rt", encoding="utf-8", newline="") as f:
            text = f.read()
        names = ("ingest", "catalog", "analytics", "redis", "ingest")
        part = len(text) // (len(names) + 1)
        for i, name in enumerate(names):
            importer.stdin.write(text[i * part:(i + 1) * part])
            importer.stdin.flush()
            stack.restart(name, signal.SIGKILL)
            self.assertIsNone(importer.poll(), "the import gave up")
        out, err = importer.communicate(text[len(names) * part:], timeout=300)
        self.assertEqual(importer.returncode, 0, out + err)
        self.assertEqual(self.figures(stack), (10_666_684_544, 918_936_610, 539_394, 4_338))
        # Sent again, every event is a duplicate: nothing acknowledged was lost.
        stack.cli("import", FILE, "--mapping", MAPPING)
        self.assertEqual(self.figures(stack), (10_666_684_544, 918_936_610, 539_394, 4_338))
        self.expect_identities_on_disk(stack)


if __name__ == "__main__":
    unittest.main()
