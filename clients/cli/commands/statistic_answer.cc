#include "clients/cli/commands/statistic_answer.h"

#include <grpcpp/grpcpp.h>

#include <memory>
#include <utility>

#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "tidemark/analytics/v1/statistics_service.grpc.pb.h"

namespace tidemark::cli {

namespace v1 = analytics::v1;
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The field of StreamStatisticRequest that asks `question`.
const FieldDescriptor& QuestionField(const Message& question) {
  const google::protobuf::Descriptor& request = *v1::StreamStatisticRequest::descriptor();
  int at = 0;
  while (request.field(at)->message_type() != question.GetDescriptor()) ++at;
  return *request.field(at);
}

}  // namespace

const google::protobuf::Descriptor& ResponseTo(const Message& question) {
  return *v1::StatisticRest::descriptor()
              ->FindFieldByName(QuestionField(question).name())
              ->message_type();
}

NamedTable StatisticAnswer::Table(std::string_view name) const {
  static const auto* const none = new std::vector<v1::Result>(1);
  const auto found = tables_.find(name);
  return {name, found == tables_.end() ? none : &found->second};
}

const Message& StatisticAnswer::RestMessage() const {
  const google::protobuf::Reflection& fields = *rest_.GetReflection();
  return fields.GetMessage(
      rest_, fields.GetOneofFieldDescriptor(rest_, rest_.GetDescriptor()->oneof_decl(0)));
}

const v1::QueryMeta& StatisticAnswer::meta() const {
  const Message& rest = RestMessage();
  return static_cast<const v1::QueryMeta&>(
      rest.GetReflection()->GetMessage(rest, rest.GetDescriptor()->FindFieldByName("meta")));
}

absl::StatusOr<StatisticAnswer> AskStatistic(CommandHost& host, const Message& question) {
  v1::StreamStatisticRequest request;
  request.GetReflection()->MutableMessage(&request, &QuestionField(question))->CopyFrom(question);
  TM_ASSIGN_OR_RETURN(const std::string token, host.connection().Token());
  TM_ASSIGN_OR_RETURN(auto channel, host.connection().Channel(Service::kAnalytics));
  v1::StatisticsService::Stub stub(channel);
  grpc::ClientContext context;
  rpc::PrepareCall(&context, token, kStatisticTimeout);
  const auto reader = stub.StreamStatistic(&context, request);
  StatisticAnswer answer;
  for (v1::StreamStatisticResponse message; reader->Read(&message); message.Clear()) {
    if (message.has_page()) {
      answer.tables_[message.page().table()].push_back(
          std::move(*message.mutable_page()->mutable_rows()));
    } else {
      answer.rest_ = std::move(*message.mutable_rest());
    }
  }
  TM_RETURN_IF_ERROR(status::FromGrpcStatus(reader->Finish()));
  if (answer.rest_.answer_case() == v1::StatisticRest::ANSWER_NOT_SET) {
    return absl::InternalError(
        "the answer ended before its last message; have the service and this program one release?");
  }
  return answer;
}

}  // namespace tidemark::cli
