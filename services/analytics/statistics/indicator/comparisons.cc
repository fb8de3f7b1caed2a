#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/geographies.h"
#include "services/analytics/query/ratios.h"
#include "services/analytics/statistics/indicator/evaluator.h"
#include "services/analytics/statistics/indicator/named_periods.h"

// How a formula compares with itself elsewhere: Evaluator's comparisons. Definitions and reasons
// are those of docs/statistics.md, "Comparisons".
namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

// The number of a quotient, or why there is none.
void Take(const ExactNumber& number, NodeValue* value) {
  value->value = number.value;
  value->null = number.null;
  value->unknown = false;
}

}  // namespace

absl::StatusOr<NodeValue> Evaluator::OfComparison(const Comparison& node, const At& at,
                                                  const std::string& path) {
  switch (node.kind()) {
    case pb::COMPARISON_KIND_PREV:
    case pb::COMPARISON_KIND_YOY:
    case pb::COMPARISON_KIND_YTD_YOY:
      return OfChange(node, at, path);
    case pb::COMPARISON_KIND_YTD: {
      TM_ASSIGN_OR_RETURN(const Period to_date, ToDate(periods_[at.spot.period]));
      return Value(node.of(), In(at, to_date), absl::StrCat(path, ".of"));
    }
    case pb::COMPARISON_KIND_CAGR:
    case pb::COMPARISON_KIND_INDEX:
      return OfFarBase(node, at, path);
    case pb::COMPARISON_KIND_SHARE:
    case pb::COMPARISON_KIND_CONTRIBUTION:
    case pb::COMPARISON_KIND_CONTRIBUTION_RATE:
      return OfWhole(node, at, path);
    case pb::COMPARISON_KIND_PER_CAPITA:
      return PerHead(node, at, path);
    case pb::COMPARISON_KIND_RATIO_TO_GDP:
      return ToGdp(node, at, path);
    default:
      return status::WithReason(
          absl::FailedPreconditionError(
              "the formula has a comparison that this release does not know; ask a newer one"),
          "FORMULA_NOT_ANSWERABLE");
  }
}

Evaluator::At Evaluator::In(const At& at, const Period& period) {
  At there = at;
  there.spot.period = periods_.NumberOf(period);
  return there;
}

int64_t Evaluator::MomentOf(int64_t end_us) const {
  const Calendar& calendar = *context_.calendar;
  const auto after = std::upper_bound(changes_.begin(), changes_.end(),
                                      LastMomentOf(calendar, context_.snapshot, end_us));
  if (after == changes_.begin()) return kAtEvent;
  return calendar.StartOfDay(calendar.DayOf(*(after - 1)) + 1) - 1;
}

Evaluator::At Evaluator::Compared(const At& at, const Period& period,
                                  const std::optional<Period>& base) const {
  At there = at;
  const int64_t end_us = base ? std::max(period.end_us, base->end_us) : period.end_us;
  there.spot.moment_us = std::max(at.spot.moment_us, MomentOf(end_us));
  return there;
}

absl::StatusOr<Period> Evaluator::ToDate(const Period& period) const {
  const int start_month = context_.view->observatory()->fiscal_start_month;
  const std::optional<Period> to_date = YearToDate(*context_.calendar, start_month, period);
  if (to_date) return *to_date;
  return status::InvalidArgument(
      "grain",
      absl::StrCat("the formula has a year to date, and ", PeriodName(*context_.calendar, period),
                   " has none; want months, quarters, half-years or years with which the fiscal "
                   "year (from month ",
                   start_month, ") starts"),
      "GRAIN_INVALID");
}

absl::StatusOr<Evaluator::Pair> Evaluator::Compare(const Formula& of, const At& at,
                                                   const Period& period,
                                                   const std::optional<Period>& base,
                                                   const std::string& path) {
  Pair pair;
  const At there = Compared(at, period, base);
  TM_ASSIGN_OR_RETURN(pair.value, Value(of, In(there, period), path));
  if (!base) {
    pair.null = NullReason::kNoBase;
    return pair;
  }
  TM_ASSIGN_OR_RETURN(pair.base, Value(of, In(there, *base), path));
  if (pair.base.unknown) {
    pair.null = NullReason::kNoBase;
  } else if (pair.value.partial || pair.base.partial) {
    pair.null = NullReason::kPartialPeriod;
  } else {
    pair.null = pair.value.null != NullReason::kNone ? pair.value.null : pair.base.null;
  }
  return pair;
}

