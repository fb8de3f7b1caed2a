#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/app/ingest_check.h"
#include "clients/cli/app/patience.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/day_closing.h"
#include "clients/cli/import/catalog_names.h"
#include "clients/cli/import/day_totals.h"
#include "clients/cli/import/event_printer.h"
#include "clients/cli/import/importer.h"
#include "clients/cli/import/mapping.h"
#include "clients/cpp/catalog/catalog_client.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

constexpr char kExamples[] =
    "Examples:\n"
    "  tidemark import orders.csv.gz --mapping orders.yaml\n"
    "  tidemark import orders.csv.gz --mapping orders.yaml --dry-run --rejects bad.csv\n"
    "  tidemark import day.csv --mapping orders.yaml --close-days\n"
    "  zcat part-*.gz | tidemark import - --mapping orders.yaml --resume orders.state\n"
    "  tidemark import orders.tsv --mapping orders.yaml --print --limit 3   (no service needed)\n"
    "\n"
    "Importing a file again is safe: events are known by their source and id, and come back as\n"
    "duplicates. docs/import-mapping.md explains mappings.";

struct ImportFlags {
  std::string input;
  std::string mapping;
  std::string rejects;
  std::string resume;
  uint64_t limit = std::numeric_limits<uint64_t>::max();
  size_t batch = 20'000;
  int in_flight = 4;
  double retry_seconds = 600;
  bool unary = false;
  bool close_days = false;
  bool dry_run = false;
  bool print = false;
  bool quiet = false;
};

uint64_t SizeOf(const std::string& path) {
  struct stat info;
  return path != "-" && ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode)
             ? static_cast<uint64_t>(info.st_size)
             : 0;
}

absl::StatusOr<std::unique_ptr<importer::ByteSource>> OpenInput(const std::string& path,
                                                                const Terminal& terminal) {
  if (path == "-") return importer::StreamSource(terminal.in);
  return importer::OpenFile(path);
}

// What of the catalog a mapping needs.
struct CatalogPart {
  std::unique_ptr<catalog_client::CatalogClient> client;
  std::unique_ptr<importer::CatalogNames> names;
  importer::Mapping::Options options;
};

absl::Status ReadCatalog(CommandHost& host, const importer::Mapping& mapping,
                         const ImportFlags& flags, CatalogPart& part) {
  // Units that the mapping states are held against the observatory's before anything is sent.
  if (!mapping.needs_resolver() && !mapping.needs_observatory() && flags.print) {
    return absl::OkStatus();
  }
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kCatalog));
  TM_ASSIGN_OR_RETURN(std::string token, host.connection().Token());
  part.client = std::make_unique<catalog_client::CatalogClient>(
      catalog_client::CatalogClient::Options{.channel = channel, .token = std::move(token)});
  // The mark keeps trouble with the service apart from faults of the mapping that asks it.
  const importer::ListResources list =
      [client = part.client.get()](
          const auto& request) -> absl::StatusOr<catalog::v1::ListResourcesResponse> {
    auto answer = client->ListResources(request);
    if (!answer.ok()) return Marked(answer.status(), ExitCodeOf(answer.status()));
    return answer;
  };
  // A catalog that is started again is waited for, as ingest is.
  TM_RETURN_IF_ERROR(CallWithPatience(host.terminal(), StartPatience(flags.retry_seconds), [&] {
    auto observatory = importer::ReadObservatory(list);
    if (observatory.ok()) part.options.observatory = *std::move(observatory);
    return observatory.status();
  }));
  part.names = std::make_unique<importer::CatalogNames>(list);
  part.options.resolver = part.names.get();
  return absl::OkStatus();
}

absl::Status Connect(CommandHost& host, const ImportFlags& flags,
                     submit::EventSubmitter::Options& submit) {
  TM_ASSIGN_OR_RETURN(submit.channel, host.connection().Channel(Service::kIngest));
  TM_ASSIGN_OR_RETURN(submit.token, host.connection().Token());
  // Tells of a wrong address or token at once, instead of after ten minutes of retries.
  TM_RETURN_IF_ERROR(CheckIngest(host.connection(), flags.retry_seconds));
  submit.batch_events = flags.batch;
  submit.in_flight = flags.in_flight;
  if (flags.unary) submit.transport = submit::Transport::kUnary;
  submit.validate_only = flags.dry_run;
  submit.give_up_after = absl::Seconds(flags.retry_seconds);
  return absl::OkStatus();
}

void PrintSummary(const Terminal& terminal, const ImportFlags& flags,
                  const importer::Importer& importer) {
  const importer::ImportSummary& summary = importer.summary();
  const double seconds = importer.elapsed_seconds();
  terminal.err << summary.Text(flags.print     ? "printed"
                               : flags.dry_run ? "would be accepted"
                                               : "accepted")
               << "\n"
               << absl::StrFormat("%.1f s, %.0f rows/s", seconds,
                                  static_cast<double>(summary.rows) / std::max(seconds, 1e-3))
               << std::endl;
}

absl::StatusOr<std::unique_ptr<importer::DayTotals>> NewDayTotals(
    const std::optional<importer::ObservatoryUnits>& observatory) {
  absl::TimeZone zone;
  if (!observatory.has_value() || !absl::LoadTimeZone(observatory->time_zone, &zone)) {
    return absl::FailedPreconditionError(
        absl::StrCat("--close-days: the observatory's time zone ",
                     observatory.has_value() ? observatory->time_zone : "",
                     " is not known on this host; install its time zone data"));
  }
  return std::make_unique<importer::DayTotals>(zone);
}

