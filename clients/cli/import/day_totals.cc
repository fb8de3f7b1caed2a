#include "clients/cli/import/day_totals.h"

#include <limits>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace tidemark::importer {
namespace {

bool Fits(__int128 sum) { return sum <= std::numeric_limits<int64_t>::max(); }

}  // namespace

void DayTotals::Add(std::string_view event) {
  if (!event_.ParseFromArray(event.data(), static_cast<int>(event.size()))) return;
  const auto identity = std::pair(std::string_view(event_.source()), std::string_view(event_.id()));
  const auto [it, is_new] = events_.try_emplace(absl::Hash<decltype(identity)>()(identity));
  Standing& standing = it->second;
  // The same revision again is no record of the log, whatever it says.
  if (!is_new && event_.revision() == standing.revision) return;
  // The day of an event is one of the file, also when another revision moves or withdraws it.
  Sums* const day = event_.kind() == ingest::v1::EVENT_KIND_VOID
                        ? nullptr
                        : &sums_[{event_.source(), days_.DayOf(event_.event_time_us())}];
  if (!is_new) {
    if (event_.revision() < standing.revision) return;
    Count(standing, -1);
  }
  standing = {
      .day = day, .amount = event_.amount(), .revision = event_.revision(), .kind = event_.kind()};
  Count(standing, 1);
}

void DayTotals::Count(const Standing& event, int sign) {
  if (event.kind == ingest::v1::EVENT_KIND_VOID) return;
  event.day->events += sign;
  if (event.kind == ingest::v1::EVENT_KIND_PURCHASE) event.day->gross += sign * event.amount;
  if (event.kind == ingest::v1::EVENT_KIND_REFUND) event.day->refunds += sign * event.amount;
}

void DayTotals::AddRejected(std::string_view source_and_time) {
  const bool read =
      event_.ParseFromArray(source_and_time.data(), static_cast<int>(source_and_time.size()));
  if (!read || event_.source().empty()) {
    ++rejected_of_unknown_;
  } else if (event_.event_time_us() == 0 || event_.revision() > 0) {
    ++rejected_of_source_[event_.source()];
  } else {
    ++rejected_of_day_[{event_.source(), days_.DayOf(event_.event_time_us())}];
  }
}

bool DayTotals::StaysOpen(const std::string& source, int32_t day) const {
  return rejected_of_unknown_ > 0 || rejected_of_source_.contains(source) ||
         rejected_of_day_.contains({source, day});
}

std::vector<std::string> DayTotals::LeftOpen() const {
  const auto rows = [](uint64_t count) {
    return absl::StrCat(count, count == 1 ? " row was" : " rows were");
  };
  if (rejected_of_unknown_ > 0) {
    return {absl::StrCat("all days: ", rows(rejected_of_unknown_),
                         " rejected whose source cannot be read")};
  }
  std::vector<std::string> open;
  for (const auto& [source, count] : rejected_of_source_) {
    open.push_back(absl::StrCat("all days of ", source, ": ", rows(count),
                                " rejected that may be of any day"));
  }
  for (const auto& [key, count] : rejected_of_day_) {
    if (rejected_of_source_.contains(key.first)) continue;
    open.push_back(absl::StrCat(absl::FormatCivilTime(catalog_client::kFirstCivilDay + key.second),
                                " of ", key.first, ": ", rows(count),
                                " rejected, so the file has more of it"));
  }
  return open;
}

absl::StatusOr<std::vector<ingest::v1::ControlTotals>> DayTotals::Take() const {
  std::vector<ingest::v1::ControlTotals> all;
  for (const auto& [key, sums] : sums_) {
    if (StaysOpen(key.first, key.second)) continue;
    const absl::CivilDay day = catalog_client::kFirstCivilDay + key.second;
    if (!Fits(sums.gross) || !Fits(sums.refunds)) {
      return absl::OutOfRangeError(absl::StrCat("the amounts of source ", key.first, " on ",
                                                absl::FormatCivilTime(day),
                                                " add up to more than a day's total can hold"));
    }
    ingest::v1::ControlTotals& totals = all.emplace_back();
    totals.set_source(key.first);
    totals.mutable_day()->set_year(static_cast<int32_t>(day.year()));
    totals.mutable_day()->set_month(day.month());
    totals.mutable_day()->set_day(day.day());
    totals.set_events(static_cast<uint64_t>(sums.events));
    totals.set_gross(static_cast<int64_t>(sums.gross));
    totals.set_refunds(static_cast<int64_t>(sums.refunds));
  }
  return all;
}

}  // namespace tidemark::importer
