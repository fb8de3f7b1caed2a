"""Official figures as publishers' files state them: imported as vintages, read as of any day and version, compared. The files
have the shapes of real ones: provinces by year in two encodings, a statistics office's years, quarters and months in one file,
January and February stated together."""

import csv
import gzip
import io
import json
import os
import random
import tempfile
import unittest
from fractions import Fraction

from stack import Stack

PROVINCES = [("cn-11", "110000000", "北京市", "北京市"), ("cn-15", "150000000", "内蒙古自治区", "内蒙古区"),
             ("cn-33", "330000000", "浙江省", "浙江省"), ("cn-45", "450000000", "广西壮族自治区", "广西省"),
             ("cn-65", "650000000", "新疆维吾尔自治区", "新疆区")]
YEARS = range(2000, 2017)
CDIDS = ["J4MC", "JE2J", "KP3O"]

CATALOG = """
- name: observatories/main
  observatory: {time_zone: Asia/Shanghai, currency: CNY, scale: 2, start: 2020-01-01}
- name: organisations/nbs
  display_names: {zh: 国家统计局}
  organisation: {kind: STATISTICS_OFFICE}
- name: organisations/ons
  display_names: {en: Office for National Statistics}
  organisation: {kind: STATISTICS_OFFICE}
- name: regions/cn
  region: {level: NATION}
- name: regions/gb
  region: {level: NATION}
- name: indicators/gdp
  indicator:
    unit: {kind: MONEY, currency: CNY, power_of_ten: 8}
    frequency: YEAR
    additivity: FLOW
    method: {texts: {zh: 地区生产总值}}
- name: indicators/retail
  indicator:
    unit: {kind: MONEY, currency: CNY, power_of_ten: 8}
    frequency: MONTH
    additivity: FLOW
    method: {texts: {zh: 社会消费品零售总额}}
- name: indicators/uk-internet-sales
  indicator:
    unit: {kind: PERCENT}
    frequency: MONTH
    additivity: NONE
    method: {texts: {en: Internet sales}}
- name: observationSeries/cn-gdp
  observation_series:
    indicator: indicators/gdp
    form: LEVEL
    unit: {kind: MONEY, currency: CNY, power_of_ten: 8}
    price_basis: CURRENT
    grains: [YEAR]
    publisher: organisations/nbs
- name: observationSeries/cn-retail
  observation_series:
    indicator: indicators/retail
    form: LEVEL
    unit: {kind: MONEY, currency: CNY, power_of_ten: 8}
    grains: [MONTH]
    publisher: organisations/nbs
- name: observationSeries/cn-retail-growth
  observation_series:
    indicator: indicators/retail
    form: GROWTH_ON_YEAR
    unit: {kind: PERCENT}
    basis: NOT_STATED
    grains: [MONTH]
    publisher: organisations/nbs
"""

NEW_GDP = """
vintage: {id: cn-gdp-2021, publisher: nbs, published: 2021-10-01, title: 地区生产总值}
cells: {except: [column1]}
series: cn-gdp
region: {value: '${heading}', lookup: regions}
period: ${column1}
value: ${cell}
"""
OLD_GDP = """
vintage: {id: cn-gdp-2017, publisher: nbs, published: 2017-10-01, title: 地区生产总值}
encoding: gbk
cells: {except: [code, Provinces]}
series: cn-gdp
region: {value: 'cn-${code}', extract: '(cn-..)0000000'}
period: ${heading}
value: ${cell}
"""
DRSI = """
vintage: {publisher: ons, title: Retail sales index internet tables}
skip_lines: 1
thousands: ','
null_values: ['..']
cells: {except: [CDID]}
series: {value: 'drsi-${heading}', letters: lower}
region: gb
period:
  value: ${CDID}
  map: {PreUnit: ~, Unit: ~, Release Date: ~, Next release: ~, Important Notes: ~}
  unmapped: keep
value: ${cell}
"""
RETAIL = """
vintage: {id: cn-retail-2018, publisher: nbs, published: 2018-06-14}
cells: {columns: [retailAmount, monthlyGrowth]}
series: {value: '${heading}', map: {retailAmount: cn-retail, monthlyGrowth: cn-retail-growth}}
region: cn
period: ${time}
value: ${cell}
"""


def catalog_yaml():
    text = CATALOG
    for region, _, name, _ in PROVINCES:
        text += f"- name: regions/{region}\n  display_names: {{zh: {name}}}\n"
        text += "  region: {level: PROVINCE, parent: regions/cn}\n"
    for cdid in CDIDS:
        text += f"- name: observationSeries/drsi-{cdid.lower()}\n  observation_series:\n"
        text += "    indicator: indicators/uk-internet-sales\n    form: LEVEL\n    unit: {kind: PERCENT}\n"
        text += f"    publisher: organisations/ons\n    code: {cdid}\n"
    return text


def old_gdp(rng):
    """Values by region and year, as texts."""
    return {(p[0], y): f"{rng.uniform(1000, 9000):.2f}" for p in PROVINCES for y in YEARS}


