#ifndef TIDEMARK_SERVICES_INGEST_API_REMOTE_APPEND_H_
#define TIDEMARK_SERVICES_INGEST_API_REMOTE_APPEND_H_

#include <memory>
#include <string_view>

#include "common/base/executor.h"
#include "common/rpc/raw_unary.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/domain/open_codes.h"

namespace tidemark::ingest {

// LogStoreService.Append: a front's batch into the log of this process. Thread-safe.
class RemoteAppend {
 public:
  struct Options {
    // Nothing is owned; everything outlives the calls.
    LogStore* log = nullptr;
    OpenCodes* open_codes = nullptr;
    base::Executor* executor = nullptr;
  };
  explicit RemoteAppend(Options options) : options_(options) {}

  // Runs on the executor. The method's budget holds the request's bytes already.
  void Handle(std::string_view request, rpc::UnaryReply reply);

 private:
  struct Batch;

  absl::Status Unpack(std::string_view request, Batch* batch);
  void Appended(const std::shared_ptr<Batch>& batch, AppendResult result);
  void Answer(Batch& batch, const AppendResult& result);

  const Options options_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_REMOTE_APPEND_H_
