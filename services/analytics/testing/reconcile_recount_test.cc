// Random published figures beside computed ones, through both engines, to the last bit.
#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "services/analytics/statistics/indicator/reconcile.h"
#include "services/analytics/testing/indicator_oracle.h"
#include "services/analytics/testing/random_formula.h"
#include "services/analytics/testing/reconcile_oracle.h"
#include "services/analytics/testing/statistic_campaign.h"

namespace tidemark::analytics::testing {
namespace {

namespace pb = catalog::v1;

using Slices = std::map<std::string, std::string>;
const std::string kIndicator = "indicators/sales";
const std::vector<std::string> kPlaces = {"regions/cn", "regions/cn-31", "regions/cn-33",
                                          "regionGroups/delta"};
constexpr pb::ObservationStatus kStatuses[] = {
    pb::OBSERVATION_STATUS_NORMAL, pb::OBSERVATION_STATUS_PROVISIONAL,
    pb::OBSERVATION_STATUS_REVISED, pb::OBSERVATION_STATUS_ESTIMATED};

class ReconcileAsker final : public StatisticAsker {
 public:
  ReconcileAsker(FoldedWorld* folded, std::mt19937_64* random, CampaignCounters* counters)
      : StatisticAsker(folded, random, counters),
        world_(folded->world),
        spans_(world_.zone, world_.fiscal_start_month),
        figures_(world_, random, /*sliced=*/false, &reader_),
        formulas_(world_, random, &reader_) {
    catalog_ = &reader_;
    MakeIndicator();
    size_ = world_.log_size();
    MakeLevels();
    MakeRates();
    std::sort(series_.begin(), series_.end(),
              [](const PlainSeries& a, const PlainSeries& b) { return a.name < b.name; });
  }
  static World MakeWorld(uint64_t seed, const std::string& zone) {
    return WithoutChanges(testing::MakeWorld(seed, 220, zone));
  }

  void Ask() {
    ChooseSnapshot(25);
    ChooseScope(15);
    ReconcileQuestion question{.indicator = kIndicator};
    for (const PlainSeries& series : series_) {
      if (Chance(40)) question.series.push_back(series.name);
    }
    if (Chance(60)) question.series.clear();
    for (const std::string& place : kPlaces) {
      if (Chance(25)) question.regions.push_back(place);
    }
    const int year = world_.observatory_start.year + static_cast<int>(Below(2));
    if (Chance(40)) question.first = absl::StrCat(year);
    if (Chance(40)) question.last = absl::StrCat(year + 1, "-Q3");
    SCOPED_TRACE(absl::StrCat(world_.zone, " at ", size_, " scope ", scope_, " from ",
                              question.first, " to ", question.last, ": ",
                              reader_.At(kIndicator).ShortDebugString()));
    PlainTable want;
    parts_.clear();
    const ReconcileOracle oracle(reader_, spans_, series_, Computed());
    for (const auto& [key, figure] : reader_.figures()) {
      for (const PlainSeries& series : series_) {
        if (series.name != figure.series || !figure.digits || !Asks(question, figure)) continue;
        oracle.AddRows(series, figure, &want);
      }
    }
    EachEngine([&](const StatisticContext& context) {
      ASSERT_OK_AND_ASSIGN(const Reconciliation got, Reconcile(context, question));
      Compare("reconcile", want, got.figures, /*with_marks=*/true);
    });
    for (const PlainRow& row : want) {
      ++counters_[absl::StrCat("reconcile ", row.at("computed_from").text, " ",
                               row.at("reason").text)];
      if (row.at("computed").null == NullReason::kNone)
        ++counters_[absl::StrCat("reconcile ", row.at("computed_from").text, " of ",
                                 row.at("form").text)];
    }
  }

 private:
  bool Asks(const ReconcileQuestion& question, const PlainFigure& figure) const {
    const auto keeps = [](const std::vector<std::string>& names, const std::string& name) {
      return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
    };
    const NaiveCalendar& calendar = spans_.calendar();
    const bool begins = question.first.empty() || calendar.Named(question.first).start_us <=
                                                      calendar.StartOfDay(figure.period.first);
    const bool ends = question.last.empty() || calendar.StartOfDay(figure.period.end) <=
                                                   calendar.Named(question.last).end_us;
    return begins && ends && keeps(question.series, figure.series) &&
           keeps(question.regions, figure.place);
  }