// 环比, 同比, 累计同比.
absl::StatusOr<NodeValue> Evaluator::OfChange(const Comparison& node, const At& at,
                                              const std::string& path) {
  const Calendar& calendar = *context_.calendar;
  Period period = periods_[at.spot.period];
  std::optional<Period> base = node.kind() == pb::COMPARISON_KIND_PREV
                                   ? PeriodBefore(calendar, period)
                                   : YearsBefore(calendar, period, 1);
  if (node.kind() == pb::COMPARISON_KIND_YTD_YOY) {
    TM_ASSIGN_OR_RETURN(period, ToDate(period));
    if (base) {
      TM_ASSIGN_OR_RETURN(base, ToDate(*base));
    }
  }
  TM_ASSIGN_OR_RETURN(const Pair pair,
                      Compare(node.of(), at, period, base, absl::StrCat(path, ".of")));
  NodeValue result;
  result.Follow(pair.value);
  result.Follow(pair.base);
  if (pair.null != NullReason::kNone) {
    result.SetNull(pair.null);
  } else if (node.form() != pb::COMPARISON_FORM_DIFFERENCE) {
    Take(Growth(pair.value.value, pair.base.value), &result);
  } else {
    result.value = pair.value.value - pair.base.value;
    if (book_.UnitOf(node.of()).kind() == pb::UNIT_KIND_RATIO) result.value *= 100;
  }
  return result;
}

// 年均增长, 指数.
absl::StatusOr<NodeValue> Evaluator::OfFarBase(const Comparison& node, const At& at,
                                               const std::string& path) {
  const Calendar& calendar = *context_.calendar;
  const Period period = periods_[at.spot.period];
  const bool index = node.kind() == pb::COMPARISON_KIND_INDEX;
  const std::optional<Period> base =
      index ? PeriodOf(calendar, node.base()) : YearsBefore(calendar, period, node.intervals());
  TM_ASSIGN_OR_RETURN(Pair pair, Compare(node.of(), at, period, base, absl::StrCat(path, ".of")));
  if (index && !IsSameKind(calendar, period, *base)) pair.null = NullReason::kPeriodMismatch;
  NodeValue result;
  result.Follow(pair.value);
  result.Follow(pair.base);
  if (pair.null != NullReason::kNone) {
    result.SetNull(pair.null);
  } else if (index) {
    Take(IndexNumber(pair.value.value, pair.base.value), &result);
  } else {
    const Number growth = AnnualGrowth(pair.value.value, pair.base.value, node.intervals());
    result.value = base::Rational::FromDouble(growth.value);
    result.exact = false;
    if (growth.null != NullReason::kNone) result.SetNull(growth.null);
  }
  return result;
}

uint32_t Evaluator::OverOf(uint32_t over, const pb::ComparisonWhole& whole) {
  std::set<std::string> all = overs_[over];
  all.insert(whole.over().begin(), whole.over().end());
  const auto known = std::find(overs_.begin(), overs_.end(), all);
  const auto number = static_cast<uint32_t>(known - overs_.begin());
  if (known == overs_.end()) overs_.push_back(std::move(all));
  return number;
}

absl::StatusOr<std::optional<Evaluator::At>> Evaluator::WholeAt(const pb::ComparisonWhole& whole,
                                                                const At& at) {
  At there = at;
  there.over = OverOf(at.over, whole);
  if (!whole.region().empty()) {
    TM_ASSIGN_OR_RETURN(there.spot.place, places_.NumberOf(whole.region()));
  } else if (whole.level() != pb::REGION_LEVEL_UNSPECIFIED) {
    const auto level = static_cast<catalog_client::RegionLevel>(whole.level());
    const std::optional<uint32_t> above = places_.AtLevel(at.spot.place, level, at.spot.moment_us);
    if (!above) return std::nullopt;
    there.spot.place = *above;
  }
  return there;
}

