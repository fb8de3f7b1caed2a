#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_VIEW_SOURCE_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_VIEW_SOURCE_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "clients/cpp/catalog/catalog_view.h"

namespace tidemark::ingest {

// The catalog view that events are judged by now. Thread-safe; does not block.
class ViewSource {
 public:
  virtual ~ViewSource() = default;
  // A view with an observatory that is bound to this log. UNAVAILABLE saying what is awaited
  // before there is one; FAILED_PRECONDITION when the observatory belongs to another log.
  virtual absl::StatusOr<std::shared_ptr<const catalog_client::CatalogView>> View() const = 0;
  // False while the catalog is away and View() is the last one known.
  virtual bool reachable() const = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_VIEW_SOURCE_H_
