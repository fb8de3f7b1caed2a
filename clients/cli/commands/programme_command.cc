// programme show, rank, advance: the life of a pilot programme.
#include <google/protobuf/util/json_util.h>

#include <CLI/CLI.hpp>
#include <map>
#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/app/full_name.h"
#include "clients/cli/app/nearest.h"
#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/confirm.h"
#include "clients/cli/table/text_table.h"
#include "clients/cpp/catalog/enum_word.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

using catalog::v1::Resource;
using catalog_client::CatalogClient;
using catalog_client::EnumWord;

constexpr char kExamples[] = R"(
A programme goes draft, open, assessing, defence, selected, running, closed, one step at a time; cancelled ends it. Candidacies and
assessments are written with `tidemark apply`. The steps to defence and selected make a selection, from the records alone.

Examples:
  tidemark programme show pilot-cities
  tidemark programme rank pilot-cities
  tidemark programme rank pilot-cities --round defence --explain candidacies/xining
  tidemark programme advance pilot-cities open --reason 'Notice 2013/5'
  tidemark programme advance pilot-cities selected --selection pilot-cities-2013 --ranked-at 118 --reason 'Decision of the board'
)";

// Names of one BatchGetResources; candidates are small.
constexpr int kBatch = 500;

struct Flags {
  std::string programme;
  std::string round;
  std::vector<std::string> explain;
  uint64_t version = 0;
  std::string stage;
  std::string reason;
  std::string selection;
  uint64_t ranked_at = 0;
  bool dry_run = false;
  bool yes = false;
};

// A value of an enum by its word in small letters.
absl::StatusOr<int> ParseWord(const google::protobuf::EnumDescriptor& type, const std::string& what,
                              const std::string& text) {
  std::vector<std::string> known;
  for (int i = 1; i < type.value_count(); ++i) {
    known.push_back(absl::AsciiStrToLower(EnumWord(*type.value(i))));
    if (known.back() == absl::AsciiStrToLower(text)) return type.value(i)->number();
  }
  return UsageError(absl::InvalidArgumentError(
      absl::StrCat(what, ": unknown `", text, "`", NearestHint(text, known))));
}

std::string StageText(catalog::v1::ProgrammeStage stage) {
  return absl::AsciiStrToLower(EnumWord(*catalog::v1::ProgrammeStage_descriptor(), stage));
}
std::string OutcomeText(catalog::v1::CandidacyOutcome outcome) {
  return absl::AsciiStrToLower(EnumWord(*catalog::v1::CandidacyOutcome_descriptor(), outcome));
}
std::string ReasonText(catalog::v1::SelectionReason reason) {
  return absl::AsciiStrToLower(EnumWord(*catalog::v1::SelectionReason_descriptor(), reason));
}

absl::StatusOr<Resource> ReadResource(CatalogClient& client, const std::string& name,
                                      uint64_t version) {
  catalog::v1::GetResourceRequest request;
  request.set_name(name);
  request.set_version(version);
  TM_ASSIGN_OR_RETURN(auto answer, client.GetResource(request));
  return std::move(*answer.mutable_resource());
}

absl::Status ForEachCandidacy(CatalogClient& client, const std::string& programme, uint64_t version,
                              const std::function<void(const Resource&)>& use) {
  return ForEachResource(client, "candidacies", absl::StrCat("programme = \"", programme, "\""),
                         version, use);
}

absl::StatusOr<ExitCode> Show(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  const Terminal& terminal = host.terminal();
  const std::string name = FullName("programmes", flags.programme);
  TM_ASSIGN_OR_RETURN(const Resource resource, ReadResource(*client, name, flags.version));
  const catalog::v1::Programme& programme = resource.programme();
  if (host.output_format() == OutputFormat::kTable) {
    std::map<catalog::v1::CandidacyOutcome, int> outcomes;
    int count = 0;
    TM_RETURN_IF_ERROR(ForEachCandidacy(*client, name, flags.version, [&](const Resource& r) {
      ++outcomes[r.candidacy().outcome()];
      ++count;
    }));
    terminal.out << absl::StrJoin({name, DisplayName(resource, terminal)}, "  ") << "\nstage "
                 << StageText(programme.stage()) << (programme.recorded() ? ", recorded" : "")
                 << ", etag " << resource.etag() << '\n'
                 << count << " candidacies";
    for (const auto& [outcome, number] : outcomes) {
      if (outcome == catalog::v1::CANDIDACY_OUTCOME_UNSPECIFIED) continue;
      terminal.out << ", " << number << ' ' << OutcomeText(outcome);
    }
    terminal.out << '\n';
    if (programme.steps().empty()) return ExitCode::kOk;
  }
  TextTable table({{"from"},
                   {"to"},
                   {"time"},
                   {"by"},
                   {"role"},
                   {"decided_at_version", TextTable::kNumber},
                   {"selection"},
                   {"reason"}});
  for (const catalog::v1::ProgrammeStep& step : programme.steps()) {
    table.AddTexts({StageText(step.from()), StageText(step.to()), UtcText(step.time_us()),
                    step.principal(),
                    absl::AsciiStrToLower(EnumWord(*type::v1::Role_descriptor(), step.role())),
                    absl::StrCat(step.decided_at_version()), step.selection(), step.reason()});
  }
  table.Print(host.output_format(), terminal.out);
  return ExitCode::kOk;
}

