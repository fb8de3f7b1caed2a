#include "services/analytics/statistics/targets/target_progress.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/statistics/indicator/measures_asked.h"
#include "services/analytics/statistics/targets/formula_actual.h"
#include "services/analytics/statistics/targets/series_figures.h"
#include "services/analytics/statistics/targets/target_area.h"
#include "services/analytics/statistics/targets/target_scope.h"
#include "services/analytics/statistics/targets/target_tables.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

using ResourcePtr = std::shared_ptr<const pb::Resource>;

absl::Status OutsideScope(const StatisticContext& context, std::string_view what) {
  return status::WithReason(absl::PermissionDeniedError(absl::StrCat(
                                "the token may read only ", context.region_scope, ", ", what,
                                "; ask an administrator for a token with another "
                                "region_scope")),
                            "REGION_SCOPE");
}

bool MaySee(const StatisticContext& context, const pb::Resource& target) {
  return context.region_scope.empty() ||
         LiesIn(*context.view, target.target().region(), context.region_scope,
                context.snapshot.accepted_time_us);
}

absl::Status CheckScope(const StatisticContext& context) {
  if (context.region_scope.empty() || HasPlace(*context.view, context.region_scope))
    return absl::OkStatus();
  return OutsideScope(context, "which the catalog does not have at this snapshot");
}

// Why a resource that a field of the request names is not there.
absl::Status InField(std::string_view field, const absl::Status& error) {
  if (error.code() == absl::StatusCode::kInvalidArgument)
    return status::InvalidArgument(field, error.message(), "INVALID_NAME");
  return status::Prefixed(field, error);
}

absl::StatusOr<std::vector<ResourcePtr>> ReadNamed(const StatisticContext& context,
                                                   const std::vector<std::string>& names) {
  std::vector<ResourcePtr> targets;
  for (size_t i = 0; i < names.size(); ++i) {
    TM_RETURN_IF_ERROR(context.stop());
    absl::StatusOr<ResourcePtr> target =
        context.catalog->Get(names[i], context.snapshot.catalog_version);
    if (!target.ok()) return InField(absl::StrCat("targets[", i, "]"), target.status());
    if (!MaySee(context, **target)) {
      return OutsideScope(context, absl::StrCat("and ", names[i], " is a target of ",
                                                (*target)->target().region()));
    }
    targets.push_back(*std::move(target));
  }
  return targets;
}

absl::StatusOr<std::vector<ResourcePtr>> ReadOfParent(const StatisticContext& context,
                                                      const std::string& parent) {
  const uint64_t version = context.snapshot.catalog_version;
  const auto found = context.catalog->Get(parent, version);
  if (!found.ok()) return InField("parent", found.status());
  TM_ASSIGN_OR_RETURN(
      const CatalogReader::Resources listed,
      context.catalog->List("targets", absl::StrCat("parent = \"", parent, "\""), version));
  std::vector<ResourcePtr> targets;
  for (const pb::Resource& target : *listed) {
    if (MaySee(context, target)) targets.emplace_back(listed, &target);
  }
  if (targets.size() > kMaxTargets) {
    return status::WithReason(absl::ResourceExhaustedError(absl::StrCat(
                                  parent, " has ", targets.size(), " targets, more than ",
                                  kMaxTargets, "; name those that you want")),
                              "TOO_MANY_TARGETS");
  }
  return targets;
}

