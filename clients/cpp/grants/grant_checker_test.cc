#include "clients/cpp/grants/grant_checker.h"

#include <gtest/gtest.h>

#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "clients/cpp/grants/fake_use_book.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"
#include "tidemark/catalog/v1/rights.pb.h"

namespace tidemark::grants {
namespace {

using testing::IsOk;
using testing::ReasonIs;
using testing::StatusIs;

constexpr int kResearch = type::v1::PURPOSE_RESEARCH;
constexpr char kAsset[] = "dataAssets/a";
constexpr char kGrantee[] = "organisations/o";

class GrantCheckerTest : public ::testing::Test {
 protected:
  GrantCheckerTest()
      : meter_({.reporter = "r",
                .report = [this](const auto& request) { return book_.Report(request); },
                .view = [this] { return view_; },
                .interval = absl::InfiniteDuration()}),
        checker_({.view = [this] { return view_; },
                  .age = [this] { return age_; },
                  .clock = &clock_,
                  .meter = &meter_}) {
    catalog_.Observatory("Asia/Shanghai", {2020, 1, 1});
    Asset();
    Grant("g");
    Show();
  }
  catalog::v1::DataAsset& Asset() {
    auto& asset = *catalog_.Put(kAsset).mutable_data_asset();
    asset.set_kind(catalog::v1::ASSET_KIND_LIVE_DATA);
    asset.set_state(catalog::v1::ASSET_STATE_ACTIVE);
    return asset;
  }
  catalog::v1::Grant& Grant(const std::string& id) {
    auto& grant = *catalog_.Put("grants/" + id).mutable_grant();
    grant.set_asset(kAsset);
    grant.set_grantee(kGrantee);
    grant.clear_purposes();
    grant.add_purposes(type::v1::PURPOSE_RESEARCH);
    grant.set_start_time_us(clock_.NowMicros() - 1'000'000);
    grant.set_end_time_us(clock_.NowMicros() + 1'000'000);
    return grant;
  }
  void Show() { view_ = catalog_.View(); }
  absl::StatusOr<PermittedUse> Permit(std::string_view asset = kAsset,
                                      std::string_view grantee = kGrantee,
                                      int purpose = kResearch) {
    return checker_.Permit(asset, grantee, purpose, 1);
  }

