"""SQLite as the engine that ad-hoc answers are held against where no other is installed; too slow to be timed."""

import sqlite3
from datetime import datetime
from zoneinfo import ZoneInfo

import peer_rows

NAMES = [name for name, _ in (*peer_rows.COLUMNS, *peer_rows.ORDER)]
DERIVED = ("event_time", "consumer_province", "provider_province", "category_root", "items")


class NearestRank:
    """The amount of rank ⌈q·n/10000⌉ among n, smallest first."""

    def __init__(self):
        self.amounts, self.level = [], 0

    def step(self, amount, level):
        self.amounts.append(amount)
        self.level = level

    def finalize(self):
        count = len(self.amounts)
        return sorted(self.amounts)[-(-self.level * count // 10_000) - 1] if count else None


class Sqlite:
    def __init__(self, path, codes, numbering):
        """Reads the lines of `bench_export orders`. What is derived is derived here, apart from the other engines."""
        self.database = sqlite3.connect(":memory:")
        self.database.create_aggregate("nearest_rank", 2, NearestRank)
        province = [numbering.provinces.index(codes.province(region)) for region in codes.regions]
        root = [numbering.roots.index(codes.root(category)) for category in codes.categories]
        zone = ZoneInfo(codes.zone)

        def row(line):
            cells = line.rstrip("\n").split("\t")
            e = dict(zip(NAMES, [cells[0], *map(int, cells[1:])]))
            local = datetime.fromtimestamp(e["event_time_us"] // 10**6, zone)
            return (*e.values(), f"{local:%Y-%m-%d %H:%M:%S}", province[e["consumer_region"]], province[e["provider_region"]],
                    root[e["category"]], -e["quantity"] if e["kind"] == 2 else e["quantity"])

        columns = [*NAMES, *DERIVED]
        self.database.execute(f"CREATE TABLE q ({', '.join(columns)})")
        with open(path) as f:
            self.database.executemany(f"INSERT INTO q VALUES ({', '.join('?' * len(columns))})", map(row, f))

    def ask(self, sql):
        return self.database.execute(sql).fetchall()
