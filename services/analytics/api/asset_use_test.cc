// Queries by a shared asset: permitted by a grant, confined to what it shares, counted once each.
#include "clients/cpp/access/rpc_access.h"
#include "clients/cpp/grants/fake_use_book.h"
#include "clients/cpp/grants/grant_checker.h"
#include "services/analytics/api/service_fixture_test.h"
#include "tidemark/catalog/v1/rights.pb.h"

namespace tidemark::analytics {
namespace {

constexpr char kUse[] = "asset: 'dataAssets/a' purpose: PURPOSE_RESEARCH ";

class AssetUseTest : public AnalyticsServiceTest {
 protected:
  AssetUseTest()
      : meter_({.reporter = "r",
                .report = [this](const auto& request) { return book_.Report(request); },
                .view = [this] { return history_.Newest(); },
                .interval = absl::InfiniteDuration()}),
        checker_({.view = [this] { return history_.Newest(); },
                  .age = [this] { return age_; },
                  .clock = &clock_,
                  .meter = &meter_}) {
    grant_checker_ = &checker_;
    Asset({"sources/" + Live(), "categories/" + world_.categories.back().id});
    Grant();
    Show();
    Serve(Grantee());
  }
  static rpc::Caller Grantee() {
    return {.token_name = "tokens/g",
            .principal = "g",
            .roles = access::Bit(access::Role::kGrantee),
            .acts_for = "organisations/o"};
  }
  std::string Live() const {
    for (const auto& source : world_.sources) {
      if (source.live) return source.id;
    }
    return "";
  }
  catalog::v1::DataAsset& Asset(const std::vector<std::string>& subjects) {
    auto& asset = *catalog_.Put("dataAssets/a").mutable_data_asset();
    asset.set_kind(catalog::v1::ASSET_KIND_LIVE_DATA);
    asset.set_state(catalog::v1::ASSET_STATE_ACTIVE);
    asset.clear_subjects();
    for (const std::string& subject : subjects) asset.add_subjects(subject);
    return asset;
  }
  catalog::v1::Grant& Grant() {
    auto& grant = *catalog_.Put("grants/g").mutable_grant();
    grant.set_asset("dataAssets/a");
    grant.set_grantee("organisations/o");
    grant.clear_purposes();
    grant.add_purposes(type::v1::PURPOSE_RESEARCH);
    grant.set_end_time_us(INT64_MAX);
    return grant;
  }
  void Show() {
    catalog_.Commit();
    ASSERT_OK(catalog_.AppendTo(&history_));
  }
  uint64_t Counted() {
    EXPECT_OK(meter_.Flush());
    return book_.units("g");
  }

