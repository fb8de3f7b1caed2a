#include "services/catalog/api/proto_convert.h"

#include <algorithm>

#include "services/catalog/domain/etag.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/types/document_message.h"
#include "tidemark/catalog/v1/resource.pb.h"
#include "tidemark/catalog/v1/types.pb.h"
#include "tidemark/ingest/v1/event.pb.h"
#include "tidemark/type/v1/date.pb.h"
#include "tidemark/type/v1/role.pb.h"

namespace tidemark::catalog {
namespace {

// The domain's enums are the protos' numbers; the last of each shows a value that was added on
// one side only.
static_assert(v1::SourceKind_MAX == static_cast<int>(SourceKind::kTest));
static_assert(v1::SchemeClass_MAX == static_cast<int>(SchemeClass::kTransaction));
static_assert(v1::Normalisation_MAX == static_cast<int>(Normalisation::kCnResidentId));
static_assert(v1::RegionLevel_MAX == static_cast<int>(RegionLevel::kCommunity));
static_assert(v1::CrosswalkBasis_MAX == static_cast<int>(CrosswalkBasis::kHouseholds));
static_assert(v1::InformationContent_MAX == static_cast<int>(InformationContent::kNone));
static_assert(v1::CategoryNature_MAX == static_cast<int>(CategoryNature::kMixed));
static_assert(v1::Classification_MAX == static_cast<int>(Classification::kIsic4));
static_assert(v1::CodeRelation_MAX == static_cast<int>(CodeRelation::kOverlapping));
static_assert(type::v1::Role_MAX == static_cast<int>(Role::kGrantee));
static_assert(ingest::v1::ReportingRole_MAX == static_cast<int>(ReportingRole::kDepartment));
static_assert(ingest::v1::Channel_MAX == static_cast<int>(Channel::kHybrid));
static_assert(v1::ChangeKind_MAX == static_cast<int>(ChangeKind::kNone));

Date FromProto(const type::v1::Date& proto) { return {proto.year(), proto.month(), proto.day()}; }

void ToProto(const Date& date, type::v1::Date* proto) {
  proto->set_year(date.year);
  proto->set_month(date.month);
  proto->set_day(date.day);
}

Validity FromProto(const type::v1::Validity& proto) {
  Validity validity;
  if (proto.has_start()) validity.start = FromProto(proto.start());
  if (proto.has_end()) validity.end = FromProto(proto.end());
  return validity;
}

// `make` gives the message to fill; asked only when there is something to say.
template <typename Make>
void ValidityToProto(const Validity& validity, Make make) {
  if (!validity.start && !validity.end) return;
  type::v1::Validity* proto = make();
  if (validity.start) ToProto(*validity.start, proto->mutable_start());
  if (validity.end) ToProto(*validity.end, proto->mutable_end());
}

std::vector<std::string> FromProto(const google::protobuf::RepeatedPtrField<std::string>& proto) {
  return {proto.begin(), proto.end()};
}

void ToProto(const std::vector<std::string>& values,
             google::protobuf::RepeatedPtrField<std::string>* proto) {
  proto->Add(values.begin(), values.end());
}

template <typename Enum>
std::vector<Enum> EnumsFromProto(const google::protobuf::RepeatedField<int>& proto) {
  std::vector<Enum> values;
  for (const int number : proto) values.push_back(static_cast<Enum>(number));
  return values;
}

template <typename Enum>
void EnumsToProto(const std::vector<Enum>& values, google::protobuf::RepeatedField<int>* proto) {
  for (const Enum value : values) proto->Add(static_cast<int>(value));
}

Observatory FromProto(const v1::Observatory& proto) {
  Observatory value;
  value.time_zone = proto.time_zone();
  value.currency = proto.currency();
  if (proto.has_scale()) value.scale = proto.scale();
  value.fiscal_start_month = proto.fiscal_start_month();
  if (proto.has_start()) value.start = FromProto(proto.start());
  value.precedence = EnumsFromProto<ReportingRole>(proto.precedence());
  return value;
}

std::optional<SourceQuota> QuotaFromProto(const v1::Source& proto) {
  if (!proto.has_quota()) return std::nullopt;
  return SourceQuota{proto.quota().events_per_second(), proto.quota().burst()};
}

Source FromProto(const v1::Source& proto) {
  return {static_cast<SourceKind>(static_cast<int>(proto.kind())),
          FromProto(proto.reports()),
          FromProto(proto.regions()),
          FromProto(proto.categories()),
          proto.closes_days(),
          proto.new_codes_per_day(),
          QuotaFromProto(proto),
          EnumsFromProto<Channel>(proto.channels()),
          proto.organisation(),
          proto.synthetic()};
}

IdentifierScheme FromProto(const v1::IdentifierScheme& proto) {
  return {static_cast<SchemeClass>(static_cast<int>(proto.scheme_class())),
          static_cast<Normalisation>(static_cast<int>(proto.normalisation())), proto.source(),
          FromProto(proto.valid())};
}

Region FromProto(const v1::Region& proto) {
  Region value = {static_cast<RegionLevel>(static_cast<int>(proto.level())),
                  proto.parent(),
                  FromProto(proto.valid()),
                  FromProto(proto.aliases()),
                  {},
                  static_cast<RegionLevel>(static_cast<int>(proto.lowest_level()))};
  for (const v1::RegionSuccessor& successor : proto.successors()) {
    RegionSuccessor& added = value.successors.emplace_back();
    added.region = successor.region();
    if (successor.has_date()) added.date = FromProto(successor.date());
    added.basis = static_cast<CrosswalkBasis>(static_cast<int>(successor.basis()));
    if (successor.has_weight()) added.weight = successor.weight().value();
  }
  return value;
}

RegionGroup FromProto(const v1::RegionGroup& proto) {
  RegionGroup value;
  value.declared_count = proto.declared_count();
  for (const v1::RegionGroupMember& member : proto.members()) {
    value.members.push_back({member.member(), FromProto(member.valid())});
  }
  return value;
}

Category FromProto(const v1::Category& proto) {
  Category value = {proto.parent(),
                    proto.coicop_2018(),
                    static_cast<InformationContent>(static_cast<int>(proto.information_content())),
                    FromProto(proto.valid()),
                    FromProto(proto.aliases()),
                    EnumsFromProto<ReportingRole>(proto.precedence()),
                    {},
                    static_cast<CategoryNature>(static_cast<int>(proto.nature()))};
  for (const v1::ClassificationCode& code : proto.codes()) {
    value.codes.push_back({static_cast<Classification>(static_cast<int>(code.classification())),
                           code.code(),
                           static_cast<CodeRelation>(static_cast<int>(code.relation()))});
  }
  return value;
}

Content ContentFromProto(const v1::Resource& proto) {
  switch (proto.type_case()) {
    case v1::Resource::kObservatory:
      return FromProto(proto.observatory());
    case v1::Resource::kSource:
      return FromProto(proto.source());
    case v1::Resource::kIdentifierScheme:
      return FromProto(proto.identifier_scheme());
    case v1::Resource::kRegion:
      return FromProto(proto.region());
    case v1::Resource::kRegionGroup:
      return FromProto(proto.region_group());
    case v1::Resource::kCategory:
      return FromProto(proto.category());
    case v1::Resource::kToken:
      return catalog::FromProto(proto.token());
    case v1::Resource::TYPE_NOT_SET:
      return std::monostate();
    default:
      break;
  }
  const auto* field = v1::Resource::descriptor()->FindFieldByNumber(proto.type_case());
  return DocumentOf(static_cast<Type>(proto.type_case() - FieldNumber(Type::kNone)),
                    proto.GetReflection()->GetMessage(proto, field));
}

struct ContentToProto {
  Show show;
  v1::Resource* proto;

