#include "common/rpc/fault_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/log/log.h"
#include "common/testing/fake_clock.h"

namespace tidemark::rpc::internal {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kTrace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class FaultLogTest : public ::testing::Test {
 protected:
  FaultLogTest() {
    options_.name = "/a.B/C";
    options_.clock = &clock_;
    call_.caller.principal = "Shop Ltd";
    call_.traceparent = kTrace;
    // Past whatever another test has logged in its second.
    clock_.Advance(absl::Seconds(++seconds_used));
  }

  static int seconds_used;
  tidemark::testing::FakeClock clock_;
  MethodOptions options_;
  CallContext call_;
  std::vector<std::string> lines_;
  const log::ScopedSink sink_{[this](std::string_view line) { lines_.emplace_back(line); }};
};
int FaultLogTest::seconds_used = 0;

TEST_F(FaultLogTest, ALineTellsWhoseCallFailedAndHow) {
  LogFault(options_, call_, absl::DataLossError("block 7 is damaged"));
  EXPECT_THAT(lines_, ElementsAre(AllOf(HasSubstr("\"level\":\"ERROR\""),
                                        HasSubstr("\"method\":\"/a.B/C\""),
                                        HasSubstr("\"principal\":\"Shop Ltd\""), HasSubstr(kTrace),
                                        HasSubstr("\"code\":\"DATA_LOSS\""),
                                        HasSubstr("\"error\":\"block 7 is damaged\""))));
}

TEST_F(FaultLogTest, OnlyTheServersOwnFaultsAreLogged) {
  for (int code = 0; code <= 16; ++code) {
    lines_.clear();
    LogFault(options_, call_, absl::Status(static_cast<absl::StatusCode>(code), "x"));
    const bool fault = code == 2 || code == 13 || code == 15;
    EXPECT_THAT(lines_, SizeIs(fault ? 1 : 0)) << code;
  }
}

TEST_F(FaultLogTest, WhatIsNoTraceContextIsNotRepeated) {
  EXPECT_EQ(ValidTraceparent(kTrace), kTrace);
  const std::string upper = "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01";
  for (const std::string& text : {std::string(), std::string("alice@example.org"), upper,
                                  std::string(kTrace) + "0", std::string(55, '-')}) {
    EXPECT_EQ(ValidTraceparent(text), "") << text;
  }
  call_.traceparent = "alice@example.org";
  LogFault(options_, call_, absl::InternalError("x"));
  EXPECT_THAT(lines_, ElementsAre(Not(HasSubstr("alice"))));
}

TEST_F(FaultLogTest, ManyFaultsBecomeFewLinesThatCountTheRest) {
  for (int i = 0; i < 1000; ++i) LogFault(options_, call_, absl::InternalError("again"));
  EXPECT_THAT(lines_, SizeIs(10));
  clock_.Advance(absl::Seconds(1));
  lines_.clear();
  LogFault(options_, call_, absl::InternalError(std::string(100'000, 'x')));
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("\"left_out\":990")));
  EXPECT_LT(lines_.front().size(), 1000u);
}

}  // namespace
}  // namespace tidemark::rpc::internal
