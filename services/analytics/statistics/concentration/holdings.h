#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_CONCENTRATION_HOLDINGS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_CONCENTRATION_HOLDINGS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "clients/cpp/catalog/catalog_view.h"

namespace tidemark::analytics {

// Holdings: which providers are one at a time, of the codes that events name them by. Refers to the
// view.
class Holdings {
 public:
  explicit Holdings(const catalog_client::CatalogView& view);

  // Whether a code may name different providers in different sources.
  bool by_source() const { return by_source_; }

  // The provider that a source names so; null: the catalog has none.
  const catalog_client::Provider* Find(std::string_view source, std::string_view code) const;

  // Name of the holding that is above all others of the provider at a time, or of the organisation
  // that the provider is, or its own.
  std::string_view Top(const catalog_client::Provider& provider, int64_t time_us) const;

  // Times inside (start, end) at which Top() of the provider may change.
  void AddChanges(const catalog_client::Provider& provider, int64_t start_us, int64_t end_us,
                  std::vector<int64_t>* times) const;

 private:
  const catalog_client::CatalogView& view_;
  // By source (empty: all) and code.
  absl::flat_hash_map<std::pair<std::string_view, std::string_view>,
                      const catalog_client::Provider*>
      by_code_;
  // Names of providers, and who is an organisation.
  absl::flat_hash_map<const catalog_client::Provider*, std::string> names_;
  bool by_source_ = false;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_CONCENTRATION_HOLDINGS_H_
