"""docs/answers.md: each command of it is run on the synthetic world of the delta, and answers its question."""

import csv
import io
import os
import re
import shlex
import unittest

from stack import ROOT, Stack
from test_delta_world import FOLDERS

PAGE = os.path.join(ROOT, "docs", "answers.md")
EVENTS = 200_000  # as many as the page's reader has
# Rows of the page that ask for a statistic.
ASKED = {2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17}


def commands():
    """The page's commands by the number of their heading."""
    found, row = {}, None
    with open(PAGE, encoding="utf-8") as f:
        fenced = False
        for line in f:
            heading = re.match(r"## (\d+)\. ", line)
            if heading:
                row = int(heading.group(1))
            if line.startswith("```"):
                fenced = not fenced
            elif fenced:
                found.setdefault(row, []).append(shlex.split(line))
    return found


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "--yes", *(word for folder in FOLDERS for word in ("-f", folder)))
        cls.stack.cli("simulate", "--world", "yangtze-delta", "--events", str(EVENTS), "--quiet")
        cls.stack.cli("query", "events", "--min-log-size", str(EVENTS))
        cls.commands = commands()

    def ask(self, row, number=0, table=None, synthetic=True):
        """Rows of the answer of one command of a row, as CSV tells them; also that people are told something."""
        program, *words = self.commands[row][number]
        self.assertEqual(program, "tidemark")
        shown = self.stack.cli(*words).stdout
        self.assertEqual("SYNTHETIC" in shown, synthetic, "what is made up must say so")
        more = ["--table", table] if table else []
        rows = list(csv.DictReader(io.StringIO(self.stack.cli("-o", "csv", *words, *more).stdout)))
        self.assertTrue(rows, words)
        return rows

    def number(self, row, column):
        self.assertNotEqual(row[column], "", (column, row))
        return float(row[column])

    def test_every_row_has_commands_and_all_of_them_are_asked_here(self):
        self.assertEqual(set(self.commands), ASKED)
        with open(__file__, encoding="utf-8") as f:
            text = f.read()
        for row, lines in self.commands.items():
            for number in range(len(lines)):
                asked = f"self.ask({row}" + (f", {number}" if number else "")
                self.assertRegex(text, re.escape(asked) + r"[,)]")

    def test_02_targets_and_actual_figures(self):
        row, = self.ask(2)
        self.assertEqual((self.number(row, "net"), round(self.number(row, "yoy(net)"), 4)), (6552.00, 0.2))
        # Targets and published figures are not made up.
        target = self.ask(2, 1, table="like_for_like", synthetic=False)[0]
        self.assertEqual(target["period"], "2013-Q1..Q3")
        self.assertAlmostEqual(self.number(target, "needed_growth"), (125 / (65.52 * 12 / 9)) ** 0.5 - 1, 9)
        self.assertAlmostEqual(self.number(target, "naive_growth"), (125 / 65.52) ** 0.5 - 1, 9)

    def test_02_published_beside_computed(self):
        rows = {r["computed_from"]: r for r in self.ask(2, 2) if r["region"] == "regions/cn-6301"}
        self.assertAlmostEqual(self.number(rows["RATE_AND_LEVEL"], "computed"), 54.6, 9)
        # A million of the world is a yuan: what is computed from its events is a millionth.
        self.assertEqual(rows["EVENTS"]["period"], "2013-Q1..Q3")

    def test_03_segments(self):
        rows = self.ask(3)
        self.assertEqual({r["segment"] for r in rows} >= {"persons", "enterprises", "public"}, True, rows)
        self.assertAlmostEqual(sum(self.number(r, "share(net)") for r in rows), 1, 9)

    def test_04_fields(self):
        rows = self.ask(4)
        nets = [self.number(r, "net") for r in rows if not r["category"].startswith("UN")]
        self.assertEqual(nets, sorted(nets, reverse=True))
        years = self.ask(4, 1)
        self.assertEqual([r["period"] for r in years], ["2020", "2021", "2022", "2023"])

    def test_05_projects_and_demonstration_cities(self):
        rows = self.ask(5)
        self.assertGreaterEqual(len({r["project"] for r in rows}), 3)
        years = self.ask(5, 1)
        self.assertEqual([r["period"] for r in years], [str(y) for y in range(2019, 2024)])
        self.assertIn("MEMBERSHIP_INCOMPLETE", self.stack.cli(*self.commands[5][1][1:]).stdout)

    def test_06_activity(self):
        row, = self.ask(6)
        self.assertGreater(self.number(row, "effect"), 0)
        self.assertEqual((row["treated_regions"], row["days"]), ("1", "2"))

    def test_07_shares_growth_contributions(self):
        rows = [r for r in self.ask(7) if r["period"] == "2023"]
        self.assertAlmostEqual(sum(self.number(r, "share(net)") for r in rows), 1, 9)
        total, = [r for r in csv.DictReader(io.StringIO(self.stack.cli(
            "-o", "csv", "query", "net by year in 2023 compare yoy").stdout))]
        self.assertAlmostEqual(sum(self.number(r, "yoy_contribution(net)") for r in rows), 100 * float(total["yoy(net)"]), 9)
        self.assertTrue(all(r["cagr(net,10)"] for r in rows if r["consumer_region"] == "cn-31"))

    def test_08_groups_and_scenarios(self):
        self.ask(8)
        self.assertIn("MEMBERSHIP_INCOMPLETE", self.stack.cli(*self.commands[8][0][1:]).stdout)
        self.assertIn("one-card-culture-tourism", {r["scenario"] for r in self.ask(8, 1)})

    def test_09_flows(self):
        places = self.ask(9, table="places")
        self.assertAlmostEqual(sum(self.number(r, "outflow") for r in places), sum(self.number(r, "inflow") for r in places), 6)
        self.assertGreater(self.number(self.ask(9, table="totals")[0], "visitors"), 0)
        self.assertTrue(self.ask(9, table="groups")[0]["integration"])

    def test_12_settlement(self):
        holders = self.ask(12)
        subjects = self.ask(12, table="subjects")
        self.assertAlmostEqual(sum(self.number(r, "amount") for r in holders), sum(self.number(r, "settled") for r in subjects), 6)

    def test_13_cumulative_periods(self):
        row, = self.ask(13)
        self.assertEqual(self.number(row, "net"), 2_054_400)
        self.assertAlmostEqual(self.number(row, "yoy(net)"), 0.062, delta=0.0005)
        months = self.ask(13, 1)
        self.assertAlmostEqual(self.number(months[1], "ytd(net)"), self.number(months[0], "net") + self.number(months[1], "net"), 6)
        self.assertAlmostEqual(self.number(months[1], "ytd_yoy(net)"), self.number(row, "yoy(net)"), 9)

    def test_14_new_forms(self):
        rows = self.ask(14)
        self.assertEqual({r["category"] for r in rows}, {"collectibles", "virtual-experience", "online-consultation"})
        for row in self.ask(14, 1):
            self.assertTrue(0 < self.number(row, "hhi") <= 1)

    def test_15_divide(self):
        groups = self.ask(15, table="groups")
        self.assertGreaterEqual(len(groups), 10)
        index, = self.ask(15, table="indices")
        self.assertTrue(0 < self.number(index, "gini") < 1)
        self.assertAlmostEqual(self.number(index, "theil"), self.number(index, "theil_between") + self.number(index, "theil_within"), 9)
        pair, = self.ask(15, table="pairs")
        self.assertGreater(self.number(pair, "ratio"), 0)

    def test_16_channels_payment_and_shared_consumers(self):
        for number in (0, 1):
            rows = self.ask(16) if number == 0 else self.ask(16, 1)
            self.assertAlmostEqual(sum(self.number(r, "share(gross)") for r in rows), 1, 9)
        lifts = [self.number(r, "lift") for r in self.ask(16, 2)]
        self.assertEqual(lifts, sorted(lifts, reverse=True))
        self.assertTrue(all(0 < self.number(r, "confidence") <= 1 for r in self.ask(16, 3)))

    def test_17_forecast(self):
        rows = self.ask(17)
        self.assertEqual(rows[0]["period"], "2025-01..02")
        for row in rows:
            self.assertLess(self.number(row, "lower_95"), self.number(row, "point"))
            self.assertLess(self.number(row, "point"), self.number(row, "upper_95"))


if __name__ == "__main__":
    unittest.main()
