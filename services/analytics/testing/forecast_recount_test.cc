// Forecasts of random measures in random worlds, through both engines: history and back-test are
// counted anew, models are run by plain recursions, and no other parameters may fit better.
#include "clients/cpp/query/canonical.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/query/vocabulary.h"
#include "services/analytics/statistics/forecast/ets_fit.h"
#include "services/analytics/statistics/forecast/ets_forecast.h"
#include "services/analytics/statistics/forecast/forecast.h"
#include "services/analytics/statistics/forecast/seasonal_naive.h"
#include "services/analytics/testing/ets_checks.h"
#include "services/analytics/testing/ets_oracle.h"
#include "services/analytics/testing/plain_history.h"
#include "services/analytics/testing/random_query.h"
#include "services/analytics/testing/statistic_campaign.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::analytics::testing {
namespace {

class ForecastAsker final : public StatisticAsker {
 public:
  ForecastAsker(FoldedWorld* folded, std::mt19937_64* random, CampaignCounters* counters)
      : StatisticAsker(folded, random, counters), plain_(folded->world.zone) {}
  static World MakeWorld(uint64_t seed, const std::string& zone) {
    return testing::MakeWorld(seed, 400, zone);
  }

  void Ask() {
    ChooseSnapshot(15);
    ChooseScope(8);
    MakeQuestion();
    SCOPED_TRACE(absl::StrCat(folded_.world.zone, " at ", size_, " scope ", scope_, ": ",
                              query::CanonicalText(query_), " season ", question_.season,
                              question_.join_january_february ? " joined" : ""));
    const std::vector<PlainMonth> history =
        HistoryOf(folded_.world, query_, size_, scope_, question_.join_january_february);
    values_.clear();
    for (const PlainMonth& month : history) values_.push_back(month.value);
    if (question_.join_january_february && !history.empty()) {
      ++counters_["forecast joined"];
      const bool january = absl::EndsWith(query_.range().last(), "-01") &&
                           absl::EndsWith(history.back().period, "-12");
      if (january) ++counters_["forecast without the last January"];
    }
    season_ = values_.size() < 2 * static_cast<size_t>(question_.season) ? 1 : question_.season;
    PlainTable months;
    for (const PlainMonth& month : history) {
      months.push_back({{"period", PlainValue::Text(month.period)},
                        {query_.measures(0).name(), PlainValue::Real(month.value)},
                        {"flags", PlainValue::Text(month.partial ? "PARTIAL" : "")}});
    }
    std::optional<PlainTable> first;
    EachEngine([&](const StatisticContext& context) {
      ASSERT_OK_AND_ASSIGN(const Forecast got, ComputeForecast(context, question_));
      Compare("forecast.history", months, got.history, /*with_marks=*/true);
      PlainTable told = RowsOf(got.forecast);
      for (const Table* table : {&got.models, &got.back_test}) {
        for (PlainRow& row : RowsOf(*table)) told.push_back(std::move(row));
      }
      if (first) {
        // Repeats within 1e-9 in every engine.
        for (PlainRow& row : *first) {
          for (auto& [name, value] : row) value.tolerance = 1e-9;
        }
        EXPECT_EQ(FirstDifference(*first, told), "");
        return;
      }
      first = told;
      Check(history, got);
    });
  }

 private:
  void MakeQuestion() {
    query_.Clear();
    const v1::Query drawn = RandomQuery(folded_.world, &random_, size_);
    v1::Measure& measure = *query_.add_measures();
    measure.set_name(Pick<std::string>({"gross", "gross", "net", "events", "purchases", "consumers",
                                        "average_line", "voucher", "quantity"}));
    constexpr v1::Grain kGrains[] = {v1::GRAIN_MONTH, v1::GRAIN_QUARTER, v1::GRAIN_QUARTER,
                                     v1::GRAIN_HALF_YEAR};
    // Weeks are many.
    query_.set_grain(Chance(6) ? v1::GRAIN_WEEK : kGrains[Below(4)]);
    if (Chance(35)) *query_.mutable_range() = drawn.range();
    if (Chance(35)) *query_.mutable_filters() = drawn.filters();
    const bool empty = Chance(12);
    if (empty) {
      // Hardly anything passes: most of the history is 0.
      query_.clear_range();
      query_.clear_filters();
      measure.set_name("voucher");
      for (const char* const name : {"segment", "channel", "area_type", "reporting_role"}) {
        v1::Filter& filter = *query_.add_filters();
        filter.set_dimension(name);
        filter.add_codes(std::string(FindDimension(name)->values[0]));
      }
    }
    question_ = ForecastQuestion{.query = FromProto(query_)};
    const bool adds = measure.name() != "consumers" && measure.name() != "average_line";
    question_.join_january_february = query_.grain() == v1::GRAIN_MONTH && adds && Chance(35);
    if (question_.join_january_february && Chance(50)) {
      // A January at the end waits for its February.
      const int year = folded_.world.observatory_start.year + 1 + static_cast<int>(Below(2));
      query_.mutable_range()->clear_first();
      query_.mutable_range()->set_last(absl::StrCat(year, "-01"));
      question_.query = FromProto(query_);
    }
    constexpr int kSeasons[] = {1, 2, 3, 4};
    question_.season = query_.grain() == v1::GRAIN_WEEK ? 1 : kSeasons[Below(4)];
    question_.horizon = 1 + Below(5);
    question_.origins = empty ? 3 : Below(3);
  }

