#include "services/analytics/api/snapshot_resolver.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::analytics {
namespace {

constexpr size_t kLogIdDigits = 32;

absl::Status CheckLogId(std::string_view field, std::string_view asked, std::string_view followed) {
  if (asked.empty()) return absl::OkStatus();
  const bool well_formed =
      asked.size() == kLogIdDigits && std::all_of(asked.begin(), asked.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      });
  if (!well_formed) {
    return status::InvalidArgument(
        field, "not the name of a log; want 32 lower-case hexadecimal digits", "LOG_ID_INVALID");
  }
  // Before the first block it is not known which log is followed.
  if (followed.empty() || asked == followed) return absl::OkStatus();
  return status::WithReason(absl::FailedPreconditionError(absl::StrCat(
                                field, ": asks for log ", asked, ", this service follows ",
                                followed, "; snapshots of the other log are not known here")),
                            "LOG_ID_MISMATCH", {{"log_id", std::string(followed)}});
}

absl::Status BelowMinimum(std::string_view field, uint64_t size, uint64_t minimum) {
  return status::InvalidArgument(field,
                                 absl::StrCat("is of log size ", size, ", below min_log_size ",
                                              minimum, "; leave one of them out"),
                                 "AS_OF_INVALID");
}

absl::Status CheckAsOf(const v1::QueryRequest& request) {
  if (!request.has_as_of()) return absl::OkStatus();
  switch (request.as_of().at_case()) {
    case v1::AsOf::kLogSize:
      if (request.as_of().log_size() >= request.min_log_size()) return absl::OkStatus();
      return BelowMinimum("as_of", request.as_of().log_size(), request.min_log_size());
    case v1::AsOf::kAcceptedTimeUs:
      return absl::OkStatus();
    case v1::AsOf::kNewestCheckpoint:
      if (request.as_of().newest_checkpoint()) return absl::OkStatus();
      return status::InvalidArgument("as_of.newest_checkpoint",
                                     "false; set it to true or leave as_of out", "AS_OF_INVALID");
    default:
      return status::InvalidArgument(
          "as_of", "names nothing; set log_size, accepted_time_us or newest_checkpoint",
          "AS_OF_INVALID");
  }
}

}  // namespace

absl::Status SnapshotResolver::Check(const v1::QueryRequest& request,
                                     const std::optional<PageToken>& token) const {
  const std::string followed = store_->log_id();
  TM_RETURN_IF_ERROR(CheckLogId("log_id", request.log_id(), followed));
  if (token) {
    TM_RETURN_IF_ERROR(CheckLogId("page_token", token->log_id, followed));
    if (token->log_size >= request.min_log_size()) return absl::OkStatus();
    return BelowMinimum("page_token", token->log_size, request.min_log_size());
  }
  TM_RETURN_IF_ERROR(CheckLogId("as_of.log_id", request.as_of().log_id(), followed));
  return CheckAsOf(request);
}

SnapshotResolver::Need SnapshotResolver::NeedOf(const v1::QueryRequest& request,
                                                const std::optional<PageToken>& token) {
  if (token) return {.log_size = token->log_size};
  Need need{.log_size = request.min_log_size()};
  if (request.as_of().at_case() == v1::AsOf::kLogSize) {
    need.log_size = std::max(need.log_size, request.as_of().log_size());
  }
  if (request.as_of().at_case() == v1::AsOf::kAcceptedTimeUs) {
    need.accepted_after_us = request.as_of().accepted_time_us();
  }
  return need;
}

uint64_t SnapshotResolver::Available(const v1::QueryRequest& request,
                                     const std::optional<PageToken>& token) const {
  const bool at_checkpoint = !token && request.as_of().at_case() == v1::AsOf::kNewestCheckpoint;
  return at_checkpoint ? log_state_().folded_checkpoint : store_->folded_size();
}

int64_t SnapshotResolver::NewestAccepted() const {
  const absl::StatusOr<SnapshotInfo> head = store_->Snapshot(store_->folded_size());
  return head.ok() ? head->accepted_time_us : 0;
}

bool SnapshotResolver::CatchesUp(const v1::QueryRequest& request,
                                 const std::optional<PageToken>& token) const {
  const auto at = request.as_of().at_case();
  const bool at_head = !token && (at == v1::AsOf::AT_NOT_SET || at == v1::AsOf::kNewestCheckpoint);
  return at_head && store_->folded_size() < log_state_().first_size;
}

