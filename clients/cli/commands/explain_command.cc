#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands/answer_footer.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/statistic_command.h"
#include "clients/cli/table/text_table.h"
#include "clients/cpp/query/parse.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "tidemark/analytics/v1/statistics_service.grpc.pb.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr char kExamples[] = R"(
Tells how a query is answered: definitions, what was read of the store, which sources are complete, what a kept answer
depends on, and where the time went. The answer is computed anew for it.

Examples:
  tidemark explain 'net by month compare yoy panel matched'
  tidemark explain 'consumers by category@1' --as-of 300000 -o json
)";

void AddWords(const v1::ExplainResponse& told, TextTable* table) {
  for (const v1::ExplainedMeasure& measure : told.measures()) {
    table->AddTexts({"measure", measure.column(),
                     absl::StrCat(measure.definition(), " In ", measure.unit(),
                                  measure.quotient() ? ", a quotient." : ", exact.",
                                  measure.added() ? " Added to stand beside another." : "")});
  }
  for (const v1::ExplainedDimension& dimension : told.dimensions()) {
    table->AddTexts(
        {"dimension",
         absl::StrCat(dimension.name(), dimension.level().empty() ? "" : "@", dimension.level()),
         absl::StrCat("up to ", dimension.groups(), " groups")});
  }
  for (const v1::ExplainedFilter& filter : told.filters()) {
    std::string text =
        absl::StrCat(filter.exclude() ? "leaves out " : "keeps ", filter.codes(), " codes");
    if (filter.groups() > 0) absl::StrAppend(&text, ", ", filter.groups(), " of them groups");
    if (filter.unknown()) absl::StrAppend(&text, ", and what lacks the field");
    table->AddTexts({"filter", filter.dimension(), text});
  }
}

void AddWork(const v1::ExplainResponse& told, TextTable* table) {
  const v1::ExplainedPeriods& periods = told.periods();
  table->AddTexts({"periods", "shown", absl::StrCat(periods.shown())});
  table->AddTexts({"periods", "bases", absl::StrCat(periods.bases())});
  table->AddTexts({"periods", "panels", absl::StrCat(periods.panels())});
  const v1::ExplainedRead& read = told.read();
  table->AddTexts({"read", "time slices", absl::StrCat(read.time_slices())});
  table->AddTexts(
      {"read", "effects", absl::StrCat(read.effects_scanned(), " of ", read.effects_held())});
  table->AddTexts(
      {"read", "parts",
       absl::StrCat(read.parts_read(), " in ", read.runs_held(), " runs and the tail")});
  table->AddTexts({"read", "cells", absl::StrCat(read.cells())});
  table->AddTexts({"cache", "key", told.cache().key()});
  table->AddTexts({"cache", "data version", absl::StrCat(told.cache().data_version())});
  table->AddTexts({"cache", "catalog version", absl::StrCat(told.cache().catalog_version())});
  for (const v1::ExplainedSource& source : told.sources()) {
    table->AddTexts(
        {"source", source.source(),
         absl::StrCat(source.complete_days(), " of ", source.expected_days(), " days complete")});
  }
  for (const v1::ExplainedStage& stage : told.stages()) {
    table->AddTexts({"stage", stage.name(), absl::StrCat(stage.elapsed_us(), " us")});
  }
  for (const v1::Note& note : told.notes()) table->AddTexts({"note", note.code(), note.message()});
}

absl::StatusOr<ExitCode> Explain(CommandHost& host, const StatisticFlags& flags,
                                 const std::string& text) {
  auto query = query::ParseQuery(text);
  if (!query.ok()) return UsageError(query.status());
  v1::ExplainRequest request;
  *request.mutable_query() = *std::move(query);
  TM_ASSIGN_OR_RETURN(*request.mutable_read(), ReadOptionsOf(host, flags));
  TM_ASSIGN_OR_RETURN(const std::string token, host.connection().Token());
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kAnalytics));
  grpc::ClientContext context;
  rpc::PrepareCall(&context, token, kStatisticTimeout);
  v1::ExplainResponse told;
  TM_RETURN_IF_ERROR(status::FromGrpcStatus(
      v1::StatisticsService::Stub(channel).Explain(&context, request, &told)));
  TextTable table({{"about"}, {"what"}, {"told"}});
  table.AddTexts({"query", "canonical", told.meta().canonical_query()});
  AddWords(told, &table);
  AddWork(told, &table);
  table.Print(host.output_format(), host.terminal().out);
  PrintFooter(host, told.meta(), told.meta().total_row_count(), "", {});
  return ExitCode::kOk;
}

}  // namespace

void AddExplainCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("explain", "Tell how a query is answered");
  command->footer(kExamples);
  auto flags = std::make_shared<StatisticFlags>();
  auto text = std::make_shared<std::string>();
  command->add_option("QUERY", *text, "what to compute, in quotes")->required();
  AddReadFlags(command, flags.get());
  command->callback([&host, flags, text] {
    host.SetAction([&host, flags, text] { return Explain(host, *flags, *text); });
  });
}

}  // namespace tidemark::cli
