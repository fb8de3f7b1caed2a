"""The synthetic world of the delta: all of it is accepted, and published figures come out of a query as published."""

import collections
import datetime
import json
import os
import unittest

from answers import ask, query
from stack import ROOT, Stack

SAMPLES = os.path.join(ROOT, "deploy", "samples")
FOLDERS = [os.path.join(SAMPLES, *path) for path in (
    ("regions", "china.yaml"), ("taxonomy",), ("yangtze-delta",), ("yangtze-delta-synthetic",))]
EVENTS = 50_000
WORLD = ("simulate", "--world", "yangtze-delta", "--events", str(EVENTS), "--quiet")


def table(text):
    """Rows of CSV without quoted fields."""
    lines = text.splitlines()
    return [dict(zip(lines[0].split(","), line.split(","))) for line in lines[1:]]


class DeltaWorld(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.before = cls.stack.cli(*WORLD, check=False)
        cls.stack.cli("apply", "--yes", *(word for folder in FOLDERS for word in ("-f", folder)))
        cls.sent = cls.stack.cli(*WORLD)
        cls.events = [json.loads(line) for line in cls.stack.cli(*WORLD, "--print").stdout.splitlines()]

    def query(self, text):
        return table(self.stack.cli("query", text, "--min-log-size", str(EVENTS), "-o", "csv").stdout)

    def test_without_its_catalog_it_says_what_to_apply(self):
        self.assertNotEqual(self.before.returncode, 0)
        self.assertIn("tidemark apply --yes -f deploy/samples/regions/china.yaml", self.before.stderr)

    def test_all_events_are_accepted_and_sent_again_are_duplicates(self):
        self.assertRegex(self.sent.stdout, r"accepted +50,000\b")
        self.assertNotIn("rejected", self.sent.stdout)
        self.assertRegex(self.stack.cli(*WORLD).stdout, r"duplicate +50,000\b")

    def test_published_figures_come_out_with_their_growth(self):
        for question, net, growth in (
                ("net in 2013-Q1..Q3 where consumer_region = cn-6301 and category != other compare yoy", "6552.00", "0.2"),
                ("net in 2023-01..02 where channel = online compare yoy", "2054400.00", "0.062")):
            with self.subTest(question):
                row, = self.query(question)
                self.assertEqual(row["net"].replace(",", ""), net)
                self.assertAlmostEqual(float(row["yoy(net)"]), float(growth), delta=0.0005)

    def test_a_recount_of_the_printed_events_agrees(self):
        zone = datetime.timezone(datetime.timedelta(hours=8))
        recount = collections.Counter()
        for event in self.events:
            year = datetime.datetime.fromtimestamp(int(event["eventTimeUs"]) / 1e6, zone).year
            sign = -1 if event["kind"] == "EVENT_KIND_REFUND" else 1
            recount[year, event["consumerRegion"]] += sign * int(event.get("amount", 0))
        rows = ask(self.stack, query(["net"], "YEAR", ["consumer_region"]), min_log_size=EVENTS)[0]
        self.assertEqual({(int(row["period"]), row["consumer_region"]): row["net"] for row in rows}, dict(recount))

    def test_municipalities_are_ranked_among_the_cities(self):
        municipalities = ("cn-11", "cn-12", "cn-31", "cn-50")
        recount = collections.Counter()
        for event in self.events:
            sign = -1 if event["kind"] == "EVENT_KIND_REFUND" else 1
            # The code of what lies in a city begins with the city's, which is shorter for a municipality.
            region = event["consumerRegion"]
            city = region[:5] if region[:5] in municipalities else region[:7]
            recount[city] += sign * int(event.get("amount", 0))
        rows = self.query("net by consumer_region@city rank net order by net desc")
        cities = {row["consumer_region"]: row for row in rows if not row["consumer_region"].startswith("UN")}
        self.assertIn("cn-31", cities)
        by_net = sorted(cities, key=lambda code: (-recount[code], code))
        for place, code in enumerate(by_net, 1):
            self.assertEqual(round(100 * float(cities[code]["net"])), recount[code], code)
            self.assertEqual(int(cities[code]["rank(net)"]), place, code)
        provinces = {row["consumer_region"]: row["net"] for row in self.query("net by consumer_region@province")}
        for code in municipalities:
            self.assertNotIn("UNALLOCATED:" + code, [row["consumer_region"] for row in rows])
            if code in provinces:
                self.assertEqual(cities[code]["net"], provinces[code])

    def test_provinces_are_ranked_by_growth_share_and_per_head(self):
        for column, clause in (("yoy(net)", "compare yoy"), ("share(net)", "share net"), ("per_capita(net)", "per_capita net")):
            rows = self.query(f"net by year, consumer_region@province in 2024 {clause} rank {column}")
            values = sorted((float(r[column]) for r in rows if r[f"rank({column})"]), reverse=True)
            self.assertGreater(len(values), 2, column)
            for row in rows:
                if row[f"rank({column})"]:
                    self.assertEqual(int(row[f"rank({column})"]), 1 + values.index(float(row[column])), (column, row))

    def test_what_events_name_is_in_the_catalog_with_names_that_say_synthetic(self):
        for collection, field in (("providers", "provider"), ("products", "product")):
            listed = {}
            for code in sorted({event[field] for event in self.events}):
                listed[code], = json.loads(self.stack.cli("get", f"{collection}/{code}", "-o", "json").stdout)
            self.assertTrue(listed)
            for code, resource in listed.items():
                self.assertTrue(resource["displayNames"]["en"].startswith("Synthetic "), code)
        self.assertTrue(all(event["attributes"] == {"synthetic": "true"} for event in self.events))

    def test_people_are_divided_by_their_made_up_population(self):
        asked = ("divide", "--by", "age_band, area_type", "where consumer_region = regionGroups/yangtze-delta in 2024")
        groups = {(r["age_band"], r["area_type"]): r for r in table(self.stack.cli(*asked, "--table", "groups", "-o", "csv").stdout)}
        # Of four provinces together.
        self.assertEqual(int(groups["60+", "rural"]["population"].replace(",", "")), 870 + 6670 + 5220 + 7250)
        index, = table(self.stack.cli(*asked, "--table", "indices", "-o", "csv").stdout)
        self.assertTrue(0 < float(index["gini"]) < 1)
        row, = self.query("net, consumers in 2024 where consumer_region = cn-33 per_capita net")
        self.assertGreater(float(row["per_capita(net)"].replace(",", "")), 0)

    def test_flags_that_it_has_no_use_for_are_refused(self):
        for flags in (("--from", "2020-01-01"), ("--setup",), ("--lean",), ("--events", "10")):
            with self.subTest(flags):
                done = self.stack.cli("simulate", "--world", "yangtze-delta", *flags, check=False)
                self.assertEqual(done.returncode, 2, done.stderr)


if __name__ == "__main__":
    unittest.main()