  void Check(const std::vector<PlainMonth>& history, const Forecast& got) {
    // An average may be off by its last bit, and what is estimated from it by more.
    for (size_t i = 0; i < values_.size(); ++i)
      values_[i] = RowsOf(got.history)[i].at(query_.measures(0).name()).value;
    PlainTable points, models, back_test;
    std::vector<std::string> names;
    if (!history.empty())
      names = NextPeriodsOf(plain_, query_, history.back().period, question_.join_january_february,
                            question_.horizon);
    if (values_.size() < 6) {
      const PlainValue none = PlainValue::Null(NullReason::kTooShort);
      for (const std::string& name : names) {
        points.push_back({{"period", PlainValue::Text(name)},
                          {"point", none},
                          {"naive", none},
                          {"lower_80", none},
                          {"upper_80", none},
                          {"lower_95", none},
                          {"upper_95", none}});
      }
      ++counters_["forecast without enough history"];
    } else {
      ASSERT_OK_AND_ASSIGN(const std::vector<EtsFit> fits,
                           FitAll(question_.season, values_, [] { return absl::OkStatus(); }));
      EtsChecks checks(values_, season_, &random_, &counters_);
      checks.CheckForms(fits);
      const NormalPaths paths(question_.horizon);
      for (const EtsFit& fit : fits) {
        models.push_back(checks.ModelRow(fit));
        // Of the models that are not used, too.
        CompareRows("forecast of every model", PointRows(PointsOf(fit, values_)),
                    PointRows(ForecastEts(fit, paths)));
      }
      CompareRows("forecast of naive", PointRows(Naive(values_)),
                  PointRows(ForecastSeasonalNaive(season_, values_, question_.horizon)));
      const std::vector<PlainPoint> of_model = PointsOf(fits[0], values_);
      const std::vector<PlainPoint> naive = Naive(values_);
      for (size_t h = 0; h < names.size(); ++h) {
        points.push_back({{"period", PlainValue::Text(names[h])},
                          {"point", Close(of_model[h].point)},
                          {"lower_80", Close(of_model[h].lower_80)},
                          {"upper_80", Close(of_model[h].upper_80)},
                          {"lower_95", Close(of_model[h].lower_95)},
                          {"upper_95", Close(of_model[h].upper_95)},
                          {"naive", Close(naive[h].point)}});
      }
    }
    back_test = BackTest();
    Compare("forecast", points, got.forecast);
    Compare("forecast.models", models, got.models);
    Compare("forecast.back_test", back_test, got.back_test);
  }

  template <typename Point>
  static PlainTable PointRows(const std::vector<Point>& points) {
    PlainTable rows;
    for (const Point& point : points) {
      rows.push_back({{"point", Close(point.point)},
                      {"lower_80", Close(point.lower_80)},
                      {"upper_80", Close(point.upper_80)},
                      {"lower_95", Close(point.lower_95)},
                      {"upper_95", Close(point.upper_95)}});
    }
    return rows;
  }
  std::vector<PlainPoint> PointsOf(const EtsFit& fit, const std::vector<double>& values) const {
    const PlainEts model = EtsChecks::PlainOf(fit);
    const EtsResult run = RunPlainEts(model, values);
    // As in ModelRow, the variance of a perfect fit is the smallest.
    const auto n = static_cast<long double>(values.size());
    long double variance = run.squares / (n - model.parameters() + 1);
    if (std::fabs(variance - fit.variance) < 1e-9L * (1 + variance)) variance = fit.variance;
    return ForecastPlainEts(run.end, variance, values.size(), question_.horizon);
  }

  std::vector<PlainPoint> Naive(const std::vector<double>& values) const {
    const auto m = static_cast<size_t>(season_);
    long double squares = 0;
    for (size_t t = m; t < values.size(); ++t)
      squares += (values[t] - values[t - m]) * (values[t] - values[t - m]);
    const long double variance = squares / static_cast<long double>(values.size() - m);
    std::vector<PlainPoint> points;
    for (size_t h = 0; h < question_.horizon; ++h) {
      const auto seasons = static_cast<long double>(h / m + 1);
      points.push_back(
          NormalAround(values[values.size() - m + h % m], std::sqrt(variance * seasons)));
    }
    return points;
  }

