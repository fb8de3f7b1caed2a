#include "services/analytics/api/statistic_streams.h"

#include <grpcpp/support/byte_buffer.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/result_page.h"
#include "services/analytics/api/snapshot_wait.h"
#include "services/analytics/api/statistic_methods.h"
#include "services/analytics/api/table_cache.h"
#include "tidemark/analytics/v1/statistics_service.pb.h"

namespace tidemark::analytics {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The one field of a oneof of messages that is set; null: none.
const FieldDescriptor* ChosenField(const Message& message, const char* oneof) {
  return message.GetReflection()->GetOneofFieldDescriptor(
      message, message.GetDescriptor()->FindOneofByName(oneof));
}

// Every question has it.
const v1::ReadOptions& ReadOptionsOf(const v1::StreamStatisticRequest& request) {
  const Message& question =
      request.GetReflection()->GetMessage(request, ChosenField(request, "question"));
  return static_cast<const v1::ReadOptions&>(question.GetReflection()->GetMessage(
      question, question.GetDescriptor()->FindFieldByName("read")));
}

absl::Status NothingAsked() {
  return status::InvalidArgument("question", "missing; say which statistic is asked for",
                                 "MISSING");
}

absl::Status Compute(const StatisticRunner& runner, const StatisticCall& call,
                     const v1::StreamStatisticRequest& request, v1::StatisticRest* rest) {
  using Request = v1::StreamStatisticRequest;
  switch (request.question_case()) {
    case Request::kAvailability:
      return GetAvailability(runner, call, request.availability(), rest->mutable_availability());
    case Request::kFlows:
      return GetFlows(runner, call, request.flows(), rest->mutable_flows());
    case Request::kCoConsumption:
      return GetCoConsumption(runner, call, request.co_consumption(),
                              rest->mutable_co_consumption());
    case Request::kConcentration:
      return GetConcentration(runner, call, request.concentration(), rest->mutable_concentration());
    case Request::kForecast:
      return MakeForecast(runner, call, request.forecast(), rest->mutable_forecast());
    case Request::kUplift:
      return EstimateUplift(runner, call, request.uplift(), rest->mutable_uplift());
    case Request::kDivide:
      return GetDivide(runner, call, request.divide(), rest->mutable_divide());
    case Request::kIndicator:
      return EvaluateIndicator(runner, call, request.indicator(), rest->mutable_indicator());
    case Request::kReconcile:
      return Reconcile(runner, call, request.reconcile(), rest->mutable_reconcile());
    case Request::kTargetProgress:
      return TellTargetProgress(runner, call, request.target_progress(),
                                rest->mutable_target_progress());
    case Request::kSettle:
      return SettleRevenue(runner, call, request.settle(), rest->mutable_settle());
    case Request::QUESTION_NOT_SET:
      break;
  }
  return NothingAsked();
}

// Names the tables as the fields of `answer` that they would be, and leaves these fields absent.
std::vector<std::string> TakeTableNames(const std::vector<StreamedTable>& tables, Message* answer) {
  const google::protobuf::Reflection& fields = *answer->GetReflection();
  const google::protobuf::Descriptor& type = *answer->GetDescriptor();
  std::vector<std::string> names(tables.size());
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* const field = type.field(i);
    if (field->message_type() != v1::Result::descriptor()) continue;
    const Message* const there = &fields.GetMessage(*answer, field);
    for (size_t t = 0; t < tables.size(); ++t) {
      if (tables[t].field == there) names[t] = field->name();
    }
  }
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->message_type() == v1::Result::descriptor())
      fields.ClearField(answer, type.field(i));
  }
  return names;
}

}  // namespace

