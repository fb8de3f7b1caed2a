#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/app/full_name.h"
#include "clients/cli/commands/as_of.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/day_closing.h"
#include "clients/cli/commands/observatory_units.h"
#include "clients/cli/table/decimal_text.h"
#include "clients/cli/table/text_table.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "tidemark/analytics/v1/analytics_service.grpc.pb.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr char kExamples[] = R"(
Shows for days of a source what stands in the log and whether the day is complete: COMPLETE, closed with totals that
agree (or over, where the source closes no days); DIFFERENT, closed with others; OPEN, not closed or not over;
SILENT, over without a close and without events. Statistics of a period are whole when all its days are COMPLETE.

Examples:
  tidemark coverage shop --from 2024-03-01 --to 2024-03-31
  tidemark coverage --all --from 2024-03-05 --to 2024-03-05 -o csv
  tidemark coverage shop --from 2024-03-01 --to 2024-03-31 --as-of 300000
)";

constexpr absl::Duration kTimeout = absl::Seconds(60);

struct Flags {
  std::string source;
  bool all = false;
  std::string from;
  std::string to;
  std::string as_of;
};

std::string StateText(v1::SourceDayState state) {
  constexpr std::string_view kPrefix = "SOURCE_DAY_STATE_";
  const std::string name = v1::SourceDayState_Name(state);
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : "UNKNOWN";
}

TextTable TableOf(const v1::ListSourceDaysResponse& answer, uint32_t scale) {
  TextTable table({{"source"},
                   {"day"},
                   {"state"},
                   {"events", TextTable::kNumber},
                   {"gross", TextTable::kNumber},
                   {"refunds", TextTable::kNumber},
                   {"closed_events", TextTable::kNumber},
                   {"closed_gross", TextTable::kNumber},
                   {"closed_refunds", TextTable::kNumber}});
  for (const v1::SourceDay& day : answer.source_days()) {
    TextTable::Cell events, gross, refunds;
    if (day.has_totals()) {
      events = NumberCell(absl::StrCat(day.totals().events()));
      gross = NumberCell(DecimalText(day.totals().gross(), scale));
      refunds = NumberCell(DecimalText(day.totals().refunds(), scale));
    }
    table.Add(
        {{day.source(), {}},
         {absl::StrFormat("%04d-%02d-%02d", day.day().year(), day.day().month(), day.day().day()),
          {}},
         {StateText(day.state()), {}},
         NumberCell(absl::StrCat(day.events())),
         NumberCell(DecimalText(day.gross(), scale)),
         NumberCell(DecimalText(day.refunds(), scale)),
         std::move(events),
         std::move(gross),
         std::move(refunds)});
  }
  return table;
}

absl::StatusOr<ExitCode> Show(CommandHost& host, const Flags& flags) {
  if (flags.all != flags.source.empty()) {
    return UsageError(absl::InvalidArgumentError("want either a SOURCE or --all"));
  }
  v1::ListSourceDaysRequest request;
  request.set_source(IdOf("sources", flags.source));
  TM_ASSIGN_OR_RETURN(*request.mutable_first(), ParseDay("--from", flags.from));
  TM_ASSIGN_OR_RETURN(*request.mutable_last(), ParseDay("--to", flags.to));
  TM_RETURN_IF_ERROR(SetAsOfField(flags.as_of, request));
  TM_ASSIGN_OR_RETURN(const importer::ObservatoryUnits units, ReadUnits(host));
  TM_ASSIGN_OR_RETURN(const std::string token, host.connection().Token());
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kAnalytics));
  const auto stub = v1::AnalyticsService::NewStub(channel);
  grpc::ClientContext context;
  rpc::PrepareCall(&context, token, kTimeout);
  v1::ListSourceDaysResponse answer;
  TM_RETURN_IF_ERROR(status::FromGrpcStatus(stub->ListSourceDays(&context, request, &answer)));
  TableOf(answer, static_cast<uint32_t>(units.scale))
      .Print(host.output_format(), host.terminal().out);
  if (host.output_format() != OutputFormat::kTable) return ExitCode::kOk;
  int complete = 0;
  for (const v1::SourceDay& day : answer.source_days())
    complete += day.state() == v1::SOURCE_DAY_STATE_COMPLETE ? 1 : 0;
  host.terminal().err << complete << " of " << answer.source_days_size()
                      << " days of sources complete, at log size " << answer.snapshot().log_size()
                      << '\n';
  return ExitCode::kOk;
}

}  // namespace

void AddCoverageCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command =
      app.add_subcommand("coverage", "Show whether the days of sources are complete");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command->add_option("SOURCE", flags->source, "Id of the source");
  command->add_flag("--all", flags->all, "every LIVE source instead");
  command
      ->add_option("--from", flags->from, "first day in the observatory's zone, such as 2024-03-01")
      ->required();
  command->add_option("--to", flags->to, "last day")->required();
  command->add_option("--as-of", flags->as_of, kAsOfHelp);
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Show(host, *flags); }); });
}

}  // namespace tidemark::cli
