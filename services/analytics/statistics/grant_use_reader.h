#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_GRANT_USE_READER_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_GRANT_USE_READER_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "tidemark/catalog/v1/grant_use.pb.h"

namespace tidemark::analytics {

// GrantUseReader: what was used under grants and is owed for it, as the catalog knows it when
// asked. Use is metered beside the log and the catalog's versions, so no snapshot holds it and
// nothing of it is kept. It is read as a service, which sees the use of everybody: who may see it
// is for the asking side to decide first. Thread-safe. Takes calls to the catalog.
class GrantUseReader {
 public:
  virtual ~GrantUseReader() = default;

  using TakePage = absl::FunctionRef<absl::Status(const catalog::v1::ListUseResponse& page)>;

  // Gives all rows that the request asks for, in the order of ListUse, page after page; the size of
  // the pages and their tokens are not the request's. Ends with the first error of `take`.
  // UNAVAILABLE (CATALOG_UNREACHABLE).
  virtual absl::Status ReadUse(const catalog::v1::ListUseRequest& request, TakePage take) = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_GRANT_USE_READER_H_