  absl::Duration age_ = absl::ZeroDuration();
  grants::FakeUseBook book_;
  grants::UseMeter meter_;
  const grants::GrantChecker checker_;
};

TEST_F(AssetUseTest, AnswersFromWhatTheAssetSharesAndCountsIt) {
  ASSERT_OK_AND_ASSIGN(const auto answer, Ask(Query(kMonthly, kUse)));
  EXPECT_EQ(answer.meta().grant(), "grants/g");
  auto same = ParseText<v1::Query>(kMonthly);
  auto& source = *same.add_filters();
  source.set_dimension("source");
  source.add_codes(Live());
  auto& category = *same.add_filters();
  category.set_dimension("category");
  category.add_codes(world_.categories.back().id);
  EXPECT_EQ(
      testing::Difference(testing::Recount(world_, same, world_.log_size()), 0, answer.result()),
      "");
  EXPECT_EQ(answer.result().notes(0).code(), "ASSET_SCOPE");
  EXPECT_EQ(Counted(), 1u);
}

TEST_F(AssetUseTest, PlacesAreThoseOfTheConsumers) {
  Asset({"regions/cn-33"});
  Show();
  ASSERT_OK_AND_ASSIGN(const auto answer, Ask(Query(kMonthly, kUse)));
  const auto query = ParseText<v1::Query>(kMonthly);
  EXPECT_EQ(testing::Difference(testing::Recount(world_, query, world_.log_size(), "regions/cn-33"),
                                0, answer.result()),
            "");
}

TEST_F(AssetUseTest, AnAnswerOfOneScopeIsNotGivenInAnother) {
  ASSERT_OK_AND_ASSIGN(const auto before, Ask(Query(kMonthly, kUse)));
  Asset({"regions/cn-33"});
  Show();
  ASSERT_OK_AND_ASSIGN(const auto after, Ask(Query(kMonthly, kUse)));
  EXPECT_NE(before.result().SerializeAsString(), after.result().SerializeAsString());
  Serve({.token_name = "t", .principal = "p", .roles = access::Bit(access::Role::kAnalyst)});
  ASSERT_OK_AND_ASSIGN(const auto whole, Ask(Query(kMonthly)));
  EXPECT_NE(whole.result().SerializeAsString(), after.result().SerializeAsString());
  EXPECT_EQ(whole.meta().grant(), "");
  EXPECT_EQ(Counted(), 2u);
}

TEST_F(AssetUseTest, TheQuerysOwnFiltersNarrowAndNeverWiden) {
  std::string other;
  for (const auto& source : world_.sources) {
    if (source.live && source.id != Live()) other = source.id;
  }
  ASSERT_NE(other, "");
  const std::string query =
      "measures { name: 'events' } filters { dimension: 'source' codes: '" + other + "' }";
  ASSERT_OK_AND_ASSIGN(const auto answer, Ask(Query(query, kUse)));
  EXPECT_EQ(answer.result().columns(0).integers().values(0), 0);
  // Which codes others reported is not told.
  EXPECT_OK(Ask(
      Query("measures { name: 'net' } filters { dimension: 'product' codes: 'nowhere' }", kUse)));
}

TEST_F(AssetUseTest, EachPageCountsAndBelongsToTheAsset) {
  ASSERT_OK_AND_ASSIGN(const auto first, Ask(Query(kMonthly, std::string(kUse) + "page_size: 3")));
  const std::string token = first.meta().next_page_token();
  ASSERT_NE(token, "");
  const std::string next = "page_size: 3 page_token: '" + token + "'";
  ASSERT_OK(Ask(Query(kMonthly, kUse + next)));
  EXPECT_EQ(Counted(), 2u);
  Asset({"regions/cn-33"});
  Show();
  EXPECT_THAT(Ask(Query(kMonthly, kUse + next)), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(Counted(), 2u);
}

TEST_F(AssetUseTest, RefusalsHaveReasonsAndAreNotCounted) {
  EXPECT_THAT(Ask(Query(kMonthly)), ReasonIs("ASSET_REQUIRED"));
  EXPECT_THAT(Ask(""), ReasonIs("ASSET_REQUIRED"));
  EXPECT_THAT(Ask(Query(kMonthly, "asset: 'dataAssets/a'")), ReasonIs("INVALID_PURPOSE"));
  EXPECT_THAT(Ask(Query(kMonthly, "asset: 'dataAssets/a' purpose: PURPOSE_COMMERCIAL")),
              ReasonIs("GRANT_PURPOSE"));
  EXPECT_THAT(Ask(Query(kMonthly, "asset: 'a' purpose: PURPOSE_RESEARCH")),
              ReasonIs("ASSET_NOT_SHARED"));
  EXPECT_THAT(
      Ask(Query(kMonthly, "asset: '" + std::string(1000, 'a') + "' purpose: PURPOSE_RESEARCH")),
      ReasonIs("INVALID_NAME"));
  EXPECT_THAT(Ask(Query("measures { name: 'new_consumers' } grain: GRAIN_MONTH", kUse)),
              ReasonIs("OUTSIDE_ASSET"));
  age_ = absl::Seconds(61);
  EXPECT_THAT(Ask(Query(kMonthly, kUse)), ReasonIs("GRANTS_STALE"));
  age_ = absl::ZeroDuration();
  Asset({"categories/nowhere"});
  Show();
  EXPECT_THAT(Ask(Query(kMonthly, kUse)), ReasonIs("ASSET_SUBJECTS"));
  Asset({});
  Show();
  EXPECT_THAT(Ask(Query(kMonthly, kUse)), ReasonIs("ASSET_NOT_EVENTS"));
  Asset({"regions/cn-33"});
  Grant().mutable_revocation();
  Show();
  EXPECT_THAT(Ask(Query(kMonthly, kUse)), ReasonIs("GRANT_REVOKED"));
  rpc::Caller other = Grantee();
  other.acts_for = "organisations/p";
  Serve(other);
  EXPECT_THAT(Ask(Query(kMonthly, kUse)), ReasonIs("GRANT_MISSING"));
  EXPECT_EQ(Counted(), 0u);
}

TEST_F(AssetUseTest, DaysThatTheAssetDoesNotCoverAreNotAnswered) {
  auto& covers = *Asset({"regions/cn-33"}).mutable_covers();
  catalog_client::SetDate({world_.observatory_start.year + 1, 1, 1}, covers.mutable_start());
  Show();
  const std::string year = absl::StrCat(world_.observatory_start.year + 1);
  EXPECT_THAT(Ask(Query(kMonthly, kUse)), ReasonIs("OUTSIDE_ASSET"));
  const std::string range =
      "measures { name: 'net' } range { first: '" + year + "' } grain: GRAIN_YEAR ";
  EXPECT_OK(Ask(Query(range, kUse)));
  // The year before is read to compare with.
  EXPECT_THAT(Ask(Query(range + "comparisons: COMPARISON_YOY", kUse)), ReasonIs("OUTSIDE_ASSET"));
}

TEST_F(AssetUseTest, AnAnalystMayUseAnAssetToo) {
  rpc::Caller both = Grantee();
  both.roles |= access::Bit(access::Role::kAnalyst);
  Serve(both);
  ASSERT_OK(Ask(Query(kMonthly)));
  EXPECT_EQ(Counted(), 0u);
  ASSERT_OK(Ask(Query(kMonthly, kUse)));
  EXPECT_EQ(Counted(), 1u);
}

}  // namespace
}  // namespace tidemark::analytics
