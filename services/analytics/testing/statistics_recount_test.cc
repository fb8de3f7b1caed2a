// Named statistics over random worlds, through both engines, against loops over plain events.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/query/canonical.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/statistics/availability.h"
#include "services/analytics/statistics/co_consumption/co_consumption.h"
#include "services/analytics/statistics/concentration/concentration.h"
#include "services/analytics/statistics/divide/divide.h"
#include "services/analytics/statistics/flows/flows.h"
#include "services/analytics/testing/co_consumption_oracle.h"
#include "services/analytics/testing/concentration_oracle.h"
#include "services/analytics/testing/divide_oracle.h"
#include "services/analytics/testing/flows_oracle.h"
#include "services/analytics/testing/random_query.h"
#include "services/analytics/testing/statistic_campaign.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::analytics::testing {
namespace {

const std::vector<std::string> kPlaceLevels = {"", "nation", "province", "city", "county"};

// Asks one statistic after the other about one world.
class Statistics final : public StatisticAsker {
 public:
  using StatisticAsker::StatisticAsker;

  static World MakeWorld(uint64_t seed, const std::string& zone) {
    return testing::MakeWorld(seed, seed % 2 == 0 ? 250 : 450, zone);
  }

  void Ask() {
    const World& world = folded_.world;
    ChooseSnapshot(30);
    ChooseScope(12);
    const v1::Query drawn = RandomQuery(world, &random_, size_);
    query_.Clear();
    *query_.mutable_filters() = drawn.filters();
    *query_.mutable_range() = drawn.range();
    query_.set_grain(drawn.grain());
    SCOPED_TRACE(absl::StrCat(world.zone, " at ", size_, " scope ", scope_, ": ",
                              query::CanonicalText(query_)));
    AskAvailability();
    AskFlows();
    AskCoConsumption();
    AskConcentration();
    AskDivide();
  }

 private:
  v1::Dimension Place(const std::vector<std::string>& names) {
    v1::Dimension place;
    place.set_name(Pick(names));
    place.set_level(Pick(kPlaceLevels));
    return place;
  }

  void AskAvailability() {
    v1::Query query = query_;
    if (query.grain() == v1::GRAIN_ALL || query.grain() == v1::GRAIN_UNSPECIFIED ||
        query.grain() == v1::GRAIN_HOUR) {
      query.set_grain(v1::GRAIN_MONTH);
    }
    *query.add_dimensions() = Place({"consumer_region", "provider_region", "place_of_use"});
    const AvailabilityOracle oracle(folded_.world, query, size_, scope_);
    EachEngine([&](const StatisticContext& context) {
      ASSERT_OK_AND_ASSIGN(const Availability got, ComputeAvailability(context, FromProto(query)));
      Compare("availability.cells", oracle.Cells(query.dimensions(0)), got.cells);
      Compare("availability.places", oracle.Places(query.dimensions(0)), got.places);
    });
  }

  void AskFlows() {
    FlowsQuestion question{.query = FromProto(query_), .level = Pick(kPlaceLevels)};
    question.to = Chance(50) ? "provider_region" : "place_of_use";
    std::vector<std::string> groups;
    for (const WorldGroup& group : folded_.world.groups) {
      if (Chance(40)) groups.push_back(group.id);
    }
    const FlowsOracle::FlowRows want = FlowsOracle(folded_.world, query_, size_, scope_)
                                           .Count(question.level, question.to, groups);
    EachEngine([&](const StatisticContext& context) {
      question.groups.clear();
      for (const std::string& group : groups)
        question.groups.push_back(context.view->region_groups().Find(group)->ordinal);
      ASSERT_OK_AND_ASSIGN(const Flows got, ComputeFlows(context, question));
      Compare("flows", want.flows, got.flows);
      Compare("flows.places", want.places, got.places);
      Compare("flows.totals", want.totals, got.totals);
      if (!groups.empty()) Compare("flows.groups", want.groups, got.groups);
    });
    ++counters_["flows to " + question.to];
  }

  void AskCoConsumption() {
    v1::Dimension dimension;
    dimension.set_name(Pick<std::string>(
        {"category", "category", "category_nature", "provider", "channel", "consumer_region"}));
    if (dimension.name() == "category" && Chance(60))
      dimension.set_level(absl::StrCat(1 + random_() % 4));
    if (dimension.name() == "consumer_region") dimension.set_level(Pick(kPlaceLevels));
    CoConsumptionQuestion question{.query = FromProto(query_),
                                   .dimension = {dimension.name(), dimension.level()}};
    question.goods_and_services = dimension.name() == "category" && Chance(40);
    if (Chance(60)) question.within_days = 1 + static_cast<uint32_t>(random_() % 60);
    const CoConsumptionOracle::CoRows want =
        CoConsumptionOracle(folded_.world, query_, size_, scope_)
            .Count(dimension, question.goods_and_services, question.within_days);
    EachEngine([&](const StatisticContext& context) {
      ASSERT_OK_AND_ASSIGN(const CoConsumption got, ComputeCoConsumption(context, question));
      Compare("co_consumption.pairs", want.pairs, got.pairs);
      Compare("co_consumption.members", want.members, got.members);
    });
    ++counters_["co_consumption of " + dimension.name()];
    if (question.goods_and_services && !want.pairs.empty()) ++counters_["goods and services"];
  }

