#include "services/ingest/api/log_store_convert.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

namespace pb = internal::v1;

pb::RowOutcome ToProto(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDuplicate:
      return pb::ROW_OUTCOME_DUPLICATE;
    case Outcome::kConflict:
      return pb::ROW_OUTCOME_CONFLICT;
    case Outcome::kTooManyWaiting:
      return pb::ROW_OUTCOME_TOO_MANY_WAITING;
  }
  return pb::ROW_OUTCOME_UNSPECIFIED;
}

absl::Status ToProto(const AcceptedCounts& counts, pb::AcceptedCounts* out) {
  out->set_events(counts.events);
  TM_ASSIGN_OR_RETURN(const int64_t gross, SumOf(counts.gross, "gross"));
  TM_ASSIGN_OR_RETURN(const int64_t refunds, SumOf(counts.refunds, "refunds"));
  out->set_gross(gross);
  out->set_refunds(refunds);
  return absl::OkStatus();
}

}  // namespace

void ToProto(const LogState& state, pb::LogState* out) {
  out->set_size(state.size);
  out->set_accepted_time_us(state.accepted_time_us);
  out->set_bytes(state.bytes);
  out->set_identities(state.identities);
  out->set_identity_bytes(state.identity_bytes);
  out->set_marked_version(state.marked_version);
  pb::CatalogStamp& mark = *out->mutable_durable_mark();
  mark.set_version(state.durable_mark.version);
  AppendHashes({&state.durable_mark.hash, 1}, mark.mutable_hash());
  out->set_sealed_reason(state.sealed_reason);
  out->set_opened_us(state.opened_us);
}

void ToProto(const AppendResult& result, pb::AppendResponse* out) {
  out->set_first_leaf(result.first_leaf);
  out->set_accepted(result.accepted);
  out->mutable_exceptions()->Reserve(static_cast<int>(result.exceptions.size()));
  for (const RowException& exception : result.exceptions) {
    pb::RowException& row = *out->add_exceptions();
    row.set_row(exception.row);
    row.set_outcome(ToProto(exception.outcome));
    row.set_leaf(exception.leaf);
    row.set_leaf_is_row(exception.leaf_is_row);
    row.set_field(std::string(exception.field));
  }
  AppendHashes(result.leaf_hashes, out->mutable_leaf_hashes());
  out->mutable_source_day_leaves()->Add(result.source_day_leaves.begin(),
                                        result.source_day_leaves.end());
}

absl::Status ToProto(const Statement& statement, pb::ReadStatementResponse* out) {
  out->set_log_size(statement.log_size);
  TM_RETURN_IF_ERROR(ToProto(statement.by_event_day, out->mutable_by_event_day()));
  TM_RETURN_IF_ERROR(ToProto(statement.by_arrival_day, out->mutable_by_arrival_day()));
  TM_RETURN_IF_ERROR(ToProto(statement.standing, out->mutable_standing()));
  for (const RefusedCount& count : statement.refused) ToMessage(count, out->add_refused());
  if (!statement.close.has_value()) return absl::OkStatus();
  out->mutable_close()->set_events(statement.close->events);
  out->mutable_close()->set_gross(statement.close->gross);
  out->mutable_close()->set_refunds(statement.close->refunds);
  out->set_close_leaf(statement.close->leaf);
  out->set_close_accepted_time_us(statement.close->accepted_time_us);
  return absl::OkStatus();
}

ledger::SourceDay FromProto(const pb::SourceDay& day) {
  return {.source = day.source(),
          .day = day.day(),
          .events = day.events(),
          .gross = day.gross(),
          .refunds = day.refunds()};
}

CatalogStamp FromProto(const pb::CatalogStamp& stamp) {
  CatalogStamp out{.version = stamp.version()};
  std::copy_n(stamp.hash().begin(), std::min(stamp.hash().size(), out.hash.size()),
              out.hash.begin());
  return out;
}

absl::Status CheckLogId(const LogStore& log, std::string_view log_id) {
  if (log_id == log.log_id()) return absl::OkStatus();
  return status::WithReason(
      absl::FailedPreconditionError(absl::StrCat("log_id: this service owns log ", log.log_id(),
                                                 ", the front was started for log ", log_id,
                                                 "; restart the front, or correct its --store")),
      "LOG_ID_MISMATCH", {{"log_id", log.log_id()}});
}

void AppendHashes(std::span<const ledger::Hash> hashes, std::string* out) {
  for (const ledger::Hash& hash : hashes) {
    out->append(reinterpret_cast<const char*>(hash.data()), hash.size());
  }
}

}  // namespace tidemark::ingest
