"""Random queries over the sample, from a seed: what rebuilds, replicas and caches must answer alike."""

import random

from answers import query

MEASURES = ["gross", "refunds", "unlinked_refunds", "net", "events", "purchases", "uses", "orders", "quantity",
            "consumers", "new_consumers", "average_line", "average_order", "quantile(5000)", "quantile(9500)",
            "quantile(1)", "quantile(10000)", "refund_rate", "identified_share"]
GRAINS = ["ALL", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "HALF_YEAR", "YEAR"]
DIMENSIONS = ["consumer_region", "consumer_region@nation", "category", "category@1", "product", "kind", "source",
              "segment", "channel"]
RANGES = [{}, {"first": "2011-03"}, {"first": "2011-Q2", "last": "2011-Q3"}, {"first": "2010-12", "last": "2011-01..02"},
          {"first": "2011-W10", "last": "2011-W20"}, {"last": "2011-06-15"}]
FILTERS = [("category", ["products"]), ("consumer_region", ["gb"], True), ("kind", ["purchase"]),
           ("consumer_region", ["de", "fr", "ie"]), ("order", ["A563185"], True), ("product", ["85123a", "85123A"])]


def question(rng):
    grain = rng.choice(GRAINS)
    dimensions = rng.sample(DIMENSIONS, rng.choice([0, 0, 1, 1, 2]))
    if grain in ("HOUR", "DAY"):  # keep the answers small
        dimensions = [d for d in dimensions if d != "product"]
    if len({d.split("@")[0] for d in dimensions}) < len(dimensions):
        dimensions = dimensions[:1]
    filters = rng.sample(FILTERS, rng.choice([0, 0, 1, 2]))
    if len({f[0] for f in filters}) < len(filters):
        filters = filters[:1]
    comparisons = rng.sample(["PREV", "YOY"], rng.choice([0, 1, 2])) if grain != "ALL" else []
    more = {}
    if rng.random() < 0.4:
        more["range"] = rng.choice(RANGES)
    if rng.random() < 0.3:
        more["limit"] = rng.randrange(1, 50)
    return query(rng.sample(MEASURES, rng.randrange(1, 4)), grain, dimensions, filters, comparisons, **more)


def questions(seed, count):
    rng = random.Random(seed)
    return [question(rng) for _ in range(count)]
