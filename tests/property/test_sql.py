"""Random queries over random worlds equal the recount in SQL, cell by cell; every word that the service knows, every null
reason, snapshot, page and clause is met (a counter at zero fails).

TIDEMARK_CASES (default 2000) and TIDEMARK_SEED say how many and which; the seed is printed. Counters are checked from 2000
cases on. An answer that differs from the recount fails with the word MISMATCH (tests/mutation relies on it).
"""

import collections
import functools
import os
import random
import time
import unittest
from fractions import Fraction

import periods
from answers import Null, ask
from case import Case, Words
from expected import Expected, member_order
from recount import Recount
from served_world import serve
from stack import Stack
from tidemark.analytics.v1 import analytics_service_pb2 as service
from tidemark.analytics.v1 import result_pb2
from world import FIELDS, REGION_FIELDS, UNALLOCATED, UNKNOWN, ZONES, World

CASES = int(os.environ.get("TIDEMARK_CASES", "2000"))
SEED = int(os.environ.get("TIDEMARK_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)


def same(got, want, cancelled):
    """Exact for integers and reasons; doubles must be the nearest to the exact ratio, up to one rounding of the quotient.
    `cancelled`: magnitude of the operands when the value is a difference of doubles, which loses what they share."""
    if isinstance(want, str):
        return got.reason == want if isinstance(got, Null) else got == want
    if isinstance(got, (Null, str)):
        return False
    if isinstance(got, int):
        return got == want
    return abs(Fraction(got) - want) <= abs(Fraction(want)) * Fraction(1, 2**51) + Fraction(cancelled) * Fraction(1, 2**48)


def name_counted(dimension):
    name, _, level = dimension.partition("@")
    return "category@deeper" if name == "category" and level and int(level) > 5 else dimension


def scale_of(row):
    """Largest magnitude among the doubles of a row: what a difference of two of them may have lost (percentage points: 100)."""
    return max([abs(v) for v in row.values() if isinstance(v, float)] + [100])


class AgainstSql(unittest.TestCase):
    def setUp(self):
        self.met = collections.Counter()

    def mismatch(self, what, case):
        self.fail(f"MISMATCH {what}: {case}")

    def count(self, case, answer, pages):
        met = self.met
        met["grain " + case.grain] += 1
        met.update("measure " + m for m in case.measures)
        met.update("dimension " + name_counted(d) for d in case.dimensions)
        met.update(f"compare {c} {case.grain}" for c in case.comparisons)
        met["panel matched"] += case.matched
        for f in case.filters:
            met[f"filter {f['dimension']}{' exclude' if f['exclude'] else ''}"] += 1
            met["filter unknown"] += f["unknown"]
            met["filter group"] += any(c.startswith("regionGroups/") for c in f["codes"])
        met["as_of " + case.as_of] += 1
        met["range"] += bool(case.first or case.last)
        met["range that cuts a period"] += any("PARTIAL" == row["flags"] for row in answer) and bool(case.first)
        met["range cumulative"] += ".." in case.first
        met["several pages"] += pages > 1
        if case.share:
            met["share of " + ("a level" if case.share_level else "a dimension" if case.share_of else "all")] += 1
        met[f"rank {'ascending' if case.ascending else 'descending'}"] += bool(case.rank)
        met["order_by"] += bool(case.order_by)
        met["limit"] += 0 < case.limit == len(answer)
        for row in answer:
            for column, value in row.items():
                if isinstance(value, Null):
                    met["null " + value.reason] += 1
                elif column.startswith(("prev(", "yoy(")) and value == -1:
                    met["growth -1"] += 1
                elif value == UNKNOWN:
                    met["row UNKNOWN"] += 1
                elif isinstance(value, str) and value.startswith(UNALLOCATED):
                    met["row UNALLOCATED"] += 1
            met.update("flag " + flag for flag in row["flags"].split())

    def wanted(self):
        """Words come from the service and the contract. One exception: levels that no category here reaches count together,
        because they all answer alike. What ingest takes no codes of yet (scenario, project, activity) is asked for all the
        same, and is UNKNOWN."""
        words = self.words
        wanted = ["grain " + g for g in words.grains] + ["measure " + m for m in words.measures]
        for d, levels in words.levels.items():
            wanted += dict.fromkeys(f"dimension {name_counted(name)}" for name in [d] + [f"{d}@{n}" for n in levels])
        for d in [*words.levels, "order"]:
            wanted += [f"filter {d}", f"filter {d} exclude"]
        wanted += [f"compare {c} {g}" for c in words.comparisons for g in words.grains]
        wanted += ["null " + name.removeprefix("NULL_REASON_") for name, n in result_pb2.NullReason.items()
                   if 0 < n <= result_pb2.NULL_REASON_NO_MATCHED_SOURCE]  # the others are of other statistics
        wanted += ["row UNKNOWN", "row UNALLOCATED", "flag PARTIAL", "flag WEEK_53", "flag LEFT_CENSORED", "growth -1", "panel matched",
                   "filter unknown", "filter group", "as_of head", "as_of size", "as_of earlier size", "as_of time", "range",
                   "range that cuts a period", "range cumulative", "several pages", "share of all", "share of a dimension",
                   "share of a level", "rank ascending", "rank descending", "order_by", "limit", "sealed runs",
                   "tail in memory"]
        return wanted

    def check_counters(self):
        for name in self.wanted():
            print(f"  {self.met[name]:8} {name}")
        if CASES >= 2000:
            self.assertEqual([name for name in self.wanted() if not self.met[name]], [], "never met")

    def ask(self, stack, case, **more):
        as_of = {"as_of": case.log_size} if case.as_of in ("size", "earlier size") else {}
        if case.as_of_time is not None:
            as_of = {"as_of_time": case.as_of_time}
        return ask(stack, case.query(**more), bypass_cache=True, page_size=case.page_size, **as_of)

    def check_values(self, case, expected, answer):
        for row in answer:
            key = expected.key(row)
            if key not in expected.rows:
                self.mismatch(f"{key} has no row", case)
            for column, value in expected.rows[key].items():
                is_difference = column.startswith(("prev", "yoy")) and isinstance(row[column], float)
                if not same(row[column], value, scale_of(row) if is_difference else 0):
                    self.mismatch(f"{column} of {key}: got {row[column]!r}, want {value!r}", case)

    def in_order(self, case, expected, answer):
        """The rows as they must come, by the values got, which have been checked."""
        names = [d.split("@")[0] for d in case.dimensions]

        def place(row, column):
            value = row[column]
            if column == "period":
                return expected.calendar.bounds(value)[0]
            return member_order(value) if column in names else value

        def compare(a, b):
            for column, descending in case.order_by:
                for kind in (lambda row: isinstance(row[column], Null),
                             lambda row: column in names and member_order(row[column])[0]):
                    if kind(a) != kind(b):  # nulls, UNALLOCATED and UNKNOWN come last in either direction
                        return 1 if kind(a) > kind(b) else -1
                if not isinstance(a[column], Null) and place(a, column) != place(b, column):
                    return 1 if (place(a, column) > place(b, column)) != descending else -1
            x, y = expected.order(expected.key(a)), expected.order(expected.key(b))
            return 1 if x > y else -1 if x < y else 0

        return sorted(answer, key=functools.cmp_to_key(compare))

    def check(self, stack, case):
        expected = Expected(case)
        if case.page_size:  # a dozen pages at most
            case.page_size = max(case.page_size, len(expected.rows) // 12)
        answer, pages, meta = self.ask(stack, case, limit=False)
        if meta.snapshot.log_size != case.log_size:
            self.mismatch(f"answered at {meta.snapshot.log_size}", case)
        keys = [expected.key(row) for row in answer]
        if len(keys) != len(set(keys)):
            self.mismatch("a row came twice", case)
        self.check_values(case, expected, answer)
        if len(keys) != len(expected.rows) or meta.total_row_count != len(keys):
            missing = set(expected.rows) - set(keys)
            self.mismatch(f"{len(keys)} rows, want {len(expected.rows)}; missing {sorted(missing)[:3]}", case)
        if keys != [expected.key(row) for row in self.in_order(case, expected, answer)]:
            self.mismatch("rows in another order", case)
        if case.limit:
            limited, pages, _ = self.ask(stack, case)
            if limited != answer[:case.limit]:
                self.mismatch("a limit does not keep the first rows", case)
            answer = limited
        self.count(case, answer, len(pages))

    def check_words(self, stack):
        """The recount follows the service's words: those it does not know would go unchecked."""
        vocabulary = stack.analytics().GetVocabulary(service.GetVocabularyRequest(), metadata=stack.metadata())
        self.words = Words(vocabulary)
        self.assertEqual(sorted(self.words.levels), sorted(FIELDS))
        self.assertEqual(self.words.grains, periods.GRAINS + ["ALL"])
        for field in REGION_FIELDS:
            self.assertEqual(len(self.words.levels[field]), 10)

    def wait_for_runs(self, stack):
        """Queries must meet sealed runs as well as the tail in memory, which are read by different code."""
        deadline = time.monotonic() + 60
        while True:
            status = stack.analytics().GetFoldStatus(service.GetFoldStatusRequest(), metadata=stack.metadata())
            if status.runs > 0 and status.run_bytes > 0:
                break
            self.assertLess(time.monotonic(), deadline, f"no runs were sealed: {status}")
            time.sleep(0.1)
        self.met["sealed runs"] += status.runs
        self.met["tail in memory"] += status.tail_effects

    def test_random_queries(self):
        print(f"seed {SEED}, {CASES} cases")
        for number, zone in enumerate(ZONES):
            with Stack(redis=False, extra={"analytics": ["--run_records=700"]}) as stack:
                self.check_words(stack)
                world = World(SEED, zone)
                leaf_of, snapshots = serve(stack, world)
                recount = Recount(world, leaf_of, self.words.levels)
                calendar = periods.Calendar(world)
                rng = random.Random(f"{SEED} {number}")
                new_case = lambda: Case(rng, self.words, recount, calendar, snapshots)
                ask(stack, new_case().query(), min_log_size=snapshots[-1][0])
                self.wait_for_runs(stack)
                for _ in range(CASES // len(ZONES)):
                    self.check(stack, new_case())
        self.check_counters()


if __name__ == "__main__":
    unittest.main()
