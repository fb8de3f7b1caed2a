#ifndef TIDEMARK_SERVICES_INGEST_API_READ_HANDLERS_H_
#define TIDEMARK_SERVICES_INGEST_API_READ_HANDLERS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/base/executor.h"
#include "common/rpc/raw_unary.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/domain/view_source.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {

// The unary methods that write nothing.
class ReadHandlers {
 public:
  struct Options {
    LogStore* log = nullptr;  // not owned, nor are the others
    const ViewSource* views = nullptr;
    base::Executor* executor = nullptr;
    std::string version;  // of the software
  };
  explicit ReadHandlers(Options options) : options_(std::move(options)) {}

  void BatchGetEvents(const rpc::CallContext& call, const v1::BatchGetEventsRequest& request,
                      rpc::UnaryReply reply);
  absl::Status GetCheckpoint(v1::GetCheckpointResponse* response);
  absl::Status GetInclusionProof(const rpc::CallContext& call,
                                 const v1::GetInclusionProofRequest& request,
                                 v1::GetInclusionProofResponse* response);
  absl::Status GetConsistencyProof(const v1::GetConsistencyProofRequest& request,
                                   v1::GetConsistencyProofResponse* response);
  absl::Status GetLogStatus(v1::GetLogStatusResponse* response);

 private:
  struct Lookup;
  void ReadFound(const std::shared_ptr<Lookup>& lookup);

  const Options options_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_READ_HANDLERS_H_
