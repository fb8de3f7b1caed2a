#!/usr/bin/env python3
"""Plants one fault at a time in a copy of the tree, builds what it touches, and runs the test that must notice it: the property
test against SQL with the same worlds and queries, or the recounts of plain events in C++ (statistic_mutants.py). Every fault must
give an answer that differs from the recount. A test that fails for another reason (a service that does not start, say) has
caught nothing. Says which faults were caught and ends with `N caught, N survived`.

    tests/mutation/run.py [NAME ...]      all faults, or those named
    TIDEMARK_CASES=1000                   cases of the property test per fault
    TIDEMARK_SEED=20111209                which worlds and queries
    TIDEMARK_MUTATION_FOLDER              where the copy and its build live (default: build/mutation)

Takes about a minute per fault; run by hand, not by CI. That the faults fit the code is checked in CI: tests/mutation/check.py
fails when one no longer fits the code.
"""

import os
import shutil
import subprocess
import sys

from mutants import MUTANTS
from statistic_mutants import STATISTIC_MUTANTS

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
FOLDER = os.environ.get("TIDEMARK_MUTATION_FOLDER", os.path.join(ROOT, "build", "mutation"))
COPY, BUILD = os.path.join(FOLDER, "tree"), os.path.join(FOLDER, "build")
TARGETS = ["tidemark", "tidemark-ingest", "tidemark-catalog", "tidemark-analytics", "tidemark_python_modules"]


def run(*command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


def read(path):
    """The bytes of a file, or None when there is none."""
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None


def prepare(targets=TARGETS):
    """A copy of the tree without what git ignores, built, so that nobody's tree is touched.

    Only files that differ are written, with the time of now: ninja goes by times, and a file restored to an older one
    would leave the last run's fault in the binaries.
    """
    names = run("git", "-C", ROOT, "ls-files", "-co", "--exclude-standard").stdout.split("\n")
    names = {name for name in names if name and os.path.isfile(os.path.join(ROOT, name))}
    for folder, _, files in os.walk(COPY):
        for path in (os.path.join(folder, name) for name in files):
            if os.path.relpath(path, COPY) not in names:
                os.remove(path)
    for name in names:
        source, copy = os.path.join(ROOT, name), os.path.join(COPY, name)
        if read(copy) != read(source):
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            shutil.copyfile(source, copy)
            shutil.copymode(source, copy)
    done = run("cmake", "-S", COPY, "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release")
    if done.returncode != 0:
        sys.exit(done.stdout)
    build(targets)


def build(targets=TARGETS):
    done = run("ninja", "-C", BUILD, *targets)
    if done.returncode != 0:
        sys.exit("a mutant does not build:\n" + done.stdout[-4000:])


def property_test():
    """(whether it passes, the line that tells of an answer that differs or "", all output)."""
    environment = {**os.environ, "TIDEMARK_BIN": os.path.join(BUILD, "bin"),
                   "TIDEMARK_CASES": os.environ.get("TIDEMARK_CASES", "1000"),
                   "TIDEMARK_SEED": os.environ.get("TIDEMARK_SEED", "20111209"),
                   "PYTHONPATH": os.path.join(BUILD, "python") + ":" + os.path.join(COPY, "tests", "integration")}
    done = run("/usr/bin/python3", "-B", "-m", "unittest", "test_sql", cwd=os.path.join(COPY, "tests", "property"),
               env=environment)
    mismatch = next((line for line in done.stdout.split("\n") if "AssertionError: MISMATCH " in line), "")
    return done.returncode == 0, mismatch.removeprefix("AssertionError: MISMATCH "), done.stdout


RECOUNTS_OF_EVENTS = ["analytics_statistics_recount_test", "analytics_recount_test"]


def recount_test(names):
    """As property_test."""
    for name in names:
        done = run(os.path.join(BUILD, "test", name))
        lines = done.stdout.split("\n")
        mismatch = next((line for line in lines if "FirstDifference(" in line or "Difference(recount" in line), "")
        if done.returncode != 0:
            which = next((line for line in lines if line.strip().startswith(("Which is:", '"row', "row"))), "")
            return False, (mismatch + which).strip(), done.stdout
    return True, "", ""


def recounts_of(mutant):
    return [mutant.test] if mutant.test else RECOUNTS_OF_EVENTS


def targets_of(mutant):
    return TARGETS if mutant.by == "property" else recounts_of(mutant)


def main():
    known = MUTANTS + STATISTIC_MUTANTS
    chosen = [m for m in known if not sys.argv[1:] or m.name in sys.argv[1:]]
    prepare(sorted({target for m in chosen for target in targets_of(m)}))
    recounts = sorted({name for m in chosen if m.by == "recount" for name in recounts_of(m)})
    for test in [property_test] * any(m.by == "property" for m in chosen) + [lambda: recount_test(recounts)]:
        passed, _, output = test()
        if not passed:
            sys.exit("a test fails without any fault:\n" + output[-3000:])
    survived = 0
    for mutant in chosen:
        path = os.path.join(COPY, mutant.file)
        with open(path, encoding="utf-8") as f:
            good = f.read()
        with open(path, "w", encoding="utf-8") as f:
            f.write(mutant.planted_in(good))
        build(targets_of(mutant))
        passed, mismatch, output = property_test() if mutant.by == "property" else recount_test(recounts_of(mutant))
        survived += not mismatch
        why = mismatch or ("" if passed else "failed without a wrong figure: " + output[-300:])
        print(f"{'caught  ' if mismatch else 'SURVIVED'}  {mutant.name}: {why[:200]}", flush=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(good)
    print(f"{len(chosen) - survived} caught, {survived} survived")
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()
