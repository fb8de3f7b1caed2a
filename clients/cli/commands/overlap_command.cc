#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/commands/as_of.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/observatory_units.h"
#include "clients/cli/table/decimal_text.h"
#include "clients/cli/table/text_table.h"
#include "clients/cpp/query/parse.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "tidemark/analytics/v1/analytics_service.grpc.pb.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr char kExamples[] = R"(
Two sources that both saw a purchase give it one transaction number; the event of one counts, that of the other does not. Which,
follows from the `precedence` of the category, else of the observatory (docs/statistics.md). A line shows how many events of
`other` are left out because of `counted`, both amounts of them, and how many of the amounts differ.

Examples:
  tidemark overlap
  tidemark overlap --range 2024-01..02            by the time of the event that counts
  tidemark overlap --range 'from 2024-Q1 to 2024-05' -o csv
  tidemark overlap --as-of 300000                 as it was when the log had 300,000 records
)";

constexpr absl::Duration kTimeout = absl::Seconds(60);

struct Flags {
  std::string range;
  std::string as_of;
};

// As in a query: what may follow `in` there, or clauses from and to.
absl::Status SetRange(const std::string& text, v1::ListOverlapsRequest& request) {
  if (text.empty()) return absl::OkStatus();
  const bool clauses = absl::StartsWith(text, "from ") || absl::StartsWith(text, "to ");
  const auto query = query::ParseQuery(absl::StrCat("events ", clauses ? "" : "in ", text));
  v1::Query rest;
  if (query.ok()) {
    rest = *query;
    rest.clear_range();
    rest.clear_measures();
  }
  if (!query.ok() || rest.ByteSizeLong() > 0) {
    return UsageError(absl::InvalidArgumentError(absl::StrCat(
        "--range: `", text, "`, want a period such as 2024-03 or 2024-01..02, or 'from A to B'")));
  }
  *request.mutable_range() = query->range();
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> Show(CommandHost& host, const Flags& flags) {
  v1::ListOverlapsRequest request;
  TM_RETURN_IF_ERROR(SetRange(flags.range, request));
  TM_RETURN_IF_ERROR(SetAsOfField(flags.as_of, request));
  TM_ASSIGN_OR_RETURN(const importer::ObservatoryUnits units, ReadUnits(host));
  const auto scale = static_cast<uint32_t>(units.scale);
  TM_ASSIGN_OR_RETURN(const std::string token, host.connection().Token());
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kAnalytics));
  grpc::ClientContext context;
  rpc::PrepareCall(&context, token, kTimeout);
  v1::ListOverlapsResponse answer;
  TM_RETURN_IF_ERROR(status::FromGrpcStatus(
      v1::AnalyticsService::NewStub(channel)->ListOverlaps(&context, request, &answer)));
  TextTable table({{"counted"},
                   {"other"},
                   {"events", TextTable::kNumber},
                   {"counted_amount", TextTable::kNumber},
                   {"other_amount", TextTable::kNumber},
                   {"differing", TextTable::kNumber}});
  for (const v1::Overlap& overlap : answer.overlaps()) {
    table.Add({{overlap.counted_source(), {}},
               {overlap.other_source(), {}},
               {absl::StrCat(overlap.events()), {}},
               {DecimalText(overlap.counted_amount(), scale), {}},
               {DecimalText(overlap.other_amount(), scale), {}},
               {absl::StrCat(overlap.differing()), {}}});
  }
  table.Print(host.output_format(), host.terminal().out);
  if (host.output_format() == OutputFormat::kTable) {
    host.terminal().err << answer.overlaps_size()
                        << " pairs of sources that reported one purchase, at log size "
                        << answer.snapshot().log_size() << '\n';
  }
  return ExitCode::kOk;
}

}  // namespace

void AddOverlapCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command =
      app.add_subcommand("overlap", "Show which sources reported the same purchases");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command->add_option("--range", flags->range,
                      "periods, as a query has them: 2024-03, 2024-01..02, 'from A to B'");
  command->add_option("--as-of", flags->as_of, kAsOfHelp);
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Show(host, *flags); }); });
}

}  // namespace tidemark::cli