// Names for people of the candidates, by candidacy.
absl::StatusOr<std::map<std::string, std::string>> CandidateNames(CommandHost& host,
                                                                  CatalogClient& client,
                                                                  const std::string& programme,
                                                                  uint64_t version) {
  std::map<std::string, std::string> candidates;
  TM_RETURN_IF_ERROR(ForEachCandidacy(client, programme, version, [&](const Resource& r) {
    candidates[r.name()] = r.candidacy().candidate();
  }));
  std::map<std::string, std::string> shown;
  catalog::v1::BatchGetResourcesRequest request;
  request.set_version(version);
  const auto ask = [&]() -> absl::Status {
    if (request.names().empty()) return absl::OkStatus();
    TM_ASSIGN_OR_RETURN(const auto answer, client.BatchGetResources(request));
    for (const Resource& r : answer.resources()) {
      shown[r.name()] = DisplayName(r, host.terminal());
    }
    request.clear_names();
    return absl::OkStatus();
  };
  for (const auto& [candidacy, candidate] : candidates) {
    request.add_names(candidate);
    if (request.names_size() == kBatch) TM_RETURN_IF_ERROR(ask());
  }
  TM_RETURN_IF_ERROR(ask());
  for (auto& [candidacy, candidate] : candidates) candidate = shown[candidate];
  return candidates;
}

std::string MeansText(const catalog::v1::RankedCandidacy& ranked) {
  return absl::StrJoin(ranked.means(), " ", [](std::string* text, const catalog::v1::Score& mean) {
    absl::StrAppend(text, mean.criterion(), "=", mean.score().value());
  });
}

absl::StatusOr<ExitCode> Rank(CommandHost& host, const Flags& flags) {
  catalog::v1::RankCandidaciesRequest request;
  request.set_programme(FullName("programmes", flags.programme));
  TM_ASSIGN_OR_RETURN(const int round, ParseWord(*catalog::v1::AssessmentRound_descriptor(),
                                                 "--round", flags.round));
  request.set_round(static_cast<catalog::v1::AssessmentRound>(round));
  request.set_version(flags.version);
  for (const std::string& name : flags.explain) request.add_explain(name);
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  TM_ASSIGN_OR_RETURN(const auto answer, client->RankCandidacies(request));
  TM_ASSIGN_OR_RETURN(auto names,
                      CandidateNames(host, *client, request.programme(), answer.version()));
  std::vector<TextTable::Column> columns = {{"rank", TextTable::kNumber},
                                            {"candidacy"},
                                            {"candidate"},
                                            {"total", TextTable::kNumber},
                                            {"outcome"},
                                            {"reason"},
                                            {"decided_by"}};
  if (!flags.explain.empty()) columns.push_back({"means"});
  TextTable table(std::move(columns));
  for (const catalog::v1::RankedCandidacy& ranked : answer.selection().candidacies()) {
    const auto number = [&](std::string text) {
      return ranked.rank() == 0 ? TextTable::Cell{} : TextTable::Cell{std::move(text), {}};
    };
    std::vector<TextTable::Cell> row = {number(absl::StrCat(ranked.rank())),
                                        {ranked.candidacy(), {}},
                                        {names[ranked.candidacy()], {}},
                                        number(ranked.total().value()),
                                        {OutcomeText(ranked.outcome()), {}},
                                        {ReasonText(ranked.reason()), {}},
                                        {ranked.decided_by(), {}}};
    if (!flags.explain.empty()) row.push_back({MeansText(ranked), {}});
    table.Add(std::move(row));
  }
  table.Print(host.output_format(), host.terminal().out);
  std::ostream& err = host.terminal().err;
  err << "catalog version " << answer.version();
  if (!answer.unfinished().empty()) {
    err << "; not finished: " << answer.unfinished(0);
    if (answer.unfinished_size() > 1) err << " and " << answer.unfinished_size() - 1 << " more";
  }
  err << '\n';
  return ExitCode::kOk;
}

void PrintStep(const Resource& before, const catalog::v1::AdvanceProgrammeResponse& step,
               std::ostream& out) {
  out << before.name() << ": " << StageText(before.programme().stage()) << " to "
      << StageText(step.programme().programme().stage());
  if (!step.selection().name().empty()) {
    std::map<catalog::v1::CandidacyOutcome, int> outcomes;
    for (const auto& ranked : step.selection().selection().candidacies()) {
      ++outcomes[ranked.outcome()];
    }
    out << "; " << step.selection().name() << ":";
    for (const auto& [outcome, number] : outcomes)
      out << ' ' << number << ' ' << OutcomeText(outcome);
    out << ", " << step.decided() << " outcomes set";
  }
  out << '\n';
}

