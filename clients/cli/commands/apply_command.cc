#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <istream>
#include <iterator>
#include <ostream>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/confirm.h"
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
  tidemark apply -f catalog/                     every .yaml file in the folder and below
  tidemark apply -f catalog.yaml --dry-run       only show the difference
  tidemark get regions/gb | sed s/Britain/UK/ | tidemark apply -f - --yes
)";

// Of a resource that must not exist; the contract's word.
constexpr char kAbsentEtag[] = "absent";

struct Flags {
  std::vector<std::string> files;
  bool dry_run = false;
  bool yes = false;
};

// What is given, folders taken as the YAML files in them and below, by path.
absl::StatusOr<std::vector<std::string>> FilesOf(const std::vector<std::string>& given) {
  std::vector<std::string> files;
  for (const std::string& path : given) {
    std::error_code error;
    if (path == "-" || !std::filesystem::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    std::set<std::string> found;
    const auto end = std::filesystem::recursive_directory_iterator();
    for (auto at = std::filesystem::recursive_directory_iterator(path, error); !error && at != end;
         at.increment(error)) {
      const auto extension = at->path().extension();
      if (extension == ".yaml" || extension == ".yml") found.insert(at->path().string());
    }
    if (error) {
      return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", error.message()));
    }
    if (found.empty()) {
      return absl::NotFoundError(absl::StrCat(path, " holds no .yaml files"));
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

absl::StatusOr<std::vector<Resource>> ReadFiles(const Flags& flags, std::istream& in) {
  TM_ASSIGN_OR_RETURN(const std::vector<std::string> files, FilesOf(flags.files));
  std::vector<Resource> all;
  for (const std::string& file : files) {
    std::string text;
    if (file == "-") {
      text.assign(std::istreambuf_iterator<char>(in), {});
    } else {
      std::ifstream stream(file, std::ios::binary);
      if (!stream) {
        return absl::NotFoundError(absl::StrCat(
            "cannot read ", file, "; give a YAML file, a folder of them, or - for standard input"));
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

absl::StatusOr<ExitCode> Apply(CommandHost& host, const Flags& flags) {
  const Terminal& terminal = host.terminal();
  auto resources = ReadFiles(flags, terminal.in);
  if (!resources.ok()) return DataError(resources.status());
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  catalog::v1::ApplyResourcesRequest request;
  for (Resource& resource : *resources) *request.add_resources() = std::move(resource);
  request.set_dry_run(true);
  TM_ASSIGN_OR_RETURN(auto planned, client->ApplyResources(request));
  const int changes = PrintChanges(planned, terminal.out);
  if (changes == 0 || flags.dry_run) return ExitCode::kOk;
  if (!flags.yes) {
    TM_ASSIGN_OR_RETURN(const bool confirmed, Confirmed(terminal, "Apply?"));
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
  auto flags = std::make_shared<Flags>();
  command
      ->add_option("-f,--file", flags->files,
                   "YAML file, folder of such, - for standard input; may be repeated")
      ->required();
  command->add_flag("--dry-run", flags->dry_run, "only show what would change");
  command->add_flag("-y,--yes", flags->yes, "apply without asking");
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Apply(host, *flags); }); });
}

}  // namespace tidemark::cli
