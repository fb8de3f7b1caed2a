"""Random formula trees over random events and figures against an oracle of their own; the known answers of the real samples."""

import csv
import io
import os
import random
import subprocess
import unittest
from collections import Counter

import grpc
from tidemark.analytics.v1 import indicator_pb2, query_pb2, statistics_service_pb2_grpc
from tidemark.catalog.v1 import catalog_service_pb2, types_pb2
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest
from tidemark.type.v1 import role_pb2

import indicator_world as world
from answers import Null, rows
from indicator_oracle import Oracle, Refused, scale
from stack import ROOT, Stack

TREES = 560
REASONS = {"NO_BASE", "ZERO_BASE", "NEGATIVE_BASE", "PARTIAL_PERIOD", "NOT_REPORTED", "ZERO_DENOMINATOR", "NO_DATA", "NO_CHANGE",
           "NO_DENOMINATOR", "PERIOD_MISMATCH", "NOT_POSITIVE", "NOT_ADDITIVE", "SUPPRESSED", "NO_WEIGHT"}
NODES = {"ADD", "SUBTRACT", "MULTIPLY", "DIVIDE", "PREV", "YOY", "YTD_YOY", "PREV_DIFF", "YOY_DIFF", "YTD_YOY_DIFF", "YTD", "CAGR",
         "SHARE", "CONTRIBUTION", "CONTRIBUTION_RATE", "PER_CAPITA", "RATIO_TO_GDP", "INDEX"}
FLAGS = ["CARRIED", "PARTIAL", "QUALIFIED", "BREAK", "PART_YEAR", "CROSSWALK"]


def name_of(grain, first, end):
    year, month = divmod(first, 12)
    return {"MONTH": f"{year}-{month + 1:02}", "QUARTER": f"{year}-Q{month // 3 + 1}", "HALF_YEAR": f"{year}-H{month // 6 + 1}",
            "YEAR": f"{year}", "CUM": f"{year}-{month + 1:02}..{(end - 1) % 12 + 1:02}"}[grain]


def question(r):
    """Grain and periods."""
    if r.random() < 0.2:
        first = r.choice(range(2021 * 12, 2024 * 12, 12)) + r.choice([0, 3, 5])
        return "CUM", [("CUM", first, first + r.choice([2, 4]))]
    grain = r.choices(["MONTH", "QUARTER", "HALF_YEAR", "YEAR"], [4, 4, 1, 2])[0]
    length = world.LENGTH[grain]
    first = r.randrange(2021 * 12, 2024 * 12, length)
    return grain, [(grain, m, m + length) for m in range(first, min(first + 4 * length, 2024 * 12 + length), length)]


