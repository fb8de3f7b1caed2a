// Values of random formulas in random worlds, through both engines, to the last bit.
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/statistics/indicator/evaluation.h"
#include "services/analytics/testing/indicator_oracle.h"
#include "services/analytics/testing/random_formula.h"
#include "services/analytics/testing/random_query.h"
#include "services/analytics/testing/statistic_campaign.h"

namespace tidemark::analytics::testing {
namespace {

namespace pb = catalog::v1;

class IndicatorAsker final : public StatisticAsker {
 public:
  IndicatorAsker(FoldedWorld* folded, std::mt19937_64* random, CampaignCounters* counters)
      : StatisticAsker(folded, random, counters),
        spans_(folded->world.zone, folded->world.fiscal_start_month),
        figures_(folded->world, random, /*sliced=*/false, &reader_),
        formulas_(folded->world, random, &reader_) {
    catalog_ = &reader_;
  }
  static World MakeWorld(uint64_t seed, const std::string& zone) {
    return WithoutChanges(testing::MakeWorld(seed, 220, zone));
  }

  void Ask() {
    ChooseSnapshot(20);
    ChooseScope(12);
    const bool filtered = Chance(25);
    const std::string name = "indicators/asked";
    formulas_.WriteIndicator(name, 1 + static_cast<int>(Below(3)), !filtered || Chance(20));
    v1::Query filters;
    if (filtered) {
      const v1::Query drawn = RandomQuery(folded_.world, &random_, size_);
      *filters.mutable_filters() = drawn.filters();
    }
    const pb::Indicator& indicator = reader_.At(name).indicator();
    SCOPED_TRACE(absl::StrCat(folded_.world.zone, " at ", size_, " scope ", scope_, ": ",
                              indicator.ShortDebugString(), " of ", filters.ShortDebugString()));
    Choose();
    IndicatorOracle oracle(folded_.world, reader_, figures_, size_, scope_,
                           {filters.filters().begin(), filters.filters().end()});
    PlainTable want;
    for (const std::string& place : places_) {
      for (const std::string& period : names_) {
        const PlainNode node = oracle.Value(name, place, spans_.Named(period));
        PlainValue value = PlainValue::Null(node.null);
        if (node.null == NullReason::kNone)
          value = PlainValue::Exactly(Nearest(node.value / ScaleOfUnit(indicator.unit())));
        want.push_back({{"region", PlainValue::Text(place)},
                        {"period", PlainValue::Text(period)},
                        {"value", value},
                        {"sources", PlainValue::Text(SourcesOf(node.sources))},
                        {"status", PlainValue::Text(node.Status())},
                        {"flags", PlainValue::Text(node.Flags())}});
        ++counters_[absl::StrCat("indicator status ", node.Status())];
      }
    }
    const bool no_year_to_date = oracle.lacks_year_to_date();
    const bool not_filterable =
        filters.filters_size() > 0 && oracle.ReadsFigures(indicator.formula());
    EachEngine([&](const StatisticContext& context) {
      std::vector<Period> periods;
      for (const std::string& period : names_) periods.push_back(calendar_->Parse(period).value());
      const absl::StatusOr<Evaluation> got = EvaluateFormula(
          context, name, places_, periods, FromProto(filters).filters, /*explain=*/false);
      if (not_filterable || no_year_to_date) {
        const char* const reason = not_filterable ? "FILTERS_NOT_APPLICABLE" : "GRAIN_INVALID";
        EXPECT_EQ(status::ReasonOf(got.status()), reason) << got.status();
        ++counters_[absl::StrCat("indicator error ", reason)];
        return;
      }
      ASSERT_OK(got.status());
      PlainTable rows = RowsOf(ValuesTable(context, *got), /*with_marks=*/true);
      for (size_t i = 0; i < rows.size(); ++i) {
        std::set<std::pair<std::string, std::string>> sources;
        for (const ValueSource& source : got->values[i].sources)
          sources.emplace(source.series, source.vintage);
        EXPECT_EQ(sources.size(), got->values[i].sources.size());
        rows[i]["sources"] = PlainValue::Text(SourcesOf(sources));
      }
      CompareRows("indicator", want, rows);
    });
    CountNodes(indicator.formula());
  }

 private:
  static std::string SourcesOf(const std::set<std::pair<std::string, std::string>>& sources) {
    return absl::StrJoin(sources, ", ", absl::PairFormatter(" "));
  }

