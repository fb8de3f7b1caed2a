// search, resolve: finding resources and regions by what people type.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <istream>
#include <memory>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/day_closing.h"
#include "clients/cli/table/text_table.h"
#include "clients/cpp/catalog/enum_word.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

namespace v1 = catalog::v1;

constexpr char kSearchExamples[] = R"(
Finds by names, aliases, codes and descriptions: Chinese, pinyin with or without blanks, its initials, English; one wrong letter
does not matter. Every word must be found. The best come first, each with what it was found by and where.

Examples:
  tidemark search 宁波
  tidemark search ningbo cloud hospital
  tidemark search nb --in regions
  tidemark search 3302 330200 --in regions --in regionGroups -o json
  tidemark search 宁波 --valid-on 1980-01-01     only what was valid that day
)";

constexpr char kResolveExamples[] = R"(
Tells which region each text names: by a code, a name or pinyin, alone or with the regions above it. One per line, from the
arguments or, without any, from standard input. A text that several regions may be meant by is AMBIGUOUS and shows them all; the
exit code is 1 when a text is not RESOLVED.

Examples:
  tidemark resolve 宁波 ningbo 3302 浙江省宁波市 'Ningbo, Zhejiang'
  tidemark resolve 吉林 --level CITY
  tidemark resolve 朝阳区 --within regions/cn-11
  cut -d, -f3 orders.csv | sort -u | tidemark resolve -o csv
)";

// So many of a request are guessed at.
constexpr int kMaxTexts = 200;

struct Flags {
  std::vector<std::string> texts;
  std::vector<std::string> collections;
  std::vector<std::string> levels;
  std::string within;
  std::string valid_on;
  size_t limit = 20;
};

std::string KindText(v1::MatchKind kind) {
  return catalog_client::EnumWord(*v1::MatchKind_descriptor(), kind);
}

// "NAME display_names[zh]" of each word.
std::string Found(const google::protobuf::RepeatedPtrField<v1::SearchMatch>& matches) {
  std::vector<std::string> words;
  for (const v1::SearchMatch& match : matches) {
    words.push_back(absl::StrCat(KindText(match.kind()), " ", match.field()));
  }
  return absl::StrJoin(words, ", ");
}

absl::StatusOr<ExitCode> Search(CommandHost& host, const Flags& flags) {
  v1::SearchResourcesRequest request;
  request.set_query(absl::StrJoin(flags.texts, " "));
  for (const std::string& collection : flags.collections) request.add_collections(collection);
  if (!flags.valid_on.empty()) {
    TM_ASSIGN_OR_RETURN(*request.mutable_valid_on(), ParseDay("--valid-on", flags.valid_on));
  }
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  TextTable table({{"name"}, {"display_name"}, {"found"}});
  do {
    request.set_page_size(
        static_cast<int32_t>(std::min<size_t>(100, flags.limit - table.row_count())));
    TM_ASSIGN_OR_RETURN(const auto page, client->SearchResources(request));
    for (const v1::SearchHit& hit : page.hits()) {
      table.AddTexts(
          {hit.name(), NameFor(hit.display_names(), host.terminal()), Found(hit.matches())});
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && table.row_count() < flags.limit);
  table.Print(host.output_format(), host.terminal().out);
  if (host.output_format() == OutputFormat::kTable) {
    host.terminal().err << table.row_count() << " found"
                        << (request.page_token().empty() ? "" : "; more with --limit") << '\n';
  }
  return ExitCode::kOk;
}

absl::Status SetLevels(const Flags& flags, v1::ResolveRegionsRequest* request) {
  for (const std::string& level : flags.levels) {
    v1::RegionLevel parsed;
    if (!v1::RegionLevel_Parse(absl::StrCat("REGION_LEVEL_", level), &parsed)) {
      return UsageError(absl::InvalidArgumentError(
          absl::StrCat("--level: `", level, "`, want a level such as PROVINCE, CITY or COUNTY")));
    }
    request->add_levels(parsed);
  }
  return absl::OkStatus();
}

std::vector<std::string> Lines(std::istream& in) {
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    line = std::string(absl::StripAsciiWhitespace(line));
    if (!line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

void AddRows(const std::string& text, const v1::RegionResolution& resolution,
             const Terminal& terminal, TextTable* table) {
  const std::string outcome =
      catalog_client::EnumWord(*v1::ResolutionOutcome_descriptor(), resolution.outcome());
  if (resolution.candidates().empty()) table->AddTexts({text, outcome, "", "", "", ""});
  for (const v1::RegionCandidate& candidate : resolution.candidates()) {
    table->AddTexts({text, outcome, candidate.region(),
                     NameFor(candidate.display_names(), terminal),
                     KindText(candidate.match().kind()), candidate.successor_of()});
  }
}

absl::StatusOr<ExitCode> Resolve(CommandHost& host, const Flags& flags) {
  v1::ResolveRegionsRequest request;
  TM_RETURN_IF_ERROR(SetLevels(flags, &request));
  request.set_within(flags.within);
  if (!flags.valid_on.empty()) {
    TM_ASSIGN_OR_RETURN(*request.mutable_valid_on(), ParseDay("--valid-on", flags.valid_on));
  }
  request.set_max_candidates(static_cast<int32_t>(std::min<size_t>(flags.limit, 20)));
  const Terminal& terminal = host.terminal();
  const std::vector<std::string> texts = flags.texts.empty() ? Lines(terminal.in) : flags.texts;
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  TextTable table(
      {{"text"}, {"outcome"}, {"region"}, {"display_name"}, {"found"}, {"successor_of"}});
  bool all = true;
  for (size_t first = 0; first < texts.size(); first += kMaxTexts) {
    const size_t end = std::min(texts.size(), first + kMaxTexts);
    request.clear_texts();
    for (size_t i = first; i < end; ++i) request.add_texts(texts[i]);
    TM_ASSIGN_OR_RETURN(const auto answer, client->ResolveRegions(request));
    for (int i = 0; i < answer.resolutions_size(); ++i) {
      const v1::RegionResolution& resolution = answer.resolutions(i);
      all = all && resolution.outcome() == v1::RESOLUTION_OUTCOME_RESOLVED;
      AddRows(request.texts(i), resolution, terminal, &table);
    }
  }
  table.Print(host.output_format(), terminal.out);
  return all ? ExitCode::kOk : ExitCode::kSomeRejected;
}

}  // namespace

void AddSearchCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("search", "Find catalog resources by what people type");
  command->footer(kSearchExamples);
  auto flags = std::make_shared<Flags>();
  command->add_option("WORDS", flags->texts, "words, each of which must be found")->required();
  command->add_option("--in", flags->collections, "only this collection; may be repeated");
  command->add_option("--valid-on", flags->valid_on, "day on which it must be valid");
  command->add_option("--limit", flags->limit, "most hits, 1 to 1,000; 20 by default")
      ->check(CLI::Range(1, 1000));
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Search(host, *flags); }); });
}

void AddResolveCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("resolve", "Tell which regions texts name");
  command->footer(kResolveExamples);
  auto flags = std::make_shared<Flags>();
  flags->limit = 5;
  command->add_option("TEXT", flags->texts, "texts; none: the lines of standard input");
  command->add_option("--level", flags->levels, "level of the regions; may be repeated");
  command->add_option("--within", flags->within, "region or group that they lie in");
  command->add_option("--valid-on", flags->valid_on, "day on which they are valid");
  command->add_option("--limit", flags->limit, "most candidates of a text, 1 to 20; 5 by default")
      ->check(CLI::Range(1, 20));
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Resolve(host, *flags); }); });
}

}  // namespace tidemark::cli