  void AskConcentration() {
    v1::Query query = query_;
    for (const char* name : {"category", "channel", "source"}) {
      if (Chance(40)) query.add_dimensions()->set_name(name);
    }
    if (Chance(40)) *query.add_dimensions() = Place({"consumer_region", "provider_region"});
    const PlainTable want = ConcentrationOracle(folded_.world, query, size_, scope_)
                                .Count({query.dimensions().begin(), query.dimensions().end()});
    EachEngine([&](const StatisticContext& context) {
      ASSERT_OK_AND_ASSIGN(Table got, ComputeConcentration(context, FromProto(query)));
      // The query's own rows for periods without events: a recount of those is not needed here.
      PlainTable rows = RowsOf(got), with_events;
      for (PlainRow& row : rows) {
        const bool total_without =
            query.dimensions().empty() && row["holdings"].text == "0" &&
            (row["gross"].text == "0" || row["gross"].null != NullReason::kNone);
        if (!total_without) with_events.push_back(std::move(row));
      }
      PlainTable wanted = want;
      if (query.dimensions().empty())
        std::erase_if(wanted, [](const PlainRow& row) { return row.at("gross").text == "0"; });
      EXPECT_EQ(FirstDifference(wanted, with_events), "") << "concentration";
      counters_["concentration rows"] += static_cast<int64_t>(wanted.size());
      for (const PlainRow& row : wanted) {
        if (row.at("hhi").null != NullReason::kNone) ++counters_["concentration null"];
      }
    });
  }

  void AskDivide() {
    const std::map<std::string, std::vector<std::string>> codes = {
        {"age_band", {"0-17", "18-59", "60+"}},
        {"area_type", {"urban", "rural"}},
        {"income_band", {"low", "high"}}};
    v1::Query query = query_;
    for (const auto& [name, of] : codes) {
      if (Chance(45)) query.add_dimensions()->set_name(name);
    }
    if (query.dimensions().empty()) query.add_dimensions()->set_name("age_band");
    DivideQuestion question{.query = FromProto(query), .population_source = "made up"};
    DivideOracle::Populations populations;
    std::map<std::vector<std::string>, GroupSize> sizes;
    const int groups = 1 + static_cast<int>(random_() % 6);
    for (int i = 0; i < groups; ++i) {
      std::vector<std::string> group;
      for (const v1::Dimension& dimension : query.dimensions())
        group.push_back(Pick(codes.at(dimension.name())));
      const auto persons = 1 + static_cast<int64_t>(random_() % 1'000'000);
      populations[group] = {.persons = persons};
      sizes[group] = {.persons = persons};
    }
    question.populations = std::make_shared<const StatedPopulations>(sizes);
    if (Chance(60)) question.decompose_by = static_cast<int>(random_()) & 0x7FFF;
    if (question.decompose_by >= 0) question.decompose_by %= query.dimensions_size();
    const DivideOracle::DivideRows want =
        DivideOracle(folded_.world, query, size_, scope_)
            .Count(
                {query.dimensions().begin(), query.dimensions().end()},
                [&](int64_t) { return populations; }, question.decompose_by);
    EachEngine([&](const StatisticContext& context) {
      ASSERT_OK_AND_ASSIGN(const Divide got, ComputeDivide(context, question));
      CompareRows("divide.groups", want.groups, WithFlags(RowsOf(got.groups), {}));
      CompareRows("divide.indices", want.indices, WithFlags(RowsOf(got.indices), {}));
    });
    if (question.decompose_by >= 0) ++counters_["divide apart"];
  }

  v1::Query query_;
};

TEST(StatisticsRecountTest, RandomQuestionsEqualARecountOverAllEvents) {
  CampaignCounters counters;
  const int cases =
      AskWorlds<Statistics>(/*seed=*/5'000, /*worlds=*/4, /*questions=*/100, &counters);
  if (HasFailure()) return;
  EXPECT_GE(cases, 10'000);
  ExpectMet(counters, {"availability.cells rows",
                       "availability.places rows",
                       "flows rows",
                       "flows.places rows",
                       "flows.totals rows",
                       "flows.groups rows",
                       NullOf("flows.share", NullReason::kZeroDenominator),
                       NullOf("flows.places.self_sufficiency", NullReason::kZeroDenominator),
                       NullOf("flows.places.self_sufficiency", NullReason::kNoData),
                       NullOf("flows.places.visitors", NullReason::kNoData),
                       NullOf("flows.groups.integration", NullReason::kZeroDenominator),
                       "flows to provider_region",
                       "flows to place_of_use",
                       "co_consumption.pairs rows",
                       "co_consumption.members rows",
                       "co_consumption of category",
                       "co_consumption of category_nature",
                       "co_consumption of provider",
                       "co_consumption of channel",
                       "co_consumption of consumer_region",
                       "goods and services",
                       "concentration rows",
                       "concentration null",
                       "divide.groups rows",
                       "divide.indices rows",
                       "divide apart",
                       NullOf("divide.groups.per_head", NullReason::kNoDenominator),
                       NullOf("divide.groups.participation", NullReason::kNoDenominator),
                       NullOf("divide.indices.gini", NullReason::kZeroDenominator),
                       NullOf("divide.indices.theil_within", NullReason::kZeroDenominator),
                       "region scope",
                       "as of an earlier size"});
}

}  // namespace
}  // namespace tidemark::analytics::testing
