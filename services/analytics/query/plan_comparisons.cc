#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/period_range.h"
#include "services/analytics/query/plan_words.h"

namespace tidemark::analytics {
namespace {

constexpr size_t kMaxCagrs = 4;
constexpr uint32_t kMaxCagrYears = 120;
constexpr absl::CivilDay kEpoch(1970, 1, 1);

absl::Status NeedsPeriods(std::string_view field) {
  return status::InvalidArgument(field,
                                 "a comparison needs periods; set query.grain (in words: `by "
                                 "month`), or name one period as both ends of query.range (`in "
                                 "2024-03`)",
                                 "GRAIN_MISSING");
}

absl::Status HourToDate() {
  return status::InvalidArgument("query.to_date",
                                 "an hour has no days that are over; take a grain of a day or "
                                 "longer, or leave it out",
                                 "GRAIN_TOO_SHORT");
}

absl::Status NotOfYears(std::string_view field, std::string_view wanted) {
  return status::InvalidArgument(field, absl::StrCat("there is none of this grain; take ", wanted),
                                 "GRAIN_INVALID");
}

bool* FlagOf(Comparison comparison, Plan* plan) {
  switch (comparison) {
    case Comparison::kPrev:
      return &plan->prev;
    case Comparison::kYoy:
      return &plan->yoy;
    case Comparison::kYtd:
      return &plan->ytd;
    case Comparison::kYtdYoy:
      return &plan->ytd_yoy;
    default:
      return nullptr;
  }
}

// Whose events are compared, and up to when.
absl::Status PlanGrowth(const Query& query, Plan* plan) {
  if (query.panel == Panel::kUnknown) {
    return status::InvalidArgument("query.panel", "unknown; want AS_REPORTED or MATCHED",
                                   "UNKNOWN_PANEL");
  }
  plan->panel = query.panel;
  plan->to_date = query.to_date;
  const bool compared = plan->prev || plan->yoy || plan->ytd_yoy;
  for (const auto& [field, asked] : {std::pair("query.panel", query.panel == Panel::kMatched),
                                     std::pair("query.to_date", query.to_date)}) {
    if (!asked) continue;
    if (!compared) {
      return status::InvalidArgument(
          field, "says how to compare, but nothing is compared; set query.comparisons",
          "COMPARISON_MISSING");
    }
    if (plan->far_bases.empty()) continue;
    return status::InvalidArgument(
        field, "is not for average annual growth and index numbers; ask for those by themselves",
        "PANEL_NOT_APPLICABLE");
  }
  return query.to_date && query.grain == Grain::kHour ? HourToDate() : absl::OkStatus();
}

absl::Status PlanFarBases(const Query& query, bool has_periods, Plan* plan) {
  if (query.cagr_years.size() > kMaxCagrs) {
    return status::InvalidArgument(
        "query.cagr_years",
        absl::StrCat(query.cagr_years.size(), " entries; want at most ", kMaxCagrs), "TOO_MANY");
  }
  for (size_t i = 0; i < query.cagr_years.size(); ++i) {
    const std::string field = absl::StrCat("query.cagr_years[", i, "]");
    const uint32_t years = query.cagr_years[i];
    if (years < 1 || years > kMaxCagrYears) {
      return status::InvalidArgument(
          field, absl::StrCat(years, "; want 1 to ", kMaxCagrYears, " years"), "YEARS_INVALID");
    }
    if (std::count(query.cagr_years.begin(), query.cagr_years.begin() + static_cast<ptrdiff_t>(i),
                   years) != 0) {
      return status::InvalidArgument(field, "is there twice; leave one out", "DUPLICATE");
    }
    if (!has_periods) return NeedsPeriods(field);
    if (query.grain < Grain::kMonth) return NotOfYears(field, "MONTH or longer");
    plan->far_bases.push_back({years});
  }
  if (query.index_base.empty()) return absl::OkStatus();
  if (!has_periods) return NeedsPeriods("query.index_base");
  plan->far_bases.push_back({});
  return absl::OkStatus();
}

// The months that a cumulative period is of.
std::pair<int, int> MonthsOf(const Calendar& calendar, const Period& period) {
  const absl::CivilDay first = kEpoch + calendar.DayOf(period.start_us);
  const absl::CivilDay end = kEpoch + calendar.DayOf(period.end_us);
  return {first.month(), end.month()};
}

// `grain`: of the periods shown; `named`: the one that is shown, where it is cumulative.
absl::StatusOr<Period> ParseIndexBase(const Query& query, const Calendar& calendar, Grain grain,
                                      const Period& named) {
  const absl::StatusOr<Period> base = calendar.Parse(query.index_base);
  if (!base.ok()) {
    return status::InvalidArgument("query.index_base", base.status().message(), "PERIOD_INVALID");
  }
  const bool alike =
      base->grain == grain &&
      (grain != Grain::kAll || MonthsOf(calendar, *base) == MonthsOf(calendar, named));
  if (alike) return *base;
  return status::InvalidArgument(
      "query.index_base",
      absl::StrCat("`", query.index_base,
                   "` is not as long as the periods of the query; take one that is"),
      "PERIOD_MISMATCH");
}

}  // namespace

absl::Status PlanComparisons(const Query& query, Plan* plan) {
  const bool has_periods = query.grain != Grain::kAll || IsOnePeriod(query);
  for (size_t i = 0; i < query.comparisons.size(); ++i) {
    const std::string field = absl::StrCat("query.comparisons[", i, "]");
    bool* const asked = FlagOf(query.comparisons[i], plan);
    if (asked == nullptr) {
      return status::InvalidArgument(field, "unknown; want PREV, YOY, YTD or YTD_YOY",
                                     "UNKNOWN_COMPARISON");
    }
    if (*asked) return status::InvalidArgument(field, "is there twice; leave one out", "DUPLICATE");
    *asked = true;
    if (!has_periods) return NeedsPeriods(field);
  }
  const bool cumulates = plan->ytd || plan->ytd_yoy;
  if (cumulates && plan->prev) {
    return status::InvalidArgument(
        "query.comparisons",
        "nothing precedes a year to date; leave out either PREV or YTD and YTD_YOY",
        "PREV_UNDEFINED");
  }
  if (cumulates && query.grain != Grain::kAll &&
      (query.grain < Grain::kMonth || query.grain > Grain::kHalfYear)) {
    return NotOfYears("query.comparisons", "MONTH, QUARTER or HALF_YEAR");
  }
  TM_RETURN_IF_ERROR(PlanFarBases(query, has_periods, plan));
  return PlanGrowth(query, plan);
}

absl::Status CheckPeriodNames(const Query& query, const Calendar& calendar, Plan* plan) {
  TM_RETURN_IF_ERROR(ParsePeriodRange(calendar, "query.range", query.first, query.last).status());
  Period named;
  if (IsOnePeriod(query)) {
    TM_ASSIGN_OR_RETURN(named, calendar.Parse(query.first));
    if (plan->to_date && named.grain == Grain::kHour) return HourToDate();
    if (plan->prev && named.grain == Grain::kAll) {
      return status::InvalidArgument(
          "query.comparisons",
          absl::StrCat("nothing precedes the cumulative period `", query.first,
                       "`; compare it with yoy, or take periods of one grain"),
          "PREV_UNDEFINED");
    }
    if ((plan->ytd || plan->ytd_yoy) &&
        (named.grain < Grain::kMonth || named.grain > Grain::kHalfYear)) {
      return NotOfYears("query.comparisons", "a month, quarter or half-year");
    }
    if (!query.cagr_years.empty() && named.grain < Grain::kMonth) {
      return NotOfYears("query.cagr_years[0]", "a month or longer");
    }
  }
  if (query.index_base.empty()) return absl::OkStatus();
  const Grain grain = query.grain == Grain::kAll ? named.grain : query.grain;
  TM_ASSIGN_OR_RETURN(plan->index_base, ParseIndexBase(query, calendar, grain, named));
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
