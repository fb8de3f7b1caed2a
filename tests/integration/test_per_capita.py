"""Measures divided by official figures, at snapshots before and after they were revised, against a recount from nothing."""

import csv
import io
import unittest
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

import grpc
from tidemark.analytics.v1 import analytics_service_pb2 as service
from tidemark.analytics.v1 import explain_pb2, statistics_service_pb2_grpc, watch_pb2
from tidemark.catalog.v1 import formula_pb2, types_pb2
from tidemark.type.v1 import role_pb2

import official_world as world
from answers import Null, ask, query, rows
from stack import Stack

REGISTERED = formula_pb2.PopulationBasis(kind="POPULATION_KIND_REGISTERED", time="POPULATION_TIME_YEAR_END")
PEOPLE, AT_END, PRODUCT = ["people-a", "people-b"], ["registered"], ["product-a", "product-b"]


def per_head(q):
    q.per_capita.add(measure="net")
    q.per_capita.add(measure="consumers", population=REGISTERED)
    q.ratio_to_gdp.extend(["net", "gross"])
    return q


def measured(events):
    gross = sum(e.amount for e in events if e.kind == world.PURCHASE)
    net = gross - sum(e.amount for e in events if e.kind == world.REFUND)
    people = {e.consumer.id for e in events if e.kind != world.REFUND and e.HasField("consumer")}
    return {"gross": gross, "net": net, "consumers": len(people)}


