#include "services/analytics/api/source_day_lister.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/catalog_view.h"
#include "clients/cpp/catalog/local_days.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/find_source.h"
#include "services/analytics/api/snapshot_convert.h"
#include "services/analytics/domain/standing_sums.h"

namespace tidemark::analytics {
namespace {

using catalog_client::LocalDays;
using catalog_client::Source;

constexpr int64_t kMaxSourceDays = 3'660;

absl::StatusOr<int32_t> DayOf(std::string_view field, bool given, const type::v1::Date& date) {
  const std::optional<int32_t> day =
      given ? catalog_client::DayNumber(date.year(), date.month(), date.day()) : std::nullopt;
  if (day) return *day;
  return status::InvalidArgument(
      field, given ? "is no day of the calendar; want year, month and day" : "missing; want a day",
      "INVALID_DATE");
}

void SetDate(int32_t day, type::v1::Date* date) {
  const absl::CivilDay civil = catalog_client::kFirstCivilDay + day;
  date->set_year(static_cast<int32_t>(civil.year()));
  date->set_month(civil.month());
  date->set_day(civil.day());
}

// Days of a source that are asked for, lie in its window and have begun.
struct Listed {
  const Source* source;
  int32_t first;
  int32_t end;
};

class Lister {
 public:
  Lister(const catalog_client::CatalogView& view, const SnapshotInfo& snapshot)
      : view_(view),
        snapshot_(snapshot),
        days_(view.observatory()->time_zone),
        today_(days_.DayOf(snapshot.accepted_time_us)) {}

  absl::Status Choose(const v1::ListSourceDaysRequest& request, int32_t first, int32_t last) {
    int64_t count = 0;
    const auto add = [&](const Source& source) {
      Listed listed = {&source, first, std::min(last, today_) + 1};
      const auto& [start_us, end_us] = source.reports;
      if (start_us != INT64_MIN) listed.first = std::max(first, days_.DayOf(start_us));
      if (end_us != INT64_MAX) listed.end = std::min(listed.end, days_.DayOf(end_us));
      if (listed.first >= listed.end) return;
      count += listed.end - listed.first;
      listed_.push_back(listed);
    };
    if (request.source().empty()) {
      for (const Source& source : view_.sources().items()) {
        if (source.kind == catalog_client::SourceKind::kLive) add(source);
      }
    } else {
      TM_ASSIGN_OR_RETURN(const Source* const source, FindSource(view_, request.source()));
      add(*source);
    }
    if (count > kMaxSourceDays) {
      return status::InvalidArgument(
          "last",
          absl::StrCat("the days of all sources are ", count, "; want at most ", kMaxSourceDays,
                       ": ask for fewer days, or for one source"),
          "RANGE_TOO_LONG");
    }
    std::sort(listed_.begin(), listed_.end(),
              [](const Listed& a, const Listed& b) { return a.source->id < b.source->id; });
    return absl::OkStatus();
  }

  absl::Status Write(const StatStore& store, const LinkFold& links, const SourceDays& source_days,
                     v1::ListSourceDaysResponse* response) {
    TM_RETURN_IF_ERROR(ReadSums(store, links));
    for (size_t i = 0; i < listed_.size(); ++i)
      TM_RETURN_IF_ERROR(WriteSource(i, source_days, response));
    return absl::OkStatus();
  }

 private:
  absl::Status ReadSums(const StatStore& store, const LinkFold& links) {
    if (listed_.empty()) return absl::OkStatus();
    std::vector<std::string> ids;
    int32_t first = INT32_MAX, end = INT32_MIN;
    for (const Listed& listed : listed_) {
      ids.push_back(listed.source->id);
      first = std::min(first, listed.first);
      end = std::max(end, listed.end);
    }
    sums_.resize(ids.size());
    return ReadStanding(store, links, &days_, ids, first, end, snapshot_.log_size,
                        [this](size_t source, int32_t day, const StandingSums& part) {
                          sums_[source][day].Add(part);
                        });
  }

  static absl::Status SetSums(int32_t day, const StandingSums& sums, v1::SourceDay* out) {
    out->set_events(static_cast<uint64_t>(sums.events));
    out->set_gross(static_cast<int64_t>(sums.gross));
    out->set_refunds(static_cast<int64_t>(sums.refunds));
    if (out->gross() == sums.gross && out->refunds() == sums.refunds) return absl::OkStatus();
    return status::WithReason(absl::OutOfRangeError(absl::StrCat(
                                  "the amounts of ", out->source(), " on ",
                                  absl::FormatCivilTime(catalog_client::kFirstCivilDay + day),
                                  " add up to more than 64 bits hold; ask for days without it")),
                              "SUM_OVERFLOW");
  }

