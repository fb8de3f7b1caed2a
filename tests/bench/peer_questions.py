"""The eight questions in SQL, put to other engines over the same events, and their answers held against the recount."""

import math
import os
import tempfile
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import queries
from figures import Figure, Table
from peer_part import workers
from simulate import FIRST_DAY

DIALECTS = {"PostgresInsert": ("postgres", "PostgreSQL 15"), "OldClickHouse": ("clickhouse", "ClickHouse 18.16"),
            "NewClickHouse": ("clickhouse", "ClickHouse 26.7"), "DuckDb": ("duckdb", "DuckDB 1.5")}
AREAS = ("UNKNOWN", "urban", "rural")
# ClickHouse's exact quantile takes another rank than the nearest.
NOT_COMPARED = {("clickhouse", "Q6")}


def question_columns(codes):
    """What is derived once while loading: local time in the engine's own type, and the provinces of both regions."""
    zone = ZoneInfo(codes.zone)
    offsets = {datetime(year, month, 1, tzinfo=zone).utcoffset().total_seconds()
               for year in (2024, 2025) for month in range(1, 13)}
    assert len(offsets) == 1, f"{codes.zone} changes its clocks: not supported beside other engines"
    shift = int(offsets.pop())
    provinces = sorted({codes.province(region) for region in codes.regions})
    places = ",".join(str(provinces.index(codes.province(region))) for region in codes.regions)

    def both(literal, cast):
        return ", ".join(cast(f"({literal})[{side}_region + 1]") + f" AS {side}_province" for side in ("consumer", "provider"))

    small = lambda text: f"CAST({text} AS smallint)"
    return provinces, {
        "postgres": f"to_timestamp(event_time_us / 1e6 + {shift}) AT TIME ZONE 'UTC' AS event_time, " +
                    both(f"ARRAY[{places}]", small),
        "duckdb": f"make_timestamp(event_time_us + {shift * 10**6}) AS event_time, " + both(f"[{places}]", small),
        "clickhouse": f"toDateTime(intDiv(event_time_us, 1000000) + {shift}, 'UTC') AS event_time, " +
                      both(f"[{places}]", lambda text: f"toUInt8({text})")}


def sql(dialect, recount):
    old = dialect == "clickhouse"
    month, quarter = (("toStartOfMonth(event_time)", "toStartOfQuarter(event_time)") if old else
                      ("date_trunc('month', event_time)", "date_trunc('quarter', event_time)"))
    net_if = lambda c: f"sumIf(amount, {c})" if old else f"sum(amount) FILTER (WHERE {c})"
    distinct = "uniqExact(consumer)" if old else "count(DISTINCT consumer)"
    quantiles = {"clickhouse": "quantileExact(0.5)(amount), quantileExact(0.95)(amount)",
                 "duckdb": "quantile_disc(amount, 0.5), quantile_disc(amount, 0.95)",
                 "postgres": "percentile_disc(0.5) WITHIN GROUP (ORDER BY amount), "
                             "percentile_disc(0.95) WITHIN GROUP (ORDER BY amount)"}[dialect]
    region, category = recount.codes.regions.index, recount.codes.categories.index
    later, earlier = "event_time >= '2025-01-01 00:00:00'", "event_time < '2025-01-01 00:00:00'"
    day = date.fromisoformat(recount.q8_day)
    return {
        "Q1": f"SELECT {month} AS m, sum(amount), count(*) FROM q WHERE consumer_region = {region(recount.q1_region)} "
              "GROUP BY m ORDER BY m",
        "Q2": f"SELECT category, {net_if(earlier)}, {net_if(later)}, {net_if(later)} * 1.0 / {net_if(earlier)} - 1 FROM q "
              f"WHERE event_time >= '{FIRST_DAY} 00:00:00' GROUP BY category ORDER BY category",
        "Q3": "SELECT consumer_region, sum(amount) AS s, sum(amount) * 1.0 / (SELECT sum(amount) FROM q) FROM q "
              "GROUP BY consumer_region ORDER BY s DESC LIMIT 20",
        "Q4": "SELECT consumer_province, provider_province, sum(amount), count(*) FROM q "
              "GROUP BY consumer_province, provider_province",
        "Q5": f"SELECT {month} AS m, area_type, {distinct} FROM q WHERE kind = 1 AND consumer > 0 "
              "GROUP BY m, area_type ORDER BY m, area_type",
        "Q6": f"SELECT category, {quantiles} FROM q WHERE kind = 1 GROUP BY category ORDER BY category",
        "Q7": f"SELECT {quarter} AS t, age_band, area_type, avg(amount) FROM q WHERE kind = 1 "
              "GROUP BY t, age_band, area_type ORDER BY t, age_band, area_type",
        "Q8": f"SELECT sum(amount), count(*) FROM q WHERE consumer_region = {region(recount.q8_region)} AND "
              f"category = {category(recount.q8_category)} AND event_time >= '{day} 00:00:00' AND "
              f"event_time < '{day + timedelta(days=1)} 00:00:00'",
    }


