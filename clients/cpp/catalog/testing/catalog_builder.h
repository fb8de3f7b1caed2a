#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_TESTING_CATALOG_BUILDER_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_TESTING_CATALOG_BUILDER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cpp/catalog/catalog_history.h"
#include "clients/cpp/catalog/catalog_view.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::catalog_client {

// Makes catalogs for tests: versions of changes with their hashes, and the views of them.
//
//   CatalogBuilder catalog;
//   catalog.Observatory("Asia/Shanghai", {2020, 1, 1});
//   catalog.Region("cn", RegionLevel::kNation);
//   catalog.Region("cn-33", RegionLevel::kProvince, "cn");
//   catalog.Commit();
//   std::shared_ptr<const CatalogView> view = catalog.View();
class CatalogBuilder {
 public:
  struct Day {
    int year, month, day;
  };

  // Each creates or changes a resource in the version being made. What is returned may be
  // filled further until the next call.
  catalog::v1::Resource& Put(const std::string& name);
  catalog::v1::Observatory& Observatory(const std::string& time_zone, Day start,
                                        const std::string& currency = "CNY", uint32_t scale = 2);
  catalog::v1::Source& Source(const std::string& id, SourceKind kind = SourceKind::kLive);
  catalog::v1::IdentifierScheme& Scheme(const std::string& id, SchemeClass scheme_class,
                                        Normalisation normalisation);
  catalog::v1::Region& Region(const std::string& id, RegionLevel level,
                              const std::string& parent_id = "");
  catalog::v1::Category& Category(const std::string& id, const std::string& parent_id = "");
  catalog::v1::RegionGroup& Group(const std::string& id);
  catalog::v1::Token& Token(const std::string& id, Roles roles, const std::string& secret_hash);
  void Delete(const std::string& name);
  // Ends the version; returns it. Without changes it stays what it was.
  uint64_t Commit();

  uint64_t version() const { return version_; }
  // Of all committed versions, ascending.
  const std::vector<catalog::v1::Change>& changes() const { return changes_; }
  // Hash after each version; hashes()[v - 1] is that of v.
  const std::vector<std::string>& hashes() const { return hashes_; }
  // Adds what is committed after the history's last version.
  absl::Status AppendTo(CatalogHistory* history) const;
  // View at the last version; commits what is open.
  std::shared_ptr<const CatalogView> View();

 private:
  std::map<std::string, catalog::v1::Change> open_;
  std::map<std::string, bool> exists_;
  uint64_t version_ = 0;
  std::vector<catalog::v1::Change> changes_;
  std::vector<std::string> hashes_;
};

void SetDate(CatalogBuilder::Day day, type::v1::Date* date);

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_TESTING_CATALOG_BUILDER_H_
