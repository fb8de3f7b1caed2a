// Queries that divide by official figures, over gRPC, with figures made by hand.
#include "common/base/rational.h"
#include "services/analytics/api/service_fixture_test.h"
#include "services/analytics/statistics/denominators/official_fixture_test.h"

namespace tidemark::analytics {
namespace {

constexpr char kPerHead[] = R"pb(
  measures { name: "net" }
  dimensions { name: "consumer_region" level: "province" }
  grain: GRAIN_YEAR
  per_capita { measure: "net" }
  ratio_to_gdp: "net"
)pb";

const v1::Column& ColumnOf(const v1::QueryResponse& response, std::string_view name) {
  for (const v1::Column& column : response.result().columns()) {
    if (column.name() == name) return column;
  }
  ADD_FAILURE() << "no column " << name;
  return v1::Column::default_instance();
}

class PerCapitaTest : public AnalyticsServiceTest {
 protected:
  PerCapitaTest() {
    official_ = &figures_;
    figures_.Population("people");
    figures_.Product("product", 0, 2).mutable_unit()->set_currency(world_.currency);
    for (const testing::WorldRegion& region : world_.regions) {
      if (region.level != 4) continue;
      provinces_.push_back(region.id);
      figures_.State("people", "regions/" + region.id, "2016", std::to_string(People(region.id)));
      figures_.State("product", "regions/" + region.id, "2017",
                     std::to_string(100 + provinces_.size()));
    }
    Serve({.token_name = "t", .principal = "p"});
  }

  static int64_t People(const std::string& region) {
    return 1000 + static_cast<int64_t>(region.size() * 7 + region.back());
  }
  base::Rational Scaled(int64_t net) const {
    base::Rational value(net);
    for (int i = 0; i < world_.scale; ++i) value /= base::Rational(10);
    return value;
  }

