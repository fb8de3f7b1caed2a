#ifndef TIDEMARK_SERVICES_INGEST_API_QUARANTINE_HANDLERS_H_
#define TIDEMARK_SERVICES_INGEST_API_QUARANTINE_HANDLERS_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/executor.h"
#include "common/rpc/authorizer.h"
#include "services/ingest/api/quarantine_intake.h"
#include "services/ingest/api/submit_handler.h"
#include "services/ingest/domain/quarantine.h"
#include "tidemark/ingest/v1/quarantine.pb.h"

namespace tidemark::ingest {

// The four methods about the quarantine: of the owner of the log, which keeps it, or of a front,
// which passes them on. A caller sees the rejections of every batch that was answered before.
class QuarantineHandlers {
 public:
  struct Options {
    // Nothing is owned; everything outlives the calls. One of the first two is null.
    Quarantine* quarantine = nullptr;
    QuarantineOwner* owner = nullptr;
    QuarantineIntake* intake = nullptr;
    SubmitHandler* submits = nullptr;
    // Where the disk is waited for.
    base::Executor* executor = nullptr;
    std::string log_id;
  };
  // The response's bytes.
  using Done = std::function<void(absl::StatusOr<std::string> response)>;
  // Takes memory, in bytes, for as long as the call lasts. False: there is no room.
  using TakeMemory = std::function<bool(size_t bytes)>;

  explicit QuarantineHandlers(Options options) : options_(std::move(options)) {}

  // `method` is "ListQuarantine", "GetQuarantineStats", "ResubmitQuarantine" or
  // "DeleteQuarantine"; `request` is its serialized request, of a caller whose role is known to be
  // enough. Blocks on the disk, or on the owner; `done` may be called later.
  void Handle(const rpc::Caller& caller, std::string_view method, std::string_view request,
              TakeMemory take_memory, Done done);

 private:
  struct Resubmit;

  absl::Status List(const rpc::Caller& caller, const v1::ListQuarantineRequest& request,
                    v1::ListQuarantineResponse* response);
  absl::Status Stats(const rpc::Caller& caller, const v1::GetQuarantineStatsRequest& request,
                     v1::GetQuarantineStatsResponse* response);
  absl::Status Delete(const rpc::Caller& caller, const v1::DeleteQuarantineRequest& request,
                      v1::DeleteQuarantineResponse* response);
  void StartResubmit(const rpc::Caller& caller, const v1::ResubmitQuarantineRequest& request,
                     const TakeMemory& take_memory, Done done);
  void Judged(const std::shared_ptr<Resubmit>& resubmit, const Submission& submission,
              const v1::SubmitEventsResponse& response);
  void Settle(const std::shared_ptr<Resubmit>& resubmit);

  const Options options_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_QUARANTINE_HANDLERS_H_
