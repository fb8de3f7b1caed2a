#!/usr/bin/env python3
"""Every planted fault of mutants.py still fits the code exactly once, and changes it."""

import os
import sys

from mutants import MUTANTS

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def main():
    names = [m.name for m in MUTANTS]
    if len(names) != len(set(names)) or len(names) < 15:
        sys.exit("want at least 15 faults with different names")
    for mutant in MUTANTS:
        with open(os.path.join(ROOT, mutant.file), encoding="utf-8") as f:
            text = f.read()
        if mutant.planted_in(text) == text:
            sys.exit(f"{mutant.name} changes nothing")
    print(f"{len(MUTANTS)} faults fit")


if __name__ == "__main__":
    main()
