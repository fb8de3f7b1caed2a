#include "clients/cpp/catalog/testing/catalog_builder.h"

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/version_hash.h"

namespace tidemark::catalog_client {

namespace pb = catalog::v1;

namespace {
constexpr int64_t kFirstTimeMicros = 1'700'000'000'000'000;
}  // namespace

void SetDate(CatalogBuilder::Day day, type::v1::Date* date) {
  date->set_year(day.year);
  date->set_month(day.month);
  date->set_day(day.day);
}

pb::Resource& CatalogBuilder::Put(const std::string& name) {
  pb::Change& change = open_[name];
  const bool existed = exists_.count(name) != 0;
  change.set_kind(existed ? pb::CHANGE_KIND_UPDATE : pb::CHANGE_KIND_CREATE);
  change.set_name(name);
  change.mutable_after()->set_name(name);
  return *change.mutable_after();
}

pb::Observatory& CatalogBuilder::Observatory(const std::string& time_zone, Day start,
                                             const std::string& currency, uint32_t scale) {
  pb::Observatory& observatory = *Put("observatories/main").mutable_observatory();
  observatory.set_time_zone(time_zone);
  observatory.set_currency(currency);
  observatory.set_scale(scale);
  SetDate(start, observatory.mutable_start());
  return observatory;
}

pb::Source& CatalogBuilder::Source(const std::string& id, SourceKind kind) {
  pb::Source& source = *Put(absl::StrCat("sources/", id)).mutable_source();
  source.set_kind(static_cast<pb::SourceKind>(kind));
  return source;
}

pb::IdentifierScheme& CatalogBuilder::Scheme(const std::string& id, SchemeClass scheme_class,
                                             Normalisation normalisation) {
  pb::IdentifierScheme& scheme =
      *Put(absl::StrCat("identifierSchemes/", id)).mutable_identifier_scheme();
  scheme.set_scheme_class(static_cast<pb::SchemeClass>(scheme_class));
  scheme.set_normalisation(static_cast<pb::Normalisation>(normalisation));
  return scheme;
}

pb::Region& CatalogBuilder::Region(const std::string& id, RegionLevel level,
                                   const std::string& parent_id) {
  pb::Region& region = *Put(absl::StrCat("regions/", id)).mutable_region();
  region.set_level(static_cast<pb::RegionLevel>(level));
  if (!parent_id.empty()) region.set_parent(absl::StrCat("regions/", parent_id));
  return region;
}

pb::Category& CatalogBuilder::Category(const std::string& id, const std::string& parent_id) {
  pb::Category& category = *Put(absl::StrCat("categories/", id)).mutable_category();
  if (!parent_id.empty()) category.set_parent(absl::StrCat("categories/", parent_id));
  return category;
}

pb::RegionGroup& CatalogBuilder::Group(const std::string& id) {
  return *Put(absl::StrCat("regionGroups/", id)).mutable_region_group();
}

pb::Token& CatalogBuilder::Token(const std::string& id, Roles roles,
                                 const std::string& secret_hash) {
  pb::Token& token = *Put(absl::StrCat("tokens/", id)).mutable_token();
  token.set_principal(id);
  token.clear_roles();
  for (int role = 1; role < 32; ++role) {
    if ((roles & (Roles{1} << role)) != 0) token.add_roles(static_cast<type::v1::Role>(role));
  }
  token.set_secret_hash(secret_hash);
  return token;
}

void CatalogBuilder::Delete(const std::string& name) {
  pb::Change& change = open_[name];
  change.set_kind(pb::CHANGE_KIND_DELETE);
  change.set_name(name);
  change.clear_after();
}

uint64_t CatalogBuilder::Commit() {
  if (open_.empty()) return version_;
  ++version_;
  std::vector<const pb::Change*> of_version;
  for (auto& [name, change] : open_) {
    change.set_version(version_);
    change.set_time_us(kFirstTimeMicros + static_cast<int64_t>(version_));
    change.set_changed_by("test");
    if (change.has_after()) {
      change.set_state(change.after().SerializeAsString());
      change.clear_after();
      exists_[name] = true;
    } else {
      exists_.erase(name);
    }
    of_version.push_back(&change);
  }
  const std::string previous = hashes_.empty() ? ZeroHash() : hashes_.back();
  hashes_.push_back(NextVersionHash(previous, of_version));
  for (const auto& [name, change] : open_) changes_.push_back(change);
  open_.clear();
  return version_;
}

absl::Status CatalogBuilder::AppendTo(CatalogHistory* history) const {
  const uint64_t stored = history->stored_version();
  std::vector<const pb::Change*> news;
  for (const pb::Change& change : changes_) {
    if (change.version() > stored) news.push_back(&change);
  }
  const absl::Span<const std::string> hashes = hashes_;
  return history->Append(news, version_, hashes.subspan(stored));
}

std::shared_ptr<const CatalogView> CatalogBuilder::View() {
  Commit();
  CatalogHistory history({});
  const absl::Status status = AppendTo(&history);
  return status.ok() ? history.Newest() : nullptr;
}

}  // namespace tidemark::catalog_client
