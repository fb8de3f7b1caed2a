#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/table/text_table.h"
#include "common/rpc/channel_factory.h"
#include "common/rpc/health_probe.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "tidemark/analytics/v1/analytics_service.grpc.pb.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::cli {
namespace {

constexpr char kExamples[] = R"(
Asks the three services for their state, and two of them for Redis. `refuses`: ingest takes no events, and `stands`:
analytics folds no more, until somebody mends what the details say; `waits`: it is up, and answers once what the details
say is there again. Exit code 3 when one cannot be reached or is not ready in time, 4 when one refuses the token or
cannot do its work. Without Redis all works, but slower: it changes no exit code.

Examples:
  tidemark status
  tidemark status --wait 60s                     until all answer and analytics has folded the log
  tidemark status -o json                        with the counts as numbers
)";

constexpr absl::Duration kTimeout = absl::Seconds(5);

// It answers, but not to this caller.
bool Refused(const absl::Status& status) {
  return absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status);
}

// Only a service itself gives a reason.
bool Waits(const absl::Status& status) {
  return absl::IsUnavailable(status) && !status::ReasonOf(status).empty();
}

const char* StateOf(const absl::Status& status) {
  if (status.ok()) return "up";
  return Refused(status) ? "refused" : Waits(status) ? "waits" : "down";
}

std::string DetailsOf(const absl::Status& status) {
  if (absl::IsUnimplemented(status) && status::ReasonOf(status).empty()) {
    return "another service answers here, or an older version";
  }
  return std::string(status.message());
}

// What does not pass by itself.
bool Lasts(const google::rpc::Status& trouble) {
  return trouble.code() == grpc::StatusCode::FAILED_PRECONDITION;
}

struct State {
  absl::Status ingest_status, analytics_status, catalog_status;
  ingest::v1::GetLogStatusResponse log;
  analytics::v1::GetFoldStatusResponse fold;
  uint64_t catalog_version = 0;
  // Whether they use Redis.
  absl::Status ingest_redis, analytics_redis;

  bool Reachable() const {
    return ingest_status.ok() && analytics_status.ok() && catalog_status.ok();
  }
  // What the program ends with; a service that cannot be reached goes before one that refuses.
  absl::Status Trouble() const {
    absl::Status refused, waits;
    for (const absl::Status& one : {catalog_status, ingest_status, analytics_status}) {
      if (one.ok()) continue;
      if (!Refused(one) && !Waits(one)) {
        return absl::UnavailableError("a service cannot be reached; see the table");
      }
      (Waits(one) ? waits : refused) = one;
    }
    if (!waits.ok()) return absl::UnavailableError("a service waits; see the table");
    if (!refused.ok()) return refused;
    const google::rpc::Status& lasting = Lasts(log.refusal()) ? log.refusal() : fold.stall();
    return Lasts(lasting) ? status::FromRpcStatusProto(lasting) : absl::OkStatus();
  }
  bool Ready() const {
    return Reachable() && !Lasts(log.refusal()) && !Lasts(fold.stall()) &&
           log.catalog_reachable() && fold.catalog_reachable() && fold.log_reachable() &&
           fold.snapshot().log_size() >= log.log_size();
  }
};

template <typename Stub, typename Method, typename Request, typename Response>
absl::Status Call(CommandHost& host, Service service, const std::string& token, Method method,
                  const Request& request, Response* response) {
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(service));
  typename Stub::Stub stub(channel);
  grpc::ClientContext context;
  rpc::PrepareCall(&context, token, kTimeout);
  return status::FromGrpcStatus((stub.*method)(&context, request, response));
}

State Ask(CommandHost& host, const std::string& token) {
  State state;
  using Ingest = ingest::v1::IngestService;
  state.ingest_status = Call<Ingest>(host, Service::kIngest, token, &Ingest::Stub::GetLogStatus,
                                     ingest::v1::GetLogStatusRequest(), &state.log);
  using Analytics = analytics::v1::AnalyticsService;
  state.analytics_status =
      Call<Analytics>(host, Service::kAnalytics, token, &Analytics::Stub::GetFoldStatus,
                      analytics::v1::GetFoldStatusRequest(), &state.fold);
  catalog::v1::ListResourcesRequest list;
  list.set_collection("observatories");
  const auto ask_catalog = [&]() -> absl::Status {
    TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
    TM_ASSIGN_OR_RETURN(const auto answer, client->ListResources(list));
    state.catalog_version = answer.version();
    return absl::OkStatus();
  };
  state.catalog_status = ask_catalog();
  const auto redis = [&](Service service, const char* name) -> absl::Status {
    TM_ASSIGN_OR_RETURN(const auto channel, host.connection().Channel(service));
    return rpc::CheckHealth(channel, name, kTimeout);
  };
  if (state.ingest_status.ok()) state.ingest_redis = redis(Service::kIngest, "ingest.redis");
  if (state.analytics_status.ok()) {
    state.analytics_redis = redis(Service::kAnalytics, "analytics.redis");
  }
  return state;
}

std::string Megabytes(uint64_t bytes) {
  return absl::StrCat(GroupThousands(bytes / 1'000'000), " MB");
}

// Whether the service hears the catalog, and why it does not do its work.
std::string Troubles(bool hears_catalog, std::string_view what,
                     const google::rpc::Status& trouble) {
  std::string text = hears_catalog ? "" : " (catalog away)";
  if (trouble.code() != 0) absl::StrAppend(&text, "; ", what, ": ", trouble.message());
  return text;
}

