#include "services/analytics/statistics/uplift/uplift.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/exact_math.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/table_builder.h"
#include "services/analytics/statistics/table_parts.h"
#include "services/analytics/statistics/uplift/conditions.h"
#include "services/analytics/statistics/uplift/uplift_days.h"
#include "services/analytics/statistics/uplift/uplift_regions.h"

namespace tidemark::analytics {
namespace {

struct Placebo {
  bool is_date = false;
  std::string name;
  double difference = 0;
};

std::vector<double> ChangesOf(const DailyGross& gross, const std::vector<size_t>& regions,
                              const Windows& windows) {
  std::vector<double> changes;
  for (const size_t region : regions) changes.push_back(ChangeOf(gross, region, windows));
  return changes;
}

std::vector<size_t> WithoutZeroDays(const DailyGross& gross, const std::vector<size_t>& regions,
                                    const Windows& windows) {
  std::vector<size_t> kept;
  for (const size_t region : regions) {
    if (CountZeroDays(gross, region, windows) == 0) kept.push_back(region);
  }
  return kept;
}

absl::StatusOr<std::vector<Placebo>> Placebos(const StatisticContext& context,
                                              const UpliftDays& days, const UpliftRegions& regions,
                                              const std::vector<double>& control_changes) {
  std::vector<Placebo> placebos;
  const std::vector<double> of_regions =
      PlaceboDifferences(regions.treated.size(), control_changes);
  for (size_t i = 0; i < of_regions.size(); ++i)
    placebos.push_back({false, regions.codes[regions.controls[i]], of_regions[i]});
  for (const Windows& windows : days.placebos) {
    TM_RETURN_IF_ERROR(context.stop());
    const std::vector<size_t> controls = WithoutZeroDays(regions.gross, regions.controls, windows);
    const std::vector<size_t> treated = WithoutZeroDays(regions.gross, regions.treated, windows);
    if (controls.empty() || treated.size() != regions.treated.size()) continue;
    placebos.push_back({true, context.calendar->Name(days.days[windows.activity.front()]),
                        DifferenceOf(ChangesOf(regions.gross, treated, windows),
                                     ChangesOf(regions.gross, controls, windows))});
  }
  return placebos;
}

// Of the days used, means of ln gross.
struct DayMeans {
  std::vector<size_t> days;
  std::vector<double> treated;
  std::vector<double> controls;
};

DayMeans MeansOf(const UpliftDays& days, const UpliftRegions& regions) {
  DayMeans means;
  means.days = days.windows.before;
  means.days.insert(means.days.end(), days.windows.activity.begin(), days.windows.activity.end());
  for (const size_t day : means.days) {
    means.treated.push_back(MeanLogOf(regions.gross, regions.treated, day));
    means.controls.push_back(MeanLogOf(regions.gross, regions.controls, day));
  }
  return means;
}

// Through the differences before the activity; none: too few days.
std::optional<Line> TrendBefore(size_t days_before, const DayMeans& means) {
  if (days_before < 3) return std::nullopt;
  std::vector<double> positions, values;
  for (size_t i = 0; i < days_before; ++i) {
    positions.push_back(static_cast<double>(means.days[i]));
    values.push_back(means.treated[i] - means.controls[i]);
  }
  return FitLine(positions, values);
}

Table EffectTable(const UpliftDays& days, const UpliftRegions& regions,
                  const std::optional<Line>& trend, const std::vector<Placebo>& placebos,
                  double difference) {
  TableBuilder builder(1);
  const auto add = [&builder](const char* name, const char* unit, Number number) {
    SetNumber(&builder.AddDoubles(name, ColumnKind::kStatistic, unit), 0, number);
  };
  const auto count = [&builder](const char* name, size_t number) {
    builder.AddIntegers(name, ColumnKind::kStatistic, "count").integers[0] =
        static_cast<int64_t>(number);
  };
  std::vector<double> differences;
  size_t dates = 0;
  for (const Placebo& placebo : placebos) {
    differences.push_back(placebo.difference);
    dates += placebo.is_date ? 1 : 0;
  }
  const auto extreme = [&](bool low) {
    if (differences.empty()) return Number{0, NullReason::kNoData};
    const auto [least, most] = std::minmax_element(differences.begin(), differences.end());
    return Number{low ? *least : *most, NullReason::kNone};
  };
  add("log_effect", "number", {difference});
  add("effect", "ratio", {base::Exp(difference) - 1});
  add("p", "ratio", {PlaceboP(difference, differences)});
  add("placebo_low", "number", extreme(true));
  add("placebo_high", "number", extreme(false));
  count("placebo_regions", placebos.size() - dates);
  count("placebo_dates", dates);
  count("treated_regions", regions.treated.size());
  count("control_regions", regions.controls.size());
  count("days_before", days.windows.before.size());
  count("days", days.windows.activity.size());
  const Number none{0, NullReason::kTooShort};
  add("trend_difference", "number", trend ? Number{trend->slope} : none);
  add("trend_deviation", "number", trend ? Number{trend->deviation} : none);
  return std::move(builder).Build();
}

Table PlaceboTable(const std::vector<Placebo>& placebos) {
  TableBuilder builder(placebos.size());
  std::vector<Member> kinds, names;
  for (const Placebo& placebo : placebos) {
    kinds.push_back({placebo.is_date ? "DATE" : "REGION"});
    names.push_back({placebo.name});
  }
  builder.AddTexts("kind", ColumnKind::kStatistic, nullptr, kinds);
  builder.AddTexts("name", ColumnKind::kStatistic, nullptr, names);
  Column& differences = builder.AddDoubles("log_effect", ColumnKind::kStatistic, "number");
  for (size_t row = 0; row < placebos.size(); ++row)
    differences.doubles[row] = placebos[row].difference;
  return std::move(builder).Build();
}

absl::StatusOr<int64_t> SumOf(const UpliftRegions& regions, size_t region,
                              const std::vector<size_t>& days) {
  __int128 sum = 0;
  for (const size_t day : days) sum += regions.gross.At(region, day);
  return Narrow(sum);
}

absl::StatusOr<Table> RegionTable(const StatisticContext& context, const std::string& place,
                                  const UpliftDays& days, const UpliftRegions& regions) {
  constexpr const char* kRoles[] = {"TREATED", "CONTROL", "LEFT_OUT", "ZERO_DAYS"};
  TableBuilder builder(regions.codes.size());
  std::vector<Member> codes, roles;
  for (size_t region = 0; region < regions.codes.size(); ++region) {
    codes.push_back({regions.codes[region]});
    roles.push_back({kRoles[static_cast<size_t>(regions.roles[region])]});
  }
  builder.AddTexts(place, ColumnKind::kDimension, FindDimension(place), codes);
  builder.AddTexts("role", ColumnKind::kStatistic, nullptr, roles);
  Column& zeros = builder.AddIntegers("zero_days", ColumnKind::kStatistic, "count");
  const auto scale = static_cast<uint32_t>(context.scale());
  Column& before =
      builder.AddIntegers("gross_before", ColumnKind::kMeasure, context.currency(), scale);
  Column& during = builder.AddIntegers("gross", ColumnKind::kMeasure, context.currency(), scale);
  for (size_t region = 0; region < regions.codes.size(); ++region) {
    zeros.integers[region] =
        static_cast<int64_t>(CountZeroDays(regions.gross, region, days.windows));
    TM_ASSIGN_OR_RETURN(before.integers[region], SumOf(regions, region, days.windows.before));
    TM_ASSIGN_OR_RETURN(during.integers[region], SumOf(regions, region, days.windows.activity));
  }
  return std::move(builder).Build();
}

Table DayTable(const StatisticContext& context, const UpliftDays& days, const DayMeans& means) {
  TableBuilder builder(means.days.size());
  std::vector<Member> periods, windows;
  for (size_t i = 0; i < means.days.size(); ++i) {
    periods.push_back({context.calendar->Name(days.days[means.days[i]])});
    windows.push_back({i < days.windows.before.size() ? "BEFORE" : "ACTIVITY"});
  }
  builder.AddTexts("period", ColumnKind::kPeriod, nullptr, periods);
  builder.AddTexts("window", ColumnKind::kStatistic, nullptr, windows);
  Column& treated = builder.AddDoubles("treated", ColumnKind::kStatistic, "number");
  Column& control = builder.AddDoubles("control", ColumnKind::kStatistic, "number");
  Column& difference = builder.AddDoubles("difference", ColumnKind::kStatistic, "number");
  const double unit = context.scale() * base::Log(10);
  for (size_t i = 0; i < means.days.size(); ++i) {
    treated.doubles[i] = means.treated[i] - unit;
    control.doubles[i] = means.controls[i] - unit;
    difference.doubles[i] = means.treated[i] - means.controls[i];
  }
  return std::move(builder).Build();
}

}  // namespace

absl::StatusOr<Uplift> EstimateUpliftOf(const StatisticContext& context,
                                        const UpliftQuestion& question) {
  TM_ASSIGN_OR_RETURN(const UpliftDays days, PlanDays(*context.calendar, question));
  TM_ASSIGN_OR_RETURN(const UpliftRegions regions, ReadUpliftRegions(context, question, days));
  const std::vector<double> treated = ChangesOf(regions.gross, regions.treated, days.windows);
  const std::vector<double> controls = ChangesOf(regions.gross, regions.controls, days.windows);
  const double difference = DifferenceOf(treated, controls);
  TM_ASSIGN_OR_RETURN(const std::vector<Placebo> placebos,
                      Placebos(context, days, regions, controls));
  const DayMeans means = MeansOf(days, regions);
  const std::optional<Line> trend = TrendBefore(days.windows.before.size(), means);
  Uplift uplift{.effect = EffectTable(days, regions, trend, placebos, difference),
                .placebos = PlaceboTable(placebos),
                .days = DayTable(context, days, means),
                .effects_scanned = regions.effects_scanned};
  TM_ASSIGN_OR_RETURN(uplift.regions,
                      RegionTable(context, question.query.dimensions[0].name, days, regions));
  uplift.effect.notes = regions.notes;
  for (PlanNote& note : FailedConditions(trend, regions.controls.size(), placebos.size()))
    uplift.effect.notes.push_back(std::move(note));
  uplift.effect.notes.push_back(
      {"PLACEBO_RANGE",
       "placebo_low and placebo_high span what is found where nothing happened; they are no "
       "confidence interval"});
  if (regions.partial_days > 0) {
    uplift.effect.notes.push_back(
        {"PARTIAL_DAYS",
         absl::StrCat(regions.partial_days, " of the days are not fully covered or not over")});
  }
  for (Table* table : {&uplift.effect, &uplift.regions, &uplift.days})
    table->region_role = regions.region_role;
  return uplift;
}

}  // namespace tidemark::analytics
