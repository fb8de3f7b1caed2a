// The part of ViewBuilder that turns protos into entities.
#include <algorithm>

#include "clients/cpp/catalog/view_builder.h"
#include "tidemark/catalog/v1/resource.pb.h"
#include "tidemark/ingest/v1/event.pb.h"
#include "tidemark/type/v1/date.pb.h"
#include "tidemark/type/v1/role.pb.h"

namespace tidemark::catalog_client {
namespace {

namespace pb = catalog::v1;

constexpr int kDefaultScale = 2;
constexpr uint32_t kDefaultNewCodesPerDay = 1'000'000;
constexpr uint32_t kMaxQuotaRate = 10'000'000;
constexpr uint32_t kDefaultBurstSeconds = 10;

// Entities are converted by number, so the numbers must agree.
static_assert(static_cast<int>(SourceKind::kTest) == pb::SOURCE_KIND_TEST);
static_assert(static_cast<int>(SchemeClass::kTransaction) == pb::SCHEME_CLASS_TRANSACTION);
static_assert(static_cast<int>(Normalisation::kCnResidentId) == pb::NORMALISATION_CN_RESIDENT_ID);
static_assert(static_cast<int>(RegionLevel::kCommunity) == pb::REGION_LEVEL_COMMUNITY);
static_assert(static_cast<int>(ReportingRole::kDepartment) ==
              ingest::v1::REPORTING_ROLE_DEPARTMENT);
static_assert(static_cast<int>(Channel::kHybrid) == ingest::v1::CHANNEL_HYBRID);
static_assert(static_cast<int>(InformationContent::kIndirect) == pb::INFORMATION_CONTENT_INDIRECT);
static_assert(static_cast<int>(AssetKind::kSoftware) == pb::ASSET_KIND_SOFTWARE);
static_assert(static_cast<int>(AssetState::kRetired) == pb::ASSET_STATE_RETIRED);

// The first moment of the day: midnight, or the end of a gap that swallows it.
int64_t StartOfDay(absl::CivilDay day, const absl::TimeZone& zone) {
  const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(day));
  const bool skipped = info.kind == absl::TimeZone::TimeInfo::SKIPPED;
  return absl::ToUnixMicros(skipped ? info.trans : info.pre);
}

absl::CivilDay ToCivilDay(const type::v1::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

void FillEntity(const pb::Resource& resource, Entity* entity) {
  entity->version = resource.version();
  entity->display_names.assign(resource.display_names().begin(), resource.display_names().end());
  std::sort(entity->display_names.begin(), entity->display_names.end());
}

// Numbers 1 to `last`, and kLaterValue for others.
template <typename Enum, int last>
std::vector<Enum> ValuesOf(const google::protobuf::RepeatedField<int>& numbers) {
  std::vector<Enum> values;
  for (const int number : numbers) {
    const bool known = number > 0 && number <= last;
    values.push_back(static_cast<Enum>(known ? number : kLaterValue));
  }
  return values;
}

std::string_view IdOf(std::string_view name) {
  const auto parsed = ParseResourceName(name);
  return parsed ? parsed->id : std::string_view();
}

}  // namespace

Interval ViewBuilder::ToInterval(const type::v1::Validity& validity) const {
  Interval interval;
  if (validity.has_start()) interval.start_us = StartOfDay(ToCivilDay(validity.start()), zone_);
  if (validity.has_end()) interval.end_us = StartOfDay(ToCivilDay(validity.end()), zone_);
  return interval;
}

void ViewBuilder::SetObservatory(const pb::Resource& resource) {
  const pb::Observatory& from = resource.observatory();
  auto to = std::make_shared<Observatory>();
  FillEntity(resource, to.get());
  to->ordinal = 0;
  to->id = std::string(IdOf(resource.name()));
  to->time_zone_name = from.time_zone();
  to->time_zone_known = absl::LoadTimeZone(from.time_zone(), &to->time_zone);
  if (!to->time_zone_known) to->time_zone = absl::UTCTimeZone();
  to->currency = from.currency();
  to->scale = from.has_scale() ? static_cast<int>(from.scale()) : kDefaultScale;
  to->fiscal_start_month = std::max(1, static_cast<int>(from.fiscal_start_month()));
  to->start_day = ToCivilDay(from.start());
  to->start_us = StartOfDay(to->start_day, to->time_zone);
  to->log_id = from.log_id();
  to->precedence = ValuesOf<ReportingRole, 4>(from.precedence());
  observatory_ = std::move(to);
}

void ViewBuilder::Set(const ResourceName& name, const pb::Resource& resource) {
  const auto fill = [&](auto& draft) {
    auto* entity = &draft.items[draft.Find(name.id)];
    FillEntity(resource, entity);
    return entity;
  };
  switch (name.type) {
    case EntityType::kObservatory:
      return;
    case EntityType::kSource:
      return SetSource(resource, fill(sources_));
    case EntityType::kIdentifierScheme:
      return SetScheme(resource, fill(schemes_));
    case EntityType::kRegion:
      return SetRegion(resource, fill(regions_));
    case EntityType::kRegionGroup:
      return SetGroup(resource, fill(groups_));
    case EntityType::kCategory:
      return SetCategory(resource, fill(categories_));
    case EntityType::kToken:
      return SetToken(resource, fill(tokens_));
    case EntityType::kScenario:
      fill(scenarios_)->valid = ToInterval(resource.scenario().valid());
      return;
    case EntityType::kProject:
      fill(projects_)->valid = ToInterval(resource.project().valid());
      return;
    case EntityType::kActivity:
      return SetActivity(resource, fill(activities_));
    case EntityType::kDataAsset:
      return SetAsset(resource, fill(assets_));
    case EntityType::kGrant:
      return SetGrant(resource, fill(grants_));
    case EntityType::kProvider:
      return SetProvider(resource, fill(providers_));
  }
}

// References that do not resolve are left out; the catalog refuses to store such.
void ViewBuilder::SetSource(const pb::Resource& resource, Source* source) {
  const pb::Source& from = resource.source();
  source->kind = static_cast<SourceKind>(from.kind());
  source->reports = ToInterval(from.reports());
  if (observatory_ != nullptr) {
    source->reports.start_us = std::max(source->reports.start_us, observatory_->start_us);
  }
  source->regions.clear();
  source->region_groups.clear();
  for (const std::string& text : from.regions()) {
    const auto name = ParseResourceName(text);
    if (!name) continue;
    const bool is_group = name->type == EntityType::kRegionGroup;
    const Ordinal found = is_group ? groups_.Find(name->id) : regions_.Find(name->id);
    if (found != kNone) (is_group ? source->region_groups : source->regions).push_back(found);
  }
  source->categories.clear();
  for (const std::string& text : from.categories()) {
    const Ordinal found = categories_.Find(IdOf(text));
    if (found != kNone) source->categories.push_back(found);
  }
  source->closes_days = from.closes_days();
  source->channels = ValuesOf<Channel, 3>(from.channels());
  source->synthetic = from.synthetic();
  source->new_codes_per_day =
      from.new_codes_per_day() == 0 ? kDefaultNewCodesPerDay : from.new_codes_per_day();
  source->quota.reset();
  // The catalog stores no rate of 0.
  if (from.has_quota() && from.quota().events_per_second() > 0) {
    const uint32_t rate = from.quota().events_per_second();
    const uint32_t burst = from.quota().burst();
    source->quota = {
        .events_per_second = rate,
        .burst = burst != 0 ? burst : std::min(rate, kMaxQuotaRate) * kDefaultBurstSeconds};
  }
}

void ViewBuilder::SetScheme(const pb::Resource& resource, IdentifierScheme* scheme) {
  const pb::IdentifierScheme& from = resource.identifier_scheme();
  scheme->scheme_class = static_cast<SchemeClass>(from.scheme_class());
  scheme->normalisation = static_cast<Normalisation>(from.normalisation());
  scheme->source = from.source().empty() ? kNone : sources_.Find(IdOf(from.source()));
  scheme->valid = ToInterval(from.valid());
}

void ViewBuilder::SetRegion(const pb::Resource& resource, Region* region) {
  const pb::Region& from = resource.region();
  region->level = static_cast<RegionLevel>(from.level());
  region->lowest_level = from.lowest_level() == pb::REGION_LEVEL_UNSPECIFIED
                             ? region->level
                             : static_cast<RegionLevel>(from.lowest_level());
  region->parent = from.parent().empty() ? kNone : regions_.Find(IdOf(from.parent()));
  region->valid = ToInterval(from.valid());
  region->aliases.assign(from.aliases().begin(), from.aliases().end());
  region->whole_successor = kNone;
  region->parts.clear();
  for (const pb::RegionSuccessor& successor : from.successors()) {
    const Ordinal to = regions_.Find(IdOf(successor.region()));
    const int64_t since_us = StartOfDay(ToCivilDay(successor.date()), zone_);
    if (successor.basis() == pb::CROSSWALK_BASIS_WHOLE) {
      region->whole_successor = to;
      region->succeeded_us = since_us;
    } else if (to != kNone) {
      region->parts.push_back({to, since_us, static_cast<CrosswalkBasis>(successor.basis()),
                               successor.weight().value()});
    }
  }
}

void ViewBuilder::SetGroup(const pb::Resource& resource, RegionGroup* group) {
  const pb::RegionGroup& from = resource.region_group();
  group->declared_count = from.declared_count();
  group->members.clear();
  for (const pb::RegionGroupMember& member : from.members()) {
    const auto name = ParseResourceName(member.member());
    if (!name) continue;
    const bool is_group = name->type == EntityType::kRegionGroup;
    const Ordinal found = is_group ? groups_.Find(name->id) : regions_.Find(name->id);
    if (found != kNone) group->members.push_back({found, is_group, ToInterval(member.valid())});
  }
}

void ViewBuilder::SetCategory(const pb::Resource& resource, Category* category) {
  const pb::Category& from = resource.category();
  category->parent = from.parent().empty() ? kNone : categories_.Find(IdOf(from.parent()));
  category->coicop_2018 = from.coicop_2018();
  // NONE has been judged, which makes no difference to what counts.
  category->information_content = from.information_content() == pb::INFORMATION_CONTENT_NONE
                                      ? InformationContent::kNone
                                      : static_cast<InformationContent>(from.information_content());
  // What a later release adds is not judged here.
  category->nature = pb::CategoryNature_IsValid(from.nature())
                         ? static_cast<CategoryNature>(from.nature())
                         : CategoryNature::kUnspecified;
  category->valid = ToInterval(from.valid());
  category->aliases.assign(from.aliases().begin(), from.aliases().end());
  category->precedence = ValuesOf<ReportingRole, 4>(from.precedence());
}

// Whatever ends with it, what it brought about goes on.
void ViewBuilder::SetActivity(const pb::Resource& resource, ListedCode* activity) {
  type::v1::Validity from_then_on = resource.activity().held();
  from_then_on.clear_end();
  activity->valid = ToInterval(from_then_on);
}

void ViewBuilder::SetToken(const pb::Resource& resource, Token* token) {
  const pb::Token& from = resource.token();
  token->principal = from.principal();
  token->roles = 0;
  for (const int role : from.roles()) {
    if (role > 0 && role < 32) token->roles |= Roles{1} << role;
  }
  token->sources.clear();
  for (const std::string& source : from.sources()) {
    token->sources.emplace_back(source == "*" ? std::string_view("*") : IdOf(source));
  }
  token->region_scope = from.region_scope();
  token->acts_for = from.acts_for();
  token->expire_time_us = from.expire_time_us();
  token->secret_hash = from.secret_hash();
}

// Subjects are names: most of them are of types that no view holds.
void ViewBuilder::SetAsset(const pb::Resource& resource, DataAsset* asset) {
  const pb::DataAsset& from = resource.data_asset();
  asset->kind = static_cast<AssetKind>(from.kind());
  asset->state = static_cast<AssetState>(from.state());
  asset->owner = from.owner();
  asset->subjects.assign(from.subjects().begin(), from.subjects().end());
  asset->covers = ToInterval(from.covers());
}

void ViewBuilder::SetGrant(const pb::Resource& resource, Grant* grant) {
  const pb::Grant& from = resource.grant();
  grant->asset = std::string(IdOf(from.asset()));
  grant->grantee = from.grantee();
  grant->purposes = 0;
  for (const int purpose : from.purposes()) {
    if (purpose > 0 && purpose < 32) grant->purposes |= Purposes{1} << purpose;
  }
  grant->start_us = from.start_time_us();
  grant->end_us = from.end_time_us();
  grant->allowance = from.allowance();
  grant->revoked = from.has_revocation();
}

void ViewBuilder::SetProvider(const pb::Resource& resource, Provider* provider) {
  const pb::Provider& from = resource.provider();
  provider->codes.clear();
  for (const pb::OpenCode& code : from.codes())
    provider->codes.push_back({std::string(IdOf(code.source())), code.code()});
  provider->organisation = from.organisation();
  provider->holdings.clear();
  for (const pb::ProviderHolding& holding : from.holdings())
    provider->holdings.push_back({holding.holding(), ToInterval(holding.valid())});
}

}  // namespace tidemark::catalog_client
