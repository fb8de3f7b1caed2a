#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_WORLD_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_WORLD_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/testing/naive_calendar.h"

namespace tidemark::catalog_client {
class CatalogBuilder;
}  // namespace tidemark::catalog_client

namespace tidemark::analytics::testing {

struct WorldRegion {
  std::string id;
  // 1 world, 2 supranational, 3 nation, 4 province, 5 city, 6 county, 7 township.
  int level = 0;
  std::string parent;
  // Took it over as a whole, from a day on; empty: none did.
  std::string successor;
  std::optional<NaiveDate> succeeded;
  // The last of its levels, where it is of several; 0: `level`.
  int lowest_level = 0;

  bool IsOf(int wanted) const {
    return level <= wanted && wanted <= (lowest_level == 0 ? level : lowest_level);
  }
};
struct WorldMember {
  // `regions/ID` or `regionGroups/ID`.
  std::string member;
  std::optional<NaiveDate> start;
  std::optional<NaiveDate> end;
};
struct WorldGroup {
  std::string id;
  std::vector<WorldMember> members;
  uint32_t declared_count = 0;
};
struct WorldCategory {
  std::string id;
  std::string parent;
  // `goods`, `services`, `mixed`; empty: not judged.
  std::string nature;
};
struct WorldProviderCode {
  // Empty: all sources.
  std::string source;
  std::string code;
};
struct WorldProvider {
  std::string id;
  std::vector<WorldProviderCode> codes;
  // Names of what is above it, by day.
  std::vector<WorldMember> holdings;
  // Name of the organisation that it is; empty: none.
  std::string organisation;
};
struct WorldSource {
  std::string id;
  bool live = true;
  NaiveDate start;
  std::optional<NaiveDate> end;
};

enum class WorldKind {
  kPurchase,
  kLinkedRefund,
  kUnlinkedRefund,
  kUse,
  kPendingRefund,
  kVoidRefund,
  // No event: a linked refund in the period of its original, with that one's fields.
  kCohort,
};

struct WorldEvent {
  WorldKind kind = WorldKind::kPurchase;
  int64_t time_us = 0;
  int64_t amount = 0;
  int64_t voucher = 0;
  int64_t quantity = 0;
  std::optional<std::string> order;
  // 16 bytes; empty: none.
  std::string pseudonym;
  // Codes by name of the dimension; absent: the field is.
  std::map<std::string, std::string> fields;
  // Leaf that made it count, and the one that took it back again, if any.
  uint64_t leaf = 0;
  std::optional<uint64_t> taken_back;
  // Of a cohort, and of a linked refund that has one: the leaf of the purchase refunded; 0: none.
  uint64_t original = 0;
  bool has_refund = false;

  // Makes a row of an answer.
  bool IsShown() const { return kind != WorldKind::kCohort; }
  bool IsCounted() const {
    return IsShown() && kind != WorldKind::kPendingRefund && kind != WorldKind::kVoidRefund;
  }
  bool CountsAt(uint64_t log_size) const {
    return leaf < log_size && (!taken_back || *taken_back >= log_size);
  }
};

// World: a small catalog and a log of events, made up from a seed, as plain data that both the
// product and a recount can read. Small on purpose: few codes, many coincidences.
struct World {
  std::string zone;
  NaiveDate observatory_start;
  std::string currency;
  int scale = 2;
  int fiscal_start_month = 1;
  std::vector<WorldRegion> regions;
  std::vector<WorldGroup> groups;
  std::vector<WorldCategory> categories;
  std::vector<WorldProvider> providers;
  std::vector<WorldSource> sources;
  std::vector<WorldEvent> events;
  // Accepted time by leaf, the same within a block; leaf 0 is the catalog mark.
  std::vector<int64_t> accepted_us;
  // First leaf after each block.
  std::vector<uint64_t> block_ends;
  std::string log_id;

  uint64_t log_size() const { return accepted_us.size(); }
  // The "now" of a snapshot.
  int64_t NowAt(uint64_t size) const { return size == 0 ? 0 : accepted_us[size - 1]; }
};

// `events`: about how many; `years` of event time, from a start that depends on the zone.
World MakeWorld(uint64_t seed, size_t events, const std::string& zone);

// The same world, but nothing takes over a region: figures of regions are those that were stated.
// (How they are brought to later boundaries is recounted end to end, in integration_geography and
// integration_indicator.)
World WithoutSuccessors(World world);
// Nor do groups change their members: what is compared is of the same places at all times.
World WithoutChanges(World world);

// Applies the world's catalog as one version.
void WriteCatalog(const World& world, catalog_client::CatalogBuilder* catalog);

// Appends the world's blocks that the store does not have yet and that end at or below `log_size`.
absl::Status FoldInto(const World& world, uint64_t log_size, StatStore* store);

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_WORLD_H_
