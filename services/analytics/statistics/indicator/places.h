#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_PLACES_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_PLACES_H_

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "services/analytics/query/boundaries.h"
#include "services/analytics/statistics/statistic_context.h"

namespace tidemark::analytics {

// By whose regions and groups something is evaluated, beside the last moment of a day: events by
// those of their own time, figures by those of the period.
inline constexpr int64_t kAtEvent = std::numeric_limits<int64_t>::min();
Boundaries BoundariesAt(const catalog_client::CatalogView& view, int64_t moment_us);

// A region or group that something is evaluated for.
struct Place {
  // `regions/...` or `regionGroups/...`.
  std::string name;
  // As filters of queries name it.
  std::string code;
  bool is_group = false;
  catalog_client::Ordinal ordinal = catalog_client::kNone;
};

// Numbers of places and periods, so that what is evaluated has small keys.
class EvaluatedPlaces {
 public:
  explicit EvaluatedPlaces(const StatisticContext& context) : context_(context) {}

  // NOT_FOUND: the catalog at the snapshot has no such region or group. INVALID_ARGUMENT: it is no
  // name of one.
  absl::StatusOr<uint32_t> NumberOf(std::string_view name);
  // The ancestor of that level, or itself, of what the region counts as at a moment. None: it has
  // none, or is a group.
  std::optional<uint32_t> AtLevel(uint32_t place, catalog_client::RegionLevel level,
                                  int64_t moment_us);
  const Place& operator[](uint32_t place) const { return places_[place]; }

 private:
  uint32_t Add(Place place);

  const StatisticContext& context_;
  std::vector<Place> places_;
  absl::flat_hash_map<std::string, uint32_t> numbers_;
};

class Periods {
 public:
  uint32_t NumberOf(const Period& period);
  const Period& operator[](uint32_t number) const { return periods_[number]; }

 private:
  struct Key {
    Grain grain;
    int64_t start_us;
    int64_t end_us;
    friend bool operator==(const Key&, const Key&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const Key& key) {
      return H::combine(std::move(h), static_cast<int>(key.grain), key.start_us, key.end_us);
    }
  };
  std::vector<Period> periods_;
  absl::flat_hash_map<Key, uint32_t> numbers_;
};

// Where something is evaluated.
struct Spot {
  uint32_t place = 0;
  uint32_t period = 0;
  int64_t moment_us = kAtEvent;
  friend auto operator<=>(const Spot&, const Spot&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Spot& spot) {
    return H::combine(std::move(h), spot.place, spot.period, spot.moment_us);
  }
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_PLACES_H_
