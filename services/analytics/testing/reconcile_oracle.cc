#include "services/analytics/testing/reconcile_oracle.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tidemark::analytics::testing {
namespace {

namespace pb = catalog::v1;

// Half a unit of the last digit goes away from 0.
Exact Rounded(const Exact& value, int decimals) {
  const Exact size = abs(value) * TenTo(decimals) + Exact(1, 2);
  const Exact rounded = Exact(FloorOf(size)) * TenTo(-decimals);
  return sgn(value) < 0 ? Exact(-rounded) : rounded;
}

Exact RootOf(const Exact& quotient, int64_t years) {
  if (sgn(quotient) == 0) return -1;
  return Exact(Nearest(Power(quotient, 1, years)) - 1);
}

}  // namespace

std::string NameOfForm(pb::SeriesForm form) {
  static const std::vector<std::string> kNames = {
      "UNSPECIFIED",           "LEVEL", "GROWTH_ON_YEAR", "GROWTH_ON_PREVIOUS",
      "AVERAGE_ANNUAL_GROWTH", "SHARE", "CONTRIBUTION",   "INDEX"};
  return kNames[static_cast<size_t>(form)];
}

std::string NameOfUnit(const pb::Unit& unit) {
  const std::string power =
      unit.power_of_ten() == 0 ? "" : absl::StrCat("10^", unit.power_of_ten(), " ");
  switch (unit.kind()) {
    case pb::UNIT_KIND_PERCENT:
      return "percent";
    case pb::UNIT_KIND_PERCENTAGE_POINTS:
      return "percentage_points";
    case pb::UNIT_KIND_INDEX:
      return "index";
    case pb::UNIT_KIND_RATIO:
      return "ratio";
    default:
      return power + unit.currency();
  }
}

PlainSpan ReconcileOracle::SpanOf(const PlainPeriod& period) const {
  if (!absl::StrContains(period.name, "..")) return spans_.Named(period.name);
  const auto month = [](int64_t day) {
    const NaiveDate date = DateOf(day);
    return int64_t{date.year} * 12 + date.month - 1;
  };
  return spans_.Cumulative(month(period.first), month(period.end));
}

ReconcileOracle::Level ReconcileOracle::Published(const PlainSeries& of, const std::string& place,
                                                  const std::map<std::string, std::string>& slices,
                                                  const PlainSpan& span) const {
  Level level;
  level.node.SetNull(NullReason::kNoData, /*is_unknown=*/true);
  const PlainFigure* found = nullptr;
  const auto [first, end] = spans_.Days(span);
  const auto unlike = [&](const PlainSeries& one) {
    return std::tuple(one.publisher != of.publisher, one.prices != of.prices, one.name);
  };
  for (const PlainSeries& one : series_) {
    if (one.form != pb::SERIES_FORM_LEVEL || one.slices != slices) continue;
    const PlainFigure* const figure = catalog_.Find(one.name, place, first, end);
    if (figure == nullptr) continue;
    if (level.series != nullptr && unlike(*level.series) < unlike(one)) continue;
    level.series = &one;
    found = figure;
  }
  if (found == nullptr) return level;
  level.node = NodeOfFigure(*found, level.series->unit);
  level.published = found->published;
  if (!found->digits) return level;
  const Exact half = found->Half() * ScaleOfUnit(level.series->unit);
  level.low = level.node.value - half, level.high = level.node.value + half;
  return level;
}

NullReason ReconcileOracle::WhyNot(const Level& value, const Level& base) {
  if (base.node.unknown) return NullReason::kNoBase;
  if (value.node.partial || base.node.partial) return NullReason::kPartialPeriod;
  return value.node.null != NullReason::kNone ? value.node.null : base.node.null;
}

void ReconcileOracle::Compute(const std::vector<Level>& levels, size_t positive,
                              const Number& number, Result* result) {
  std::vector<Exact> values;
  for (const Level& level : levels) values.push_back(level.node.value);
  result->node.value = result->low = result->high = number(values);
  for (size_t i = positive; i < levels.size(); ++i) {
    if (sgn(levels[i].low) <= 0) return;
  }
  for (size_t corner = 0; corner < size_t{1} << levels.size(); ++corner) {
    for (size_t i = 0; i < levels.size(); ++i)
      values[i] = (corner >> i & 1) == 0 ? levels[i].low : levels[i].high;
    const Exact at = number(values);
    result->low = std::min(result->low, at);
    result->high = std::max(result->high, at);
  }
}