  testing::FakeClock clock_;
  catalog_client::CatalogBuilder catalog_;
  std::shared_ptr<const catalog_client::CatalogView> view_;
  absl::Duration age_ = absl::ZeroDuration();
  FakeUseBook book_;
  UseMeter meter_;
  GrantChecker checker_;
};

TEST_F(GrantCheckerTest, PermitsAndCountsWhatTookPlace) {
  ASSERT_OK_AND_ASSIGN(PermittedUse permitted, Permit());
  EXPECT_EQ(permitted.grant->id, "g");
  EXPECT_EQ(permitted.asset->id, "a");
  permitted.use.Commit();
  { ASSERT_OK(Permit()); }
  ASSERT_OK(meter_.Flush());
  EXPECT_EQ(book_.units("g"), 1u);
  // 2024-01-02T03:04:05Z is the second of January in Shanghai as well.
  EXPECT_EQ(book_.requests()[0].uses(0).day().day(), 2);
}

TEST_F(GrantCheckerTest, ADayIsOneOfTheObservatory) {
  clock_.JumpTo(testing::FakeClock::kStartMicros + int64_t{14} * 3600 * 1'000'000);
  Grant("g");
  Show();
  ASSERT_OK_AND_ASSIGN(PermittedUse permitted, Permit());
  permitted.use.Commit();
  ASSERT_OK(meter_.Flush());
  EXPECT_EQ(book_.requests()[0].uses(0).day().day(), 3);
}

TEST_F(GrantCheckerTest, RefusesOthersAssetsAndPurposes) {
  EXPECT_THAT(Permit(kAsset, "organisations/other"), ReasonIs("GRANT_MISSING"));
  EXPECT_THAT(Permit(kAsset, ""), ReasonIs("GRANT_MISSING"));
  EXPECT_THAT(Permit(kAsset, ""), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Permit(kAsset, kGrantee, type::v1::PURPOSE_COMMERCIAL), ReasonIs("GRANT_PURPOSE"));
  EXPECT_THAT(Permit(kAsset, kGrantee, -1), ReasonIs("GRANT_PURPOSE"));
  for (const char* odd : {"dataAssets/", "dataAssets/b", "a", "", "grants/g", "dataAssets/a/a"}) {
    EXPECT_THAT(Permit(odd), ReasonIs("ASSET_NOT_SHARED")) << odd;
  }
}

TEST_F(GrantCheckerTest, EndsAtTheInstant) {
  EXPECT_OK(Permit());
  clock_.Advance(absl::Seconds(1) - absl::Microseconds(1));
  EXPECT_OK(Permit());
  clock_.Advance(absl::Microseconds(1));
  EXPECT_THAT(Permit(), ReasonIs("GRANT_ENDED"));
}

TEST_F(GrantCheckerTest, FollowsRevocationsAndStatesOfTheAsset) {
  for (const auto state : {catalog::v1::ASSET_STATE_REGISTERED, catalog::v1::ASSET_STATE_SUSPENDED,
                           catalog::v1::ASSET_STATE_RETIRED}) {
    Asset().set_state(state);
    Show();
    EXPECT_THAT(Permit(), ReasonIs("ASSET_NOT_SHARED"));
  }
  Asset();
  Show();
  EXPECT_OK(Permit());
  Grant("g").mutable_revocation();
  Show();
  EXPECT_THAT(Permit(), ReasonIs("GRANT_REVOKED"));
}

TEST_F(GrantCheckerTest, AnOldViewPermitsNothing) {
  age_ = absl::Seconds(60);
  EXPECT_OK(Permit());
  age_ += absl::Nanoseconds(1);
  EXPECT_THAT(Permit(), ReasonIs("GRANTS_STALE"));
  EXPECT_THAT(Permit(), StatusIs(absl::StatusCode::kUnavailable));
  age_ = absl::InfiniteDuration();
  EXPECT_THAT(Permit(), ReasonIs("GRANTS_STALE"));
}

TEST_F(GrantCheckerTest, ABoundedGrantIsUsedUpAndTheNextTaken) {
  Grant("g").set_allowance(2);
  Grant("h").set_end_time_us(clock_.NowMicros() + 2'000'000);
  Show();
  book_.AddByOthers("g", 1);
  // The total of the first is not known yet.
  EXPECT_EQ(Permit()->grant->id, "h");
  ASSERT_OK(meter_.Flush());
  ASSERT_OK_AND_ASSIGN(PermittedUse last, Permit());
  EXPECT_EQ(last.grant->id, "g");
  ASSERT_OK_AND_ASSIGN(const PermittedUse next, Permit());
  EXPECT_EQ(next.grant->id, "h");
  last = PermittedUse();
  EXPECT_EQ(Permit()->grant->id, "g") << "given back";
}

TEST_F(GrantCheckerTest, SaysWhenAGrantIsUsedUpOrNobodyKnows) {
  Grant("g").set_allowance(1);
  Show();
  EXPECT_THAT(Permit(), ReasonIs("USE_NOT_KNOWN"));
  ASSERT_OK(meter_.Flush());
  ASSERT_OK_AND_ASSIGN(PermittedUse use, Permit());
  use.use.Commit();
  EXPECT_THAT(Permit(), ReasonIs("GRANT_EXHAUSTED"));
  ASSERT_OK(meter_.Flush());
  EXPECT_THAT(Permit(), ReasonIs("GRANT_EXHAUSTED"));
}

}  // namespace
}  // namespace tidemark::grants
