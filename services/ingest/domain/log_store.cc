#include "services/ingest/domain/log_store.h"

#include "common/status/error.h"

namespace tidemark::ingest {

absl::Status LogStore::CheckWritable() const {
  const std::string sealed = state().sealed_reason;
  if (sealed.empty()) return absl::OkStatus();
  return status::WithReason(absl::FailedPreconditionError(sealed), "LOG_SEALED");
}

}  // namespace tidemark::ingest
