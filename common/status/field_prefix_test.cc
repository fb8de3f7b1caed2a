#include "common/status/field_prefix.h"

#include <gtest/gtest.h>

#include "common/status/error.h"

namespace tidemark::status {
namespace {

TEST(WithFieldPrefixTest, RenamesFieldsAndMessageAndKeepsTheRest) {
  const absl::Status asked =
      InvalidArgument("query.filters[0].codes[1]", "`x` is no code", "UNKNOWN_CODE");
  const absl::Status told = WithFieldPrefix(asked, "query.", "");
  EXPECT_EQ(told.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FieldOf(told), "filters[0].codes[1]");
  EXPECT_EQ(told.message(), "filters[0].codes[1]: `x` is no code");
  EXPECT_EQ(ReasonOf(told), "UNKNOWN_CODE");
}

TEST(WithFieldPrefixTest, LeavesOthersAlone) {
  const absl::Status other = InvalidArgument("read.as_of", "empty", "AS_OF_INVALID");
  EXPECT_EQ(FieldOf(WithFieldPrefix(other, "query.", "")), "read.as_of");
  EXPECT_TRUE(WithFieldPrefix(absl::OkStatus(), "query.", "").ok());
  EXPECT_EQ(WithFieldPrefix(absl::InternalError("query.x"), "query.", "").message(), "query.x");
}

}  // namespace
}  // namespace tidemark::status
