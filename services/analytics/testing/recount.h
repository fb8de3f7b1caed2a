#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_RECOUNT_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_RECOUNT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "services/analytics/testing/world.h"

namespace tidemark::analytics::v1 {
class Query;
class Result;
}  // namespace tidemark::analytics::v1

namespace tidemark::analytics::testing {

// One value of a recounted table.
struct RecountValue {
  enum class Type { kText, kInteger, kReal };
  Type type = Type::kInteger;
  // A text, with the number of its MemberKind.
  std::string text;
  int member_kind = 0;
  int64_t integer = 0;
  double real = 0;
  // Number of the NullReason.
  int null = 0;
  // What texts are ordered by where that is not the text itself: the start of a period.
  int64_t order = 0;

  friend bool operator==(const RecountValue&, const RecountValue&) = default;
};

struct RecountTable {
  std::vector<std::string> columns;
  // In the order asked for, after the limit.
  std::vector<std::vector<RecountValue>> rows;
};

// Answers a valid query by looping over all events and following docs/statistics.md word by word;
// shares no code with the product. `region_scope`: name of the region or group, empty: none.
RecountTable Recount(const World& world, const v1::Query& query, uint64_t log_size,
                     const std::string& region_scope = "");

// Empty when `result` holds exactly rows [offset, offset + result.row_count) of the recount, else
// what differs first. Doubles may differ by 1e-12 of their value.
std::string Difference(const RecountTable& recount, uint64_t offset, const v1::Result& result);

// Adds up what has been compared, so that a test can demand that nothing was left out:
// `measure net`, `grain GRAIN_WEEK`, `dimension category@2`, `filter source excluding`,
// `null NULL_REASON_NO_BASE`, `flag WEEK_53`, `comparison COMPARISON_YOY GRAIN_DAY`, `growth -1`.
using Counters = std::map<std::string, int64_t>;
void Count(const v1::Query& query, const RecountTable& recount, Counters* counters);

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_RECOUNT_H_
