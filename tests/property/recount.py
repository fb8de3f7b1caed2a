"""The independent recount: the world's events in SQLite, counted by SQL, compared and ranked by plain Python."""

import datetime
import sqlite3
from fractions import Fraction

import periods
from world import LEVEL, TEST

SIMPLE = ["source", "product", "provider", "segment", "channel", "payment_method", "age_band", "area_type", "kind"]
REGIONS = ["consumer_region", "provider_region"]
SCALE = 100  # averages are in currency units, amounts in hundredths
ADDITIVE = ["gross", "refunds", "unlinked_refunds", "net", "voucher", "events", "purchases", "uses", "quantity"]
RATIOS = {"identified_share", "refund_rate"}  # only their difference is compared


def dimension_column(dimension):
    return dimension.replace("@", "_at_")


class Recount:
    def __init__(self, world, leaf_of):
        """`leaf_of`: event id -> leaf index."""
        self.world = world
        self.db = sqlite3.connect(":memory:")
        self.dimensions = SIMPLE + REGIONS + ["category"]
        self.dimensions += [f"{r}@{level}" for r in REGIONS for level in LEVEL] + [f"category@{n}" for n in (1, 2, 3)]
        names = ["leaf", "kind", "t", "amount", "voucher", "quantity", "consumer", "ord"]
        names += ["p_" + g for g in periods.GRAINS] + ["d_" + dimension_column(d) for d in self.dimensions]
        self.db.execute(f"CREATE TABLE e ({', '.join(names)})")
        rows = [self._row(e, leaf_of[e["id"]]) for e in world.events if world.sources[e["source"]][0] != TEST]
        self.db.executemany(f"INSERT INTO e VALUES ({', '.join('?' * len(names))})", rows)
        self.db.execute("CREATE INDEX by_leaf ON e (leaf)")
        self.db.execute("CREATE INDEX by_consumer ON e (consumer, t)")
        self._add_group_columns(leaf_of)

    def _row(self, e, leaf):
        local = self.world.local(e["event_time"])
        row = [leaf, e["kind"], e["event_time"], e["amount"], e["voucher"], e["quantity"], e["consumer"],
               f"{e['source']}/{e['order']}" if e["order"] else None]
        row += [periods.name(g, local) for g in periods.GRAINS]
        return row + [self._member(e, d) for d in self.dimensions]

    def _member(self, e, dimension):
        field, _, level = dimension.partition("@")
        code = e[field]
        if code is None:
            return "UNKNOWN"
        if not level:
            return code
        if field == "category":
            chain = self.world.category_chain(code)[::-1]
            return chain[int(level) - 1] if len(chain) >= int(level) else "UNALLOCATED:" + chain[-1]
        return self.world.ancestor(code, level) or "UNALLOCATED:" + code

    def _add_group_columns(self, leaf_of):
        for field in REGIONS:
            for group in self.world.groups:
                column = f"g_{field}_{group}"
                self.db.execute(f"ALTER TABLE e ADD COLUMN {column} DEFAULT 0")
                inside = [(leaf_of[e["id"]],) for e in self.world.events
                          if self.world.in_group(group, e[field], e["event_time"])]
                self.db.executemany(f"UPDATE e SET {column} = 1 WHERE leaf = ?", inside)

    def _filter_sql(self, f):
        """One filter as SQL; f = {dimension, codes, unknown, exclude}."""
        field, parts, arguments = f["dimension"], [], []
        if field == "order":
            parts += ["substr(ord, instr(ord, '/') + 1) = ?"] * len(f["codes"])
            arguments += f["codes"]
            unknown = "ord IS NULL"
        else:
            column = "d_" + field
            for code in f["codes"]:
                if code.startswith("regionGroups/"):
                    parts.append(f"g_{field}_{code.partition('/')[2]} = 1")
                    continue
                chain = {"category": self.world.categories, **{r: self.world.regions for r in REGIONS}}.get(field)
                if chain is None:
                    below = [code]
                elif field == "category":
                    below = [c for c in chain if code in self.world.category_chain(c)]
                else:
                    below = [c for c in chain if code in self.world.region_chain(c)]
                parts.append(f"{column} IN ({', '.join('?' * len(below))})")
                arguments += below
            unknown = f"{column} = 'UNKNOWN'"
        if f["unknown"]:
            parts.append(unknown)
        clause = "(" + " OR ".join(f"COALESCE({p}, 0)" for p in parts) + ")"
        return ("NOT " if f["exclude"] else "") + clause, arguments

    def cells(self, grain, dimensions, filters, log_size, time_range=(None, None), quantiles=(),
              new_consumers=False):
        """{(period, member...): {measure: exact value or None}}; period is '' for ALL."""
        where, arguments = ["leaf < ?"], [log_size]
        for bound, operator in zip(time_range, (">=", "<")):
            if bound is not None:
                where.append(f"t {operator} ?")
                arguments.append(bound)
        for f in filters:
            clause, more = self._filter_sql(f)
            where.append(clause)
            arguments += more
        keys = ([] if grain == "ALL" else ["p_" + grain]) + ["d_" + dimension_column(d) for d in dimensions]
        keys = ", ".join(keys) or "1"
        pad = 1 if grain == "ALL" and dimensions else 0
        width = max(1, len(dimensions) + (grain != "ALL"))
        condition = " AND ".join(where)
        key_of = lambda row: ("",) if keys == "1" else ("",) * pad + row[:width]
        out = {}
        sql = f"""SELECT {keys},
            COALESCE(SUM(CASE kind WHEN 'purchase' THEN amount END), 0), COALESCE(SUM(CASE kind WHEN 'refund' THEN amount END), 0),
            COALESCE(SUM(CASE kind WHEN 'purchase' THEN voucher END), 0), COUNT(*), SUM(kind = 'purchase'),
            SUM(kind = 'service_use'), COUNT(DISTINCT ord),
            COALESCE(SUM(CASE kind WHEN 'purchase' THEN quantity WHEN 'refund' THEN -quantity END), 0),
            COUNT(DISTINCT CASE WHEN kind <> 'refund' THEN consumer END),
            COALESCE(SUM(CASE WHEN kind = 'purchase' AND consumer IS NOT NULL THEN amount END), 0)
            FROM e WHERE {condition} GROUP BY {keys}"""
        divide = lambda a, b: Fraction(a, b) if b else None
        for row in self.db.execute(sql, arguments):
            gross, refunds, voucher, events, purchases, uses, orders, quantity, consumers, identified = row[width:]
            if events == 0:
                continue
            out[key_of(row)] = {
                "gross": gross, "refunds": refunds, "unlinked_refunds": refunds, "net": gross - refunds,
                "voucher": voucher, "events": events, "purchases": purchases, "uses": uses, "orders": orders,
                "quantity": quantity, "consumers": consumers, "average_line": divide(gross, purchases * SCALE),
                "average_order": divide(gross, orders * SCALE), "refund_rate": divide(refunds, gross),
                "identified_share": divide(identified, gross), "new_consumers": 0}
        if new_consumers:
            self._add_new_consumers(out, grain, keys, width, key_of, condition, arguments, log_size)
        for q in quantiles:
            self._add_quantile(out, q, keys, width, key_of, condition, arguments)
        return out

    def _add_new_consumers(self, out, grain, keys, width, key_of, condition, arguments, log_size):
        period = "'' = ''" if grain == "ALL" else f"p_{grain} = first_period"
        first = "''" if grain == "ALL" else f"(SELECT p_{grain} FROM e AS x WHERE x.consumer = f.consumer AND x.t = f.t LIMIT 1)"
        sql = f"""WITH f AS (SELECT consumer, MIN(t) AS t FROM e WHERE leaf < ? AND kind <> 'refund' AND consumer IS NOT NULL
                             GROUP BY consumer),
                       firsts AS (SELECT consumer AS who, t AS first_t, {first} AS first_period FROM f)
                  SELECT {keys}, COUNT(DISTINCT consumer) FROM e JOIN firsts ON who = consumer
                  WHERE kind <> 'refund' AND {period} AND {condition} GROUP BY {keys}"""
        for row in self.db.execute(sql, [log_size, *arguments]):
            out[key_of(row)]["new_consumers"] = row[-1]

    def _add_quantile(self, out, q, keys, width, key_of, condition, arguments):
        name = f"quantile({q})"
        for values in out.values():
            values[name] = None
        sql = f"""SELECT * FROM (SELECT {keys}, amount, ROW_NUMBER() OVER (PARTITION BY {keys} ORDER BY amount) AS r,
                                 COUNT(*) OVER (PARTITION BY {keys}) AS n FROM e WHERE kind = 'purchase' AND {condition})
                  WHERE r = (n * {q} + 9999) / 10000"""
        for row in self.db.execute(sql, arguments):
            out[key_of(row)][name] = row[width]

    def sources_asked(self, filters):
        """LIVE sources that the filters on source leave."""
        live = {s for s, (kind, _, _) in self.world.sources.items() if kind != TEST}
        for f in filters:
            if f["dimension"] == "source":
                inside = {s for s in live if s in f["codes"]}
                live = live - inside if f["exclude"] else inside
        return live

    def is_partial(self, grain, period, sources):
        """Whether a period of a day or longer is reported in part by a source that reports in it."""
        first, end = (datetime.date.fromisoformat(period[:10]),) * 2 if grain == "HOUR" else periods.days(grain, period)
        end = max(end, first + datetime.timedelta(days=1))
        for s in sources:
            _, starts, ends = self.world.sources[s]
            overlaps = starts < end and (ends is None or ends > first)
            if overlaps and (starts > first or ends is not None and ends < end):
                return True
        return False


def compare(row, base, base_partial, partial, measure):
    """(difference, ratio) of a comparison; a text is the null reason."""
    if base is None:
        return "NO_BASE", "NO_BASE"
    if partial or base_partial:
        return "PARTIAL_PERIOD", "PARTIAL_PERIOD"
    if row[measure] is None or base[measure] is None:
        return "NULL", "NULL"
    difference = row[measure] - base[measure]
    if base[measure] == 0:
        return difference, "ZERO_BASE"
    if base[measure] < 0:
        return difference, "NEGATIVE_BASE"
    return difference, Fraction(difference, 1) / base[measure]
