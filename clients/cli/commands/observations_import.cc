#include <ostream>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/commands/confirm.h"
#include "clients/cli/commands/day_closing.h"
#include "clients/cli/commands/observations_commands.h"
#include "clients/cli/import/catalog_names.h"
#include "clients/cli/observations/observation_mapping.h"
#include "clients/cli/observations/vintage_builder.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

namespace v1 = catalog::v1;

// Of a resource that must not exist; the contract's word.
constexpr char kAbsentEtag[] = "absent";

absl::StatusOr<std::unique_ptr<importer::ByteSource>> OpenInput(const std::string& path,
                                                                const Terminal& terminal) {
  if (path == "-") return importer::StreamSource(terminal.in);
  return importer::OpenFile(path);
}

// Everything wrong with the file, so that it can be mended in one go; nothing of it is applied.
absl::Status ProblemsOf(const observations::StatedFile& file) {
  if (file.problem_count == 0) return absl::OkStatus();
  std::string message = absl::StrCat(file.problem_count, " cells cannot be read:");
  for (const std::string& problem : file.problems) absl::StrAppend(&message, "\n  ", problem);
  if (file.problem_count > file.problems.size()) {
    absl::StrAppend(&message, "\n  and ", file.problem_count - file.problems.size(), " more");
  }
  return DataError(absl::InvalidArgumentError(message));
}

absl::StatusOr<std::vector<v1::Resource>> ReadVintages(CommandHost& host,
                                                       catalog_client::CatalogClient& client,
                                                       const ObservationImportFlags& flags) {
  auto mapping = observations::ObservationMapping::Load(flags.mapping, flags.input);
  if (!mapping.ok()) return DataError(mapping.status());
  const std::string id = flags.vintage.empty() ? mapping->vintage_id() : flags.vintage;
  if (id.empty()) {
    return UsageError(absl::InvalidArgumentError(
        "the vintage has no id: add --vintage ID, or vintage.id to the mapping"));
  }
  v1::Vintage about = mapping->vintage();
  if (!flags.published.empty()) {
    TM_ASSIGN_OR_RETURN(*about.mutable_source()->mutable_published(),
                        ParseDay("--published", flags.published));
  }
  if (!about.source().has_published()) {
    return UsageError(absl::InvalidArgumentError(
        "the vintage has no day of publication: add --published DAY, or vintage.published to the "
        "mapping"));
  }
  // The mark keeps trouble with the service apart from faults of the mapping that asks it.
  importer::CatalogNames names(
      [&client](const auto& request) -> absl::StatusOr<v1::ListResourcesResponse> {
        auto answer = client.ListResources(request);
        if (!answer.ok()) return Marked(answer.status(), ExitCodeOf(answer.status()));
        return answer;
      });
  if (mapping->needs_resolver()) {
    TM_RETURN_IF_ERROR(names.Prepare(importer::NameKind::kRegion));
  }
  auto source = OpenInput(flags.input, host.terminal());
  if (!source.ok()) return DataError(source.status());
  auto file = mapping->Read(*std::move(source), &names);
  if (!file.ok()) return DataError(file.status());
  TM_RETURN_IF_ERROR(ProblemsOf(*file));
  auto vintages = observations::BuildVintages(id, about, file->series);
  if (!vintages.ok()) return DataError(vintages.status());
  host.terminal().err << file->cells << " cells of " << file->series.size() << " series read, "
                      << file->empty_cells << " empty ones left out\n";
  return vintages;
}

// Shows which cells the vintage would change.
absl::Status ShowChanges(CommandHost& host, catalog_client::CatalogClient& client,
                         const v1::Resource& vintage, const ObservationImportFlags& flags) {
  v1::CompareObservationsRequest request;
  *request.mutable_proposed() = vintage.vintage();
  request.set_page_size(static_cast<int>(std::max(flags.show, 1u)));
  TM_RETURN_IF_ERROR(SetTolerance(flags.tolerance, request));
  TM_ASSIGN_OR_RETURN(const auto answer, client.CompareObservations(request));
  std::ostream& out = host.terminal().out;
  out << "+ " << vintage.name() << ": " << CountsText(answer) << '\n';
  if (flags.show == 0 || answer.differences().empty()) return absl::OkStatus();
  TextTable table = NewDifferenceTable();
  for (const auto& difference : answer.differences()) AddDifference(difference, table);
  table.Print(host.output_format(), out);
  if (!answer.next_page_token().empty()) out << "... (--show " << flags.show << ")\n";
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ExitCode> ImportObservations(CommandHost& host,
                                            const ObservationImportFlags& flags) {
  const Terminal& terminal = host.terminal();
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  TM_ASSIGN_OR_RETURN(auto vintages, ReadVintages(host, *client, flags));
  v1::ApplyResourcesRequest request;
  for (v1::Resource& vintage : vintages) *request.add_resources() = std::move(vintage);
  request.set_dry_run(true);
  TM_ASSIGN_OR_RETURN(const auto planned, client->ApplyResources(request));
  int created = 0;
  for (int i = 0; i < request.resources_size(); ++i) {
    const v1::Change& change = planned.changes(i);
    if (change.kind() == v1::CHANGE_KIND_NONE) {
      terminal.out << "  " << change.name() << " is in the catalog already, as it is here\n";
      continue;
    }
    ++created;
    TM_RETURN_IF_ERROR(ShowChanges(host, *client, request.resources(i), flags));
  }
  if (created == 0 || flags.dry_run) return ExitCode::kOk;
  if (!flags.yes) {
    TM_ASSIGN_OR_RETURN(const bool confirmed, Confirmed(terminal, "Apply?"));
    if (!confirmed) {
      terminal.err << "nothing was changed\n";
      return ExitCode::kOk;
    }
  }
  request.set_dry_run(false);
  // Whoever applied one since must be noticed.
  for (int i = 0; i < request.resources_size(); ++i) {
    const v1::Change& change = planned.changes(i);
    request.mutable_resources(i)->set_etag(change.has_before() ? change.before().etag()
                                                               : kAbsentEtag);
  }
  TM_ASSIGN_OR_RETURN(const auto applied, client->ApplyResources(request));
  terminal.out << "applied as catalog version " << applied.version() << '\n';
  return ExitCode::kOk;
}

}  // namespace tidemark::cli
