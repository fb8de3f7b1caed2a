// Named statistics over random worlds, through both engines, against loops over plain events.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/query/canonical.h"
#include "common/testing/status_matchers.h"
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
#include "services/analytics/testing/folded_world.h"
#include "services/analytics/testing/random_query.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::analytics::testing {
namespace {

const std::vector<std::string> kPlaceLevels = {"", "nation", "province", "city", "county"};

// Times what a run in CI does: 1, or what the environment says, for campaigns by hand.
int Campaign() {
  int times = 1;
  const char* const text = std::getenv("TIDEMARK_RECOUNT_TIMES");
  return text != nullptr && absl::SimpleAtoi(text, &times) && times > 0 ? times : 1;
}

// Asks one statistic after the other about one world.
class Statistics {
 public:
  Statistics(FoldedWorld* folded, std::mt19937_64* random, std::map<std::string, int64_t>* counters)
      : folded_(*folded),
        random_(*random),
        counters_(*counters),
        calendar_(std::make_shared<const Calendar>(
            folded->history().Newest()->observatory()->time_zone)) {}

  int cases() const { return cases_; }

  void AskAll() {
    const World& world = folded_.world;
    size_ = Chance(30) ? 1 + random_() % world.log_size() : world.log_size();
    scope_ = Chance(12) ? (Chance(50) ? "regions/cn-33" : "regionGroups/pilots") : "";
    const v1::Query drawn = RandomQuery(world, &random_, size_);
    query_.Clear();
    *query_.mutable_filters() = drawn.filters();
    *query_.mutable_range() = drawn.range();
    query_.set_grain(drawn.grain());
    if (!scope_.empty()) ++counters_["region scope"];
    if (size_ < world.log_size()) ++counters_["as of an earlier size"];
    SCOPED_TRACE(absl::StrCat(world.zone, " at ", size_, " scope ", scope_, ": ",
                              query::CanonicalText(query_)));
    AskAvailability();
    AskFlows();
    AskCoConsumption();
    AskConcentration();
    AskDivide();
  }

 private:
  bool Chance(uint64_t percent) { return random_() % 100 < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& list) {
    return list[random_() % list.size()];
  }

  // Of every engine in turn.
  template <typename Body>
  void EachEngine(Body body) {
    ++cases_;
    for (const StatStore* store : folded_.stores()) {
      ASSERT_OK_AND_ASSIGN(const SnapshotInfo snapshot, store->Snapshot(size_));
      ASSERT_OK_AND_ASSIGN(auto view, folded_.history().ViewAt(snapshot.catalog_version));
      StatisticContext context;
      context.snapshot = snapshot;
      context.view = std::move(view);
      context.calendar = calendar_;
      context.store = store;
      context.region_scope = scope_;
      body(context);
    }
  }
  void Compare(const std::string& table, const PlainTable& want, const Table& got) {
    EXPECT_EQ(FirstDifference(want, RowsOf(got)), "") << table;
    counters_[table + " rows"] += static_cast<int64_t>(want.size());
    for (const PlainRow& row : want) {
      for (const auto& [name, value] : row) {
        if (value.null != NullReason::kNone)
          ++counters_[absl::StrCat(table, ".", name, " null ", static_cast<int>(value.null))];
      }
    }
  }

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
      populations[group] = persons;
      sizes[group] = {.persons = persons};
    }
    question.populations = std::make_shared<const StatedPopulations>(sizes);
    if (Chance(60)) question.decompose_by = static_cast<int>(random_()) & 0x7FFF;
    if (question.decompose_by >= 0) question.decompose_by %= query.dimensions_size();
    const DivideOracle::DivideRows want =
        DivideOracle(folded_.world, query, size_, scope_)
            .Count({query.dimensions().begin(), query.dimensions().end()}, populations,
                   question.decompose_by);
    EachEngine([&](const StatisticContext& context) {
      ASSERT_OK_AND_ASSIGN(const Divide got, ComputeDivide(context, question));
      Compare("divide.groups", want.groups, got.groups);
      Compare("divide.indices", want.indices, got.indices);
    });
    if (question.decompose_by >= 0) ++counters_["divide apart"];
  }

  FoldedWorld& folded_;
  std::mt19937_64& random_;
  std::map<std::string, int64_t>& counters_;
  const std::shared_ptr<const Calendar> calendar_;
  uint64_t size_ = 0;
  std::string scope_;
  v1::Query query_;
  int cases_ = 0;
};

TEST(StatisticsRecountTest, RandomQuestionsEqualARecountOverAllEvents) {
  constexpr int kWorlds = 4, kQuestions = 100;
  std::map<std::string, int64_t> counters;
  std::mt19937_64 random(20261127);
  uint64_t seed = 5'000;
  int cases = 0;
  for (int times = Campaign(); times > 0; --times) {
    for (const std::string& zone : NaiveCalendar::ZoneNames()) {
      for (int w = 0; w < kWorlds; ++w) {
        FoldedWorld folded(seed++, w % 2 == 0 ? 250 : 450, zone);
        Statistics statistics(&folded, &random, &counters);
        for (int q = 0; q < kQuestions && !::testing::Test::HasFailure(); ++q) statistics.AskAll();
        cases += statistics.cases();
        if (::testing::Test::HasFailure()) return;
      }
    }
  }
  EXPECT_GE(cases, 10'000);
  constexpr int kZeroDenominator = static_cast<int>(NullReason::kZeroDenominator);
  constexpr int kNoDenominator = static_cast<int>(NullReason::kNoDenominator);
  constexpr int kNoData = static_cast<int>(NullReason::kNoData);
  for (const std::string& what :
       {std::string("availability.cells rows"),
        std::string("availability.places rows"),
        std::string("flows rows"),
        std::string("flows.places rows"),
        std::string("flows.totals rows"),
        std::string("flows.groups rows"),
        absl::StrCat("flows.share null ", kZeroDenominator),
        absl::StrCat("flows.places.self_sufficiency null ", kZeroDenominator),
        absl::StrCat("flows.places.self_sufficiency null ", kNoData),
        absl::StrCat("flows.places.visitors null ", kNoData),
        absl::StrCat("flows.groups.integration null ", kZeroDenominator),
        std::string("flows to provider_region"),
        std::string("flows to place_of_use"),
        std::string("co_consumption.pairs rows"),
        std::string("co_consumption.members rows"),
        std::string("co_consumption of category"),
        std::string("co_consumption of category_nature"),
        std::string("co_consumption of provider"),
        std::string("co_consumption of channel"),
        std::string("co_consumption of consumer_region"),
        std::string("goods and services"),
        std::string("concentration rows"),
        std::string("concentration null"),
        std::string("divide.groups rows"),
        std::string("divide.indices rows"),
        std::string("divide apart"),
        absl::StrCat("divide.groups.per_head null ", kNoDenominator),
        absl::StrCat("divide.groups.participation null ", kNoDenominator),
        absl::StrCat("divide.indices.gini null ", kZeroDenominator),
        absl::StrCat("divide.indices.theil_within null ", kZeroDenominator),
        std::string("region scope"),
        std::string("as of an earlier size")}) {
    EXPECT_GT(counters[what], 0) << what;
  }
}

}  // namespace
}  // namespace tidemark::analytics::testing
