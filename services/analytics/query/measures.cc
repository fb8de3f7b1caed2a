#include "services/analytics/query/measures.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/pieces.h"
#include "services/analytics/query/ratios.h"

namespace tidemark::analytics {
namespace {

class Computer {
 public:
  Computer(const EngineQuery& query, const EngineResult& result)
      : query_(query), result_(result), cells_(result.period.size()) {}

  const std::vector<int64_t>& Of(Aggregate aggregate) const {
    const auto it = std::find(query_.aggregates.begin(), query_.aggregates.end(), aggregate);
    return result_.aggregates[it - query_.aggregates.begin()];
  }

  absl::StatusOr<CellValues> Net() const {
    CellValues values;
    values.integers.resize(cells_);
    const auto& gross = Of(Aggregate::kGross);
    const auto& refunds = Of(Aggregate::kRefunds);
    bool fits = true;
    TM_RETURN_IF_ERROR(ForEachRow(cells_, query_.stop, [&](size_t i) {
      fits &= !__builtin_sub_overflow(gross[i], refunds[i], &values.integers[i]);
    }));
    if (fits) return values;
    return status::WithReason(
        absl::OutOfRangeError("net of a cell does not fit 64 bits; break it down further"),
        "SUM_OVERFLOW");
  }

  absl::StatusOr<CellValues> Quantile(uint32_t quantile) const {
    CellValues values;
    const auto it = std::find(query_.quantiles.begin(), query_.quantiles.end(), quantile);
    values.integers = result_.quantiles[it - query_.quantiles.begin()];
    TM_RETURN_IF_ERROR(ForEachRow(cells_, query_.stop, [&](size_t i) {
      if (result_.purchases[i] != 0) return;
      values.integers[i] = 0;
      if (values.nulls.empty()) values.nulls.resize(cells_);
      values.nulls[i] = NullReason::kNoData;
    }));
    return values;
  }

  // `ratio`: Number(int64_t a, int64_t b).
  template <typename Ratio>
  absl::StatusOr<CellValues> Ratios(Aggregate a, Aggregate b, Ratio ratio) const {
    CellValues values{.doubles = true};
    values.reals.resize(cells_);
    const auto& first = Of(a);
    const auto& second = Of(b);
    const auto divide = [&](size_t i) {
      const Number number = ratio(first[i], second[i]);
      values.reals[i] = number.value;
      if (number.null == NullReason::kNone) return;
      if (values.nulls.empty()) values.nulls.resize(cells_);
      values.nulls[i] = number.null;
    };
    TM_RETURN_IF_ERROR(ForEachRow(cells_, query_.stop, divide, kSlowRowsPerLook));
    return values;
  }

 private:
  const EngineQuery& query_;
  const EngineResult& result_;
  const size_t cells_;
};

}  // namespace

absl::StatusOr<CellValues> ComputeMeasure(const PlannedMeasure& measure, const EngineQuery& query,
                                          const EngineResult& result, int scale) {
  const Computer computer(query, result);
  const auto quotient = [](int64_t part, int64_t whole) {
    return Quotient(part, whole, NullReason::kZeroDenominator);
  };
  const auto average = [scale](int64_t money, int64_t count) {
    return MoneyAverage(money, count, scale);
  };
  switch (measure.word->measure) {
    case Measure::kNet:
      return computer.Net();
    case Measure::kQuantile:
      return computer.Quantile(measure.quantile);
    case Measure::kIdentifiedShare:
      return computer.Ratios(Aggregate::kIdentifiedGross, Aggregate::kGross, quotient);
    case Measure::kRefundRate:
      return computer.Ratios(Aggregate::kRefunds, Aggregate::kGross, quotient);
    case Measure::kRefundRateCohort:
      return computer.Ratios(Aggregate::kCohortRefunds, Aggregate::kGross, quotient);
    case Measure::kAverageLine:
      return computer.Ratios(Aggregate::kGross, Aggregate::kPurchases, average);
    case Measure::kAverageOrder:
      return computer.Ratios(Aggregate::kGross, Aggregate::kOrders, average);
    default:
      return CellValues{.integers = computer.Of(measure.word->aggregates.front())};
  }
}

}  // namespace tidemark::analytics
