"""The eight questions as Query messages, what they must answer by the recount, and what other engines needed."""

import collections
import math
import os
import subprocess
import time

from tidemark.analytics.v1 import analytics_service_pb2 as service

from answers import Null, query, rows
from stack import BIN

METHOD = "/tidemark.analytics.v1.AnalyticsService/Query"
STATUS = "/tidemark.analytics.v1.AnalyticsService/GetFoldStatus"

# Milliseconds and engine of the quickest peer over its raw table: no rollups, medians of five and more, warm, on a
# machine of the same kind (2 cores of an AMD EPYC). PostgreSQL's Q8 reads an index that covers the question.
PEERS = {
    1_000_000: {"Q1": (3.08, "ClickHouse 18.16"), "Q2": (7.43, "DuckDB 1.5"), "Q3": (9.53, "DuckDB 1.5"),
                "Q4": (12.7, "ClickHouse 26.7"), "Q5": (45.5, "ClickHouse 26.7"), "Q6": (17.4, "ClickHouse 26.7"),
                "Q7": (18.2, "ClickHouse 26.7"), "Q8": (0.37, "PostgreSQL 15, covering index")},
    10_000_000: {"Q1": (9.55, "ClickHouse 26.7"), "Q2": (62.5, "ClickHouse 26.7"), "Q3": (54.3, "DuckDB 1.5"),
                 "Q4": (79.9, "ClickHouse 26.7"), "Q5": (525, "ClickHouse 26.7"), "Q6": (105, "ClickHouse 26.7"),
                 "Q7": (127, "ClickHouse 26.7"), "Q8": (0.31, "PostgreSQL 15, covering index")},
}

WHAT = {
    "Q1": "net and events by month, one region", "Q2": "net by category and year, year on year",
    "Q3": "top 20 regions by net, with share", "Q4": "province × province, net and events",
    "Q5": "exact consumers by month, area type", "Q6": "exact median and p95 by category",
    "Q7": "average by quarter, age band, area type", "Q8": "net and events, one region, category, day",
}


def questions(recount):
    years = sorted({year for year, _ in recount.tables["year_category"]})
    # A total has rows up to today, the recount to its last event.
    months = sorted(month for month, region in recount.tables["month_region"] if region == recount.q1_region)
    q3 = query(["net"], dimensions=["consumer_region"], limit=20)
    q3.shares.add(measure="net")
    q3.order_by.add(column="net", descending=True)
    return {
        "Q1": query(["net", "events"], "MONTH", filters=[("consumer_region", [recount.q1_region])],
                    range={"first": months[0], "last": months[-1]}),
        "Q2": query(["net"], "YEAR", ["category"], comparisons=["YOY"], range={"first": years[0], "last": years[-1]}),
        "Q3": q3,
        "Q4": query(["net", "events"], dimensions=["consumer_region@province", "provider_region@province"]),
        "Q5": query(["consumers"], "MONTH", ["area_type"]),
        "Q6": query(["quantile(5000)", "quantile(9500)"], dimensions=["category"]),
        "Q7": query(["average_line"], "QUARTER", ["age_band", "area_type"]),
        "Q8": query(["net", "events"], filters=[("consumer_region", [recount.q8_region]),
                                                ("category", [recount.q8_category])],
                    range={"first": recount.q8_day, "last": recount.q8_day}),
    }


def expected(recount):
    """Question -> {key columns: values}, from the recount."""
    tables, answers = recount.tables, {}
    answers["Q1"] = {(month,): cell for (month, region), cell in tables["month_region"].items()
                     if region == recount.q1_region}
    answers["Q2"] = {key: (net,) for key, (net, _) in tables["year_category"].items()}
    regions, flows = collections.Counter(), collections.defaultdict(lambda: (0, 0))
    for (_, region), (net, _) in tables["month_region"].items():
        regions[region] += net
    total = sum(regions.values())
    top = sorted(regions.items(), key=lambda item: (-item[1], item[0]))[:20]
    answers["Q3"] = {(region,): (net, net / total) for region, net in top}
    for (region, provider), (net, events) in tables["flow"].items():
        key = recount.codes.province(region), recount.codes.province(provider)
        flows[key] = (flows[key][0] + net, flows[key][1] + events)
    answers["Q4"] = dict(flows)
    answers["Q5"] = tables["consumers"]
    answers["Q6"] = tables["quantiles"]
    answers["Q7"] = {key: (gross / purchases / 10 ** recount.codes.scale,)
                     for key, (gross, purchases) in tables["line"].items()}
    answers["Q8"] = {(): tables["day"][recount.q8_category,]}
    return answers