ReconcileOracle::Result ReconcileOracle::Follow(const PlainSeries& series,
                                                const PlainFigure& figure, const Find& find) const {
  Result result;
  const std::string& place = figure.place;
  PlainSpan span = SpanOf(figure.period);
  const int64_t months = [&] {
    const auto of = *spans_.Months(span);
    return of.second - of.first;
  }();
  const auto note = [&](const Level& level, bool base) {
    result.node.Follow(level.node);
    result.breaks |= !base && level.node.breaks;
    result.revised |= figure.published != 0 && level.published > figure.published;
  };
  const auto own = [&](const PlainSpan& at) { return find(place, series.slices, at); };
  const auto whole = [&](const PlainSpan& at) {
    return series.whole_region.empty() ? find(place, {}, at)
                                       : find(series.whole_region, series.slices, at);
  };
  const auto fails = [&](NullReason why) {
    if (why != NullReason::kNone) result.node.SetNull(why);
    return why != NullReason::kNone;
  };
  const auto fails_by_base = [&](const Exact& base) {
    return fails(sgn(base) == 0  ? NullReason::kZeroBase
                 : sgn(base) < 0 ? NullReason::kNegativeBase
                                 : NullReason::kNone);
  };
  const bool yearly = series.form == pb::SERIES_FORM_AVERAGE_ANNUAL_GROWTH;
  const int years = static_cast<int>(months / 12);
  if (yearly) {
    // Of calendar years.
    const auto of = *spans_.Months(span);
    if (of.first % 12 != 0 || months % 12 != 0) {
      fails(NullReason::kPeriodMismatch);
      return result;
    }
    span = {NaiveGrain::kYear, spans_.calendar().At(NaiveGrain::kYear, span.period.end_us - 1)};
  }
  const Level value = own(span);
  result.there = value.node.null == NullReason::kNone;
  switch (series.form) {
    case pb::SERIES_FORM_LEVEL:
      note(value, false);
      if (fails(value.node.null)) return result;
      result.node.value = value.node.value;
      result.low = value.low, result.high = value.high;
      return result;
    case pb::SERIES_FORM_SHARE: {
      const Level of = whole(span);
      note(value, false), note(of, false);
      if (fails(value.node.null) || fails(of.node.null)) return result;
      if (sgn(of.node.value) == 0) {
        fails(NullReason::kZeroDenominator);
        return result;
      }
      Compute(
          {value, of}, 1, [](const std::vector<Exact>& x) { return Exact(x[0] / x[1]); }, &result);
      return result;
    }
    case pb::SERIES_FORM_CONTRIBUTION: {
      const PlainSpan before = *spans_.YearsBefore(span, 1);
      const Level base = own(before), of = whole(before);
      note(value, false), note(base, true), note(of, true);
      if (fails(WhyNot(value, base))) return result;
      if (fails(of.node.unknown ? NullReason::kNoBase : of.node.null)) return result;
      if (fails_by_base(of.node.value)) return result;
      Compute(
          {value, base, of}, 2,
          [](const std::vector<Exact>& x) { return Exact(Exact(x[0] - x[1]) * 100 / x[2]); },
          &result);
      return result;
    }
    default:
      break;
  }
  std::optional<PlainSpan> before = spans_.YearsBefore(span, yearly ? years : 1);
  if (series.form == pb::SERIES_FORM_GROWTH_ON_PREVIOUS) before = spans_.Before(span);
  if (series.form == pb::SERIES_FORM_INDEX) before = SpanOf(series.index_base);
  note(value, false);
  if (series.form == pb::SERIES_FORM_INDEX && !spans_.AreAlike(span, *before)) {
    fails(NullReason::kPeriodMismatch);
    return result;
  }
  if (!before) {
    fails(NullReason::kNoBase);
    return result;
  }
  const Level base = own(*before);
  note(base, true);
  if (fails(WhyNot(value, base))) return result;
  if (series.unit.kind() == pb::UNIT_KIND_PERCENTAGE_POINTS) {
    Compute(
        {value, base}, 2,
        [](const std::vector<Exact>& x) { return Exact(Exact(x[0] - x[1]) * 100); }, &result);
  } else if (yearly) {
    if (sgn(base.node.value) <= 0 || sgn(value.node.value) < 0) {
      fails(NullReason::kNotPositive);
      return result;
    }
    const auto growth = [&](const std::vector<Exact>& x) { return RootOf(x[0] / x[1], years); };
    if (sgn(value.low) < 0) {
      result.node.value = result.low = result.high = growth({value.node.value, base.node.value});
    } else {
      Compute({value, base}, 1, growth, &result);
    }
  } else if (!fails_by_base(base.node.value)) {
    const bool index = series.form == pb::SERIES_FORM_INDEX;
    Compute(
        {value, base}, 1,
        [&](const std::vector<Exact>& x) {
          const Exact quotient = x[0] / x[1];
          return index ? Exact(quotient * 100) : Exact(quotient - 1);
        },
        &result);
  }
  return result;
}

std::string ReconcileOracle::ReasonOf(const PlainSeries& series, const PlainFigure& figure,
                                      const Result& result, bool from_levels) {
  if (result.node.null != NullReason::kNone)
    return result.node.null == NullReason::kPartialPeriod ? "PARTIAL" : "";
  const Exact scale = ScaleOfUnit(series.unit);
  // The digits as published, before the divisor.
  const Exact computed = result.node.value / scale * ExactOf(figure.divisor);
  if (Rounded(computed, figure.decimals) == ExactOf(*figure.digits) * TenTo(-figure.decimals))
    return "EQUAL";
  if (from_levels) {
    const Exact low = (figure.Value() - figure.Half()) * scale;
    const Exact high = (figure.Value() + figure.Half()) * scale;
    if (low < result.high && result.low < high) return "ROUNDING";
    if (series.comparable) return "BASIS";
  }
  if (result.node.qualified || figure.qualified) return "QUALIFIED";
  if (result.breaks) return "BREAK";
  if (result.node.partial) return "PARTIAL";
  return result.revised ? "REVISED" : "UNEXPLAINED";
}

