#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_PRODUCT_CODES_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_PRODUCT_CODES_H_

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::analytics {

// ProductCodes: which product an event names: by a code of its source, else by one of all sources,
// else by the id. Refers to the resources.
class ProductCodes {
 public:
  explicit ProductCodes(const std::vector<catalog::v1::Resource>& products);

  // Position among the products, -1: none. `source`: its id; empty: one that has no codes of its
  // own.
  int Find(std::string_view source, std::string_view code) const;
  // Ids of the sources by which the code names something of their own.
  std::span<const std::string_view> SourcesOf(std::string_view code) const;
  // By name; -1: none.
  int FindName(std::string_view name) const;

 private:
  // By source (empty: all) and code.
  absl::flat_hash_map<std::pair<std::string_view, std::string_view>, int> by_code_;
  absl::flat_hash_map<std::string_view, std::vector<std::string_view>> sources_;  // by code
  absl::flat_hash_map<std::string_view, int> by_id_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_SETTLE_PRODUCT_CODES_H_
