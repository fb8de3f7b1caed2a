"""Ad-hoc questions in SQL for every engine, over the table `q`, and answers of all engines in one form: key of a row ->
numbers, where what is null is 0. What sums to nothing everywhere is no row: Tidemark has rows of refunds that do not count."""

import datetime

import peer_questions
from adhoc_questions import bounds
from answers import Null, rows
from periods import name
from simulate import SOURCES

COLUMNS = {"consumer_region@province": "consumer_province", "provider_region@province": "provider_province",
           "category@1": "category_root", "payment_method": "payment", "consumer_scheme": "consumer"}
# What an event must be to count for a measure; nothing: any. All events of the bench have an order.
CONDITIONS = {"gross": ("kind = 1",), "purchases": ("kind = 1",), "refunds": ("kind = 2",), "quantile": ("kind = 1",),
              "consumers": ("kind = 1", "consumer > 0")}
SUMS = {"gross": "sum(amount)", "refunds": "sum(amount)", "net": "sum(amount)", "quantity": "sum(items)",
        "events": "count(*)", "purchases": "count(*)"}
DISTINCT = {"consumers": "consumer", "orders": "order_number"}
PERIODS = {"clickhouse": {"DAY": "toDate(event_time)", "WEEK": "toMonday(event_time)", "MONTH": "toStartOfMonth(event_time)",
                          "YEAR": "toStartOfYear(event_time)"},
           "sqlite": {"DAY": "date(event_time)", "WEEK": "date(event_time, '-6 days', 'weekday 1')",
                      "MONTH": "strftime('%Y-%m-01', event_time)", "YEAR": "strftime('%Y-01-01', event_time)"}}


def derived_columns(codes):
    """What is derived once while loading, by dialect: that of the eight questions, the root of the category, and the quantity
    with the sign of the amount."""
    _, columns = peer_questions.question_columns(codes)
    roots = _roots(codes)
    places = ",".join(str(roots.index(codes.root(category))) for category in codes.categories)
    items = "CASE WHEN kind = 2 THEN -CAST(quantity AS {0}) ELSE CAST(quantity AS {0}) END AS items"
    more = {"postgres": f"CAST((ARRAY[{places}])[category + 1] AS smallint) AS category_root, " + items.format("integer"),
            "duckdb": f"CAST([{places}][category + 1] AS smallint) AS category_root, " + items.format("integer"),
            "clickhouse": f"toUInt8([{places}][category + 1]) AS category_root, "
                          "if(kind = 2, -toInt32(quantity), toInt32(quantity)) AS items"}
    return {dialect: f"{columns[dialect]}, {text}" for dialect, text in more.items()}


def _roots(codes):
    return sorted({codes.root(category) for category in codes.categories})


class Numbering:
    """Codes of every dimension by the numbers that they are in the engines' tables."""

    def __init__(self, codes, chosen):
        """`chosen`: what Simulation.export returned."""
        provinces, regions = sorted({codes.province(region) for region in codes.regions}), dict(enumerate(codes.regions))
        self.provinces, self.roots = provinces, _roots(codes)
        self.texts = {
            "source": dict(enumerate(SOURCES)), "consumer_region": regions, "provider_region": regions,
            "consumer_region@province": dict(enumerate(provinces)), "provider_region@province": dict(enumerate(provinces)),
            "category": dict(enumerate(codes.categories)), "category@1": dict(enumerate(self.roots)),
            "product": {n: f"P{n:05}" for n in range(20_000)},
            "payment_method": chosen["payment"], "age_band": chosen["age_band"],
            "segment": {1: "persons", 2: "enterprises", 3: "public"}, "channel": {1: "online", 2: "offline", 3: "hybrid"},
            "area_type": {1: "urban", 2: "rural"}, "kind": {1: "purchase", 2: "refund"}}
        self.numbers = {field: {text: n for n, text in texts.items()} for field, texts in self.texts.items()}

    def members(self):
        """Dimension -> its codes, in an order that does not depend on the load."""
        by_number = lambda texts: [texts[n] for n in sorted(texts)]
        return {field: sorted(texts.values()) if field in ("payment_method", "age_band") else by_number(texts)
                for field, texts in self.texts.items()}


def sql(question, dialect, numbering):
    conditions = [set(CONDITIONS.get(m.partition("(")[0], ())) for m in question.measures]
    common = set.intersection(*conditions)
    where = sorted(common) + [_filter(f, numbering) for f in question.filters]
    if question.first:
        first, end = bounds(question)
        where += [f"event_time >= '{first} 00:00:00'", f"event_time < '{end} 00:00:00'"]
    keys = [COLUMNS.get(d, d) for d in question.dimensions]
    period = "" if question.grain == "ALL" else _period(question.grain, dialect) + " AS p"
    values = [f"{_aggregate(m, dialect, question.measures, ' AND '.join(sorted(own - common)))} AS m{n}"
              for n, (m, own) in enumerate(zip(question.measures, conditions))]
    text = "SELECT " + ", ".join(([period] if period else []) + keys + values) + " FROM q"
    if where:
        text += " WHERE " + " AND ".join(where)
    if period or keys:
        text += " GROUP BY " + ", ".join((["p"] if period else []) + keys)
    if question.limit:
        nulls = " NULLS LAST" if dialect in ("postgres", "duckdb") else ""
        text += f" ORDER BY m0 DESC{nulls} LIMIT {question.limit}"
    return text


