"""Where targets stand, with real services: random series, paths and periods against fractions in plain Python, and the one
target that is known: the pilot's of Xining."""

import collections
import csv
import io
import os
import random
import unittest
from fractions import Fraction

import grpc
from tidemark.analytics.v1 import statistics_service_pb2_grpc, target_progress_pb2
from tidemark.catalog.v1 import types_pb2
from tidemark.ingest.v1 import event_pb2
from tidemark.type.v1 import role_pb2

from answers import Null, rows
from stack import ROOT, Stack
from target_world import ASKED, Oracle, World, null

SAMPLES = os.path.join(ROOT, "deploy", "samples")
XINING = "targets/xining-information-consumption-2015"

CATALOG = """
- name: observatories/main
  observatory: {timeZone: Asia/Shanghai, currency: CNY, scale: 2, start: 2012-01-01}
- name: sources/shop
  source: {kind: LIVE, reports: {start: 2012-01-01, end: 2013-07-01}}
- name: organisations/nbs
  organisation: {kind: STATISTICS_OFFICE}
- name: regions/cn
  region: {level: NATION}
- {name: regions/cn-33, region: {level: PROVINCE, parent: regions/cn}}
- {name: regions/cn-63, region: {level: PROVINCE, parent: regions/cn}}
- {name: regions/cn-6301, region: {level: CITY, parent: regions/cn-63}}
- name: regions/cn-62
  region:
    level: PROVINCE
    parent: regions/cn
    successors: [{region: regions/cn-64, date: 2012-07-01, basis: POPULATION, weight: 0.25}]
- {name: regions/cn-64, region: {level: PROVINCE, parent: regions/cn}}
- name: regionGroups/pair
  regionGroup: {members: [{member: regions/cn-33}, {member: regions/cn-6301}]}
- {name: programmes/pilot, programme: {}}
- {name: programmes/empty, programme: {}}
- name: indicators/money
  indicator:
    unit: {kind: MONEY, currency: CNY, powerOfTen: 8}
    frequency: MONTH
    additivity: FLOW
    method: {texts: {en: Sales}}
- name: indicators/share
  indicator:
    unit: {kind: PERCENT}
    frequency: MONTH
    additivity: NONE
    method: {texts: {en: A share}}
- name: indicators/computed
  indicator:
    unit: {kind: MONEY, currency: CNY, powerOfTen: 4}
    frequency: MONTH
    additivity: FLOW
    method: {texts: {en: Sales}}
    formula: {measure: {name: net}}
"""
OTHERS = """
- name: targets/quality
  target:
    parent: programmes/pilot
    region: regions/cn-63
    due: '2015'
    qualitative:
      statement: {texts: {en: One card for the delta, zh: 一卡通}}
      status: DONE
      evidence: [{publisher: organisations/nbs}, {publisher: organisations/nbs, title: Report}]
- name: targets/reported-only
  target:
    parent: programmes/pilot
    region: regions/cn-33
    due: '2015'
    quantitative: {indicator: indicators/money, kind: AT_LEAST, unit: {kind: MONEY, currency: CNY}, value: 5}
- name: observationSeries/per-head
  observationSeries:
    indicator: indicators/money
    form: LEVEL
    unit: {kind: MONEY, currency: CNY, per: PERSON}
    publisher: organisations/nbs
- name: targets/per-head
  target:
    region: regions/cn-33
    due: '2015'
    quantitative:
      {indicator: indicators/money, kind: AT_LEAST, unit: {kind: MONEY, currency: CNY}, value: 5, series: observationSeries/per-head}
- name: observationSeries/changed
  observationSeries:
    indicator: indicators/money
    form: LEVEL
    unit: {kind: MONEY, currency: CNY}
    publisher: organisations/nbs
- name: targets/changed
  target:
    region: regions/cn-33
    due: '2015'
    quantitative:
      {indicator: indicators/money, kind: AT_LEAST, unit: {kind: MONEY, currency: CNY}, value: 5, series: observationSeries/changed}
- name: targets/grown
  target:
    region: regions/cn-64
    due: '2015'
    quantitative:
      {indicator: indicators/money, kind: AT_LEAST, unit: {kind: MONEY, currency: CNY}, value: 5, series: observationSeries/changed,
       baseline: {period: '2011', value: 2}}
- name: targets/computed
  target:
    region: regions/cn-33
    due: '2015'
    quantitative:
      {indicator: indicators/computed, kind: AT_LEAST, unit: {kind: MONEY, currency: CNY}, value: 60,
       baseline: {period: '2011', value: 0}}
- name: targets/computed-of-group
  target:
    region: regionGroups/pair
    due: '2015'
    quantitative: {indicator: indicators/computed, kind: AT_MOST, unit: {kind: MONEY, currency: CNY, powerOfTen: 2}, value: 1}
- name: indicators/apps
  indicator:
    unit: {kind: COUNT}
    frequency: YEAR
    additivity: STOCK
    method: {texts: {en: Applications}}
    formula: {series: {series: observationSeries/apps, carried: true}}
- name: observationSeries/apps
  observationSeries: {indicator: indicators/apps, form: LEVEL, unit: {kind: COUNT}, publisher: organisations/nbs}
- name: targets/apps
  target:
    region: regions/cn-33
    due: '2015'
    quantitative: {indicator: indicators/apps, kind: AT_LEAST, unit: {kind: COUNT}, value: 900}
- name: vintages/others
  vintage:
    source: {publisher: organisations/nbs, published: 2016-01-01}
    series:
      - series: observationSeries/per-head
        regions: [{region: regions/cn-33, cells: [{period: '2013', value: 3}]}]
      - series: observationSeries/apps
        regions: [{region: regions/cn-33, cells: [{period: '2012', value: 700, qualifier: MORE_THAN}]}]
      - series: observationSeries/changed
        regions:
          - region: regions/cn-33
            cells: [{period: 2012-H2, value: 3, status: PROVISIONAL}, {period: 2013-H1, value: 4, breakBefore: true, qualifier: NEARLY}]
          - region: regions/cn-64
            cells: [{period: '2011', value: 2.5}, {period: '2013', value: 4}]
"""


