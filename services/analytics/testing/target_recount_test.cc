// Where random targets stand in random worlds, through both engines, to the last bit.
#include "clients/cpp/catalog/period_text.h"
#include "common/status/error.h"
#include "services/analytics/statistics/targets/target_progress.h"
#include "services/analytics/testing/indicator_oracle.h"
#include "services/analytics/testing/plain_groups.h"
#include "services/analytics/testing/random_targets.h"
#include "services/analytics/testing/statistic_campaign.h"
#include "services/analytics/testing/target_oracle.h"

namespace tidemark::analytics::testing {
namespace {

namespace pb = catalog::v1;

class TargetAsker final : public StatisticAsker {
 public:
  TargetAsker(FoldedWorld* folded, std::mt19937_64* random, CampaignCounters* counters)
      : StatisticAsker(folded, random, counters),
        world_(folded->world),
        spans_(world_.zone, world_.fiscal_start_month),
        figures_(world_, random, /*sliced=*/false, &reader_),
        formulas_(world_, random, &reader_),
        targets_(world_, random, &formulas_, &reader_),
        oracle_(reader_) {
    catalog_ = &reader_;
  }
  static World MakeWorld(uint64_t seed, const std::string& zone) {
    return WithoutChanges(testing::MakeWorld(seed, 150, zone));
  }

  void Ask() {
    ChooseSnapshot(20);
    ChooseScope(25);
    std::optional<GoalSpan> asked;
    if (Chance(50)) asked = targets_.SomeSpan(Chance(10));
    TargetQuestion question{
        .parent = "programmes/p",
        .language = Pick<std::string>({"", "zh", "zh-Hans", "fr"}),
        .evaluate = [](auto&&... arguments) {
          return EvaluateIndicator(std::forward<decltype(arguments)>(arguments)...);
        }};
    if (asked) question.period = SpanOf(*catalog_client::ParsePeriod(asked->days.name));
    if (Chance(30)) {
      question.parent.clear();
      for (const PlainGoal& goal : targets_.goals()) {
        if (Chance(20) || question.targets.empty()) question.targets.push_back(goal.name);
      }
    }
    SCOPED_TRACE(absl::StrCat(world_.zone, " at ", size_, " scope ", scope_, " period ",
                              asked ? asked->days.name : "none", question.parent));
    values_.emplace(world_, reader_, figures_, size_, scope_, std::vector<v1::Filter>());
    PlainTable progress, like_for_like, work;
    bool hidden = false;
    for (const PlainGoal& goal : targets_.goals()) {
      const auto& names = question.targets;
      if (!names.empty() && std::find(names.begin(), names.end(), goal.name) == names.end())
        continue;
      if (!IsTold(goal.region)) {
        hidden = true;
        continue;
      }
      const PlainActual actual =
          goal.series.empty() ? ByFormula(goal, asked) : oracle_.FromFigures(goal, asked);
      const PlainFigure* first = nullptr;
      if (!goal.series.empty()) first = oracle_.FirstMonths(goal, asked);
      progress.push_back(oracle_.Row(goal, actual, first != nullptr));
      if (first != nullptr) like_for_like.push_back(oracle_.LikeForLike(goal, *first));
      Count(goal, progress.back());
    }
    for (const PlainWork& one : targets_.works()) {
      if (question.targets.empty() && IsTold(one.region)) work.push_back(RowOf(one, question));
    }
    EachEngine([&](const StatisticContext& context) {
      const absl::StatusOr<TargetProgressTables> got = TellTargets(context, question);
      if (hidden && !question.targets.empty()) {
        EXPECT_EQ(status::ReasonOf(got.status()), "REGION_SCOPE") << got.status();
        ++counters_["targets named outside"];
        return;
      }
      ASSERT_OK(got.status());
      Compare("targets", progress, got->progress, /*with_marks=*/true);
      Compare("targets.like_for_like", like_for_like, got->like_for_like);
      Compare("targets.qualitative", work, got->qualitative);
    });
    if (hidden && question.targets.empty()) ++counters_["targets left out"];
  }

 private:
  static PlainRow RowOf(const PlainWork& work, const TargetQuestion& question) {
    const bool chinese = question.language.substr(0, 2) == "zh" && !work.chinese.empty();
    return {{"target", PlainValue::Text(work.name)},
            {"region", PlainValue::Text(work.region)},
            {"due", PlainValue::Text(work.due)},
            {"statement", PlainValue::Text(chinese ? work.chinese : work.english)},
            {"work_status", PlainValue::Text(work.status)},
            {"evidence", PlainValue::Whole(work.evidence)}};
  }

  // --- answers