// True: some days were none of their source's.
absl::StatusOr<bool> CloseDaysOf(CommandHost& host, const ImportFlags& flags,
                                 const importer::DayTotals& totals) {
  TM_ASSIGN_OR_RETURN(auto days, totals.Take());
  TM_ASSIGN_OR_RETURN(const DayClosing closing,
                      CloseDays(host, std::move(days), absl::Seconds(flags.retry_seconds)));
  if (!flags.quiet) {
    host.terminal().err << absl::StrFormat("closed days: %d", closing.closed) << std::endl;
    TellNotClosing(closing, host.terminal());
    for (const std::string& open : totals.LeftOpen()) {
      host.terminal().err << "not closed: " << open << std::endl;
    }
    for (const std::string& refused : closing.refused) {
      host.terminal().err << "not closed: " << refused << std::endl;
    }
  }
  return !closing.refused.empty();
}

absl::StatusOr<ExitCode> RunImport(CommandHost& host, const ImportFlags& flags) {
  const Terminal& terminal = host.terminal();
  auto mapping = importer::Mapping::Load(flags.mapping, flags.input);
  if (!mapping.ok()) return DataError(mapping.status());
  importer::Importer::Options options;
  options.limit = flags.limit;
  options.input_bytes = SizeOf(flags.input);
  options.quiet = flags.quiet;
  if (!flags.resume.empty()) {
    options.state_path = flags.resume;
    auto state = importer::ResumeState::Load(flags.resume, flags.input, mapping->fingerprint());
    if (!state.ok()) return DataError(state.status());
    options.resume = *std::move(state);
  }
  CatalogPart catalog;
  TM_RETURN_IF_ERROR(ReadCatalog(host, *mapping, flags, catalog));
  if (flags.print) {
    options.print = importer::EventPrinter(terminal.out);
  } else {
    TM_RETURN_IF_ERROR(Connect(host, flags, options.submit));
  }
  auto source = OpenInput(flags.input, terminal);
  if (!source.ok()) return DataError(source.status());
  auto opened = mapping->Open(*std::move(source), catalog.options);
  if (!opened.ok()) return DataError(opened.status());
  // Last, so that a run that cannot start leaves what an earlier one told.
  if (!flags.rejects.empty()) {
    auto rejects = importer::RejectsFile::Create(flags.rejects, options.resume.rejects_bytes);
    if (!rejects.ok()) return DataError(rejects.status());
    options.rejects = *std::move(rejects);
  }

  std::unique_ptr<importer::DayTotals> totals;
  if (flags.close_days) {
    TM_ASSIGN_OR_RETURN(totals, NewDayTotals(catalog.options.observatory));
    options.day_totals = totals.get();
  }
  importer::Importer importer(terminal, *std::move(opened), std::move(options));
  const absl::Status status = importer.Run();
  terminal.out.flush();
  if (!flags.quiet && ExitCodeOf(status) != ExitCode::kReaderGone) {
    PrintSummary(terminal, flags, importer);
  }
  TM_RETURN_IF_ERROR(status);
  const importer::ImportSummary& summary = importer.summary();
  bool refused = false;
  if (totals != nullptr) {
    TM_ASSIGN_OR_RETURN(refused, CloseDaysOf(host, flags, *totals));
  }
  return summary.rejected_count() + summary.conflicts > 0 || refused ? ExitCode::kSomeRejected
                                                                     : ExitCode::kOk;
}

}  // namespace

void AddImportCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("import", "Import events from a CSV, TSV or JSON file");
  auto flags = std::make_shared<ImportFlags>();
  command->add_option("FILE", flags->input, "The file, also .gz; `-` reads standard input")
      ->required();
  command->add_option("-m,--mapping", flags->mapping, "YAML file that says how rows become events")
      ->required()
      ->type_name("FILE");
  auto* close_days =
      command->add_flag("--close-days", flags->close_days,
                        "When all is sent, close every day of the file with the totals of its "
                        "events: the file holds these days whole");
  command
      ->add_flag("--dry-run", flags->dry_run,
                 "Judge every event against catalog and log, write nothing")
      ->excludes(close_days);
  auto* print = command
                    ->add_flag("--print", flags->print,
                               "Print the events as JSON lines instead of sending them")
                    ->excludes(close_days);
  command
      ->add_option("--rejects", flags->rejects,
                   "Write rejected and conflicting rows to this CSV file; replaces that of an "
                   "earlier run, with --resume goes on with it")
      ->type_name("FILE");
  command
      ->add_option("--resume", flags->resume,
                   "Keep the state in this file, and go on where the run before ended")
      ->type_name("STATE")
      ->excludes("--dry-run")
      ->excludes(print);
  command->add_option("--limit", flags->limit, "Read at most so many rows")
      ->check(CLI::PositiveNumber)
      ->excludes(close_days);
  command->add_option("--batch", flags->batch, "Events per request")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command->add_option("--in-flight", flags->in_flight, "Requests in flight")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_flag("--unary", flags->unary,
                    "A call of its own for each request, instead of one stream for all");
  command
      ->add_option("--retry-for", flags->retry_seconds,
                   "Go on trying for so many seconds when the service is away")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_flag("-q,--quiet", flags->quiet, "No progress and no summary");
  command->footer(kExamples);
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return RunImport(host, *flags); }); });
}

}  // namespace tidemark::cli
