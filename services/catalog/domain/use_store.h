#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_USE_STORE_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_USE_STORE_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark::catalog {

// What was used of a grant on a day for a purpose.
struct UseSum {
  // `grants/...`.
  std::string grant;
  // Days since 1970-01-01.
  int32_t day = 0;
  // Number of tidemark.type.v1.Purpose.
  int32_t purpose = 0;
  uint64_t units = 0;
  friend auto operator<=>(const UseSum&, const UseSum&) = default;
};

// Of a day and purpose of one grant.
struct UsePosition {
  int32_t day = INT32_MIN;
  int32_t purpose = 0;
  friend auto operator<=>(const UsePosition&, const UsePosition&) = default;
};

// What one reporter tells at once.
struct UseBatch {
  std::string reporter;
  // Ascending from batch to batch.
  uint64_t number = 0;
  // Of the sums: the same batch with others is a mistake.
  std::string fingerprint;
  int64_t time_us = 0;
  // Each grant, day and purpose once.
  std::vector<UseSum> sums;
};

enum class UseOutcome {
  kAdded,
  // The reporter's last batch is not before this one: it counts already.
  kRepeated,
  // The reporter's last batch has the number, and another fingerprint.
  kOtherBatch,
};

// What a sum may reach.
inline constexpr uint64_t kMostUnits = 1'000'000'000'000'000'000;

// Sums of use, beside the versions: no part of the history and its hash. Thread-safe; every call
// blocks on the disk. Errors as of CatalogStore.
class UseStore {
 public:
  virtual ~UseStore() = default;

  // Adds all sums, and remembers the batch, or changes nothing; durable when it returns OK.
  // OUT_OF_RANGE: a sum would pass kMostUnits.
  virtual absl::StatusOr<UseOutcome> AddUse(const UseBatch& batch) = 0;

  // The first grant by name after `grant` that has sums; nothing: there is none.
  virtual absl::StatusOr<std::optional<std::string>> GrantWithUseAfter(
      std::string_view grant) const = 0;

  // Sums of a grant after a position and up to a day, by day and purpose, at most `limit`.
  virtual absl::StatusOr<std::vector<UseSum>> UseOf(std::string_view grant,
                                                    const UsePosition& after, int32_t last_day,
                                                    size_t limit) const = 0;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_USE_STORE_H_
