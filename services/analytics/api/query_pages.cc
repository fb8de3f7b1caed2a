#include "services/analytics/api/query_pages.h"

#include <utility>

#include "common/status/status_macros.h"

namespace tidemark::analytics {

absl::StatusOr<std::unique_ptr<QueryHandler::Pages>> QueryHandler::OpenPages(
    const rpc::CallContext& call, const v1::QueryRequest& request,
    const std::optional<PageToken>& token) {
  TM_ASSIGN_OR_RETURN(Asked asked, Prepare(call, request, token));
  TM_RETURN_IF_ERROR(MakeTableKey(&asked));
  TM_ASSIGN_OR_RETURN(std::shared_ptr<const Table> table,
                      TableOf(call, &asked.plan, asked.table_key));
  return std::unique_ptr<Pages>(
      new Pages(this, &call, request, std::move(asked), std::move(table)));
}

QueryHandler::Pages::Pages(QueryHandler* handler, const rpc::CallContext* call,
                           const v1::QueryRequest& request, Asked asked,
                           std::shared_ptr<const Table> table)
    : handler_(*handler),
      call_(*call),
      request_(request),
      asked_(std::move(asked)),
      table_(std::move(table)) {}

absl::StatusOr<std::optional<std::string>> QueryHandler::Pages::Next() {
  if (ended_) return std::nullopt;
  // The first page's was permitted when the answer was prepared.
  if (begun_ && !request_.asset().empty()) {
    TM_ASSIGN_OR_RETURN(asked_.permitted, handler_.Permit(call_.caller, request_));
  }
  begun_ = true;
  asked_.begun_nanos = handler_.options_.clock->MonotonicNanos();
  TM_ASSIGN_OR_RETURN(Page page, MakePage(asked_, *table_));
  page.origin = v1::CACHE_STATE_BYPASSED;
  std::string response = handler_.Respond(&asked_, page);
  ended_ = page.end >= page.total_rows;
  asked_.offset = page.end;
  return response;
}

}  // namespace tidemark::analytics