absl::StatusOr<ExitCode> Advance(CommandHost& host, const Flags& flags) {
  catalog::v1::AdvanceProgrammeRequest request;
  request.set_programme(FullName("programmes", flags.programme));
  TM_ASSIGN_OR_RETURN(const int stage,
                      ParseWord(*catalog::v1::ProgrammeStage_descriptor(), "STAGE", flags.stage));
  request.set_stage(static_cast<catalog::v1::ProgrammeStage>(stage));
  request.set_reason(flags.reason);
  request.set_selection_id(flags.selection);
  request.set_ranked_at_version(flags.ranked_at);
  request.set_dry_run(true);
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  TM_ASSIGN_OR_RETURN(const Resource before, ReadResource(*client, request.programme(), 0));
  request.set_etag(before.etag());
  TM_ASSIGN_OR_RETURN(auto step, client->AdvanceProgramme(request));
  const Terminal& terminal = host.terminal();
  const bool for_people = host.output_format() == OutputFormat::kTable;
  if (for_people) PrintStep(before, step, terminal.out);
  if (!flags.dry_run) {
    if (!flags.yes) {
      TM_ASSIGN_OR_RETURN(const bool confirmed,
                          Confirmed(terminal, "There is no way back. Take the step?"));
      if (!confirmed) {
        terminal.err << "nothing was changed\n";
        return ExitCode::kOk;
      }
    }
    // What was shown is what is decided.
    if (!flags.selection.empty() && flags.ranked_at == 0) {
      request.set_ranked_at_version(step.selection().selection().decided_at_version());
    }
    request.set_dry_run(false);
    TM_ASSIGN_OR_RETURN(step, client->AdvanceProgramme(request));
    if (for_people) terminal.out << "taken as catalog version " << step.version() << '\n';
  }
  if (for_people) return ExitCode::kOk;
  TextTable table({{"programme"},
                   {"from"},
                   {"to"},
                   {"selection"},
                   {"decided", TextTable::kNumber},
                   {"version", TextTable::kNumber}});
  table.AddTexts({before.name(), StageText(before.programme().stage()),
                  StageText(step.programme().programme().stage()), step.selection().name(),
                  absl::StrCat(step.decided()), absl::StrCat(step.version())});
  table.Print(host.output_format(), terminal.out);
  return ExitCode::kOk;
}

using Run = absl::StatusOr<ExitCode> (*)(CommandHost&, const Flags&);

CLI::App* AddBelow(CLI::App& command, CommandHost& host, const std::shared_ptr<Flags>& flags,
                   Run run, const char* name, const char* summary) {
  CLI::App* below = command.add_subcommand(name, summary);
  below->add_option("PROGRAMME", flags->programme, "programmes/ID, or its id")->required();
  below->callback(
      [&host, flags, run] { host.SetAction([&host, flags, run] { return run(host, *flags); }); });
  return below;
}

}  // namespace

void AddProgrammeCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("programme", "Show, rank and advance a pilot programme");
  command->footer(kExamples);
  command->require_subcommand(1);
  auto flags = std::make_shared<Flags>();

  CLI::App* show =
      AddBelow(*command, host, flags, Show, "show", "Show a programme's stage and steps");
  show->add_option("--at-version", flags->version, "catalog version; 0: the newest");

  CLI::App* rank = AddBelow(*command, host, flags, Rank, "rank",
                            "Rank its candidacies, and say why each would be taken or not");
  rank->add_option("--round", flags->round, "assessment (for the shortlist) or defence")
      ->default_val("assessment");
  rank->add_option("--explain", flags->explain,
                   "candidacies/ID whose mean scores are shown; may be repeated");
  rank->add_option("--at-version", flags->version, "catalog version; 0: the newest");

  CLI::App* advance =
      AddBelow(*command, host, flags, Advance, "advance", "Take the next step of its life");
  advance
      ->add_option("STAGE", flags->stage,
                   "open, assessing, defence, selected, running, closed or cancelled")
      ->required();
  advance->add_option("--reason", flags->reason, "why, or on whose decision")->required();
  advance->add_option("--selection", flags->selection,
                      "id of the selection that the step to defence or selected makes");
  advance->add_option("--ranked-at", flags->ranked_at,
                      "catalog version of the ranking that was seen; another by now is refused");
  advance->add_flag("--dry-run", flags->dry_run, "only show what the step would do");
  advance->add_flag("-y,--yes", flags->yes, "take it without asking");
}

}  // namespace tidemark::cli
