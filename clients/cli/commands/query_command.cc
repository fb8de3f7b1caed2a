#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <ostream>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/commands/amounts_flags.h"
#include "clients/cli/commands/answer_footer.h"
#include "clients/cli/commands/answer_table.h"
#include "clients/cli/commands/as_of.h"
#include "clients/cli/commands/chart_flags.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/purpose.h"
#include "clients/cli/commands/vocabulary_hint.h"
#include "clients/cpp/query/parse.h"
#include "common/rpc/channel_factory.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "tidemark/analytics/v1/analytics_service.grpc.pb.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr char kExamples[] = R"(
The language is described in docs/query-language.md; `tidemark query --vocabulary` lists measures, dimensions and grains.
The table is for people: money with thousands, shares and growth in per cent, a reason where a value is null. csv and json are for
programs: exact decimals, a ratio as the shortest decimal that is no other, nulls empty and
explained by a column NAME_null_reason after the one that has them.

Examples:
  tidemark query 'net by month compare prev, yoy'
  tidemark query 'net by consumer_region@nation share net rank net order by net desc limit 10'
  tidemark query 'consumers, median, p95 by quarter where category = products' -o csv
  tidemark query 'net by month' --as-of 300000             as it was when the log had 300,000 records
  tidemark query 'net by month' --as-of 2026-01-01T00:00:00Z
  tidemark query 'net by consumer_region@nation in 2011-01..02 compare yoy'
  tidemark query 'net by month compare yoy panel matched'  growth of the sources complete in both
  tidemark query 'net in 2024 compare yoy to date'         as much of last year as has passed of this
  tidemark query 'net' --min-log-size latest               not older than what ingest has now
  tidemark query 'net' --as-of 300000 --log-id 5f0c...     refused by a service that follows another log
  tidemark query 'net by month' --asset dataAssets/books --purpose research
                                                           from what a shared asset holds, under a grant
  tidemark query 'net by month' --amounts 亿元             in units of 100 million; also wan, million, ...
  tidemark query 'net by month, category' --chart auto     drawn with blocks

A time of --as-of must lie before the newest record: from then on the answer stays the same for ever.
)";

struct Flags {
  std::string text;
  std::string as_of;
  std::string min_log_size;
  std::string log_id;
  std::string labels = "auto";
  std::string asset;
  std::string purpose;
  AmountsFlags amounts;
  ChartFlags chart;
  bool all_columns = false;
  bool no_cache = false;
  bool vocabulary = false;
};

constexpr absl::Duration kTimeout = absl::Seconds(60);
// How long a query waits for analytics to fold what it must cover.
constexpr absl::Duration kCatchUp = absl::Seconds(60);

absl::StatusOr<ingest::v1::GetLogStatusResponse> LogStatus(CommandHost& host,
                                                           const std::string& token) {
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kIngest));
  ingest::v1::IngestService::Stub stub(channel);
  grpc::ClientContext context;
  rpc::PrepareCall(&context, token, kTimeout);
  ingest::v1::GetLogStatusResponse answer;
  TM_RETURN_IF_ERROR(status::FromGrpcStatus(stub.GetLogStatus(&context, {}, &answer)));
  return answer;
}

absl::Status SetMinLogSize(CommandHost& host, const std::string& text, const std::string& token,
                           v1::QueryRequest& request) {
  if (text.empty()) return absl::OkStatus();
  uint64_t size;
  if (text == "latest") {
    TM_ASSIGN_OR_RETURN(const auto log, LogStatus(host, token));
    size = log.log_size();
    // A size says nothing about another log.
    if (request.log_id().empty()) request.set_log_id(log.log_id());
  } else if (!absl::SimpleAtoi(text, &size)) {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat("--min-log-size: `", text, "`, want a log size or latest")));
  }
  request.set_min_log_size(size);
  return absl::OkStatus();
}

// One page; while the replica is behind `min_log_size`, again.
absl::StatusOr<v1::QueryResponse> AskPage(CommandHost& host, const std::string& token,
                                          const v1::QueryRequest& request) {
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kAnalytics));
  v1::AnalyticsService::Stub stub(channel);
  const base::Clock& clock = host.terminal().clock;
  const int64_t deadline = clock.MonotonicNanos() + absl::ToInt64Nanoseconds(kCatchUp);
  while (true) {
    grpc::ClientContext context;
    rpc::PrepareCall(&context, token, kTimeout);
    v1::QueryResponse answer;
    const absl::Status status = status::FromGrpcStatus(stub.Query(&context, request, &answer));
    if (status.ok()) return answer;
    const bool may_catch_up = absl::IsUnavailable(status) && request.min_log_size() > 0 &&
                              channel->GetState(false) == GRPC_CHANNEL_READY;
    if (!may_catch_up || clock.MonotonicNanos() > deadline || host.terminal().interrupted()) {
      return status;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

absl::StatusOr<v1::GetVocabularyResponse> Vocabulary(CommandHost& host, std::string language,
                                                     absl::Duration timeout = kTimeout) {
  TM_ASSIGN_OR_RETURN(const std::string token, host.connection().Token());
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kAnalytics));
  v1::AnalyticsService::Stub stub(channel);
  grpc::ClientContext context;
  rpc::PrepareCall(&context, token, timeout);
  v1::GetVocabularyRequest request;
  request.set_language(std::move(language));
  v1::GetVocabularyResponse answer;
  TM_RETURN_IF_ERROR(status::FromGrpcStatus(stub.GetVocabulary(&context, request, &answer)));
  return answer;
}

