#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/commands/answer_footer.h"
#include "clients/cli/commands/answer_table.h"
#include "clients/cli/commands/commands.h"
#include "clients/cpp/query/parse.h"
#include "common/base/ticker.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "tidemark/analytics/v1/statistics_service.grpc.pb.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr char kExamples[] = R"(
Answers a query and goes on: whenever the log has grown and rows have changed, tells those rows and the ones that are gone,
until it is interrupted. json writes one object per message: log_size, changed, removed.

Examples:
  tidemark watch 'net, events by day from 2026-11-01'
  tidemark watch 'net by consumer_region@city order by net desc limit 10' --interval 5000
  tidemark watch 'events by source' --messages 3 -o json
)";

struct Flags {
  std::string text;
  std::string labels = "auto";
  std::string log_id;
  uint32_t interval_ms = 1'000;
  uint64_t messages = 0;
};

void PrintForPeople(const v1::WatchResponse& message, std::ostream& out) {
  if (message.changed().row_count() > 0) {
    AnswerTable table(/*brief=*/true);
    table.AddPage(message.changed());
    table.Print(OutputFormat::kTable, out);
  }
  if (message.removed().row_count() > 0) {
    AnswerTable table(/*brief=*/true);
    table.AddPage(message.removed());
    out << "gone:\n";
    table.Print(OutputFormat::kTable, out);
  }
  out << "at log size " << message.meta().snapshot().log_size() << ": "
      << message.changed().row_count() << " changed, " << message.removed().row_count() << " gone, "
      << message.meta().total_row_count() << " rows\n\n"
      << std::flush;
}

void PrintForPrograms(const v1::WatchResponse& message, std::ostream& out) {
  const auto print = [&out](const v1::Result& result) {
    if (result.row_count() == 0) {
      out << "[]";
      return;
    }
    AnswerTable table(/*brief=*/false);
    table.AddPage(result);
    table.Print(OutputFormat::kJson, out);
  };
  out << "{\"log_size\": " << message.meta().snapshot().log_size() << ", \"changed\": ";
  print(message.changed());
  out << ", \"removed\": ";
  print(message.removed());
  out << "}\n" << std::flush;
}

// What is to be known about the answer, each once: people read it above the rows, who reads json in
// the messages.
void TellNewNotes(CommandHost& host, const v1::WatchResponse& message,
                  std::set<std::string>* told) {
  std::ostream& out =
      host.output_format() == OutputFormat::kTable ? host.terminal().out : host.terminal().err;
  for (const v1::Note& note : message.changed().notes()) {
    const std::string text = NoteText(note);
    if (told->insert(text).second) out << text << '\n';
  }
}

// One stream, until it ends. `left`: messages still wanted; absent: all.
absl::Status Follow(CommandHost& host, const v1::WatchRequest& request,
                    std::optional<uint64_t>* left) {
  std::set<std::string> told;
  TM_ASSIGN_OR_RETURN(const std::string token, host.connection().Token());
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kAnalytics));
  v1::StatisticsService::Stub stub(channel);
  grpc::ClientContext context;
  rpc::PrepareCall(&context, token, absl::InfiniteDuration());
  const auto reader = stub.Watch(&context, request);
  const base::Ticker interrupt(absl::Milliseconds(50), [&] {
    if (host.terminal().interrupted()) context.TryCancel();
  });
  v1::WatchResponse message;
  while (*left != 0 && reader->Read(&message)) {
    TellNewNotes(host, message, &told);
    if (host.output_format() == OutputFormat::kTable) {
      PrintForPeople(message, host.terminal().out);
    } else {
      PrintForPrograms(message, host.terminal().out);
    }
    if (left->has_value()) --**left;
  }
  if (*left == 0) context.TryCancel();
  const absl::Status end = status::FromGrpcStatus(reader->Finish());
  return *left == 0 || host.terminal().interrupted() ? absl::OkStatus() : end;
}

absl::StatusOr<ExitCode> Watch(CommandHost& host, const Flags& flags) {
  if (host.output_format() == OutputFormat::kCsv) {
    return UsageError(absl::InvalidArgumentError(
        "-o csv: changes of a table are no table; take json, or the default for people"));
  }
  auto query = query::ParseQuery(flags.text);
  if (!query.ok()) return UsageError(query.status());
  v1::WatchRequest request;
  *request.mutable_query() = *std::move(query);
  request.set_interval_ms(flags.interval_ms);
  request.set_log_id(flags.log_id);
  request.set_label_language(LabelLanguage(flags.labels, host.terminal(), host.output_format()));
  std::optional<uint64_t> left;
  if (flags.messages != 0) left = flags.messages;
  TM_RETURN_IF_ERROR(Follow(host, request, &left));
  return ExitCode::kOk;
}

}  // namespace

void AddWatchCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("watch", "Answer a query and tell what changes in it");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command->add_option("QUERY", flags->text, "what to compute, in quotes")->required();
  command->add_option("--interval", flags->interval_ms,
                      "least milliseconds between two messages, 100 to 60000; default 1000");
  command->add_option("--messages", flags->messages, "end after so many; default: never");
  command->add_option("--log-id", flags->log_id,
                      "refuse to answer from another log than the one of this name");
  command->add_option("--labels", flags->labels, kLabelsHelp);
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Watch(host, *flags); }); });
}

}  // namespace tidemark::cli
