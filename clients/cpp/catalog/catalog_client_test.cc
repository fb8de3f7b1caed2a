#include "clients/cpp/catalog/catalog_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "common/testing/in_process_server.h"
#include "common/testing/status_matchers.h"
#include "tidemark/catalog/v1/catalog_service.grpc.pb.h"

namespace tidemark::catalog_client {
namespace {

namespace pb = catalog::v1;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::ReasonIs;
using testing::StatusIs;

// Answers from the request and keeps the metadata of the last call.
class EchoCatalog final : public pb::CatalogService::Service {
 public:
  grpc::Status GetResource(grpc::ServerContext* context, const pb::GetResourceRequest* request,
                           pb::GetResourceResponse* response) override {
    const auto& metadata = context->client_metadata();
    if (const auto it = metadata.find("authorization"); it != metadata.end()) {
      authorization = std::string(it->second.data(), it->second.size());
    }
    has_deadline = context->deadline() < std::chrono::system_clock::now() + std::chrono::hours(1);
    if (request->name() == "regions/none") {
      return status::ToGrpcStatus(status::WithReason(
          absl::NotFoundError("regions/none; nearest: regions/nine"), "RESOURCE_NOT_FOUND"));
    }
    response->mutable_resource()->set_name(request->name());
    return grpc::Status::OK;
  }
  grpc::Status BindLog(grpc::ServerContext*, const pb::BindLogRequest*,
                       pb::BindLogResponse* response) override {
    response->set_version(7);
    return grpc::Status::OK;
  }

  std::string authorization;
  bool has_deadline = false;
};

TEST(CatalogClientTest, SendsTokenAndDeadlineAndReturnsTheAnswer) {
  EchoCatalog service;
  testing::InProcessServer server({&service});
  CatalogClient client({.channel = server.channel(), .token = "tm_secret"});
  pb::GetResourceRequest request;
  request.set_name("regions/cn");
  const auto response = client.GetResource(request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->resource().name(), "regions/cn");
  EXPECT_EQ(service.authorization, "Bearer tm_secret");
  EXPECT_TRUE(service.has_deadline);
  const auto bound = client.BindLog({});
  ASSERT_THAT(bound, IsOk());
  EXPECT_EQ(bound->version(), 7u);
}

TEST(CatalogClientTest, KeepsTheDetailsOfErrors) {
  EchoCatalog service;
  testing::InProcessServer server({&service});
  CatalogClient client({.channel = server.channel()});
  pb::GetResourceRequest request;
  request.set_name("regions/none");
  const auto response = client.GetResource(request);
  EXPECT_THAT(response, StatusIs(absl::StatusCode::kNotFound, HasSubstr("nearest: regions/nine")));
  EXPECT_THAT(response, ReasonIs("RESOURCE_NOT_FOUND"));
  EXPECT_THAT(client.IssueToken({}), StatusIs(absl::StatusCode::kUnimplemented));
}

}  // namespace
}  // namespace tidemark::catalog_client
