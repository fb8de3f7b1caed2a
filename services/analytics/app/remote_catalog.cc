#include "services/analytics/app/remote_catalog.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "tidemark/catalog/v1/catalog_service.pb.h"
#include "tidemark/catalog/v1/grant_use.pb.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

constexpr int kPageSize = 5000;
constexpr size_t kMaxObservations = 1'000'000;

// Errors that say something of the request pass; of the way to the catalog only that it is closed.
absl::Status Explained(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
      return status;
    default:
      return status::WithRetryAfter(
          status::WithReason(
              absl::UnavailableError(absl::StrCat(
                  "the catalog service does not answer; ask again: ", status.message())),
              "CATALOG_UNREACHABLE"),
          absl::Seconds(1));
  }
}

}  // namespace

RemoteCatalog::RemoteCatalog(catalog_client::CatalogClient* client, size_t max_bytes)
    : client_(client), max_bytes_(max_bytes) {}

std::shared_ptr<const void> RemoteCatalog::Find(std::string_view key) {
  base::MutexLock lock(mutex_);
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, it->second);
  return it->second->value;
}

void RemoteCatalog::Keep(std::string key, std::shared_ptr<const void> value, size_t bytes) {
  bytes += 2 * key.size() + sizeof(Entry);
  if (bytes > max_bytes_) return;
  base::MutexLock lock(mutex_);
  if (by_key_.contains(key)) return;
  entries_.push_front({key, std::move(value), bytes});
  by_key_.emplace(std::move(key), entries_.begin());
  bytes_ += bytes;
  while (bytes_ > max_bytes_) {
    bytes_ -= entries_.back().bytes;
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

size_t RemoteCatalog::kept_bytes() const {
  base::MutexLock lock(mutex_);
  return bytes_;
}

absl::StatusOr<std::shared_ptr<const pb::Resource>> RemoteCatalog::Get(std::string_view name,
                                                                       uint64_t version) {
  std::string key = absl::StrCat("get\n", version, "\n", name);
  if (auto kept = Find(key)) return std::static_pointer_cast<const pb::Resource>(std::move(kept));
  pb::GetResourceRequest request;
  request.set_name(std::string(name));
  request.set_version(version);
  auto response = client_->GetResource(request);
  if (!response.ok()) return Explained(response.status());
  auto resource = std::make_shared<const pb::Resource>(std::move(*response->mutable_resource()));
  Keep(std::move(key), resource, resource->SpaceUsedLong());
  return resource;
}

absl::StatusOr<CatalogReader::Resources> RemoteCatalog::List(std::string_view collection,
                                                             std::string_view filter,
                                                             uint64_t version) {
  using Listed = std::vector<pb::Resource>;
  std::string key = absl::StrCat("list\n", version, "\n", collection, "\n", filter);
  if (auto kept = Find(key)) return std::static_pointer_cast<const Listed>(std::move(kept));
  pb::ListResourcesRequest request;
  request.set_collection(std::string(collection));
  request.set_filter(std::string(filter));
  request.set_version(version);
  request.set_page_size(kPageSize);
  auto resources = std::make_shared<Listed>();
  size_t bytes = 0;
  do {
    auto page = client_->ListResources(request);
    if (!page.ok()) return Explained(page.status());
    bytes += page->SpaceUsedLong();
    for (pb::Resource& resource : *page->mutable_resources())
      resources->push_back(std::move(resource));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  Keep(std::move(key), resources, bytes);
  return resources;
}

absl::StatusOr<CatalogReader::Observations> RemoteCatalog::ListObservations(
    const pb::ObservationFilter& filter, uint64_t version) {
  using Listed = std::vector<pb::Observation>;
  std::string key = absl::StrCat("observations\n", version, "\n", filter.SerializeAsString());
  if (auto kept = Find(key)) return std::static_pointer_cast<const Listed>(std::move(kept));
  pb::ListObservationsRequest request;
  *request.mutable_filter() = filter;
  request.mutable_state()->set_version(version);
  request.set_page_size(kPageSize);
  auto observations = std::make_shared<Listed>();
  size_t bytes = 0;
  do {
    auto page = client_->ListObservations(request);
    if (!page.ok()) return Explained(page.status());
    bytes += page->SpaceUsedLong();
    for (pb::Observation& observation : *page->mutable_observations())
      observations->push_back(std::move(observation));
    if (observations->size() > kMaxObservations) {
      return status::WithReason(
          absl::ResourceExhaustedError(
              absl::StrCat("more than ", kMaxObservations,
                           " official figures; name fewer series or regions, or a shorter range")),
          "TOO_MANY_OBSERVATIONS");
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  Keep(std::move(key), observations, bytes);
  return observations;
}

absl::Status RemoteCatalog::ReadUse(const pb::ListUseRequest& asked, TakePage take) {
  pb::ListUseRequest request = asked;
  request.set_page_size(kPageSize);
  request.clear_page_token();
  do {
    const auto page = client_->ListUse(request);
    if (!page.ok()) return Explained(page.status());
    TM_RETURN_IF_ERROR(take(*page));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