class Indicators(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = cls.enterClassContext(Stack(redis=False))
        cls.stack.apply("-f", "-", input=world.CATALOG)
        trees = world.Trees(11)
        cls.indicators = [trees.indicator(i) for i in range(TREES)]
        vintage, cells = world.figures(5)
        cls.apply([*world.series_resources()])
        cls.apply([vintage])
        for begin in range(0, TREES, 80):
            cls.apply(cls.indicators[begin:begin + 80])
        cls.events = world.events(3, 1500)
        for begin in range(0, len(cls.events), 500):
            batch = cls.events[begin:begin + 500]
            verdict = cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=batch), metadata=cls.stack.metadata(),
                                                      timeout=60).verdict
            assert verdict.accepted == len(batch), verdict
            cls.size = verdict.first_leaf + verdict.accepted
        cls.oracle = Oracle(cls.events, cells, cls.indicators)

    @classmethod
    def apply(cls, resources):
        for resource in resources:
            resource.display_names["en"] = resource.name
        request = catalog_service_pb2.ApplyResourcesRequest(resources=resources)
        cls.stack.wait_judged_by(cls.stack.catalog().ApplyResources(request, metadata=cls.stack.metadata(), timeout=60).version)

    def ask(self, name, places, grain, periods, online=False, explain=False, token=None):
        request = indicator_pb2.EvaluateIndicatorRequest(indicator=name, regions=places, explain=explain)
        request.read.min_log_size = self.size
        request.range.first, request.range.last = name_of(*periods[0]), name_of(*periods[-1])
        request.grain = query_pb2.Grain.Value("GRAIN_" + ("ALL" if grain == "CUM" else grain))
        if online:
            request.filters.add(dimension="channel", codes=["online"])
        stub = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel("analytics"))
        return stub.EvaluateIndicator(request, metadata=self.stack.metadata(token), timeout=120)

    def reads_figures(self, tree):
        node = tree.WhichOneof("node")
        if node == "indicator":
            return self.reads_figures(self.oracle.indicators[tree.indicator.indicator].formula)
        if node == "operation":
            return any(self.reads_figures(o) for o in tree.operation.operands)
        return node == "series" or node == "comparison" and self.reads_figures(tree.comparison.of)

    def reads_events(self, tree):
        node = tree.WhichOneof("node")
        if node == "indicator":
            return self.reads_events(self.oracle.indicators[tree.indicator.indicator].formula)
        if node == "operation":
            return any(self.reads_events(o) for o in tree.operation.operands)
        return node == "measure" or node == "comparison" and self.reads_events(tree.comparison.of)

    def check(self, indicator, r):
        tree, unit = indicator.indicator.formula, indicator.indicator.unit
        places = r.sample(world.PLACES, 3)
        grain, periods = question(r)
        online = r.random() < 0.3 and not self.reads_figures(tree)
        extra = (("channel", ("online",)),) if online else ()
        explain = r.random() < 0.3
        try:
            want = [(p, q, self.oracle.value(tree, p, q, extra=extra)) for p in places for q in periods]
        except Refused as refused:
            with self.assertRaises(grpc.RpcError) as raised:
                self.ask(indicator.name, places, grain, periods, online)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            self.assertIn("year to date", raised.exception.details())
            self.met[str(refused)] += 1
            return
        answer = self.ask(indicator.name, places, grain, periods, online, explain)
        got = rows(answer.values)
        self.assertEqual([(r["region"], r["period"]) for r in got], [(p, name_of(*q)) for p, q, _ in want])
        covered = self.reads_events(tree)
        for row, (place, period, value) in zip(got, want):
            where = (indicator.name, answer.formula, place, period)
            self.met[value.null or "value"] += 1
            number = Null.__new__(Null) if value.null else float(value.number / scale(unit))
            if value.null:
                number.reason = value.null
            self.assertEqual(row["value"], number, where)
            self.assertEqual(row["status"], value.status, where)
            self.assertEqual(row["flags"], " ".join(x for x in FLAGS if x in value.flags), where)
            complete, expected = self.oracle.coverage(period, ()) if covered else (0, 0)
            self.assertEqual((row["coverage_complete"], row["coverage_expected"]), (complete, expected), where)
            self.met.update("flag " + x for x in value.flags)
            self.met["status " + value.status] += 1
        if explain:
            self.check_nodes(answer, got)

    def check_nodes(self, answer, got):
        nodes = rows(answer.nodes)
        roots = [n for n in nodes if n["text"] == answer.formula and n["node"].count(".") == 0]
        self.assertLessEqual({(r["region"], r["period"]) for r in got}, {(n["region"], n["period"]) for n in roots})
        for n in nodes:
            self.met["explained " + n["node"].rpartition(".")[2].partition("[")[0]] += 1
            if n["node"].endswith("measure"):
                self.assertRegex(n["source"], " (in|from) 20")
            if n["node"].endswith("series") and not isinstance(n["value"], Null):
                self.assertRegex(n["source"], r"^observationSeries/\S+ vintages/v1$")

    def test_random_trees_equal_the_oracle(self):
        r, self.met = random.Random(23), Counter()
        for indicator in self.indicators:
            with self.subTest(indicator.name):
                self.check(indicator, r)
        self.assertGreater(self.met["value"], 1000)
        for met in [*REASONS, "GRAIN_INVALID", *("flag " + x for x in FLAGS), *("status " + x for x in "ARPE"),
                    *("explained " + n for n in ("constant", "measure", "series", "indicator", "operation", "comparison"))]:
            self.assertGreater(self.met[met], 0, met)
        for node in NODES:
            self.assertGreater(self.oracle.met[node], 10, node)
        for made in ("made of parts", "made of nothing", "made for later boundaries"):
            self.assertGreater(self.oracle.met[made], 10, made)

    def test_what_a_measure_was_asked_by_is_a_query(self):
        simple = next(i for i in self.indicators if any(
            o.WhichOneof("node") == "measure" and o.measure.name == "net" and not o.measure.filters
            for o in i.indicator.formula.operation.operands))
        answer = self.ask(simple.name, ["regions/east"], "QUARTER", [("QUARTER", 2021 * 12 + 6, 2021 * 12 + 9)], explain=True)
        node = next(n for n in rows(answer.nodes) if n["text"] in ("net", "net by provider_region"))
        told = self.stack.cli("query", node["source"], "-o", "csv").stdout
        self.assertEqual(float(next(csv.DictReader(io.StringIO(told)))["net"]), node["value"])

    def test_a_confined_token_sees_its_region_of_the_events(self):
        token = self.stack.issue_token("confined", types_pb2.Token(
            principal="p", roles=[role_pb2.ROLE_ANALYST], region_scope="regions/east"))
        made = world.resource_pb2.Resource(name="indicators/all-net")
        made.CopyFrom(self.indicators[0])
        made.name = "indicators/all-net"
        made.indicator.formula.Clear()
        made.indicator.formula.measure.name = "net"
        made.indicator.unit.CopyFrom(world.unit(world.MONEY))
        self.apply([made])
        batch = [event_pb2.Event(source="shop", id="late", kind=world.USE, event_time_us=self.events[0].event_time_us)]
        verdict = self.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=batch), metadata=self.stack.metadata(),
                                                   timeout=60).verdict
        type(self).size = verdict.first_leaf + 1
        periods = [("YEAR", 2022 * 12, 2023 * 12)]
        whole, east = (rows(self.ask(made.name, [p], "YEAR", periods).values)[0]["value"] for p in ("regions/cn", "regions/east"))
        confined = self.ask(made.name, ["regions/cn"], "YEAR", periods, token=token)
        self.assertEqual(rows(confined.values)[0]["value"], east)
        self.assertNotEqual(whole, east)
        self.assertIn("REGION_SCOPE", {note.code for note in confined.values.notes})

    def test_wrong_questions_are_named(self):
        def refused(code, change, name="indicators/t0"):
            request = indicator_pb2.EvaluateIndicatorRequest(indicator=name, regions=["regions/cn"], grain=query_pb2.GRAIN_YEAR)
            request.range.first = request.range.last = "2022"
            request.read.min_log_size = self.size
            change(request)
            stub = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel("analytics"))
            with self.assertRaises(grpc.RpcError) as raised:
                stub.EvaluateIndicator(request, metadata=self.stack.metadata(), timeout=60)
            self.assertEqual(raised.exception.code(), code, raised.exception.details())
            return raised.exception.details()
        bad, missing, state = (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION)
        figures = next(i.name for i in self.indicators if i.indicator.formula.WhichOneof("node") == "operation" and
                       self.reads_figures(i.indicator.formula))
        self.assertIn("indicator: ", refused(bad, lambda r: r.ClearField("indicator")))
        self.assertIn("regions: ", refused(bad, lambda r: r.ClearField("regions")))
        self.assertIn("regions[1]: ", refused(bad, lambda r: r.regions.append("regions/cn")))
        self.assertIn("nearest: ", refused(missing, lambda r: r.regions.append("regions/eas")))
        self.assertIn("range.last: ", refused(bad, lambda r: setattr(r.range, "last", "")))
        self.assertIn("grain: ", refused(bad, lambda r: (setattr(r, "grain", query_pb2.GRAIN_ALL), setattr(r.range, "last", "2023"))))
        self.assertIn("is shorter than a month", refused(bad, lambda r: setattr(r, "grain", query_pb2.GRAIN_WEEK)))
        self.assertIn("filters: ", refused(bad, lambda r: r.filters.add(dimension="channel", codes=["online"]), figures))
        self.assertIn("has no formula", refused(state, lambda r: None, "indicators/of-sales"))
        refused(missing, lambda r: None, "indicators/nowhere")
        self.assertIn("names no indicator", refused(bad, lambda r: None, "regions/cn"))
        quarter = [("QUARTER", 2022 * 12, 2022 * 12 + 3)]
        first, last = (self.ask(f"indicators/t{i}", ["regions/cn"], "QUARTER", quarter) for i in (0, TREES - 1))
        self.assertLess(first.indicator_version, last.indicator_version)
        self.assertLessEqual(last.indicator_version, last.catalog_version)

    def test_the_command_shows_the_same(self):
        name = next(i.name for i in self.indicators if i.indicator.formula.WhichOneof("node") == "operation")
        periods = [("MONTH", m, m + 1) for m in range(2022 * 12, 2022 * 12 + 3)]
        want = rows(self.ask(name, ["regions/cn", "regionGroups/pair"], "MONTH", periods).values)
        told = self.stack.cli("indicator", name.partition("/")[2], "--region", "cn", "--region", "regionGroups/pair",
                              "from 2022-01 to 2022-03", "-o", "csv").stdout
        got = list(csv.DictReader(io.StringIO(told)))
        self.assertEqual([(r["region"], r["period"]) for r in got], [(r["region"], r["period"]) for r in want])
        self.assertEqual([r["value"] == "" or float(r["value"]) for r in got],
                         [isinstance(r["value"], Null) or r["value"] for r in want])
        shown = self.stack.cli("indicator", name, "--region", "cn", "--explain", "in 2022-01").stdout
        self.assertIn(f"{name} = ", shown)
        self.assertIn("nodes:", shown)
        self.assertNotEqual(self.stack.cli("indicator", name, "--region", "cn", "by category", check=False).returncode, 0)


