#include "clients/cli/simulate/delta_calibration.h"

#include <gtest/gtest.h>

namespace tidemark::simulate {
namespace {

int64_t Net(const std::vector<CalibratedLine>& lines, uint8_t total) {
  int64_t net = 0;
  for (const CalibratedLine& line : lines) {
    if (line.total == total) net += line.refund ? -line.amount : line.amount;
  }
  return net;
}

TEST(Calibrate, TotalsComeOutAndRefundsFollowTheirPurchases) {
  std::vector<CalibratedLine> lines = {
      {.amount = 333, .level = 0, .total = 0},
      {.amount = 1000, .level = 0, .total = 0},
      {.amount = 777, .level = 0, .total = 0},
      {.amount = 1, .refund = true, .original = 1, .refunded_percent = 50, .level = 0, .total = 0},
      {.amount = 20, .refund = true, .original = kUnlinked, .level = 0, .total = 0},
      {.amount = 100, .level = 0, .total = kNoTotal},
      {.amount = 10, .level = 0, .total = 1},
      {.amount = 0, .level = 0, .total = 0},
  };
  ASSERT_TRUE(Calibrate({{100'001, 0}, {4'321, 0}}, lines).ok());
  EXPECT_EQ(Net(lines, 0), 100'001);
  EXPECT_EQ(Net(lines, 1), 4'321);
  EXPECT_EQ(lines[3].amount, lines[1].amount / 2);
  // The level is what 1,590 became 100,001 by, also where nothing is to come out.
  EXPECT_EQ(lines[5].amount, 100 * int64_t{100'001} / 1'590);
  EXPECT_EQ(lines[7].amount, 0);
}

TEST(Calibrate, SaysWhichTotalCannotComeOut) {
  std::vector<CalibratedLine> lines = {{.amount = 5, .total = 0}, {.amount = 5, .total = 0}};
  std::vector<CalibratedLine> few = lines;
  EXPECT_EQ(Calibrate({{1, 0}}, few).code(), absl::StatusCode::kInvalidArgument);
  std::vector<CalibratedLine> none = lines;
  const absl::Status status = Calibrate({{100, 0}, {100, 0}}, none);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("total 2"), std::string::npos) << status;
}

}  // namespace
}  // namespace tidemark::simulate
