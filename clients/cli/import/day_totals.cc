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

absl::StatusOr<std::vector<ingest::v1::ControlTotals>> DayTotals::Take() const {
  std::vector<ingest::v1::ControlTotals> all;
  for (const auto& [key, sums] : sums_) {
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
