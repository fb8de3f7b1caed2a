#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_VOCABULARY_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_VOCABULARY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "clients/cpp/catalog/entities.h"
#include "services/analytics/domain/stat_store.h"

// The words of queries and what they stand for. docs/statistics.md has the definitions.
namespace tidemark::analytics {

enum class Measure : uint8_t {
  kGross,
  kRefunds,
  kUnlinkedRefunds,
  kNet,
  kVoucher,
  kEvents,
  kPurchases,
  kUses,
  kQuantity,
  kOrders,
  kConsumers,
  kNewConsumers,
  kIdentifiedShare,
  kAverageLine,
  kAverageOrder,
  kQuantile,
  kRefundRate,
  kPendingRefunds,
  kVoidRefunds,
  kRefundRateCohort,
};
inline constexpr int kMeasureCount = 20;

enum class Unit : uint8_t { kMoney, kCount, kItems, kPseudonyms, kOrders, kRatio };

struct MeasureWord {
  std::string_view name;
  Measure measure;
  Unit unit;
  // Adds up over disjoint sets of events, so it can have shares.
  bool additive;
  // A quotient, held as double; otherwise an exact integer.
  bool quotient;
  // What the engine is asked for; kQuantile asks for its quantile instead.
  absl::Span<const Aggregate> aggregates;
};

// Where the codes of a dimension come from.
enum class CodeKind : uint8_t { kOpen, kSources, kRegions, kCategories, kSchemes, kEnumeration };

struct DimensionWord {
  std::string_view name;
  Field field;
  CodeKind codes;
  // The codes of an enumeration.
  absl::Span<const std::string_view> values;
};

// All words, in the order in which they are listed to people.
absl::Span<const MeasureWord> MeasureWords();
absl::Span<const DimensionWord> DimensionWords();
// Names of region levels, from the widest; [0] is empty.
absl::Span<const std::string_view> RegionLevelNames();
// The catalog's level at an index of RegionLevelNames.
catalog_client::RegionLevel RegionLevelAt(int index);

const MeasureWord& WordOf(Measure measure);
// Null: there is no such word.
const MeasureWord* FindMeasure(std::string_view name);
const DimensionWord* FindDimension(std::string_view name);

// Number of a level of `dimension`, 1 being the widest; 0: it has no such level.
int FindLevel(const DimensionWord& dimension, std::string_view level);

// Categories deeper than this cannot be asked for.
inline constexpr int kMaxCategoryLevel = 12;

// The at most three words that resemble `text` most, the nearest first.
std::vector<std::string_view> NearWords(std::string_view text,
                                        const std::vector<std::string_view>& words);
// "; nearest: a, b" with the at most three words that resemble `text` most, or "; want one of a, b,
// c" when none does and there are few; to append to a message.
std::string NearestWords(std::string_view text, const std::vector<std::string_view>& words);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_VOCABULARY_H_
