"""The sample through the whole stack equals an independent recount, to the last digit."""

import datetime
import json
import os
import unittest

from tidemark.catalog.v1 import catalog_service_pb2 as catalog
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from answers import Null, ask, query
from stack import ROOT, SAMPLE, Stack

with open(os.path.join(ROOT, "tests", "data", "uci_online_retail_expected.json"), encoding="utf-8") as f:
    EXPECTED = json.load(f)["scopes"]
NET, SALES, CANCELLATIONS = (EXPECTED[s] for s in ("net_all_rows", "sales", "cancellations"))
# The scope `sales` leaves out one adjustment, `cancellations` leaves out two.
WITHOUT_ADJUSTMENT = ("order", ["A563185"], True)
WITHOUT_BAD_DEBT = ("order", ["A563186", "A563187"], True)
# The days that the shop reports; the last one is 9 December.
DAYS = [str(datetime.date(2010, 12, 1) + datetime.timedelta(days=n)) for n in range(374)]


def with_days_closed(by_day, nothing):
    """The reference lists days with sales; on every other day that the shop reports it sold nothing."""
    assert set(by_day) < set(DAYS)
    return {day: by_day.get(day, nothing) for day in DAYS}


class SampleFigures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
        cls.imported = cls.stack.cli("import", os.path.join(SAMPLE, "online_retail.csv.gz"), "--mapping",
                                     os.path.join(SAMPLE, "mapping.yaml"))
        status = cls.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=cls.stack.metadata())
        cls.log_size = status.log_size
        cls.country_code = cls._country_codes()

    @classmethod
    def _country_codes(cls):
        listed = cls.stack.catalog().ListResources(
            catalog.ListResourcesRequest(collection="regions", page_size=1000), metadata=cls.stack.metadata())
        codes = {"Unspecified": "UNKNOWN"}
        for r in listed.resources:
            for spelling in [*r.display_names.values(), *r.region.aliases]:
                codes[spelling] = r.name.removeprefix("regions/")
        return codes

    def ask(self, *arguments, **more):
        return ask(self.stack, query(*arguments, **more), min_log_size=self.log_size)[0]

    def by(self, answer, key, column):
        return {row[key]: row[column] for row in answer}

    def test_totals(self):
        [row] = self.ask(["gross", "refunds", "net", "events", "consumers", "orders"])
        self.assertEqual(row["gross"], 10_666_684_544)
        self.assertEqual(row["refunds"], 918_936_610)
        self.assertEqual(row["net"], 9_747_747_934)
        self.assertEqual(row["events"], 539_394)
        self.assertEqual(row["consumers"], 4_338)

    def test_import_summary_adds_up_to_the_rows_of_the_file(self):
        digits = (self.imported.stdout + self.imported.stderr).replace(",", "")
        self.assertIn("539394", digits)
        self.assertIn("2515", digits)
        self.assertIn("541909", digits)

    def test_net_by_month(self):
        got = self.by(self.ask(["net"], "MONTH"), "period", "net")
        self.assertEqual(got, {m: v["amount_mils"] for m, v in NET["by_month"].items()})

    def test_net_by_day(self):
        got = self.by(self.ask(["net"], "DAY"), "period", "net")
        self.assertEqual(got, with_days_closed({d: v[2] for d, v in NET["by_day"].items()}, 0))

    def test_net_by_country(self):
        got = self.by(self.ask(["net"], dimensions=["consumer_region"]), "consumer_region", "net")
        self.assertEqual(got["gb"], 8_187_806_364)
        self.assertEqual(got, {self.country_code[c]: v["amount_mils"] for c, v in NET["by_country"].items()})

    def test_net_by_month_and_country(self):
        answer = self.ask(["net"], "MONTH", ["consumer_region"])
        got = {(row["period"], row["consumer_region"]): row["net"] for row in answer}
        want = {}
        for key, value in NET["month_x_country"].items():
            month, country = key.split("|")
            want[month, self.country_code[country]] = value[2]
        self.assertEqual(got, want)

    def test_purchases_without_the_adjustment_equal_the_sales_scope(self):
        measures = ["purchases", "quantity", "gross", "consumers", "orders", "quantile(5000)", "quantile(9000)",
                    "quantile(9500)", "quantile(9900)"]
        filters = [("kind", ["purchase"]), WITHOUT_ADJUSTMENT]
        [row] = self.ask(measures, filters=filters)
        total, quantiles = SALES["total"], SALES["line_amount_quantiles"]
        self.assertEqual(row["gross"], 10_655_622_484)
        self.assertEqual([row[m] for m in measures], [
            total["rows"], total["quantity"], total["amount_mils"], total["distinct_customers"],
            total["distinct_invoices"], quantiles["p50_nearest_rank"], quantiles["p90_nearest_rank"],
            quantiles["p95_nearest_rank"], quantiles["p99_nearest_rank"]])
        for grain, scope in (("MONTH", "by_month"), ("DAY", "by_day")):
            got = {r["period"]: (r["purchases"], r["quantity"], r["gross"], r["consumers"])
                   for r in self.ask(measures[:4], grain, filters=filters)}
            want = {p: (v["rows"], v["quantity"], v["amount_mils"], v["distinct_customers"]) if isinstance(v, dict)
                    else (v[0], v[1], v[2], v[4]) for p, v in SALES[scope].items()}
            self.assertEqual(got, with_days_closed(want, (0, 0, 0, 0)) if grain == "DAY" else want)
        got = {r["consumer_region"]: (r["purchases"], r["quantity"], r["gross"], r["consumers"])
               for r in self.ask(measures[:4], dimensions=["consumer_region"], filters=filters)}
        self.assertEqual(got, {self.country_code[c]: (v["rows"], v["quantity"], v["amount_mils"],
                                                      v["distinct_customers"])
                               for c, v in SALES["by_country"].items()})

    def test_refunds_without_bad_debt_equal_the_cancellations_scope(self):
        filters = [("kind", ["refund"]), WITHOUT_BAD_DEBT]
        [row] = self.ask(["refunds", "events"], filters=filters)
        self.assertEqual(row["refunds"], 896_812_490)
        self.assertEqual(row["events"], CANCELLATIONS["total"]["rows"])
        got = self.by(self.ask(["refunds"], "MONTH", filters=filters), "period", "refunds")
        self.assertEqual(got, {m: -v["amount_mils"] for m, v in CANCELLATIONS["by_month"].items()})

    def test_growth_is_null_for_the_partial_december(self):
        answer = {row["period"]: row for row in self.ask(["net"], "MONTH", comparisons=["PREV", "YOY"])}
        self.assertEqual(answer["2011-12"]["yoy(net)"], Null(4))
        self.assertEqual(answer["2011-12"]["prev(net)"], Null(4))
        self.assertEqual(answer["2011-12"]["status"], "P")
        self.assertIn("PARTIAL", answer["2011-12"]["flags"])
        self.assertEqual(answer["2010-12"]["prev(net)"], Null(1))
        january, december = (NET["by_month"][m]["amount_mils"] for m in ("2011-01", "2010-12"))
        self.assertEqual(answer["2011-01"]["prev_diff(net)"], january - december)
        self.assertEqual(answer["2011-01"]["prev(net)"], (january - december) / december)

    def test_shares_add_up(self):
        answer = self.ask(["net"], dimensions=["consumer_region"],
                          shares=[{"measure": "net"}])
        self.assertAlmostEqual(sum(row["share(net)"] for row in answer), 1.0, places=12)
        gb = next(row for row in answer if row["consumer_region"] == "gb")
        self.assertEqual(gb["share(net)"], 8_187_806_364 / 9_747_747_934)


if __name__ == "__main__":
    unittest.main()
