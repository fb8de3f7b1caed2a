"""Searching, resolving and describing with real processes, on the shipped regions and taxonomy; and, where
$TIDEMARK_REGION_TABLES names a folder with the published tables, on complete hierarchies of China and Brazil."""

import csv
import io
import json
import os
import subprocess
import sys
import unittest

from tidemark.catalog.v1 import catalog_service_pb2 as catalog
from tidemark.catalog.v1 import types_pb2 as types

from stack import ROOT, Stack

SAMPLES = os.path.join(ROOT, "deploy", "samples")
TABLES = os.environ.get("TIDEMARK_REGION_TABLES")

OBSERVATORY = """
name: observatories/main
observatory: {timeZone: Asia/Shanghai, currency: CNY, start: 2013-01-01}
---
name: organisations/ningbo-economic-bureau
displayNames: {en: Ningbo Economic and Information Bureau, zh: 宁波市经济和信息化局}
organisation: {kind: AUTHORITY, region: regions/cn-3302}
---
name: projects/ningbo-cloud-hospital
displayNames: {en: Ningbo Cloud Hospital, zh: 宁波云医院}
description: A hospital on the net, one of Ningbo's demonstration projects for information consumption.
project: {kind: DEMONSTRATION, status: ACTIVE, regions: [regions/cn-3302], categories: [categories/online-consultation]}
"""

# Recodes of GB/T 2260 as its vintages show them; the days lie between the vintages, and they and the
# weights are chosen for this test.
RECODES = """
- name: regions/cn-330227
  displayNames: {zh: 鄞县, zh-Latn: yin xian}
  region: {level: COUNTY, parent: regions/cn-3302, valid: {end: 2002-02-01},
           successors: [{region: regions/cn-330212, date: 2002-02-01, basis: WHOLE}]}
- name: regions/cn-330181
  displayNames: {zh: 萧山市, zh-Latn: xiao shan shi}
  region: {level: COUNTY, parent: regions/cn-3301, valid: {end: 2001-02-02},
           successors: [{region: regions/cn-330109, date: 2001-02-02, basis: WHOLE}]}
- name: regions/cn-330109
  displayNames: {zh: 萧山区, zh-Latn: xiao shan qu}
  region: {level: COUNTY, parent: regions/cn-3301, valid: {start: 2001-02-02}}
- name: regions/cn-110103
  displayNames: {zh: 崇文区, zh-Latn: chong wen qu}
  region: {level: COUNTY, parent: regions/cn-11, valid: {end: 2010-07-01},
           successors: [{region: regions/cn-110101, date: 2010-07-01, basis: WHOLE}]}
- name: regions/cn-341400
  displayNames: {zh: 巢湖市, zh-Latn: chao hu shi}
  region: {level: CITY, parent: regions/cn-34, valid: {end: 2011-08-22},
           successors: [{region: regions/cn-3401, date: 2011-08-22, basis: POPULATION, weight: {value: "0.45"}},
                        {region: regions/cn-3402, date: 2011-08-22, basis: POPULATION, weight: {value: "0.3"}},
                        {region: regions/cn-3405, date: 2011-08-22, basis: POPULATION, weight: {value: "0.25"}}]}
"""

# What is typed, and what must be among the first three.
SEARCHES = [
    ("宁波", "regions/cn-3302"),
    ("宁波市", "regions/cn-3302"),
    ("寧波", "regions/cn-3302"),
    ("ningbo", "regions/cn-3302"),
    ("Ning Bo", "regions/cn-3302"),
    ("ｎｉｎｇｂｏ", "regions/cn-3302"),
    ("nbs", "regions/cn-3302"),
    ("3302", "regions/cn-3302"),
    ("330200", "regions/cn-3302"),
    ("cn-3302", "regions/cn-3302"),
    ("nigbo", "regions/cn-3302"),
    ("宁博", "regions/cn-3302"),
    ("浙江", "regions/cn-33"),
    ("zhejiang", "regions/cn-33"),
    ("hangzhou", "regions/cn-3301"),
    ("hangzho", "regions/cn-3301"),
    ("lvliang", "regions/cn-1411"),
    ("changsha", "regions/cn-4301"),
    ("xiamen", "regions/cn-3502"),
    ("湘西", "regions/cn-4331"),
    ("连云刚", "regions/cn-3207"),
    ("海曙", "regions/cn-330203"),
    ("内蒙古", "regions/cn-15"),
    ("tibet", "regions/cn-54"),
    ("云医院", "projects/ningbo-cloud-hospital"),
    ("cloud hospital", "projects/ningbo-cloud-hospital"),
    ("数字藏品", "categories/collectibles"),
    ("藏品", "categories/collectibles"),
    ("shuzicangpin", "categories/collectibles"),
    ("metavers", "categories/metaverse"),
    ("08.3.1", "categories/fixed-communication"),
    ("smart hardwaer", "categories/hardware"),
    ("外卖", "categories/food-delivery"),
    ("经济 信息", "organisations/ningbo-economic-bureau"),
]

