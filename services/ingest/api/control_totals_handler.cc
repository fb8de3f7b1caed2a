#include "services/ingest/api/control_totals_handler.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/access/rpc_access.h"
#include "clients/cpp/catalog/local_days.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/ingest/api/judging_view.h"
#include "services/ingest/api/overload.h"
#include "services/ingest/api/statement_convert.h"
#include "services/ingest/domain/control_totals.h"
#include "services/ingest/domain/rejection.h"

namespace tidemark::ingest {
namespace {

constexpr size_t kMaxRequestIdBytes = 64;

absl::Status CheckStatementRequest(const rpc::CallContext& call,
                                   const v1::GetStatementRequest& request,
                                   const catalog_client::CatalogView& view) {
  const std::string& source = request.source();
  if (source.size() > ledger::kMaxIdentityBytes) {
    return status::InvalidArgument(
        "source", absl::StrCat(source.size(), " bytes; want at most ", ledger::kMaxIdentityBytes),
        NameOf(Reason::kTooLong));
  }
  if (!access::MayUseSource(call.caller, call.method, source)) {
    return status::WithReason(
        absl::PermissionDeniedError(
            absl::StrCat("source: ", Quoted(source),
                         " is outside the scope of the token; use a token issued for this source")),
        NameOf(Reason::kSourceNotAllowed));
  }
  if (source.empty() || view.sources().Find(source) != nullptr) return absl::OkStatus();
  return status::InvalidArgument(
      "source",
      absl::StrCat(Quoted(source), " is not a source of the catalog",
                   view.NearestHint(catalog_client::EntityType::kSource, source)),
      NameOf(Reason::kUnknownSource));
}

}  // namespace

struct ControlTotalsHandler::Batch {
  Batch(const rpc::CallContext* call, const v1::SubmitControlTotalsRequest& request,
        rpc::UnaryReply reply)
      : call(call), request(request), reply(std::move(reply)) {}

  const rpc::CallContext* const call;
  // Holds the texts of the batch.
  const v1::SubmitControlTotalsRequest request;
  rpc::UnaryReply reply;
  AppendBatch batch;
  // Whose days statistics do not judge by their totals.
  std::set<std::string> not_closing;
  int judgements = 0;
};

void ControlTotalsHandler::Submit(const rpc::CallContext& call,
                                  const v1::SubmitControlTotalsRequest& request,
                                  rpc::UnaryReply reply) {
  Judge(std::make_shared<Batch>(&call, request, std::move(reply)));
}

void ControlTotalsHandler::Judge(const BatchPtr& batch) {
  const absl::Status checked = Check(*batch);
  if (!checked.ok()) return std::move(batch->reply).Fail(checked);
  batch->batch.done = [this, batch](const AppendResult& result) { Appended(batch, result); };
  options_.log->Append(&batch->batch);
}

absl::Status ControlTotalsHandler::Check(Batch& batch) const {
  if (batch.request.request_id().size() > kMaxRequestIdBytes) {
    return status::InvalidArgument("request_id",
                                   absl::StrCat(batch.request.request_id().size(),
                                                " bytes; want at most ", kMaxRequestIdBytes),
                                   "REQUEST_ID_INVALID");
  }
  TM_ASSIGN_OR_RETURN(const auto view, options_.views->View());
  std::vector<SentTotals> sent;
  sent.reserve(batch.request.totals_size());
  for (const v1::ControlTotals& totals : batch.request.totals()) {
    sent.push_back({.source = totals.source(),
                    .year = totals.day().year(),
                    .month = totals.day().month(),
                    .day = totals.day().day(),
                    .events = totals.events(),
                    .gross = totals.gross(),
                    .refunds = totals.refunds()});
  }
  const rpc::CallContext& call = *batch.call;
  const ControlTotalsContext context{
      .view = view.get(),
      .now_us = std::max(options_.clock->NowMicros(), options_.log->state().accepted_time_us),
      .may_use_source = [&call](std::string_view source) {
        return access::MayUseSource(call.caller, call.method, source);
      }};
  TM_ASSIGN_OR_RETURN(batch.batch.source_days, CheckControlTotals(sent, context));
  batch.not_closing.clear();
  for (const v1::ControlTotals& totals : batch.request.totals()) {
    const auto* source = view->sources().Find(totals.source());
    if (source != nullptr && !source->closes_days) batch.not_closing.insert(totals.source());
  }
  batch.batch.principal = call.caller.principal;
  batch.batch.stamp = StampOf(*view);
  batch.batch.bytes = batch.request.ByteSizeLong();
  return absl::OkStatus();
}

void ControlTotalsHandler::Appended(const BatchPtr& batch, const AppendResult& result) {
  if (absl::IsAborted(result.status)) {
    if (++batch->judgements == kMaxJudgements) {
      return std::move(batch->reply).Fail(CatalogChangesTooFast());
    }
    // This is the store's thread, which must not wait.
    const auto again = [this, batch] {
      AwaitNewerView(*options_.views, batch->batch.stamp.version);
      Judge(batch);
    };
    if (!options_.executor->TryPost(again)) {
      const absl::Duration delay = batch->reply.RetryDelay();
      std::move(batch->reply).Fail(Overloaded(delay));
    }
    return;
  }
  if (!result.status.ok()) return std::move(batch->reply).Fail(result.status);
  v1::SubmitControlTotalsResponse response;
  response.set_log_id(options_.log->log_id());
  response.mutable_leaves()->Add(result.source_day_leaves.begin(), result.source_day_leaves.end());
  response.mutable_sources_without_closes_days()->Add(batch->not_closing.begin(),
                                                      batch->not_closing.end());
  std::move(batch->reply).Send(response);
}

void ControlTotalsHandler::GetStatement(const rpc::CallContext& call,
                                        const v1::GetStatementRequest& request,
                                        rpc::UnaryReply reply) {
  const auto view = options_.views->View();
  if (!view.ok()) return std::move(reply).Fail(view.status());
  const absl::Status checked = CheckStatementRequest(call, request, **view);
  if (!checked.ok()) return std::move(reply).Fail(checked);
  const type::v1::Date& date = request.day();
  const std::optional<int32_t> day =
      catalog_client::DayNumber(date.year(), date.month(), date.day());
  if (!day.has_value()) {
    return std::move(reply).Fail(status::InvalidArgument(
        "day",
        absl::StrCat(date.year(), "-", date.month(), "-", date.day(),
                     " is no day of the calendar; want year, month and day"),
        "INVALID_DATE"));
  }
  options_.log->ReadStatement(
      request.source(), *day, (*view)->observatory()->time_zone,
      [this, source = request.source(), date,
       reply = std::move(reply)](absl::StatusOr<Statement> statement) mutable {
        if (!statement.ok()) return std::move(reply).Fail(statement.status());
        v1::GetStatementResponse response;
        const absl::Status told = ToProto(*statement, source, response.mutable_statement());
        if (!told.ok()) return std::move(reply).Fail(told);
        *response.mutable_statement()->mutable_day() = date;
        if (statement->close.has_value()) {
          *response.mutable_statement()->mutable_close()->mutable_totals()->mutable_day() = date;
        }
        response.mutable_statement()->set_log_id(options_.log->log_id());
        std::move(reply).Send(response);
      });
}

}  // namespace tidemark::ingest