  v1::SourceDayState StateOf(const Source& source, int32_t day,
                             const std::map<int32_t, SourceDayState>& states) const {
    if (day >= today_) return v1::SOURCE_DAY_STATE_OPEN;
    if (!source.closes_days) return v1::SOURCE_DAY_STATE_COMPLETE;
    const auto found = states.find(day);
    return found == states.end() ? v1::SOURCE_DAY_STATE_SILENT
                                 : static_cast<v1::SourceDayState>(found->second);
  }

  absl::Status WriteSource(size_t position, const SourceDays& source_days,
                           v1::ListSourceDaysResponse* response) {
    const Listed& listed = listed_[position];
    const std::string& id = listed.source->id;
    std::map<int32_t, SourceDayState> states;
    TM_RETURN_IF_ERROR(
        source_days.ReadStates(id, snapshot_.log_size, listed.first, listed.end,
                               [&](int32_t day, SourceDayState state) { states[day] = state; }));
    std::map<int32_t, DayTotals> totals;
    TM_RETURN_IF_ERROR(source_days.ReadTotals(
        id, snapshot_.log_size, listed.first, listed.end,
        [&](int32_t day, const DayTotals& closed) { totals[day] = closed; }));
    for (int32_t day = listed.first; day < listed.end; ++day) {
      // A day that the zone left out does not exist.
      if (days_.StartOf(day) >= days_.StartOf(day + 1)) continue;
      v1::SourceDay& out = *response->add_source_days();
      out.set_source(id);
      SetDate(day, out.mutable_day());
      out.set_state(StateOf(*listed.source, day, states));
      TM_RETURN_IF_ERROR(SetSums(day, sums_[position][day], &out));
      const auto closed = totals.find(day);
      if (closed == totals.end()) continue;
      v1::SourceDayTotals& said = *out.mutable_totals();
      said.set_events(static_cast<uint64_t>(closed->second.sums.events));
      said.set_gross(closed->second.sums.gross);
      said.set_refunds(closed->second.sums.refunds);
      said.set_leaf(closed->second.leaf);
    }
    return absl::OkStatus();
  }

  const catalog_client::CatalogView& view_;
  const SnapshotInfo& snapshot_;
  LocalDays days_;
  // Not over.
  const int32_t today_;
  std::vector<Listed> listed_;
  // By position in listed_.
  std::vector<std::map<int32_t, StandingSums>> sums_;
};

}  // namespace

absl::Status ListSourceDays(const rpc::Caller& caller, const v1::ListSourceDaysRequest& request,
                            QueryHandler& queries, const StatStore& store, const LinkFold& links,
                            const SourceDays& source_days, v1::ListSourceDaysResponse* response) {
  if (!caller.region_scope.empty()) {
    return status::WithReason(
        absl::PermissionDeniedError("the token is for a region, but days of sources are of all "
                                    "regions; use a token without region"),
        "REGION_SCOPE");
  }
  TM_ASSIGN_OR_RETURN(const int32_t first, DayOf("first", request.has_first(), request.first()));
  TM_ASSIGN_OR_RETURN(const int32_t last, DayOf("last", request.has_last(), request.last()));
  if (last < first) {
    return status::InvalidArgument("last", "is before first; want a day from first on",
                                   "PERIOD_INVALID");
  }
  v1::QueryRequest at;
  if (request.has_as_of()) *at.mutable_as_of() = request.as_of();
  TM_ASSIGN_OR_RETURN(const SnapshotInfo snapshot, queries.resolver().Resolve(at, std::nullopt));
  TM_ASSIGN_OR_RETURN(const auto view, queries.CatalogAt(snapshot));
  if (view->observatory() == nullptr) {
    return status::WithReason(
        absl::FailedPreconditionError(
            "the catalog had no observatory yet at this snapshot: ask for a later one"),
        "NO_OBSERVATORY");
  }
  Lister lister(*view, snapshot);
  TM_RETURN_IF_ERROR(lister.Choose(request, first, last));
  TM_RETURN_IF_ERROR(lister.Write(store, links, source_days, response));
  SetSnapshot(store, snapshot, response->mutable_snapshot());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
