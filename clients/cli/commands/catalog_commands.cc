// get, list, delete, history: reading the catalog, and taking out what may be taken out.
#include <google/protobuf/util/json_util.h>

#include <CLI/CLI.hpp>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/table/text_table.h"
#include "clients/cli/yaml/resource_yaml.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

using catalog::v1::Resource;

constexpr char kGetExamples[] = R"(
Prints resources as YAML, the format that `tidemark apply` reads; -o json gives JSON.

Examples:
  tidemark get regions/cn-3302
  tidemark get categories/products sources/uk-online-retail -o json
  tidemark get regions/gb --at-version 3         as it was at catalog version 3
)";

constexpr char kListExamples[] = R"(
Collections: observatories, sources, identifierSchemes, regions, regionGroups, categories, tokens, organisations, policies,
providers, products, scenarios, projects, digitalApps, venues, batches, activities, cooperations, programmes, candidacies,
assessments, selections, tasks, targets, indicators, observationSeries, vintages, dataAssets, savedQueries, grants.

Examples:
  tidemark list regions
  tidemark list regions --filter 'level = CITY AND parent = "regions/cn-33"'
  tidemark list regions --filter 'display_name : "宁波"' -o csv
  tidemark list sources -o json
)";

constexpr char kDeleteExamples[] = R"(
Only region groups and tokens can be deleted; a deleted token stops working within a second. Everything else is retired by its
validity (or reporting window) with `tidemark apply`, so that old figures keep their meaning.

Examples:
  tidemark delete regionGroups/pilot-cities
  tidemark delete tokens/analyst-2
)";

constexpr char kHistoryExamples[] = R"(
Examples:
  tidemark history regions/cn-3302
  tidemark history sources/uk-online-retail -o json
)";

struct Flags {
  std::vector<std::string> names;
  std::string filter;
  uint64_t version = 0;
};

std::string ToJson(const Resource& resource, bool one_line = false) {
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = !one_line;
  // Only fails for types that the contract does not use (Any).
  (void)google::protobuf::util::MessageToJsonString(resource, &json, options);
  while (!json.empty() && json.back() == '\n') json.pop_back();
  return json;
}

// What people wrote of a state, in one line.
std::string StateText(Resource state) {
  ClearOutputOnly(state);
  state.clear_name();
  return ToJson(state, true);
}

absl::StatusOr<ExitCode> Get(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  catalog::v1::BatchGetResourcesRequest request;
  for (const std::string& name : flags.names) request.add_names(name);
  request.set_version(flags.version);
  TM_ASSIGN_OR_RETURN(const auto answer, client->BatchGetResources(request));
  std::ostream& out = host.terminal().out;
  if (host.output_format() == OutputFormat::kJson) {
    out << "["
        << absl::StrJoin(
               answer.resources(), ",\n",
               [](std::string* text, const Resource& r) { absl::StrAppend(text, ToJson(r)); })
        << "]\n";
    return ExitCode::kOk;
  }
  if (host.output_format() == OutputFormat::kCsv) {
    return UsageError(absl::InvalidArgumentError(
        "-o csv: a resource is not a table; use -o json, or `tidemark list -o csv`"));
  }
  for (int i = 0; i < answer.resources_size(); ++i) {
    out << (i > 0 ? "---\n" : "") << ToYaml(answer.resources(i), true);
  }
  return ExitCode::kOk;
}

std::string Parent(const Resource& r) {
  switch (r.type_case()) {
    case Resource::kRegion:
      return r.region().parent();
    case Resource::kCategory:
      return r.category().parent();
    default:
      return "";
  }
}

