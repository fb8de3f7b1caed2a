#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_ENTITIES_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_ENTITIES_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clients/cpp/ledger/record.h"

// What a CatalogView holds: the catalog's resources as plain values. Numbers of the enums are
// those of the protos (checked where they are converted).
namespace tidemark::catalog_client {

// Index of an entity among those of its type. Ordinals of types that are never deleted are given in
// order of creation and stay the same in every later view of one history; ordinals of groups and
// tokens hold within one view only.
using Ordinal = uint32_t;
inline constexpr Ordinal kNone = std::numeric_limits<Ordinal>::max();

enum class EntityType : uint8_t {
  kObservatory = 0,
  kSource = 1,
  kIdentifierScheme = 2,
  kRegion = 3,
  kRegionGroup = 4,
  kCategory = 5,
  kToken = 6,
  kScenario = 7,
  kProject = 8,
  kActivity = 9,
  kDataAsset = 10,
  kGrant = 11,
  kProvider = 12,
};
inline constexpr int kEntityTypes = 13;
// "regions" for kRegion.
std::string_view CollectionOf(EntityType type);

// A set of EntityType, one bit each.
using EntityTypes = uint32_t;
constexpr EntityTypes TypeBit(EntityType type) { return EntityTypes{1} << static_cast<int>(type); }
inline constexpr EntityTypes kAllTypes = (EntityTypes{1} << kEntityTypes) - 1;
// What decides which events are accepted, and what statistics depend on: not who may call and use.
inline constexpr EntityTypes kAllButTokens =
    kAllTypes &
    ~(TypeBit(EntityType::kToken) | TypeBit(EntityType::kDataAsset) | TypeBit(EntityType::kGrant));

// Event times from `start_us` up to, but not including, `end_us`; microseconds since
// 1970-01-01T00:00:00Z. Made of days at the midnights of the observatory's zone.
struct Interval {
  int64_t start_us = std::numeric_limits<int64_t>::min();
  int64_t end_us = std::numeric_limits<int64_t>::max();

