#ifndef TIDEMARK_SERVICES_INGEST_STORE_GRPC_QUARANTINE_H_
#define TIDEMARK_SERVICES_INGEST_STORE_GRPC_QUARANTINE_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "services/ingest/domain/quarantine.h"

namespace grpc {
class Channel;
}
namespace tidemark::internal::v1 {
class AddRejectedRequest;
}

namespace tidemark::ingest {

// The quarantine of the process that owns the log, for a front, which keeps nothing. Rejected
// events that the owner cannot take now are dropped, and counted there when it can.
// Thread-safe; blocks on the owner's answer.
class GrpcQuarantine final : public QuarantineOwner {
 public:
  struct Options {
    std::shared_ptr<grpc::Channel> channel;
    // Of role service.
    std::string token;
    std::string log_id;
    absl::Duration call_timeout = absl::Seconds(30);
  };
  explicit GrpcQuarantine(Options options) : options_(std::move(options)) {}

  void Add(std::vector<QuarantineEntry> entries, std::vector<QuarantineDrop> drops) override;
  // UNAVAILABLE (LOG_OWNER_AWAY); else what the owner says.
  absl::StatusOr<std::string> Ask(const Caller& caller, std::string_view method,
                                  std::string_view request) override;

 private:
  absl::Status Send(const internal::v1::AddRejectedRequest& request);

  const Options options_;
  base::Mutex mutex_;
  // By source; not told to the owner yet.
  std::map<std::string, uint64_t> drops_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_GRPC_QUARANTINE_H_