// 占比, 拉动, 贡献率.
absl::StatusOr<NodeValue> Evaluator::OfWhole(const Comparison& node, const At& at,
                                             const std::string& path) {
  const Calendar& calendar = *context_.calendar;
  const std::string of = absl::StrCat(path, ".of"), whole_path = absl::StrCat(path, ".whole");
  const Period period = periods_[at.spot.period];
  const bool compares = node.kind() != pb::COMPARISON_KIND_SHARE;
  const std::optional<Period> base = YearsBefore(calendar, period, 1);
  TM_ASSIGN_OR_RETURN(const std::optional<At> whole_at,
                      WholeAt(node.whole(), compares ? Compared(at, period, base) : at));
  NodeValue result;
  if (!compares) {
    TM_ASSIGN_OR_RETURN(const NodeValue part, Value(node.of(), at, of));
    result.Follow(part);
    NodeValue whole;
    if (whole_at) {
      TM_ASSIGN_OR_RETURN(whole, Value(node.of(), *whole_at, whole_path));
    }
    result.Follow(whole);
    if (!book_.IsAdditive(node.of())) {
      result.SetNull(NullReason::kNotAdditive);
    } else if (part.null != NullReason::kNone) {
      result.SetNull(part.null, part.unknown);
    } else if (!whole_at) {
      result.SetNull(NullReason::kNoDenominator);
    } else if (whole.null != NullReason::kNone) {
      result.SetNull(whole.null, whole.unknown);
    } else {
      Take(Quotient(part.value, whole.value, NullReason::kZeroDenominator), &result);
    }
    return result;
  }
  TM_ASSIGN_OR_RETURN(const Pair part, Compare(node.of(), at, period, base, of));
  result.Follow(part.value);
  result.Follow(part.base);
  Pair whole;
  if (whole_at) {
    TM_ASSIGN_OR_RETURN(whole, Compare(node.of(), *whole_at, period, base, whole_path));
    result.Follow(whole.value);
    result.Follow(whole.base);
  }
  if (!book_.IsAdditive(node.of())) {
    result.SetNull(NullReason::kNotAdditive);
  } else if (part.null != NullReason::kNone) {
    result.SetNull(part.null);
  } else if (!whole_at) {
    result.SetNull(NullReason::kNoDenominator);
  } else if (whole.null != NullReason::kNone) {
    result.SetNull(whole.null);
  } else {
    const base::Rational change = part.value.value - part.base.value;
    Take(node.kind() == pb::COMPARISON_KIND_CONTRIBUTION
             ? Points(change, whole.base.value)
             : Quotient(change, whole.value.value - whole.base.value, NullReason::kNoChange),
         &result);
  }
  return result;
}

// 人均.
absl::StatusOr<NodeValue> Evaluator::PerHead(const Comparison& node, const At& at,
                                             const std::string& path) {
  TM_ASSIGN_OR_RETURN(NodeValue result, Value(node.of(), at, absl::StrCat(path, ".of")));
  const Place& place = places_[at.spot.place];
  if (collects_) {
    TM_RETURN_IF_ERROR(denominators_.WantPopulation(node.population()));
    return result;
  }
  const Period& period = periods_[at.spot.period];
  const NodeValue people =
      denominators_.Population(node.population(), place, period, at.spot.moment_us);
  result.Follow(people);
  if (!IsWholeYears(*context_.calendar, period)) result.flags |= kPartYearFlag;
  if (result.null != NullReason::kNone) return result;
  if (people.null != NullReason::kNone) {
    result.SetNull(people.null);
  } else {
    Take(Quotient(result.value, people.value, NullReason::kZeroDenominator), &result);
  }
  return result;
}

// 相当于GDP比重.
absl::StatusOr<NodeValue> Evaluator::ToGdp(const Comparison& node, const At& at,
                                           const std::string& path) {
  TM_ASSIGN_OR_RETURN(NodeValue result, Value(node.of(), at, absl::StrCat(path, ".of")));
  const Place& place = places_[at.spot.place];
  if (collects_) {
    TM_RETURN_IF_ERROR(denominators_.WantGdp());
    return result;
  }
  const NodeValue product = denominators_.Gdp(place, periods_[at.spot.period], at.spot.moment_us);
  result.Follow(product);
  if (result.null != NullReason::kNone) return result;
  if (product.null != NullReason::kNone) {
    result.SetNull(product.null);
  } else {
    Take(Quotient(result.value, product.value, NullReason::kZeroDenominator), &result);
  }
  return result;
}

}  // namespace tidemark::analytics