COLUMNS = {
    "Q1": (["period"], ["net", "events"]), "Q2": (["period", "category"], ["net"]),
    "Q3": (["consumer_region"], ["net", "share(net)"]),
    "Q4": (["consumer_region", "provider_region"], ["net", "events"]), "Q5": (["period", "area_type"], ["consumers"]),
    "Q6": (["category"], ["quantile(5000)", "quantile(9500)"]),
    "Q7": (["period", "age_band", "area_type"], ["average_line"]), "Q8": ([], ["net", "events"]),
}


def same(got, want):
    if isinstance(got, Null):
        return want is None
    return math.isclose(got, want, rel_tol=1e-12) if isinstance(got, float) else got == want


def check(name, response, want):
    """Raises unless the answer of the service is the recount's, row for row."""
    assert not response.meta.next_page_token, f"{name}: more than one page"
    keys, values = COLUMNS[name]
    got = {tuple(row[k] for k in keys): tuple(row[v] for v in values) for row in rows(response.result)}
    if got.keys() != want.keys():
        missing, more = sorted(want.keys() - got.keys())[:3], sorted(got.keys() - want.keys())[:3]
        raise AssertionError(f"{name}: rows missing {missing}, rows too many {more}")
    for key, cells in want.items():
        if not all(map(same, got[key], cells)):
            raise AssertionError(f"{name} {key}: answered {got[key]}, recounted {cells}")


class Asker:
    """Asks from C++ (bench_ask: what a client waits, answer parsed) and from Python, where requests are serialized before
    the clock starts and answers stay bytes, so that the call itself is what is measured."""

    def __init__(self, stack):
        self.stack = stack
        self.channel = stack.channel("analytics")
        self.metadata = stack.metadata()
        self.query = self.channel.unary_unary(METHOD)
        self.status = self.channel.unary_unary(STATUS)
        self.files = [os.path.join(stack.folder, name) for name in ("question", "answer")]
        token = os.path.join(stack.data("catalog"), "admin.token")
        self.process = subprocess.Popen([f"{BIN}/bench_ask", stack.address("analytics"), token, *self.files],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self):
        self.channel.close()
        self.process.communicate()

    def timed(self, call, request):
        start = time.perf_counter()
        answer = call(request, metadata=self.metadata, timeout=120)
        return 1e3 * (time.perf_counter() - start), answer

    def floor(self, times):
        """Milliseconds of calls from Python that read no event: what client, gRPC and access rules take of every
        question."""
        return [self.timed(self.status, b"")[0] for _ in range(times + 20)][20:]

    def ask(self, q, log_size, times):
        """(milliseconds per call from C++, those over a stream from C++, those in the service, those from Python, last
        answer)."""
        waited, inside, response = self.ask_from_cpp(q, log_size, times)
        streamed, _, last = self.ask_from_cpp(q, log_size, times, way="stream")
        assert last.result == response.result, "a call and a stream at one snapshot answered differently"
        request = self._request(q, log_size)
        from_python = [self.timed(self.query, request) for _ in range(times + 1)][1:]
        last = service.QueryResponse.FromString(from_python[-1][1])
        assert last.result == response.result, "two calls at one snapshot answered differently"
        return waited, streamed, inside, [ms for ms, _ in from_python], response

    def ask_from_cpp(self, q, log_size, times, way="call"):
        """(milliseconds of each, after one to warm up, those in the service, last answer). `way`: `call` or `stream`."""
        with open(self.files[0], "wb") as f:
            f.write(self._request(q, log_size))
        self.process.stdin.write(f"{way} {times}\n")
        self.process.stdin.flush()
        lines = list(iter(lambda: self.process.stdout.readline().rstrip("\n"), ""))
        if len(lines) != times:
            raise RuntimeError(f"bench_ask ended with {self.process.wait()}; its message is above")
        waited, inside = zip(*(map(float, line.split()) for line in lines))
        with open(self.files[1], "rb") as f:
            response = service.QueryResponse.FromString(f.read())
        return [us / 1e3 for us in waited], [us / 1e3 for us in inside], response

    @staticmethod
    def _request(q, log_size):
        return service.QueryRequest(query=q, bypass_cache=True, min_log_size=log_size).SerializeToString()