// Where a query was refused for what it says, and it has words in Chinese: how they are written.
void TellWords(CommandHost& host, const std::string& text, const absl::Status& refusal) {
  constexpr absl::Duration kPatience = absl::Seconds(5);
  const std::string reason = status::ReasonOf(refusal);
  const bool of_words =
      absl::IsInvalidArgument(refusal) &&
      (reason.empty() || reason == "UNKNOWN_MEASURE" || reason == "UNKNOWN_DIMENSION");
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
  if (!of_words || ascii) return;
  const auto vocabulary = Vocabulary(host, "zh", kPatience);
  const std::string hint =
      HintOfWords(text, vocabulary.ok() ? *vocabulary : v1::GetVocabularyResponse());
  if (hint.empty()) return;
  host.terminal().err << "in queries " << hint
                      << "; `tidemark query --vocabulary` lists all words\n";
}

absl::StatusOr<ExitCode> RunQuery(CommandHost& host, const Flags& flags) {
  const OutputFormat format = host.output_format();
  TM_RETURN_IF_ERROR(CheckChart(host, flags.chart));
  TM_ASSIGN_OR_RETURN(const NumberFormat numbers,
                      NumberFormatOf(host, flags.amounts, flags.labels));
  v1::QueryRequest request;
  auto query = query::ParseQuery(flags.text);
  if (!query.ok()) {
    TellWords(host, flags.text, query.status());
    return UsageError(query.status());
  }
  *request.mutable_query() = *std::move(query);
  request.set_bypass_cache(flags.no_cache);
  request.set_label_language(LabelLanguage(flags.labels, host.terminal(), format));
  request.set_log_id(flags.log_id);
  if (!flags.asset.empty()) {
    request.set_asset(flags.asset);
    TM_ASSIGN_OR_RETURN(const type::v1::Purpose purpose, ParsePurpose(flags.purpose));
    request.set_purpose(purpose);
  }
  TM_RETURN_IF_ERROR(SetAsOfField(flags.as_of, request));
  TM_ASSIGN_OR_RETURN(const std::string token, host.connection().Token());
  TM_RETURN_IF_ERROR(SetMinLogSize(host, flags.min_log_size, token, request));
  const bool for_people = format == OutputFormat::kTable;
  AnswerTable table(for_people && !flags.all_columns, for_people, numbers);
  v1::QueryMeta meta;
  do {
    auto asked = AskPage(host, token, request);
    if (!asked.ok()) {
      TellWords(host, flags.text, asked.status());
      return asked.status();
    }
    v1::QueryResponse& answer = *asked;
    table.AddPage(answer.result());
    meta = std::move(*answer.mutable_meta());
    request.set_page_token(meta.next_page_token());
  } while (!request.page_token().empty());
  if (flags.chart.form.empty()) {
    table.Print(format, host.terminal().out);
  } else {
    TM_RETURN_IF_ERROR(PrintChart(host, flags.chart, table.rows()));
  }
  PrintFooter(host, meta, table.rows().rows().size(), table.units(), table.notes());
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> ShowVocabulary(CommandHost& host, const std::string& labels) {
  const std::string language = LabelLanguage(labels, host.terminal(), OutputFormat::kTable);
  TM_ASSIGN_OR_RETURN(const auto answer, Vocabulary(host, language));
  TextTable table({{"kind"}, {"word"}, {"title"}, {"unit"}, {"definition"}});
  const auto add = [&table](const char* kind, const auto& terms) {
    for (const v1::Term& term : terms) {
      std::string definition = term.definition();
      std::string_view separator = " Levels: ";
      for (const std::string& level : term.levels()) {
        absl::StrAppend(&definition, separator, level);
        separator = ", ";
      }
      table.AddTexts({kind, term.name(), term.title(), term.unit(), definition});
    }
  };
  add("measure", answer.measures());
  add("dimension", answer.dimensions());
  add("grain", answer.grains());
  add("comparison", answer.comparisons());
  add("figure", answer.figures());
  table.Print(host.output_format(), host.terminal().out);
  return ExitCode::kOk;
}

}  // namespace

void AddQueryCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("query", "Ask for statistics");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  auto* text = command->add_option("QUERY", flags->text, "what to compute, in quotes");
  auto* vocabulary = command->add_flag("--vocabulary", flags->vocabulary,
                                       "list measures, dimensions, grains and comparisons");
  text->excludes(vocabulary);
  command->add_option("--as-of", flags->as_of, kAsOfHelp);
  command->add_option("--min-log-size", flags->min_log_size,
                      "wait until this many records are folded, or latest");
  command->add_option("--log-id", flags->log_id,
                      "refuse to answer from another log than the one of this name");
  auto* asset = command->add_option("--asset", flags->asset,
                                    "shared asset that is used, dataAssets/ID; see docs/rights.md");
  auto* purpose = command->add_option("--purpose", flags->purpose, kPurposeHelp);
  asset->needs(purpose);
  purpose->needs(asset);
  command->add_option("--labels", flags->labels, kLabelsHelp);
  AddAmountsFlags(command, &flags->amounts);
  AddChartFlags(command, &flags->chart);
  command->add_flag("--all-columns", flags->all_columns, "show coverage and status columns too");
  command->add_flag("--no-cache", flags->no_cache, "compute anew");
  command->callback([&host, flags] {
    if (flags->vocabulary) {
      return host.SetAction([&host, flags] { return ShowVocabulary(host, flags->labels); });
    }
    if (flags->text.empty()) throw CLI::RequiredError("QUERY");
    host.SetAction([&host, flags] { return RunQuery(host, *flags); });
  });
}

}  // namespace tidemark::cli