  // Members on any day at all.
  std::set<std::string> EverMembers(const std::string& group) {
    std::set<std::string>& ever = ever_[group];
    const int64_t start = DayNumber(world_.observatory_start);
    if (ever.empty()) {
      for (int64_t day = start - 1; day < start + 1'000; ++day)
        AddGroupMembers(world_, group, day, &ever);
    }
    return ever;
  }
  bool IsTold(const std::string& place) {
    if (scope_.empty() || place == scope_) return true;
    const bool group = absl::StartsWith(place, "regionGroups/");
    const std::set<std::string> of =
        group ? EverMembers(place.substr(13)) : std::set<std::string>{place.substr(8)};
    const std::set<std::string> seen =
        RegionsOfPlace(world_, scope_, spans_.calendar().DayAt(world_.NowAt(size_)));
    return !of.empty() && std::all_of(of.begin(), of.end(), [&](const std::string& region) {
      return LiesInAny(world_, region, seen);
    });
  }

  PlainSpan Evaluated(const GoalSpan& span) const {
    return span.Longest().second == 1 ? spans_.Named(span.days.name)
                                      : spans_.Cumulative(span.first, span.end);
  }
  PlainActual ByFormula(const PlainGoal& goal, const std::optional<GoalSpan>& asked) {
    PlainActual none{.period = asked};
    const pb::Indicator& indicator = reader_.At(goal.indicator).indicator();
    if (!indicator.has_formula()) return none;
    if (asked && !asked->IsLike(goal.due)) {
      none.null = NullReason::kPeriodMismatch;
      return none;
    }
    std::vector<GoalSpan> candidates;
    if (asked) candidates.push_back(*asked);
    const GoalSpan next = targets_.Months(goal.due.end, static_cast<int>(goal.due.length()));
    const int64_t step = next.IsLike(goal.due) ? goal.due.length() : 12;
    const NaiveCalendar& calendar = spans_.calendar();
    for (int64_t first = goal.due.first; !asked; first -= step) {
      const GoalSpan span = targets_.Months(first, static_cast<int>(goal.due.length()));
      if (span.days.first < DayNumber(world_.observatory_start)) break;
      if (calendar.StartOfDay(span.days.end) <= world_.NowAt(size_)) candidates.push_back(span);
    }
    for (size_t i = 0; i < candidates.size(); ++i) {
      const PlainNode node = values_->Value(goal.indicator, goal.region, Evaluated(candidates[i]));
      if (i == 0) none.null = node.null;
      if (node.null != NullReason::kNone) continue;
      PlainActual actual{.null = node.null,
                         .value = node.value / ScaleOfUnit(indicator.unit()) * goal.to_goal,
                         .period = candidates[i]};
      actual.qualified = node.qualified, actual.carried = node.carried;
      actual.partial = node.partial, actual.breaks = node.breaks;
      actual.status = node.Status();
      actual.source = goal.indicator;
      for (const auto& [series, vintage] : node.sources)
        absl::StrAppend(&actual.source, ", ", series, " ", vintage);
      ++counters_["targets by formula"];
      return actual;
    }
    return none;
  }

  void Count(const PlainGoal& goal, const PlainRow& row) {
    counters_["targets on track " + row.at("on_track").text] += 1;
    counters_["targets reached " + row.at("reached").text] += 1;
    counters_["targets kind " + row.at("kind").text] += 1;
    counters_["targets status " + row.at("status").text] += 1;
    if (!goal.due.in_months && !row.at("status").text.empty()) ++counters_["targets of days"];
  }

  const World& world_;
  const PlainSpans spans_;
  PlainCatalog reader_;
  const OfficialFigures figures_;
  FormulaWriter formulas_;
  TargetWriter targets_;
  const TargetOracle oracle_;
  // Of the question.
  std::optional<IndicatorOracle> values_;
  std::map<std::string, std::set<std::string>> ever_;
};

TEST(TargetRecountTest, RandomTargetsEqualARecount) {
  CampaignCounters counters;
  const int cases =
      AskWorlds<TargetAsker>(/*seed=*/12'700, /*worlds=*/5, /*questions=*/30, &counters);
  if (HasFailure()) return;
  EXPECT_GE(cases, 750);
  std::vector<std::string> named = {"targets rows",
                                    "targets.like_for_like rows",
                                    "targets.qualitative rows",
                                    "targets by formula",
                                    "targets of days",
                                    "targets left out",
                                    "targets named outside",
                                    "targets.needed_growth there",
                                    "targets.like_for_like.needed_growth there",
                                    "region scope",
                                    "as of an earlier size"};
  for (const char* flag : {"TRAILING_FOUR_QUARTERS", "YEAR_FORECAST", "ANNUALISED", "QUALIFIED",
                           "CARRIED", "PARTIAL", "BREAK"}) {
    named.push_back(absl::StrCat("targets flag ", flag));
  }
  for (const char* what : {"on track YES", "on track NO", "reached YES", "reached NO",
                           "kind AT_LEAST", "kind AT_MOST", "kind ABOUT", "status A", "status R",
                           "status P", "status E", "status I", "status U", "status F"}) {
    named.push_back(absl::StrCat("targets ", what));
  }
  for (const NullReason why :
       {NullReason::kPeriodMismatch, NullReason::kSuppressed, NullReason::kNoActual}) {
    named.push_back(NullOf("targets.actual", why));
  }
  for (const NullReason why : {NullReason::kNoBaseline, NullReason::kBaselineIsGoal})
    named.push_back(NullOf("targets.progress", why));
  for (const NullReason why : {NullReason::kNoBaseline, NullReason::kNoBase})
    named.push_back(NullOf("targets.path_value", why));
  for (const NullReason why : {NullReason::kNotPositive, NullReason::kTooShort}) {
    named.push_back(NullOf("targets.needed_growth", why));
    named.push_back(NullOf("targets.like_for_like.naive_growth", why));
  }
  ExpectMet(counters, named);
}

}  // namespace
}  // namespace tidemark::analytics::testing