def new_gdp(rng, old):
    """The same after a census: some as they were, some a trifle off, some revised."""
    new = {}
    for key, text in old.items():
        change = rng.choice([0, 0.0004, -0.0006, 0.03, -0.02, 0.2])
        new[key] = f"{float(text) * (1 + change):.1f}"
    for province in PROVINCES:
        for year in range(2017, 2020):
            new[province[0], year] = f"{rng.uniform(9000, 20000):.1f}"
    return new


def old_gdp_file(values):
    lines = ["code,Provinces," + ",".join(map(str, YEARS))]
    for region, code, _, old_name in PROVINCES:
        lines.append(f"{code},{old_name}," + ",".join(values[region, y] for y in YEARS))
    return ("\r\n".join(lines) + "\r\n").encode("gbk")


def new_gdp_file(values):
    lines = ["," + ",".join(p[2] for p in PROVINCES)]
    for year in range(2019, 1999, -1):
        lines.append(f"{year}," + ",".join(values[p[0], year] for p in PROVINCES))
    return ("\n".join(lines) + "\n").encode()


def drsi_periods():
    months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    years = [str(y) for y in range(2023, 2026)]
    return years + [f"{y} Q{q}" for y in years for q in range(1, 5)] + [f"{y} {m}" for y in years for m in months]


def drsi_file(cells):
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["Title", "Internet sales, % (ratio)", "Internet sales, £ millions", "RSI:Internet:%change"])
    writer.writerow(["CDID", *CDIDS])
    writer.writerow(["PreUnit", "", "£", ""])
    writer.writerow(["Unit", "%", "m", "%"])
    writer.writerow(["Release Date", *["20-02-2026"] * 3])
    writer.writerow(["Next release", *["27 March 2026"] * 3])
    writer.writerow(["Important Notes", "", "", ""])
    for period in drsi_periods():
        writer.writerow([period, *(cells.get((c, period), "") for c in CDIDS)])
    return gzip.compress(out.getvalue().encode())


