#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_TABLE_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/analytics/query/engine_plan.h"
#include "services/analytics/query/pieces.h"
#include "services/analytics/query/plan.h"

// An answer before it is cut into pages and labelled: tidemark.analytics.v1.Result as plain
// values. The numbers of the enums are the proto's.
namespace tidemark::analytics {

enum class NullReason : uint8_t {
  kNone = 0,
  kNoBase = 1,
  kZeroBase = 2,
  kNegativeBase = 3,
  kPartialPeriod = 4,
  kNotReported = 5,
  kZeroDenominator = 6,
  kNotRanked = 7,
  kNoData = 8,
  kNoMatchedSource = 9,
  kNoChange = 10,
  kNoDenominator = 11,
  kPeriodMismatch = 12,
  kTooShort = 13,
  kNotPositive = 14,
  kBaselineIsGoal = 15,
  kNoBaseline = 16,
  kNoActual = 17,
  kNotAdditive = 18,
  kSuppressed = 19,
  kNoWeight = 20,
  kNotInModel = 21,
};

enum class ColumnKind : uint8_t {
  kPeriod = 1,
  kDimension = 2,
  kMeasure = 3,
  kComparison = 4,
  kShare = 5,
  kRank = 6,
  kCoverage = 7,
  kStatus = 8,
  kFlags = 9,
  kStatistic = 10,
};

struct Member {
  std::string code;
  MemberKind kind = MemberKind::kCode;

  friend bool operator==(const Member&, const Member&) = default;
  // As rows are ordered: codes by code point, then UNALLOCATED, then UNKNOWN.
  friend bool operator<(const Member& a, const Member& b) {
    return std::tie(a.kind, a.code) < std::tie(b.kind, b.code);
  }
};

struct Column {
  enum class Type : uint8_t { kIntegers, kDoubles, kTexts };

  std::string name;
  ColumnKind kind = ColumnKind::kMeasure;
  std::string unit;
  uint32_t decimals = 0;
  Type type = Type::kIntegers;
  // One of the three, by type, with one entry per row; 0 where null.
  std::vector<int64_t> integers;
  std::vector<double> doubles;
  std::vector<uint32_t> texts;  // positions in `members`
  // In the order in which texts are sorted.
  std::vector<Member> members;
  // Empty: no value is null.
  std::vector<NullReason> nulls;
  // Of a column of codes: the dimension that they are of; null: texts, of which names of resources
  // have labels.
  const DimensionWord* dimension = nullptr;

  size_t size() const;
  bool IsNull(size_t row) const { return !nulls.empty() && nulls[row] != NullReason::kNone; }
  void SetNull(size_t row, NullReason reason) {
    if (nulls.empty()) nulls.resize(size());
    nulls[row] = reason;
  }
  // Keeps `rows`, in that order.
  void Gather(const std::vector<uint32_t>& rows);
};

struct Table {
  uint64_t row_count = 0;
  std::vector<Column> columns;
  std::vector<PlanNote> notes;
  RegionRole region_role = RegionRole::kNone;
  uint64_t effects_scanned = 0;

  // As Column::Gather, of all columns. What `stop` says: the table is then good for nothing.
  absl::Status Gather(const std::vector<uint32_t>& rows, const Stop& stop);
};

// The rows that are the first `limit` (0: all) when they are sorted as Query.order_by says, in that
// order; no value: all stay where they are. The rows come in the order of period and dimensions,
// which decides ties. What `stop` says.
absl::StatusOr<std::optional<std::vector<uint32_t>>> RowsInOrder(
    const std::vector<Query::OrderBy>& order_by, uint64_t limit, const Table& table,
    const Stop& stop);

// Sorts and cuts the table so. What `stop` says: the table is then good for nothing.
absl::Status OrderAndLimit(const std::vector<Query::OrderBy>& order_by, uint64_t limit,
                           const Stop& stop, Table* table);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_TABLE_H_