  void Choose() {
    std::set<std::string> places, names;
    for (uint64_t i = 1 + Below(4); i > 0; --i) places.insert(formulas_.SomePlace());
    const bool short_ones = Chance(12);
    for (uint64_t i = 1 + Below(4); i > 0; --i) names.insert(formulas_.SomePeriod(short_ones));
    places_.assign(places.begin(), places.end());
    names_.assign(names.begin(), names.end());
  }

  void CountNodes(const pb::Formula& formula) {
    if (formula.has_comparison()) {
      const pb::ComparisonNode& node = formula.comparison();
      ++counters_[absl::StrCat("indicator ", pb::ComparisonKind_Name(node.kind()),
                               node.form() == pb::COMPARISON_FORM_DIFFERENCE ? " difference" : "")];
      for (const std::string& over : node.whole().over()) ++counters_["indicator over " + over];
      CountNodes(node.of());
    } else if (formula.has_operation()) {
      ++counters_[absl::StrCat("indicator ", pb::OperationKind_Name(formula.operation().kind()))];
      for (const pb::Formula& operand : formula.operation().operands()) CountNodes(operand);
    } else if (formula.has_measure()) {
      ++counters_["indicator measure " + formula.measure().name()];
      for (const pb::FormulaFilter& filter : formula.measure().filters())
        ++counters_["indicator filter " + filter.dimension()];
    } else {
      ++counters_[formula.has_series()     ? "indicator series"
                  : formula.has_constant() ? "indicator constant"
                                           : "indicator of an indicator"];
    }
  }

  const PlainSpans spans_;
  PlainCatalog reader_;
  const OfficialFigures figures_;
  FormulaWriter formulas_;
  std::vector<std::string> places_, names_;
};

TEST(IndicatorRecountTest, RandomFormulasEqualARecount) {
  CampaignCounters counters;
  const int cases =
      AskWorlds<IndicatorAsker>(/*seed=*/11'500, /*worlds=*/3, /*questions=*/120, &counters);
  if (HasFailure()) return;
  EXPECT_GE(cases, 1'800);
  std::vector<std::string> named = {"indicator rows",
                                    "indicator.value there",
                                    "indicator error GRAIN_INVALID",
                                    "indicator error FILTERS_NOT_APPLICABLE",
                                    "indicator series",
                                    "indicator constant",
                                    "indicator of an indicator",
                                    "region scope",
                                    "as of an earlier size"};
  for (const NullReason why :
       {NullReason::kNoBase, NullReason::kZeroBase, NullReason::kNegativeBase,
        NullReason::kPartialPeriod, NullReason::kNotReported, NullReason::kZeroDenominator,
        NullReason::kNoData, NullReason::kNoChange, NullReason::kNoDenominator,
        NullReason::kPeriodMismatch, NullReason::kNotPositive, NullReason::kNotAdditive,
        NullReason::kSuppressed}) {
    named.push_back(NullOf("indicator.value", why));
  }
  for (const char* flag : {"CARRIED", "PARTIAL", "QUALIFIED", "BREAK", "PART_YEAR"})
    named.push_back(absl::StrCat("indicator flag ", flag));
  for (const char* status : {"A", "R", "P", "E"})
    named.push_back(absl::StrCat("indicator status ", status));
  for (const char* kind : {"OPERATION_KIND_ADD",
                           "OPERATION_KIND_SUBTRACT",
                           "OPERATION_KIND_MULTIPLY",
                           "OPERATION_KIND_DIVIDE",
                           "COMPARISON_KIND_PREV",
                           "COMPARISON_KIND_PREV difference",
                           "COMPARISON_KIND_YOY",
                           "COMPARISON_KIND_YOY difference",
                           "COMPARISON_KIND_YTD",
                           "COMPARISON_KIND_YTD_YOY",
                           "COMPARISON_KIND_YTD_YOY difference",
                           "COMPARISON_KIND_CAGR",
                           "COMPARISON_KIND_SHARE",
                           "COMPARISON_KIND_CONTRIBUTION",
                           "COMPARISON_KIND_CONTRIBUTION_RATE",
                           "COMPARISON_KIND_PER_CAPITA",
                           "COMPARISON_KIND_RATIO_TO_GDP",
                           "COMPARISON_KIND_INDEX",
                           "filter category",
                           "filter category_nature",
                           "filter channel",
                           "filter source",
                           "filter scenario",
                           "filter provider_region",
                           "filter age_band",
                           "over category",
                           "over category_nature",
                           "over channel",
                           "over source"}) {
    named.push_back(absl::StrCat("indicator ", kind));
  }
  ExpectMet(counters, named);
}

}  // namespace
}  // namespace tidemark::analytics::testing