PlainRow ReconcileOracle::RowOf(const PlainSeries& series, const PlainFigure& figure,
                                const PlainNode& node) const {
  PlainNode both = NodeOfFigure(figure, series.unit);
  both.Follow(node);
  return {{"series", PlainValue::Text(series.name)},
          {"region", PlainValue::Text(figure.place)},
          {"period", PlainValue::Text(figure.period.name)},
          {"form", PlainValue::Text(NameOfForm(series.form))},
          {"unit", PlainValue::Text(NameOfUnit(series.unit))},
          {"published", PlainValue::Exactly(Nearest(figure.Value()))},
          {"vintage", PlainValue::Text(figure.vintage)},
          {"status", PlainValue::Text(both.Status())},
          {"flags", PlainValue::Text(both.Flags())}};
}

void ReconcileOracle::AddImpliedBase(const PlainSeries& series, const PlainFigure& figure,
                                     PlainTable* rows) const {
  PlainSpan span = SpanOf(figure.period);
  std::optional<PlainSpan> before;
  int64_t years = 1;
  if (series.form == pb::SERIES_FORM_GROWTH_ON_YEAR) before = spans_.YearsBefore(span, 1);
  if (series.form == pb::SERIES_FORM_GROWTH_ON_PREVIOUS) before = spans_.Before(span);
  if (series.form == pb::SERIES_FORM_AVERAGE_ANNUAL_GROWTH) {
    const auto of = *spans_.Months(span);
    if (of.first % 12 != 0 || of.second % 12 != 0) return;
    years = (of.second - of.first) / 12;
    span = {NaiveGrain::kYear, spans_.calendar().At(NaiveGrain::kYear, span.period.end_us - 1)};
    before = spans_.YearsBefore(span, static_cast<int>(years));
  }
  if (!before || series.unit.kind() == pb::UNIT_KIND_PERCENTAGE_POINTS) return;
  const Level level = Published(series, figure.place, series.slices, span);
  if (level.node.null != NullReason::kNone) return;
  const Exact factor = figure.Value() * ScaleOfUnit(series.unit) + 1;
  Exact all = 1;
  for (int64_t i = 0; i < years; ++i) all *= factor;
  PlainRow row = RowOf(series, figure, level.node);
  row["period"] = PlainValue::Text(before->period.name);
  row["form"] = PlainValue::Text("LEVEL");
  row["unit"] = PlainValue::Text(NameOfUnit(level.series->unit));
  row["published"] = row["difference"] = PlainValue::Null(NullReason::kNoData);
  row["computed"] =
      sgn(all) == 0
          ? PlainValue::Null(NullReason::kZeroBase)
          : PlainValue::Exactly(Nearest(level.node.value / all / ScaleOfUnit(level.series->unit)));
  row["computed_from"] = PlainValue::Text("RATE_AND_LEVEL");
  row["reason"] = PlainValue::Text("");
  rows->push_back(std::move(row));
}

void ReconcileOracle::AddRows(const PlainSeries& series, const PlainFigure& figure,
                              PlainTable* rows) const {
  const auto add = [&](const Result& result, bool from_levels) {
    PlainRow row = RowOf(series, figure, result.node);
    row["computed"] = row["difference"] = PlainValue::Null(result.node.null);
    if (result.node.null == NullReason::kNone) {
      const Exact computed = result.node.value / ScaleOfUnit(series.unit);
      row["computed"] = PlainValue::Exactly(Nearest(computed));
      row["difference"] = PlainValue::Exactly(Nearest(Exact(figure.Value() - computed)));
    }
    row["computed_from"] = PlainValue::Text(from_levels ? "LEVELS" : "EVENTS");
    row["reason"] = PlainValue::Text(ReasonOf(series, figure, result, from_levels));
    rows->push_back(std::move(row));
  };
  if (computed_) {
    add(Follow(series, figure,
               [&](const auto& place, const auto& slices, const PlainSpan& span) {
                 Level level{.node = computed_(place, slices, span), .low = 0, .high = 0};
                 level.low = level.high = level.node.value;
                 return level;
               }),
        /*from_levels=*/false);
  }
  if (series.form != pb::SERIES_FORM_LEVEL) {
    const Result result =
        Follow(series, figure, [&](const auto& place, const auto& slices, const PlainSpan& span) {
          return Published(series, place, slices, span);
        });
    if (result.there) add(result, /*from_levels=*/true);
  }
  AddImpliedBase(series, figure, rows);
}

}  // namespace tidemark::analytics::testing
