"""Forecasts through the services against exponential smoothing and back-tests written apart (ets_oracle.py)."""

import csv
import datetime
import io
import json
import time
import unittest

import grpc
from tidemark.analytics.v1 import forecast_pb2, query_pb2, result_pb2, statistics_service_pb2_grpc
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

import ets_oracle as oracle
from answers import Null, ask, query, rows, units
from stack import Stack

ZONE = datetime.timezone(datetime.timedelta(hours=8))
TOO_SHORT = Null(result_pb2.NULL_REASON_TOO_SHORT)
NOT_IN_MODEL = Null(result_pb2.NULL_REASON_NOT_IN_MODEL)
Z80, Z95 = 1.2815515655446004, 1.959963984540054
# 2019-01 to 2024-06.
MONTHS = [(2019 + i // 12, i % 12 + 1) for i in range(66)]
SHAPE = [0.8, 0.7, 0.95, 1.0, 1.02, 0.98, 0.9, 0.94, 1.05, 1.1, 1.5, 1.25]

CATALOG = """
name: observatories/test
displayNames: {en: Test}
observatory: {timeZone: Asia/Shanghai, currency: CNY, scale: 2, start: 2019-01-01}
---
name: regions/north
displayNames: {en: North, zh: 北}
region: {level: NATION}
---
name: regions/south
displayNames: {en: South, zh: 南}
region: {level: NATION}
---
name: sources/shop
displayNames: {en: Shop}
source: {kind: LIVE, reports: {start: 2019-01-01, end: 2024-07-01}}
"""


def north(i):
    """In cents: a growing series with a season of a year."""
    return round(1_000_000 * (1 + 0.02 * i) * SHAPE[i % 12] * (1 + ((i * 37) % 11 - 5) / 150))


def south(i):
    """A series that is 0 in some months, so that no model is multiplicative."""
    return 0 if i in (3, 17) else 50_000 + 2_500 * (i % 12) + 300 * i + (i * 53) % 97 * 100


def scaled_errors(points, came, scale):
    return [abs(a - b) / scale for a, b in zip(points, came)]


def naive_back_test(values, season, origins, horizon):
    """By periods ahead: (forecasts, MASE, shares in 80 and 95)."""
    scores = [[] for _ in range(horizon)]
    for origin in range(max(len(values) - origins, 6, 2 * season), len(values)):
        before = values[:origin]
        errors = [b - a for a, b in zip(before, before[season:])]
        scale = sum(map(abs, errors)) / len(errors)
        variance = sum(e * e for e in errors) / len(errors)
        for h in range(min(horizon, len(values) - origin)):
            off = abs(values[origin + h] - before[len(before) - season + h % season])
            deviation = (variance * (h // season + 1)) ** 0.5
            scores[h].append((off / scale, off <= Z80 * deviation, off <= Z95 * deviation))
    return [(len(s), *(sum(x) / len(s) for x in zip(*s))) if s else None for s in scores]


class Forecast(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(replicas=2).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", "-", "--yes", input=CATALOG)
        events = []
        for i, (year, month) in enumerate(MONTHS):
            for region, amount in (("north", north(i)), ("south", south(i))):
                # In parts on several days.
                for part in range(3):
                    cents = amount // 3 + (amount % 3 if part == 0 else 0)
                    if cents:
                        day = datetime.datetime(year, month, 1 + 9 * part, 23, tzinfo=ZONE)
                        events.append(event_pb2.Event(source="shop", id=f"{region}-{i}-{part}", amount=cents,
                                                      kind=event_pb2.EVENT_KIND_PURCHASE, consumer_region=region,
                                                      event_time_us=int(day.timestamp()) * 1_000_000))
        cls.send(events)
        cls.size = cls.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=cls.stack.metadata()).log_size
        for name in ("analytics", "analytics2"):
            ask(cls.stack, query(["net"]), name=name, min_log_size=cls.size)

    @classmethod
    def send(cls, events):
        while True:
            try:
                verdict = cls.stack.ingest().SubmitEvents(ingest.SubmitEventsRequest(events=events),
                                                          metadata=cls.stack.metadata(), timeout=60).verdict
                break
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                time.sleep(0.05)
        assert verdict.accepted == len(events), verdict

    def forecast(self, name="analytics", region="north", token=None, **more):
        request = forecast_pb2.ForecastRequest(**more)
        request.read.as_of.log_size = self.size
        if not request.HasField("measure"):
            request.measure.name = "gross"
        request.filters.add(dimension="consumer_region", codes=[region])
        stub = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel(name))
        return stub.Forecast(request, metadata=self.stack.metadata(token), timeout=120)

    def codes(self, result):
        return {note.code for note in result.notes}

    def fill_in(self, row):
        """A model has the parameters of its form only; without them it goes on as by these."""
        _, trend, season = oracle.parse(row["model"])
        for key, there, otherwise in (("beta", trend != "N", 0.0), ("gamma", season != "N", 0.0), ("phi", trend == "Ad", 1.0)):
            if there:
                self.assertIsInstance(row[key], float, row)
            else:
                self.assertEqual(row[key], NOT_IN_MODEL, row)
                row[key] = otherwise

    def test_additive_models_are_those_of_the_oracle(self):
        answer = self.forecast(region="south", horizon=5)
        values = [south(i) / 100 for i in range(66)]
        history = rows(answer.history)
        self.assertEqual([r["period"] for r in history], [f"{y}-{m:02d}" for y, m in MONTHS])
        self.assertEqual([r["gross"] for r in history], values)
        self.assertEqual(answer.history.columns[1].unit, "CNY")
        models = rows(answer.models)
        self.assertEqual(len(models), 6)
        self.assertEqual({c for c, u in units(answer.models).items() if u == "number"},
                         {"aicc", "log_likelihood", "alpha", "beta", "gamma", "phi", "deviation"})
        for row in models:
            self.fill_in(row)
            season = 12 if oracle.parse(row["model"])[2] == "A" else 1
            errors, (level, trend, _) = oracle.fit(row, season, values)
            likelihood = oracle.log_likelihood(errors)
            self.assertAlmostEqual(row["log_likelihood"], likelihood, 6, row)
            self.assertEqual(row["parameters"], oracle.parameter_count(row, season), row)
            self.assertAlmostEqual(row["aicc"], oracle.aicc(likelihood, row["parameters"], 66), 6, row)
            self.assertAlmostEqual(row["level"] / level, 1, 6, row)
            self.assertAlmostEqual(row["trend"], trend, 3, row)
            # Nothing near it is more likely.
            for key in ("alpha", "beta", "gamma", "phi"):
                for factor in (0.97, 1.03):
                    other = dict(row, **{key: row[key] * factor})
                    if other["alpha"] > 0.9999 or other["beta"] > other["alpha"] or other["gamma"] > 1 - other["alpha"]:
                        continue
                    if not 1e-4 <= other["alpha"] or key == "phi" and not 0.8 <= other["phi"] <= 0.98:
                        continue
                    if key == "phi" and oracle.parse(row["model"])[1] != "Ad":
                        continue
                    # What stands at the lowest that is allowed.
                    if key in ("beta", "gamma") and row[key] <= 1.01e-4 * max(row["alpha"], 1 - row["alpha"]):
                        continue
                    self.assertLess(oracle.log_likelihood(oracle.fit(other, season, values)[0]), likelihood + 1e-5, (row, key))
        self.assertEqual(models, sorted(models, key=lambda r: r["aicc"]))

        best = models[0]
        season = 12 if oracle.parse(best["model"])[2] == "A" else 1
        errors, end = oracle.fit(best, season, values)
        variance = sum(e * e for e in errors) / (66 - best["parameters"] + 1)
        self.assertAlmostEqual(best["deviation"] / variance ** 0.5, 1, 6)
        means, moves = oracle.forecast(best, season, end, 66, 5)
        got = rows(answer.forecast)
        self.assertEqual([r["period"] for r in got], ["2024-07", "2024-08", "2024-09", "2024-10", "2024-11"])
        for h, deviation in enumerate(oracle.deviations(variance, moves, 5)):
            for column, want in (("point", means[h]), ("lower_80", means[h] - Z80 * deviation),
                                 ("upper_80", means[h] + Z80 * deviation), ("lower_95", means[h] - Z95 * deviation),
                                 ("upper_95", means[h] + Z95 * deviation)):
                self.assertAlmostEqual(got[h][column] / want, 1, 6, (h, column))
            self.assertEqual(got[h]["naive"], values[66 - 12 + h])
            self.assertEqual(got[h]["status"], "E")
        self.assertIn("NOT_CERTIFIED", self.codes(answer.forecast))

    def test_the_back_test_of_naive_is_that_of_the_oracle(self):
        answer = self.forecast(horizon=14, back_test_origins=3)
        want = naive_back_test([north(i) / 100 for i in range(66)], 12, 3, 14)
        got = rows(answer.back_test)
        self.assertEqual([r["periods_ahead"] for r in got], list(range(1, 15)))
        self.assertEqual([units(answer.back_test)[c] for c in ("mase", "coverage_80", "mase_naive", "coverage_95_naive")],
                         ["number", "ratio", "number", "ratio"])
        for h, row in enumerate(got):
            if want[h] is None:
                self.assertEqual((row["forecasts"], row["mase"], row["mase_naive"]), (0, TOO_SHORT, TOO_SHORT))
                continue
            forecasts, mase, in_80, in_95 = want[h]
            self.assertEqual(row["forecasts"], forecasts)
            self.assertAlmostEqual(row["mase_naive"], mase, 9)
            self.assertAlmostEqual(row["coverage_80_naive"], in_80, 12)
            self.assertAlmostEqual(row["coverage_95_naive"], in_95, 12)
            # The series grows with a steady season: the model sees what naive misses.
            self.assertLess(row["mase"], row["mase_naive"])

    def test_multiplicative_intervals_are_the_same_on_every_replica(self):
        first, second = self.forecast(horizon=3, back_test_origins=1), self.forecast("analytics2", horizon=3, back_test_origins=1)
        self.assertTrue(rows(first.models)[0]["model"].startswith("ETS(M"))
        self.assertEqual(len(rows(first.models)), 15)
        for name in ("history", "forecast", "models", "back_test"):
            self.assertEqual(getattr(first, name).SerializeToString(deterministic=True),
                             getattr(second, name).SerializeToString(deterministic=True), name)
        for row in rows(first.forecast):
            self.assertLess(row["lower_95"], row["lower_80"])
            self.assertLess(row["lower_80"], row["point"])
            self.assertLess(row["point"], row["upper_80"])
            self.assertLess(row["upper_80"], row["upper_95"])

    def test_january_and_february_together(self):
        answer = self.forecast(join_january_february=True, horizon=9, back_test_origins=1)
        history = rows(answer.history)
        self.assertEqual(len(history), 66 - 6)
        self.assertEqual(history[0]["period"], "2019-01..02")
        self.assertEqual(history[0]["gross"], (north(0) + north(1)) / 100)
        got = rows(answer.forecast)
        self.assertEqual([r["period"] for r in got][5:8], ["2024-12", "2025-01..02", "2025-03"])
        self.assertEqual(got[6]["naive"], (north(60) + north(61)) / 100)

    def test_what_is_not_over_is_left_out(self):
        answer = self.forecast(range=query_pb2.PeriodRange(last="2024-05-15"), horizon=1, back_test_origins=1)
        self.assertEqual(rows(answer.history)[-1]["period"], "2024-04")
        self.assertEqual(rows(answer.forecast)[0]["period"], "2024-05")
        self.assertIn("PARTIAL_LEFT_OUT", self.codes(answer.history))
        answer = self.forecast(range=query_pb2.PeriodRange(first="2023-01-10", last="2024-05"), horizon=1, back_test_origins=1)
        self.assertEqual(rows(answer.history)[0]["period"], "2023-02")
        # 16 months: no season.
        self.assertIn("NO_SEASON", self.codes(answer.forecast))
        self.assertEqual(len(rows(answer.models)), 6)

    def test_too_short(self):
        answer = self.forecast(range=query_pb2.PeriodRange(first="2024-01", last="2024-05"))
        self.assertEqual(len(rows(answer.history)), 5)
        self.assertEqual([r["point"] for r in rows(answer.forecast)], [TOO_SHORT] * 12)
        self.assertEqual(rows(answer.models), [])

    def test_without_history_it_says_so(self):
        answer = self.forecast(range=query_pb2.PeriodRange(first="2012-01", last="2012-05"))
        self.assertEqual([len(rows(table)) for table in (answer.history, answer.forecast, answer.models)], [0, 0, 0])
        for table in (answer.history, answer.forecast):
            self.assertIn("NO_HISTORY", self.codes(table))
            self.assertNotIn("NO_SEASON", self.codes(table))
        self.assertNotIn("NO_HISTORY", self.codes(self.forecast(horizon=1, back_test_origins=1).forecast))

    def test_other_grains(self):
        quarters = self.forecast(grain=query_pb2.GRAIN_QUARTER, back_test_origins=1)
        self.assertEqual([r["period"] for r in rows(quarters.forecast)], ["2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2"])
        self.assertEqual(len(rows(quarters.history)), 22)
        weeks = self.forecast(grain=query_pb2.GRAIN_WEEK, range=query_pb2.PeriodRange(first="2023-W01", last="2023-W30"),
                              back_test_origins=1)
        self.assertEqual(rows(weeks.forecast)[0]["period"], "2023-W31")
        self.assertEqual(len(rows(weeks.forecast)), 13)

    def test_bad_requests_name_the_field(self):
        def error(**more):
            with self.assertRaises(grpc.RpcError) as caught:
                self.forecast(**more)
            return caught.exception.code(), caught.exception.details()

        invalid = grpc.StatusCode.INVALID_ARGUMENT
        for more, word in (({"measure": query_pb2.Measure(name="gros")}, "gross"),
                           ({"grain": query_pb2.GRAIN_ALL}, "MONTH"), ({"grain": query_pb2.GRAIN_HOUR}, "DAY"),
                           ({"horizon": 61}, "60"), ({"season": 25}, "24"), ({"back_test_origins": 25}, "24"),
                           ({"join_january_february": True, "grain": query_pb2.GRAIN_QUARTER}, "MONTH"),
                           ({"join_january_february": True, "measure": query_pb2.Measure(name="consumers")}, "consumers"),
                           ({"region": "nort"}, "north")):
            code, details = error(**more)
            self.assertEqual(code, invalid, more)
            self.assertIn(word, details, more)
        code, details = error(grain=query_pb2.GRAIN_DAY)
        self.assertEqual(code, grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertIn("narrow", details)

    def test_command_line(self):
        text = self.stack.cli("forecast", "gross by month where consumer_region = south", "--horizon", "2",
                              "--origins", "1").stdout
        for word in ("forecast:", "models:", "back_test:", "history:", "2024-08", "NOT_CERTIFIED", "ETS(A,"):
            self.assertIn(word, text)
        table = list(csv.DictReader(io.StringIO(self.stack.cli(
            "-o", "csv", "forecast", "gross where consumer_region = south", "--horizon", "2", "--origins", "1").stdout)))
        self.assertEqual([r["period"] for r in table], ["2024-07", "2024-08"])
        models = json.loads(self.stack.cli("-o", "json", "forecast", "gross where consumer_region = south", "--origins", "1",
                                           "--season", "1", "--table", "models").stdout)
        self.assertEqual(len(models), 3)
        self.assertIn("Examples:", self.stack.cli("forecast", "--help").stdout)
        self.assertEqual(self.stack.cli("forecast", "gross by category", check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()
