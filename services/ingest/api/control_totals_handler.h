#ifndef TIDEMARK_SERVICES_INGEST_API_CONTROL_TOTALS_HANDLER_H_
#define TIDEMARK_SERVICES_INGEST_API_CONTROL_TOTALS_HANDLER_H_

#include <memory>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/base/executor.h"
#include "common/rpc/raw_unary.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/domain/view_source.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {

// SubmitControlTotals and GetStatement: what a source says of its days, and what the log says.
class ControlTotalsHandler {
 public:
  struct Options {
    // Nothing is owned; everything outlives the handler's calls.
    LogStore* log = nullptr;
    const ViewSource* views = nullptr;
    base::Executor* executor = nullptr;
    const base::Clock* clock = nullptr;
  };
  explicit ControlTotalsHandler(Options options) : options_(options) {}

  // Answered when the records are durable.
  void Submit(const rpc::CallContext& call, const v1::SubmitControlTotalsRequest& request,
              rpc::UnaryReply reply);
  void GetStatement(const rpc::CallContext& call, const v1::GetStatementRequest& request,
                    rpc::UnaryReply reply);

 private:
  struct Batch;
  using BatchPtr = std::shared_ptr<Batch>;

  void Judge(const BatchPtr& batch);
  absl::Status Check(Batch& batch) const;
  void Appended(const BatchPtr& batch, const AppendResult& result);

  const Options options_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_CONTROL_TOTALS_HANDLER_H_
