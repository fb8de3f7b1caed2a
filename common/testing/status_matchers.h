#ifndef TIDEMARK_COMMON_TESTING_STATUS_MATCHERS_H_
#define TIDEMARK_COMMON_TESTING_STATUS_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/status/error.h"

namespace tidemark::testing {

inline const absl::Status& GetStatus(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& GetStatus(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

// For absl::Status and absl::StatusOr<T>.
MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  *result_listener << "whose status is " << GetStatus(arg).ToString();
  return GetStatus(arg).ok();
}

MATCHER_P(StatusIs, code, "has status " + absl::StatusCodeToString(code)) {
  *result_listener << "whose status is " << GetStatus(arg).ToString();
  return GetStatus(arg).code() == code;
}

// StatusIs(absl::StatusCode::kNotFound, HasSubstr("regions/xx"))
MATCHER_P2(StatusIs, code, message_matcher, "has status " + absl::StatusCodeToString(code)) {
  *result_listener << "whose status is " << GetStatus(arg).ToString();
  return GetStatus(arg).code() == code &&
         ::testing::ExplainMatchResult(::testing::Matcher<std::string>(message_matcher),
                                       std::string(GetStatus(arg).message()), result_listener);
}

// The ErrorInfo's reason: ReasonIs("UNKNOWN_REGION").
MATCHER_P(ReasonIs, reason, "") {
  *result_listener << "whose reason is \"" << status::ReasonOf(GetStatus(arg)) << "\" in "
                   << GetStatus(arg).ToString();
  return status::ReasonOf(GetStatus(arg)) == reason;
}

// A StatusOr that is OK and holds a value that matches.
MATCHER_P(IsOkAndHolds, value_matcher, "") {
  if (!arg.ok()) {
    *result_listener << "whose status is " << arg.status().ToString();
    return false;
  }
  using Value = typename std::decay_t<decltype(arg)>::value_type;
  return ::testing::ExplainMatchResult(::testing::SafeMatcherCast<const Value&>(value_matcher),
                                       *arg, result_listener);
}

}  // namespace tidemark::testing

#define ASSERT_OK(expr) ASSERT_THAT(expr, ::tidemark::testing::IsOk())
#define EXPECT_OK(expr) EXPECT_THAT(expr, ::tidemark::testing::IsOk())

// ASSERT_OK_AND_ASSIGN(auto file, fs.OpenRead(path));
#define ASSERT_OK_AND_ASSIGN(lhs, expr) \
  TM_ASSERT_OK_AND_ASSIGN_IMPL_(TM_TEST_CONCAT_(tm_status_or_, __LINE__), lhs, expr)
#define TM_ASSERT_OK_AND_ASSIGN_IMPL_(var, lhs, expr)                \
  auto var = (expr);                                                 \
  ASSERT_TRUE(var.ok()) << #expr << ": " << var.status().ToString(); \
  lhs = *std::move(var)
#define TM_TEST_CONCAT_(a, b) TM_TEST_CONCAT_INNER_(a, b)
#define TM_TEST_CONCAT_INNER_(a, b) a##b

#endif  // TIDEMARK_COMMON_TESTING_STATUS_MATCHERS_H_
