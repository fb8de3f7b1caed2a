#include "services/analytics/query/no_events.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace tidemark::analytics {
namespace {

std::string DayAt(const Plan& plan, int64_t time_us) {
  return plan.calendar->Name(plan.calendar->At(Grain::kDay, time_us));
}

std::string Why(const Plan& plan) {
  const TimeRange& reports = plan.reports;
  if (reports.start_us >= reports.end_us) {
    return "no LIVE source passes the filters; `tidemark list sources` shows those there are";
  }
  if (reports.end_us <= plan.asked.start_us || plan.asked.end_us <= reports.start_us) {
    const std::string first = DayAt(plan, reports.start_us);
    return absl::StrCat("the sources report ",
                        reports.end_us == kEndOfTime
                            ? absl::StrCat("from ", first, " on")
                            : absl::StrCat(first, " to ", DayAt(plan, reports.end_us - 1)),
                        ", and the range has no day of that");
  }
  return plan.filters.empty() ? "nothing has been reported of the range"
                              : "nothing of the range passes the filters";
}

}  // namespace

PlanNote NoEvents(const Plan& plan) {
  return {"NO_EVENTS", absl::StrCat("No row has an event: ", Why(plan), ".")};
}

}  // namespace tidemark::analytics