def answer(name, rows, codes, provinces, ages):
    """Rows of an engine in the form of queries.expected."""
    quarter = lambda text: f"{text[:4]}-Q{(int(text[5:7]) + 2) // 3}"
    area = lambda text: AREAS[int(text)]
    if name == "Q1":
        return {(m[:7],): (int(s), int(n)) for m, s, n in rows}
    if name == "Q2":
        return {(year, codes.categories[int(c)]): (int(s),) for c, *sums, _ in rows for year, s in zip(("2024", "2025"), sums)}
    if name == "Q3":
        return {(codes.regions[int(r)],): (int(s), float(share)) for r, s, share in rows}
    if name == "Q4":
        return {(provinces[int(a)], provinces[int(b)]): (int(s), int(n)) for a, b, s, n in rows}
    if name == "Q5":
        return {(m[:7], area(a)): (int(n),) for m, a, n in rows}
    if name == "Q6":
        return {(codes.categories[int(c)],): (int(a), int(b)) for c, a, b in rows}
    if name == "Q7":
        return {(quarter(t), ages[int(g)], area(a)): (float(v) / 10 ** codes.scale,) for t, g, a, v in rows}
    return {(): tuple(map(int, rows[0]))}


def check(engine, name, got, want):
    assert got.keys() == want.keys(), f"{engine} {name}: {len(got)} rows, {len(want)} recounted"
    for key, cells in want.items():
        assert all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(got[key], cells)), \
            f"{engine} {name} {key}: answered {got[key]}, recounted {cells}"


def measure(simulation, recount, times, beside_postgres):
    """(table of all engines, question -> (median of the quickest, its name), all values). `beside_postgres`: called with the
    worker of PostgreSQL and its Q8, while nothing else runs."""
    codes, want = recount.codes, queries.expected(recount)
    provinces, columns = question_columns(codes)
    measured = {}
    with tempfile.TemporaryDirectory(prefix="tidemark-peers-") as folder:
        os.chmod(folder, 0o755)  # PostgreSQL runs as another user
        path = os.path.join(folder, "events.tsv")
        ages = simulation.export(codes, path)["age_band"]
        for engine, (dialect, title) in DIALECTS.items():
            # One at a time: each has the memory and the cores for itself.
            with workers(folder, (engine,)) as found:
                found[engine].do("load", file=path, columns=columns)
                for name, text in sql(dialect, recount).items():
                    asked = found[engine].do("ask", sql=text, times=times)
                    if (dialect, name) not in NOT_COMPARED:
                        check(title, name, answer(name, asked["rows"], codes, provinces, ages), want[name])
                    measured.setdefault(name, {})[title] = asked["ms"]
                if dialect == "postgres":
                    beside_postgres(found[engine], sql(dialect, recount)["Q8"])
    table = Table(f"The same questions to other engines at {simulation.events:,} events, warm, up to {times} calls each, ms",
                  "question", *(title for _, title in DIALECTS.values()))
    for name, engines in measured.items():
        table.add(name, *(Figure(ms) for ms in engines.values()))
    best = {name: min((Figure(ms).median, title) for title, ms in engines.items()) for name, engines in measured.items()}
    return table, best, measured