// One stream. Next() is called by one thread at a time.
class StatisticStreams::Source final : public rpc::StreamSource {
 public:
  Source(StatisticStreams* streams, const rpc::CallContext* call,
         const v1::StreamStatisticRequest& request, std::shared_ptr<rpc::StreamWaker> waker)
      : streams_(*streams),
        call_(*call),
        request_(request),
        snapshot_(StatisticRunner::SnapshotRequest(ReadOptionsOf(request))),
        wait_({.resolver = &streams->runner_.queries().resolver(),
               .waiter = streams->runner_.options().waiter,
               .clock = streams->runner_.options().clock,
               .patience = streams->runner_.options().patience},
              call, snapshot_, std::nullopt, std::move(waker)) {}
  ~Source() override { streams_.memory_.Give(taken_); }

  absl::StatusOr<rpc::Pulled> Next(grpc::ByteBuffer* out) override {
    if (!made_) {
      TM_ASSIGN_OR_RETURN(const bool folded, wait_.IsOver());
      if (!folded) return rpc::Pulled::kIdle;
      TM_RETURN_IF_ERROR(Make());
    }
    if (next_table_ > tables_.size()) return rpc::Pulled::kEnd;
    if (next_table_ == tables_.size()) {
      ++next_table_;
      TM_RETURN_IF_ERROR(rpc::SerializeMessage(rest_, out));
      return rpc::Pulled::kMessage;
    }
    v1::StreamStatisticResponse message;
    WriteNextPage(message.mutable_page());
    TM_RETURN_IF_ERROR(rpc::SerializeMessage(message, out));
    return rpc::Pulled::kMessage;
  }

 private:
  absl::Status Make() {
    made_ = true;
    TM_ASSIGN_OR_RETURN(
        StatisticCall call,
        streams_.runner_.Prepare(call_, snapshot_, ReadOptionsOf(request_).label_language()));
    call.streamed = &tables_;
    v1::StatisticRest* const rest = rest_.mutable_rest();
    TM_RETURN_IF_ERROR(Compute(streams_.runner_, call, request_, rest));
    size_t bytes = 0;
    for (const StreamedTable& table : tables_) bytes += BytesOf(table.table);
    TM_RETURN_IF_ERROR(streams_.memory_.Take(bytes));
    taken_ = bytes;
    names_ = TakeTableNames(
        tables_, rest->GetReflection()->MutableMessage(rest, ChosenField(*rest, "answer")));
    view_ = call.context.view;
    label_language_ = call.label_language;
    return absl::OkStatus();
  }

  void WriteNextPage(v1::StatisticPage* page) {
    const StreamedTable& table = tables_[next_table_];
    page->set_table(names_[next_table_]);
    next_row_ += WritePage(table.table, *view_, next_row_, std::numeric_limits<uint32_t>::max(),
                           label_language_, page->mutable_rows());
    if (table.labels) table.labels(page->mutable_rows());
    if (next_row_ < table.table.row_count) return;
    ++next_table_;
    next_row_ = 0;
  }

  StatisticStreams& streams_;
  const rpc::CallContext& call_;
  const v1::StreamStatisticRequest request_;
  const v1::QueryRequest snapshot_;
  SnapshotWait wait_;
  bool made_ = false;
  std::vector<StreamedTable> tables_;
  std::vector<std::string> names_;
  v1::StreamStatisticResponse rest_;
  std::shared_ptr<const catalog_client::CatalogView> view_;
  std::string label_language_;
  size_t taken_ = 0;
  // What comes next: a table's row; behind the last table the rest, and then nothing.
  size_t next_table_ = 0;
  uint64_t next_row_ = 0;
};

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> StatisticStreams::Open(
    const rpc::CallContext& call, const v1::StreamStatisticRequest& request,
    std::shared_ptr<rpc::StreamWaker> waker) {
  if (request.question_case() == v1::StreamStatisticRequest::QUESTION_NOT_SET) {
    return NothingAsked();
  }
  TM_RETURN_IF_ERROR(runner_.Check(ReadOptionsOf(request)));
  return std::make_unique<Source>(this, &call, request, std::move(waker));
}

}  // namespace tidemark::analytics
