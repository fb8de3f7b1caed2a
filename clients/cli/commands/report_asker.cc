#include "clients/cli/commands/report_asker.h"

#include <initializer_list>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "clients/cli/app/exit_code.h"
#include "clients/cli/commands/statistic_command.h"
#include "clients/cli/commands/statistic_requests.h"
#include "clients/cpp/query/canonical.h"
#include "clients/cpp/query/parse.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "tidemark/analytics/v1/analytics_service.grpc.pb.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;
using report::Answer;
using report::Question;

// What is wrong with the text of a question is wrong with the template, not with the flags.
absl::Status InTemplate(const absl::Status& status) {
  return DataError(absl::Status(status.code(), status.message()));
}

report::Snapshot SnapshotOf(const v1::QueryMeta& meta) {
  return {.log_id = meta.snapshot().log_id(),
          .log_size = meta.snapshot().log_size(),
          .catalog_version = meta.snapshot().catalog_version()};
}

// Clauses in the order and the spelling of the canonical form.
std::string CanonicalClauses(const std::string& clauses) {
  const auto query = query::ParseQuery(absl::StrCat("events ", clauses));
  if (!query.ok()) return clauses;
  const std::string text = query::CanonicalText(*query);
  return std::string(absl::StripPrefix(absl::StripPrefix(text, "events"), " "));
}

// As it would be asked on the command line: `flows in 2024 --level province`.
std::string CanonicalOf(const Question& question) {
  std::string options;
  const auto add = [&options](std::string_view flag, std::string_view value) {
    absl::StrAppend(&options, " --", flag, value.empty() ? "" : " ", value);
  };
  if (question.horizon > 0) add("horizon", absl::StrCat(question.horizon));
  if (question.season > 0) add("season", absl::StrCat(question.season));
  if (question.join_january_february) add("join-january-february", "");
  if (!question.level.empty()) add("level", question.level);
  if (!question.to.empty()) add("to", question.to);
  for (const std::string& group : question.groups) add("group", group);
  if (!question.of.empty()) add("of", question.of);
  if (question.goods_and_services) add("goods-and-services", "");
  if (question.within > 0) add("within", absl::StrCat(question.within));
  if (question.kind == Question::kForecast) {
    const auto query = query::ParseQuery(question.text);
    return absl::StrCat("forecast ", query.ok() ? query::CanonicalText(*query) : question.text,
                        options);
  }
  constexpr const char* kNames[] = {"query",        "forecast",      "flows",
                                    "availability", "concentration", "co-consumption"};
  const std::string clauses = CanonicalClauses(question.text);
  return absl::StrCat(kNames[question.kind], clauses.empty() ? "" : " ", clauses, options);
}

// Asks a statistic and takes these tables from its answer.
template <typename Request>
absl::StatusOr<Answer> AskNamed(CommandHost& host, const Question& question,
                                const v1::ReadOptions& read, absl::StatusOr<Request> request,
                                std::initializer_list<std::string_view> tables) {
  if (!request.ok()) return InTemplate(request.status());
  *request->mutable_read() = read;
  TM_ASSIGN_OR_RETURN(const StatisticAnswer told, AskStatistic(host, *request));
  Answer answer{.snapshot = SnapshotOf(told.meta()), .canonical = CanonicalOf(question)};
  for (const std::string_view name : tables)
    answer.tables.emplace_back(name, *told.Table(name).pages);
  return answer;
}

}  // namespace

absl::StatusOr<Answer> ReportAsker::AskQuery(const Question& question) {
  v1::QueryRequest request;
  auto query = query::ParseQuery(question.text);
  if (!query.ok()) return InTemplate(query.status());
  *request.mutable_query() = *std::move(query);
  request.set_label_language(read_.label_language());
  request.set_log_id(read_.log_id());
  if (read_.has_as_of()) *request.mutable_as_of() = read_.as_of();
  TM_ASSIGN_OR_RETURN(const std::string token, host_.connection().Token());
  TM_ASSIGN_OR_RETURN(auto channel, host_.connection().Channel(Service::kAnalytics));
  v1::AnalyticsService::Stub stub(channel);
  Answer answer;
  std::vector<v1::Result>& pages =
      answer.tables.emplace_back("result", std::vector<v1::Result>{}).second;
  do {
    grpc::ClientContext context;
    rpc::PrepareCall(&context, token, kStatisticTimeout);
    v1::QueryResponse page;
    TM_RETURN_IF_ERROR(status::FromGrpcStatus(stub.Query(&context, request, &page)));
    pages.push_back(std::move(*page.mutable_result()));
    answer.snapshot = SnapshotOf(page.meta());
    answer.canonical = page.meta().canonical_query();
    request.set_page_token(page.meta().next_page_token());
  } while (!request.page_token().empty());
  return answer;
}

absl::StatusOr<Answer> ReportAsker::AskAny(const Question& question) {
  const std::string& text = question.text;
  switch (question.kind) {
    case Question::kForecast:
      return AskNamed(
          host_, question, read_,
          MakeForecastRequest({.query = text,
                               .horizon = question.horizon,
                               .season = question.season,
                               .join_january_february = question.join_january_february}),
          {"forecast", "models", "back_test", "history"});
    case Question::kFlows:
      return AskNamed(host_, question, read_,
                      MakeFlowsRequest({text, question.level, question.to, question.groups}),
                      {"flows", "places", "totals", "groups"});
    case Question::kAvailability:
      return AskNamed(host_, question, read_, MakeAvailabilityRequest(text), {"places", "cells"});
    case Question::kConcentration:
      return AskNamed(host_, question, read_, MakeConcentrationRequest(text), {"cells"});
    case Question::kCoConsumption:
      return AskNamed(
          host_, question, read_,
          MakeCoConsumptionRequest({text, question.of.empty() ? "category" : question.of,
                                    question.goods_and_services, question.within}),
          {"pairs", "members", "totals"});
    default:
      return AskQuery(question);
  }
}

absl::StatusOr<Answer> ReportAsker::Ask(const Question& question) {
  auto answer = AskAny(question);
  if (!answer.ok()) return Marked(answer.status(), ExitCodeOf(answer.status()));
  read_.set_log_id(answer->snapshot.log_id);
  read_.mutable_as_of()->set_log_size(answer->snapshot.log_size);
  return answer;
}

}  // namespace tidemark::cli
