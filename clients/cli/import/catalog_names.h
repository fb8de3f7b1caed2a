#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_CATALOG_NAMES_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_CATALOG_NAMES_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "clients/cli/import/mapping.h"
#include "clients/cli/import/name_resolver.h"

namespace tidemark::catalog::v1 {
class ListResourcesRequest;
class ListResourcesResponse;
class Resource;
}  // namespace tidemark::catalog::v1

namespace tidemark::importer {

// CatalogService.ListResources; CatalogClient or a fake.
using ListResources = std::function<absl::StatusOr<catalog::v1::ListResourcesResponse>(
    const catalog::v1::ListResourcesRequest& request)>;

// All pages of a collection, handed over one resource at a time.
absl::Status ForEachResource(const ListResources& list, const std::string& collection,
                             const std::function<void(const catalog::v1::Resource&)>& visit);

// The observatory's units. FAILED_PRECONDITION: the catalog has no observatory yet.
absl::StatusOr<ObservatoryUnits> ReadObservatory(const ListResources& list);

// Resolves names by a copy of the catalog's regions and categories, read when the first name of
// a kind is asked for. Not thread-safe.
class CatalogNames final : public NameResolver {
 public:
  explicit CatalogNames(ListResources list) : list_(std::move(list)) {}

  absl::Status Prepare(NameKind kind) override { return IndexOf(kind).status(); }
  absl::StatusOr<std::string> Resolve(NameKind kind, std::string_view name) override;

 private:
  struct Index {
    // Lower-case name to ids, ascending.
    absl::flat_hash_map<std::string, std::vector<std::string>> ids;
    std::vector<std::string> names;
  };
  absl::StatusOr<const Index*> IndexOf(NameKind kind);

  const ListResources list_;
  std::map<NameKind, Index> indexes_;
  // A hint looks through all names: a column of other things must not cost that for each of its
  // texts.
  int hints_left_ = 100;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_CATALOG_NAMES_H_