class Samples(unittest.TestCase):
    """What follows from the figures of deploy/samples."""

    @classmethod
    def setUpClass(cls):
        cls.stack = cls.enterClassContext(Stack(redis=False))
        samples = os.path.join(ROOT, "deploy", "samples")
        cls.stack.apply("-f", os.path.join(samples, "regions", "china.yaml"), "-f", os.path.join(samples, "yangtze-delta"))
        cls.stack.apply("-f", "-", input="name: sources/shop\nsource: {kind: LIVE, reports: {start: 2012-01-01}}\n")
        event = event_pb2.Event(source="shop", id="1", kind=world.PURCHASE, amount=54_600_000_000, consumer_region="cn-6301",
                                event_time_us=1_370_000_000_000_000)
        cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=[event]), metadata=cls.stack.metadata(), timeout=60)
        cls.stack.restart("analytics")

    def reconcile(self, *arguments):
        return list(csv.DictReader(io.StringIO(self.stack.cli("reconcile", *arguments, "-o", "csv").stdout)))

    def test_online_retail_of_january_and_february_2023(self):
        [growth] = [r for r in self.reconcile("online-retail-sales") if r["computed_from"] == "LEVELS"]
        self.assertEqual((growth["period"], growth["form"], float(growth["published"]), growth["reason"]),
                         ("2023-01..02", "GROWTH_ON_YEAR", 6.2, "BASIS"))
        self.assertEqual(float(growth["computed"]), (20544 - 19558) * 100 / 19558)
        self.assertEqual(round(float(growth["computed"]), 2), 5.04)
        self.assertEqual(round(float(growth["difference"]), 2), 1.16)
        self.assertEqual(growth["vintage"], "vintages/cn-online-retail-2023-02")

    def test_the_base_of_xining(self):
        found = {r["computed_from"]: r for r in self.reconcile("information-consumption", "--region", "cn-6301", "in 2013")
                 if r["series"].endswith("growth")}
        implied = found["RATE_AND_LEVEL"]
        self.assertEqual((implied["period"], implied["unit"], float(implied["computed"]), implied["published"]),
                         ("2012-Q1..Q3", "10^8 CNY", 54.6, ""))
        self.assertEqual(found["LEVELS"]["computed"], "")
        self.assertEqual(found["EVENTS"]["computed"], "")

    def test_other_figures_have_nothing_to_follow_from(self):
        self.assertEqual(self.reconcile("digital-economy"), [])
        self.assertNotEqual(self.stack.cli("reconcile", "nothing", check=False).returncode, 0)
        self.assertIn("--series", subprocess.run([os.path.join(os.environ["TIDEMARK_BIN"], "tidemark"), "reconcile", "--help"],
                                                 capture_output=True, text=True).stdout)


if __name__ == "__main__":
    unittest.main()