absl::StatusOr<ExitCode> List(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  const Terminal& terminal = host.terminal();
  if (host.output_format() == OutputFormat::kJson) {
    std::vector<std::string> all;
    TM_RETURN_IF_ERROR(ForEachResource(*client, flags.names[0], flags.filter, flags.version,
                                       [&](const Resource& r) { all.push_back(ToJson(r)); }));
    terminal.out << "[" << absl::StrJoin(all, ",\n") << "]\n";
    return ExitCode::kOk;
  }
  TextTable table({{"name"},
                   {"display_name"},
                   {"parent"},
                   {"version", TextTable::kNumber},
                   {"updated"},
                   {"by"}});
  TM_RETURN_IF_ERROR(
      ForEachResource(*client, flags.names[0], flags.filter, flags.version, [&](const Resource& r) {
        table.AddTexts({r.name(), DisplayName(r, terminal), Parent(r), absl::StrCat(r.version()),
                        UtcText(r.update_time_us()), r.updated_by()});
      }));
  table.Print(host.output_format(), terminal.out);
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Delete(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  for (const std::string& name : flags.names) {
    catalog::v1::DeleteResourceRequest request;
    request.set_name(name);
    TM_ASSIGN_OR_RETURN(const auto answer, client->DeleteResource(request));
    host.terminal().out << "deleted " << name << " in catalog version " << answer.version() << '\n';
  }
  return ExitCode::kOk;
}

std::string KindText(catalog::v1::ChangeKind kind) {
  switch (kind) {
    case catalog::v1::CHANGE_KIND_CREATE:
      return "create";
    case catalog::v1::CHANGE_KIND_UPDATE:
      return "update";
    case catalog::v1::CHANGE_KIND_DELETE:
      return "delete";
    default:
      return "none";
  }
}

absl::StatusOr<ExitCode> History(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  TextTable table({{"version", TextTable::kNumber}, {"time"}, {"by"}, {"change"}, {"state"}});
  catalog::v1::ListResourceHistoryRequest request;
  request.set_name(flags.names[0]);
  do {
    TM_ASSIGN_OR_RETURN(const auto page, client->ListResourceHistory(request));
    for (const auto& change : page.changes()) {
      table.AddTexts({absl::StrCat(change.version()), UtcText(change.time_us()),
                      change.changed_by(), KindText(change.kind()),
                      change.has_after() ? StateText(change.after()) : ""});
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  table.Print(host.output_format(), host.terminal().out);
  return ExitCode::kOk;
}

using Run = absl::StatusOr<ExitCode> (*)(CommandHost&, const Flags&);

std::shared_ptr<Flags> AddNamesCommand(CLI::App& app, CommandHost& host, Run run, const char* name,
                                       const char* summary, const char* examples,
                                       const char* argument, bool many, CLI::App** added) {
  CLI::App* command = app.add_subcommand(name, summary);
  command->footer(examples);
  auto flags = std::make_shared<Flags>();
  auto* names = command->add_option(argument, flags->names, "")->required();
  names->description(many ? "one or more names, COLLECTION/ID" : "one name");
  if (!many) names->expected(1);
  command->callback(
      [&host, flags, run] { host.SetAction([&host, flags, run] { return run(host, *flags); }); });
  *added = command;
  return flags;
}

}  // namespace

void AddGetCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command;
  auto flags = AddNamesCommand(app, host, Get, "get", "Print catalog resources", kGetExamples,
                               "NAME", true, &command);
  command->add_option("--at-version", flags->version, "catalog version; 0: the newest");
}

void AddListCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command;
  auto flags = AddNamesCommand(app, host, List, "list", "List a collection of the catalog",
                               kListExamples, "COLLECTION", false, &command);
  command->add_option("--filter", flags->filter, "comparisons joined by AND");
  command->add_option("--at-version", flags->version, "catalog version; 0: the newest");
}

void AddDeleteCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command;
  AddNamesCommand(app, host, Delete, "delete", "Delete region groups or revoke tokens",
                  kDeleteExamples, "NAME", true, &command);
}

void AddHistoryCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command;
  AddNamesCommand(app, host, History, "history", "Show the changes of a resource, newest first",
                  kHistoryExamples, "NAME", false, &command);
}

}  // namespace tidemark::cli
