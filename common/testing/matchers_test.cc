#include <gmock/gmock.h>
#include <google/protobuf/duration.pb.h>
#include <gtest/gtest.h>

#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"

namespace tidemark::testing {
namespace {

using ::google::protobuf::Duration;
using ::testing::HasSubstr;
using ::testing::Not;

absl::StatusOr<int> Seven() { return 7; }
absl::StatusOr<int> Failed() {
  return status::InvalidArgument("size", "3, want >= 4", "SIZE_TOO_SMALL");
}

TEST(StatusMatchersTest, MatchStatusAndStatusOr) {
  EXPECT_OK(absl::OkStatus());
  EXPECT_OK(Seven());
  EXPECT_THAT(Failed(), Not(IsOk()));
  EXPECT_THAT(Failed(), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Failed(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("size: 3")));
  EXPECT_THAT(Failed(), Not(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("length"))));
  EXPECT_THAT(Failed(), Not(StatusIs(absl::StatusCode::kNotFound)));
  EXPECT_THAT(Failed(), ReasonIs("SIZE_TOO_SMALL"));
  EXPECT_THAT(Failed().status(), Not(ReasonIs("SIZE")));
  EXPECT_THAT(Seven(), IsOkAndHolds(7));
  EXPECT_THAT(Seven(), Not(IsOkAndHolds(8)));
  EXPECT_THAT(Failed(), Not(IsOkAndHolds(7)));
}

TEST(StatusMatchersTest, AssignsTheValue) {
  ASSERT_OK_AND_ASSIGN(const int value, Seven());
  EXPECT_EQ(value, 7);
}

TEST(ProtoMatchersTest, CompareMessages) {
  const auto duration = ParseText<Duration>("seconds: 3 nanos: 5");
  EXPECT_THAT(duration, EqualsText("nanos: 5 seconds: 3"));
  EXPECT_THAT(duration, Not(EqualsText("seconds: 3")));
  EXPECT_THAT(duration, Not(EqualsText("no such field")));
  EXPECT_THAT(duration, EqualsProto(duration));
  EXPECT_THAT(duration, Not(EqualsProto(Duration())));
}

}  // namespace
}  // namespace tidemark::testing
