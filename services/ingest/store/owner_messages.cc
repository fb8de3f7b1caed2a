#include "services/ingest/store/owner_messages.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

namespace pb = internal::v1;

constexpr absl::Duration kRetryAfter = absl::Seconds(1);

absl::Status Away(std::string_view what, const absl::Status& status) {
  return status::WithRetryAfter(
      status::WithReason(
          absl::UnavailableError(absl::StrCat(
              what, " (", status.message(),
              "); try again: events that are in the log already are found as duplicates")),
          "LOG_OWNER_AWAY"),
      kRetryAfter);
}

absl::StatusOr<Outcome> OutcomeOf(pb::RowOutcome outcome) {
  switch (outcome) {
    case pb::ROW_OUTCOME_DUPLICATE:
      return Outcome::kDuplicate;
    case pb::ROW_OUTCOME_CONFLICT:
      return Outcome::kConflict;
    case pb::ROW_OUTCOME_TOO_MANY_WAITING:
      return Outcome::kTooManyWaiting;
    default:
      return absl::InternalError(
          absl::StrCat("the owner of the log answers with outcome ", static_cast<int>(outcome),
                       ", which this front does not know; run releases next to each other"));
  }
}

AcceptedCounts FromProto(const pb::AcceptedCounts& counts) {
  return {.events = counts.events(), .gross = counts.gross(), .refunds = counts.refunds()};
}

}  // namespace

LogState FromProto(const pb::LogState& state) {
  LogState out{.size = state.size(),
               .accepted_time_us = state.accepted_time_us(),
               .bytes = state.bytes(),
               .identities = state.identities(),
               .identity_bytes = state.identity_bytes(),
               .marked_version = state.marked_version(),
               .durable_mark = {.version = state.durable_mark().version()},
               .sealed_reason = state.sealed_reason(),
               .opened_us = state.opened_us()};
  const std::string& hash = state.durable_mark().hash();
  std::copy_n(hash.begin(), std::min(hash.size(), out.durable_mark.hash.size()),
              out.durable_mark.hash.begin());
  return out;
}

void ToProto(const CatalogStamp& stamp, pb::CatalogStamp* out) {
  out->set_version(stamp.version);
  out->set_hash(stamp.hash.data(), stamp.hash.size());
}

absl::StatusOr<AppendResult> FromProto(
    const pb::AppendResponse& response,
    const std::function<std::string_view(std::string_view)>& intern) {
  AppendResult result{.first_leaf = response.first_leaf(), .accepted = response.accepted()};
  result.exceptions.reserve(response.exceptions_size());
  for (const pb::RowException& row : response.exceptions()) {
    TM_ASSIGN_OR_RETURN(const Outcome outcome, OutcomeOf(row.outcome()));
    result.exceptions.push_back({.row = row.row(),
                                 .outcome = outcome,
                                 .leaf = row.leaf(),
                                 .leaf_is_row = row.leaf_is_row(),
                                 .field = intern(row.field())});
  }
  TM_ASSIGN_OR_RETURN(result.leaf_hashes, HashesOf(response.leaf_hashes()));
  result.source_day_leaves.assign(response.source_day_leaves().begin(),
                                  response.source_day_leaves().end());
  return result;
}

void ToProto(const ledger::SourceDay& day, pb::SourceDay* out) {
  out->set_source(std::string(day.source));
  out->set_day(day.day);
  out->set_events(day.events);
  out->set_gross(day.gross);
  out->set_refunds(day.refunds);
}

Statement FromProto(const pb::ReadStatementResponse& response) {
  Statement statement{.log_size = response.log_size(),
                      .by_event_day = FromProto(response.by_event_day()),
                      .by_arrival_day = FromProto(response.by_arrival_day()),
                      .standing = FromProto(response.standing())};
  for (const pb::RefusedCount& count : response.refused()) {
    statement.refused.push_back(FromMessage(count));
  }
  if (response.has_close()) {
    statement.close = DayClose{.leaf = response.close_leaf(),
                               .accepted_time_us = response.close_accepted_time_us(),
                               .events = response.close().events(),
                               .gross = response.close().gross(),
                               .refunds = response.close().refunds()};
  }
  return statement;
}

absl::StatusOr<std::vector<ledger::Hash>> HashesOf(std::string_view bytes) {
  constexpr size_t kBytes = sizeof(ledger::Hash);
  if (bytes.size() % kBytes != 0) {
    return absl::InternalError(
        absl::StrCat("the owner of the log sent ", bytes.size(), " bytes of hashes"));
  }
  std::vector<ledger::Hash> hashes(bytes.size() / kBytes);
  if (!hashes.empty()) std::memcpy(hashes.data(), bytes.data(), bytes.size());
  return hashes;
}

absl::StatusOr<ledger::Hash> HashOf(std::string_view bytes) {
  TM_ASSIGN_OR_RETURN(const std::vector<ledger::Hash> hashes, HashesOf(bytes));
  if (hashes.size() == 1) return hashes.front();
  return absl::InternalError(
      absl::StrCat("the owner of the log sent ", hashes.size(), " hashes, want one"));
}

absl::Status OwnerTooOld(std::string_view what) {
  return status::WithReason(
      absl::FailedPreconditionError(absl::StrCat("the process that owns the log is of a release "
                                                 "that cannot ",
                                                 what, "; start the release of this front there")),
      "OWNER_TOO_OLD");
}

absl::Status FromOwner(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return status;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      // The caller's own token is good: it got as far as here.
      return Away("the owner of the log refuses the token of this front", status);
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return Away("the owner of the log did not answer in time", status);
    case absl::StatusCode::kUnavailable:
      if (status::ReasonOf(status).empty()) {
        return Away("the owner of the log does not answer", status);
      }
      if (status::RetryAfterOf(status) < absl::InfiniteDuration()) return status;
      return status::WithRetryAfter(status, kRetryAfter);
    case absl::StatusCode::kUnimplemented:
      return status::WithReason(
          absl::FailedPreconditionError(
              absl::StrCat("no owner of a log is at the address of --store (", status.message(),
                           "); name a tidemark-ingest that has the log's folder in --data")),
          "NO_LOG_OWNER");
    case absl::StatusCode::kInvalidArgument:
      if (status::ReasonOf(status) != "BAD_ROWS") return status;
      // Not the caller's fault.
      return absl::InternalError(status.message());
    default:
      return status;
  }
}

}  // namespace tidemark::ingest
