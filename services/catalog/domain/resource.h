#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_RESOURCE_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_RESOURCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "services/catalog/domain/date.h"

// The catalog's resources as plain values. Meaning and limits of every field are those of
// tidemark.catalog.v1; the numbers of the enums are those of the protos.
namespace tidemark::catalog {

// tidemark.ingest.v1.ReportingRole.
enum class ReportingRole : int {
  kUnspecified = 0,
  kSellerPlatform = 1,
  kPayment = 2,
  kLogistics = 3,
  kDepartment = 4
};

// tidemark.ingest.v1.Channel.
enum class Channel : int { kUnspecified = 0, kOnline = 1, kOffline = 2, kHybrid = 3 };

struct Observatory {
  std::string time_zone;
  std::string currency;
  uint32_t scale = 2;
  uint32_t fiscal_start_month = 1;
  std::optional<Date> start;
  std::string log_id;
  std::vector<ReportingRole> precedence;
  friend bool operator==(const Observatory&, const Observatory&) = default;
};

enum class SourceKind : int { kUnspecified = 0, kLive = 1, kTest = 2 };

struct SourceQuota {
  uint32_t events_per_second = 0;
  uint32_t burst = 0;
  friend bool operator==(const SourceQuota&, const SourceQuota&) = default;
};

struct Source {
  SourceKind kind = SourceKind::kUnspecified;
  Validity reports;
  std::vector<std::string> regions;
  std::vector<std::string> categories;
  bool closes_days = false;
  uint32_t new_codes_per_day = 0;
  std::optional<SourceQuota> quota;
  std::vector<Channel> channels;
  std::string organisation;
  bool synthetic = false;
  friend bool operator==(const Source&, const Source&) = default;
};

enum class SchemeClass : int {
  kUnspecified = 0,
  kPerson = 1,
  kAccount = 2,
  kOrganisation = 3,
  kTransaction = 4
};

enum class Normalisation : int {
  kUnspecified = 0,
  kNone = 1,
  kTrim = 2,
  kLower = 3,
  kDigits = 4,
  kE164 = 5,
  kCnResidentId = 6
};

struct IdentifierScheme {
  SchemeClass scheme_class = SchemeClass::kUnspecified;
  Normalisation normalisation = Normalisation::kUnspecified;
  std::string source;
  Validity valid;
  friend bool operator==(const IdentifierScheme&, const IdentifierScheme&) = default;
};

enum class RegionLevel : int {
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
  kCommunity = 100
};

enum class CrosswalkBasis : int {
  kUnspecified = 0,
  kWhole = 1,
  kPopulation = 2,
  kArea = 3,
  kGdp = 4,
  kHouseholds = 5
};

struct RegionSuccessor {
  std::string region;
  std::optional<Date> date;
  CrosswalkBasis basis = CrosswalkBasis::kUnspecified;
  // A decimal as it was given; nothing where the basis is kWhole.
  std::optional<std::string> weight;
  friend bool operator==(const RegionSuccessor&, const RegionSuccessor&) = default;
};

struct Region {
  RegionLevel level = RegionLevel::kUnspecified;
  std::string parent;
  Validity valid;
  std::vector<std::string> aliases;
  std::vector<RegionSuccessor> successors;
  // kUnspecified: that of `level`.
  RegionLevel lowest_level = RegionLevel::kUnspecified;
  friend bool operator==(const Region&, const Region&) = default;
};

struct RegionGroupMember {
  std::string member;
  Validity valid;
  friend bool operator==(const RegionGroupMember&, const RegionGroupMember&) = default;
};

struct RegionGroup {
  std::vector<RegionGroupMember> members;
  uint32_t declared_count = 0;
  friend bool operator==(const RegionGroup&, const RegionGroup&) = default;
};

enum class InformationContent : int { kUnspecified = 0, kDirect = 1, kIndirect = 2, kNone = 3 };

enum class CategoryNature : int { kUnspecified = 0, kGoods = 1, kServices = 2, kMixed = 3 };

enum class Classification : int {
  kUnspecified = 0,
  kCoicop2018 = 1,
  kCoicop1999 = 2,
  kCpc21 = 3,
  kGbT4754 = 4,
  kIsic4 = 5
};

enum class CodeRelation : int {
  kUnspecified = 0,
  kExact = 1,
  kBroader = 2,
  kNarrower = 3,
  kOverlapping = 4
};

struct ClassificationCode {
  Classification classification = Classification::kUnspecified;
  std::string code;
  CodeRelation relation = CodeRelation::kUnspecified;
  friend bool operator==(const ClassificationCode&, const ClassificationCode&) = default;
};

struct Category {
  std::string parent;
  std::string coicop_2018;
  InformationContent information_content = InformationContent::kUnspecified;
  Validity valid;
  std::vector<std::string> aliases;
  std::vector<ReportingRole> precedence;
  std::vector<ClassificationCode> codes;
  CategoryNature nature = CategoryNature::kUnspecified;
  friend bool operator==(const Category&, const Category&) = default;
};

// tidemark.type.v1.Role.
enum class Role : int {
  kUnspecified = 0,
  kProducer = 1,
  kViewer = 2,
  kResearcher = 3,
  kAnalyst = 4,
  kSteward = 5,
  kAuditor = 6,
  kAdmin = 7,
  kService = 8,
  kGrantee = 9
};

struct Token {
  std::string principal;
  std::vector<Role> roles;
  std::vector<std::string> sources;
  std::string region_scope;
  int64_t expire_time_us = 0;
  std::string secret_hash;
  std::string acts_for;
  friend bool operator==(const Token&, const Token&) = default;
};

// In the order of their fields in tidemark.catalog.v1.Resource (FieldNumber).
enum class Type : int {
  kNone = 0,
  kObservatory = 1,
  kSource = 2,
  kIdentifierScheme = 3,
  kRegion = 4,
  kRegionGroup = 5,
  kCategory = 6,
  kToken = 7,
  // From here on the content is a Document.
  kScenario = 8,
  kProject = 9,
  kActivity = 10,
  kOrganisation = 11,
  kPolicy = 12,
  kProvider = 13,
  kProduct = 14,
  kDigitalApp = 15,
  kVenue = 16,
  kBatch = 17,
  kProgramme = 18,
  kCandidacy = 19,
  kAssessment = 20,
  kSelection = 21,
  kTask = 22,
  kTarget = 23,
  kCooperation = 24,
  kIndicator = 25,
  kObservationSeries = 26,
  kVintage = 27,
  kDataAsset = 28,
  kSavedQuery = 29,
  kGrant = 30
};
inline constexpr int kTypeCount = 31;
inline constexpr Type kFirstDocument = Type::kScenario;

// The part of a type that the rules of the domain need not look into: DocumentRules judges it by
// the contract.
struct Document {
  Type type = Type::kNone;
  // The type's message of tidemark.catalog.v1 in its one byte form: fields ascending, defaults left
  // out, maps by key.
  std::string bytes;
  friend bool operator==(const Document&, const Document&) = default;
};

// The index of an alternative before Document is its Type.
using Content = std::variant<std::monostate, Observatory, Source, IdentifierScheme, Region,
                             RegionGroup, Category, Token, Document>;

struct Resource {
  std::string name;
  // By language tag, ascending, each once.
  std::vector<std::pair<std::string, std::string>> display_names;
  std::string description;
  // Of tidemark.catalog.v1.Citation, in the byte form of documents.
  std::vector<std::string> citations;
  std::vector<std::string> search_terms;
  Content content;
  // What made this state.
  uint64_t version = 0;
  int64_t update_time_us = 0;
  std::string updated_by;

  Type type() const {
    const auto* document = std::get_if<Document>(&content);
    return document != nullptr ? document->type : static_cast<Type>(content.index());
  }
};

// States are immutable and shared between the newest state, answers and histories.
using ResourcePtr = std::shared_ptr<const Resource>;

// Equal but for what made the states.
inline bool SameState(const Resource& a, const Resource& b) {
  return a.name == b.name && a.display_names == b.display_names && a.description == b.description &&
         a.citations == b.citations && a.search_terms == b.search_terms && a.content == b.content;
}

enum class ChangeKind : int { kCreate = 1, kUpdate = 2, kDelete = 3, kNone = 4 };

struct Change {
  uint64_t version = 0;
  int64_t time_us = 0;
  std::string changed_by;
  ChangeKind kind = ChangeKind::kNone;
  std::string name;
  ResourcePtr before;
  ResourcePtr after;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_RESOURCE_H_
