#include "services/catalog/api/list_cache.h"

#include <google/protobuf/descriptor.pb.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/crc32c.h"
#include "common/status/status_macros.h"
#include "tidemark/catalog/v1/catalog_service.pb.h"
#include "tidemark/type/v1/date.pb.h"

namespace tidemark::catalog {
namespace {

// A page takes some 50 ms; a caller that waits longer makes its own.
constexpr std::chrono::seconds kSharedWait{5};
constexpr size_t kFollowerBytes = 256;

// Part of every key, so that a release never serves pages of another form: changes with every
// message that a page is made of. Raise the number when the meaning of a field changes and its
// message does not.
std::string MakeForm() {
  std::string form = "1/";
  for (const auto* descriptor :
       {v1::ListResourcesResponse::descriptor(), v1::Resource::descriptor(),
        v1::Observatory::descriptor(), type::v1::Validity::descriptor()}) {
    google::protobuf::FileDescriptorProto file;
    descriptor->file()->CopyTo(&file);
    absl::StrAppend(&form, absl::Hex(base::Crc32c(file.SerializeAsString())), "/");
  }
  return form;
}

}  // namespace

absl::StatusOr<ListCache::Page> ListCache::GetOrMake(std::string_view key, Make make) {
  static const std::string* const kForm = new std::string(MakeForm());
  const std::string whole_key = absl::StrCat(*kForm, key);
  const auto shared = std::make_shared<std::promise<redis::SingleFlight::Value>>();
  std::future<redis::SingleFlight::Value> page = shared->get_future();
  auto lead = flight_.Join(whole_key, kFollowerBytes, [shared](redis::SingleFlight::Value value) {
    shared->set_value(std::move(value));
  });
  if (lead.ok() && lead->has_value()) {
    absl::StatusOr<Page> made = Fetch(whole_key, make);
    std::move(**lead).Land(made.ok() ? absl::StatusOr<std::string>(made->bytes) : made.status());
    return made;
  }
  if (lead.ok() && page.wait_for(kSharedWait) == std::future_status::ready) {
    // The other's failure is its own: it may be its cancellation.
    if (const auto value = page.get(); value->ok()) {
      return Page{.bytes = **value, .made_here = false};
    }
  }
  return make();
}

absl::StatusOr<ListCache::Page> ListCache::Fetch(const std::string& key, Make make) {
  if (std::optional<std::string> bytes = cache_->Get(key)) {
    return Page{.bytes = *std::move(bytes), .made_here = false};
  }
  TM_ASSIGN_OR_RETURN(Page page, make());
  if (page.scanned >= kDearScan) cache_->Put(key, page.bytes);
  return page;
}

}  // namespace tidemark::catalog