bool SnapshotResolver::IsReady(const v1::QueryRequest& request,
                               const std::optional<PageToken>& token) const {
  if (CatchesUp(request, token)) return false;
  const Need need = NeedOf(request, token);
  if (need.log_size > Available(request, token)) return false;
  // Accepted times never decrease, but may repeat: only a later one closes the time asked for.
  return !need.accepted_after_us || NewestAccepted() > *need.accepted_after_us;
}

absl::Status SnapshotResolver::Ahead(const v1::QueryRequest& request, uint64_t log_size) const {
  const int64_t accepted_us = NewestAccepted();
  std::string message;
  if (request.as_of().at_case() == v1::AsOf::kLogSize) {
    message = absl::StrCat("as_of.log_size: ", request.as_of().log_size(), " is beyond the log's ",
                           log_size, " records; ask for at most that many");
  } else {
    const auto at = [](int64_t us) {
      return absl::FormatTime(absl::RFC3339_full, absl::FromUnixMicros(us), absl::UTCTimeZone());
    };
    message = absl::StrCat(
        "as_of.accepted_time_us: ", at(request.as_of().accepted_time_us()),
        " is not before the last record, accepted ", at(accepted_us),
        ", so records may still be added by then; ask for an earlier time, for log_size ", log_size,
        ", or leave as_of out for all there is");
  }
  return status::WithReason(
      absl::OutOfRangeError(message), "AS_OF_AHEAD",
      {{"log_size", absl::StrCat(log_size)}, {"accepted_time_us", absl::StrCat(accepted_us)}});
}

absl::Status SnapshotResolver::Behind(const v1::QueryRequest& request,
                                      const std::optional<PageToken>& token) const {
  // In this order: the fold may only have come nearer since.
  const LogState log = log_state_();
  const uint64_t available = Available(request, token);
  const Need need = NeedOf(request, token);
  if (!token && log.reachable) {
    const bool beyond = request.as_of().at_case() == v1::AsOf::kLogSize &&
                        request.as_of().log_size() > std::max(log.log_size, available);
    const bool unsettled = need.accepted_after_us && available >= log.log_size;
    if (beyond || unsettled) return Ahead(request, std::max(log.log_size, available));
  }
  const std::string wanted = CatchesUp(request, token) ? "and has just started"
                             : need.accepted_after_us  ? "all up to the time of as_of are wanted"
                                                       : absl::StrCat(need.log_size, " are wanted");
  const absl::Status behind = absl::UnavailableError(absl::StrCat(
      "this replica has ", available, " records of the log, ", wanted,
      "; ask again, or another replica",
      log.stall.ok() ? "" : absl::StrCat(" (folding waits: ", log.stall.message(), ")")));
  return status::WithRetryAfter(
      status::WithReason(behind, "BEHIND", {{"log_size", absl::StrCat(available)}}),
      absl::Milliseconds(500));
}

absl::StatusOr<SnapshotInfo> SnapshotResolver::Resolve(
    const v1::QueryRequest& request, const std::optional<PageToken>& token) const {
  TM_RETURN_IF_ERROR(Check(request, token));
  if (!IsReady(request, token)) return Behind(request, token);
  if (token) return store_->Snapshot(token->log_size);
  uint64_t size = 0;
  switch (request.as_of().at_case()) {
    case v1::AsOf::kLogSize:
      size = request.as_of().log_size();
      break;
    case v1::AsOf::kAcceptedTimeUs:
      size = store_->LogSizeAt(request.as_of().accepted_time_us());
      if (size < request.min_log_size()) return BelowMinimum("as_of", size, request.min_log_size());
      break;
    case v1::AsOf::kNewestCheckpoint:
      size = log_state_().folded_checkpoint;
      if (size != 0) break;
      return status::WithReason(
          absl::UnavailableError("no checkpoint of the log is folded yet; ask again in a second, "
                                 "or leave as_of out"),
          "NO_CHECKPOINT");
    default:
      size = store_->folded_size();
  }
  return store_->Snapshot(size);
}

}  // namespace tidemark::analytics
