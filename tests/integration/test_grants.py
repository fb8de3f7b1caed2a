"""Grants of shared assets with real processes: what a grantee is answered and what not, expiry at the instant, revocation through the
watch, bounds, sums that survive kill -9 of either side, a view that is too old, hostile input."""

import datetime
import json
import random
import signal
import threading
import time
import unittest

import grpc

from tidemark.catalog.v1 import grant_use_pb2 as use
from tidemark.catalog.v1 import rights_pb2
from tidemark.type.v1 import date_pb2

from answers import query, rows
from mute_proxy import MuteProxy
from shared_assets import BOOKS, COMMERCIAL, RESEARCH, SharedAssets, now_us, reason
from stack import wait_until


class Grants(SharedAssets):
    def test_a_grantee_is_answered_from_what_is_shared_and_each_answer_is_counted(self):
        grant = self.grant("plain", currency="CNY")
        grant.grant.unit_price.value = "0.125"
        self.assert_refused("GRANT_MISSING")
        self.apply(grant)
        answer = wait_until(self.ask)
        self.assertEqual(answer.meta.grant, "grants/plain")
        self.assertEqual(rows(answer.result)[0]["net"], 10)
        self.assertEqual([n.code for n in answer.result.notes][:1], ["ASSET_SCOPE"])
        by_category = rows(self.ask(q=query(["net"], dimensions=["category", "source"])).result)
        self.assertEqual([(r["category"], r["source"], r["net"]) for r in by_category], [("books", "shop-a", 10)])
        self.assert_refused("GRANT_PURPOSE", purpose=COMMERCIAL)
        self.assert_refused("GRANT_MISSING", who="other")
        self.assert_refused("ASSET_NOT_SHARED", asset="dataAssets/none")
        self.assert_refused("ASSET_REQUIRED", asset="")
        self.assert_refused("GRANT_MISSING", who="analyst")
        # Who may ask without an asset is answered from everything, and nothing is counted.
        whole = self.ask(who="analyst", asset="")
        self.assertEqual(rows(whole.result)[0]["net"], 10 * (1 + 100 + 10_000))
        wait_until(lambda: self.units("plain") == 2)
        for who, rows_seen in (("lab", 1), ("owner", 1), ("other", 0)):
            found = self.stack.catalog().ListUse(use.ListUseRequest(asset=BOOKS, grant="grants/plain"), timeout=30,
                                                 metadata=self.stack.metadata(self.secret[who])).rows
            self.assertEqual(len(found), rows_seen, who)
        shown = json.loads(self.stack.cli("grants", "use", "--grant", "grants/plain", "--by", "day", "-o", "json").stdout)
        self.assertEqual((shown[0]["units"], str(shown[0]["amount"]), shown[0]["currency"], shown[0]["purpose"]),
                         (2, "0.25", "CNY", "RESEARCH"))
        self.assertEqual(sum(r.units for r in self.stack.catalog().ListUse(
            use.ListUseRequest(grant="grants/plain", detail=use.USE_DETAIL_DAY), metadata=self.stack.metadata()).rows), 2)
        self.stack.variables["TIDEMARK_TOKEN"] = self.secret["lab"]
        self.addCleanup(self.stack.variables.clear)
        done = self.stack.cli("grants", "check", BOOKS, "--purpose", "research")
        self.assertIn("grants/plain", done.stdout)
        refused = self.stack.cli("grants", "check", BOOKS, "--purpose", "commercial", "-o", "json", check=False)
        self.assertEqual((refused.returncode, json.loads(refused.stdout)[0]["reason"]), (1, "GRANT_PURPOSE"))
        done = self.stack.cli("query", "net by category", "--asset", BOOKS, "--purpose", "research")
        self.assertIn("counted as used under grants/plain", done.stdout)

    def test_a_grant_ends_at_the_instant(self):
        asset = self.new_asset("ending")
        end = now_us() + 4_000_000
        self.apply(asset, self.grant("ending", asset=asset.name, end_time_us=end))
        wait_until(lambda: self.ask(asset=asset.name))
        last_ok, first_refused = 0, 0
        while not first_refused:
            begun = now_us()
            found = self.refusal(asset=asset.name)
            # The services' clock is this one.
            if found is None:
                last_ok = begun
                self.assertLess(begun, end, "answered although it was asked after the end")
            else:
                self.assertEqual(found, (grpc.StatusCode.PERMISSION_DENIED, "GRANT_ENDED"))
                first_refused = now_us()
                self.assertGreaterEqual(first_refused, end)
        print(f"last answer was asked {(end - last_ok) / 1000:.1f} ms before the end, "
              f"the first refusal came {(first_refused - end) / 1000:.1f} ms after it")

    def test_a_revocation_and_a_suspension_are_seen_through_the_watch(self):
        asset = self.new_asset("revoked")
        grant = self.grant("revoked", asset=asset.name)
        self.apply(asset, grant)
        wait_until(lambda: self.ask(asset=asset.name))
        asset.data_asset.state = rights_pb2.ASSET_STATE_SUSPENDED
        self.apply(asset)
        wait_until(lambda: self.refusal(asset=asset.name) == (grpc.StatusCode.PERMISSION_DENIED, "ASSET_NOT_SHARED"))
        asset.data_asset.state = rights_pb2.ASSET_STATE_ACTIVE
        self.apply(asset)
        wait_until(lambda: self.ask(asset=asset.name))
        grant.grant.revocation.reason.texts["zh"] = "违反约定用途"
        self.apply(grant)
        begun = time.monotonic()
        wait_until(lambda: self.refusal(asset=asset.name) == (grpc.StatusCode.PERMISSION_DENIED, "GRANT_REVOKED"))
        took = time.monotonic() - begun
        print(f"a revocation was seen after {took * 1000:.1f} ms")
        self.assertLess(took, 10)
        # It stays: neither the end nor another apply brings it back.
        with self.assertRaises(grpc.RpcError) as caught:
            self.apply(self.grant("revoked", asset=asset.name))
        self.assertEqual(reason(caught.exception), "GRANT_REVOKED")

    def count_until_exhausted(self, asset):
        """How many are answered until the first refusal for good."""
        answered = 0
        while True:
            found = self.refusal(asset=asset)
            if found is None:
                answered += 1
            elif found[1] != "USE_NOT_KNOWN":
                self.assertEqual(found[1], "GRANT_EXHAUSTED")
                return answered
            else:
                time.sleep(0.05)

    def test_an_allowance_is_kept_through_restarts_and_may_be_raised(self):
        asset = self.new_asset("bounded")
        grant = self.grant("bounded", asset=asset.name, allowance=5)
        self.apply(asset, grant)
        wait_until(lambda: self.refusal(asset=asset.name) in (None, (grpc.StatusCode.UNAVAILABLE, "USE_NOT_KNOWN")))
        before = self.units("bounded")
        answered = self.count_until_exhausted(asset.name)
        self.assertIn(answered, (4, 5), "the first may have been answered while waiting")
        wait_until(lambda: self.units("bounded") == 5)
        self.assertLessEqual(before, 1)
        self.stack.restart("analytics", sig=signal.SIGTERM)
        self.assertEqual(self.count_until_exhausted(asset.name), 0)
        grant.grant.allowance = 7
        self.apply(grant)
        wait_until(lambda: self.refusal(asset=asset.name) is None)
        self.assertEqual(self.count_until_exhausted(asset.name), 1)
        check = self.stack.catalog().CheckGrant(use.CheckGrantRequest(asset=asset.name, purpose=RESEARCH), timeout=30,
                                                metadata=self.stack.metadata(self.secret["lab"]))
        wait_until(lambda: self.units("bounded") == 7)
        self.assertEqual(check.grant, "grants/bounded")

    def test_a_repeated_batch_counts_once_through_kill_9_of_the_catalog(self):
        asset = self.new_asset("reported")
        self.apply(asset, self.grant("reported", asset=asset.name))
        day = datetime.datetime.now(datetime.timezone.utc)
        one = use.GrantUse(grant="grants/reported", purpose=RESEARCH, units=3,
                           day=date_pb2.Date(year=day.year, month=day.month, day=day.day))
        request = use.ReportUseRequest(reporter="test", batch=1, uses=[one])

        def report():
            return self.stack.catalog().ReportUse(request, timeout=30,
                                                  metadata=self.stack.metadata(self.stack.token("service")))
        self.assertEqual([t.units for t in report().totals], [3])
        for _ in range(3):
            self.stack.restart("catalog")
            again = wait_until(report)
            self.assertTrue(again.repeated_batch)
            self.assertEqual([t.units for t in again.totals], [3])
        request.batch = 2
        self.assertEqual([t.units for t in report().totals], [6])

    def test_every_answer_is_counted_once_while_the_catalog_is_killed(self):
        asset = self.new_asset("crashes")
        self.apply(asset, self.grant("crashes", asset=asset.name))
        wait_until(lambda: self.ask(asset=asset.name))
        answered, stop, failures = [1], threading.Event(), []

        def use_it():
            while not stop.is_set():
                found = self.refusal(asset=asset.name)
                if found is None:
                    answered[0] += 1
                else:
                    failures.append(found)
                time.sleep(0.002)
        user = threading.Thread(target=use_it)
        user.start()
        chance = random.Random(5)
        try:
            # At moments that fall before, in and after the reports of every second.
            for _ in range(6):
                time.sleep(chance.uniform(0.3, 1.6))
                self.stack.restart("catalog")
        finally:
            stop.set()
            user.join()
        self.assertEqual(failures, [], "a grant is checked without the catalog")
        wait_until(lambda: self.units("crashes") == answered[0])
        time.sleep(2.5)
        self.assertEqual(self.units("crashes"), answered[0])
        print(f"{answered[0]} answers through six kills of the catalog: all counted once")

    def test_a_report_whose_answer_was_lost_counts_once_though_the_catalog_is_killed(self):
        asset = self.new_asset("unheard")
        self.apply(asset, self.grant("unheard", asset=asset.name))
        proxy = MuteProxy(self.stack.port["catalog"])
        self.addCleanup(proxy.stop)
        self.stack.restart("analytics", sig=signal.SIGTERM, extra=[f"--catalog=127.0.0.1:{proxy.port}"])
        self.addCleanup(self.stack.restart, "analytics", signal.SIGTERM)
        wait_until(lambda: self.ask(asset=asset.name))
        wait_until(lambda: self.units("unheard") == 1)
        proxy.muted = True
        for _ in range(7):
            self.ask(asset=asset.name)
        wait_until(lambda: self.units("unheard") == 8)
        # The catalog has it on disk, and analytics does not know.
        self.stack.restart("catalog")
        self.assertEqual(self.units("unheard"), 8)
        proxy.muted = False
        proxy.close_connections()
        self.ask(asset=asset.name)
        wait_until(lambda: self.units("unheard") == 9)
        time.sleep(2.5)
        self.assertEqual(self.units("unheard"), 9)

    def test_a_killed_analytics_loses_at_most_what_it_had_not_reported(self):
        asset = self.new_asset("killed")
        self.apply(asset, self.grant("killed", asset=asset.name))
        wait_until(lambda: self.ask(asset=asset.name))
        answered = 1
        chance = random.Random(6)
        for _ in range(3):
            for _ in range(20):
                self.ask(asset=asset.name)
                answered += 1
            time.sleep(chance.uniform(0.0, 1.2))
            counted = self.units("killed")
            self.stack.restart("analytics")
            self.assertGreaterEqual(self.units("killed"), counted)
            self.assertLessEqual(self.units("killed"), answered)
            wait_until(lambda: self.refusal(asset=asset.name) is None)
            answered += 1
        # One that is told to stop reports the rest first.
        self.stack.restart("analytics", sig=signal.SIGTERM)
        counted = self.units("killed")
        asked = sum(self.refusal(asset=asset.name) is None for _ in range(40))
        self.assertGreater(asked, 0)
        self.stack.restart("analytics", sig=signal.SIGTERM)
        self.assertEqual(self.units("killed"), counted + asked)

    def test_a_view_that_is_too_old_permits_nothing(self):
        asset = self.new_asset("stale")
        self.apply(asset, self.grant("stale", asset=asset.name))
        self.stack.restart("analytics", sig=signal.SIGTERM, extra=["--grants_max_age=6s", "--tokens_max_age=1h"])
        self.addCleanup(self.stack.restart, "analytics", signal.SIGTERM)
        wait_until(lambda: self.ask(asset=asset.name))
        self.stack.kill("catalog")
        self.addCleanup(lambda: "catalog" in self.stack.processes or self.stack.start("catalog"))
        wait_until(lambda: self.refusal(asset=asset.name) == (grpc.StatusCode.UNAVAILABLE, "GRANTS_STALE"))
        # Without an asset the analyst goes on.
        self.ask(who="analyst", asset="")
        self.stack.start("catalog")
        wait_until(lambda: self.ask(asset=asset.name))

    def test_hostile_input_is_refused_and_harms_nothing(self):
        asset = self.new_asset("hostile")
        self.apply(asset, self.grant("hostile", asset=asset.name))
        service = self.stack.metadata(self.stack.token("service"))
        lab = self.stack.metadata(self.secret["lab"])
        chance = random.Random(7)
        with self.stack.channel("catalog") as channel:
            for method, metadata in (("CheckGrant", lab), ("ReportUse", service), ("ListUse", lab)):
                call = channel.unary_unary(f"/tidemark.catalog.v1.CatalogService/{method}", bytes, bytes)
                for size in [0, 1, 5, 100, 5000] * 20:
                    try:
                        call(chance.randbytes(size), metadata=metadata, timeout=30)
                    except grpc.RpcError as error:
                        self.assertIn(error.code(), (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND,
                                                     grpc.StatusCode.PERMISSION_DENIED), error.details())
        stub = self.stack.catalog()
        one = use.GrantUse(grant="grants/hostile", purpose=RESEARCH, units=1, day=date_pb2.Date(year=2024, month=1, day=1))
        bad = [use.ReportUseRequest(reporter="r", batch=1, uses=[one] * 10_001),
               use.ReportUseRequest(reporter="r", batch=1, totals_of=["grants/x"] * 10_001),
               use.ReportUseRequest(reporter="r" * 100_000, batch=1, uses=[one]),
               use.ReportUseRequest(reporter="'; DROP TABLE uses; --", batch=1, uses=[one]),
               use.ReportUseRequest(reporter="r", batch=1, uses=[use.GrantUse(grant="g" * 100_000)])]
        for request in bad:
            with self.assertRaises(grpc.RpcError) as caught:
                stub.ReportUse(request, metadata=service, timeout=30)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            self.assertLess(len(caught.exception.details()), 2000)
        for asset in ("dataAssets/books' OR 1=1", "x" * 100_000, "dataAssets/书", "../dataAssets/books"):
            found = self.refusal(asset=asset)
            self.assertIn(found[1], ("ASSET_NOT_SHARED", "INVALID_NAME"), asset)
        for token in ("!", "A" * 100_000):
            with self.assertRaises(grpc.RpcError) as caught:
                stub.ListUse(use.ListUseRequest(page_token=token), metadata=lab, timeout=30)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertEqual(self.units("hostile"), 0)


if __name__ == "__main__":
    unittest.main()