def days_of(name):
    """First and last day of a period by its name."""
    year = int(name[:4])
    if len(name) == 4:
        return date(year, 1, 1), date(year, 12, 31)
    head, _, tail = name[5:].partition("..")
    if head.startswith("Q"):
        first, last = int(head[1:]) * 3 - 2, int((tail or head)[1:]) * 3
    else:
        first, last = int(head), int(tail or head)
    end = date(year + last // 12, last % 12 + 1, 1)
    return date(year, first, 1), end - timedelta(days=1)


class PerCapita(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.apply("-f", "-", input=world.CATALOG + "".join(s.yaml() for s in world.SERIES))
        figures = world.Figures(11)
        cls.events = world.make_events(12, 1500)
        # The last one comes alone, years before what some tests ask for: there only the figures change.
        late = world.make_events(13, 1)[0]
        late.id, late.event_time_us = "late", min(e.event_time_us for e in cls.events)
        cls.snapshots = []  # (log size, number of events, figures by then)
        for begin in range(0, len(cls.events) + 1, 500):
            if begin:
                cls.stack.apply("-f", "-", input=figures.publish())
            batch = cls.events[begin:begin + 500] or [late]
            size = cls.stack.submit(batch)
            cls.snapshots.append((size, begin + len(batch), world.copy_of(figures.cells)))
        cls.events.append(late)
        cls.reasons, cls.flags = set(), set()

    def figure(self, cells, place, last, column, quarters):
        if column.startswith("ratio_to_gdp"):
            return world.of_place(lambda p: world.product_stated(cells, PRODUCT, p, quarters), place, last)
        names = AT_END if "registered" in column else PEOPLE
        return world.of_place(lambda p: world.people_stated(cells, names, p, last.year), place, last)

    def check_row(self, r, cells, place, first, last, values):
        quarters, carried, exact = world.quarters_of(first, last), False, True
        for column in [c for c in r if c.startswith(("per_capita", "ratio_to_gdp"))]:
            found = self.figure(cells, place, last, column, quarters) if place else None
            value = values[column.partition("(")[2].rstrip(")").partition(",")[0]]
            if not isinstance(found, tuple):
                self.assertEqual(r[column], Null(12 if found else 11), (column, place, first, last))
                self.reasons.add(r[column].reason)
                continue
            money = 1 if column.startswith("per_capita(consumers") else 100
            self.assertEqual(r[column], float(Fraction(value, money) / found[0]), (column, place, first, last))
            carried = carried or found[1]
            exact = exact and found[2] if found[2] is not None and exact is not None else None
        flags = set(r["flags"].split())
        self.flags |= flags
        self.assertEqual("CARRIED" in flags, carried)
        self.assertEqual("PART_YEAR" in flags, (last - first).days < 364)
        if exact is not None:
            self.assertEqual("QUALIFIED" in flags, not exact)

    def check_by_place(self, size, count, cells, dimension, grain, first="2022", last="2024"):
        name, _, level = dimension.partition("@")
        q = per_head(query(["net", "gross", "consumers"], grain, [dimension]))
        q.range.first, q.range.last = first, last
        got, _, meta = ask(self.stack, q, as_of=size)
        self.assertIn("per_capita net, consumers registered year_end ratio_to_gdp net, gross", meta.canonical_query)
        events = defaultdict(list)
        for e in self.events[:count]:
            code = getattr(e, name) if e.HasField(name) else "UNKNOWN"
            at = [a for a in world.ancestors(code) if world.LEVEL.get(a, "city") == level] if code != "UNKNOWN" else []
            events[at[0] if at else code if code == "UNKNOWN" else "UNALLOCATED:" + code].append(e)
        self.assertTrue(got)
        for r in got:
            a, b = days_of(r["period"])
            place = f"regions/{r[name]}" if r[name] in [*world.PARENT, "cn"] else None
            values = measured([e for e in events[r[name]] if a <= world.day_of(e) <= b])
            self.assertEqual({m: r[m] for m in values}, values)
            self.check_row(r, cells, place, a, b, values)

    def check_filtered(self, size, count, cells, place, period, to=None):
        code = place.removeprefix("regions/")
        q = per_head(query(["net", "gross", "consumers"], filters=[("consumer_region", [code])]))
        q.range.first, q.range.last = period, to or period
        (r,), _, _ = ask(self.stack, q, as_of=size)
        a, b = days_of(period)[0], days_of(to or period)[1]

        def inside(e):
            if not e.HasField("consumer_region") or not a <= world.day_of(e) <= b:
                return False
            members = world.members_on(world.day_of(e)) if place.startswith("regionGroups/") else [code]
            return any(m in world.ancestors(e.consumer_region) for m in members)
        values = measured([e for e in self.events[:count] if inside(e)])
        self.assertEqual({m: r[m] for m in values}, values)
        self.check_row(r, cells, place, a, b, values)

    def test_every_snapshot_equals_the_recount(self):
        for size, count, cells in self.snapshots:
            for dimension in ("consumer_region@city", "consumer_region@province", "provider_region@city"):
                for grain in ("YEAR", "QUARTER", "HALF_YEAR"):
                    if grain != "HALF_YEAR":  # whose names the recount does not read
                        self.check_by_place(size, count, cells, dimension, grain)
                self.check_by_place(size, count, cells, dimension, "MONTH", "2023-11", "2024-02")
            for place in world.PLACES:
                for period in ("2022", "2023", "2024", "2023-Q1..Q3", "2024-Q2", "2024-Q2..Q4", "2024-01..02"):
                    self.check_filtered(size, count, cells, place, period)
                # Four quarters in a row, and two years: ranges without a name.
                self.check_filtered(size, count, cells, place, "2023-Q2", "2024-Q1")
                self.check_filtered(size, count, cells, place, "2022", "2023")
        self.assertEqual(self.reasons, {"NO_DENOMINATOR", "PERIOD_MISMATCH"})
        self.assertLessEqual({"CARRIED", "PART_YEAR", "QUALIFIED"}, self.flags)

    def test_rows_are_ordered_by_figures_per_head_and_notes_name_what_was_read(self):
        text = "net by consumer_region@city in 2024 per_capita net order by per_capita(net) desc"
        told = self.stack.cli("query", text, "-o", "csv").stdout
        column = [r["per_capita(net)"] for r in csv.DictReader(io.StringIO(told))]
        numbers = [float(v) for v in column if v]
        self.assertGreater(len(numbers), 1)
        self.assertEqual(numbers, sorted(numbers, reverse=True))
        self.assertEqual(column[len(numbers):], [""] * (len(column) - len(numbers)))
        people = self.stack.cli("query", text).stdout
        self.assertRegex(people, r"POPULATION: observationSeries/people-[ab] of vintages/stage-[1-3]: 202")
        self.assertIn("per_capita", self.stack.cli("query", "--vocabulary").stdout)
        words = self.stack.analytics().GetVocabulary(service.GetVocabularyRequest(language="zh"), metadata=self.stack.metadata())
        self.assertEqual([(t.name, t.title) for t in words.figures],
                         [("per_capita", "人均"), ("ratio_to_gdp", "相当于GDP比重")])

    def test_groups_of_people_are_divided_by_all_people(self):
        size, count, cells = self.snapshots[-1]
        q = per_head(query(["net", "gross", "consumers"], dimensions=["consumer_region@city", "age_band"]))
        q.range.first = q.range.last = "2024"
        answer = self.stack.analytics().Query(service.QueryRequest(query=q, as_of={"log_size": size}), metadata=self.stack.metadata())
        note, = (n.message for n in answer.result.notes if n.code == "POPULATION_WHOLE")
        self.assertIn("of its age_band; `divide --by 'age_band'`", note)
        events, met = defaultdict(list), set()
        for e in self.events[:count]:
            if e.HasField("consumer_region") and world.day_of(e).year == 2024:
                events[e.consumer_region, e.age_band if e.HasField("age_band") else "UNKNOWN"].append(e)
        for r in rows(answer.result):
            if r["consumer_region"] not in world.PARENT:
                continue
            values = measured(events[r["consumer_region"], r["age_band"]])
            self.assertEqual({m: r[m] for m in values}, values)
            self.check_row(r, cells, f"regions/{r['consumer_region']}", date(2024, 1, 1), date(2024, 12, 31), values)
            met.add(r["age_band"])
        self.assertLessEqual({*world.AGES, "UNKNOWN"}, met)
        for plain in (["consumer_region@city"], ["consumer_region@city", "channel"]):
            q = per_head(query(["net", "gross", "consumers"], dimensions=plain))
            answer = self.stack.analytics().Query(service.QueryRequest(query=q), metadata=self.stack.metadata())
            self.assertNotIn("POPULATION_WHOLE", {n.code for n in answer.result.notes})

    def test_kept_answers_are_of_their_catalog_version(self):
        q = per_head(query(["net", "gross", "consumers"], "YEAR", ["consumer_region@city"]))
        answers = [ask(self.stack, q, as_of=size)[1] for size, _, _ in self.snapshots for _ in range(3)]
        self.assertEqual(answers[0], answers[2])
        self.assertEqual(answers[3], answers[5])
        self.assertNotEqual(answers[3], answers[6])
        q.range.first = q.range.last = "2024"
        before, after = (ask(self.stack, q, as_of=size) for size, _, _ in self.snapshots[2:])
        plain = [{k: v for k, v in r.items() if k in ("period", "consumer_region", "net", "consumers")} for r in before[0]]
        self.assertEqual(plain, [{k: r[k] for k in plain[0]} for r in after[0]])
        self.assertNotEqual(before[0], after[0])
        q.ClearField("range")
        bypassed = [ask(self.stack, q, as_of=size, bypass_cache=True)[1] for size, _, _ in self.snapshots]
        self.assertEqual(bypassed, answers[::3])
        stub = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel("analytics"))
        request = explain_pb2.ExplainRequest(query=q)
        request.read.as_of.log_size = self.snapshots[-1][0]
        explained = stub.Explain(request, metadata=self.stack.metadata(), timeout=60)
        self.assertEqual(explained.cache.catalog_version, explained.meta.snapshot.catalog_version)
        self.assertLessEqual({"POPULATION", "GDP"}, {note.code for note in explained.notes})

    def test_a_watch_tells_the_figures(self):
        stub = statistics_service_pb2_grpc.StatisticsServiceStub(self.stack.channel("analytics"))
        q = per_head(query(["net", "gross", "consumers"], "YEAR", ["consumer_region@city"]))
        stream = stub.Watch(watch_pb2.WatchRequest(query=q, interval_ms=100), metadata=self.stack.metadata(), timeout=60)
        first = next(stream)
        told = rows(first.changed)
        stream.cancel()
        # It may begin before the last events are folded.
        want, _, _ = ask(self.stack, q, as_of=first.meta.snapshot.log_size)
        key = lambda r: (r["period"], r["consumer_region"])
        self.assertEqual(sorted(told, key=key), sorted(want, key=key))

    def test_who_may_see_a_region_is_told_its_figures_only(self):
        token = types_pb2.Token(principal="east", roles=[role_pb2.ROLE_ANALYST], region_scope="regions/east")
        secret = self.stack.issue_token("scoped", token)
        stub = self.stack.analytics()
        for dimension in ("provider_region@city", "consumer_region@nation", "consumer_region@city"):
            q = query(["net"], dimensions=[dimension])
            q.per_capita.add(measure="net")
            q.range.first = q.range.last = "2024"
            answer = stub.Query(service.QueryRequest(query=q), metadata=self.stack.metadata(secret), timeout=60)
            name = dimension.partition("@")[0]
            cells = self.snapshots[-1][2]
            for r in rows(answer.result):
                inside = "east" in world.ancestors(r[name])
                found = self.figure(cells, f"regions/{r[name]}", date(2024, 12, 31), "per_capita(net)", None)
                if inside and found:
                    self.assertEqual(r["per_capita(net)"], float(Fraction(r["net"], 100) / found[0]))
                else:
                    self.assertEqual(r["per_capita(net)"], Null(11), r)

    def test_wrong_words_are_named(self):
        def refused(q):
            with self.assertRaises(grpc.RpcError) as raised:
                ask(self.stack, q)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            return raised.exception.details()
        self.assertIn("query.per_capita[0]: needs a place", refused(per_head(query(["net", "gross", "consumers"]))))
        two = query(["net", "gross", "consumers"], dimensions=["consumer_region", "provider_region"])
        self.assertIn("several dimensions of places", refused(per_head(two)))
        q = query(["net", "average_line"], dimensions=["consumer_region"])
        q.per_capita.add(measure="average_line")
        self.assertIn("query.per_capita[0].measure: ", refused(q))
        q = query(["net", "events"], dimensions=["consumer_region"], ratio_to_gdp=["events"])
        self.assertIn("query.ratio_to_gdp[0]: ", refused(q))
        done = self.stack.cli("query", "net by consumer_region per_capita nett", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("nearest: net", done.stderr)

    def test_without_the_catalog_there_is_no_answer_but_for_kept_ones(self):
        q = query(["net", "gross"], "YEAR", ["provider_region@province"])
        q.per_capita.add(measure="gross")
        q.range.first, q.range.last = "2022", "2023"
        # A version that nobody asked of before.
        self.stack.apply("-f", "-", input="name: organisations/another\norganisation: {kind: ENTERPRISE}\n")
        event = world.make_events(13, 1)[0]
        event.id = "last"
        size = self.stack.submit([event])
        ask(self.stack, query(["net"]), as_of=size)
        self.stack.kill("catalog")
        try:
            with self.assertRaises(grpc.RpcError) as raised:
                ask(self.stack, q, as_of=size)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAVAILABLE)
            self.assertIn("catalog", raised.exception.details())
            ask(self.stack, query(["net"], "YEAR", ["provider_region@province"]))
        finally:
            self.stack.start("catalog")


if __name__ == "__main__":
    unittest.main()
