// describe: one resource for people, with the names of what it refers to.
#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/table/text_table.h"
#include "clients/cli/yaml/resource_yaml.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

namespace v1 = catalog::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kExamples[] = R"(
Shows a resource for people: its names first, then its fields, and the names of all that it refers to. For programs:
`tidemark get`. With -o json or csv: what it refers to, as a table.

Examples:
  tidemark describe regions/cn-3302
  tidemark describe projects/ningbo-cloud-hospital
)";

// Of what one request reads.
constexpr int kMaxBatch = 1000;
// Of a description, when some of its names cannot be read.
constexpr int kMaxAlone = 50;

struct Flags {
  std::string name;
};

bool MayRefer(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_STRING && field.name() != "text" &&
         field.name() != "description" && !field.containing_type()->options().map_entry();
}

bool LooksLikeName(const std::string& text) {
  const size_t slash = text.find('/');
  return slash != std::string::npos && slash > 0 && slash + 1 < text.size() &&
         text.find_first_of(" :?#") == std::string::npos &&
         text.find('/', slash + 1) == std::string::npos;
}

void CollectNames(const Message& message, absl::btree_set<std::string>* names) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        CollectNames(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                          : reflection.GetMessage(message, field),
                     names);
      } else if (MayRefer(*field)) {
        std::string text = field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                                : reflection.GetString(message, field);
        if (LooksLikeName(text)) names->insert(std::move(text));
      }
    }
  }
}

using ShownNames = absl::flat_hash_map<std::string, std::string>;

bool IsOutage(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

// Where all of a batch fail, as one is no name of a resource or may not be seen, each is asked for
// alone, as long as there are `alone` left.
absl::Status AddNames(catalog_client::CatalogClient& client,
                      const v1::BatchGetResourcesRequest& request, const Terminal& terminal,
                      int* alone, ShownNames* shown) {
  const auto all = client.BatchGetResources(request);
  if (all.ok()) {
    for (const v1::Resource& resource : all->resources()) {
      (*shown)[resource.name()] = DisplayName(resource, terminal);
    }
    return absl::OkStatus();
  }
  if (IsOutage(all.status())) return all.status();
  for (int i = 0; i < request.names_size() && *alone > 0; ++i, --*alone) {
    v1::GetResourceRequest one;
    one.set_name(request.names(i));
    const auto resource = client.GetResource(one);
    if (resource.ok()) (*shown)[one.name()] = DisplayName(resource->resource(), terminal);
    if (!resource.ok() && IsOutage(resource.status())) return resource.status();
  }
  return absl::OkStatus();
}

// Names for people of those that exist and may be seen; `cut`: not all were asked for.
absl::StatusOr<ShownNames> NamesOf(catalog_client::CatalogClient& client,
                                   const absl::btree_set<std::string>& names,
                                   const Terminal& terminal, bool* cut) {
  ShownNames shown;
  int alone = kMaxAlone;
  v1::BatchGetResourcesRequest request;
  for (auto name = names.begin(); name != names.end();) {
    request.add_names(*name);
    const bool last = ++name == names.end();
    if (!last && request.names_size() < kMaxBatch) continue;
    TM_RETURN_IF_ERROR(AddNames(client, request, terminal, &alone, &shown));
    request.clear_names();
  }
  *cut = alone == 0;
  return shown;
}

absl::StatusOr<ExitCode> Describe(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  v1::GetResourceRequest request;
  request.set_name(flags.name);
  TM_ASSIGN_OR_RETURN(const auto answer, client->GetResource(request));
  const v1::Resource& resource = answer.resource();
  absl::btree_set<std::string> names;
  CollectNames(resource, &names);
  names.erase(resource.name());
  const Terminal& terminal = host.terminal();
  bool cut = false;
  TM_ASSIGN_OR_RETURN(const auto shown, NamesOf(*client, names, terminal, &cut));
  TextTable table({{"name"}, {"display_name"}});
  for (const std::string& name : names) {
    const auto found = shown.find(name);
    if (found != shown.end()) table.AddTexts({name, found->second});
  }
  if (host.output_format() != OutputFormat::kTable) {
    table.Print(host.output_format(), terminal.out);
    return ExitCode::kOk;
  }
  const std::string title = DisplayName(resource, terminal);
  terminal.out << resource.name() << (title.empty() ? "" : "  ") << title << '\n'
               << "catalog version " << resource.version() << ", "
               << UtcText(resource.update_time_us()) << ", by " << resource.updated_by() << "\n\n"
               << ToYaml(resource, false);
  if (table.row_count() > 0) {
    terminal.out << "\nrefers to\n";
    table.Print(OutputFormat::kTable, terminal.out);
  }
  if (cut) terminal.out << "not all that it refers to could be read\n";
  return ExitCode::kOk;
}

}  // namespace

void AddDescribeCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command =
      app.add_subcommand("describe", "Show a catalog resource with the names of what it refers to");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command->add_option("NAME", flags->name, "the resource, COLLECTION/ID")->required();
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Describe(host, *flags); }); });
}

}  // namespace tidemark::cli