  // --- what formulas give

  ReconcileOracle::Computed Computed() {
    const pb::Indicator& indicator = reader_.At(kIndicator).indicator();
    if (!indicator.has_formula()) return nullptr;
    return [this, &indicator](const std::string& place, const Slices& slices,
                              const PlainSpan& span) {
      PlainNode none;
      none.SetNull(NullReason::kNoData, /*is_unknown=*/true);
      const auto [first, end] = *spans_.Months(span);
      const int64_t whole = indicator.frequency() == type::v1::PERIOD_GRAIN_QUARTER ? 3 : 1;
      if ((first + whole - 1) / whole * whole + whole > end) return none;
      std::unique_ptr<IndicatorOracle>& part = parts_[slices];
      if (part == nullptr) {
        std::vector<v1::Filter> filters;
        for (const auto& [dimension, code] : slices) {
          filters.emplace_back().set_dimension(dimension);
          filters.back().add_codes(dimension == "channel" ? absl::AsciiStrToLower(code) : code);
        }
        part = std::make_unique<IndicatorOracle>(world_, reader_, figures_, size_, scope_, filters);
      }
      // Figures cannot be cut into slices.
      if (!slices.empty() && part->ReadsFigures(indicator.formula())) return none;
      return part->Value(kIndicator, place, span);
    };
  }

  void MakeIndicator() {
    pb::Indicator& made = *reader_.Put(kIndicator).mutable_indicator();
    made.set_frequency(Chance(75) ? type::v1::PERIOD_GRAIN_MONTH : type::v1::PERIOD_GRAIN_QUARTER);
    made.set_additivity(pb::ADDITIVITY_FLOW);
    made.mutable_unit()->set_kind(pb::UNIT_KIND_MONEY);
    made.mutable_unit()->set_currency(world_.currency);
    if (Chance(20)) return;
    pb::Formula& formula = *made.mutable_formula();
    if (Chance(25)) {
      formula.mutable_series()->set_series("observationSeries/stated-0");
    } else if (Chance(30)) {
      formula.mutable_operation()->set_kind(pb::OPERATION_KIND_SUBTRACT);
      *formula.mutable_operation()->add_operands() = formulas_.Events();
      *formula.mutable_operation()->add_operands() = formulas_.Events();
    } else {
      formula.mutable_measure()->set_name(Pick<std::string>({"gross", "net"}));
    }
  }

  // --- what is published

