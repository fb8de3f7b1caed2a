#include "services/analytics/api/overlap_lister.h"

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/domain/source_overlaps.h"
#include "services/analytics/query/calendar.h"

namespace tidemark::analytics {
namespace {

// All of it lies in the calendar: a name that is none is refused whatever the snapshot.
absl::StatusOr<Period> RangeOf(const v1::PeriodRange& range, const Calendar* calendar) {
  Period all;
  if (range.first().empty() && range.last().empty()) return all;
  if (calendar == nullptr) {
    return status::InvalidArgument("range", "there is no observatory, so no periods; apply one",
                                   "PERIOD_INVALID");
  }
  const auto parse = [&](std::string_view field, const std::string& name) {
    absl::StatusOr<Period> period = name.empty() ? Period() : calendar->Parse(name);
    if (period.ok()) return period;
    return absl::StatusOr<Period>(
        status::InvalidArgument(field, period.status().message(), "PERIOD_INVALID"));
  };
  TM_ASSIGN_OR_RETURN(const Period first, parse("range.first", range.first()));
  TM_ASSIGN_OR_RETURN(const Period last, parse("range.last", range.last()));
  all.start_us = first.start_us;
  all.end_us = last.end_us;
  if (all.start_us < all.end_us) return all;
  return status::InvalidArgument("range",
                                 absl::StrCat("`", range.first(), "` to `", range.last(),
                                              "` holds no time; want first before last"),
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
  TM_ASSIGN_OR_RETURN(const Period range,
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
  response->mutable_snapshot()->set_log_id(store_.log_id());
  response->mutable_snapshot()->set_log_size(snapshot.log_size);
  response->mutable_snapshot()->set_catalog_version(snapshot.catalog_version);
  response->mutable_snapshot()->set_accepted_time_us(snapshot.accepted_time_us);
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
