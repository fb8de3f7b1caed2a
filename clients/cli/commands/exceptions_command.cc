#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/app/full_name.h"
#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/observatory_units.h"
#include "clients/cli/table/decimal_text.h"
#include "clients/cli/table/text_table.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "tidemark/analytics/v1/analytics_service.grpc.pb.h"

namespace tidemark::cli {
namespace {

constexpr char kExamples[] = R"(
A refund that names its original counts only once that is in the log, and only as far as it gives back no more than the
original took. Others are listed here, with why.

Examples:
  tidemark exceptions
  tidemark exceptions --source shop-1 --limit 20
  tidemark exceptions -o csv > refunds-that-do-not-count.csv
)";

constexpr absl::Duration kTimeout = absl::Seconds(30);
constexpr uint32_t kPageSize = 10'000;

struct Flags {
  std::string source;
  uint64_t limit = 1'000;
};

const char* ReasonText(analytics::v1::RefundExceptionReason reason) {
  switch (reason) {
    case analytics::v1::REFUND_EXCEPTION_REASON_ORIGINAL_UNKNOWN:
      return "ORIGINAL_UNKNOWN";
    case analytics::v1::REFUND_EXCEPTION_REASON_REFUND_EXCESS:
      return "REFUND_EXCESS";
    default:
      return "UNKNOWN";
  }
}

absl::StatusOr<ExitCode> Show(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(const importer::ObservatoryUnits units, ReadUnits(host));
  const auto scale = static_cast<uint32_t>(units.scale);
  TM_ASSIGN_OR_RETURN(const std::string token, host.connection().Token());
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kAnalytics));
  const auto stub = analytics::v1::AnalyticsService::NewStub(channel);
  TextTable table({{"source"},
                   {"id"},
                   {"event_time"},
                   {"amount", TextTable::kNumber},
                   {"reason"},
                   {"leaf", TextTable::kNumber},
                   {"original_leaf", TextTable::kNumber}});
  analytics::v1::ListExceptionsRequest request;
  request.set_source(IdOf("sources", flags.source));
  analytics::v1::ListExceptionsResponse page;
  uint64_t shown = 0;
  do {
    request.set_page_size(
        static_cast<uint32_t>(std::min<uint64_t>(kPageSize, flags.limit - shown)));
    grpc::ClientContext context;
    rpc::PrepareCall(&context, token, kTimeout);
    TM_RETURN_IF_ERROR(status::FromGrpcStatus(stub->ListExceptions(&context, request, &page)));
    for (const analytics::v1::RefundException& refund : page.exceptions()) {
      TextTable::Cell original;
      if (refund.has_original_leaf()) original.value = absl::StrCat(refund.original_leaf());
      table.Add({{refund.source(), {}},
                 {refund.id(), {}},
                 {UtcText(refund.event_time_us()), {}},
                 {DecimalText(refund.amount(), scale), {}},
                 {ReasonText(refund.reason()), {}},
                 {absl::StrCat(refund.leaf()), {}},
                 std::move(original)});
      ++shown;
    }
    request.set_page_token(page.next_page_token());
  } while (!page.next_page_token().empty() && shown < flags.limit);
  table.Print(host.output_format(), host.terminal().out);
  if (host.output_format() == OutputFormat::kTable) {
    host.terminal().err << shown << " of " << page.total_count()
                        << " refunds that do not count, at log size " << page.snapshot().log_size()
                        << '\n';
  }
  return ExitCode::kOk;
}

}  // namespace

void AddExceptionsCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command =
      app.add_subcommand("exceptions", "List the refunds that do not count, and why");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command->add_option("--source", flags->source, "only those of this source");
  command->add_option("--limit", flags->limit, "most refunds to list (1000)")
      ->check(CLI::Range(uint64_t{1}, uint64_t{10'000'000}));
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Show(host, *flags); }); });
}

}  // namespace tidemark::cli