  PlainSeries& AddSeries(pb::SeriesForm form, pb::UnitKind kind, Slices slices) {
    PlainSeries& series = series_.emplace_back();
    series.name = absl::StrCat("observationSeries/sales-", Below(900) + 100, "-", series_.size());
    series.form = form;
    series.unit.set_kind(kind);
    if (kind == pb::UNIT_KIND_MONEY) {
      series.unit.set_currency(world_.currency);
      series.unit.set_power_of_ten(static_cast<int>(Below(3)));
    }
    series.publisher = Pick<std::string>({"organisations/nbs", "organisations/ministry"});
    series.prices = Chance(50) ? pb::PRICE_BASIS_CURRENT : pb::PRICE_BASIS_CONSTANT;
    series.slices = std::move(slices);
    return series;
  }
  void Write(const PlainSeries& series) {
    pb::ObservationSeries& made = *reader_.Put(series.name).mutable_observation_series();
    made.set_indicator(kIndicator);
    made.set_form(series.form);
    *made.mutable_unit() = series.unit;
    made.set_publisher(series.publisher);
    made.set_price_basis(series.prices);
    if (series.comparable) made.set_basis(pb::SERIES_BASIS_COMPARABLE);
    made.set_whole_region(series.whole_region);
    for (const auto& [dimension, code] : series.slices) {
      made.add_slices()->set_dimension(dimension);
      made.mutable_slices()->rbegin()->set_code(code);
    }
    if (series.form != pb::SERIES_FORM_INDEX) return;
    const NaiveDate start = DateOf(series.index_base.first);
    type::v1::Period& base = *made.mutable_index_base();
    base.set_grain(series.index_base.name.size() == 4 ? type::v1::PERIOD_GRAIN_YEAR
                                                      : type::v1::PERIOD_GRAIN_QUARTER);
    base.mutable_start()->set_year(start.year);
    base.mutable_start()->set_month(start.month);
    base.mutable_start()->set_day(start.day);
  }
  Slices SomeSlices() {
    if (Chance(55)) return {};
    return Chance(50) ? Slices{{"channel", "ONLINE"}} : Slices{{"category", "food"}};
  }
  PlainPeriod SomePeriod(bool yearly) {
    const int year = world_.observatory_start.year;
    if (yearly && Chance(90))
      return MonthsFrom(year + static_cast<int>(Below(4)), 0,
                        12 * (1 + static_cast<int>(Below(3))));
    constexpr int kMonths[] = {12, 12, 3, 3, 6, 1, 2, 9};
    const int months = kMonths[Below(8)];
    auto first = static_cast<int>(Below(48));
    first -= months == 2 || months == 9 ? first % 12 : first % months;
    if (months == 12 && Chance(8)) first += 3;
    return MonthsFrom(year, first, months);
  }
  // The number to some digits, or one that is a little off, or any other.
  void State(const PlainSeries& series, const std::string& place, const PlainPeriod& period,
             std::optional<double> number) {
    PlainFigure figure{.series = series.name, .place = place, .period = period};
    figure.decimals = static_cast<int>(Below(3));
    if (Chance(6)) figure.divisor = 3;
    const bool level = series.form == pb::SERIES_FORM_LEVEL;
    if (number && Chance(85)) {
      const double digits = *number * figure.divisor * std::pow(10, figure.decimals);
      figure.digits = std::llround(digits) + (Chance(15) ? 1 : 0);
    } else {
      figure.digits =
          static_cast<int64_t>(Below(level ? 100'000 : 2'000)) - (level ? 2'000 : 1'000);
    }
    if (Chance(4)) figure.digits = series.form == pb::SERIES_FORM_LEVEL ? 0 : -100;
    figure.status = kStatuses[Chance(70) ? 0 : Below(4)];
    figure.qualified = Chance(7);
    figure.break_before = Chance(7);
    figure.vintage = absl::StrCat("vintages/v", Below(3));
    if (Chance(70)) figure.published = 18'000 + static_cast<int64_t>(Below(40));
    if (Chance(6)) {
      figure.digits.reset();
      figure.status =
          Chance(60) ? pb::OBSERVATION_STATUS_MISSING : pb::OBSERVATION_STATUS_SUPPRESSED;
    }
    reader_.State(figure);
  }

  void MakeLevels() {
    for (int i = 0; i < 5; ++i)
      Write(AddSeries(pb::SERIES_FORM_LEVEL, pb::UNIT_KIND_MONEY, i < 2 ? Slices() : SomeSlices()));
    const auto computed = Computed();
    const ReconcileOracle oracle(reader_, spans_, series_, nullptr);
    for (const PlainSeries& series : series_) {
      for (const std::string& place : kPlaces) {
        for (int n = 0; n < 22; ++n) {
          const PlainPeriod period = SomePeriod(false);
          std::optional<double> number;
          if (computed && Chance(40)) {
            const PlainNode node = computed(place, series.slices, oracle.SpanOf(period));
            if (node.null == NullReason::kNone)
              number = Nearest(node.value / ScaleOfUnit(series.unit));
          }
          State(series, place, period, number);
        }
      }
    }
  }

