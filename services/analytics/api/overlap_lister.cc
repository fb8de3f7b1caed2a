#include "services/analytics/api/overlap_lister.h"

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/snapshot_convert.h"
#include "services/analytics/domain/source_overlaps.h"
#include "services/analytics/query/calendar.h"
#include "services/analytics/query/period_range.h"

namespace tidemark::analytics {
namespace {

// All of it lies in the calendar: a name that is none is refused whatever the snapshot.
absl::StatusOr<TimeRange> RangeOf(const v1::PeriodRange& range, const Calendar* calendar) {
  if (range.first().empty() && range.last().empty()) return TimeRange();
  if (calendar != nullptr) return ParsePeriodRange(*calendar, "range", range.first(), range.last());
  return status::InvalidArgument("range", "there is no observatory, so no periods; apply one",
                                 "PERIOD_INVALID");
}

}  // namespace

v1::QueryRequest OverlapLister::SnapshotRequest(const v1::ListOverlapsRequest& request) {
  v1::QueryRequest asked;
  if (request.has_as_of()) *asked.mutable_as_of() = request.as_of();
  return asked;
}

absl::Status OverlapLister::Check(const rpc::Caller& caller,
                                  const v1::ListOverlapsRequest& request) const {
  if (!caller.region_scope.empty()) {
    return status::WithReason(
        absl::PermissionDeniedError("the token is for a region, but what two sources both report "
                                    "is told of all regions; use a token without region"),
        "REGION_SCOPE");
  }
  TM_RETURN_IF_ERROR(RangeOf(request.range(), queries_.NewestCalendar().get()).status());
  return queries_.resolver().Check(SnapshotRequest(request), std::nullopt);
}

absl::Status OverlapLister::List(const rpc::CallContext& call,
                                 const v1::ListOverlapsRequest& request,
                                 v1::ListOverlapsResponse* response) const {
  TM_ASSIGN_OR_RETURN(const SnapshotInfo snapshot,
                      queries_.resolver().Resolve(SnapshotRequest(request), std::nullopt));
  TM_RETURN_IF_ERROR(queries_.CatalogAt(snapshot).status());
  TM_ASSIGN_OR_RETURN(const TimeRange range,
                      RangeOf(request.range(), queries_.NewestCalendar().get()));
  TM_ASSIGN_OR_RETURN(const auto precedence, links_.PrecedenceOf(snapshot.catalog_version));
  std::deque<std::string> texts;
  TM_ASSIGN_OR_RETURN(auto members, links_.MembersAt(snapshot.log_size, &texts, [&call] {
    return call.cancelled() ? absl::CancelledError("the caller is gone") : absl::OkStatus();
  }));
  TM_ASSIGN_OR_RETURN(const auto overlaps,
                      OverlapsOf(std::move(members), *precedence, range.start_us, range.end_us));
  for (const SourceOverlap& overlap : overlaps) {
    v1::Overlap& out = *response->add_overlaps();
    out.set_counted_source(std::string(overlap.counted));
    out.set_other_source(std::string(overlap.other));
    out.set_events(overlap.events);
    out.set_counted_amount(overlap.counted_amount);
    out.set_other_amount(overlap.other_amount);
    out.set_differing(overlap.differing);
  }
  SetSnapshot(store_, snapshot, response->mutable_snapshot());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
