#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/app/ingest_check.h"
#include "clients/cli/app/output_check.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/import/event_printer.h"
#include "clients/cli/simulate/delta_codes.h"
#include "clients/cli/simulate/delta_world.h"
#include "clients/cli/simulate/event_generator.h"
#include "clients/cli/simulate/freshness_probe.h"
#include "clients/cli/simulate/simulator.h"
#include "clients/cli/simulate/synthetic_catalog.h"
#include "clients/cli/table/text_table.h"
#include "clients/cpp/catalog/catalog_client.h"
#include "common/rpc/channel_factory.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

constexpr char kExamples[] =
    "Examples:\n"
    "  tidemark simulate --setup --events 1000000\n"
    "  tidemark simulate --events 20000000 --clients 2 --seed 7 --from 2023-01-01 --to 2025-01-01\n"
    "  tidemark simulate --events 1000000 --rate 50000 --freshness\n"
    "  tidemark simulate --events 5 --print            (no service needed)\n"
    "  tidemark simulate --world yangtze-delta         (a demonstration, see docs/delta-world.md)\n"
    "\n"
    "The same flags give the same events again; sent again they come back as duplicates. Other\n"
    "flags give other events. Sources are called synthetic-..., and every event has the attribute\n"
    "synthetic=true.";

// Two gigabytes.
constexpr uint64_t kMostPrepared = 10'000'000;

struct SimulateFlags {
  std::string world;
  uint64_t events = 0;
  uint64_t seed = 1;
  std::string from = "2024-01-01";
  std::string to = "2025-01-01";
  std::vector<std::string> sources = {"synthetic-platform"};
  uint64_t consumers = 1'000'000;
  double duplicates = 0;
  double bad = 0;
  int clients = 1;
  double rate = 0;
  size_t batch = 10'000;
  int in_flight = 4;
  double retry_seconds = 600;
  bool unary = false;
  bool setup = false;
  bool prehashed = false;
  bool plain = false;
  bool lean = false;
  bool columns = false;
  bool prepare = false;
  bool freshness = false;
  bool print = false;
  bool among_real = false;
  bool quiet = false;
};

absl::StatusOr<int64_t> DayStart(const std::string& flag, const std::string& text,
                                 absl::TimeZone zone) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day)) {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat(flag, ": `", text, "`, want a day such as 2024-01-01")));
  }
  return absl::ToUnixMicros(absl::FromCivil(day, zone));
}

absl::Status CheckFlags(const SimulateFlags& flags) {
  if (flags.prepare && flags.events > kMostPrepared) {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat("--prepare: ", flags.events, " events do not fit into memory, want at most ",
                     kMostPrepared, "; leave it out, or send them in several runs")));
  }
  if (flags.columns && !flags.plain) {
    return UsageError(absl::InvalidArgumentError(
        "--columns: columns hold no attributes, so the events cannot have synthetic=true; say "
        "--plain, too"));
  }
  for (const std::string& source : flags.sources) {
    if (absl::StartsWith(source, "synthetic-")) continue;
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat("--source: `", source,
                     "`, want an id that starts with synthetic-, so that "
                     "nobody takes the events for real ones")));
  }
  return absl::OkStatus();
}

// The log forgets nothing: what is simulated beside real sources is in every total from then on.
absl::Status CheckNothingReal(catalog_client::CatalogClient& client) {
  TM_ASSIGN_OR_RETURN(const std::vector<std::string> real, simulate::RealSources(client));
  if (real.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the catalog has real sources (", absl::StrJoin(real, ", "),
      "), whose totals synthetic events would join for ever; simulate in an observatory of its "
      "own (another TIDEMARK_DATA), or say --among-real"));
}

// Codes of the catalog, or, for --print, those that --setup would make.
absl::StatusOr<simulate::CatalogCodes> Codes(CommandHost& host, const SimulateFlags& flags) {
  if (flags.print) {
    simulate::CatalogCodes codes{.time_zone = "Asia/Shanghai"};
    for (const auto& resource : simulate::SyntheticResources(flags.sources)) {
      const std::string id = resource.name().substr(resource.name().find('/') + 1);
      if (resource.region().level() == catalog::v1::REGION_LEVEL_CITY) codes.regions.push_back(id);
      if (!resource.category().parent().empty()) codes.categories.push_back(id);
    }
    return codes;
  }
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kCatalog));
  TM_ASSIGN_OR_RETURN(std::string token, host.connection().Token());
  catalog_client::CatalogClient client({.channel = channel, .token = std::move(token)});
  if (!flags.among_real) TM_RETURN_IF_ERROR(CheckNothingReal(client));
  if (flags.setup) TM_RETURN_IF_ERROR(simulate::SetUp(client, flags.sources));
  return simulate::ReadCodes(client);
}

