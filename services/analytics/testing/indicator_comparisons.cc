// How formulas compare with themselves elsewhere: docs/statistics.md, "Indicators".
#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "services/analytics/testing/indicator_oracle.h"
#include "services/analytics/testing/plain_groups.h"

namespace tidemark::analytics::testing {
namespace {

namespace pb = catalog::v1;

// Only what a comparison follows from.
PlainNode Following(std::initializer_list<const PlainNode*> parts) {
  PlainNode node;
  for (const PlainNode* const part : parts) node.Follow(*part);
  return node;
}

void Divide(const Exact& part, const Exact& whole, NullReason when_zero, PlainNode* node) {
  if (sgn(whole) == 0) return node->SetNull(when_zero);
  node->value = part / whole;
}
void DivideByBase(const Exact& part, const Exact& base, PlainNode* node) {
  if (sgn(base) < 0) return node->SetNull(NullReason::kNegativeBase);
  Divide(part, base, NullReason::kZeroBase, node);
}

}  // namespace

PlainNode IndicatorOracle::OfComparison(const Comparison& node, const Where& at) {
  switch (node.kind()) {
    case pb::COMPARISON_KIND_PREV:
    case pb::COMPARISON_KIND_YOY:
    case pb::COMPARISON_KIND_YTD_YOY:
      return OfChange(node, at);
    case pb::COMPARISON_KIND_YTD: {
      const std::optional<PlainSpan> to_date = ToDate(at.span);
      return to_date ? Value(node.of(), {at.place, *to_date, at.over}) : PlainNode();
    }
    case pb::COMPARISON_KIND_CAGR:
    case pb::COMPARISON_KIND_INDEX:
      return OfFarBase(node, at);
    case pb::COMPARISON_KIND_PER_CAPITA:
    case pb::COMPARISON_KIND_RATIO_TO_GDP:
      return OfDenominator(node, at);
    default:
      return OfWhole(node, at);
  }
}

std::optional<PlainSpan> IndicatorOracle::ToDate(const PlainSpan& span) {
  const std::optional<PlainSpan> to_date = spans_.ToDate(span);
  lacks_year_to_date_ |= !to_date;
  return to_date;
}

IndicatorOracle::Pair IndicatorOracle::Compare(const Formula& of, const Where& at,
                                               const std::optional<PlainSpan>& base) {
  Pair pair{.value = Value(of, at), .base = {}};
  if (base) pair.base = Value(of, {at.place, *base, at.over});
  if (!base || pair.base.unknown) {
    pair.null = NullReason::kNoBase;
  } else if (pair.value.partial || pair.base.partial) {
    pair.null = NullReason::kPartialPeriod;
  } else {
    pair.null = pair.value.null != NullReason::kNone ? pair.value.null : pair.base.null;
  }
  return pair;
}

PlainNode IndicatorOracle::OfChange(const Comparison& node, const Where& at) {
  Where here = at;
  std::optional<PlainSpan> base = node.kind() == pb::COMPARISON_KIND_PREV
                                      ? spans_.Before(at.span)
                                      : spans_.YearsBefore(at.span, 1);
  if (node.kind() == pb::COMPARISON_KIND_YTD_YOY) {
    const std::optional<PlainSpan> to_date = ToDate(at.span);
    if (!to_date) return {};
    here.span = *to_date;
    if (base) base = ToDate(*base);
  }
  const auto [value, before, null] = Compare(node.of(), here, base);
  PlainNode result = Following({&value, &before});
  if (null != NullReason::kNone) {
    result.SetNull(null);
  } else if (node.form() == pb::COMPARISON_FORM_DIFFERENCE) {
    result.value = (value.value - before.value) * (IsRatio(node.of()) ? 100 : 1);
  } else {
    DivideByBase(value.value - before.value, before.value, &result);
  }
  return result;
}

PlainNode IndicatorOracle::OfFarBase(const Comparison& node, const Where& at) {
  const bool index = node.kind() == pb::COMPARISON_KIND_INDEX;
  std::optional<PlainSpan> base;
  if (index) {
    const NaiveDate start{node.base().start().year(), node.base().start().month(), 1};
    const int count = std::max(1, static_cast<int>(node.base().count()));
    const int each = node.base().grain() == type::v1::PERIOD_GRAIN_YEAR      ? 12
                     : node.base().grain() == type::v1::PERIOD_GRAIN_QUARTER ? 3
                                                                             : 1;
    const int64_t first = int64_t{start.year} * 12 + start.month - 1;
    base = spans_.Cumulative(first, first + each * count);
    if (count == 1) {
      base->grain = each == 12  ? NaiveGrain::kYear
                    : each == 3 ? NaiveGrain::kQuarter
                                : NaiveGrain::kMonth;
    }
  } else {
    base = spans_.YearsBefore(at.span, static_cast<int>(node.intervals()));
  }
  const auto [value, before, null] = Compare(node.of(), at, base);
  PlainNode result = Following({&value, &before});
  if (index && !spans_.AreAlike(at.span, *base)) {
    result.SetNull(NullReason::kPeriodMismatch);
  } else if (null != NullReason::kNone) {
    result.SetNull(null);
  } else if (index) {
    DivideByBase(value.value * 100, before.value, &result);
  } else if (sgn(before.value) <= 0 || sgn(value.value) < 0) {
    result.SetNull(NullReason::kNotPositive);
  } else if (sgn(value.value) == 0) {
    result.value = -1;
  } else {
    const double root = Nearest(Power(value.value / before.value, 1, node.intervals()));
    result.value = Exact(root - 1);
  }
  return result;
}

std::optional<IndicatorOracle::Where> IndicatorOracle::WholeOf(const pb::ComparisonWhole& whole,
                                                               const Where& at) const {
  Where there = at;
  there.over.insert(whole.over().begin(), whole.over().end());
  if (!whole.region().empty()) {
    there.place = whole.region();
  } else if (whole.level() != pb::REGION_LEVEL_UNSPECIFIED) {
    if (absl::StartsWith(at.place, "regionGroups/")) return std::nullopt;
    std::string region = at.place.substr(8);
    const auto is_of_level = [&](const std::string& id) {
      return std::any_of(world_.regions.begin(), world_.regions.end(), [&](const auto& one) {
        return one.id == id && one.IsOf(static_cast<int>(whole.level()) / 10);
      });
    };
    while (!region.empty() && !is_of_level(region)) region = ParentOf(world_, region);
    if (region.empty()) return std::nullopt;
    there.place = "regions/" + region;
  }
  return there;
}

PlainNode IndicatorOracle::OfWhole(const Comparison& node, const Where& at) {
  const std::optional<Where> there = WholeOf(node.whole(), at);
  const bool share = node.kind() == pb::COMPARISON_KIND_SHARE;
  if (share) {
    const PlainNode part = Value(node.of(), at);
    const PlainNode whole = there ? Value(node.of(), *there) : PlainNode();
    PlainNode result = Following({&part, &whole});
    if (!AddsUp(node.of())) {
      result.SetNull(NullReason::kNotAdditive);
    } else if (part.null != NullReason::kNone) {
      result.SetNull(part.null, part.unknown);
    } else if (!there) {
      result.SetNull(NullReason::kNoDenominator);
    } else if (whole.null != NullReason::kNone) {
      result.SetNull(whole.null, whole.unknown);
    } else {
      Divide(part.value, whole.value, NullReason::kZeroDenominator, &result);
    }
    return result;
  }
  const std::optional<PlainSpan> base = spans_.YearsBefore(at.span, 1);
  const Pair part = Compare(node.of(), at, base);
  const Pair whole = there ? Compare(node.of(), *there, base) : Pair();
  PlainNode result = Following({&part.value, &part.base, &whole.value, &whole.base});
  if (!AddsUp(node.of())) {
    result.SetNull(NullReason::kNotAdditive);
  } else if (part.null != NullReason::kNone) {
    result.SetNull(part.null);
  } else if (!there) {
    result.SetNull(NullReason::kNoDenominator);
  } else if (whole.null != NullReason::kNone) {
    result.SetNull(whole.null);
  } else if (node.kind() == pb::COMPARISON_KIND_CONTRIBUTION) {
    DivideByBase((part.value.value - part.base.value) * 100, whole.base.value, &result);
  } else {
    Divide(part.value.value - part.base.value, whole.value.value - whole.base.value,
           NullReason::kNoChange, &result);
  }
  return result;
}

PlainNode IndicatorOracle::OfDenominator(const Comparison& node, const Where& at) {
  PlainNode result = Value(node.of(), at);
  const bool per_head = node.kind() == pb::COMPARISON_KIND_PER_CAPITA;
  const auto [first, end] = spans_.Days(at.span);
  OfficialNumber by;
  if (per_head) {
    by = figures_.Population(node.population().kind() == pb::POPULATION_KIND_REGISTERED,
                             node.population().time() == pb::POPULATION_TIME_YEAR_END, {}, at.place,
                             end, end - 1);
    result.part_year |= !spans_.IsWholeYears(at.span);
  } else {
    by = figures_.Product(at.place, first, end, end - 1);
  }
  if (by.found()) {
    result.status = std::max(result.status, by.status);
    result.carried |= by.carried, result.qualified |= by.qualified;
    result.breaks |= by.break_before;
    result.sources.insert(by.sources.begin(), by.sources.end());
  }
  if (result.null != NullReason::kNone) return result;
  if (!by.found()) {
    result.SetNull(by.null);
  } else {
    Divide(result.value, by.value, NullReason::kZeroDenominator, &result);
  }
  return result;
}

}  // namespace tidemark::analytics::testing
