"""Difference in differences through the services, against a recount in plain Python."""

import csv
import datetime
import io
import math
import random
import time
import unittest
from fractions import Fraction

import grpc
from tidemark.analytics.v1 import query_pb2, result_pb2, statistics_service_pb2_grpc, uplift_pb2
from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import Null, ask, query, rows, shown, units
from stack import Stack

NO_DATA = Null(result_pb2.NULL_REASON_NO_DATA)
CONDITIONS = ("PRE_TREND", "FEW_CONTROLS", "P_FLOOR")
ZONE = datetime.timezone(datetime.timedelta(hours=8))
FIRST, LAST = datetime.date(2024, 3, 1), datetime.date(2024, 6, 23)
DAYS = [FIRST + datetime.timedelta(days=i) for i in range((LAST - FIRST).days + 1)]
ACTIVITY = [datetime.date(2024, 6, 18) + datetime.timedelta(days=i) for i in range(3)]
HOLIDAYS = ["2024-05-01", "2024-05-02", "2024-06-10"]
CITIES = [f"c{i:02d}" for i in range(12)]
# Shops are closed there now and then.
SLEEPY = "c11"

CATALOG = """
name: observatories/test
displayNames: {en: Test}
observatory: {timeZone: Asia/Shanghai, currency: CNY, scale: 2, start: 2024-01-01}
---
name: regions/cn
displayNames: {en: China, zh: 中国}
region: {level: NATION}
---
name: sources/shop
displayNames: {en: Shop}
source: {kind: LIVE, reports: {start: 2024-03-01, end: 2024-06-24}}
---
name: activities/sale
displayNames: {en: Sale, zh: 促销}
activity: {kinds: [EXPO], regions: [regions/c00, regions/c01-district, regions/cn], held: {start: 2024-06-18, end: 2024-06-21}}
---
name: activities/undated
displayNames: {en: Some day}
activity: {kinds: [EXPO], regions: [regions/c00], held: {start: 2024-06-18}}
---
name: activities/nowhere
displayNames: {en: Everywhere}
activity: {kinds: [EXPO], regions: [regions/cn], held: {start: 2024-06-18, end: 2024-06-21}}
---
name: regions/c01-district
displayNames: {en: District}
region: {level: COUNTY, parent: regions/c01}
""" + "".join(f"""---
name: regions/{c}
displayNames: {{en: {c}, zh: 城{c}}}
region: {{level: CITY, parent: regions/cn}}
""" for c in CITIES)


def between(first, last):
    return [first + datetime.timedelta(days=i) for i in range((last - first).days + 1)]


