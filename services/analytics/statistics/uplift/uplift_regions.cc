#include "services/analytics/statistics/uplift/uplift_regions.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/vocabulary.h"

namespace tidemark::analytics {
namespace {

using catalog_client::EntityType;

constexpr size_t kMaxNamed = 3;

absl::Status AddRole(const StatisticContext& context, std::string_view list, size_t index,
                     const std::string& code, UpliftRole role,
                     std::map<std::string, UpliftRole>* roles) {
  const std::string field = absl::StrCat(list, "[", index, "]");
  if (context.view->regions().Find(code) == nullptr) {
    return status::InvalidArgument(
        field,
        absl::StrCat("`", std::string_view(code).substr(0, 256),
                     "` is not a region in the catalog at this snapshot",
                     context.view->NearestHint(EntityType::kRegion, code.substr(0, 256))),
        "UNKNOWN_CODE");
  }
  if (!roles->emplace(code, role).second) {
    return status::InvalidArgument(
        field, absl::StrCat("`", code, "` is named twice; a region has one role"), "DUPLICATE");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, UpliftRole>> NamedRoles(const StatisticContext& context,
                                                             const UpliftQuestion& question) {
  std::map<std::string, UpliftRole> roles;
  const auto add = [&](std::string_view list, const std::vector<std::string>& codes,
                       UpliftRole role) -> absl::Status {
    for (size_t i = 0; i < codes.size(); ++i)
      TM_RETURN_IF_ERROR(AddRole(context, list, i, codes[i], role, &roles));
    return absl::OkStatus();
  };
  TM_RETURN_IF_ERROR(add("treated", question.treated, UpliftRole::kTreated));
  TM_RETURN_IF_ERROR(add("controls", question.controls, UpliftRole::kControl));
  TM_RETURN_IF_ERROR(add("left_out", question.left_out, UpliftRole::kLeftOut));
  return roles;
}

// Fills codes and gross: of every named region, and, where `others`, of all that have gross.
absl::Status ReadGross(const StatisticContext& context, const UpliftQuestion& question,
                       const UpliftDays& days, const std::map<std::string, UpliftRole>& named,
                       UpliftRegions* regions) {
  Query query = question.query;
  query.first = context.calendar->Name(days.days.front());
  query.last = context.calendar->Name(days.days.back());
  TM_ASSIGN_OR_RETURN(const AskedCells asked, AskCells(context, query));
  regions->notes = asked.plan.notes;
  regions->region_role = asked.plan.region_role;
  regions->effects_scanned = asked.result.effects_scanned;

  std::map<int64_t, size_t> day_at;
  for (size_t day = 0; day < days.days.size(); ++day) day_at[days.days[day].start_us] = day;
  std::vector<bool> is_used(days.days.size());
  for (const auto* window : {&days.windows.before, &days.windows.activity}) {
    for (const size_t day : *window) is_used[day] = true;
  }
  for (const PlannedPeriod& period : asked.plan.periods) {
    const auto found = day_at.find(period.period.start_us);
    if (found != day_at.end() && is_used[found->second] && period.coverage.partial)
      ++regions->partial_days;
  }

  const std::vector<Group>& groups = asked.engine_plan.groups[0];
  std::map<std::string, size_t> rows;
  for (const auto& [code, role] : named) rows.emplace(code, 0);
  if (question.controls.empty()) {
    for (const uint32_t group :
         asked.result.groups.empty() ? std::vector<uint32_t>() : asked.result.groups[0]) {
      if (groups[group].kind == MemberKind::kCode) rows.emplace(groups[group].code, 0);
    }
  }
  for (auto& [code, row] : rows) {
    row = regions->codes.size();
    regions->codes.push_back(code);
  }
  regions->gross = DailyGross(regions->codes.size(), days.days.size());
  const auto& aggregates = asked.engine_plan.query.aggregates;
  const auto gross = static_cast<size_t>(std::distance(
      aggregates.begin(), std::find(aggregates.begin(), aggregates.end(), Aggregate::kGross)));
  for (size_t cell = 0; cell < asked.result.period.size(); ++cell) {
    const Group& group = groups[asked.result.groups[0][cell]];
    if (group.kind != MemberKind::kCode) continue;
    const auto row = rows.find(std::string(group.code));
    const auto day = day_at.find(asked.plan.periods[asked.result.period[cell]].period.start_us);
    if (row == rows.end() || day == day_at.end()) continue;
    regions->gross.At(row->second, day->second) = asked.result.aggregates[gross][cell];
  }
  return absl::OkStatus();
}

absl::Status ZeroDays(const StatisticContext& context, const UpliftDays& days,
                      const UpliftRegions& regions, const std::vector<size_t>& refused) {
  std::string names;
  for (size_t i = 0; i < refused.size() && i < kMaxNamed; ++i) {
    const size_t region = refused[i];
    std::vector<size_t> used = days.windows.before;
    used.insert(used.end(), days.windows.activity.begin(), days.windows.activity.end());
    const auto first = std::find_if(used.begin(), used.end(),
                                    [&](size_t day) { return regions.gross.At(region, day) <= 0; });
    absl::StrAppend(&names, names.empty() ? "" : ", ", regions.codes[region], " (",
                    CountZeroDays(regions.gross, region, days.windows), ", first ",
                    context.calendar->Name(days.days[*first]), ")");
  }
  if (refused.size() > kMaxNamed) absl::StrAppend(&names, " and others");
  return status::WithReason(
      absl::FailedPreconditionError(
          absl::StrCat(refused.size(), refused.size() == 1 ? " region has" : " regions have",
                       " days without gross, which have no logarithm: ", names,
                       "; leave them out, ask for a wider level, or choose other days")),
      "ZERO_DAYS");
}

}  // namespace

absl::StatusOr<UpliftRegions> ReadUpliftRegions(const StatisticContext& context,
                                                const UpliftQuestion& question,
                                                const UpliftDays& days) {
  TM_ASSIGN_OR_RETURN(const auto named, NamedRoles(context, question));
  UpliftRegions regions;
  TM_RETURN_IF_ERROR(ReadGross(context, question, days, named, &regions));
  std::vector<size_t> refused;
  for (size_t region = 0; region < regions.codes.size(); ++region) {
    const auto role = named.find(regions.codes[region]);
    const bool has_zero = CountZeroDays(regions.gross, region, days.windows) > 0;
    if (role == named.end()) {
      regions.roles.push_back(has_zero ? UpliftRole::kZeroDays : UpliftRole::kControl);
    } else {
      regions.roles.push_back(role->second);
      if (has_zero && role->second != UpliftRole::kLeftOut) refused.push_back(region);
    }
    if (regions.roles.back() == UpliftRole::kTreated) regions.treated.push_back(region);
    if (regions.roles.back() == UpliftRole::kControl) regions.controls.push_back(region);
  }
  if (!refused.empty()) return ZeroDays(context, days, regions, refused);
  if (regions.controls.empty()) {
    return status::WithReason(
        absl::FailedPreconditionError(
            "no region is left to compare with: none but the treated and left out has gross on "
            "every day; ask for a wider level, or choose other days"),
        "NO_CONTROLS");
  }
  return regions;
}

}  // namespace tidemark::analytics
