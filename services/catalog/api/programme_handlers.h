#ifndef TIDEMARK_SERVICES_CATALOG_API_PROGRAMME_HANDLERS_H_
#define TIDEMARK_SERVICES_CATALOG_API_PROGRAMME_HANDLERS_H_

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "services/catalog/domain/catalog.h"

namespace tidemark::catalog::v1 {
class AdvanceProgrammeRequest;
class AdvanceProgrammeResponse;
class RankCandidaciesRequest;
class RankCandidaciesResponse;
}  // namespace tidemark::catalog::v1

namespace tidemark::catalog {

// The methods of a programme's life. The caller was let in by the table of methods before.
// Thread-safe.
class ProgrammeHandlers {
 public:
  // Not owned.
  explicit ProgrammeHandlers(Catalog* catalog) : catalog_(catalog) {}

  absl::Status Rank(const rpc::CallContext& call, const v1::RankCandidaciesRequest& request,
                    v1::RankCandidaciesResponse* response) const;
  absl::Status Advance(const rpc::CallContext& call, const v1::AdvanceProgrammeRequest& request,
                       v1::AdvanceProgrammeResponse* response) const;

 private:
  Catalog* const catalog_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_PROGRAMME_HANDLERS_H_
