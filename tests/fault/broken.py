#!/usr/bin/env python3
"""Plants one fault at a time in a copy of ingest's code, builds it and runs the test that must notice: what these tests are for
is that such a build fails. By hand; some minutes. Ends with `N noticed, N not`.

    tests/fault/broken.py [NAME ...]
    tests/fault/broken.py --check      only that the faults still fit the code; what CI runs
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "mutation"))

from mutants import Mutant  # noqa: E402
from run import BUILD, COPY, ROOT, build, prepare, run  # noqa: E402

TARGETS = ["tidemark-ingest", "tidemark-catalog", "tidemark_python_modules", "tidemark_fault_preload", "fault_campaign"]
WRITER, SCAN = "services/ingest/store/group_writer.cc", "services/ingest/store/log_scan.cc"
NO_SYNC = Mutant("no_sync", WRITER, "  TM_RETURN_IF_ERROR(file_->Sync());\n  dirty_ = false;\n  return absl::OkStatus();\n}\n\n"
                 "absl::Status GroupWriter::AppendBlock", "  dirty_ = false;\n  return absl::OkStatus();\n}\n\n"
                 "absl::Status GroupWriter::AppendBlock")
SYNC_LATER = Mutant("sync_later", WRITER, "      Publish(groups);\n    } else {",
                    "      Publish(groups);\n      file_->Sync().IgnoreError();\n    } else {")
# Damage in the last file is cut off with all behind it, as what a crash left of an unsynced write is, whatever was signed.
TRUNCATE_DAMAGE = [Mutant("later_writes_are_cut", SCAN, "  if (behind.later_write) {", "  if (behind.later_write && false) {"),
                   Mutant("checkpoint_is_no_reason", SCAN, "(behind.good_block || !absl::IsOutOfRange(why))) {", "false) {"),
                   Mutant("shorter_than_the_checkpoint", SCAN, "  if (size < want) {", "  if (size < want && false) {"),
                   Mutant("checkpoint_not_met", SCAN, "if (want == 0 || checkpoint_met_) return", "if (true) return")]
# The campaign in memory, by the name of its program; everything else is a test of this folder.
CAMPAIGN = "fault_campaign --store log"
# (name, faults planted together, test that must fail, what its failure must say)
BROKEN = [
    ("no_sync", [NO_SYNC], "ack_order.AckOrder", "never synced"),
    ("ack_before_sync", [NO_SYNC, SYNC_LATER], "ack_order.AckOrder", "synced until"),
    ("no_sync_power_failure", [NO_SYNC], "ingest_calls.IngestCalls.test_first_start", "does not start though no fault is left"),
    ("no_sync_in_memory", [NO_SYNC], f"{CAMPAIGN} --part random --points 100", "acknowledged"),
    ("ack_before_sync_in_memory", [NO_SYNC, SYNC_LATER], f"{CAMPAIGN} --part random --points 100", "acknowledged"),
    ("truncate_instead_of_data_loss", TRUNCATE_DAMAGE, f"{CAMPAIGN} --part flips --points 500", "flip"),
]


def test(name):
    """The output of a test against the copy's build, and whether it passes."""
    if name.startswith("fault_campaign"):
        program, *arguments = name.split()
        done = run(os.path.join(BUILD, "test", program), *arguments)
        return done.stdout, done.returncode == 0
    environment = {**os.environ, "TIDEMARK_BIN": os.path.join(BUILD, "bin"), "PYTHONPATH": os.path.join(BUILD, "python"),
                   "TIDEMARK_FAULT_PRELOAD": os.path.join(BUILD, "test", "libtidemark_fault_preload.so"),
                   "TIDEMARK_FAULT_CASES": os.environ.get("TIDEMARK_FAULT_CASES", "300")}
    done = run(os.path.join(COPY, "tests", "fault", "run.sh"), name, env=environment)
    return done.stdout, done.returncode == 0


def planted(mutants):
    """The text of every file that a fault may be in, with these planted."""
    texts = {}
    for path in (WRITER, SCAN):
        with open(os.path.join(ROOT, path), encoding="utf-8") as f:
            texts[path] = f.read()
    for mutant in mutants:
        texts[mutant.file] = mutant.planted_in(texts[mutant.file])
    return texts


def plant(texts):
    for path, text in texts.items():
        with open(os.path.join(COPY, path), "w", encoding="utf-8") as f:
            f.write(text)
    build(TARGETS)


def main():
    if sys.argv[1:] == ["--check"]:
        for _, mutants, _, _ in BROKEN:
            planted(mutants)
        print(f"{len(BROKEN)} faults fit")
        return
    prepare(TARGETS)
    chosen = [b for b in BROKEN if not sys.argv[1:] or b[0] in sys.argv[1:]]
    for name in sorted({b[2] for b in chosen}):
        output, passed = test(name)
        if not passed:
            sys.exit(f"{name} fails without any fault:\n{output[-3000:]}")
    noticed = 0
    for name, mutants, test_name, says in chosen:
        plant(planted(mutants))
        output, passed = test(test_name)
        good = not passed and says in output
        noticed += good
        line = next((line for line in output.split("\n") if says in line), output[-300:])
        print(f"{'noticed    ' if good else 'NOT NOTICED'}  {name} by {test_name}: {line.strip()[:200]}", flush=True)
    plant(planted([]))
    print(f"{noticed} noticed, {len(chosen) - noticed} not")
    sys.exit(noticed != len(chosen))


if __name__ == "__main__":
    main()
