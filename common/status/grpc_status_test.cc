#include "common/status/grpc_status.h"

#include <gmock/gmock.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <string>

#include "common/status/error.h"
#include "common/testing/status_matchers.h"
#include "google/rpc/status.pb.h"

namespace tidemark::status {
namespace {

absl::Status Detailed() {
  return WithRetryAfter(InvalidArgument("amount", "0, want >= 1", "BAD_AMOUNT"), absl::Seconds(2));
}

TEST(GrpcStatusTest, EveryCodeKeepsItsNumber) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), "text");
    const grpc::Status converted = ToGrpcStatus(status);
    EXPECT_EQ(static_cast<int>(converted.error_code()), code);
    EXPECT_EQ(converted.error_message(), "text");
    EXPECT_EQ(FromGrpcStatus(converted), status);
  }
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_OK(FromGrpcStatus(grpc::Status::OK));
}

TEST(GrpcStatusTest, DetailsSurviveBothWays) {
  const grpc::Status converted = ToGrpcStatus(Detailed());
  google::rpc::Status proto;
  ASSERT_TRUE(proto.ParseFromString(converted.error_details()));
  EXPECT_EQ(proto.code(), 3);
  EXPECT_EQ(proto.details_size(), 3);
  EXPECT_EQ(FromGrpcStatus(converted), Detailed());
  EXPECT_EQ(FromRpcStatusProto(ToRpcStatusProto(Detailed())), Detailed());
}

TEST(GrpcStatusTest, ForeignDetailsAreIgnored) {
  const grpc::Status other(grpc::StatusCode::NOT_FOUND, "text", "\xff\xff no proto");
  EXPECT_EQ(FromGrpcStatus(other), absl::NotFoundError("text"));
  // A google.rpc.Status that contradicts the call's own code is not believed.
  const grpc::Status liar(grpc::StatusCode::NOT_FOUND, "text",
                          ToRpcStatusProto(Detailed()).SerializeAsString());
  EXPECT_EQ(FromGrpcStatus(liar), absl::NotFoundError("text"));
}

TEST(GrpcStatusTest, UnknownNumbersBecomeUnknown) {
  google::rpc::Status proto;
  proto.set_code(99);
  EXPECT_THAT(FromRpcStatusProto(proto), testing::StatusIs(absl::StatusCode::kUnknown));
  proto.set_code(0);
  EXPECT_OK(FromRpcStatusProto(proto));
}

TEST(GrpcStatusTest, LongMessagesAreCutBetweenCharacters) {
  std::string message = "x";
  for (int i = 0; i < 1000; ++i) message += "费";
  const grpc::Status converted = ToGrpcStatus(absl::NotFoundError(message));
  EXPECT_LT(converted.error_message().size(), 2100u);
  // Three bytes each after the first, and an ellipsis of three.
  EXPECT_EQ(converted.error_message().size() % 3, 1u);
  EXPECT_EQ(converted.error_message().substr(0, 7), "x费费");
}

TEST(GrpcStatusTest, DetailsTooLongForAHeaderAreLeftOut) {
  const absl::Status status =
      WithReason(absl::NotFoundError("text"), "R", {{"k", std::string(9000, 'x')}});
  EXPECT_EQ(FromGrpcStatus(ToGrpcStatus(status)), absl::NotFoundError("text"));
}

}  // namespace
}  // namespace tidemark::status
