#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <istream>
#include <iterator>
#include <ostream>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/yaml/resource_yaml.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

using catalog::v1::Change;
using catalog::v1::Resource;

constexpr char kExamples[] = R"(
Reads resources from YAML files, or all that a folder holds, shows what would change, asks, and applies all of it or nothing.
What equals the stored state makes no change, so applying twice is safe. Format: docs/catalog-yaml.md.

Examples:
  tidemark apply -f catalog.yaml                 show the difference, ask, apply
  tidemark apply -f regions.yaml -f sources.yaml --yes
  tidemark apply -f regions/                     every .yaml file in the folder and those in it
  tidemark apply -f catalog.yaml --dry-run       only show the difference
  tidemark get regions/gb | sed s/Britain/UK/ | tidemark apply -f - --yes
)";

// Of a resource that must not exist; the contract's word.
constexpr char kAbsentEtag[] = "absent";

struct Options {
  std::vector<std::string> files;
  bool dry_run = false;
  bool yes = false;
};

// The YAML files of a folder and the folders in it, in order of their paths.
absl::StatusOr<std::vector<std::string>> FilesIn(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  std::filesystem::recursive_directory_iterator at(folder, error), end;
  for (; !error && at != end; at.increment(error)) {
    const std::filesystem::path& path = at->path();
    const bool yaml = path.extension() == ".yaml" || path.extension() == ".yml";
    if (yaml && at->is_regular_file()) files.push_back(path.string());
  }
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("cannot read the folder ", folder, ": ", error.message()));
  }
  if (files.empty()) {
    return absl::NotFoundError(absl::StrCat("no .yaml file in the folder ", folder));
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::StatusOr<std::vector<std::string>> FilesOf(const Options& options) {
  std::vector<std::string> files;
  for (const std::string& given : options.files) {
    if (!std::filesystem::is_directory(given)) {
      files.push_back(given);
      continue;
    }
    TM_ASSIGN_OR_RETURN(std::vector<std::string> inside, FilesIn(given));
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

absl::StatusOr<std::vector<Resource>> ReadFiles(const Options& options, std::istream& in) {
  std::vector<Resource> all;
  TM_ASSIGN_OR_RETURN(const std::vector<std::string> files, FilesOf(options));
  for (const std::string& file : files) {
    std::string text;
    if (file == "-") {
      text.assign(std::istreambuf_iterator<char>(in), {});
    } else {
      std::ifstream stream(file, std::ios::binary);
      if (!stream) {
        return absl::NotFoundError(absl::StrCat(
            "cannot read ", file, "; give a YAML file, a folder, or - for standard input"));
      }
      text.assign(std::istreambuf_iterator<char>(stream), {});
    }
    TM_ASSIGN_OR_RETURN(auto resources, ParseResources(text, file));
    for (Resource& resource : resources) all.push_back(std::move(resource));
  }
  if (all.empty()) return absl::InvalidArgumentError("the files given hold no resources");
  return all;
}

// Lines of both states that differ, `-` before and `+` after. The order of the fields is fixed, so
// that a set of lines is enough.
void PrintDifference(const Change& change, std::ostream& out) {
  // The catalog leaves out the states of a very large answer.
  if (change.after().type_case() == Resource::TYPE_NOT_SET) {
    out << "  (the answer is too large to show the difference; apply fewer resources at once)\n";
    return;
  }
  const std::vector<std::string> before = absl::StrSplit(
      change.has_before() ? ToYaml(change.before(), false) : "", '\n', absl::SkipEmpty());
  const std::vector<std::string> after = absl::StrSplit(
      change.has_after() ? ToYaml(change.after(), false) : "", '\n', absl::SkipEmpty());
  const std::set<std::string> old_lines(before.begin(), before.end());
  const std::set<std::string> new_lines(after.begin(), after.end());
  for (const std::string& line : before) {
    if (!new_lines.contains(line)) out << "  - " << line << '\n';
  }
  for (const std::string& line : after) {
    if (!old_lines.contains(line)) out << "  + " << line << '\n';
  }
}

// Prints what would change; returns the number of changes. Of many creations only the names are
// shown.
int PrintChanges(const catalog::v1::ApplyResourcesResponse& answer, std::ostream& out) {
  int created = 0, updated = 0, unchanged = 0;
  for (const Change& change : answer.changes()) {
    switch (change.kind()) {
      case catalog::v1::CHANGE_KIND_CREATE:
        ++created;
        out << "+ " << change.name() << '\n';
        break;
      case catalog::v1::CHANGE_KIND_UPDATE:
        ++updated;
        out << "~ " << change.name() << '\n';
        PrintDifference(change, out);
        break;
      default:
        ++unchanged;
    }
  }
  out << created << " to create, " << updated << " to update, " << unchanged << " unchanged\n";
  return created + updated;
}

absl::StatusOr<bool> Confirmed(const Terminal& terminal) {
  if (!terminal.err_is_terminal) {
    return UsageError(absl::InvalidArgumentError(
        "nobody can be asked here: add --yes to apply, or --dry-run to look"));
  }
  terminal.err << "Apply? [y/N] " << std::flush;
  std::string answer;
  std::getline(terminal.in, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

absl::StatusOr<ExitCode> Apply(CommandHost& host, const Options& options) {
  const Terminal& terminal = host.terminal();
  auto resources = ReadFiles(options, terminal.in);
  if (!resources.ok()) return DataError(resources.status());
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  catalog::v1::ApplyResourcesRequest request;
  for (Resource& resource : *resources) *request.add_resources() = std::move(resource);
  request.set_dry_run(true);
  TM_ASSIGN_OR_RETURN(auto planned, client->ApplyResources(request));
  const int changes = PrintChanges(planned, terminal.out);
  if (changes == 0 || options.dry_run) return ExitCode::kOk;
  if (!options.yes) {
    TM_ASSIGN_OR_RETURN(const bool confirmed, Confirmed(terminal));
    if (!confirmed) {
      terminal.err << "nothing was changed\n";
      return ExitCode::kOk;
    }
  }
  request.set_dry_run(false);
  // Whoever changed or created something since the difference was shown must not be overwritten
  // unseen.
  for (int i = 0; i < request.resources_size(); ++i) {
    const Change& change = planned.changes(i);
    request.mutable_resources(i)->set_etag(change.has_before() ? change.before().etag()
                                                               : kAbsentEtag);
  }
  TM_ASSIGN_OR_RETURN(const auto applied, client->ApplyResources(request));
  terminal.out << "applied as catalog version " << applied.version() << '\n';
  return ExitCode::kOk;
}

}  // namespace

void AddApplyCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command =
      app.add_subcommand("apply", "Create or change catalog resources from YAML files");
  command->footer(kExamples);
  auto options = std::make_shared<Options>();
  command
      ->add_option("-f,--file", options->files,
                   "YAML file, folder of such, - for standard input; may be repeated")
      ->required();
  command->add_flag("--dry-run", options->dry_run, "only show what would change");
  command->add_flag("-y,--yes", options->yes, "apply without asking");
  command->callback(
      [&host, options] { host.SetAction([&host, options] { return Apply(host, *options); }); });
}

}  // namespace tidemark::cli
