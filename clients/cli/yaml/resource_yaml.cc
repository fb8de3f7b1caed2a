#include "clients/cli/yaml/resource_yaml.h"

#include <yaml-cpp/yaml.h>

#include "clients/cli/yaml/message_reader.h"
#include "clients/cli/yaml/message_writer.h"
#include "common/status/status_macros.h"
#include "common/yaml/load.h"

namespace tidemark::cli {
namespace {

absl::Status ReadInto(const YAML::Node& node, const MessageReader& reader,
                      std::vector<catalog::v1::Resource>& out) {
  if (node.IsNull() || !node.IsDefined()) return absl::OkStatus();
  if (node.IsSequence()) {
    for (const YAML::Node& item : node) TM_RETURN_IF_ERROR(ReadInto(item, reader, out));
    return absl::OkStatus();
  }
  const YAML::Node name = node.IsMap() ? node["name"] : YAML::Node();
  const std::string path = name.IsDefined() && name.IsScalar() ? name.Scalar() : "resource";
  return reader.Read(node, path, out.emplace_back());
}

}  // namespace

absl::StatusOr<std::vector<catalog::v1::Resource>> ParseResources(std::string_view text,
                                                                  std::string_view file) {
  std::vector<catalog::v1::Resource> resources;
  const MessageReader reader(file);
  TM_ASSIGN_OR_RETURN(const std::vector<YAML::Node> documents,
                      yaml::LoadAll(std::string(text), file));
  for (const YAML::Node& document : documents) {
    TM_RETURN_IF_ERROR(ReadInto(document, reader, resources));
  }
  return resources;
}

void ClearOutputOnly(catalog::v1::Resource& resource) {
  resource.clear_etag();
  resource.clear_version();
  resource.clear_update_time_us();
  resource.clear_updated_by();
  if (resource.has_observatory()) resource.mutable_observatory()->clear_log_id();
}

std::string ToYaml(const catalog::v1::Resource& resource, bool with_output_only) {
  catalog::v1::Resource shown = resource;
  if (!with_output_only) ClearOutputOnly(shown);
  return MessageToYaml(shown);
}

}  // namespace tidemark::cli