absl::StatusOr<simulate::GeneratorOptions> GeneratorOptionsOf(CommandHost& host,
                                                              const SimulateFlags& flags) {
  TM_RETURN_IF_ERROR(CheckFlags(flags));
  TM_ASSIGN_OR_RETURN(simulate::CatalogCodes codes, Codes(host, flags));
  simulate::GeneratorOptions options{.seed = flags.seed,
                                     .events = flags.events,
                                     .sources = flags.sources,
                                     .regions = std::move(codes.regions),
                                     .categories = std::move(codes.categories),
                                     .consumer_scheme = simulate::kConsumerScheme,
                                     .consumers = flags.consumers,
                                     .prehashed = flags.prehashed,
                                     .label = !flags.plain,
                                     .lean = flags.lean,
                                     .duplicates = flags.duplicates,
                                     .bad = flags.bad};
  if (!absl::LoadTimeZone(codes.time_zone, &options.zone)) {
    return absl::InternalError(
        absl::StrCat("the observatory's time zone ", codes.time_zone, " is unknown here"));
  }
  TM_ASSIGN_OR_RETURN(options.from_us, DayStart("--from", flags.from, options.zone));
  TM_ASSIGN_OR_RETURN(options.to_us, DayStart("--to", flags.to, options.zone));
  if (options.from_us >= options.to_us) {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat("--to: ", flags.to, ", want a day after --from ", flags.from)));
  }
  return options;
}

// The world's events name codes of its samples only, and mean yuan and fen.
absl::Status CheckDeltaCatalog(CommandHost& host, const SimulateFlags& flags) {
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kCatalog));
  TM_ASSIGN_OR_RETURN(std::string token, host.connection().Token());
  catalog_client::CatalogClient client({.channel = channel, .token = std::move(token)});
  if (!flags.among_real) TM_RETURN_IF_ERROR(CheckNothingReal(client));
  return simulate::CheckHasSource(client, std::string(simulate::kDeltaSource));
}

absl::StatusOr<std::unique_ptr<simulate::EventStream>> MakeEvents(CommandHost& host,
                                                                  const SimulateFlags& flags) {
  if (flags.world.empty()) {
    if (flags.events == 0) {
      return UsageError(absl::InvalidArgumentError("--events: missing, want a number"));
    }
    TM_ASSIGN_OR_RETURN(simulate::GeneratorOptions options, GeneratorOptionsOf(host, flags));
    return std::make_unique<simulate::EventGenerator>(std::move(options));
  }
  TM_RETURN_IF_ERROR(CheckFlags(flags));
  simulate::DeltaWorldOptions options{.seed = flags.seed, .label = !flags.plain};
  if (flags.events > 0) options.events = flags.events;
  auto world = simulate::DeltaWorld::Make(options);
  if (absl::IsInvalidArgument(world.status())) return UsageError(world.status());
  TM_RETURN_IF_ERROR(world.status());
  if (!flags.print) TM_RETURN_IF_ERROR(CheckDeltaCatalog(host, flags));
  return *std::move(world);
}

absl::Status PrintEvents(const Terminal& terminal, const simulate::EventStream& events) {
  const importer::EventPrinter print(terminal.out);
  submit::EventWriter writer;
  for (uint64_t index = 0; index < events.events(); ++index) {
    if (index % 1024 == 0) {
      if (terminal.interrupted()) return absl::CancelledError("stopped");
      TM_RETURN_IF_ERROR(CheckOutput(terminal));
    }
    events.Write(index, writer);
    const absl::Status printed = print(index, writer.bytes());
    if (!printed.ok()) terminal.err << "event " << index << ": " << printed.message() << "\n";
  }
  return absl::OkStatus();
}

