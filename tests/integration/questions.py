"""Random queries over the sample, or another world, from a seed: what rebuilds, replicas and caches must answer alike."""

import random

from answers import query

MEASURES = ["gross", "refunds", "unlinked_refunds", "net", "events", "purchases", "uses", "orders", "quantity",
            "consumers", "new_consumers", "average_line", "average_order", "quantile(5000)", "quantile(9500)",
            "quantile(1)", "quantile(10000)", "refund_rate", "identified_share"]
ADDITIVE = ["gross", "refunds", "unlinked_refunds", "net", "events", "purchases", "uses", "quantity"]
GRAINS = ["ALL", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "HALF_YEAR", "YEAR"]
DIMENSIONS = ["consumer_region", "consumer_region@nation", "category", "category@1", "product", "kind", "source",
              "segment", "channel"]
# What a share may be rolled up to, besides the total over the dimension.
WIDER = {"consumer_region": "nation", "category": "1"}
RANGES = [{}, {"first": "2011-03"}, {"first": "2011-Q2", "last": "2011-Q3"}, {"first": "2010-12", "last": "2011-01..02"},
          {"first": "2011-W10", "last": "2011-W20"}, {"last": "2011-06-15"}]
# One named period; the last ones have nothing before them.
PERIODS = ["2011", "2011-H2", "2011-Q3", "2011-12", "2011-W49", "2011-12-05", "2011-03..11", "2011-Q1..Q3", "2011-01..02"]
FILTERS = [("category", ["products"]), ("consumer_region", ["gb"], True), ("kind", ["purchase"]),
           ("consumer_region", ["de", "fr", "ie"]), ("order", ["A563185"], True), ("product", ["85123a", "85123A"])]
KINDS = ["share", "share of", "share of level", "rank", "order", "limit", "comparison", "one period", "cumulative",
         "cumulative compared"]


def _shares(rng, measures, dimensions):
    additive = [m for m in measures if m in ADDITIVE]
    if not additive or rng.random() < 0.5:
        return []
    share = {"measure": rng.choice(additive)}
    if dimensions and rng.random() < 0.7:
        share["dimension"], _, level = rng.choice(dimensions).partition("@")
        if not level and share["dimension"] in WIDER and rng.random() < 0.9:
            share["level"] = WIDER[share["dimension"]]
    return [share]


def _column(share):
    of = " of " + share["dimension"] if "dimension" in share else ""
    return f"share({share['measure']}{of}{'@' + share['level'] if 'level' in share else ''})"


def question(rng, ranges=RANGES, periods=PERIODS, filters=FILTERS):
    grain = rng.choice(GRAINS + ["ALL"] * 4)
    measures = rng.sample(MEASURES, rng.randrange(1, 4))
    dimensions = rng.sample(DIMENSIONS, rng.choice([0, 0, 1, 1, 2]))
    if grain in ("HOUR", "DAY"):  # keep the answers small
        dimensions = [d for d in dimensions if d != "product"]
    if len({d.split("@")[0] for d in dimensions}) < len(dimensions):
        dimensions = dimensions[:1]
    chosen = rng.sample(filters, rng.choice([0, 0, 1, 2]))
    if len({f[0] for f in chosen}) < len(chosen):
        chosen = chosen[:1]
    more = {}
    period = rng.choice(periods) if grain == "ALL" and rng.random() < 0.8 else ""
    if period:
        more["range"] = {"first": period, "last": period}
    elif rng.random() < 0.4:
        more["range"] = rng.choice(ranges)
    comparisons = []
    if grain != "ALL" or period:
        possible = ["YOY"] if ".." in period else ["PREV", "YOY"]
        comparisons = rng.sample(possible, rng.choice([0, 1, 1, len(possible)]))
    shares = _shares(rng, measures, dimensions)
    ranks = [{"column": rng.choice(measures), "ascending": rng.random() < 0.5}] if rng.random() < 0.4 else []
    columns = measures + [_column(s) for s in shares]
    columns += [f"rank({r['column']}{' asc' if r['ascending'] else ''})" for r in ranks]
    columns += [f"{c.lower()}_diff({measures[0]})" for c in comparisons] + [d.split("@")[0] for d in dimensions]
    if rng.random() < 0.5:
        more["order_by"] = [{"column": c, "descending": rng.random() < 0.5}
                            for c in rng.sample(columns, rng.randrange(1, min(3, len(columns) + 1)))]
    if rng.random() < 0.3:
        more["limit"] = rng.randrange(1, 50)
    return query(measures, grain, dimensions, chosen, comparisons, shares=shares, ranks=ranks, **more)


def kinds_of(q):
    """Which of KINDS the question is."""
    one = q.grain == q.DESCRIPTOR.fields_by_name["grain"].enum_type.values_by_name["GRAIN_ALL"].number and (
        q.range.first != "" and q.range.first == q.range.last)
    cumulative = one and ".." in q.range.first
    met = {"share": bool(q.shares), "share of": any(s.dimension for s in q.shares),
           "share of level": any(s.level for s in q.shares), "rank": bool(q.ranks), "order": bool(q.order_by),
           "limit": q.limit > 0, "comparison": bool(q.comparisons), "one period": one, "cumulative": cumulative,
           "cumulative compared": cumulative and bool(q.comparisons)}
    return [kind for kind in KINDS if met[kind]]


def questions(seed, count):
    rng = random.Random(seed)
    return [question(rng) for _ in range(count)]
