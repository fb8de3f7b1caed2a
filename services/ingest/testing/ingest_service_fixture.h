#ifndef TIDEMARK_SERVICES_INGEST_TESTING_INGEST_SERVICE_FIXTURE_H_
#define TIDEMARK_SERVICES_INGEST_TESTING_INGEST_SERVICE_FIXTURE_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/testing/fake_clock.h"
#include "services/ingest/testing/ingest_server.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::ingest {

inline constexpr char kSubmitEventsMethod[] = "/tidemark.ingest.v1.IngestService/SubmitEvents";

// A client of an IngestServer.
class IngestServiceTest : public ::testing::Test {
 protected:
  IngestServiceTest()
      : server_(&clock_), stub_(v1::IngestService::NewStub(server_.server->channel())) {}

  v1::Event Event(const std::string& id, const std::string& source = "platform-1") {
    v1::Event event;
    event.set_source(source);
    event.set_id(id);
    event.set_kind(v1::EVENT_KIND_PURCHASE);
    event.set_event_time_us(testing::FakeClock::kStartMicros - 1'000'000);
    event.set_amount(1234);
    return event;
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (v1::IngestService::Stub::*method)(
                                    grpc::ClientContext*, const Request&, Response*),
                                const Request& request) {
    grpc::ClientContext context;
    rpc::PrepareCall(&context, "", absl::Seconds(20));
    Response response;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &response);
    if (!status.ok()) return status::FromGrpcStatus(status);
    return response;
  }
  absl::StatusOr<v1::SubmitEventsResponse> Submit(const v1::SubmitEventsRequest& request) {
    return Call(&v1::IngestService::Stub::SubmitEvents, request);
  }
  absl::StatusOr<v1::SubmitEventsResponse> Submit(const std::vector<v1::Event>& events) {
    v1::SubmitEventsRequest request;
    for (const v1::Event& event : events) *request.add_events() = event;
    return Submit(request);
  }
  absl::StatusOr<v1::SubmitEventsResponse> SubmitRaw(const std::string& bytes) {
    auto answer = testing::CallRaw(server_.server->channel(), kSubmitEventsMethod, bytes);
    if (!answer.ok()) return answer.status();
    v1::SubmitEventsResponse response;
    EXPECT_TRUE(response.ParseFromString(*answer));
    return response;
  }

  testing::FakeClock clock_;
  IngestServer server_;
  std::unique_ptr<v1::IngestService::Stub> stub_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_TESTING_INGEST_SERVICE_FIXTURE_H_
