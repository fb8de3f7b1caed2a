#include "services/catalog/api/read_handlers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/hex.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/api/page_size.h"
#include "services/catalog/api/page_token.h"
#include "services/catalog/api/proto_convert.h"
#include "services/catalog/api/visibility.h"
#include "services/catalog/api/watch_source.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/text.h"
#include "tidemark/catalog/v1/catalog_service.pb.h"

namespace tidemark::catalog {
namespace {

constexpr int kMaxBatch = 1000;
// Below the 4 MiB that gRPC clients accept by default.
constexpr size_t kMaxAnswerBytes = size_t{3} << 20;

// What must be the same on all pages of a list, as text without ambiguity.
std::string PagesKey(const v1::ListResourcesRequest& request) {
  return absl::StrCat("list/", request.collection(), "/", request.version(), "/", request.filter());
}

}  // namespace

absl::Status ReadHandlers::Get(const rpc::CallContext& call, const v1::GetResourceRequest& request,
                               v1::GetResourceResponse* response) const {
  TM_RETURN_IF_ERROR(CheckMaySee(call.caller, request.name()));
  TM_ASSIGN_OR_RETURN(const uint64_t version, options_.catalog->ResolveVersion(request.version()));
  TM_ASSIGN_OR_RETURN(const ResourcePtr resource,
                      options_.catalog->Get("name", request.name(), version));
  ToProto(*resource, {.secret_hashes = SeesSecretHashes(call.caller)},
          response->mutable_resource());
  return absl::OkStatus();
}

absl::Status ReadHandlers::BatchGet(const rpc::CallContext& call,
                                    const v1::BatchGetResourcesRequest& request,
                                    v1::BatchGetResourcesResponse* response) const {
  for (const std::string& name : request.names()) {
    TM_RETURN_IF_ERROR(CheckMaySee(call.caller, name));
  }
  if (request.names().empty() || request.names_size() > kMaxBatch) {
    return status::InvalidArgument(
        "names", absl::StrCat(request.names_size(), " names, want 1 to ", kMaxBatch),
        "INVALID_BATCH_SIZE");
  }
  TM_ASSIGN_OR_RETURN(const uint64_t version, options_.catalog->ResolveVersion(request.version()));
  response->set_version(version);
  const Show show = {.secret_hashes = SeesSecretHashes(call.caller)};
  size_t bytes = 0;
  for (int i = 0; i < request.names_size(); ++i) {
    TM_ASSIGN_OR_RETURN(
        const ResourcePtr resource,
        options_.catalog->Get(absl::StrCat("names[", i, "]"), request.names(i), version));
    v1::Resource* added = response->add_resources();
    ToProto(*resource, show, added);
    bytes += added->ByteSizeLong();
    if (bytes > kMaxAnswerBytes) {
      return status::InvalidArgument("names", "the answer is beyond 3 MiB; ask for fewer at once",
                                     "ANSWER_TOO_LARGE");
    }
  }
  return absl::OkStatus();
}

absl::Status ReadHandlers::List(const rpc::CallContext& call,
                                const v1::ListResourcesRequest& request,
                                v1::ListResourcesResponse* response) const {
  TM_RETURN_IF_ERROR(CheckMaySee(call.caller, request.collection()));
  const Collection* collection = FindCollection(request.collection());
  if (collection == nullptr) {
    return status::InvalidArgument(
        "collection",
        absl::StrCat(Quoted(request.collection()), ", want one of ", CollectionNames()),
        "INVALID_NAME");
  }
  ListQuery query;
  query.type = collection->type;
  TM_ASSIGN_OR_RETURN(query.page_size, PageSize(request.page_size(), 500, 5000));
  TM_ASSIGN_OR_RETURN(query.filter,
                      ListFilter::Parse(request.filter(), query.type, &options_.catalog->rules()));
  TM_ASSIGN_OR_RETURN(query.version, options_.catalog->ResolveVersion(request.version()));
  const std::string pages_key = PagesKey(request);
  if (!request.page_token().empty()) {
    TM_ASSIGN_OR_RETURN(PageToken token, DecodePageToken(request.page_token(), pages_key));
    TM_ASSIGN_OR_RETURN(query.version, options_.catalog->ResolveVersion(token.version));
    query.after_name = std::move(token.position);
  }
  query.cancelled = [&call] { return call.cancelled(); };
  size_t scanned = 0;
  const bool cheap = query.filter.empty() && query.page_size < ListCache::kDearScan;
  // Tokens, like everything about callers, stay out of caches.
  if (!list_cache_.enabled() || query.type == Type::kToken || cheap) {
    return ListUncached(query, SeesSecretHashes(call.caller), pages_key, response, &scanned);
  }
  TM_ASSIGN_OR_RETURN(const std::string hash, options_.catalog->HashAt(query.version));
  const std::string key = absl::StrCat(base::HexEncode(hash), "/", query.page_size, "/",
                                       query.after_name, "/", pages_key);
  const auto make = [&]() -> absl::StatusOr<ListCache::Page> {
    TM_RETURN_IF_ERROR(ListUncached(query, false, pages_key, response, &scanned));
    return ListCache::Page{.bytes = response->SerializeAsString(), .scanned = scanned};
  };
  TM_ASSIGN_OR_RETURN(const ListCache::Page page, list_cache_.GetOrMake(key, make));
  if (page.made_here || response->ParseFromString(page.bytes)) return absl::OkStatus();
  response->Clear();
  return ListUncached(query, false, pages_key, response, &scanned);
}

absl::Status ReadHandlers::ListUncached(const ListQuery& query, bool secret_hashes,
                                        const std::string& pages_key,
                                        v1::ListResourcesResponse* response,
                                        size_t* scanned) const {
  TM_ASSIGN_OR_RETURN(const ListPage page, options_.catalog->List(query));
  *scanned = page.scanned;
  for (const ResourcePtr& resource : page.resources) {
    ToProto(*resource, {.secret_hashes = secret_hashes}, response->add_resources());
  }
  response->set_version(query.version);
  if (!page.next_after_name.empty()) {
    response->set_next_page_token(
        EncodePageToken({query.version, page.next_after_name}, pages_key));
  }
  return absl::OkStatus();
}

absl::Status ReadHandlers::History(const rpc::CallContext& call,
                                   const v1::ListResourceHistoryRequest& request,
                                   v1::ListResourceHistoryResponse* response) const {
  TM_RETURN_IF_ERROR(CheckMaySee(call.caller, request.name()));
  TM_ASSIGN_OR_RETURN(const size_t page_size, PageSize(request.page_size(), 100, 1000));
  const std::string pages_key = absl::StrCat("history/", request.name());
  PageToken token;
  if (!request.page_token().empty()) {
    TM_ASSIGN_OR_RETURN(token, DecodePageToken(request.page_token(), pages_key));
  }
  TM_ASSIGN_OR_RETURN(const HistoryPage page,
                      options_.catalog->History(request.name(), token.version, page_size));
  const Show show = {.secret_hashes = SeesSecretHashes(call.caller)};
  for (const Change& change : page.changes) ToProto(change, show, response->add_changes());
  if (page.next_before_version != 0) {
    response->set_next_page_token(EncodePageToken({page.next_before_version, ""}, pages_key));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> ReadHandlers::Watch(
    const rpc::CallContext& call, const v1::WatchResourcesRequest& request,
    std::shared_ptr<rpc::StreamWaker> waker) const {
  if (request.after_version() != 0) {
    absl::Status status = options_.catalog->ResolveVersion(request.after_version()).status();
    if (!status.ok()) return status::Prefixed("after_version", status);
  }
  return std::make_unique<WatchSource>(
      WatchSource::Options{.catalog = options_.catalog,
                           .hub = options_.hub,
                           .clock = options_.clock,
                           .token_name = call.caller.token_name,
                           .tokens = SeesSecretHashes(call.caller),
                           .after_version = request.after_version()},
      std::move(waker));
}

}  // namespace tidemark::catalog