  PlainTable BackTest() {
    struct Score {
      int64_t forecasts = 0, scaled = 0, in_80 = 0, in_95 = 0;
      long double error = 0;
      // What came is on a bound, but for rounding.
      bool edge = false;
    };
    std::vector<Score> ets(question_.horizon), naive(question_.horizon);
    const size_t origins = std::min(question_.origins, values_.size());
    for (size_t origin = values_.size() - origins; origin < values_.size(); ++origin) {
      if (origin < 6 || origin < 2 * static_cast<size_t>(season_)) continue;
      const std::vector<double> before(values_.begin(),
                                       values_.begin() + static_cast<int64_t>(origin));
      const auto fits = FitAll(season_, before, [] { return absl::OkStatus(); });
      EXPECT_OK(fits.status());
      long double scale = 0;
      const auto m = static_cast<size_t>(season_);
      for (size_t t = m; t < before.size(); ++t) scale += std::fabs(before[t] - before[t - m]);
      scale /= static_cast<long double>(before.size() - m);
      const auto judge = [&](const std::vector<PlainPoint>& points, std::vector<Score>* scores) {
        for (size_t h = 0; h < question_.horizon && origin + h < values_.size(); ++h) {
          Score& score = (*scores)[h];
          const long double came = values_[origin + h];
          ++score.forecasts;
          if (scale > 0) ++score.scaled, score.error += std::fabs(came - points[h].point) / scale;
          score.in_80 += points[h].lower_80 <= came && came <= points[h].upper_80 ? 1 : 0;
          score.in_95 += points[h].lower_95 <= came && came <= points[h].upper_95 ? 1 : 0;
          for (const long double bound :
               {points[h].lower_80, points[h].upper_80, points[h].lower_95, points[h].upper_95}) {
            score.edge |= std::fabs(bound - came) <= 1e-6L * (1 + std::fabs(came));
          }
        }
      };
      judge(PointsOf(fits->front(), before), &ets);
      judge(Naive(before), &naive);
    }
    PlainTable rows;
    for (size_t h = 0; h < question_.horizon; ++h) {
      PlainRow& row = rows.emplace_back();
      row["periods_ahead"] = PlainValue::Whole(static_cast<int64_t>(h) + 1);
      row["forecasts"] = PlainValue::Whole(ets[h].forecasts);
      for (const bool of_naive : {false, true}) {
        const Score& score = of_naive ? naive[h] : ets[h];
        const std::string end = of_naive ? "_naive" : "";
        const auto of = [&](long double part, int64_t whole, NullReason why) {
          PlainValue value = PlainValue::Null(why);
          if (whole > 0) value = Close(part / static_cast<long double>(whole));
          // Then one may count or not.
          if (score.edge && whole > 0) value.tolerance = 1;
          return value;
        };
        row["mase" + end] =
            of(score.error, score.scaled,
               score.forecasts == 0 ? NullReason::kTooShort : NullReason::kZeroDenominator);
        if (score.scaled > 0) row["mase" + end].tolerance = 1e-6;
        row["coverage_80" + end] =
            of(static_cast<long double>(score.in_80), score.forecasts, NullReason::kTooShort);
        row["coverage_95" + end] =
            of(static_cast<long double>(score.in_95), score.forecasts, NullReason::kTooShort);
      }
    }
    return rows;
  }

  const NaiveCalendar plain_;
  v1::Query query_;
  ForecastQuestion question_;
  std::vector<double> values_;
  // What of the season asked for the values can tell.
  int season_ = 1;
};

TEST(ForecastRecountTest, RandomForecastsEqualPlainRecursions) {
  CampaignCounters counters;
  const int cases =
      AskWorlds<ForecastAsker>(/*seed=*/17'100, /*worlds=*/2, /*questions=*/8, &counters);
  if (HasFailure()) return;
  EXPECT_GE(cases, 80);
  std::vector<std::string> named = {"forecast rows",
                                    "forecast.history rows",
                                    "forecast.history flag PARTIAL",
                                    "forecast.models rows",
                                    "forecast.back_test rows",
                                    "forecast.point there",
                                    "forecast.back_test.mase there",
                                    NullOf("forecast.point", NullReason::kTooShort),
                                    NullOf("forecast.naive", NullReason::kTooShort),
                                    "forecast.models.beta there",
                                    "forecast.models.gamma there",
                                    "forecast.models.phi there",
                                    NullOf("forecast.models.beta", NullReason::kNotInModel),
                                    NullOf("forecast.models.gamma", NullReason::kNotInModel),
                                    NullOf("forecast.models.phi", NullReason::kNotInModel),
                                    NullOf("forecast.back_test.mase", NullReason::kTooShort),
                                    NullOf("forecast.back_test.mase", NullReason::kZeroDenominator),
                                    NullOf("forecast.back_test.coverage_80", NullReason::kTooShort),
                                    "forecast without enough history",
                                    "forecast challenges",
                                    "forecast of every model rows",
                                    "forecast of naive rows",
                                    "forecast joined",
                                    "forecast without the last January",
                                    "region scope",
                                    "as of an earlier size"};
  for (const char* error : {"A", "M"}) {
    for (const char* trend : {"N", "A", "Ad"}) {
      for (const char* season : {"N", "A", "M"}) {
        if (*error == 'A' && *season == 'M') continue;
        named.push_back(absl::StrCat("forecast model ETS(", error, ",", trend, ",", season, ")"));
      }
    }
  }
  ExpectMet(counters, named);
}

}  // namespace
}  // namespace tidemark::analytics::testing