def purchase(number, time_us, amount, region):
    return event_pb2.Event(source="shop", id=f"e{number}", kind=event_pb2.EVENT_KIND_PURCHASE, event_time_us=time_us,
                           amount=amount, consumer_region=region)


class Asking:
    def ask(self, token=None, **request):
        stub = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel("analytics"))
        made = target_progress_pb2.TargetProgressRequest(**request)
        made.read.min_log_size = self.size
        return stub.TargetProgress(made, metadata=self.stack.metadata(token), timeout=60)

    def refused(self, code, token=None, **request):
        with self.assertRaises(grpc.RpcError) as raised:
            self.ask(token, **request)
        self.assertEqual(raised.exception.code(), code)
        return raised.exception.details() + str(raised.exception.trailing_metadata())


class Targets(Asking, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.world = World(20)
        indicator = {"a": "indicators/money", "r": "indicators/share"}
        yaml = CATALOG
        for series, unit in cls.world.units.items():
            yaml += (f"- name: {series}\n  observationSeries: {{indicator: {indicator[series.split('/')[1][0]]}, form: LEVEL, "
                     f"unit: {unit}, publisher: organisations/nbs}}\n")
        yaml += cls.world.vintages(random.Random(21))
        for t in cls.world.targets:
            unit = "{kind: MONEY, currency: CNY, powerOfTen: %d}" % t.power if t.additive else "{kind: PERCENT}"
            yaml += t.yaml(indicator["a" if t.additive else "r"], unit)
        cls.stack.apply("-f", "-", input=yaml + OTHERS)
        in_2012, in_2013 = 1_330_000_000_000_000, 1_370_000_000_000_000
        cls.size = cls.stack.submit([purchase(1, in_2012, 1200, "cn-33"), purchase(2, in_2012, 1800, "cn-33"),
                                     purchase(3, in_2013, 2500, "cn-33"), purchase(4, in_2013, 5000, "cn-6301")])

    def test_random_targets_stand_where_the_definition_says(self):
        names = [t.name for t in self.world.targets]
        met, likes = collections.Counter(), 0
        for asked in ASKED:
            answer = self.ask(targets=names, period=asked or "")
            got, like = rows(answer.progress), {r["target"]: r for r in rows(answer.like_for_like)}
            self.assertEqual([r["target"] for r in got], names)
            for t, r in zip(self.world.targets, got):
                key = t.series, t.region
                oracle = Oracle(t, self.world.cells[key], self.world.truth[key], asked)
                want = oracle.progress_row()
                flags = set(r["flags"].split())
                # What four quarters are made of the program chooses, and so how exactly it was stated.
                ignored = {"QUALIFIED"} if "TRAILING_FOUR_QUARTERS" in flags else set()
                with self.subTest(target=t.name, asked=asked):
                    self.assertEqual({**{k: r[k] for k in want}, "flags": flags - ignored},
                                     {**want, "flags": want["flags"] - ignored})
                    self.assertEqual(like.pop(t.name, None) is None, oracle.like_row() is None)
                met.update(flags)
                met.update(f"{k} {v.reason}" for k, v in r.items() if isinstance(v, Null))
                met.update(f"{k} {r[k]} {t.kind}" for k in ("on_track", "reached"))
            for r in rows(answer.like_for_like):
                t = next(t for t in self.world.targets if t.name == r["target"])
                key = t.series, t.region
                want = Oracle(t, self.world.cells[key], self.world.truth[key], asked).like_row()
                self.assertEqual({k: r[k] for k in want}, want)
                met.update(f"like {k} {v.reason}" for k, v in r.items() if isinstance(v, Null))
                likes += 1
            self.assertEqual(like, {})
        print(f"{len(names) * len(ASKED)} rows, {likes} of like periods, met: {dict(sorted(met.items()))}", flush=True)
        actuals = ("NO_ACTUAL", "PERIOD_MISMATCH", "SUPPRESSED")
        wanted = {"TRAILING_FOUR_QUARTERS", "YEAR_FORECAST", "ANNUALISED", "QUALIFIED", "baseline NO_BASELINE",
                  "progress NO_BASELINE", "progress BASELINE_IS_GOAL", "path_value NO_BASELINE", "path_value NO_BASE",
                  "needed_growth NOT_POSITIVE", "needed_growth TOO_SHORT", "like needed_growth TOO_SHORT",
                  "like needed_growth NOT_POSITIVE"}
        wanted |= {f"{column} {reason}" for column in ("actual", "progress", "needed_growth") for reason in actuals}
        wanted |= {f"{column} {said} {kind}" for column in ("on_track", "reached") for said in ("YES", "NO")
                   for kind in ("AT_LEAST", "AT_MOST", "ABOUT")}
        self.assertLessEqual(wanted, set(met))
        self.assertGreater(likes, 50)

    def test_a_parent_has_all_of_its_own_by_name(self):
        answer = self.ask(parent="programmes/pilot")
        # That of the computed one is not among them.
        names = sorted([t.name for t in self.world.targets] + ["targets/reported-only"])
        self.assertEqual([r["target"] for r in rows(answer.progress)], names)
        self.assertEqual(rows(answer.progress)[names.index("targets/reported-only")]["actual"], null("NO_ACTUAL"))
        quality, = rows(answer.qualitative)
        self.assertEqual(quality, {"target": "targets/quality", "region": "regions/cn-63", "due": "2015",
                                   "statement": "One card for the delta", "work_status": "DONE", "evidence": 2})
        chinese = target_progress_pb2.TargetProgressRequest(parent="programmes/pilot")
        chinese.read.label_language = "zh"
        self.assertEqual(rows(self.ask(targets=["targets/quality"], read=chinese.read).qualitative)[0]["statement"], "一卡通")
        empty = self.ask(parent="programmes/empty")
        self.assertEqual((empty.progress.row_count, empty.qualitative.row_count), (0, 0))

    def test_what_was_changed_in_between_is_flagged(self):
        row, = rows(self.ask(targets=["targets/changed"]).progress)
        self.assertEqual((row["actual"], row["period"], row["status"], row["flags"], row["source"]),
                         (7, "2012-H2..2013-H1", "P", "TRAILING_FOUR_QUARTERS ANNUALISED QUALIFIED BREAK",
                          "observationSeries/changed vintages/others"))

    def test_a_baseline_of_another_area_is_not_converted_and_flagged(self):
        row, = rows(self.ask(targets=["targets/grown"]).progress)
        self.assertEqual((row["actual"], row["period"], row["baseline"], row["progress"], row["flags"]),
                         (4, "2013", 2, float(Fraction(4 - 2, 5 - 2)), "OTHER_AREA"))
        row, = rows(self.ask(targets=["targets/grown"], period="2011").progress)
        self.assertEqual((row["actual"], row["flags"]), (2.5, ""))
        row, = rows(self.ask(targets=["targets/grown"], period="2012").progress)
        self.assertEqual((row["actual"], row["flags"]), (null("NO_ACTUAL"), ""))

    def test_without_a_series_the_formula_is_evaluated(self):
        names = ["targets/computed", "targets/computed-of-group", "targets/apps"]
        # The source ends in the middle of 2013: nothing is known of 2014, and 2013 is not whole.
        one, group, apps = rows(self.ask(targets=names).progress)
        self.assertEqual((one["period"], one["actual"], one["flags"], one["status"], one["source"]),
                         ("2013", 25, "PARTIAL", "P", "indicators/computed"))
        self.assertEqual((one["progress"], one["path_value"], one["on_track"]), (float(Fraction(25, 60)), 30, "NO"))
        self.assertEqual((group["period"], group["actual"], group["reached"]), ("2013", 0.75, "YES"))
        self.assertEqual(apps["actual"], 700)
        one, group, apps = rows(self.ask(targets=names, period="2012").progress)
        self.assertEqual((one["actual"], one["flags"], one["status"], one["on_track"]), (30, "", "A", "YES"))
        self.assertEqual((group["actual"], group["flags"]), (0.3, ""))
        self.assertEqual((apps["actual"], apps["flags"]), (700, "QUALIFIED"))
        self.assertEqual(apps["source"], "indicators/apps, observationSeries/apps vintages/others")
        one, group, apps = rows(self.ask(targets=names, period="2014").progress)
        self.assertEqual((one["actual"], one["progress"], one["needed_growth"]), (null("NOT_REPORTED"),) * 3)
        self.assertEqual((one["path_value"], one["on_track"]), (45, ""))
        self.assertEqual((apps["actual"], apps["flags"]), (700, "QUALIFIED CARRIED"))
        for r in rows(self.ask(targets=names, period="2013-Q1..Q2").progress):
            self.assertEqual(r["actual"], null("PERIOD_MISMATCH"))

    def test_a_token_for_a_region_sees_the_targets_there(self):
        token = types_pb2.Token(principal="qinghai", roles=[role_pb2.ROLE_ANALYST], region_scope="regions/cn-63")
        secret = self.stack.issue_token("qinghai", token)
        inside = [t.name for t in self.world.targets if t.region in ("regions/cn-63", "regions/cn-6301")]
        answer = self.ask(secret, parent="programmes/pilot")
        self.assertEqual([r["target"] for r in rows(answer.progress)], inside)
        self.assertEqual(rows(self.ask(secret, targets=inside[:1]).progress), rows(self.ask(targets=inside[:1]).progress))
        # The group has a member elsewhere.
        for region in ("regions/cn-33", "regionGroups/pair"):
            outside = next(t.name for t in self.world.targets if t.region == region)
            told = self.refused(grpc.StatusCode.PERMISSION_DENIED, secret, targets=[inside[0], outside])
            self.assertIn(outside, told)
            self.assertIn("REGION_SCOPE", told)

    def test_wrong_questions_are_named(self):
        invalid = grpc.StatusCode.INVALID_ARGUMENT
        self.assertIn("targets: missing", self.refused(invalid))
        self.assertIn("parent: not together", self.refused(invalid, targets=["targets/t001"], parent="programmes/pilot"))
        self.assertIn("targets[1]: ", self.refused(invalid, targets=["targets/t001", "t002"]))
        self.assertIn("targets[0]: ", self.refused(invalid, targets=["targets/NO SUCH"]))
        self.assertIn("named twice", self.refused(invalid, targets=["targets/t001", "targets/t001"]))
        self.assertIn("at most 1000", self.refused(invalid, targets=[f"targets/x{i}" for i in range(1001)]))
        self.assertIn("parent: ", self.refused(invalid, parent="regions/cn"))
        self.assertIn("period: `2013-Q5`", self.refused(invalid, targets=["targets/t001"], period="2013-Q5"))
        self.assertIn("targets[0]: ", self.refused(grpc.StatusCode.NOT_FOUND, targets=["targets/none"]))
        self.assertIn("parent: ", self.refused(grpc.StatusCode.NOT_FOUND, parent="programmes/none"))
        self.assertIn("UNIT_MISMATCH", self.refused(grpc.StatusCode.FAILED_PRECONDITION, targets=["targets/per-head"]))

    def test_the_command_shows_the_same(self):
        # The last log size that the command can know of is that of the answers above.
        self.ask(targets=["targets/t001"])
        told = self.stack.cli("targets", "t001", "targets/t002", "--table", "progress", "-o", "csv").stdout
        got = list(csv.DictReader(io.StringIO(told)))
        want = rows(self.ask(targets=["targets/t001", "targets/t002"]).progress)
        self.assertEqual([(r["target"], float(r["goal"]), r["flags"]) for r in got],
                         [(r["target"], r["goal"], r["flags"]) for r in want])
        whole = self.stack.cli("targets", "--parent", "programmes/pilot", "--period", "2013-Q1..Q3").stdout
        for table in ("progress:", "like_for_like:", "qualitative:"):
            self.assertIn(table, whole)
        # A table that there is not is refused before anything is asked: no service is needed for it.
        nowhere = self.stack.cli("--analytics", "127.0.0.1:1", "targets", "t001", "--table", "pairs", check=False)
        self.assertEqual(nowhere.returncode, 2)
        self.assertIn("`pairs`; want one of progress, like_for_like, qualitative", nowhere.stderr)
        for wrong in (("targets",), ("targets", "t001", "--parent", "programmes/pilot")):
            done = self.stack.cli(*wrong, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("--parent", done.stderr)


class Pilot(Asking, unittest.TestCase):
    """The answer that is known: 12.5 billion yuan in 2015, 6.552 billion in three quarters of 2013."""

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(redis=False).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        shop = "name: sources/shop\nsource: {kind: LIVE, reports: {start: 2012-01-01}}\n"
        cls.stack.cli("apply", "-f", os.path.join(SAMPLES, "regions", "china.yaml"), "-f", os.path.join(SAMPLES, "yangtze-delta"),
                      "--yes")
        cls.stack.apply("-f", "-", input=shop)
        cls.size = cls.stack.submit([purchase(1, 1_380_000_000_000_000, 100, "cn-6301")])

    def test_about_twenty_percent_a_year_and_not_38(self):
        answer = self.ask(targets=[XINING])
        row, = rows(answer.progress)
        mismatch = null("PERIOD_MISMATCH")
        self.assertEqual((row["actual"], row["needed_growth"], row["goal"], row["unit"], row["due"], row["flags"]),
                         (mismatch, mismatch, 125, "10^8 CNY", "2015", "ANNUALISED"))
        like, = rows(answer.like_for_like)
        self.assertEqual((like["period"], like["part"], like["annualised"]), ("2013-Q1..Q3", 65.52, 87.36))
        self.assertEqual(like["needed_growth"], 0.19618594117336367430)
        self.assertEqual(like["naive_growth"], 0.38123655027457473317)
        self.assertEqual({note.code for note in answer.like_for_like.notes}, {"ANNUALISED", "NAIVE_GROWTH"})
        self.assertEqual({note.code for note in answer.progress.notes}, {"PERIOD_MISMATCH"})

    def test_the_command_tells_it(self):
        self.ask(targets=[XINING])
        told = self.stack.cli("targets", XINING.split("/")[1], "--table", "like_for_like", "-o", "csv").stdout
        row, = csv.DictReader(io.StringIO(told))
        self.assertEqual((float(row["part"]), float(row["annualised"])), (65.52, 87.36))
        self.assertIn("not to be published", self.stack.cli("targets", XINING).stdout)

    def test_the_command_shows_amounts_as_asked(self):
        self.ask(targets=[XINING])
        of_part = ("targets", XINING, "--table", "like_for_like", "--amounts", "万元")
        row, = csv.DictReader(io.StringIO(self.stack.cli(*of_part, "-o", "csv").stdout))
        self.assertEqual((row["unit"], row["part"], row["annualised"]), ("10 thousand CNY", "655200", "873600"))
        shown = self.stack.cli(*of_part).stdout
        self.assertRegex(shown, r"2013-Q1\.\.Q3 +万元 +655,200\.00 +873,600\.00 ")
        self.assertNotIn("10^8", shown)


if __name__ == "__main__":
    unittest.main()