absl::Status Connect(CommandHost& host, const SimulateFlags& flags,
                     simulate::Simulator::Options& options) {
  TM_ASSIGN_OR_RETURN(const std::string token, host.connection().Token());
  TM_RETURN_IF_ERROR(CheckIngest(host.connection(), flags.retry_seconds));
  size_t batch = flags.batch;
  // At a given rate a batch holds at most 20 ms of it, so that events do not wait long.
  if (flags.rate > 0) {
    batch = std::clamp<size_t>(static_cast<size_t>(flags.rate / 50), 1, flags.batch);
  }
  options.block = batch;
  for (int i = 0; i < flags.clients; ++i) {
    rpc::ChannelOptions channel_options = host.connection().OptionsOf(Service::kIngest);
    // gRPC lets channels with equal arguments share one connection, and so one thread.
    channel_options.max_receive_bytes += static_cast<size_t>(i);
    TM_ASSIGN_OR_RETURN(auto own, rpc::CreateChannel(channel_options));
    options.submit.push_back(
        {.channel = std::move(own),
         .token = token,
         .transport = flags.unary ? submit::Transport::kUnary : submit::Transport::kStream,
         .batch_events = batch,
         .batch_bytes = size_t{16} << 20,
         .in_flight = flags.in_flight,
         .give_up_after = absl::Seconds(flags.retry_seconds)});
  }
  return absl::OkStatus();
}

void PrintResult(const Terminal& terminal, const SimulateFlags& flags,
                 const simulate::SimulationResult& result) {
  std::string text = absl::StrFormat(
      "answered     %14s events\n  accepted   %14s\n  duplicate  %14s\n"
      "  conflict   %14s\n",
      GroupThousands(result.answered()), GroupThousands(result.accepted),
      GroupThousands(result.duplicates), GroupThousands(result.conflicts));
  for (const auto& [reason, count] : result.rejected) {
    absl::StrAppendFormat(&text, "  rejected   %14s  %s\n", GroupThousands(count), reason);
  }
  absl::StrAppendFormat(&text, "rate         %14s events/s over the run\n",
                        GroupThousands(static_cast<uint64_t>(result.Rate(0))));
  absl::StrAppendFormat(&text, "             %14s events/s over the last fifth\n",
                        GroupThousands(static_cast<uint64_t>(result.Rate(0.8))));
  if (flags.plain) absl::StrAppend(&text, "events carry no synthetic=true attribute (--plain)\n");
  terminal.out << text;
}

absl::Status PrintFreshness(const Terminal& terminal, simulate::FreshnessProbe& probe) {
  const absl::Status drained = probe.Drain(absl::Seconds(60));
  const std::vector<int64_t> lags = probe.Lags();
  if (!lags.empty()) {
    const auto at = [&lags](size_t percent) {
      return static_cast<double>(lags[(lags.size() * percent + 99) / 100 - 1]) / 1e6;
    };
    terminal.out << absl::StrFormat(
        "ack-to-visible  p50 %.1f ms  p99 %.1f ms  max %.1f ms  (%d batches)\n", at(50), at(99),
        at(100), lags.size());
  }
  return drained;
}

absl::StatusOr<ExitCode> RunSimulate(CommandHost& host, const SimulateFlags& flags) {
  const Terminal& terminal = host.terminal();
  TM_ASSIGN_OR_RETURN(const std::unique_ptr<simulate::EventStream> events, MakeEvents(host, flags));
  if (flags.print) {
    TM_RETURN_IF_ERROR(PrintEvents(terminal, *events));
    return ExitCode::kOk;
  }
  simulate::Simulator::Options options{.clients = flags.clients,
                                       .rate = flags.rate,
                                       .columns = flags.columns,
                                       .prepare = flags.prepare,
                                       .quiet = flags.quiet};
  TM_RETURN_IF_ERROR(Connect(host, flags, options));
  std::unique_ptr<simulate::FreshnessProbe> probe;
  if (flags.freshness) {
    TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kAnalytics));
    TM_ASSIGN_OR_RETURN(std::string token, host.connection().Token());
    probe = std::make_unique<simulate::FreshnessProbe>(channel, std::move(token), terminal.clock);
    options.on_ack = [probe = probe.get()](uint64_t log_size, int64_t acked_ns) {
      probe->OnAck(log_size, acked_ns);
    };
  }
  simulate::Simulator simulator(terminal, *events, std::move(options));
  const absl::Status status = simulator.Run();
  const simulate::SimulationResult result = simulator.result();
  PrintResult(terminal, flags, result);
  if (result.rejected.contains("UNKNOWN_SOURCE")) {
    terminal.err << "The catalog does not know the source; --setup makes it.\n";
  }
  TM_RETURN_IF_ERROR(status);
  if (probe != nullptr) TM_RETURN_IF_ERROR(PrintFreshness(terminal, *probe));
  const bool some_rejected = result.conflicts > 0 || !result.rejected.empty();
  return some_rejected ? ExitCode::kSomeRejected : ExitCode::kOk;
}

