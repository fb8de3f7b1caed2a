#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_CATALOG_ACCESS_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_CATALOG_ACCESS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/app/command_host.h"
#include "clients/cpp/catalog/catalog_client.h"

namespace tidemark::cli {

// A client of the catalog with the caller's token.
absl::StatusOr<std::unique_ptr<catalog_client::CatalogClient>> ConnectCatalog(CommandHost& host);

// Calls `use` for every resource of a collection, over all pages, all of one version.
absl::Status ForEachResource(catalog_client::CatalogClient& client, const std::string& collection,
                             const std::string& filter, uint64_t version,
                             const std::function<void(const catalog::v1::Resource&)>& use);

// As DisplayName, of the names by language.
std::string NameFor(const google::protobuf::Map<std::string, std::string>& names,
                    const Terminal& terminal);

// The name for people in the terminal's language (`zh` when LANG says so, else `en`), else any,
// else empty.
std::string DisplayName(const catalog::v1::Resource& resource, const Terminal& terminal);

// `2024-03-05 14:02:11Z`.
std::string UtcText(int64_t micros);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_CATALOG_ACCESS_H_
