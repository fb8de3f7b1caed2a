"""What the use of data assets owes, split between their rights holders, against exact fractions of a recount of what was reported."""

import csv
import datetime
import io
import random
import unittest
from fractions import Fraction

import grpc
from tidemark.analytics.v1 import query_pb2, settle_pb2, statistics_service_pb2_grpc
from tidemark.catalog.v1 import grant_use_pb2 as use
from tidemark.catalog.v1 import resource_pb2, rights_pb2, types_pb2
from tidemark.ingest.v1 import event_pb2
from tidemark.type.v1 import role_pb2

from answers import rows
from asset_world import DAYS, EVER, GRANTEES, HOLDERS, PRODUCT, PURPOSES, RIGHTS, WORLD, Terms, date, proto_date, settle
from shared_assets import COMMERCIAL, RESEARCH, SharedAssets, now_us, reason
from stack import wait_until


class SettleAssets(SharedAssets):
    world = WORLD

    @classmethod
    def send_events(cls):
        """In place of the base's events: the assets, their grants and what was used."""
        cls.random = random.Random(73)
        cls.world_rights = {**RIGHTS, "atlas": cls.draw_rights(), "film": cls.draw_rights()}
        cls.terms, cls.uses = {}, {}
        for asset, prices in (("map", [("0.25", "CNY"), ("3", "CNY"), ("1.10", "USD")]), ("gap", [("0.07", "CNY")] * 2),
                              ("bare", [("1", "CNY")]), ("idle", [("1", "CNY")]), ("free", [(None, "")] * 2),
                              ("film", [("0.125", "CNY"), ("0.0007", "CNY"), ("2", "EUR"), ("0.5", "USD"), (None, ""), ("0.0", "CNY")]),
                              ("atlas", [(f"0.{n:02}", "CNY") for n in range(1, 13)])):
            for n, (price, currency) in enumerate(prices):
                cls.terms[f"{asset}-{n}"] = Terms(asset, price, currency, cls.random.choice(GRANTEES))
        version = cls.apply(*(cls.asset(name) for name in cls.world_rights),
                            *(terms.resource(name) for name, terms in cls.terms.items()))
        for name, terms in cls.terms.items():
            if terms.asset == "idle":
                continue
            # Of `atlas` more rows than fit a page of ListUse.
            days = range(DAYS) if terms.asset == "atlas" else sorted(cls.random.sample(range(DAYS), 70))
            for day in days:
                for purpose in cls.random.sample(PURPOSES, 2):
                    cls.uses[name, day, purpose] = cls.random.choice([1, 2, 3, 1 + cls.random.randrange(10 ** cls.random.randrange(1, 9))])
        cls.batch = 0
        cls.report(cls.uses)
        cls.size = cls.sell(version)

    @classmethod
    def draw_rights(cls):
        """Holders that come and go at random."""
        rights = []
        for holder in HOLDERS:
            day = -10_000
            while day < DAYS:
                end = cls.random.randrange(max(day, 0) + 1, DAYS + 60)
                if cls.random.random() < 0.8:
                    rights.append((holder, cls.random.randrange(1, 8), day, end))
                day = end
        return rights

    @classmethod
    def asset(cls, name, rights=None):
        resource = resource_pb2.Resource(name="dataAssets/" + name, display_names={"zh": "资产" + name})
        resource.data_asset.kind, resource.data_asset.state = rights_pb2.ASSET_KIND_LIVE_DATA, rights_pb2.ASSET_STATE_ACTIVE
        resource.data_asset.owner = "organisations/owner"
        resource.data_asset.subjects.append("sources/shop-a")
        resource.data_asset.terms.texts["zh"] = "仅限研究"
        for holder, weight, begin, end in cls.world_rights[name] if rights is None else rights:
            share = resource.data_asset.rights.add(holder=holder, weight=weight)
            if begin > -10_000:
                share.valid.start.CopyFrom(proto_date(begin))
            if end < 10_000:
                share.valid.end.CopyFrom(proto_date(end))
        return resource

    @classmethod
    def report(cls, uses):
        listed = sorted(uses.items())
        for begin in range(0, len(listed), 10_000):
            cls.batch += 1
            request = use.ReportUseRequest(reporter="test", batch=cls.batch)
            for (grant, day, purpose), units in listed[begin:begin + 10_000]:
                request.uses.add(grant="grants/" + grant, day=proto_date(day), purpose=purpose, units=units)
            cls.stack.catalog().ReportUse(request, metadata=cls.stack.metadata(cls.stack.token("service")), timeout=60)

    sold = 0

    @classmethod
    def sell(cls, version):
        """One song for 1.00 a call on day 100, until the log has a mark of the version; the log's size then."""
        def sold():
            SettleAssets.sold += 1
            event = event_pb2.Event(source="shop-a", id=f"song-{cls.sold}", kind=event_pb2.EVENT_KIND_PURCHASE, product="song",
                                    amount=100, event_time_us=int(datetime.datetime.combine(
                                        date(100), datetime.time(4), datetime.timezone.utc).timestamp()) * 1_000_000)
            verdict = cls.submit([event]).verdict
            if verdict.accepted != 1:
                return False
            size = verdict.first_leaf + 1
            wait_until(lambda: cls.fold_status().snapshot.log_size >= size)
            # Of the snapshot, not of the event: a mark may have come behind that.
            snapshot = cls.fold_status().snapshot
            return snapshot.catalog_version >= version and snapshot.log_size
        return wait_until(sold)

    def ask(self, first, end, subjects=(), size=None, token=None, language="", names=None, **more):
        """Of the days [first, end)."""
        request = settle_pb2.SettleRequest(subjects=[s if "/" in s else "dataAssets/" + s for s in subjects], **more)
        request.range.first, request.range.last = names or (str(date(first)), str(date(end - 1)))
        request.read.label_language = language
        if size is not None:
            request.read.as_of.log_size = size
        with self.stack.channel("analytics") as channel:
            stub = statistics_service_pb2_grpc.StatisticsServiceStub(channel)
            return stub.Settle(request, metadata=self.stack.metadata(token), timeout=60)

    def refused(self, *arguments, **more):
        """(code, reason, message)"""
        with self.assertRaises(grpc.RpcError) as raised:
            self.ask(*arguments, **more)
        return raised.exception.code(), reason(raised.exception), raised.exception.details()

    def of(self, asset, first, end, currency="CNY"):
        uses = {key: units for key, units in self.uses.items() if self.terms[key[0]].asset == asset}
        return settle(self.world_rights[asset], self.terms, uses, first, end, currency)

    def check(self, answer, first, end, assets, currency="CNY", shown=None):
        want = {asset: self.of(asset, first, end, currency) for asset in assets}
        decimals = max(d for _, _, _, d in want.values())
        for table, name in ((answer.holders, "amount"), (answer.parts, "amount"), (answer.subjects, "net")):
            column = next(c for c in table.columns if c.name == name)
            self.assertEqual((column.unit, column.decimals), (currency, decimals))
        self.assertEqual([r["subject"] for r in rows(answer.subjects)], sorted("dataAssets/" + a for a in assets))
        parts, by_holder = {}, {holder: [0, 0] for holder in shown or ()}
        for r in rows(answer.subjects):
            gross, unsettled, of, own = want[r["subject"].removeprefix("dataAssets/")]
            more = 10 ** (decimals - own)
            self.assertEqual(r, {"subject": r["subject"], "gross": gross * more, "refunds": 0, "net": gross * more,
                                 "settled": (gross - unsettled) * more, "unsettled": unsettled * more, "holders": len(of)})
            self.assertEqual(sum(of.values()), gross - unsettled)
            for holder, part in of.items():
                if shown is not None and holder not in shown:
                    continue
                parts[r["subject"], holder] = part * more
                sums = by_holder.setdefault(holder, [0, 0])
                sums[0] += part * more
                sums[1] += 1
        self.assertEqual({(r["subject"], r["holder"]): r["amount"] for r in rows(answer.parts)}, parts)
        self.assertEqual({r["holder"]: [r["amount"], r["subjects"]] for r in rows(answer.holders)}, by_holder)
        return want

    def test_every_period_equals_the_recount(self):
        met = set()
        every = sorted(RIGHTS) + ["atlas", "film"]
        for first, end in ((0, DAYS), (10, 41), (70, 85), (59, 61), (130, 131), (-30, -1)):
            for assets in (every, *([a] for a in every)):
                answer = self.ask(first, end, assets)
                want = self.check(answer, first, end, assets)
                met |= {"unsettled" for _, unsettled, _, _ in want.values() if unsettled}
                met |= {f"decimals {d}" for _, _, _, d in want.values()}
                met |= {"shares changed" for a in assets if len(want[a][2]) == 4}
                for table in (answer.holders, answer.parts, answer.subjects):
                    codes = [n.code for n in table.notes]
                    self.assertIn("USE_AS_METERED", codes)
                    self.assertNotIn("PARTIAL", codes)
        self.assertLessEqual({"unsettled", "decimals 2", "decimals 4", "shares changed"}, met)

    def test_a_repeat_has_the_same_bytes(self):
        every = sorted(RIGHTS) + ["atlas", "film"]
        def tables():
            answer = self.ask(0, DAYS, [*every, "products/song"], language="zh")
            return [t.SerializeToString(deterministic=True) for t in (answer.holders, answer.parts, answer.subjects)]
        first = tables()
        self.assertEqual(tables(), first)
        self.stack.restart("analytics")
        wait_until(lambda: self.fold_status().snapshot.log_size >= self.size)
        self.assertEqual(tables(), first)
        self.assertEqual(self.ask(0, DAYS, ["atlas"]).parts, self.ask(0, DAYS, ["atlas"]).parts)

    def test_currencies_are_not_added(self):
        for currency, others in (("CNY", "EUR, USD"), ("USD", "CNY, EUR"), ("EUR", "CNY, USD"), ("JPY", "CNY, EUR, USD")):
            answer = self.ask(0, DAYS, ["film", "map"], currency=currency)
            self.check(answer, 0, DAYS, ["film", "map"], currency)
            told = {n.code: n.message for n in answer.parts.notes}
            self.assertIn(f"owed in {others} too", told["OTHER_CURRENCIES"])
        self.assertNotIn("OTHER_CURRENCIES", [n.code for n in self.ask(0, DAYS, ["gap"]).parts.notes])
        self.assertEqual(self.refused(0, DAYS, ["map"], currency="cny")[:2],
                         (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_CURRENCY"))
        for subjects in ((), ["products/song"], ["map", "products/song"]):
            code, why, message = self.refused(0, DAYS, subjects, currency="USD")
            self.assertEqual((code, why), (grpc.StatusCode.INVALID_ARGUMENT, "CURRENCY_MISMATCH"))
            self.assertIn("products are sold in CNY only", message)

    def test_products_are_split_as_without_assets(self):
        alone = self.ask(90, 110, ["products/song"], size=self.size)
        both = self.ask(90, 110, ["products/song", "film"], size=self.size)
        scale = {c.decimals for c in both.parts.columns if c.name == "amount"}
        self.assertEqual(scale, {4})
        want = {r["holder"]: r["amount"] * 100 for r in rows(alone.parts)}
        self.assertEqual(sum(want.values()), sum(r["net"] for r in rows(alone.subjects)) * 100)
        self.assertEqual({r["holder"]: r["amount"] for r in rows(both.parts) if r["subject"] == "products/song"}, want)
        film = self.of("film", 90, 110)
        self.assertEqual({r["holder"]: r["amount"] for r in rows(both.parts) if r["subject"] == "dataAssets/film"}, film[2])
        self.assertEqual({r["holder"]: r["amount"] for r in rows(both.holders)},
                         {h: want.get(h, 0) + film[2].get(h, 0) for h in {*want, *film[2]}})
        self.assertIn("PARTIAL", [n.code for n in self.ask(0, 400, ["products/song", "film"]).parts.notes])
        # Unnamed, assets are left out, whoever asks.
        unnamed = self.ask(90, 110, size=self.size)
        self.assertEqual((unnamed.parts, unnamed.holders, unnamed.subjects), (alone.parts, alone.holders, alone.subjects))
        self.assertNotIn("USE_AS_METERED", [n.code for n in unnamed.parts.notes])

    def test_holders_narrow_what_is_told(self):
        shown = ["providers/wang", "organisations/museum"]
        self.check(self.ask(20, 200, ["map", "gap"], holders=shown), 20, 200, ["map", "gap"], shown=shown)
        self.assertEqual(self.ask(0, DAYS, ["atlas"], without_parts=True).parts.row_count, 0)
        self.assertIn("holders[0]: `providers/li`", self.refused(0, DAYS, ["gap"], holders=["providers/li"])[2])

    def token(self, name, **more):
        return self.stack.issue_token(name, types_pb2.Token(principal=name, **more))

    def test_who_sees_no_grants_sees_no_asset_settled(self):
        denied = grpc.StatusCode.PERMISSION_DENIED
        analyst = self.token("s-analyst", roles=[role_pb2.ROLE_ANALYST])
        owner = self.token("s-owner", roles=[role_pb2.ROLE_ANALYST, role_pb2.ROLE_GRANTEE], acts_for="organisations/owner")
        for secret in (analyst, owner):
            for subjects in (["map"], ["products/song", "map"], ["nothing"]):
                code, why, message = self.refused(0, DAYS, subjects, token=secret)
                self.assertEqual((code, why), (denied, "GRANTS_HIDDEN"))
                self.assertIn("is a data asset", message)
            self.assertEqual(self.ask(90, 110, ["products/song"], token=secret, size=self.size).subjects,
                             self.ask(90, 110, ["products/song"], size=self.size).subjects)
        code, why, _ = self.refused(0, DAYS, ["map"], token=self.token("s-lab", roles=[role_pb2.ROLE_GRANTEE],
                                                                       acts_for="organisations/lab"))
        self.assertEqual(code, denied)
        north = self.token("s-north", roles=[role_pb2.ROLE_STEWARD], region_scope="regions/north")
        self.assertEqual(self.refused(0, DAYS, ["map"], token=north)[:2], (denied, "REGION_SCOPE"))
        want = self.ask(0, DAYS, ["map"])
        for role in ("STEWARD", "AUDITOR", "ADMIN", "SERVICE"):
            secret = self.token("s-" + role.lower(), roles=[role_pb2.Role.Value("ROLE_" + role)])
            self.assertEqual(self.ask(0, DAYS, ["map"], token=secret).parts, want.parts)

    def test_what_cannot_be_asked_of_an_asset_is_named(self):
        invalid = grpc.StatusCode.INVALID_ARGUMENT
        north = [query_pb2.Filter(dimension="consumer_region", codes=["north"])]
        code, why, message = self.refused(0, DAYS, ["map"], filters=north)
        self.assertEqual((code, why), (invalid, "NOT_FOR_ASSETS"))
        self.assertIn("filters: narrow events, and the use of dataAssets/map is none", message)
        self.assertEqual(self.refused(0, DAYS, ["products/song", "map"], filters=north)[1], "NOT_FOR_ASSETS")
        self.ask(0, DAYS, ["products/song"], filters=north)
        hour = str(date(3)) + "T05+08:00"
        for names, field in (((hour, str(date(9))), "range.first"), ((str(date(1)), hour), "range.last")):
            code, why, message = self.refused(0, 1, ["map"], names=names)
            self.assertEqual((code, why), (invalid, "PERIOD_INVALID"))
            self.assertIn(f"{field}: `{hour}` cuts a day", message)
        self.assertIn("range.first: missing", self.refused(0, 1, ["map"], names=("", str(date(1))))[2])
        for subjects, why in ((["map", "nothing"], "UNKNOWN_SUBJECT"), (["map", "gap", "map"], "DUPLICATE")):
            self.assertEqual(self.refused(0, DAYS, subjects)[:2], (invalid, why))
        self.assertIn("subjects[1]: `dataAssets/nothing` is not an asset", self.refused(0, DAYS, ["map", "nothing"])[2])

    def test_sums_that_do_not_fit_are_refused(self):
        self.world_rights["dear"] = [("providers/li", 1, *EVER)]
        self.terms["dear"] = Terms("dear", "90000")
        version = self.apply(self.asset("dear"), self.terms["dear"].resource("dear"))
        size = self.sell(version)
        self.report({("dear", 5, RESEARCH): 10**12})
        self.assertEqual([r["amount"] for r in rows(self.ask(0, 9, ["dear"], size=size).parts)], [9 * 10**18])
        self.report({("dear", 6, RESEARCH): 10**12})
        self.assertEqual(self.refused(0, 9, ["dear"], size=size)[:2], (grpc.StatusCode.OUT_OF_RANGE, "SUM_OVERFLOW"))

    def test_shares_are_of_the_snapshot_and_use_is_of_now(self):
        old = [("organisations/press", 1, *EVER)]
        new = [("organisations/press", 1, *EVER), ("providers/wang", 2, 4, 10_000)]
        terms = Terms("case", "0.10")
        self.world_rights["case"] = old
        before = self.sell(self.apply(self.asset("case"), terms.resource("case")))
        self.report({("case", 3, RESEARCH): 5, ("case", 4, RESEARCH): 10})
        def parts(**more):
            return {r["holder"]: r["amount"] for r in rows(self.ask(0, 20, ["case"], **more).parts)}
        self.assertEqual(parts(size=before), {"organisations/press": 150})
        after = self.sell(self.apply(self.asset("case", new)))
        self.assertEqual(parts(size=before), {"organisations/press": 150})
        # 50, and a third of 100: 33.33
        self.assertEqual(parts(size=after), {"organisations/press": 83, "providers/wang": 67})
        # The asset is shared no more and the grant taken back: what was used is owed, and what is told late, too.
        gone = self.asset("case", new)
        gone.data_asset.state = rights_pb2.ASSET_STATE_RETIRED
        revoked = terms.resource("case")
        revoked.grant.end_time_us = now_us() - 1
        revoked.grant.revocation.reason.texts["zh"] = "终止"
        size = self.sell(self.apply(gone, revoked))
        self.report({("case", 5, COMMERCIAL): 20})
        self.assertEqual(parts(size=size), {"organisations/press": 150, "providers/wang": 200})
        self.assertEqual(parts(size=before), {"organisations/press": 350})
        # Before the asset was there.
        self.assertEqual(self.refused(0, 20, ["case"], size=self.size)[1], "UNKNOWN_SUBJECT")

    def test_metered_answers_are_settled(self):
        self.world_rights["live"] = [(holder, 1, *EVER) for holder in PRODUCT]
        terms = Terms("live", "0.35")
        size = self.sell(self.apply(self.asset("live"), terms.resource("live")))
        wait_until(lambda: SharedAssets.ask(self, asset="dataAssets/live"))
        for _ in range(3):
            SharedAssets.ask(self, asset="dataAssets/live")
        wait_until(lambda: self.units("live") == 4)
        answer = self.ask(290, 310, ["live"], size=size)
        self.assertEqual({r["holder"]: r["amount"] for r in rows(answer.parts)}, dict(zip(sorted(PRODUCT), [47, 47, 46])))
        listed = self.stack.cli("grants", "use", "--asset", "dataAssets/live", "-o", "csv").stdout
        self.assertEqual([r["amount"] for r in csv.DictReader(io.StringIO(listed))], ["1.40"])

    def test_without_the_catalog_it_is_not_answered(self):
        self.ask(0, DAYS, ["map"], size=self.size)
        self.stack.kill("catalog")
        try:
            self.assertEqual(self.refused(0, DAYS, ["map"], size=self.size)[:2],
                             (grpc.StatusCode.UNAVAILABLE, "CATALOG_UNREACHABLE"))
        finally:
            self.stack.start("catalog")
        wait_until(lambda: self.ask(0, DAYS, ["map"], size=self.size).parts.row_count)

    def test_names_are_told_in_the_language_asked_for(self):
        answer = self.ask(0, DAYS, ["map"], language="zh")
        labels = {m.code: m.label for t in (answer.parts, answer.subjects) for c in t.columns if c.HasField("dictionary")
                  for m in c.dictionary.members}
        self.assertEqual(labels, {"dataAssets/map": "资产map", **HOLDERS})

    def test_the_command_shows_the_same(self):
        want = rows(self.ask(0, DAYS, ["film"], currency="USD").parts)
        clauses = f"from {date(0)} to {date(DAYS - 1)}"
        told = self.stack.cli("settle", clauses, "--subject", "dataAssets/film", "--currency", "USD", "--table", "parts", "-o", "csv")
        self.assertEqual([(r["subject"], r["holder"], Fraction(r["amount"])) for r in csv.DictReader(io.StringIO(told.stdout))],
                         [(r["subject"], r["holder"], Fraction(r["amount"], 100)) for r in want])
        shown = self.stack.cli("settle", clauses, "--subject", "dataAssets/film", "--labels", "zh")
        self.assertIn("资产film", shown.stdout)
        self.assertIn("no snapshot holds it", shown.stdout + shown.stderr)
        failed = self.stack.cli("settle", clauses + " where consumer_region = north", "--subject", "dataAssets/film", check=False)
        self.assertNotEqual(failed.returncode, 0)
        self.assertIn("filters: narrow events", failed.stderr)


if __name__ == "__main__":
    unittest.main()
