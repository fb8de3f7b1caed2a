#include "services/analytics/api/exception_lister.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/find_source.h"
#include "services/analytics/api/snapshot_convert.h"

namespace tidemark::analytics {
namespace {

constexpr uint32_t kDefaultPageSize = 1'000;
constexpr uint32_t kMaxPageSize = 10'000;

}  // namespace

absl::Status ListExceptions(const rpc::Caller& caller, const v1::ListExceptionsRequest& request,
                            const QueryHandler& queries, const LinkFold& links,
                            const StatStore& store, v1::ListExceptionsResponse* response) {
  if (!caller.region_scope.empty()) {
    return status::WithReason(
        absl::PermissionDeniedError("the token is for a region, but a refund that waits for its "
                                    "original is in none; use a token without region"),
        "REGION_SCOPE");
  }
  if (request.page_size() > kMaxPageSize) {
    return status::InvalidArgument(
        "page_size", absl::StrCat(request.page_size(), "; want at most ", kMaxPageSize),
        "PAGE_SIZE_INVALID");
  }
  uint64_t first_leaf = 0;
  if (!request.page_token().empty() && !absl::SimpleAtoi(request.page_token(), &first_leaf)) {
    return status::InvalidArgument("page_token",
                                   "not a token of this method; leave it out to start anew",
                                   "PAGE_TOKEN_INVALID");
  }
  TM_ASSIGN_OR_RETURN(const SnapshotInfo snapshot, store.Snapshot(store.folded_size()));
  if (!request.source().empty()) {
    TM_ASSIGN_OR_RETURN(const auto view, queries.CatalogAt(snapshot));
    TM_RETURN_IF_ERROR(FindSource(*view, request.source()).status());
  }
  const uint32_t limit = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  const auto take = [response](const RefundException& refund) {
    v1::RefundException& out = *response->add_exceptions();
    out.set_leaf(refund.leaf);
    out.set_source(std::string(refund.source));
    out.set_id(std::string(refund.id));
    out.set_event_time_us(refund.event_time_us);
    out.set_amount(refund.amount);
    out.set_reason(refund.pending ? v1::REFUND_EXCEPTION_REASON_ORIGINAL_UNKNOWN
                                  : v1::REFUND_EXCEPTION_REASON_REFUND_EXCESS);
    if (refund.original_leaf != ledger::kNoLeaf) out.set_original_leaf(refund.original_leaf);
  };
  TM_ASSIGN_OR_RETURN(const LinkFold::ExceptionPage page,
                      links.Exceptions(first_leaf, request.source(), limit, take));
  if (page.next_leaf != ledger::kNoLeaf)
    response->set_next_page_token(absl::StrCat(page.next_leaf));
  response->set_total_count(page.total);
  SetSnapshot(store, snapshot, response->mutable_snapshot());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
