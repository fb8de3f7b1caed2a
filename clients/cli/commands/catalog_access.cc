#include "clients/cli/commands/catalog_access.h"

#include <istream>
#include <ostream>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {

absl::StatusOr<std::unique_ptr<catalog_client::CatalogClient>> ConnectCatalog(CommandHost& host) {
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kCatalog));
  TM_ASSIGN_OR_RETURN(std::string token, host.connection().Token());
  return std::make_unique<catalog_client::CatalogClient>(
      catalog_client::CatalogClient::Options{.channel = channel, .token = token});
}

absl::Status ForEachResource(catalog_client::CatalogClient& client, const std::string& collection,
                             const std::string& filter, uint64_t version,
                             const std::function<void(const catalog::v1::Resource&)>& use) {
  catalog::v1::ListResourcesRequest request;
  request.set_collection(collection);
  request.set_filter(filter);
  request.set_version(version);
  request.set_page_size(5000);
  do {
    TM_ASSIGN_OR_RETURN(auto page, client.ListResources(request));
    for (const auto& resource : page.resources()) use(resource);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

std::string DisplayName(const catalog::v1::Resource& resource, const Terminal& terminal) {
  return NameFor(resource.display_names(), terminal);
}

std::string NameFor(const google::protobuf::Map<std::string, std::string>& names,
                    const Terminal& terminal) {
  const std::string locale = terminal.environment("LANG").value_or("");
  for (const char* language : {absl::StartsWith(locale, "zh") ? "zh" : "en", "en", "zh"}) {
    if (const auto found = names.find(language); found != names.end()) return found->second;
  }
  return names.empty() ? "" : names.begin()->second;
}

std::string UtcText(int64_t micros) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%SZ", absl::FromUnixMicros(micros), absl::UTCTimeZone());
}

}  // namespace tidemark::cli
