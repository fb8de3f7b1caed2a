#include "common/status/status_macros.h"

#include <gtest/gtest.h>

#include <memory>

#include "common/testing/status_matchers.h"

namespace tidemark::status {
namespace {

using testing::IsOkAndHolds;
using testing::StatusIs;

absl::StatusOr<std::unique_ptr<int>> Make(bool fail) {
  if (fail) return absl::NotFoundError("no number");
  return std::make_unique<int>(7);
}

absl::StatusOr<int> Doubled(bool fail) {
  TM_ASSIGN_OR_RETURN(const std::unique_ptr<int> number, Make(fail));
  TM_ASSIGN_OR_RETURN(auto again, Make(fail));
  return *number + *again;
}

absl::Status Both(const absl::Status& first, const absl::Status& second) {
  TM_RETURN_IF_ERROR(first);
  if (second.ok()) TM_RETURN_IF_ERROR(absl::InternalError("reached the end"));
  return second;
}

TEST(StatusMacrosTest, AssignsMoveOnlyValuesOrReturnsTheError) {
  EXPECT_THAT(Doubled(false), IsOkAndHolds(14));
  EXPECT_THAT(Doubled(true), StatusIs(absl::StatusCode::kNotFound, "no number"));
}

TEST(StatusMacrosTest, ReturnsTheFirstErrorOnly) {
  const absl::Status a = absl::AbortedError("a");
  const absl::Status b = absl::DataLossError("b");
  EXPECT_EQ(Both(a, b), a);
  EXPECT_EQ(Both(absl::OkStatus(), b), b);
  EXPECT_THAT(Both(absl::OkStatus(), absl::OkStatus()), StatusIs(absl::StatusCode::kInternal));
}

}  // namespace
}  // namespace tidemark::status