RESOLVED = [("宁波", "cn-3302"), ("ningbo", "cn-3302"), ("3302", "cn-3302"), ("浙江省宁波市", "cn-3302"), ("浙江宁波", "cn-3302"),
            ("Ningbo, Zhejiang", "cn-3302"), ("吉林市", "cn-2202"), ("吉林省吉林市", "cn-2202"), ("1101", "cn-11"),
            ("北京市朝阳区", "cn-110105"), ("浙江省宁波市海曙区", "cn-330203"), ("广西", "cn-45")]


class Search(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLES, "taxonomy"), "-f", os.path.join(SAMPLES, "regions"), "-f", "-",
                      "--yes", input=OBSERVATORY)

    def found(self, *arguments):
        return json.loads(self.stack.cli("search", *arguments, "-o", "json").stdout)

    def resolve(self, *arguments, input=None):
        done = self.stack.cli("resolve", *arguments, "-o", "json", check=False, input=input)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.returncode, json.loads(done.stdout)

    def test_what_people_type_finds_what_they_mean(self):
        for text, name in SEARCHES:
            with self.subTest(text):
                self.assertIn(name, [hit["name"] for hit in self.found(*text.split(), "--limit", "3")])

    def test_applying_again_changes_nothing(self):
        done = self.stack.cli("apply", "-f", os.path.join(SAMPLES, "regions"), "-f", os.path.join(SAMPLES, "taxonomy"))
        self.assertRegex(done.stdout, r"(?m)^0 to create, 0 to update, \d+ unchanged$")

    def test_codes_of_the_taxonomy_are_of_their_classifications(self):
        listed = self.stack.catalog().ListResources(catalog.ListResourcesRequest(collection="categories", page_size=5000),
                                                    metadata=self.stack.metadata())
        codes = [code for resource in listed.resources for code in resource.category.codes]
        cpc = {code.code for code in codes if code.classification == types.CLASSIFICATION_CPC_2_1}
        self.assertGreaterEqual(len(cpc), 40)
        # The 71 divisions of CPC 2.1, by section.
        divisions = {f"{section}{n}" for section, numbers in enumerate(
            ("1234", "12345678", "123456789", "123456789", "123456789", "34", "123456789", "123", "123456789", "123456789"))
            for n in numbers}
        self.assertEqual(len(divisions), 71)
        for code in cpc:
            self.assertRegex(code, r"^\d{2,5}$")
            self.assertIn(code[:2], divisions)
        # What a category is said to be exactly is said of no other one.
        exact = [(code.classification, code.code) for code in codes if code.relation == types.CODE_RELATION_EXACT]
        self.assertEqual(len(exact), len(set(exact)))

    def test_hits_say_why_and_keep_to_the_collection(self):
        hits = self.found("宁波", "--in", "regions")
        self.assertEqual({hit["name"].split("/")[0] for hit in hits}, {"regions"})
        self.assertEqual(hits[0]["found"], "SHORT_NAME display_names[zh]")
        table = self.stack.cli("search", "宁波", "--limit", "1")
        self.assertIn("regions/cn-3302", table.stdout)
        self.assertIn("more with --limit", table.stderr)

    def test_texts_that_name_one_region_resolve_to_it(self):
        code, rows = self.resolve(*[text for text, _ in RESOLVED])
        self.assertEqual(code, 0)
        self.assertEqual([(r["text"], r["outcome"], r["region"]) for r in rows],
                         [(text, "RESOLVED", "regions/" + id) for text, id in RESOLVED])

    def test_texts_that_may_name_several_are_for_people(self):
        code, rows = self.resolve("吉林", "nigbo", "亚特兰蒂斯")
        self.assertEqual(code, 1)
        self.assertEqual([(r["text"], r["outcome"], r["region"]) for r in rows if r["text"] != "nigbo"],
                         [("吉林", "AMBIGUOUS", "regions/cn-22"), ("吉林", "AMBIGUOUS", "regions/cn-2202"),
                          ("亚特兰蒂斯", "UNKNOWN", "")])
        self.assertIn(("AMBIGUOUS", "regions/cn-3302"), [(r["outcome"], r["region"]) for r in rows])
        code, rows = self.resolve("吉林", "--level", "CITY")
        self.assertEqual((code, rows[0]["region"]), (0, "regions/cn-2202"))

    def test_resolve_reads_standard_input(self):
        done = self.stack.cli("resolve", "-o", "csv", input="宁波\n\n  ningbo \n")
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        self.assertEqual([r["region"] for r in rows], ["regions/cn-3302"] * 2)

    def test_describe_names_what_is_referred_to(self):
        shown = self.stack.cli("describe", "projects/ningbo-cloud-hospital").stdout
        self.assertIn("Ningbo Cloud Hospital", shown.splitlines()[0])
        for text in ("kind: DEMONSTRATION", "regions/cn-3302", "Online consultation"):
            self.assertIn(text, shown)
        rows = json.loads(self.stack.cli("describe", "projects/ningbo-cloud-hospital", "-o", "json").stdout)
        self.assertEqual([r["name"] for r in rows], ["categories/online-consultation", "regions/cn-3302"])

    def test_recoded_regions_lead_to_their_successors(self):
        self.stack.cli("apply", "-f", "-", "--yes", input=RECODES)
        for text, day, region, successor_of in [
                ("鄞县", "2000-01-01", "cn-330227", ""),
                ("鄞县", "2020-01-01", "cn-330212", "cn-330227"),
                ("330227", "2020-01-01", "cn-330212", "cn-330227"),
                ("萧山市", "2020-01-01", "cn-330109", "cn-330181"),
                ("萧山", "2020-01-01", "cn-330109", ""),
                ("萧山", "1990-01-01", "cn-330181", ""),
                ("崇文区", "2019-04-30", "cn-110101", "cn-110103"),
                ("巢湖市", "2010-12-31", "cn-341400", "")]:
            with self.subTest(text=text, day=day):
                _, rows = self.resolve(text, "--valid-on", day)
                self.assertEqual((rows[0]["outcome"], rows[0]["region"], rows[0]["successor_of"]),
                                 ("RESOLVED", "regions/" + region, "regions/" + successor_of if successor_of else ""))
        # Split among three, none of which took over all of it.
        code, rows = self.resolve("巢湖市", "--valid-on", "2012-01-01")
        self.assertEqual((code, {row["successor_of"] for row in rows}), (1, {""}))
        self.assertNotIn("RESOLVED", {row["outcome"] for row in rows})
        valid = [hit["name"] for hit in self.found("崇文", "--valid-on", "2019-04-30")]
        self.assertNotIn("regions/cn-110103", valid)

    def test_a_restarted_catalog_finds_the_same(self):
        before = self.found("信息")
        self.assertTrue(before)
        self.stack.restart("catalog")
        self.assertEqual(self.found("信息"), before)


