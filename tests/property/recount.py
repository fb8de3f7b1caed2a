"""The independent recount: the world's events in SQLite, counted by SQL."""

import sqlite3
from fractions import Fraction

import periods
from world import FIELDS, REGION_FIELDS, TEST, UNALLOCATED, UNKNOWN

SCALE = 100  # averages are in currency units, amounts in hundredths
RATIOS = {"identified_share", "refund_rate", "refund_rate_cohort"}  # only their difference is compared
# Why a measure is null where there is nothing to divide by or to take a quantile of.
NO_VALUE = {"average_line": "NO_DATA", "average_order": "NO_DATA", "refund_rate": "ZERO_DENOMINATOR",
            "identified_share": "ZERO_DENOMINATOR", "refund_rate_cohort": "ZERO_DENOMINATOR"}
COUNTED = "('purchase', 'refund', 'service_use')"


def nothing(measure):
    """The value of a measure where there are no events."""
    return "NO_DATA" if measure.startswith("quantile") else NO_VALUE.get(measure, 0)


class Recount:
    def __init__(self, world, leaf_of, levels):
        """`leaf_of`: event id -> leaf index. `levels`: dimension -> names of its levels."""
        self.world, self.leaf_of = world, leaf_of
        self.dimensions = [d for field in FIELDS for d in [field] + [f"{field}@{level}" for level in levels[field]]]
        self.db = sqlite3.connect(":memory:")
        names = ["size", "leaf", "kind", "t", "amount", "voucher", "quantity", "consumer", "ord", "linked"]
        names += ["p_" + g for g in periods.GRAINS] + [f'"d_{d}"' for d in self.dimensions]
        names += [f"g_{field}_{group}" for field in REGION_FIELDS for group in world.groups]
        self.db.execute(f"CREATE TABLE e ({', '.join(names)})")
        self.insert = f"INSERT INTO e VALUES ({', '.join('?' * len(names))})"
        counting = [e for e in world.events if world.sources[e["source"]][0] != TEST]
        self.purchases = {(e["source"], e["id"]): e for e in counting if e["kind"] != "refund"}
        self.linked = [e for e in counting if e["original"] is not None]
        # What does not depend on the snapshot has no size; the linked refunds of each are added when it is asked for.
        self.sizes, self.made = set(), {}
        self.db.executemany(self.insert, [self._row(e, e, None) for e in counting if e["original"] is None])
        self.db.execute("CREATE INDEX by_consumer ON e (consumer, t)")

    def _row(self, e, fields, size, kind=None, when=None):
        """Event `e` with the fields of another, as of a kind, at the time of `when`."""
        key = (e["id"], fields["id"], kind, when and when["id"])
        if key not in self.made:
            t = (when or e)["event_time"]
            local = self.world.local(t)
            row = [self.leaf_of[e["id"]], kind or e["kind"], t, e["amount"], e["voucher"], e["quantity"],
                   fields["consumer"], f"{fields['source']}/{fields['order']}" if fields["order"] else None,
                   e["original"] is not None]
            row += [periods.name(g, local) for g in periods.GRAINS]
            row += [self._member(fields, d, e["kind"]) for d in self.dimensions]
            self.made[key] = row + [self.world.in_group(group, fields[field], t)
                                    for field in REGION_FIELDS for group in self.world.groups]
        return [size] + self.made[key]

    def _add_linked_refunds(self, size):
        """As they count below a log size: each in full or not at all, by event time, source and id."""
        if size in self.sizes:
            return
        self.sizes.add(size)
        rows, left = [], {}
        there = [e for e in self.linked if self.leaf_of[e["id"]] < size]
        for e in sorted(there, key=lambda e: (e["event_time"], e["source"], e["id"].encode())):
            original = self.purchases.get((e["source"], e["original"]))
            if original is None or self.leaf_of[original["id"]] >= size:
                rows.append(self._row(e, e, size, "pending"))
                continue
            rest = left.setdefault(original["id"], original["amount"] or 0)
            if e["amount"] > rest:
                rows.append(self._row(e, original, size, "void"))
                continue
            left[original["id"]] -= e["amount"]
            rows += [self._row(e, original, size, "refund"), self._row(e, original, size, "cohort", original)]
        self.db.executemany(self.insert, rows)

    def _member(self, e, dimension, kind):
        field, _, level = dimension.partition("@")
        code = kind if field == "kind" else e[field]
        if code is None:
            return UNKNOWN
        return code if not level else self.at_level(field, code, level) or UNALLOCATED + code

    def at_level(self, field, code, level):
        """The code's ancestor at a level, None where there is none."""
        if field != "category":
            return self.world.ancestor(code, level)
        chain = self.world.category_chain(code)[::-1]
        return chain[int(level) - 1] if len(chain) >= int(level) else None

    def codes_met(self, field, log_size):
        """What filters may name: codes that a record of the snapshot has, of whatever source. A linked refund has its original's."""
        return sorted({e[field] for e in self.world.events
                       if e[field] is not None and e["original"] is None and self.leaf_of[e["id"]] < log_size})

    def _filter_sql(self, f):
        """One filter as SQL; f = {dimension, codes, unknown, exclude}."""
        field, parts, arguments = f["dimension"], [], []
        if field == "order":
            parts += ["substr(ord, instr(ord, '/') + 1) = ?"] * len(f["codes"])
            arguments += f["codes"]
            unknown = "ord IS NULL"
        else:
            for code in f["codes"]:
                if code.startswith("regionGroups/"):
                    parts.append(f"g_{field}_{code.partition('/')[2]} = 1")
                    continue
                below = [code]
                if field == "category":
                    below = [c for c in self.world.categories if code in self.world.category_chain(c)]
                elif field in REGION_FIELDS:
                    below = [c for c in self.world.regions if code in self.world.region_chain(c)]
                parts.append(f"\"d_{field}\" IN ({', '.join('?' * len(below))})")
                arguments += below
            unknown = f"\"d_{field}\" = '{UNKNOWN}'"
        if f["unknown"]:
            parts.append(unknown)
        clause = "(" + " OR ".join(f"COALESCE({p}, 0)" for p in parts) + ")"
        return ("NOT " if f["exclude"] else "") + clause, arguments

    def cells(self, grain, dimensions, filters, log_size, bounds, measures):
        """{(period, member...): {measure: exact value, or null reason as text}}; period is "" for ALL."""
        self._add_linked_refunds(log_size)
        where, arguments = ["leaf < ? AND (size IS NULL OR size = ?)"], [log_size, log_size]
        for f in filters:
            clause, more = self._filter_sql(f)
            where.append(clause)
            arguments += more
        for bound, operator in zip(bounds, (">=", "<")):
            if bound is not None:
                where.append(f"t {operator} {bound}")
        keys = ", ".join(["''" if grain == "ALL" else "p_" + grain] + [f'"d_{d}"' for d in dimensions])
        width, condition = 1 + len(dimensions), " AND ".join(where)
        out = {}
        sql = f"""SELECT {keys},
            COALESCE(SUM(CASE kind WHEN 'purchase' THEN amount END), 0),
            COALESCE(SUM(CASE kind WHEN 'refund' THEN amount END), 0),
            COALESCE(SUM(CASE WHEN kind = 'refund' AND NOT linked THEN amount END), 0),
            COALESCE(SUM(CASE kind WHEN 'purchase' THEN voucher END), 0), SUM(kind IN {COUNTED}), SUM(kind = 'purchase'),
            SUM(kind = 'service_use'), COUNT(DISTINCT CASE WHEN kind IN {COUNTED} THEN ord END),
            COALESCE(SUM(CASE kind WHEN 'purchase' THEN quantity WHEN 'refund' THEN -quantity END), 0),
            COUNT(DISTINCT CASE WHEN kind IN ('purchase', 'service_use') THEN consumer END),
            COALESCE(SUM(CASE WHEN kind = 'purchase' AND consumer IS NOT NULL THEN amount END), 0),
            COALESCE(SUM(CASE kind WHEN 'pending' THEN amount END), 0),
            COALESCE(SUM(CASE kind WHEN 'void' THEN amount END), 0),
            COALESCE(SUM(CASE kind WHEN 'cohort' THEN amount END), 0), SUM(kind <> 'cohort')
            FROM e WHERE {condition} GROUP BY {keys}"""
        for row in self.db.execute(sql, arguments):
            (gross, refunds, unlinked, voucher, events, purchases, uses, orders, quantity, consumers,
             identified, pending, void, cohort, shown) = row[width:]
            if not shown:
                continue
            quotient = lambda measure, a, b: Fraction(a, b) if b else NO_VALUE[measure]
            out[row[:width]] = {
                "gross": gross, "refunds": refunds, "unlinked_refunds": unlinked, "net": gross - refunds,
                "voucher": voucher, "events": events, "purchases": purchases, "uses": uses, "orders": orders,
                "quantity": quantity, "consumers": consumers, "new_consumers": 0,
                "average_line": quotient("average_line", gross, purchases * SCALE),
                "average_order": quotient("average_order", gross, orders * SCALE),
                "refund_rate": quotient("refund_rate", refunds, gross),
                "refund_rate_cohort": quotient("refund_rate_cohort", cohort, gross),
                "pending_refunds": pending, "void_refunds": void,
                "identified_share": quotient("identified_share", identified, gross)}
        if "new_consumers" in measures:
            self._add_new_consumers(out, grain, keys, condition, arguments, bounds, log_size)
        for measure in measures:
            if measure.startswith("quantile"):
                self._add_quantile(out, measure, keys, condition, arguments)
        return out

    def _add_new_consumers(self, out, grain, keys, condition, arguments, bounds, log_size):
        """The first purchase or use must lie in the row's period, as far as that was asked for."""
        within = [f"first_t {operator} {bound}" for bound, operator in zip(bounds, (">=", "<")) if bound is not None]
        first = "''"
        if grain != "ALL":
            within.append(f"p_{grain} = first_period")
            first = f"(SELECT p_{grain} FROM e AS x WHERE x.consumer = f.consumer AND x.t = f.t LIMIT 1)"
        sql = f"""WITH f AS (SELECT consumer, MIN(t) AS t FROM e WHERE leaf < ? AND kind IN ('purchase', 'service_use') AND consumer IS NOT NULL
                             GROUP BY consumer),
                       firsts AS (SELECT consumer AS who, t AS first_t, {first} AS first_period FROM f)
                  SELECT {keys}, COUNT(DISTINCT consumer) FROM e JOIN firsts ON who = consumer
                  WHERE kind IN ('purchase', 'service_use') AND {' AND '.join(within + [condition])} GROUP BY {keys}"""
        for row in self.db.execute(sql, [log_size, *arguments]):
            if row[:-1] in out:  # without keys there is a row of nothing
                out[row[:-1]]["new_consumers"] = row[-1]

    def _add_quantile(self, out, measure, keys, condition, arguments):
        q = int(measure[len("quantile("):-1])
        for values in out.values():
            values[measure] = "NO_DATA"
        sql = f"""SELECT * FROM (SELECT {keys}, amount, ROW_NUMBER() OVER (PARTITION BY {keys} ORDER BY amount) AS r,
                                 COUNT(*) OVER (PARTITION BY {keys}) AS n FROM e WHERE kind = 'purchase' AND {condition})
                  WHERE r = (n * {q} + 9999) / 10000"""
        for row in self.db.execute(sql, arguments):
            out[row[:-3]][measure] = row[-3]


def compare(value, base, measure):
    """(difference, ratio) of two values of a measure; a text is the null reason."""
    for known in (value, base):
        if isinstance(known, str):
            return known, known
    difference = value - base
    if measure in RATIOS:
        return difference * 100, None
    if base == 0:
        return difference, "ZERO_BASE"
    if base < 0:
        return difference, "NEGATIVE_BASE"
    return difference, Fraction(difference) / base
