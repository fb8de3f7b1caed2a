// Uplift of random activities in random worlds with gross on most days, through both engines.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "clients/cpp/query/canonical.h"
#include "common/status/error.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/statistics/uplift/uplift.h"
#include "services/analytics/testing/statistic_campaign.h"
#include "services/analytics/testing/uplift_oracle.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::analytics::testing {
namespace {

constexpr int64_t kDays = 110;
// Around the day that Apia left out.
int64_t FirstDay(const World& world) {
  return DayNumber(world.observatory_start) + (world.zone == "Pacific/Apia" ? 150 : 700);
}

class UpliftAsker final : public StatisticAsker {
 public:
  using StatisticAsker::StatisticAsker;

  static World MakeWorld(uint64_t seed, const std::string& zone) {
    World world = testing::MakeWorld(seed, 100, zone);
    std::mt19937_64 random(seed);
    const auto below = [&](uint64_t n) { return random() % n; };
    const NaiveCalendar calendar(zone);
    const int64_t accepted =
        std::max(world.accepted_us.back(), calendar.StartOfDay(FirstDay(world) + kDays));
    for (int64_t day = FirstDay(world); day < FirstDay(world) + kDays; ++day) {
      for (const WorldRegion& region : world.regions) {
        // Half of the regions have purchases on almost all days.
        if (region.level < 3) continue;
        const uint64_t percent = region.level < 5 ? 60 : region.id.back() % 2 == 1 ? 100 : 97;
        for (int n = 0; n < 2; ++n) {
          if (below(100) >= percent) continue;
          WorldEvent event;
          event.leaf = world.accepted_us.size();
          world.accepted_us.push_back(accepted);
          event.time_us = calendar.StartOfDay(day) + static_cast<int64_t>(below(86'400'000'000));
          event.amount = static_cast<int64_t>(1 + below(below(2) == 0 ? 50 : 100'000));
          event.quantity = 1;
          event.fields = {{"source", "shop-b"},
                          {"kind", "purchase"},
                          {"consumer_region", region.id},
                          {"provider_region", world.regions[below(world.regions.size())].id},
                          {"channel", below(5) == 0 ? "offline" : "online"},
                          {"category", world.categories[below(world.categories.size())].id}};
          world.events.push_back(std::move(event));
        }
      }
      world.block_ends.push_back(world.accepted_us.size());
    }
    return world;
  }

  void Ask() {
    ChooseSnapshot(6);
    ChooseScope(12);
    MakeQuery();
    const PlainActivity asked = MakeActivity();
    SCOPED_TRACE(absl::StrCat(
        folded_.world.zone, " at ", size_, " scope ", scope_, ": ", query::CanonicalText(query_),
        " treated ", absl::StrJoin(asked.treated, ","), " controls ",
        absl::StrJoin(asked.controls, ","), " ", question_.before_first, " ", question_.before_last,
        " ", question_.activity_first, " ", question_.activity_last, " ", asked.placebo_dates));
    UpliftOracle::UpliftRows want =
        UpliftOracle(folded_.world, query_, size_, scope_).Count(query_.dimensions(0), asked);
    std::optional<PlainTable> first;
    EachEngine([&](const StatisticContext& context) {
      const absl::StatusOr<Uplift> got = EstimateUpliftOf(context, question_);
      if (!want.error.empty()) {
        EXPECT_EQ(status::ReasonOf(got.status()), want.error) << got.status();
        ++counters_[absl::StrCat("uplift error ", want.error)];
        return;
      }
      ASSERT_OK(got.status());
      PlainTable effect = RowsOf(got->effect);
      // Repeats in every engine.
      if (!first) first = effect;
      for (auto& [name, value] : (*first)[0]) value.tolerance = 1e-9;
      EXPECT_EQ(FirstDifference(*first, effect), "");
      CheckConditions(want, got->effect.notes);
      if (want.tie) effect[0].erase("p"), want.effect[0].erase("p");
      CompareRows("uplift.effect", want.effect, effect);
      Compare("uplift.placebos", want.placebos, got->placebos);
      Compare("uplift.regions", want.regions, got->regions);
      Compare("uplift.days", want.days, got->days);
    });
    for (const PlainRow& row : want.placebos) ++counters_["uplift " + row.at("kind").text];
    for (const PlainRow& row : want.regions)
      counters_["uplift role " + row.at("role").text] += want.error.empty() ? 1 : 0;
  }

 private:
  void CheckConditions(const UpliftOracle::UpliftRows& want, const std::vector<PlanNote>& notes) {
    const PlainRow& effect = want.effect[0];
    const PlainValue &slope = effect.at("trend_difference"),
                     &deviation = effect.at("trend_deviation");
    const double beyond = std::abs(slope.value) - 2 * deviation.value;
    std::map<std::string, bool> conditions = {
        {"PRE_TREND", slope.null == NullReason::kNone && beyond > 0},
        {"FEW_CONTROLS", std::stoi(effect.at("control_regions").text) < 3},
        {"P_FLOOR", want.placebos.size() + 1 < 20}};
    // Of what is on the border rounding decides.
    if (slope.null == NullReason::kNone && std::abs(beyond) < 1e-8) conditions.erase("PRE_TREND");
    for (const auto& [code, fails] : conditions) {
      const bool told = std::any_of(notes.begin(), notes.end(),
                                    [&code = code](const PlanNote& n) { return n.code == code; });
      EXPECT_EQ(told, fails) << code;
      ++counters_[absl::StrCat("uplift ", code, told ? " told" : " not told")];
    }
  }
  void MakeQuery() {
    query_.Clear();
    query_.add_measures()->set_name("gross");
    query_.set_grain(v1::GRAIN_DAY);
    v1::Dimension& place = *query_.add_dimensions();
    place.set_name(Chance(85) ? "consumer_region" : "provider_region");
    place.set_level(Pick<std::string>({"", "", "county", "county", "city", "province"}));
    if (Chance(15)) {
      v1::Filter& filter = *query_.add_filters();
      filter.set_dimension("channel");
      filter.add_codes("offline");
      filter.set_exclude(Chance(70));
    }
    question_ = UpliftQuestion{.query = FromProto(query_)};
  }
  static std::string OneDay(int64_t day) {
    const NaiveDate date = DateOf(day);
    return absl::StrFormat("%04d-%02d-%02d", date.year, date.month, date.day);
  }
  // A day that its zone has.
  int64_t SomeDay(int64_t from, uint64_t many) {
    const NaiveCalendar calendar(folded_.world.zone);
    for (;;) {
      const int64_t day = from + static_cast<int64_t>(Below(many));
      if (calendar.StartOfDay(day) < calendar.StartOfDay(day + 1)) return day;
    }
  }

  PlainActivity MakeActivity() {
    PlainActivity asked;
    const std::string& level = query_.dimensions(0).level();
    std::vector<std::string> codes;
    for (const WorldRegion& region : folded_.world.regions) {
      if (!level.empty() ? kLevels[static_cast<size_t>(region.level)] == level
                         : region.level >= 5 || Chance(10)) {
        codes.push_back(region.id);
      }
    }
    std::shuffle(codes.begin(), codes.end(), random_);
    const auto take = [&](size_t many) {
      std::vector<std::string> some;
      while (some.size() < many && !codes.empty()) {
        some.push_back(codes.back());
        codes.pop_back();
      }
      return some;
    };
    asked.treated = take(1 + Below(2));
    if (Chance(25)) asked.left_out = take(1);
    if (Chance(30)) asked.controls = take(1 + Below(4));
    const int64_t start = FirstDay(folded_.world);
    asked.activity.first = SomeDay(start + 25, 65);
    asked.activity.second = SomeDay(asked.activity.first, 10) + 1;
    question_.activity_first = OneDay(asked.activity.first);
    question_.activity_last = OneDay(asked.activity.second - 1);
    asked.before = {asked.activity.first - 28, asked.activity.first};
    if (Chance(70)) {
      const int64_t last = SomeDay(asked.activity.first - 8, 8);
      asked.before = {SomeDay(last - 12, 13), last + 1};
      question_.before_first = OneDay(asked.before.first);
      question_.before_last = OneDay(last);
    }
    for (uint64_t i = Below(4); i > 0; --i) {
      const int64_t day = SomeDay(asked.activity.first - 30, 35);
      // Some day before is left.
      if (day == asked.before.first) continue;
      asked.holidays.insert(day);
      question_.holidays.push_back(OneDay(day));
    }
    asked.placebo_dates = static_cast<int>(Below(5));
    question_.placebo_dates = static_cast<size_t>(asked.placebo_dates);
    question_.treated = asked.treated;
    question_.controls = asked.controls;
    question_.left_out = asked.left_out;
    return asked;
  }

  v1::Query query_;
  UpliftQuestion question_;
};

TEST(UpliftRecountTest, RandomActivitiesEqualARecount) {
  CampaignCounters counters;
  const int cases =
      AskWorlds<UpliftAsker>(/*seed=*/15'300, /*worlds=*/2, /*questions=*/60, &counters);
  if (HasFailure()) return;
  EXPECT_GE(cases, 600);
  ExpectMet(counters, {"uplift.effect rows",
                       "uplift.placebos rows",
                       "uplift.regions rows",
                       "uplift.days rows",
                       "uplift.effect.log_effect there",
                       "uplift.effect.p there",
                       "uplift.effect.trend_difference there",
                       NullOf("uplift.effect.trend_difference", NullReason::kTooShort),
                       NullOf("uplift.effect.trend_deviation", NullReason::kTooShort),
                       NullOf("uplift.effect.placebo_low", NullReason::kNoData),
                       NullOf("uplift.effect.placebo_high", NullReason::kNoData),
                       "uplift PRE_TREND told",
                       "uplift PRE_TREND not told",
                       "uplift FEW_CONTROLS told",
                       "uplift FEW_CONTROLS not told",
                       "uplift P_FLOOR told",
                       "uplift REGION",
                       "uplift DATE",
                       "uplift role TREATED",
                       "uplift role CONTROL",
                       "uplift role LEFT_OUT",
                       "uplift role ZERO_DAYS",
                       "uplift error ZERO_DAYS",
                       "uplift error NO_CONTROLS",
                       "region scope",
                       "as of an earlier size"});
}

}  // namespace
}  // namespace tidemark::analytics::testing