  bool Contains(int64_t time_us) const { return start_us <= time_us && time_us < end_us; }
  bool empty() const { return start_us >= end_us; }
  friend bool operator==(const Interval&, const Interval&) = default;
};

// What all types share. Events carry `id`; the resource's name is COLLECTION/ID.
struct Entity {
  Ordinal ordinal = kNone;
  std::string id;
  // By language tag, sorted.
  std::vector<std::pair<std::string, std::string>> display_names;
  // Catalog version of this state.
  uint64_t version = 0;
};

// Name in `language`, else in its primary language ("zh" for "zh-Hans"), else in English, else in
// the first language there is, else the id.
std::string_view DisplayName(const Entity& entity, std::string_view language);

// tidemark.ingest.v1.ReportingRole and Channel, by their numbers in the ledger.
using ledger::Channel;
using ledger::ReportingRole;
// In their lists: a value that a later release made. It is that of no event; the list with it is
// not empty, which would mean something else.
inline constexpr uint8_t kLaterValue = 0xFF;

struct Observatory : Entity {
  std::string time_zone_name;
  // UTC when this host does not know the zone: then `time_zone_known` is false, every interval
  // is wrong, and a service must not judge or count by this view.
  absl::TimeZone time_zone;
  bool time_zone_known = true;
  std::string currency;
  int scale = 0;
  // 1 to 12.
  int fiscal_start_month = 1;
  absl::CivilDay start_day;
  // Midnight of `start_day`.
  int64_t start_us = 0;
  // 32 hexadecimal digits; empty until a log is bound.
  std::string log_id;
  // As it is set; empty: it is not.
  std::vector<ReportingRole> precedence;
};

enum class SourceKind : uint8_t { kUnspecified = 0, kLive = 1, kTest = 2 };

// See tidemark.catalog.v1.SourceQuota. Resolved: neither is 0.
struct SourceQuota {
  uint32_t events_per_second = 0;
  uint32_t burst = 0;
  friend bool operator==(const SourceQuota&, const SourceQuota&) = default;
};

struct Source : Entity {
  SourceKind kind = SourceKind::kUnspecified;
  // Reporting window; starts at the observatory's start at the earliest.
  Interval reports;
  // What it reports. Both region lists empty: all regions. No categories: all.
  std::vector<Ordinal> regions;
  std::vector<Ordinal> region_groups;
  std::vector<Ordinal> categories;
  bool closes_days = false;
  // Resolved: never 0.
  uint32_t new_codes_per_day = 0;
  std::optional<SourceQuota> quota;
  // Empty: all.
  std::vector<Channel> channels;
  // Its events are made up.
  bool synthetic = false;
};

enum class SchemeClass : uint8_t {
  kUnspecified = 0,
  kPerson = 1,
  kAccount = 2,
  kOrganisation = 3,
  kTransaction = 4,
};
enum class Normalisation : uint8_t {
  kUnspecified = 0,
  kNone = 1,
  kTrim = 2,
  kLower = 3,
  kDigits = 4,
  kE164 = 5,
  kCnResidentId = 6,
};

struct IdentifierScheme : Entity {
  SchemeClass scheme_class = SchemeClass::kUnspecified;
  Normalisation normalisation = Normalisation::kUnspecified;
  // Only source that may use it; kNone: any.
  Ordinal source = kNone;
  Interval valid;
};

enum class RegionLevel : uint8_t {
  kUnspecified = 0,
  kWorld = 10,
  kSupranational = 20,
  kNation = 30,
  kProvince = 40,
  kCity = 50,
  kCounty = 60,
  kTownship = 70,
  kBusinessDistrict = 80,
  kStreet = 90,
  kCommunity = 100,
};

// What the weight of a part is a share of; by number of the proto's CrosswalkBasis.
enum class CrosswalkBasis : uint8_t {
  kUnspecified = 0,
  kWhole = 1,
  kPopulation = 2,
  kArea = 3,
  kGdp = 4,
  kHouseholds = 5,
};

// A part of a region that another took over.
struct RegionPart {
  Ordinal region = kNone;
  int64_t since_us = 0;
  CrosswalkBasis basis = CrosswalkBasis::kUnspecified;
  // Decimal text, above 0 and at most 1.
  std::string weight;
};

struct Region : Entity {
  // It stands for itself at all levels from the one to the other.
  RegionLevel level = RegionLevel::kUnspecified;
  RegionLevel lowest_level = RegionLevel::kUnspecified;
  Ordinal parent = kNone;
  Interval valid;
  std::vector<std::string> aliases;
  // The region that took it over as a whole, and since when; kNone: none did.
  Ordinal whole_successor = kNone;
  int64_t succeeded_us = 0;
  // In the order of the catalog.
  std::vector<RegionPart> parts;
};

enum class InformationContent : uint8_t { kNone = 0, kDirect = 1, kIndirect = 2 };

enum class CategoryNature : uint8_t { kUnspecified = 0, kGoods = 1, kServices = 2, kMixed = 3 };

struct Category : Entity {
  Ordinal parent = kNone;
  // 1 for a root, 2 for its children, and so on.
  int level = 1;
  std::string coicop_2018;
  InformationContent information_content = InformationContent::kNone;
  CategoryNature nature = CategoryNature::kUnspecified;
  Interval valid;
  std::vector<std::string> aliases;
  // Its own, as it is set; empty: that of what is above.
  std::vector<ReportingRole> precedence;
};

// A scenario, project or activity: what events may name, and when.
struct ListedCode : Entity {
  Interval valid;
};

struct RegionGroupMember {
  // A region, or a group when `is_group`.
  Ordinal member = kNone;
  bool is_group = false;
  Interval valid;
};
// A region of a group, with the times at which it is one: disjoint, ascending, never empty.
struct DatedRegion {
  Ordinal region = kNone;
  std::vector<Interval> times;
};

struct RegionGroup : Entity {
  // As listed in the catalog.
  std::vector<RegionGroupMember> members;
  // Nested groups resolved; by ascending region. Does not add what lies below a member.
  std::vector<DatedRegion> regions;
  // Members announced; 0: all are listed.
  uint32_t declared_count = 0;
};

// Whom a provider belonged to for a time.
struct ProviderHolding {
  // Name: `providers/...` or `organisations/...`.
  std::string holding;
  Interval valid;
};
struct ProviderCode {
  // Id of the source that writes it so; empty: all.
  std::string source;
  std::string code;
};
struct Provider : Entity {
  // By which events name it besides its id.
  std::vector<ProviderCode> codes;
  // Name of the organisation that it is; empty: none in the catalog.
  std::string organisation;
  // Not overlapping.
  std::vector<ProviderHolding> holdings;
};

enum class AssetKind : uint8_t {
  kUnspecified = 0,
  kFiles = 1,
  kLiveData = 2,
  kWork = 3,
  kSoftware = 4,
};
enum class AssetState : uint8_t {
  kUnspecified = 0,
  kRegistered = 1,
  kActive = 2,
  kSuspended = 3,
  kRetired = 4,
};

struct DataAsset : Entity {
  AssetKind kind = AssetKind::kUnspecified;
  AssetState state = AssetState::kUnspecified;
  // Names: `organisations/...`, `categories/...` and so on.
  std::string owner;
  std::vector<std::string> subjects;
  Interval covers;
};

// Purposes of use, as bits 1 << number of tidemark.type.v1.Purpose.
using Purposes = uint32_t;

struct Grant : Entity {
  // Id of the asset.
  std::string asset;
  // Name: `organisations/...` or `providers/...`.
  std::string grantee;
  Purposes purposes = 0;
  int64_t start_us = 0;
  int64_t end_us = 0;
  // Units; 0: no bound.
  uint64_t allowance = 0;
  bool revoked = false;
};

// Roles of a token, as bits 1 << number of tidemark.type.v1.Role.
using Roles = uint32_t;

struct Token : Entity {
  std::string principal;
  Roles roles = 0;
  // Ids of sources; a single "*" means any.
  std::vector<std::string> sources;
  // Name of a region or group, `regions/...` or `regionGroups/...`; empty: everything.
  std::string region_scope;
  // Name of the organisation or provider that the holder acts for; empty: none.
  std::string acts_for;
  // 0: never.
  int64_t expire_time_us = 0;
  // SHA-256 of the secret; 32 bytes.
  std::string secret_hash;
};

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_ENTITIES_H_
