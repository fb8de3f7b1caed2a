#!/usr/bin/env python3
"""Every planted fault still fits the code exactly once, and changes it."""

import os
import sys

from mutants import MUTANTS
from statistic_mutants import STATISTIC_MUTANTS

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def main():
    known = MUTANTS + STATISTIC_MUTANTS
    names = [m.name for m in known]
    if len(names) != len(set(names)) or len(names) < 15:
        sys.exit("want at least 15 faults with different names")
    for mutant in known:
        with open(os.path.join(ROOT, mutant.file), encoding="utf-8") as f:
            text = f.read()
        if mutant.planted_in(text) == text:
            sys.exit(f"{mutant.name} changes nothing")
    print(f"{len(known)} faults fit")


if __name__ == "__main__":
    main()
