#include "services/ingest/api/statement_convert.h"

#include <algorithm>
#include <tuple>

#include "common/status/status_macros.h"
#include "services/ingest/domain/rejection.h"

namespace tidemark::ingest {
namespace {

absl::Status ToProto(const AcceptedCounts& accepted, const std::vector<RefusedCount>& refused,
                     bool by_arrival, v1::DayCounts* out) {
  out->set_accepted(accepted.events);
  TM_ASSIGN_OR_RETURN(const int64_t gross, SumOf(accepted.gross, "gross"));
  TM_ASSIGN_OR_RETURN(const int64_t refunds, SumOf(accepted.refunds, "refunds"));
  out->set_gross(gross);
  out->set_refunds(refunds);
  for (const RefusedCount& count : refused) {
    if (count.by_arrival != by_arrival) continue;
    if (count.reason == kDuplicateReason) {
      out->set_duplicates(out->duplicates() + count.count);
    } else if (count.reason == NameOf(Reason::kContentConflict)) {
      out->set_conflicts(out->conflicts() + count.count);
    } else {
      v1::RejectionCount& rejection = *out->add_rejections();
      rejection.set_reason(count.reason);
      rejection.set_field(count.field);
      rejection.set_count(count.count);
      out->set_rejected(out->rejected() + count.count);
    }
  }
  const auto order = [](const v1::RejectionCount& r) {
    return std::make_tuple(UINT64_MAX - r.count(), std::string_view(r.reason()),
                           std::string_view(r.field()));
  };
  std::sort(out->mutable_rejections()->begin(), out->mutable_rejections()->end(),
            [order](const auto& a, const auto& b) { return order(a) < order(b); });
  out->set_received(out->accepted() + out->duplicates() + out->conflicts() + out->rejected());
  return absl::OkStatus();
}

}  // namespace

absl::Status ToProto(const Statement& statement, const std::string& source, v1::Statement* out) {
  out->set_source(source);
  out->set_log_size(statement.log_size);
  TM_RETURN_IF_ERROR(ToProto(statement.by_event_day, statement.refused, /*by_arrival=*/false,
                             out->mutable_by_event_day()));
  TM_RETURN_IF_ERROR(ToProto(statement.by_arrival_day, statement.refused, /*by_arrival=*/true,
                             out->mutable_by_arrival_day()));
  v1::DayStanding& standing = *out->mutable_standing();
  standing.set_events(statement.standing.events);
  TM_ASSIGN_OR_RETURN(const int64_t gross, SumOf(statement.standing.gross, "gross"));
  TM_ASSIGN_OR_RETURN(const int64_t refunds, SumOf(statement.standing.refunds, "refunds"));
  standing.set_gross(gross);
  standing.set_refunds(refunds);
  if (!statement.close.has_value()) return absl::OkStatus();
  const DayClose& close = *statement.close;
  v1::ControlTotals& totals = *out->mutable_close()->mutable_totals();
  totals.set_source(source);
  totals.set_events(close.events);
  totals.set_gross(close.gross);
  totals.set_refunds(close.refunds);
  out->mutable_close()->set_leaf(close.leaf);
  out->mutable_close()->set_accepted_time_us(close.accepted_time_us);
  // All are at least 0 and at most 2^63 - 1, so that no difference overflows.
  v1::DayDifference& difference = *out->mutable_difference();
  difference.set_events(static_cast<int64_t>(standing.events()) -
                        static_cast<int64_t>(close.events));
  difference.set_gross(gross - close.gross);
  difference.set_refunds(refunds - close.refunds);
  return absl::OkStatus();
}

}  // namespace tidemark::ingest