// What the two that keep shared answers in Redis say of it.
void AddRedis(const State& state, TextTable& table, size_t columns) {
  std::vector<std::string> with, without;
  const auto ask = [&](const char* name, const absl::Status& service, const absl::Status& redis) {
    if (service.ok()) (redis.ok() ? with : without).emplace_back(name);
  };
  ask("ingest", state.ingest_status, state.ingest_redis);
  ask("analytics", state.analytics_status, state.analytics_redis);
  if (with.empty() && without.empty()) return;
  std::vector<std::string> details;
  if (!with.empty()) details.push_back(absl::StrCat("used by ", absl::StrJoin(with, ", ")));
  if (!without.empty()) {
    details.push_back(absl::StrCat(absl::StrJoin(without, ", "),
                                   " without it: --redis is not "
                                   "given, or it does not answer"));
  }
  std::vector<TextTable::Cell> row = {
      {"redis"}, {""}, {without.empty() ? "up" : "away"}, {absl::StrJoin(details, "; ")}};
  row.resize(columns);
  table.Add(std::move(row));
}

void Print(CommandHost& host, const State& state) {
  const OutputFormat format = host.output_format();
  std::vector<TextTable::Column> columns = {{"service"}, {"address"}, {"state"}, {"details"}};
  // For programs; people read them in the details.
  if (format != OutputFormat::kTable) {
    for (const char* name : {"catalog_version", "log_size", "folded_size"}) {
      columns.push_back({name, TextTable::kNumber});
    }
  }
  TextTable table(columns);
  const auto add = [&](const char* name, Service service, const absl::Status& status,
                       const char* state_when_reached, const std::string& details,
                       const std::vector<uint64_t>& counts) {
    std::vector<TextTable::Cell> row = {{name},
                                        {host.connection().Address(service)},
                                        {status.ok() ? state_when_reached : StateOf(status)},
                                        {status.ok() ? details : DetailsOf(status)}};
    for (const uint64_t count : counts) {
      if (status.ok()) row.push_back({absl::StrCat(count)});
    }
    row.resize(columns.size());
    table.Add(std::move(row));
  };
  const ingest::v1::GetLogStatusResponse& log = state.log;
  const analytics::v1::GetFoldStatusResponse& fold = state.fold;
  add("catalog", Service::kCatalog, state.catalog_status, "up",
      absl::StrCat("version ", state.catalog_version), {state.catalog_version});
  add("ingest", Service::kIngest, state.ingest_status, Lasts(log.refusal()) ? "refuses" : "up",
      absl::StrCat(GroupThousands(log.log_size()), " records, ", Megabytes(log.log_bytes()),
                   ", judged by catalog version ", log.catalog_version(),
                   Troubles(log.catalog_reachable(), "no events are taken", log.refusal())),
      {log.catalog_version(), log.log_size()});
  add("analytics", Service::kAnalytics, state.analytics_status,
      Lasts(fold.stall()) ? "stands" : "up",
      absl::StrCat(
          GroupThousands(fold.snapshot().log_size()), " of ", GroupThousands(fold.log_size()),
          " records folded, ", GroupThousands(fold.effects()), " effects, ", fold.runs(), " runs, ",
          Megabytes(fold.run_bytes()), " on disk, ", Megabytes(fold.memory_bytes()), " in memory",
          fold.log_reachable() || Lasts(fold.stall()) ? "" : " (ingest away)",
          Troubles(fold.catalog_reachable(), "nothing more is folded", fold.stall())),
      {fold.snapshot().catalog_version(), fold.log_size(), fold.snapshot().log_size()});
  AddRedis(state, table, columns.size());
  table.Print(format, host.terminal().out);
}

absl::StatusOr<ExitCode> ShowStatus(CommandHost& host, const std::string& wait) {
  absl::Duration patience = absl::ZeroDuration();
  if (!wait.empty() && (!absl::ParseDuration(wait, &patience) || patience < absl::ZeroDuration())) {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat("--wait: `", wait, "`, want a duration such as 60s")));
  }
  TM_ASSIGN_OR_RETURN(const std::string token, host.connection().Token());
  const base::Clock& clock = host.terminal().clock;
  const int64_t deadline = clock.MonotonicNanos() + absl::ToInt64Nanoseconds(patience);
  State state = Ask(host, token);
  while (!state.Ready() && clock.MonotonicNanos() < deadline && !host.terminal().interrupted()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    state = Ask(host, token);
  }
  Print(host, state);
  if (host.terminal().interrupted()) return absl::CancelledError("stopped");
  TM_RETURN_IF_ERROR(state.Trouble());
  if (!wait.empty() && !state.Ready()) {
    return absl::UnavailableError(absl::StrCat("not ready after ", wait));
  }
  return ExitCode::kOk;
}

}  // namespace

void AddStatusCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("status", "Show the state of the services");
  command->footer(kExamples);
  auto wait = std::make_shared<std::string>();
  command->add_option("--wait", *wait, "how long to wait until all are ready, such as 60s");
  command->callback(
      [&host, wait] { host.SetAction([&host, wait] { return ShowStatus(host, *wait); }); });
}

}  // namespace tidemark::cli