def _period(grain, dialect):
    return PERIODS[dialect][grain] if dialect in PERIODS else f"date_trunc('{grain.lower()}', event_time)"


def _filter(f, numbering):
    # A field that is absent is 0 in the tables.
    numbers = sorted(numbering.numbers[f.field][code] for code in f.codes) + [0] * f.unknown
    column = COLUMNS.get(f.field, f.field)
    if len(numbers) == 1:
        return f"{column} {'<>' if f.exclude else '='} {numbers[0]}"
    return f"{column} {'NOT ' if f.exclude else ''}IN ({', '.join(map(str, numbers))})"


def _aggregate(measure, dialect, measures, condition):
    """`condition`: which events count beside those that the whole question keeps; empty: all."""
    if measure.startswith("quantile"):
        function, argument = _quantile(measure, dialect, [m for m in measures if m.startswith("quantile")], condition)
        return function + argument
    sign = "-" if measure == "refunds" else ""
    if measure in SUMS:
        function, _, argument = SUMS[measure].rstrip(")").partition("(")
    elif dialect == "clickhouse":
        function, argument = "uniqExact", DISTINCT[measure]
    else:
        function, argument = "count", "DISTINCT " + DISTINCT[measure]
    if not condition:
        return f"{sign}{function}({argument})"
    if dialect != "clickhouse":
        return f"{sign}{function}({argument}) FILTER (WHERE {condition})"
    return f"{sign}{function}If({condition})" if argument == "*" else f"{sign}{function}If({argument}, {condition})"


def _quantile(measure, dialect, all_of_it, condition):
    """(aggregate, what is taken of its value). Several levels are asked of one sorting where the engine can."""
    levels = [int(m[len("quantile("):-1]) for m in all_of_it]
    place = all_of_it.index(measure) + 1
    decimals = ", ".join(f"{n / 10_000:.4f}" for n in levels)
    kept = f" FILTER (WHERE {condition})" if condition else ""
    if dialect == "clickhouse":
        # Its rank is floor(q·n) + 1. A level smaller by 10⁻¹⁰ makes that ceil(q·n) for q of two decimals and n below 10⁸.
        lower = ", ".join(f"{n / 10_000 - 1e-10:.10f}" for n in levels)
        function = f"quantilesExactIf({lower})(amount, {condition})" if condition else f"quantilesExact({lower})(amount)"
        return function, f"[{place}]"
    if dialect == "duckdb":
        return f"(quantile_disc(amount, [{decimals}]){kept})", f"[{place}]"
    level = levels[place - 1]
    if dialect == "sqlite":
        return f"nearest_rank(amount, {level}){kept}", ""
    return f"percentile_disc({level / 10_000:.4f}) WITHIN GROUP (ORDER BY amount){kept}", ""


def peer_answer(question, found, numbering):
    """Rows of an engine, all cells texts or numbers, in the common form."""
    answer, periods = {}, question.grain != "ALL"
    number = lambda cell: 0 if cell in (None, "None") else int(cell)
    for row in found:
        key = [name(question.grain, datetime.date.fromisoformat(row[0][:10]))] if periods else []
        members, values = row[periods:periods + len(question.dimensions)], row[periods + len(question.dimensions):]
        key += [numbering.texts[d][int(cell)] for d, cell in zip(question.dimensions, members)]
        answer[tuple(key)] = tuple(map(number, values))
    assert len(answer) == len(found), "a row came twice"
    return answer


def tidemark_answer(question, response):
    assert not response.meta.next_page_token, f"more than one page: {response.meta.canonical_query}"
    keys = (["period"] if question.grain != "ALL" else []) + [d.partition("@")[0] for d in question.dimensions]
    number = lambda value: 0 if isinstance(value, Null) else value
    found = rows(response.result)
    answer = {tuple(row[k] for k in keys): tuple(number(row[m]) for m in question.measures) for row in found}
    assert len(answer) == len(found), f"a row came twice: {response.meta.canonical_query}"
    return answer


def difference(question, ours, theirs):
    """What two answers differ in, empty if they agree. Of those cut by a limit, rows that tie with the last may differ, and
    what is not above 0 may be missing behind rows of nothing but zeros."""
    floor = None
    if question.limit:
        floor = max([0] + [min(v[0] for v in answer.values()) for answer in (ours, theirs) if len(answer) == question.limit])
        first = [sorted((v[0] for v in answer.values()), reverse=True) for answer in (ours, theirs)]
        if floor > 0 and first[0] != first[1]:
            return f"{question.measures[0]} of the first rows: {first[0][:20]}, {first[1][:20]}"
        full = any(len(answer) == question.limit for answer in (ours, theirs))
        floor = floor if full else None
    left, right = ({key: values for key, values in answer.items()
                    if any(values) and (floor is None or values[0] > floor)} for answer in (ours, theirs))
    wrong = [key for key in left.keys() | right.keys() if left.get(key) != right.get(key)]
    if not wrong:
        return ""
    key = min(wrong, key=str)
    return f"{len(wrong)} of {len(left.keys() | right.keys())} rows, {key}: {left.get(key)}, {right.get(key)}"