@unittest.skipUnless(TABLES, "TIDEMARK_REGION_TABLES is not set")
class CompleteTables(unittest.TestCase):
    def make(self, *arguments):
        table = [os.path.join(TABLES, a) if "." in a else a for a in arguments]
        return subprocess.run([sys.executable, os.path.join(SAMPLES, "regions", "make.py"), *table], check=True,
                              capture_output=True, text=True).stdout

    def test_china_and_brazil_apply_at_once_and_are_found(self):
        with Stack(redis=False) as stack:
            folder = os.path.join(stack.folder, "regions")
            os.mkdir(folder)
            with open(os.path.join(folder, "china.yaml"), "w") as f:
                f.write(self.make("china", "--provinces", "cn_nbs2023_provinces.csv", "--cities", "cn_nbs2023_cities.csv",
                                  "--areas", "cn_nbs2023_areas.csv", "--pinyin", "cn_areacity_level3_pinyin.csv.gz"))
            with open(os.path.join(folder, "brazil.yaml"), "w") as f:
                f.write(self.make("brazil", "--states", "br_ibge_states.csv", "--municipalities",
                                  "br_ibge_municipalities.csv.gz"))
            done = stack.cli("apply", "-f", folder, "--yes")
            self.assertIn("8942 to create, 0 to update, 0 unchanged", done.stdout)
            self.assertIn("0 to create, 0 to update, 8942 unchanged", stack.cli("apply", "-f", folder).stdout)
            for text, name in [*SEARCHES[:24], ("sao paulo", "regions/br-35"), ("BR-3304557", "regions/br-3304557"),
                               ("florianopolis", "regions/br-4205407")]:
                with self.subTest(text):
                    hits = json.loads(stack.cli("search", text, "--limit", "3", "-o", "json").stdout)
                    self.assertIn(name, [hit["name"] for hit in hits])
            for text, id in [*RESOLVED[:8], ("Rio de Janeiro, Brasil", ""), ("北京朝阳区", "cn-110105")]:
                with self.subTest(text):
                    done = stack.cli("resolve", text, "-o", "json", check=False)
                    rows = json.loads(done.stdout)
                    if id:
                        self.assertEqual((rows[0]["outcome"], rows[0]["region"]), ("RESOLVED", "regions/" + id))
                    else:
                        # State and city.
                        self.assertEqual({r["region"] for r in rows}, {"regions/br-33", "regions/br-3304557"})


if __name__ == "__main__":
    unittest.main()