class Recount:
    """By the definition, from gross in cents by (city, day)."""

    def __init__(self, gross):
        self.gross = gross

    def whole(self, city, days):
        return all(self.gross.get((city, d), 0) > 0 for d in days)

    def change(self, city, before, activity):
        def mean(days):
            return math.fsum(math.log(self.gross[(city, d)]) for d in days) / len(days)
        return mean(activity) - mean(before)

    def effect(self, treated, controls, before, activity):
        def mean(cities):
            return math.fsum(self.change(c, before, activity) for c in cities) / len(cities)
        return mean(treated) - mean(controls)

    def placebo_regions(self, size, controls, before, activity):
        found = {}
        if len(controls) > size:
            for i, first in enumerate(controls):
                group = [controls[(i + k) % len(controls)] for k in range(size)]
                found[first] = self.effect(group, [c for c in controls if c not in group], before, activity)
        return found

    def placebo_dates(self, count, treated, controls, before, activity, holidays):
        step, found = -(-len(activity) // 7) * 7, {}
        for i in range(1, count + 1):
            by = datetime.timedelta(days=step * i)
            then = [d - by for d in activity]
            earlier = [d - by for d in before if str(d - by) not in holidays]
            used = [c for c in controls if self.whole(c, earlier + then)]
            if any(str(d) in holidays for d in then) or not all(self.whole(c, earlier + then) for c in treated) or not used:
                continue
            found[str(then[0])] = self.effect(treated, used, earlier, then)
        return found


class Uplift(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(replicas=2).__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", "-", "--yes", input=CATALOG)
        r, cls.gross, events = random.Random(20240618), {}, []
        for n, city in enumerate(CITIES):
            for i, day in enumerate(DAYS):
                if city == SLEEPY and i % 10 == 3:
                    continue
                size = 40_000 * (1 + n) * (1.3 if day.weekday() >= 5 else 1) * r.uniform(0.9, 1.1)
                if str(day) in HOLIDAYS:
                    size *= 2
                if city in ("c00", "c01") and day in ACTIVITY:
                    size *= 1.5
                for part in range(2):
                    cents = round(size / 2)
                    at = datetime.datetime.combine(day, datetime.time(r.randrange(24), r.randrange(60)), ZONE)
                    events.append(event_pb2.Event(source="shop", id=f"{city}-{i}-{part}", amount=cents, consumer_region=city,
                                                  kind=event_pb2.EVENT_KIND_PURCHASE,
                                                  event_time_us=int(at.timestamp()) * 1_000_000))
                    cls.gross[(city, day)] = cls.gross.get((city, day), 0) + cents
        # What is known of the country only is no city.
        events.append(event_pb2.Event(source="shop", id="nowhere", amount=5, consumer_region="cn", kind=event_pb2.EVENT_KIND_PURCHASE,
                                      event_time_us=events[0].event_time_us))
        r.shuffle(events)
        for begin in range(0, len(events), 1000):
            cls.send(events[begin:begin + 1000])
        cls.size = cls.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=cls.stack.metadata()).log_size
        for name in ("analytics", "analytics2"):
            ask(cls.stack, query(["net"]), name=name, min_log_size=cls.size)
        cls.recount = Recount(cls.gross)
        cls.told, cls.kept = set(), set()

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

    def uplift(self, name="analytics", **more):
        request = uplift_pb2.UpliftRequest(**more)
        request.read.as_of.log_size = self.size
        if not request.place.name:
            request.place.name, request.place.level = "consumer_region", "city"
        if not request.HasField("activity") and not request.held_activity:
            request.activity.first, request.activity.last = str(ACTIVITY[0]), str(ACTIVITY[-1])
        stub = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel(name))
        return stub.Uplift(request, metadata=self.stack.metadata(), timeout=60)

    def check(self, answer, treated, controls, window, activity, dates=10, holidays=()):
        before = [d for d in window if str(d) not in holidays]
        want = self.recount.effect(treated, controls, before, activity)
        effect, = rows(answer.effect)
        self.assertAlmostEqual(effect["log_effect"], want, 9)
        self.assertAlmostEqual(effect["effect"], math.exp(want) - 1, 9)
        placebos = {("REGION", k): v for k, v in self.recount.placebo_regions(len(treated), controls, before, activity).items()}
        of_dates = self.recount.placebo_dates(dates, treated, controls, window, activity, holidays)
        placebos |= {("DATE", k): v for k, v in of_dates.items()}
        got = {(r["kind"], r["name"]): r["log_effect"] for r in rows(answer.placebos)}
        self.assertEqual(got.keys(), placebos.keys())
        for key, value in placebos.items():
            self.assertAlmostEqual(got[key], value, 9, key)
        as_large = sum(abs(v) >= abs(want) for v in placebos.values())
        self.assertAlmostEqual(effect["p"], (1 + as_large) / (1 + len(placebos)), 12)
        self.assertAlmostEqual(effect["placebo_low"], min(placebos.values()), 9)
        self.assertAlmostEqual(effect["placebo_high"], max(placebos.values()), 9)
        self.assertEqual((effect["placebo_regions"], effect["placebo_dates"]), (len(placebos) - len(of_dates), len(of_dates)))
        self.assertEqual((effect["treated_regions"], effect["control_regions"], effect["days_before"], effect["days"]),
                         (len(treated), len(controls), len(before), len(activity)))
        drifts = self.check_trend(effect, treated, controls, before)
        told = [n.code for n in answer.effect.notes if n.code in CONDITIONS]
        lacks = (drifts, len(controls) < 3, Fraction(1, 1 + len(placebos)) > Fraction(5, 100))
        self.assertEqual(told, [code for code, fails in zip(CONDITIONS, lacks) if fails])
        self.told |= set(told)
        self.kept |= set(CONDITIONS) - set(told)
        self.assertEqual([(r["period"], r["window"]) for r in rows(answer.days)],
                         [(str(d), "BEFORE") for d in before] + [(str(d), "ACTIVITY") for d in activity])
        for row in rows(answer.days):
            day = datetime.date.fromisoformat(row["period"])
            for column, cities in (("treated", treated), ("control", controls)):
                mean = math.fsum(math.log(self.gross[(c, day)] / 100) for c in cities) / len(cities)
                self.assertAlmostEqual(row[column], mean, 9)
            self.assertAlmostEqual(row["difference"], row["treated"] - row["control"], 9)
        return effect

    def check_trend(self, effect, treated, controls, before):
        xs = [(d - FIRST).days for d in before]
        ys = [sum(math.log(self.gross[(c, d)]) for c in treated) / len(treated) -
              sum(math.log(self.gross[(c, d)]) for c in controls) / len(controls) for d in before]
        mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
        xx = sum((x - mx) ** 2 for x in xs)
        slope = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / xx
        rest = sum((y - my - slope * (x - mx)) ** 2 for x, y in zip(xs, ys))
        self.assertAlmostEqual(effect["trend_difference"], slope, 9)
        deviation = math.sqrt(rest / (len(xs) - 2) / xx)
        self.assertAlmostEqual(effect["trend_deviation"], deviation, 9)
        return abs(slope) > 2 * deviation

    def test_all_others_are_controls_but_those_with_zero_days(self):
        answer = self.uplift(treated=["c00", "c01"], public_holidays=HOLIDAYS)
        window = between(datetime.date(2024, 5, 21), datetime.date(2024, 6, 17))
        before = [d for d in window if str(d) not in HOLIDAYS]
        effect = self.check(answer, ["c00", "c01"], CITIES[2:11], window, ACTIVITY, holidays=HOLIDAYS)
        # What was put in.
        self.assertAlmostEqual(effect["effect"], 0.5, delta=0.1)
        self.assertLess(effect["p"], 0.1)
        roles = {r["consumer_region"]: r for r in rows(answer.regions)}
        self.assertEqual(set(roles), set(CITIES))
        self.assertEqual(roles["c00"]["role"], "TREATED")
        self.assertEqual(roles["c05"]["role"], "CONTROL")
        self.assertEqual(roles[SLEEPY]["role"], "ZERO_DAYS")
        self.assertEqual(roles[SLEEPY]["zero_days"], sum((SLEEPY, d) not in self.gross for d in before + ACTIVITY))
        self.assertEqual(roles["c05"]["gross"], sum(self.gross[("c05", d)] for d in ACTIVITY))
        self.assertEqual(roles["c05"]["gross_before"], sum(self.gross[("c05", d)] for d in before))
        self.assertEqual({n.code for n in answer.effect.notes} & {"PLACEBO_RANGE", "PARTIAL_DAYS"}, {"PLACEBO_RANGE"})

    def test_what_an_estimate_lacks_is_told(self):
        usual = between(datetime.date(2024, 5, 21), datetime.date(2024, 6, 17))
        # Everything holds: 8 regions and 11 dates are the 19 placebos that it takes.
        self.check(self.uplift(treated=["c02"], placebo_dates=50, left_out=["c00", "c01"]), ["c02"], CITIES[3:11], usual, ACTIVITY, 50)
        self.check(self.uplift(treated=["c02"], controls=["c03", "c04"]), ["c02"], ["c03", "c04"], usual, ACTIVITY)
        # The sale is the end of the days before: until then c00 grew against the others.
        window, after = between(datetime.date(2024, 6, 7), ACTIVITY[-1]), between(datetime.date(2024, 6, 21), LAST)
        answer = self.uplift(treated=["c00"], left_out=["c01"], activity=query_pb2.PeriodRange(first=str(after[0]), last=str(after[-1])),
                             before=query_pb2.PeriodRange(first=str(window[0]), last=str(window[-1])))
        self.check(answer, ["c00"], CITIES[2:11], window, after)
        text = next(n.message for n in answer.effect.notes if n.code == "PRE_TREND")
        self.assertIn("%.4g a day" % rows(answer.effect)[0]["trend_difference"], text)
        self.assertEqual((self.told, self.kept), (set(CONDITIONS), set(CONDITIONS)))

    def test_logarithms_are_numbers_and_the_effect_is_in_per_cent(self):
        answer = self.uplift(treated=["c00"])
        of = [{c: u for c, u in units(table).items() if u in ("ratio", "number")} for table in (answer.effect, answer.placebos, answer.days)]
        self.assertEqual(of[0], {"effect": "ratio", "p": "ratio"} | dict.fromkeys(
            ("log_effect", "placebo_low", "placebo_high", "trend_difference", "trend_deviation"), "number"))
        self.assertEqual(of[1:], [{"log_effect": "number"}, dict.fromkeys(("treated", "control", "difference"), "number")])
        effect, = rows(answer.effect)
        told = self.stack.cli("uplift", "--treated", "c00", "--during", "2024-06-18,2024-06-20", "--place", "consumer_region@city",
                               "--table", "effect").stdout
        for text in (shown(effect["log_effect"]), f"{100 * effect['effect']:.2f} %", shown(effect["trend_deviation"])):
            self.assertIn(text, told)

    def test_named_controls_days_and_neighbours(self):
        controls = ["c07", "c04", "c05"]
        answer = self.uplift(treated=["c00"], controls=controls, left_out=["c02"], placebo_dates=3,
                             before=query_pb2.PeriodRange(first="2024-04-20", last="2024-05-15"))
        self.check(answer, ["c00"], sorted(controls), between(datetime.date(2024, 4, 20), datetime.date(2024, 5, 15)), ACTIVITY, 3)
        self.assertEqual([r["consumer_region"] for r in rows(answer.regions)], ["c00", "c02", "c04", "c05", "c07"])
        all_but = self.uplift(treated=["c00"], left_out=["c01", "c02"])
        self.check(all_but, ["c00"], CITIES[3:11], between(datetime.date(2024, 5, 21), datetime.date(2024, 6, 17)), ACTIVITY)

    def test_dates_without_data_are_no_placebos(self):
        # 50 weeks would reach before the first day.
        answer = self.uplift(treated=["c03"], controls=["c04", "c05"], placebo_dates=50)
        effect = self.check(answer, ["c03"], ["c04", "c05"], between(datetime.date(2024, 5, 21), datetime.date(2024, 6, 17)),
                            ACTIVITY, 50)
        self.assertEqual(effect["placebo_dates"], 11)
        self.assertGreater(effect["p"], 0.1)

    def test_an_activity_of_the_catalog(self):
        # Its district counts as the city; the country is no city.
        held = self.uplift(held_activity="activities/sale")
        named = self.uplift(treated=["c00", "c01"])
        for table in ("effect", "placebos", "regions", "days"):
            self.assertEqual(getattr(held, table).SerializeToString(deterministic=True),
                             getattr(named, table).SerializeToString(deterministic=True))
        # What the request names goes before.
        other = self.uplift(held_activity="activities/sale", treated=["c05"])
        self.assertEqual(rows(other.effect), rows(self.uplift(treated=["c05"]).effect))
        dated = self.uplift(held_activity="activities/undated", activity=query_pb2.PeriodRange(first="2024-06-18", last="2024-06-20"))
        self.assertEqual(rows(dated.effect), rows(self.uplift(treated=["c00"]).effect))
        text = self.stack.cli("uplift", "--activity", "sale", "--place", "consumer_region@city", "--table", "effect", "-o", "csv",
                              "--as-of", str(self.size)).stdout
        self.assertEqual(float(next(csv.DictReader(io.StringIO(text)))["log_effect"]), rows(held.effect)[0]["log_effect"])
        failed = grpc.StatusCode.FAILED_PRECONDITION
        for activity, code, word in (("activities/undated", failed, "day"), ("activities/nowhere", failed, "region"),
                                     ("activities/sales", grpc.StatusCode.INVALID_ARGUMENT, "sale"),
                                     ("regions/c00", grpc.StatusCode.INVALID_ARGUMENT, "activities/")):
            with self.assertRaises(grpc.RpcError) as caught:
                self.uplift(held_activity=activity)
            self.assertEqual(caught.exception.code(), code, activity)
            self.assertIn(word, caught.exception.details())

    def test_the_same_on_every_replica(self):
        first, second = (self.uplift(name, treated=["c00"]) for name in ("analytics", "analytics2"))
        for table in ("effect", "placebos", "regions", "days"):
            self.assertEqual(getattr(first, table).SerializeToString(deterministic=True),
                             getattr(second, table).SerializeToString(deterministic=True))

    def test_zero_days_are_refused_by_name(self):
        for more in ({"treated": [SLEEPY]}, {"treated": ["c00"], "controls": ["c01", SLEEPY]}):
            with self.assertRaises(grpc.RpcError) as caught:
                self.uplift(**more)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.FAILED_PRECONDITION)
            self.assertIn(SLEEPY, caught.exception.details())
            self.assertIn("1 region has days without gross", caught.exception.details())
        with self.assertRaises(grpc.RpcError) as caught:
            self.uplift(treated=CITIES[:11])
        self.assertEqual(caught.exception.code(), grpc.StatusCode.FAILED_PRECONDITION)
        self.assertIn("no region is left", caught.exception.details())

    def test_without_enough_controls_there_are_no_placebo_regions(self):
        answer = self.uplift(treated=["c00"], controls=["c01"], placebo_dates=1, public_holidays=["2024-06"],
                             before=query_pb2.PeriodRange(first="2024-05-06", last="2024-05-31"))
        effect, = rows(answer.effect)
        self.assertEqual((effect["p"], effect["placebo_low"], effect["placebo_high"]), (1, NO_DATA, NO_DATA))

    def test_bad_requests_name_the_field(self):
        for more, words in (({"treated": []}, ["treated"]), ({"treated": ["c0"]}, ["treated[0]", "c00"]),
                            ({"treated": ["c00"], "controls": ["c00"]}, ["controls[0]", "twice"]),
                            ({"treated": ["c00"], "place": query_pb2.Dimension(name="category")}, ["place.name"]),
                            ({"treated": ["c00"], "place": query_pb2.Dimension(name="place_of_use", level="town")}, ["place.level"]),
                            ({"treated": ["c00"], "activity": query_pb2.PeriodRange(first="2024-06-31", last="2024-07-01")},
                             ["activity.first"]),
                            ({"treated": ["c00"], "activity": query_pb2.PeriodRange(first="0001-01-01", last="0001-01-01")},
                             ["activity: ", "0001-01-01"]),
                            ({"treated": ["c00"], "before": query_pb2.PeriodRange(first="2024-06-01", last="2024-06-19")}, ["before"]),
                            ({"treated": ["c00"], "public_holidays": ["May"]}, ["public_holidays[0]"])):
            with self.assertRaises(grpc.RpcError) as caught:
                self.uplift(**more)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT, more)
            for word in words:
                self.assertIn(word, caught.exception.details(), more)

    def test_command_line(self):
        arguments = ["--treated", "c00,c01", "--during", "2024-06-18,2024-06-20", "--place", "consumer_region@city",
                     "--holidays", ",".join(HOLIDAYS)]
        text = self.stack.cli("uplift", *arguments).stdout
        for word in ("effect:", "regions:", "placebos:", "days:", "ZERO_DAYS", "PLACEBO_RANGE"):
            self.assertIn(word, text)
        answer = self.uplift(treated=["c00", "c01"], public_holidays=HOLIDAYS)
        table, = csv.DictReader(io.StringIO(self.stack.cli("-o", "csv", "uplift", *arguments).stdout))
        self.assertEqual(float(table["log_effect"]), rows(answer.effect)[0]["log_effect"])
        self.assertIn("Examples:", self.stack.cli("uplift", "--help").stdout)
        self.assertEqual(self.stack.cli("uplift", "by month", *arguments, check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()
