"""Data assets with rights holders and grants, and what their use owes, split by exact fractions; for test_settle_assets.py."""

import datetime
from collections import defaultdict
from fractions import Fraction

from tidemark.catalog.v1 import resource_pb2, rights_pb2
from tidemark.type.v1 import date_pb2, purpose_pb2

from shared_assets import CATALOG, COMMERCIAL, RESEARCH, now_us
from test_settle import hamilton

ONE_DAY = datetime.timedelta(days=1)
# Use may be told of days of the last year; the days of the world are counted from this one.
FIRST = datetime.datetime.now(datetime.timezone.utc).date() - 300 * ONE_DAY
DAYS = 240
PURPOSES = [purpose_pb2.PURPOSE_STATISTICS, RESEARCH, COMMERCIAL]
HOLDERS = {"organisations/museum": "博物馆", "organisations/press": "出版社", "providers/li": "李画家", "providers/wang": "王作者"}
GRANTEES = ["organisations/lab", "organisations/other", "providers/li"]
EVER = (-10_000, 10_000)
# asset: (holder, weight, first day, day after the last)
RIGHTS = {
    "map": [("organisations/museum", 1, *EVER), ("organisations/press", 1, *EVER), ("providers/li", 1, -10_000, 77),
            ("providers/wang", 5, 77, 10_000)],
    # Nobody between; the same parts before and after, by other weights.
    "gap": [("organisations/press", 3, -10_000, 60), ("providers/wang", 4, -10_000, 60), ("organisations/press", 300, 130, 10_000),
            ("providers/wang", 400, 130, 10_000)],
    "bare": [],
    "idle": [("providers/li", 1, *EVER)],
    "free": [("providers/li", 1, *EVER)],
}
PRODUCT = ("organisations/museum", "providers/li", "providers/wang")
WORLD = CATALOG.replace("timeZone: UTC", "timeZone: Asia/Shanghai") + "".join(f"""---
name: {name}
displayNames: {{zh: {label}}}
{"organisation: {kind: AUTHORITY}" if name.startswith("organisations") else "provider: {kind: CREATOR}"}
""" for name, label in HOLDERS.items()) + """---
name: regions/north
displayNames: {en: North}
region: {level: PROVINCE}
---
name: products/song
displayNames: {zh: 歌曲}
product:
  kind: CONTENT
  rights:
""" + "".join(f"    - {{holder: {holder}, weight: 1}}\n" for holder in PRODUCT)


def date(day):
    return FIRST + day * ONE_DAY


def proto_date(day):
    return date_pb2.Date(year=date(day).year, month=date(day).month, day=date(day).day)


def decimals_of(price):
    return len(price.partition(".")[2])


class Terms:
    """Of a grant: `price` None is free."""

    def __init__(self, asset, price=None, currency="CNY", grantee="organisations/lab"):
        self.asset, self.price, self.currency, self.grantee = asset, price, currency, grantee

    def resource(self, name):
        grant = rights_pb2.Grant(asset="dataAssets/" + self.asset, grantee=self.grantee, purposes=PURPOSES,
                                 end_time_us=now_us() + 3_600_000_000)
        if self.price is not None:
            grant.unit_price.value, grant.currency = self.price, self.currency
        return resource_pb2.Resource(name="grants/" + name, grant=grant)


def settle(rights, terms, uses, first, end, currency, least=2):
    """(gross, unsettled, {holder: part}, decimals) of one asset on days [first, end): all in units of 10^-decimals."""
    owed, decimals = defaultdict(Fraction), least
    for (grant, day, _), units in uses.items():
        of = terms[grant]
        if of.price is None or of.currency != currency or not first <= day < end or Fraction(of.price) == 0:
            continue
        owed[day] += units * Fraction(of.price)
        decimals = max(decimals, decimals_of(of.price))
    gross, unsettled, sets = 0, 0, defaultdict(int)
    for day, amount in owed.items():
        amount *= 10 ** decimals
        assert amount.denominator == 1
        gross += amount.numerator
        held = [(holder, weight) for holder, weight, begin, until in rights if begin <= day < until]
        whole = sum(weight for _, weight in held)
        sets[tuple(sorted((holder, Fraction(weight, whole)) for holder, weight in held))] += amount.numerator
    parts = defaultdict(int)
    for shares, revenue in sets.items():
        if not shares:
            unsettled += revenue
        for holder, part in hamilton(revenue, shares).items() if shares else ():
            parts[holder] += part
    return gross, unsettled, dict(parts), decimals
