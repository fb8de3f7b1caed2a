#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_CATALOG_FILTER_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_CATALOG_FILTER_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/query/query.h"
#include "services/analytics/statistics/concentration/holdings.h"
#include "services/analytics/statistics/statistic_context.h"
#include "tidemark/catalog/v1/offers.pb.h"

namespace tidemark::analytics {

// Whether a dimension is one of what the catalog says of an event's category or provider:
// `information_content`, `category_nature`, `provider_size`, `provider_kind`.
bool IsCatalogDimension(std::string_view dimension);

// CatalogFilters: filters on those dimensions, as the engine understands them. What the catalog
// does not say, of a category, a provider or the event without one, is `unknown`.
class CatalogFilters {
 public:
  explicit CatalogFilters(const StatisticContext& context) : context_(context) {}

  // Adds a filter to a query that has slices. `filter`: codes in capitals, as in the catalog.
  // INVALID_ARGUMENT (UNKNOWN_CODE). FAILED_PRECONDITION (PROVIDER_CODE_AMBIGUOUS): sources name
  // providers that differ in what is asked by one code. Errors of CutMappings, CatalogReader.
  absl::Status Add(const Query::Filter& filter, EngineQuery* query);

 private:
  absl::Status AddCategories(const Query::Filter& filter, EngineQuery* query) const;
  absl::Status AddProviders(const Query::Filter& filter, EngineQuery* query);
  absl::Status ReadProviders();
  absl::Status ReadSourcesOfCodes();
  // The resource that the source names so; null: none.
  const catalog::v1::Provider* Find(std::string_view source, std::string_view code) const;

  const StatisticContext& context_;
  bool providers_read_ = false;
  CatalogReader::Resources providers_;
  absl::flat_hash_map<std::string, const catalog::v1::Provider*> by_id_;
  std::unique_ptr<Holdings> holdings_;
  // Where a code may depend on the source: who uses it.
  std::map<std::string, std::vector<std::string>, std::less<>> sources_of_code_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_CATALOG_FILTER_H_
