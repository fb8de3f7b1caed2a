#include "services/analytics/domain/source_overlaps.h"

#include <limits>

#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tidemark::analytics {
namespace {

using ::testing::IsEmpty;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

constexpr int64_t kEver = std::numeric_limits<int64_t>::max();

TransactionMember Member(uint64_t transaction, uint64_t leaf, std::string_view source,
                         ledger::ReportingRole role, int64_t amount) {
  return {.transaction = transaction,
          .role = role,
          .leaf = leaf,
          .event_time_us = static_cast<int64_t>(leaf),
          .amount = amount,
          .source = source};
}
constexpr auto kSeller = ledger::ReportingRole::kSellerPlatform;
constexpr auto kPayment = ledger::ReportingRole::kPayment;

absl::StatusOr<std::vector<SourceOverlap>> Of(std::vector<TransactionMember> members,
                                              int64_t first = 0, int64_t end = kEver) {
  return OverlapsOf(std::move(members), Precedence(), first, end);
}

TEST(SourceOverlapsTest, ACountedEventStandsBesideEveryOneLeftOut) {
  ASSERT_OK_AND_ASSIGN(const auto overlaps,
                       Of({Member(1, 1, "bank", kPayment, 90), Member(1, 2, "shop", kSeller, 100),
                           Member(1, 3, "bank", kPayment, 100), Member(4, 4, "shop", kSeller, 7),
                           Member(5, 5, "bank", kPayment, 8)}));
  ASSERT_EQ(overlaps.size(), 1u);
  EXPECT_EQ(overlaps[0].counted, "shop");
  EXPECT_EQ(overlaps[0].other, "bank");
  EXPECT_EQ(overlaps[0].events, 2u);
  EXPECT_EQ(overlaps[0].counted_amount, 200);
  EXPECT_EQ(overlaps[0].other_amount, 190);
  EXPECT_EQ(overlaps[0].differing, 1u);
}

TEST(SourceOverlapsTest, ASourceHasNoOverlapWithItself) {
  EXPECT_THAT(*Of({Member(1, 1, "shop", kSeller, 5), Member(1, 2, "shop", kSeller, 5)}), IsEmpty());
}

TEST(SourceOverlapsTest, TheRangeIsOfTheEventThatCounts) {
  const std::vector<TransactionMember> members = {Member(1, 1, "bank", kPayment, 5),
                                                  Member(1, 2, "shop", kSeller, 5)};
  EXPECT_EQ(Of(members, 2, 3)->size(), 1u);
  EXPECT_THAT(*Of(members, 1, 2), IsEmpty());
  EXPECT_THAT(*Of(members, 3, kEver), IsEmpty());
}

TEST(SourceOverlapsTest, KindsStandForDifferentPurchases) {
  TransactionMember refund = Member(1, 2, "shop", kSeller, 5);
  refund.kind = ledger::EventKind::kRefund;
  EXPECT_THAT(*Of({Member(1, 1, "bank", kPayment, 5), refund}), IsEmpty());
}

TEST(SourceOverlapsTest, ASumThatDoesNotFitIsRefused) {
  const auto refused =
      Of({Member(1, 1, "bank", kPayment, kEver), Member(1, 2, "shop", kSeller, kEver),
          Member(1, 3, "office", kPayment, 1), Member(5, 5, "bank", kPayment, 1),
          Member(5, 6, "shop", kSeller, 1)});
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(refused.status(), ReasonIs("SUM_OVERFLOW"));
}

}  // namespace
}  // namespace tidemark::analytics
