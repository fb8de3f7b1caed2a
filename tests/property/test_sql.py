"""Random queries over random worlds equal the recount in SQL, cell by cell; every grain, dimension, level, filter, null
reason, snapshot and page is met (a counter at zero fails).

TIDEMARK_CASES (default 2000) and TIDEMARK_SEED say how many and which; the seed is printed.
"""

import collections
import os
import random
import unittest

import periods
from answers import Null, ask
from case import MEASURES, Case, describe, same
from recount import Recount
from served_world import serve
from stack import Stack
from world import ZONES, World

CASES = int(os.environ.get("TIDEMARK_CASES", "2000"))
SEED = int(os.environ.get("TIDEMARK_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
NULL_REASONS = ["NO_BASE", "ZERO_BASE", "NEGATIVE_BASE", "PARTIAL_PERIOD", "ZERO_DENOMINATOR", "NOT_RANKED", "NO_DATA"]


def scale_of(row):
    """Largest magnitude among the doubles of a row: what a difference of two of them may have lost (percentage points: 100)."""
    return max([abs(v) for v in row.values() if isinstance(v, float)] + [100])


class AgainstSql(unittest.TestCase):
    def setUp(self):
        self.met = collections.Counter()

    def count(self, case, answer):
        self.met["grain " + case.grain] += 1
        for word, names in (("measure", case.measures), ("dimension", case.dimensions), ("compare", case.comparisons)):
            self.met.update(f"{word} {name}" for name in names)
        for f in case.filters:
            sense = " exclude" if f["exclude"] else ""
            self.met[f"filter {f['dimension']}{sense}"] += 1
            self.met["filter unknown"] += f["unknown"]
            self.met["filter group"] += any(c.startswith("regionGroups/") for c in f["codes"])
        self.met["as_of earlier"] += case.as_of < self.log_size
        self.met["range"] += bool(case.first or case.last)
        self.met["pages"] += bool(case.page_size) and len(answer) > case.page_size
        self.met["share"] += bool(case.share)
        self.met["rank"] += bool(case.rank)
        for row in answer:
            for column, value in row.items():
                if isinstance(value, Null):
                    self.met["null " + value.reason] += 1
                elif value == "UNKNOWN":
                    self.met["row UNKNOWN"] += 1
                elif isinstance(value, str) and value.startswith("UNALLOCATED:"):
                    self.met["row UNALLOCATED"] += 1
                elif column == "flags" and "WEEK_53" in value:
                    self.met["flag WEEK_53"] += 1

    def check_zeros(self):
        wanted = [f"grain {g}" for g in periods.GRAINS + ["ALL"]] + [f"measure {m}" for m in MEASURES]
        wanted += [f"dimension {d}" for d in self.dimensions] + ["compare PREV", "compare YOY", "filter unknown",
                                                                 "filter group", "as_of earlier", "range", "pages",
                                                                 "share", "rank", "row UNKNOWN", "row UNALLOCATED",
                                                                 "flag WEEK_53"]
        for d in ("consumer_region", "provider_region", "category", "source", "kind", "segment", "channel", "product",
                  "order", "age_band"):
            wanted += [f"filter {d}", f"filter {d} exclude"]
        wanted += ["null " + reason for reason in NULL_REASONS]
        for name in wanted:
            print(f"  {self.met[name]:8} {name}")
        self.assertEqual([name for name in wanted if not self.met[name]], [], "never met")

    def check(self, stack, case):
        want = case.expected()
        if case.page_size:  # a dozen pages at most
            case.page_size = max(case.page_size, len(want) // 12)
        got, _, meta = ask(stack, case.query(), as_of=case.as_of, page_size=case.page_size, bypass_cache=True)
        keys = [case.key(row) for row in got]
        self.assertEqual(len(keys), len(set(keys)), "a row came twice: " + describe(case))
        self.assertEqual(keys, sorted(want, key=case.order), describe(case))
        self.assertEqual(meta.total_row_count, len(want), describe(case))
        for key, row in zip(keys, got):
            for column, value in want[key].items():
                is_difference = column.startswith(("prev", "yoy")) and isinstance(row[column], float)
                if not same(row[column], value, scale_of(row) if is_difference else 0):
                    self.fail(f"{column} of {key}: got {row[column]!r}, want {value!r}: {describe(case)}")
        self.count(case, got)

    def test_random_queries(self):
        print(f"seed {SEED}, {CASES} cases")
        for number, zone in enumerate(ZONES):
            with Stack(redis=False, extra={"analytics": ["--run_records=1500"]}) as stack:
                world = World(SEED, zone)
                leaf_of, self.log_size = serve(stack, world)
                recount = Recount(world, leaf_of)
                self.dimensions = recount.dimensions
                rng = random.Random(f"{SEED} {number}")
                ask(stack, Case(rng, world, recount, 1, 2).query(), min_log_size=self.log_size)
                for _ in range(CASES // len(ZONES)):
                    self.check(stack, Case(rng, world, recount, min(leaf_of.values()), self.log_size))
        self.check_zeros()


if __name__ == "__main__":
    unittest.main()