void AddShapeFlags(CLI::App& command, SimulateFlags& flags) {
  CLI::Option* world =
      command
          .add_option("--world", flags.world,
                      "yangtze-delta: events on the real regions of the Yangtze delta, 2012 to "
                      "2024, that add up to published figures; the catalog of the samples first")
          ->check(CLI::IsMember({"yangtze-delta"}));
  command
      .add_option("-n,--events", flags.events,
                  "Number of events; required but with --world, where it is 200000 by default")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40));
  command.add_option("--seed", flags.seed, "Another seed, other events")->capture_default_str();
  command.add_option("--from", flags.from, "First day of event times")
      ->capture_default_str()
      ->excludes(world);
  command.add_option("--to", flags.to, "Day after the last")
      ->capture_default_str()
      ->excludes(world);
  command.add_option("--source", flags.sources, "Source id, synthetic-...; may be repeated")
      ->capture_default_str()
      ->excludes(world);
  command.add_option("--consumers", flags.consumers, "Size of the pool of consumers")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40))
      ->capture_default_str()
      ->excludes(world);
  command.add_option("--duplicates", flags.duplicates, "Share of events that are sent twice")
      ->check(CLI::Range(0.0, 0.9))
      ->excludes(world);
  command.add_option("--bad", flags.bad, "Share of events with a fault")
      ->check(CLI::Range(0.0, 1.0))
      ->excludes(world);
  command
      .add_flag("--prehashed", flags.prehashed, "Send pseudonyms instead of consumer identifiers")
      ->excludes(world);
  command.add_flag("--plain", flags.plain, "Leave out the attribute synthetic=true");
  command
      .add_flag("--lean", flags.lean, "Leave out the order, the seller and the original of refunds")
      ->excludes(world);
}

void AddLoadFlags(CLI::App& command, SimulateFlags& flags) {
  command
      .add_flag("--setup", flags.setup,
                "First apply a synthetic catalog: 81 provinces, 350 cities, 60 categories, the "
                "sources, and an observatory if there is none")
      ->excludes("--world");
  command.add_option("--clients", flags.clients, "Submitting threads, each with a connection")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command.add_option("--rate", flags.rate, "Events per second; default: as fast as possible")
      ->check(CLI::PositiveNumber);
  command.add_option("--batch", flags.batch, "Events per request")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command.add_option("--in-flight", flags.in_flight, "Requests in flight per client")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command.add_flag("--columns", flags.columns,
                   "Send each request by columns, which is quicker; needs --plain, as columns hold "
                   "no attributes");
  command.add_flag("--unary", flags.unary,
                   "A call of its own for each request, instead of one stream for all");
  command
      .add_option("--retry-for", flags.retry_seconds,
                  "Go on trying for so many seconds when the service is away")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_flag("--prepare", flags.prepare,
                   "Make all events before sending the first: about 200 bytes of memory each");
  command.add_flag("--freshness", flags.freshness,
                   "Measure the time from acknowledgement to visibility in analytics");
  command.add_flag("--print", flags.print, "Print the events as JSON lines instead");
  command.add_flag("--among-real", flags.among_real,
                   "Also where the catalog has sources that are not synthetic-...: the events will "
                   "count in its totals");
  command.add_flag("-q,--quiet", flags.quiet, "No progress");
}

}  // namespace

void AddSimulateCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("simulate", "Submit synthetic events, for load tests");
  auto flags = std::make_shared<SimulateFlags>();
  AddShapeFlags(*command, *flags);
  AddLoadFlags(*command, *flags);
  command->footer(kExamples);
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return RunSimulate(host, *flags); }); });
}

}  // namespace tidemark::cli
