#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "clients/cli/app/command_host.h"
#include "clients/cli/app/full_name.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/day_closing.h"
#include "clients/cli/commands/observatory_units.h"
#include "clients/cli/commands/statement_table.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::cli {
namespace {

constexpr char kExamples[] = R"(
Shows what was received of a source for a day: by the day of the events and by the day of their arrival, what was refused
and why; what stands (each event once, by its highest revision); and, when the source has closed the day, the difference of
what stands to its totals.

Examples:
  tidemark statement shop 2024-03-05
  tidemark statement shop 2024-03-05 -o json
)";

constexpr absl::Duration kTimeout = absl::Seconds(20);

struct Flags {
  std::string source;
  std::string day;
};

absl::StatusOr<ExitCode> ShowStatement(CommandHost& host, const Flags& flags) {
  ingest::v1::GetStatementRequest request;
  request.set_source(IdOf("sources", flags.source));
  TM_ASSIGN_OR_RETURN(*request.mutable_day(), ParseDay("DAY", flags.day));
  TM_ASSIGN_OR_RETURN(const importer::ObservatoryUnits units, ReadUnits(host));
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kIngest));
  TM_ASSIGN_OR_RETURN(const std::string token, host.connection().Token());
  const auto stub = ingest::v1::IngestService::NewStub(channel);
  grpc::ClientContext context;
  rpc::PrepareCall(&context, token, kTimeout);
  ingest::v1::GetStatementResponse response;
  TM_RETURN_IF_ERROR(status::FromGrpcStatus(stub->GetStatement(&context, request, &response)));
  StatementTable(response.statement(), units.scale)
      .Print(host.output_format(), host.terminal().out);
  if (host.output_format() == OutputFormat::kTable) {
    host.terminal().out << StatementVerdict(response.statement(), units.scale) << std::endl;
  }
  return ExitCode::kOk;
}

}  // namespace

void AddStatementCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command =
      app.add_subcommand("statement", "Show what was received of a source for a day");
  auto flags = std::make_shared<Flags>();
  command->add_option("SOURCE", flags->source, "Id of the source")->required();
  command->add_option("DAY", flags->day, "Day in the observatory's zone, such as 2024-03-05")
      ->required();
  command->footer(kExamples);
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return ShowStatement(host, *flags); }); });
}

}  // namespace tidemark::cli