  FakeOfficialFigures figures_;
  std::vector<std::string> provinces_;
};

TEST_F(PerCapitaTest, EveryRowIsDividedByTheFiguresOfItsPlaceAndPeriod) {
  const auto answer = Ask(Query(kPerHead));
  ASSERT_OK(answer.status());
  const auto text = [&](const char* name, int row) {
    const v1::DictionaryValues& values = ColumnOf(*answer, name).dictionary();
    return values.members(static_cast<int>(values.indexes(row)));
  };
  const v1::Column& per_capita = ColumnOf(*answer, "per_capita(net)");
  const v1::Column& to_gdp = ColumnOf(*answer, "ratio_to_gdp(net)");
  EXPECT_EQ(per_capita.unit(), world_.currency);
  EXPECT_EQ(to_gdp.unit(), "ratio");
  int values = 0, products = 0, without = 0;
  for (int row = 0; row < static_cast<int>(answer->result().row_count()); ++row) {
    const base::Rational net = Scaled(ColumnOf(*answer, "net").integers().values(row));
    const std::string period = text("period", row).code();
    const v1::Member place = text("consumer_region", row);
    const std::string flags = text("flags", row).code();
    EXPECT_EQ(flags.find("PART_YEAR"), std::string::npos);
    if (place.kind() != v1::MEMBER_KIND_UNSPECIFIED || period < "2016") {
      EXPECT_EQ(per_capita.null_reasons(row), v1::NULL_REASON_NO_DENOMINATOR);
      EXPECT_EQ(flags.find("CARRIED"), std::string::npos);
      ++without;
    } else {
      ++values;
      EXPECT_EQ(per_capita.null_reasons(row), v1::NULL_REASON_UNSPECIFIED);
      EXPECT_EQ(per_capita.doubles().values(row),
                (net / base::Rational(People(place.code()))).ToDouble());
      EXPECT_EQ(flags.find("CARRIED") != std::string::npos, period > "2016") << flags;
    }
    if (place.kind() != v1::MEMBER_KIND_UNSPECIFIED) {
      EXPECT_EQ(to_gdp.null_reasons(row), v1::NULL_REASON_NO_DENOMINATOR);
    } else if (period != "2017") {
      EXPECT_EQ(to_gdp.null_reasons(row), v1::NULL_REASON_PERIOD_MISMATCH);
    } else {
      ++products;
      const auto number =
          std::find(provinces_.begin(), provinces_.end(), place.code()) - provinces_.begin();
      EXPECT_EQ(to_gdp.doubles().values(row),
                (net / base::Rational((101 + number) * 100)).ToDouble());
    }
  }
  EXPECT_GT(values, 0);
  EXPECT_GT(products, 0);
  EXPECT_GT(without, 0);
  std::vector<std::string> notes;
  for (const v1::Note& note : answer->result().notes()) notes.push_back(note.code());
  EXPECT_THAT(notes, ::testing::IsSupersetOf({"POPULATION", "GDP"}));
  EXPECT_EQ(answer->meta().canonical_query(),
            "net by year, consumer_region@province per_capita net ratio_to_gdp net");
}

TEST_F(PerCapitaTest, RowsAreOrderedByTheColumns) {
  const auto answer = Ask(Query(std::string(kPerHead) +
                                R"pb(order_by { column: "per_capita(net)" descending: true })pb"));
  ASSERT_OK(answer.status());
  const v1::Column& column = ColumnOf(*answer, "per_capita(net)");
  for (int row = 1; row < column.doubles().values_size(); ++row) {
    if (column.null_reasons(row) != 0) continue;
    EXPECT_EQ(column.null_reasons(row - 1), 0);
    EXPECT_GE(column.doubles().values(row - 1), column.doubles().values(row));
  }
}

TEST_F(PerCapitaTest, NothingIsDividedByAFigureThatIsNotAboveZero) {
  figures_.State("people", "regions/" + provinces_.front(), "2017", "0");
  figures_.State("product", "regions/" + provinces_.front(), "2018", "-1");
  const auto answer = Ask(Query(kPerHead));
  ASSERT_OK(answer.status());
  const v1::DictionaryValues& places = ColumnOf(*answer, "consumer_region").dictionary();
  const v1::DictionaryValues& periods = ColumnOf(*answer, "period").dictionary();
  int met = 0;
  for (int row = 0; row < static_cast<int>(answer->result().row_count()); ++row) {
    const v1::Member& place = places.members(static_cast<int>(places.indexes(row)));
    const std::string& period = periods.members(static_cast<int>(periods.indexes(row))).code();
    if (place.code() != provinces_.front() || place.kind() != v1::MEMBER_KIND_UNSPECIFIED) continue;
    EXPECT_EQ(
        ColumnOf(*answer, "per_capita(net)").null_reasons(row) == v1::NULL_REASON_ZERO_DENOMINATOR,
        period >= "2017");
    EXPECT_EQ(ColumnOf(*answer, "ratio_to_gdp(net)").null_reasons(row) ==
                  v1::NULL_REASON_ZERO_DENOMINATOR,
              period == "2018");
    met += period >= "2017" ? 1 : 0;
  }
  EXPECT_GT(met, 0);
}

TEST_F(PerCapitaTest, WithoutTheCatalogThereIsNoAnswer) {
  figures_.GoAway();
  EXPECT_THAT(Ask(Query(kPerHead)).status(), StatusIs(absl::StatusCode::kUnavailable));
  // Others need no call.
  EXPECT_OK(Ask(Query(kMonthly)).status());
  official_ = nullptr;
  Serve({.token_name = "t", .principal = "p"});
  EXPECT_THAT(Ask(Query(kPerHead)).status(), ReasonIs("CATALOG_UNREACHABLE"));
}

TEST_F(PerCapitaTest, AKeptAnswerIsOfTheCatalogVersionOfItsSnapshot) {
  auto request = ParseText<v1::QueryRequest>(Query(kPerHead));
  ASSERT_OK(Ask(request).status());
  // Kept, though the catalog is away.
  figures_.GoAway();
  const auto again = Ask(request);
  ASSERT_OK(again.status());
  EXPECT_EQ(again->meta().cache(), v1::CACHE_STATE_HIT);
  const uint64_t version = again->meta().snapshot().catalog_version();
  EXPECT_EQ(figures_.asked_version(), version);
}

TEST_F(PerCapitaTest, FiguresOfOtherRegionsAreNotTold) {
  const std::string own = provinces_.front();
  Serve({.token_name = "t", .principal = "p", .region_scope = "regions/" + own});
  auto answer = Ask(Query(R"pb(
    measures { name: "net" }
    dimensions { name: "provider_region" level: "province" }
    grain: GRAIN_ALL
    per_capita { measure: "net" }
  )pb"));
  ASSERT_OK(answer.status());
  const v1::DictionaryValues& places = ColumnOf(*answer, "provider_region").dictionary();
  const v1::Column& column = ColumnOf(*answer, "per_capita(net)");
  int others = 0;
  for (int row = 0; row < static_cast<int>(answer->result().row_count()); ++row) {
    const std::string& place = places.members(static_cast<int>(places.indexes(row))).code();
    const int reason = column.null_reasons().empty() ? 0 : column.null_reasons(row);
    if (place == own) {
      EXPECT_EQ(reason, 0);
    } else {
      EXPECT_EQ(reason, v1::NULL_REASON_NO_DENOMINATOR) << place;
      ++others;
    }
  }
  EXPECT_GT(others, 0);
}

}  // namespace
}  // namespace tidemark::analytics
