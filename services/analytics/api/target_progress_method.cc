#include <array>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/period_text.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/statistic_methods.h"
#include "services/analytics/statistics/targets/target_progress.h"
#include "tidemark/analytics/v1/target_progress.pb.h"

namespace tidemark::analytics {
namespace {

constexpr std::string_view kTargets = "targets/";
// What a target may belong to.
constexpr std::array<std::string_view, 5> kParents = {"programmes/", "candidacies/", "projects/",
                                                      "policies/", "cooperations/"};

bool IsIn(std::string_view name, std::string_view collection) {
  return absl::StartsWith(name, collection) && name.size() > collection.size();
}

std::string Quoted(std::string_view text) { return absl::StrCat("`", text.substr(0, 256), "`"); }

absl::Status CheckTargets(const v1::TargetProgressRequest& request) {
  if (request.targets().empty() == request.parent().empty()) {
    return status::InvalidArgument(request.parent().empty() ? "targets" : "parent",
                                   request.parent().empty()
                                       ? "missing; want targets, or a parent to have all of its own"
                                       : "not together with targets; want one of the two",
                                   request.parent().empty() ? "MISSING" : "NOT_TOGETHER");
  }
  if (request.targets_size() > static_cast<int>(kMaxTargets)) {
    return status::InvalidArgument(
        "targets", absl::StrCat(request.targets_size(), " targets; want at most ", kMaxTargets),
        "TOO_MANY");
  }
  std::set<std::string_view> names;
  for (int i = 0; i < request.targets_size(); ++i) {
    const std::string& name = request.targets(i);
    const std::string field = absl::StrCat("targets[", i, "]");
    if (!IsIn(name, kTargets)) {
      return status::InvalidArgument(
          field, absl::StrCat(Quoted(name), " is no target; want a name such as targets/ID"),
          "INVALID_NAME");
    }
    if (!names.insert(name).second)
      return status::InvalidArgument(field, Quoted(name) + " is named twice", "DUPLICATE");
  }
  return absl::OkStatus();
}

absl::Status CheckParent(const std::string& parent) {
  for (const std::string_view collection : kParents) {
    if (parent.empty() || IsIn(parent, collection)) return absl::OkStatus();
  }
  return status::InvalidArgument(
      "parent",
      absl::StrCat(Quoted(parent),
                   " has no targets; want the name of a programme, candidacy, "
                   "project, policy or cooperation, such as programmes/ID"),
      "INVALID_NAME");
}

absl::StatusOr<TargetQuestion> MakeQuestion(const v1::TargetProgressRequest& request,
                                            const std::string& language) {
  TM_RETURN_IF_ERROR(CheckTargets(request));
  TM_RETURN_IF_ERROR(CheckParent(request.parent()));
  TargetQuestion question{
      .targets = {request.targets().begin(), request.targets().end()},
      .parent = request.parent(),
      .language = language,
      .evaluate = [](auto&&... arguments) {
        return EvaluateIndicator(std::forward<decltype(arguments)>(arguments)...);
      }};
  if (request.period().empty()) return question;
  const auto period = catalog_client::ParsePeriod(request.period());
  if (!period) {
    return status::InvalidArgument(
        "period",
        absl::StrCat(Quoted(request.period()),
                     " is not the name of a period; want one like 2014, 2014-Q3 or 2014-Q1..Q3"),
        "PERIOD_INVALID");
  }
  question.period = SpanOf(*period);
  return question;
}

}  // namespace

absl::Status TellTargetProgress(const StatisticRunner& runner, const StatisticCall& call,
                                const v1::TargetProgressRequest& request,
                                v1::TargetProgressResponse* response) {
  TM_ASSIGN_OR_RETURN(const TargetQuestion question, MakeQuestion(request, call.label_language));
  TM_ASSIGN_OR_RETURN(const TargetProgressTables tables, TellTargets(call.context, question));
  TM_RETURN_IF_ERROR(
      WriteWholeTable(call, tables.progress, "progress", response->mutable_progress()));
  TM_RETURN_IF_ERROR(WriteWholeTable(call, tables.like_for_like, "like_for_like",
                                     response->mutable_like_for_like()));
  TM_RETURN_IF_ERROR(
      WriteWholeTable(call, tables.qualitative, "qualitative", response->mutable_qualitative()));
  runner.WriteMeta(call, 0, tables.progress.row_count, response->mutable_meta());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
