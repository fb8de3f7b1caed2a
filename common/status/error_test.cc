#include "common/status/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/status_matchers.h"
#include "google/rpc/error_details.pb.h"

namespace tidemark::status {
namespace {

using testing::ReasonIs;
using testing::StatusIs;

TEST(ErrorTest, InvalidArgumentNamesTheField) {
  const absl::Status status = InvalidArgument("page_size", "-3, want >= 0", "BAD_PAGE_SIZE");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "page_size: -3, want >= 0"));
  EXPECT_THAT(status, ReasonIs("BAD_PAGE_SIZE"));
  EXPECT_EQ(FieldOf(status), "page_size");
}

TEST(ErrorTest, CollectsViolations) {
  const absl::Status status =
      WithFieldViolation(InvalidArgument("a", "empty", "R"), "b", "too long");
  google::rpc::BadRequest details;
  ASSERT_TRUE(details.ParseFromString(
      std::string(*status.GetPayload("type.googleapis.com/google.rpc.BadRequest"))));
  ASSERT_EQ(details.field_violations_size(), 2);
  EXPECT_EQ(details.field_violations(1).field(), "b");
  EXPECT_EQ(details.field_violations(1).description(), "too long");
}

TEST(ErrorTest, ReasonCarriesMetadataAndReplacesAnEarlierOne) {
  absl::Status status = WithReason(absl::NotFoundError("x"), "FIRST", {{"a", "1"}});
  status = WithReason(status, "SECOND", {{"region", "cn-330200"}});
  EXPECT_EQ(ReasonOf(status), "SECOND");
  EXPECT_EQ(MetadataOf(status, "region"), "cn-330200");
  EXPECT_EQ(MetadataOf(status, "a"), "");
}

TEST(ErrorTest, ReasonHasTheWireFormOfGoogleRpcErrorInfo) {
  const absl::Status status = WithReason(absl::AbortedError("x"), "R", {{"k", "v"}});
  // reason = 1, domain = 2, metadata = 3 {key = 1, value = 2}.
  EXPECT_EQ(std::string(*status.GetPayload("type.googleapis.com/google.rpc.ErrorInfo")),
            "\x0a\x01R\x12\x08tidemark\x1a\x06\x0a\x01k\x12\x01v");
}

TEST(ErrorTest, RetryAfterRoundTrips) {
  for (const absl::Duration delay :
       {absl::Milliseconds(1500), absl::ZeroDuration(), absl::Hours(2), absl::Nanoseconds(3)}) {
    EXPECT_EQ(RetryAfterOf(WithRetryAfter(absl::ResourceExhaustedError("x"), delay)), delay);
  }
  EXPECT_EQ(RetryAfterOf(absl::ResourceExhaustedError("x")), absl::InfiniteDuration());
}

TEST(ErrorTest, PrefixKeepsCodeAndDetails) {
  const absl::Status status = Prefixed("line 7", InvalidArgument("id", "empty", "EMPTY_ID"));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, "line 7: id: empty"));
  EXPECT_THAT(status, ReasonIs("EMPTY_ID"));
}

TEST(ErrorTest, OkStaysOk) {
  EXPECT_OK(WithReason(absl::OkStatus(), "R"));
  EXPECT_OK(WithRetryAfter(absl::OkStatus(), absl::Seconds(1)));
  EXPECT_OK(WithFieldViolation(absl::OkStatus(), "a", "b"));
  EXPECT_OK(Prefixed("p", absl::OkStatus()));
  EXPECT_EQ(ReasonOf(absl::OkStatus()), "");
  EXPECT_EQ(FieldOf(absl::NotFoundError("x")), "");
}

}  // namespace
}  // namespace tidemark::status
