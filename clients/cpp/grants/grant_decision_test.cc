#include "clients/cpp/grants/grant_decision.h"

#include <gtest/gtest.h>

#include <vector>

namespace tidemark::grants {
namespace {

constexpr uint32_t kResearch = 2;
constexpr uint32_t kCommercial = 5;
constexpr int64_t kNow = 1000;

GrantTerms Terms(std::string_view id = "a") {
  return {.id = id, .purposes = 1u << kResearch, .start_us = 500, .end_us = 2000};
}

Refusal Of(const GrantTerms& terms, uint32_t purpose = kResearch, int64_t now = kNow) {
  return DecideGrant({terms}, purpose, now).refusal;
}

TEST(GrantDecisionTest, HoldsFromItsStartUpToTheInstantOfItsEnd) {
  EXPECT_EQ(Of(Terms(), kResearch, 499), Refusal::kNotBegun);
  EXPECT_EQ(Of(Terms(), kResearch, 500), Refusal::kNone);
  EXPECT_EQ(Of(Terms(), kResearch, 1999), Refusal::kNone);
  EXPECT_EQ(Of(Terms(), kResearch, 2000), Refusal::kEnded);
}

TEST(GrantDecisionTest, HoldsForItsPurposesOnly) {
  EXPECT_EQ(Of(Terms(), kCommercial), Refusal::kPurpose);
  for (const uint32_t odd : {0u, 31u, 32u, 99u, UINT32_MAX}) {
    EXPECT_EQ(Of(Terms(), odd), Refusal::kPurpose) << odd;
  }
}

TEST(GrantDecisionTest, EndsByRevocationAndWhenItIsUsedUp) {
  GrantTerms revoked = Terms();
  revoked.revoked = true;
  EXPECT_EQ(Of(revoked), Refusal::kRevoked);
  EXPECT_EQ(Of(revoked, kResearch, 5000), Refusal::kRevoked);
  GrantTerms bounded = Terms();
  bounded.allowance = 3;
  EXPECT_EQ(Of(bounded), Refusal::kUseNotKnown);
  bounded.used = 2;
  EXPECT_EQ(Of(bounded), Refusal::kNone);
  bounded.used = 3;
  EXPECT_EQ(Of(bounded), Refusal::kExhausted);
  bounded.used = 4;
  EXPECT_EQ(Of(bounded), Refusal::kExhausted);
}

TEST(GrantDecisionTest, UsesTheOneThatEndsFirst) {
  std::vector<GrantTerms> grants = {Terms("c"), Terms("b"), Terms("a")};
  grants[0].end_us = 1500;
  EXPECT_EQ(DecideGrant(grants, kResearch, kNow).grant, 0);
  grants[1].end_us = 1500;
  EXPECT_EQ(DecideGrant(grants, kResearch, kNow).grant, 1) << "by name where they end together";
  grants[1].allowance = 1;
  grants[1].used = 1;
  EXPECT_EQ(DecideGrant(grants, kResearch, kNow).grant, 0) << "one that is used up is passed over";
}

TEST(GrantDecisionTest, TellsTheLastWordThatIsTrueOfOne) {
  EXPECT_EQ(DecideGrant({}, kResearch, kNow).refusal, Refusal::kGrantMissing);
  EXPECT_EQ(DecideGrant({}, kResearch, kNow).grant, -1);
  std::vector<GrantTerms> grants = {Terms("a"), Terms("b"), Terms("c")};
  grants[0].revoked = true;
  grants[1].end_us = 900;
  grants[2].purposes = 1u << kCommercial;
  const GrantDecision decision = DecideGrant(grants, kResearch, kNow);
  EXPECT_EQ(decision.refusal, Refusal::kRevoked);
  EXPECT_EQ(decision.grant, 0);
}

TEST(GrantDecisionTest, EveryRefusalHasItsOwnReasonAndText) {
  for (int word = 1; word <= static_cast<int>(Refusal::kUseNotKnown); ++word) {
    const auto refusal = static_cast<Refusal>(word);
    EXPECT_NE(ReasonOf(refusal), ReasonOf(static_cast<Refusal>(word - 1)));
    EXPECT_NE(RefusalText(refusal, "dataAssets/a", "organisations/o", "g"), "");
  }
}

}  // namespace
}  // namespace tidemark::grants