  void MakeRates() {
    const auto computed = Computed();
    for (int i = 0; i < 12; ++i) {
      const auto form = static_cast<pb::SeriesForm>(2 + i % 6);
      const bool points = form == pb::SERIES_FORM_CONTRIBUTION ||
                          (form == pb::SERIES_FORM_GROWTH_ON_YEAR && Chance(25));
      PlainSeries& series = AddSeries(form,
                                      points ? pb::UNIT_KIND_PERCENTAGE_POINTS
                                      : form == pb::SERIES_FORM_INDEX ? pb::UNIT_KIND_INDEX
                                      : Chance(75)                    ? pb::UNIT_KIND_PERCENT
                                                                      : pb::UNIT_KIND_RATIO,
                                      SomeSlices());
      series.comparable = Chance(20);
      if (Chance(50)) series.whole_region = Pick(kPlaces);
      series.index_base = Chance(60) ? MonthsFrom(world_.observatory_start.year, 0, 12)
                                     : MonthsFrom(world_.observatory_start.year, 3, 3);
      Write(series);
      const ReconcileOracle oracle(reader_, spans_, series_, computed);
      for (const std::string& place : kPlaces) {
        for (int n = 0; n < 14; ++n) {
          const PlainPeriod period = SomePeriod(form == pb::SERIES_FORM_AVERAGE_ANNUAL_GROWTH);
          // What it would be, of levels or of events.
          PlainTable rows;
          oracle.AddRows(series,
                         {.series = series.name, .place = place, .period = period, .digits = 1},
                         &rows);
          std::optional<double> number;
          for (const PlainRow& row : rows) {
            const PlainValue& value = row.at("computed");
            if (row.at("computed_from").text != "RATE_AND_LEVEL" && value.real &&
                std::fabs(value.value) < 1e6 && (!number || Chance(50))) {
              number = value.value;
            }
          }
          State(series, place, period, number);
        }
      }
    }
  }

  const World& world_;
  const PlainSpans spans_;
  PlainCatalog reader_;
  const OfficialFigures figures_;
  FormulaWriter formulas_;
  std::vector<PlainSeries> series_;
  std::map<Slices, std::unique_ptr<IndicatorOracle>> parts_;
};

TEST(ReconcileRecountTest, RandomFiguresEqualARecount) {
  CampaignCounters counters;
  const int cases =
      AskWorlds<ReconcileAsker>(/*seed=*/13'900, /*worlds=*/6, /*questions=*/8, &counters);
  if (HasFailure()) return;
  EXPECT_GE(cases, 240);
  std::vector<std::string> named = {"reconcile rows", "region scope", "as of an earlier size"};
  for (const char* reason : {"EQUAL", "QUALIFIED", "BREAK", "REVISED", "UNEXPLAINED", ""}) {
    // Events are not published on any day.
    if (reason != std::string("REVISED"))
      named.push_back(absl::StrCat("reconcile EVENTS ", reason));
    named.push_back(absl::StrCat("reconcile LEVELS ", reason));
  }
  for (const char* what : {"EVENTS PARTIAL", "LEVELS ROUNDING", "LEVELS BASIS",
                           "RATE_AND_LEVEL of LEVEL", "EVENTS of LEVEL"}) {
    named.push_back(absl::StrCat("reconcile ", what));
  }
  for (const char* form : {"GROWTH_ON_YEAR", "GROWTH_ON_PREVIOUS", "AVERAGE_ANNUAL_GROWTH", "SHARE",
                           "CONTRIBUTION", "INDEX"}) {
    named.push_back(absl::StrCat("reconcile LEVELS of ", form));
    named.push_back(absl::StrCat("reconcile EVENTS of ", form));
  }
  for (const NullReason why :
       {NullReason::kNoBase, NullReason::kZeroBase, NullReason::kNegativeBase,
        NullReason::kPartialPeriod, NullReason::kNotReported, NullReason::kZeroDenominator,
        NullReason::kNoData, NullReason::kPeriodMismatch, NullReason::kNotPositive,
        NullReason::kSuppressed}) {
    named.push_back(NullOf("reconcile.computed", why));
  }
  for (const char* flag : {"PARTIAL", "QUALIFIED", "BREAK"})
    named.push_back(absl::StrCat("reconcile flag ", flag));
  ExpectMet(counters, named);
}

}  // namespace
}  // namespace tidemark::analytics::testing