  void operator()(const std::monostate&) const {}
  void operator()(const Observatory& value) const {
    v1::Observatory* out = proto->mutable_observatory();
    out->set_time_zone(value.time_zone);
    out->set_currency(value.currency);
    out->set_scale(value.scale);
    out->set_fiscal_start_month(value.fiscal_start_month);
    if (value.start) ToProto(*value.start, out->mutable_start());
    out->set_log_id(value.log_id);
    EnumsToProto(value.precedence, out->mutable_precedence());
  }
  void operator()(const Source& value) const {
    v1::Source* out = proto->mutable_source();
    out->set_kind(static_cast<v1::SourceKind>(value.kind));
    ValidityToProto(value.reports, [&] { return out->mutable_reports(); });
    out->set_organisation(value.organisation);
    out->set_synthetic(value.synthetic);
    ToProto(value.regions, out->mutable_regions());
    ToProto(value.categories, out->mutable_categories());
    out->set_closes_days(value.closes_days);
    out->set_new_codes_per_day(value.new_codes_per_day);
    if (value.quota) {
      out->mutable_quota()->set_events_per_second(value.quota->events_per_second);
      out->mutable_quota()->set_burst(value.quota->burst);
    }
    EnumsToProto(value.channels, out->mutable_channels());
  }
  void operator()(const IdentifierScheme& value) const {
    v1::IdentifierScheme* out = proto->mutable_identifier_scheme();
    out->set_scheme_class(static_cast<v1::SchemeClass>(value.scheme_class));
    out->set_normalisation(static_cast<v1::Normalisation>(value.normalisation));
    out->set_source(value.source);
    ValidityToProto(value.valid, [&] { return out->mutable_valid(); });
  }
  void operator()(const Region& value) const {
    v1::Region* out = proto->mutable_region();
    out->set_level(static_cast<v1::RegionLevel>(value.level));
    out->set_lowest_level(static_cast<v1::RegionLevel>(value.lowest_level));
    out->set_parent(value.parent);
    ValidityToProto(value.valid, [&] { return out->mutable_valid(); });
    ToProto(value.aliases, out->mutable_aliases());
    for (const RegionSuccessor& successor : value.successors) {
      v1::RegionSuccessor* added = out->add_successors();
      added->set_region(successor.region);
      if (successor.date) ToProto(*successor.date, added->mutable_date());
      added->set_basis(static_cast<v1::CrosswalkBasis>(successor.basis));
      if (successor.weight) added->mutable_weight()->set_value(*successor.weight);
    }
  }
  void operator()(const RegionGroup& value) const {
    v1::RegionGroup* out = proto->mutable_region_group();
    out->set_declared_count(value.declared_count);
    for (const RegionGroupMember& member : value.members) {
      v1::RegionGroupMember* added = out->add_members();
      added->set_member(member.member);
      ValidityToProto(member.valid, [&] { return added->mutable_valid(); });
    }
  }
  void operator()(const Category& value) const {
    v1::Category* out = proto->mutable_category();
    out->set_parent(value.parent);
    out->set_coicop_2018(value.coicop_2018);
    out->set_information_content(static_cast<v1::InformationContent>(value.information_content));
    ValidityToProto(value.valid, [&] { return out->mutable_valid(); });
    ToProto(value.aliases, out->mutable_aliases());
    EnumsToProto(value.precedence, out->mutable_precedence());
    for (const ClassificationCode& code : value.codes) {
      v1::ClassificationCode* added = out->add_codes();
      added->set_classification(static_cast<v1::Classification>(code.classification));
      added->set_code(code.code);
      added->set_relation(static_cast<v1::CodeRelation>(code.relation));
    }
    out->set_nature(static_cast<v1::CategoryNature>(value.nature));
  }
  void operator()(const Token& value) const {
    v1::Token* out = proto->mutable_token();
    out->set_principal(value.principal);
    for (const Role role : value.roles) out->add_roles(static_cast<type::v1::Role>(role));
    ToProto(value.sources, out->mutable_sources());
    out->set_region_scope(value.region_scope);
    out->set_expire_time_us(value.expire_time_us);
    out->set_acts_for(value.acts_for);
    if (show.secret_hashes) out->set_secret_hash(value.secret_hash);
  }
  void operator()(const Document& value) const {
    const auto* field = v1::Resource::descriptor()->FindFieldByNumber(FieldNumber(value.type));
    proto->GetReflection()->MutableMessage(proto, field)->ParseFromString(value.bytes);
  }
};

}  // namespace

Token FromProto(const v1::Token& proto) {
  Token value;
  value.principal = proto.principal();
  for (const int role : proto.roles()) value.roles.push_back(static_cast<Role>(role));
  value.sources = FromProto(proto.sources());
  value.region_scope = proto.region_scope();
  value.expire_time_us = proto.expire_time_us();
  value.acts_for = proto.acts_for();
  return value;
}

WantedState FromProto(const v1::Resource& proto) {
  WantedState wanted;
  wanted.etag = proto.etag();
  wanted.resource.name = proto.name();
  auto& names = wanted.resource.display_names;
  names.assign(proto.display_names().begin(), proto.display_names().end());
  std::sort(names.begin(), names.end());
  wanted.resource.description = proto.description();
  for (const v1::Citation& citation : proto.citations()) {
    wanted.resource.citations.push_back(CanonicalBytes(citation));
  }
  wanted.resource.search_terms = FromProto(proto.search_terms());
  wanted.resource.content = ContentFromProto(proto);
  return wanted;
}

void ToProto(const Resource& resource, Show show, v1::Resource* proto) {
  proto->set_name(resource.name);
  for (const auto& [language, text] : resource.display_names) {
    (*proto->mutable_display_names())[language] = text;
  }
  proto->set_description(resource.description);
  for (const std::string& citation : resource.citations) {
    proto->add_citations()->ParseFromString(citation);
  }
  ToProto(resource.search_terms, proto->mutable_search_terms());
  if (show.etag) proto->set_etag(EtagOf(resource));
  proto->set_version(resource.version);
  proto->set_update_time_us(resource.update_time_us);
  proto->set_updated_by(resource.updated_by);
  std::visit(ContentToProto{show, proto}, resource.content);
}

void ToProto(const Change& change, Show show, v1::Change* proto) {
  proto->set_version(change.version);
  proto->set_time_us(change.time_us);
  proto->set_changed_by(change.changed_by);
  proto->set_kind(static_cast<v1::ChangeKind>(change.kind));
  proto->set_name(change.name);
  if (change.before != nullptr) {
    ToProto(*change.before, {.secret_hashes = show.secret_hashes}, proto->mutable_before());
  }
  if (change.after != nullptr) ToProto(*change.after, show, proto->mutable_after());
}

void ToProto(StoredChange change, v1::Change* proto) {
  proto->set_version(change.version);
  proto->set_time_us(change.time_us);
  proto->set_changed_by(std::move(change.changed_by));
  proto->set_kind(static_cast<v1::ChangeKind>(change.kind));
  proto->set_name(std::move(change.name));
  proto->set_state(std::move(change.state));
}

}  // namespace tidemark::catalog