class Observations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False)
        cls.stack.names = ["catalog"]
        cls.stack.__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.stack.cli("apply", "-f", "-", "--yes", input=catalog_yaml())

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return path

    def import_file(self, name, content, mapping, *arguments, check=True):
        return self.stack.cli("observations", "import", self.write(name, content), "--mapping",
                              self.write(name + ".yaml", mapping), *arguments, check=check)

    def listed(self, *arguments):
        return json.loads(self.stack.cli("observations", "list", "-o", "json", *arguments).stdout)

    def test_a_revised_series_of_provinces_is_told_cell_by_cell(self):
        rng = random.Random(5)
        old = old_gdp(rng)
        new = new_gdp(rng, old)
        self.import_file("old.csv", old_gdp_file(old), OLD_GDP, "--yes")
        shown = {(o["region"], int(o["period"])): o["value"] for o in self.listed("--series", "cn-gdp")}
        self.assertEqual({k: float(v) for k, v in shown.items()}, {k: float(v) for k, v in old.items()})

        changed = {k for k in old if abs(Fraction(new[k]) - Fraction(old[k])) > Fraction(old[k]) / 1000}
        equal = {k for k in old if Fraction(new[k]) == Fraction(old[k])}
        dry = self.import_file("new.csv", new_gdp_file(new), NEW_GDP, "--dry-run", "--tolerance", "0.001")
        self.assertIn(f"{len(new) - len(old)} added, {len(changed)} revised, 0 relabelled, 0 removed, "
                      f"{len(old) - len(changed)} unchanged", dry.stdout)
        exact = self.import_file("new.csv", new_gdp_file(new), NEW_GDP, "--yes")
        self.assertIn(f"{len(old) - len(equal)} revised", exact.stdout)
        again = self.import_file("new.csv", new_gdp_file(new), NEW_GDP, "--yes")
        self.assertIn("is in the catalog already", again.stdout)

        # What had been published by a day stands as of it, and every vintage can be seen.
        before = self.listed("--series", "cn-gdp", "--as-of", "2020-12-31")
        self.assertEqual(len(before), len(old))
        self.assertEqual({o["vintage"] for o in before}, {"cn-gdp-2017"})
        now = self.listed("--indicator", "gdp", "--region", "cn-33", "--from", "2015", "--to", "2017")
        self.assertEqual([(o["period"], o["vintage"]) for o in now],
                         [(str(y), "cn-gdp-2021") for y in (2015, 2016, 2017)])
        every = self.listed("--series", "cn-gdp", "--region", "cn-33", "--from", "2016", "--every-vintage")
        self.assertEqual([(o["period"], o["vintage"]) for o in every],
                         [("2016", "cn-gdp-2017"), *((str(y), "cn-gdp-2021") for y in (2016, 2017, 2018, 2019))])

        done = self.stack.cli("observations", "compare", "-o", "json", "--series", "cn-gdp", "--before", "2018-12-31",
                              "--tolerance", "0.001")
        differences = json.loads(done.stdout)
        revised = {(d["region"], int(d["period"])) for d in differences if d["change"] == "revised"}
        self.assertEqual(revised, changed)
        self.assertEqual(sum(d["change"] == "added" for d in differences), len(new) - len(old))

        # The same after a restart: the index is made of what is stored.
        self.stack.restart("catalog")
        self.assertEqual(self.listed("--series", "cn-gdp", "--as-of", "2020-12-31"), before)

    def test_a_release_with_years_quarters_and_months_is_compared_with_the_one_before(self):
        rng = random.Random(6)
        first = {(c, p): f"{rng.uniform(1, 60):.1f}" for c in CDIDS for p in drsi_periods()[:-2] if rng.random() < 0.9}
        second = dict(first)
        for key in list(first):
            if rng.random() < 0.3:
                second[key] = f"{float(first[key]) + rng.choice([-0.2, 0.1, 0.3]):.1f}"
        for c in CDIDS:
            for p in drsi_periods()[-2:]:
                second[c, p] = f"{rng.uniform(1, 60):.1f}"
        revised = sum(second[k] != first[k] for k in first)
        self.import_file("feb.csv.gz", drsi_file(first), DRSI, "--vintage", "drsi-feb", "--published", "2026-02-20", "--yes")
        done = self.import_file("may.csv.gz", drsi_file(second), DRSI, "--vintage", "drsi-may", "--published", "2026-05-22",
                                "--yes")
        self.assertIn(f"6 added, {revised} revised, 0 relabelled, 0 removed, {len(first) - revised} unchanged", done.stdout)
        quarters = self.listed("--series", "drsi-j4mc", "--grain", "quarter")
        self.assertTrue(quarters)
        self.assertTrue(all("-Q" in o["period"] for o in quarters))
        self.assertEqual(len(self.listed("--indicator", "uk-internet-sales", "--as-of", "2026-05-21")), len(first))

    def test_january_and_february_together_are_a_cumulative_cell(self):
        text = "time,retailAmount,monthlyGrowth\n2017年1-2月,57960.1,9.5\n2017年3月,27863.7,10.9\n2018年1-2月,61081.5,9.7\n"
        self.import_file("retail.csv", text, RETAIL, "--yes")
        joined = self.listed("--series", "cn-retail", "--cumulative", "only", "--from", "2017")
        self.assertEqual([(o["period"], o["value"]) for o in joined], [("2017-01..02", 57960.1), ("2018-01..02", 61081.5)])
        self.assertEqual([o["period"] for o in self.listed("--series", "cn-retail", "--cumulative", "exclude",
                                                             "--from", "2017")], ["2017-03"])
        shown = self.stack.cli("get", "vintages/cn-retail-2018").stdout
        self.assertIn("period: 2017-01..02", shown)
        self.assertIn("value: 57960.1", shown)
        # What is written applies again and changes nothing.
        self.assertIn("1 unchanged", self.stack.cli("apply", "-f", "-", "--yes", input=shown).stdout)

    def test_a_file_with_a_cell_that_cannot_be_read_changes_nothing(self):
        done = self.import_file("bad.csv", "time,retailAmount,monthlyGrowth\n2017年13月,1,2\n2017年4月,x,2\n", RETAIL, "--yes",
                                "--vintage", "bad", check=False)
        self.assertEqual(done.returncode, 5)
        self.assertIn("3 cells cannot be read", done.stderr)
        self.assertIn("line 2, column `retailAmount`: period: `2017年13月` is no period", done.stderr)
        self.assertIn("line 3, column `retailAmount`: value: `x` is not a number", done.stderr)
        self.assertNotEqual(self.stack.cli("get", "vintages/bad", check=False).returncode, 0)

    def test_a_vintage_applied_in_error_is_withdrawn_and_stays_in_the_history(self):
        text = "time,retailAmount,monthlyGrowth\n2016年3月,{},10.5\n"
        mapping = RETAIL.replace("2018-06-14", "2016-04-15")
        self.import_file("right.csv", text.format("25114.2"), mapping, "--vintage", "right", "--yes")
        mapping = RETAIL.replace("2018-06-14", "2016-04-16")
        self.import_file("wrong.csv", text.format("2511.42"), mapping, "--vintage", "wrong", "--yes")
        only = ["--series", "cn-retail", "--from", "2016", "--to", "2016"]
        self.assertEqual([o["value"] for o in self.listed(*only)], [2511.42])
        version = json.loads(self.stack.cli("history", "vintages/wrong", "-o", "json").stdout)[0]["version"]
        wrong = self.stack.cli("get", "vintages/wrong").stdout.rstrip("\n")
        wrong = wrong.replace("vintage:\n", "vintage:\n  withdrawn: true\n  withdrawal_reason: 小数点错位\n", 1)
        self.stack.cli("apply", "-f", "-", "--yes", input=wrong)
        self.assertEqual([o["value"] for o in self.listed(*only)], [25114.2])
        self.assertEqual([o["value"] for o in self.listed(*only, "--version", str(version))], [2511.42])


if __name__ == "__main__":
    unittest.main()
