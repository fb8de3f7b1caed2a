#ifndef TIDEMARK_CLIENTS_CLI_YAML_RESOURCE_YAML_H_
#define TIDEMARK_CLIENTS_CLI_YAML_RESOURCE_YAML_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::cli {

// Resources as YAML, the format of `tidemark apply` (docs/catalog-yaml.md): one document per
// resource, or lists of them, with the field names of the contract (`display_names` or
// `displayNames`), enum values without their prefix (`NATION`), and dates as `2024-03-05`.
//
//   name: regions/cn-330200
//   displayNames: {en: Ningbo, zh: 宁波市}
//   region: {level: CITY, parent: regions/cn-33}
//
// INVALID_ARGUMENT naming `file`, line and field; an unknown field comes with the nearest known
// one.
absl::StatusOr<std::vector<catalog::v1::Resource>> ParseResources(std::string_view text,
                                                                  std::string_view file);

// Takes out what the catalog fills in: etag, version, update time and principal, log id.
void ClearOutputOnly(catalog::v1::Resource& resource);

// One document, without what the catalog fills in (etag, version, update time) unless
// `with_output_only`.
std::string ToYaml(const catalog::v1::Resource& resource, bool with_output_only);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_YAML_RESOURCE_YAML_H_
