#ifndef TIDEMARK_SERVICES_CATALOG_API_CATALOG_SERVICE_H_
#define TIDEMARK_SERVICES_CATALOG_API_CATALOG_SERVICE_H_

#include <memory>

#include "common/base/clock.h"
#include "common/base/executor.h"
#include "common/rpc/authorizer.h"
#include "common/rpc/raw_stream.h"

namespace grpc {
class Service;
}

namespace tidemark::redis {
class Cache;
}

namespace tidemark::catalog {

class Catalog;
class ObservationIndex;
class SearchIndex;
class UseBook;
class WatchHub;

inline constexpr char kCatalogServiceName[] = "tidemark.catalog.v1.CatalogService";
// Applied resources come in large requests; every other method keeps to 1 MiB.
inline constexpr size_t kMaxApplyBytes = size_t{16} << 20;

struct CatalogServiceOptions {
  // Nothing is owned; all must be set and outlive the server.
  Catalog* catalog = nullptr;
  // Follows the catalog.
  const ObservationIndex* observations = nullptr;
  const SearchIndex* search = nullptr;
  UseBook* uses = nullptr;
  WatchHub* hub = nullptr;
  const base::Clock* clock = nullptr;
  rpc::Authorizer* authorizer = nullptr;
  rpc::StreamRegistry* streams = nullptr;
  // Where reads, changes and watches block. Changes follow each other anyway: one thread.
  base::Executor* read_executor = nullptr;
  base::Executor* write_executor = nullptr;
  base::Executor* watch_executor = nullptr;
  // Of long lists; redis::NullCache to do without.
  redis::Cache* cache = nullptr;
};

// tidemark.catalog.v1.CatalogService, all methods raw: who may call is decided before a byte of
// the request is parsed.
std::unique_ptr<grpc::Service> NewCatalogService(const CatalogServiceOptions& options);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_CATALOG_SERVICE_H_