// Fills in what the goal is compared with.
absl::Status Judge(const StatisticContext& context, const TargetQuestion& question,
                   SeriesFigures* figures, JudgedTarget* judged) {
  const pb::QuantitativeGoal& stated = judged->target->target().quantitative();
  TM_ASSIGN_OR_RETURN(const ResourcePtr indicator,
                      context.catalog->Get(stated.indicator(), context.snapshot.catalog_version));
  const WantedPeriod wanted{.due = judged->goal.due,
                            .asked = question.period,
                            .additive = indicator->indicator().additivity() == pb::ADDITIVITY_FLOW};
  if (stated.series().empty()) {
    TM_ASSIGN_OR_RETURN(judged->actual, FindByFormula(context, *judged->target, *indicator, wanted,
                                                      question.evaluate));
    return absl::OkStatus();
  }
  TM_ASSIGN_OR_RETURN(const std::vector<Figure> of_target,
                      figures->Of(judged->target->name(), judged->target->target()));
  judged->actual = FindActual(of_target, wanted);
  if (!IsNull(judged->actual.value)) {
    judged->actual.source = absl::StrCat(stated.series(), " ", judged->actual.source);
  }
  if (const Figure* const first = FindFirstMonths(of_target, wanted))
    judged->first_months = FirstMonths{first->period, *first->value};
  return absl::OkStatus();
}

// The baseline was declared of the place as it is at the end of its period, as figures are.
bool IsOfOtherArea(const StatisticContext& context, const JudgedTarget& judged,
                   Crosswalk* crosswalk) {
  if (!judged.goal.baseline || IsNull(judged.actual.value)) return false;
  const auto last_us = [&](const PeriodSpan& period) {
    return context.calendar->StartOfDay(period.end_day()) - 1;
  };
  return AreaChanges(crosswalk, judged.target->target().region(),
                     last_us(judged.goal.baseline->period), last_us(*judged.actual.period));
}

void AddNotes(const TargetQuestion& question, const std::vector<JudgedTarget>& judged,
              std::vector<PlanNote>* notes) {
  const auto mismatches = std::count_if(judged.begin(), judged.end(), [](const JudgedTarget& one) {
    return one.actual.value.null == NullReason::kPeriodMismatch;
  });
  if (mismatches > 0) {
    notes->push_back(
        {"PERIOD_MISMATCH",
         absl::StrCat(mismatches, mismatches == 1 ? " target has" : " targets have",
                      " figures of other periods only",
                      question.period ? " than the one asked for" : "",
                      ", which are not compared with the goal; like_for_like sets those of the "
                      "first months of a year in proportion")});
  }
}

}  // namespace

absl::StatusOr<TargetProgressTables> TellTargets(const StatisticContext& context,
                                                 const TargetQuestion& question) {
  TM_RETURN_IF_ERROR(CheckScope(context));
  std::vector<ResourcePtr> targets;
  if (question.parent.empty()) {
    TM_ASSIGN_OR_RETURN(targets, ReadNamed(context, question.targets));
  } else {
    TM_ASSIGN_OR_RETURN(targets, ReadOfParent(context, question.parent));
  }
  std::vector<JudgedTarget> judged;
  std::vector<const pb::Resource*> qualitative;
  SeriesFigures figures(context);
  for (const ResourcePtr& target : targets) {
    if (target->target().has_qualitative()) {
      qualitative.push_back(target.get());
      continue;
    }
    figures.Want(target->target());
    absl::StatusOr<Goal> goal = GoalOf(target->target());
    if (!goal.ok()) return status::Prefixed(target->name(), goal.status());
    judged.push_back({.target = target.get(), .goal = *std::move(goal)});
  }
  Crosswalk crosswalk(*context.view);
  for (JudgedTarget& one : judged) {
    TM_RETURN_IF_ERROR(context.stop());
    TM_RETURN_IF_ERROR(Judge(context, question, &figures, &one));
    one.other_area = IsOfOtherArea(context, one, &crosswalk);
  }
  TargetProgressTables tables{.progress = ProgressTable(judged),
                              .like_for_like = LikeForLikeTable(judged),
                              .qualitative = QualitativeTable(qualitative, question.language)};
  for (const JudgedTarget& one : judged) AddNewNotes(one.actual.notes, &tables.progress.notes);
  AddNotes(question, judged, &tables.progress.notes);
  return tables;
}

}  // namespace tidemark::analytics
