// Forecasts of random measures in random worlds, through both engines: history and back-test are
// counted anew, models are run by plain recursions, and no other parameters may fit better.
#include "clients/cpp/query/canonical.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/query/vocabulary.h"
#include "services/analytics/statistics/forecast/ets_fit.h"
#include "services/analytics/statistics/forecast/forecast.h"
#include "services/analytics/testing/ets_oracle.h"
#include "services/analytics/testing/plain_history.h"
#include "services/analytics/testing/random_query.h"
#include "services/analytics/testing/statistic_campaign.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::analytics::testing {
namespace {

PlainValue Close(long double value) { return PlainValue::Near(static_cast<double>(value), 1e-6); }

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
    constexpr int kSeasons[] = {1, 2, 3, 4};
    question_.season = query_.grain() == v1::GRAIN_WEEK ? 1 : kSeasons[Below(4)];
    question_.horizon = 1 + Below(5);
    question_.origins = empty ? 3 : Below(3);
  }

  static PlainEts PlainOf(const EtsFit& fit) {
    PlainEts model;
    model.error = fit.form.error == EtsError::kAdditive ? 'A' : 'M';
    model.trend = "NAD"[static_cast<int>(fit.form.trend)];
    model.season = "NAM"[static_cast<int>(fit.form.season)];
    model.period = fit.form.period;
    model.alpha = fit.smoothing.alpha, model.beta = fit.smoothing.beta;
    model.gamma = fit.smoothing.gamma;
    model.phi = model.trend == 'D' ? fit.smoothing.phi : 1;
    model.level = fit.initial.level, model.slope = fit.initial.trend;
    model.effects.assign(fit.initial.seasons.begin(), fit.initial.seasons.end());
    return model;
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
      CheckForms(values_, fits);
      for (const EtsFit& fit : fits) models.push_back(ModelRow(fit));
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

  // Exactly the models that the values allow; those of multiplicative errors may have no
  // likelihood.
  void CheckForms(const std::vector<double>& values, const std::vector<EtsFit>& fits) {
    const bool positive =
        std::all_of(values.begin(), values.end(), [](double value) { return value > 0; });
    std::set<std::string> found, allowed, needed;
    long double last = -1e300L;
    for (const EtsFit& fit : fits) {
      EXPECT_TRUE(found.insert(PlainOf(fit).name()).second);
      EXPECT_GE(fit.aicc, last) << "FirstDifference(, the best model is not the first";
      last = fit.aicc;
    }
    for (const char error : {'A', 'M'}) {
      for (const char trend : {'N', 'A', 'D'}) {
        for (const char season : {'N', 'A', 'M'}) {
          const PlainEts model{.error = error,
                               .trend = trend,
                               .season = season,
                               .period = season == 'N' ? 1 : season_};
          if (season != 'N' && season_ == 1) continue;
          if ((error == 'M' && !positive) || (error == 'A' && season == 'M')) continue;
          if (values.size() <= static_cast<size_t>(model.parameters()) + 1) continue;
          allowed.insert(model.name());
          if (error == 'A') needed.insert(model.name());
        }
      }
    }
    EXPECT_TRUE(std::includes(allowed.begin(), allowed.end(), found.begin(), found.end()))
        << "FirstDifference(, a model that the values do not allow";
    EXPECT_TRUE(std::includes(found.begin(), found.end(), needed.begin(), needed.end()))
        << "FirstDifference(, a model is missing";
    for (const std::string& name : found) ++counters_["forecast model " + name];
  }

  PlainRow ModelRow(const EtsFit& fit) {
    const PlainEts model = PlainOf(fit);
    const EtsResult run = RunPlainEts(model, values_);
    EXPECT_TRUE(run.possible);
    const auto n = static_cast<long double>(values_.size());
    long double size = 0;
    for (const double value : values_) size = std::max<long double>(size, std::fabs(value));
    // Errors that are all but 0 are taken for the smallest that are told apart from it.
    const long double relative = model.error == 'M' ? 1 : size * size;
    const bool perfect = run.squares <= n * relative * 1e-18L;
    CheckBounds(fit);
    if (!perfect) ChallengeFit(model, run.log_likelihood);
    if (perfect) ++counters_["forecast perfect fit"];
    const long double variance = run.squares / (n - model.parameters() + 1);
    return {{"model", PlainValue::Text(model.name())},
            {"parameters", PlainValue::Whole(model.parameters())},
            {"aicc", perfect ? PlainValue::Real(fit.aicc)
                             : Close(AiccOf(model, run.log_likelihood, values_.size()))},
            {"log_likelihood",
             perfect ? PlainValue::Real(fit.log_likelihood) : Close(run.log_likelihood)},
            {"alpha", Close(model.alpha)},
            {"beta", Close(model.beta)},
            {"gamma", Close(model.gamma)},
            {"phi", Close(model.phi)},
            {"level", Close(run.end.level)},
            {"trend", Close(run.end.slope)},
            {"deviation",
             perfect ? PlainValue::Real(std::sqrt(fit.variance)) : Close(std::sqrt(variance))}};
  }

  static void CheckBounds(const EtsFit& fit) {
    const EtsSmoothing& s = fit.smoothing;
    EXPECT_TRUE(0.0001 <= s.alpha && s.alpha <= 0.9999 && 0 <= s.beta && s.beta <= s.alpha &&
                0 <= s.gamma && s.gamma <= 1 - s.alpha)
        << "FirstDifference(, parameters beyond their bounds";
    EXPECT_TRUE(fit.form.trend != EtsTrend::kDamped || (0.8 <= s.phi && s.phi <= 0.98))
        << "FirstDifference(, phi beyond its bounds";
  }

  // No other parameters may be more likely: a grid over all of them where the initial state follows
  // by least squares, and others nearby.
  void ChallengeFit(const PlainEts& model, long double best) {
    constexpr long double kSlack = 1e-4L;
    const auto challenge = [&](const PlainEts& other) {
      const EtsResult run = RunPlainEts(other, values_);
      ++counters_["forecast challenges"];
      EXPECT_LE(run.possible ? run.log_likelihood : best - 1, best + kSlack)
          << "FirstDifference(, " << other.name() << " fits better with alpha "
          << static_cast<double>(other.alpha) << " beta " << static_cast<double>(other.beta)
          << " gamma " << static_cast<double>(other.gamma);
    };
    for (int i = 0; i < 12; ++i) {
      PlainEts other = model;
      const auto unit = [&] {
        return 0.0001L + 0.9998L * static_cast<long double>(Below(21)) / 20;
      };
      const bool far = model.error == 'A' && i % 2 == 0;
      if (far) {
        other.alpha = unit();
        if (model.trend != 'N') other.beta = other.alpha * unit();
        if (model.season != 'N') other.gamma = (1 - other.alpha) * unit();
        if (model.trend == 'D') other.phi = 0.8L + 0.18L * static_cast<long double>(Below(7)) / 6;
        if (!SolveInitial(values_, &other)) continue;
      } else {
        const auto nearby = [&](long double value, long double by) {
          return value * (1 + by * (static_cast<long double>(Below(201)) - 100) / 100);
        };
        other.alpha = std::clamp(nearby(model.alpha, 0.05L), 0.0001L, 0.9999L);
        other.beta = std::min(other.alpha * 0.9999L, nearby(model.beta, 0.05L));
        other.gamma = std::min((1 - other.alpha) * 0.9999L, nearby(model.gamma, 0.05L));
        if (model.trend != 'N') other.beta = std::max(other.beta, other.alpha * 0.0001L);
        if (model.season != 'N') other.gamma = std::max(other.gamma, (1 - other.alpha) * 0.0001L);
        if (model.trend == 'D') other.phi = std::clamp(nearby(model.phi, 0.02L), 0.8L, 0.98L);
        other.level = nearby(model.level, 0.01L);
        other.slope = nearby(model.slope, 0.05L);
      }
      challenge(other);
    }
  }

  std::vector<PlainPoint> PointsOf(const EtsFit& fit, const std::vector<double>& values) const {
    const PlainEts model = PlainOf(fit);
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
                                    NullOf("forecast.back_test.mase", NullReason::kTooShort),
                                    NullOf("forecast.back_test.mase", NullReason::kZeroDenominator),
                                    NullOf("forecast.back_test.coverage_80", NullReason::kTooShort),
                                    "forecast without enough history",
                                    "forecast challenges",
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
