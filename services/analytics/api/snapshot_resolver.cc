#include "services/analytics/api/snapshot_resolver.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::analytics {
namespace {

bool AtCheckpoint(const v1::QueryRequest& request) {
  return request.page_token().empty() && request.as_of().at_case() == v1::AsOf::kNewestCheckpoint;
}

}  // namespace

uint64_t SnapshotResolver::Needed(const v1::QueryRequest& request,
                                  const std::optional<PageToken>& token) const {
  // A token of another log asks for nothing here: Resolve refuses it.
  const bool ours = token && token->log_id == store_->log_id();
  return std::max(request.min_log_size(), ours ? token->log_size : 0);
}

uint64_t SnapshotResolver::Available(const v1::QueryRequest& request) const {
  return AtCheckpoint(request) ? log_state_().folded_checkpoint : store_->folded_size();
}

bool SnapshotResolver::IsReady(const v1::QueryRequest& request,
                               const std::optional<PageToken>& token) const {
  return Needed(request, token) <= Available(request);
}

absl::Status SnapshotResolver::Behind(const v1::QueryRequest& request,
                                      const std::optional<PageToken>& token) const {
  const uint64_t available = Available(request);
  const absl::Status behind = absl::UnavailableError(
      absl::StrCat("this replica has ", available, " leaves of the log, ", Needed(request, token),
                   " are wanted; ask again, or another replica"));
  return status::WithRetryAfter(
      status::WithReason(behind, "BEHIND", {{"log_size", absl::StrCat(available)}}),
      absl::Milliseconds(500));
}

absl::StatusOr<uint64_t> SnapshotResolver::SizeOf(const v1::QueryRequest& request) const {
  const uint64_t folded = store_->folded_size();
  switch (request.as_of().at_case()) {
    case v1::AsOf::kLogSize:
      if (request.as_of().log_size() > folded) {
        return status::WithReason(
            absl::OutOfRangeError(absl::StrCat("as_of.log_size: ", request.as_of().log_size(),
                                               " is above what is folded; want at most ", folded)),
            "AS_OF_AHEAD", {{"log_size", absl::StrCat(folded)}});
      }
      return request.as_of().log_size();
    case v1::AsOf::kAcceptedTimeUs:
      return store_->LogSizeAt(request.as_of().accepted_time_us());
    case v1::AsOf::kNewestCheckpoint: {
      if (!request.as_of().newest_checkpoint()) {
        return status::InvalidArgument("as_of.newest_checkpoint",
                                       "false; set it to true or leave as_of out", "AS_OF_INVALID");
      }
      const uint64_t size = log_state_().folded_checkpoint;
      if (size != 0) return size;
      return status::WithReason(
          absl::UnavailableError("no checkpoint of the log is folded yet; ask again in a second, "
                                 "or leave as_of out"),
          "NO_CHECKPOINT");
    }
    default:
      if (!request.has_as_of()) return folded;
      return status::InvalidArgument(
          "as_of", "names nothing; set log_size, accepted_time_us or newest_checkpoint",
          "AS_OF_INVALID");
  }
}

absl::StatusOr<SnapshotInfo> SnapshotResolver::Resolve(
    const v1::QueryRequest& request, const std::optional<PageToken>& token) const {
  if (token) {
    if (token->log_id != store_->log_id()) {
      return status::WithReason(absl::FailedPreconditionError(absl::StrCat(
                                    "page_token: of log ", token->log_id, ", this service follows ",
                                    store_->log_id(), "; start again with the first page")),
                                "LOG_ID_MISMATCH");
    }
    return store_->Snapshot(token->log_size);
  }
  TM_ASSIGN_OR_RETURN(const uint64_t size, SizeOf(request));
  if (size < request.min_log_size()) {
    return status::InvalidArgument("as_of",
                                   absl::StrCat("names log size ", size, ", below min_log_size ",
                                                request.min_log_size(), "; leave one of them out"),
                                   "AS_OF_INVALID");
  }
  return store_->Snapshot(size);
}

}  // namespace tidemark::analytics
