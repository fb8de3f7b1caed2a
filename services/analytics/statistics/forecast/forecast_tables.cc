#include "services/analytics/statistics/forecast/forecast_tables.h"

#include <cmath>
#include <utility>

#include "services/analytics/query/table_builder.h"

namespace tidemark::analytics {
namespace {

void AddPeriods(const std::vector<std::string>& names, TableBuilder* builder) {
  std::vector<Member> members;
  for (const std::string& name : names) members.push_back({name});
  builder->AddTexts("period", ColumnKind::kPeriod, nullptr, members);
}

void AddPoints(const std::string& name, const std::string& unit,
               const std::vector<ForecastPoint>& points, double ForecastPoint::*part,
               TableBuilder* builder) {
  Column& column = builder->AddDoubles(name, ColumnKind::kStatistic, unit);
  for (size_t row = 0; row < builder->rows(); ++row) {
    if (points.empty()) {
      column.SetNull(row, NullReason::kTooShort);
    } else {
      column.doubles[row] = points[row].*part;
    }
  }
}

// part ÷ whole of a back-test.
Number ShareOf(double part, int64_t whole, NullReason when_zero) {
  if (whole == 0) return {0, when_zero};
  return {part / static_cast<double>(whole), NullReason::kNone};
}

void AddScores(const std::string& suffix, const std::vector<BackTestScore>& scores,
               TableBuilder* builder) {
  Column& mase = builder->AddDoubles("mase" + suffix, ColumnKind::kStatistic, "number");
  Column& in_80 = builder->AddDoubles("coverage_80" + suffix, ColumnKind::kStatistic, "ratio");
  Column& in_95 = builder->AddDoubles("coverage_95" + suffix, ColumnKind::kStatistic, "ratio");
  for (size_t row = 0; row < scores.size(); ++row) {
    const BackTestScore& score = scores[row];
    SetNumber(&mase, row,
              ShareOf(score.scaled_error, score.scaled,
                      score.forecasts == 0 ? NullReason::kTooShort : NullReason::kZeroDenominator));
    SetNumber(&in_80, row,
              ShareOf(static_cast<double>(score.in_80), score.forecasts, NullReason::kTooShort));
    SetNumber(&in_95, row,
              ShareOf(static_cast<double>(score.in_95), score.forecasts, NullReason::kTooShort));
  }
}

}  // namespace

Table HistoryTable(const History& history) {
  TableBuilder builder(history.points.size());
  std::vector<std::string> periods;
  std::vector<Member> flags;
  for (const SeriesPoint& point : history.points) {
    periods.push_back(point.period);
    flags.push_back({point.partial ? "PARTIAL" : ""});
  }
  AddPeriods(periods, &builder);
  Column& values = builder.AddDoubles(history.column, ColumnKind::kMeasure, history.unit);
  for (size_t row = 0; row < history.points.size(); ++row)
    values.doubles[row] = history.points[row].value;
  builder.AddTexts("flags", ColumnKind::kFlags, nullptr, flags);
  Table table = std::move(builder).Build();
  table.region_role = history.region_role;
  return table;
}

Table ForecastTable(const History& history, const ForecastFigures& figures) {
  TableBuilder builder(figures.periods.size());
  AddPeriods(figures.periods, &builder);
  AddPoints("point", history.unit, figures.ets, &ForecastPoint::point, &builder);
  AddPoints("lower_80", history.unit, figures.ets, &ForecastPoint::lower_80, &builder);
  AddPoints("upper_80", history.unit, figures.ets, &ForecastPoint::upper_80, &builder);
  AddPoints("lower_95", history.unit, figures.ets, &ForecastPoint::lower_95, &builder);
  AddPoints("upper_95", history.unit, figures.ets, &ForecastPoint::upper_95, &builder);
  AddPoints("naive", history.unit, figures.naive, &ForecastPoint::point, &builder);
  // SDMX: estimated.
  builder.AddTexts("status", ColumnKind::kStatus, nullptr,
                   std::vector<Member>(figures.periods.size(), Member{"E"}));
  Table table = std::move(builder).Build();
  table.region_role = history.region_role;
  return table;
}

Table ModelsTable(const History& history, const ForecastFigures& figures) {
  const std::vector<EtsFit>& fits = figures.fits;
  TableBuilder builder(fits.size());
  std::vector<Member> names;
  for (const EtsFit& fit : fits) names.push_back({EtsName(fit.form)});
  builder.AddTexts("model", ColumnKind::kStatistic, nullptr, names);
  Column& parameters = builder.AddIntegers("parameters", ColumnKind::kStatistic, "count");
  for (size_t row = 0; row < fits.size(); ++row)
    parameters.integers[row] = ParameterCount(fits[row].form);
  const auto add = [&](const std::string& name, const std::string& unit, auto value) {
    Column& column = builder.AddDoubles(name, ColumnKind::kStatistic, unit);
    for (size_t row = 0; row < fits.size(); ++row) SetNumber(&column, row, value(fits[row]));
  };
  const auto parameter = [](bool is_there, double value) {
    return is_there ? Number{value} : Number{0, NullReason::kNotInModel};
  };
  add("aicc", "number", [](const EtsFit& fit) { return Number{fit.aicc}; });
  add("log_likelihood", "number", [](const EtsFit& fit) { return Number{fit.log_likelihood}; });
  add("alpha", "number", [](const EtsFit& fit) { return Number{fit.smoothing.alpha}; });
  add("beta", "number",
      [&](const EtsFit& fit) { return parameter(fit.form.HasTrend(), fit.smoothing.beta); });
  add("gamma", "number",
      [&](const EtsFit& fit) { return parameter(fit.form.HasSeason(), fit.smoothing.gamma); });
  add("phi", "number", [&](const EtsFit& fit) {
    return parameter(fit.form.trend == EtsTrend::kDamped, fit.smoothing.phi);
  });
  add("level", history.unit, [](const EtsFit& fit) { return Number{fit.state.level}; });
  add("trend", history.unit, [](const EtsFit& fit) { return Number{fit.state.trend}; });
  add("deviation", "number", [](const EtsFit& fit) { return Number{std::sqrt(fit.variance)}; });
  return std::move(builder).Build();
}

Table BackTestTable(const ForecastFigures& figures) {
  const std::vector<BackTestScore>& scores = figures.back_test.ets;
  TableBuilder builder(scores.size());
  Column& ahead = builder.AddIntegers("periods_ahead", ColumnKind::kStatistic, "count");
  Column& forecasts = builder.AddIntegers("forecasts", ColumnKind::kStatistic, "count");
  for (size_t row = 0; row < scores.size(); ++row) {
    ahead.integers[row] = static_cast<int64_t>(row) + 1;
    forecasts.integers[row] = scores[row].forecasts;
  }
  AddScores("", scores, &builder);
  AddScores("_naive", figures.back_test.naive, &builder);
  return std::move(builder).Build();
}

}  // namespace tidemark::analytics
