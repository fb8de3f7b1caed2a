#include "clients/cpp/catalog/catalog_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/time.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"

namespace tidemark::catalog_client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsNull;
using ::testing::NotNull;

constexpr int64_t kSecond = 1'000'000;

int64_t Utc(const char* text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return absl::ToUnixMicros(time);
}

class CatalogViewTest : public ::testing::Test {
 protected:
  void SetUp() override {
    catalog_.Observatory("Asia/Shanghai", {2020, 1, 1});
    catalog_.Region("cn", RegionLevel::kNation);
    catalog_.Region("cn-33", RegionLevel::kProvince, "cn");
    // Before its parent in order of names, in the same version.
    catalog_.Region("a-county", RegionLevel::kCounty, "cn-3302");
    catalog_.Region("cn-3302", RegionLevel::kCity, "cn-33");
    // A county directly below a province: the level between is left out.
    catalog_.Region("cn-339005", RegionLevel::kCounty, "cn-33");
  }
  const Region& Get(const CatalogView& view, std::string_view id) {
    const Region* region = view.regions().Find(id);
    EXPECT_THAT(region, NotNull()) << id;
    return *region;
  }
  std::vector<std::string> Names(const CatalogView& view, absl::Span<const Ordinal> regions) {
    std::vector<std::string> ids;
    for (const Ordinal region : regions) ids.push_back(view.regions()[region].id);
    return ids;
  }

  CatalogBuilder catalog_;
};

TEST_F(CatalogViewTest, EmptyHistoryGivesAnEmptyViewAtVersionZero) {
  const auto view = CatalogHistory({}).Newest();
  EXPECT_EQ(view->version(), 0u);
  EXPECT_EQ(view->hash(), std::string(32, '\0'));
  EXPECT_THAT(view->observatory(), IsNull());
  EXPECT_THAT(view->regions().Find("cn"), IsNull());
  EXPECT_THAT(view->RegionChildren(kNone), IsEmpty());
  EXPECT_THAT(view->Ids(EntityType::kObservatory), IsEmpty());
}

TEST_F(CatalogViewTest, ObservatoryIsResolved) {
  catalog_.Observatory("Asia/Shanghai", {2020, 1, 1}, "CNY", 3).set_log_id("ab");
  const auto view = catalog_.View();
  const Observatory* observatory = view->observatory();
  ASSERT_THAT(observatory, NotNull());
  EXPECT_EQ(observatory->currency, "CNY");
  EXPECT_EQ(observatory->scale, 3);
  EXPECT_EQ(observatory->fiscal_start_month, 1);
  EXPECT_EQ(observatory->start_us, Utc("2020-01-01T00:00:00+08:00"));
  EXPECT_EQ(observatory->start_day, absl::CivilDay(2020, 1, 1));
  EXPECT_EQ(observatory->log_id, "ab");
  EXPECT_TRUE(observatory->time_zone_known);
}

TEST_F(CatalogViewTest, AScaleThatIsLeftOutIsTwoAndZeroIsZero) {
  catalog_.Observatory("Asia/Shanghai", {2020, 1, 1}).clear_scale();
  EXPECT_EQ(catalog_.View()->observatory()->scale, 2);
  catalog_.Observatory("Asia/Shanghai", {2020, 1, 1}, "CNY", 0);
  EXPECT_EQ(catalog_.View()->observatory()->scale, 0);
}

TEST_F(CatalogViewTest, SchemesAreValidFromMidnightToMidnight) {
  auto& scheme = catalog_.Scheme("old", SchemeClass::kPerson, Normalisation::kTrim);
  SetDate({2024, 1, 1}, scheme.mutable_valid()->mutable_end());
  catalog_.Scheme("open", SchemeClass::kPerson, Normalisation::kTrim);
  const auto view = catalog_.View();
  EXPECT_EQ(view->schemes().Find("old")->valid.end_us, Utc("2024-01-01T00:00:00+08:00"));
  EXPECT_EQ(view->schemes().Find("open")->valid, Interval());
}

// The deepest that the catalog allows.
TEST_F(CatalogViewTest, FindsEveryLevelOfTheDeepestCategory) {
  catalog_.Category("c1");
  for (int level = 2; level <= 32; ++level) {
    catalog_.Category(absl::StrCat("c", level), absl::StrCat("c", level - 1));
  }
  const auto view = catalog_.View();
  const Category* deepest = view->categories().Find("c32");
  ASSERT_THAT(deepest, NotNull());
  EXPECT_EQ(deepest->level, 32);
  for (int level = 1; level <= 32; ++level) {
    const Ordinal at = view->CategoryAtLevel(deepest->ordinal, level);
    EXPECT_EQ(view->categories()[at].id, absl::StrCat("c", level));
  }
  EXPECT_EQ(view->CategoryAtLevel(deepest->ordinal, 33), kNone);
}

TEST_F(CatalogViewTest, AZoneThatTheHostDoesNotKnowIsFlagged) {
  catalog_.Observatory("Mars/Olympus", {2020, 1, 1});
  EXPECT_FALSE(catalog_.View()->observatory()->time_zone_known);
}

TEST_F(CatalogViewTest, FindsByIdAndOrdinal) {
  const auto view = catalog_.View();
  const Region& city = Get(*view, "cn-3302");
  EXPECT_EQ(city.level, RegionLevel::kCity);
  EXPECT_EQ(&view->regions()[city.ordinal], &city);
  EXPECT_EQ(view->FindEntity(EntityType::kRegion, "cn-3302"), &city);
  EXPECT_THAT(view->regions().Find("cn-3303"), IsNull());
  EXPECT_THAT(view->regions().Find(""), IsNull());
  EXPECT_THAT(view->Ids(EntityType::kRegion),
              ElementsAre("a-county", "cn", "cn-33", "cn-3302", "cn-339005"));
}

TEST_F(CatalogViewTest, AncestorsByLevel) {
  const auto view = catalog_.View();
  const Ordinal county = Get(*view, "a-county").ordinal;
  const Ordinal direct = Get(*view, "cn-339005").ordinal;
  EXPECT_EQ(view->RegionAtLevel(county, RegionLevel::kCounty), county);
  EXPECT_EQ(view->RegionAtLevel(county, RegionLevel::kCity), Get(*view, "cn-3302").ordinal);
  EXPECT_EQ(view->RegionAtLevel(county, RegionLevel::kNation), Get(*view, "cn").ordinal);
  EXPECT_EQ(view->RegionAtLevel(county, RegionLevel::kWorld), kNone);
  EXPECT_EQ(view->RegionAtLevel(county, RegionLevel::kTownship), kNone);
  EXPECT_EQ(view->RegionAtLevel(direct, RegionLevel::kCity), kNone);
  EXPECT_EQ(view->RegionAtLevel(direct, RegionLevel::kProvince), Get(*view, "cn-33").ordinal);
  EXPECT_THAT(Names(*view, view->RegionAncestors(county)), ElementsAre("cn-3302", "cn-33", "cn"));
}

TEST_F(CatalogViewTest, ARegionOfSeveralLevelsIsTheAncestorAtEach) {
  catalog_.Region("cn-31", RegionLevel::kProvince, "cn")
      .set_lowest_level(catalog::v1::REGION_LEVEL_CITY);
  catalog_.Region("cn-310115", RegionLevel::kCounty, "cn-31");
  const auto view = catalog_.View();
  const Ordinal shanghai = Get(*view, "cn-31").ordinal;
  const Ordinal pudong = Get(*view, "cn-310115").ordinal;
  for (const Ordinal region : {shanghai, pudong}) {
    EXPECT_EQ(view->RegionAtLevel(region, RegionLevel::kNation), Get(*view, "cn").ordinal);
    EXPECT_EQ(view->RegionAtLevel(region, RegionLevel::kProvince), shanghai);
    EXPECT_EQ(view->RegionAtLevel(region, RegionLevel::kCity), shanghai);
  }
  EXPECT_EQ(view->RegionAtLevel(shanghai, RegionLevel::kCounty), kNone);
  EXPECT_EQ(view->RegionAtLevel(pudong, RegionLevel::kCounty), pudong);
}

TEST_F(CatalogViewTest, TreeWalks) {
  const auto view = catalog_.View();
  const Ordinal nation = Get(*view, "cn").ordinal;
  const Ordinal province = Get(*view, "cn-33").ordinal;
  const Ordinal county = Get(*view, "a-county").ordinal;
  EXPECT_THAT(Names(*view, view->RegionChildren(kNone)), ElementsAre("cn"));
  EXPECT_THAT(Names(*view, view->RegionChildren(province)), ElementsAre("cn-3302", "cn-339005"));
  EXPECT_THAT(view->RegionChildren(county), IsEmpty());
  EXPECT_THAT(Names(*view, view->RegionSubtree(province)),
              ElementsAre("a-county", "cn-33", "cn-3302", "cn-339005"));
  EXPECT_TRUE(view->RegionIsWithin(county, nation));
  EXPECT_TRUE(view->RegionIsWithin(county, county));
  EXPECT_FALSE(view->RegionIsWithin(nation, county));
}

TEST_F(CatalogViewTest, ValidityIsHalfOpenAtTheZonesMidnights) {
  auto& region = catalog_.Region("old", RegionLevel::kCounty, "cn");
  SetDate({2021, 3, 1}, region.mutable_valid()->mutable_start());
  SetDate({2022, 3, 1}, region.mutable_valid()->mutable_end());
  const auto view = catalog_.View();
  const Interval valid = Get(*view, "old").valid;
  const int64_t start = Utc("2021-03-01T00:00:00+08:00");
  const int64_t end = Utc("2022-03-01T00:00:00+08:00");
  EXPECT_FALSE(valid.Contains(start - 1));
  EXPECT_TRUE(valid.Contains(start));
  EXPECT_TRUE(valid.Contains(end - 1));
  EXPECT_FALSE(valid.Contains(end));
  EXPECT_TRUE(Get(*view, "cn").valid.Contains(0));
}

// 2018-11-04 began at 01:00 in Sao Paulo: there was no midnight.
TEST_F(CatalogViewTest, ADayWithoutMidnightStartsAtTheEndOfTheGap) {
  catalog_.Observatory("America/Sao_Paulo", {2018, 11, 4});
  EXPECT_EQ(catalog_.View()->observatory()->start_us, Utc("2018-11-04T01:00:00-02:00"));
}

TEST_F(CatalogViewTest, SourceReferencesAndDefaults) {
  catalog_.Category("goods");
  auto& source = catalog_.Source("shop");
  source.add_regions("regions/cn-33");
  source.add_regions("regionGroups/pilot");
  source.add_categories("categories/goods");
  catalog_.Group("pilot").add_members()->set_member("regions/cn-3302");
  catalog_.Scheme("local.shop", SchemeClass::kPerson, Normalisation::kTrim)
      .set_source("sources/shop");
  const auto view = catalog_.View();
  const Source* found = view->sources().Find("shop");
  ASSERT_THAT(found, NotNull());
  EXPECT_EQ(found->kind, SourceKind::kLive);
  EXPECT_THAT(found->regions, ElementsAre(Get(*view, "cn-33").ordinal));
  EXPECT_THAT(found->region_groups, ElementsAre(view->region_groups().Find("pilot")->ordinal));
  EXPECT_THAT(found->categories, ElementsAre(view->categories().Find("goods")->ordinal));
  EXPECT_EQ(found->reports.start_us, view->observatory()->start_us);
  EXPECT_EQ(found->new_codes_per_day, 1'000'000u);
  EXPECT_EQ(found->quota, std::nullopt);
  EXPECT_EQ(view->schemes().Find("local.shop")->source, found->ordinal);
}

// Left out they would make it a source of all channels, and a category that has none of its own.
TEST_F(CatalogViewTest, ValuesOfALaterReleaseNeverWiden) {
  catalog_.Source("shop").add_channels(static_cast<ingest::v1::Channel>(7));
  auto& both = catalog_.Source("both");
  both.add_channels(ingest::v1::CHANNEL_OFFLINE);
  both.add_channels(static_cast<ingest::v1::Channel>(300));
  catalog_.Category("goods").add_precedence(static_cast<ingest::v1::ReportingRole>(9));
  const auto view = catalog_.View();
  const auto later = static_cast<Channel>(kLaterValue);
  EXPECT_THAT(view->sources().Find("shop")->channels, ElementsAre(later));
  EXPECT_THAT(view->sources().Find("both")->channels, ElementsAre(Channel::kOffline, later));
  EXPECT_THAT(view->categories().Find("goods")->precedence,
              ElementsAre(static_cast<ReportingRole>(kLaterValue)));
}

TEST_F(CatalogViewTest, QuotasOfSourcesAreResolved) {
  catalog_.Source("limited").mutable_quota()->set_events_per_second(500);
  auto& own = *catalog_.Source("own-burst").mutable_quota();
  own.set_events_per_second(500);
  own.set_burst(20);
  const auto view = catalog_.View();
  EXPECT_EQ(view->sources().Find("limited")->quota, (SourceQuota{500, 5000}));
  EXPECT_EQ(view->sources().Find("own-burst")->quota, (SourceQuota{500, 20}));
}

TEST_F(CatalogViewTest, CategoriesHaveLevelsAndPaths) {
  catalog_.Category("a-leaf", "middle");
  catalog_.Category("middle", "root");
  catalog_.Category("root");
  const auto view = catalog_.View();
  const Ordinal leaf = view->categories().Find("a-leaf")->ordinal;
  const Ordinal middle = view->categories().Find("middle")->ordinal;
  const Ordinal root = view->categories().Find("root")->ordinal;
  EXPECT_EQ(view->categories()[leaf].level, 3);
  EXPECT_EQ(view->categories()[root].level, 1);
  EXPECT_THAT(view->CategoryPath(leaf), ElementsAre(root, middle, leaf));
  EXPECT_EQ(view->CategoryAtLevel(leaf, 1), root);
  EXPECT_EQ(view->CategoryAtLevel(leaf, 3), leaf);
  EXPECT_EQ(view->CategoryAtLevel(leaf, 4), kNone);
  EXPECT_EQ(view->CategoryAtLevel(leaf, 0), kNone);
  EXPECT_TRUE(view->CategoryIsWithin(leaf, root));
  EXPECT_THAT(view->CategoryChildren(root), ElementsAre(middle));
  EXPECT_THAT(view->CategorySubtree(middle), ElementsAre(leaf, middle));
}

TEST_F(CatalogViewTest, GroupMembershipIsDatedAndNested) {
  auto& inner = catalog_.Group("inner");
  auto* member = inner.add_members();
  member->set_member("regions/cn-3302");
  SetDate({2021, 1, 1}, member->mutable_valid()->mutable_start());
  auto& outer = catalog_.Group("outer");
  auto* nested = outer.add_members();
  nested->set_member("regionGroups/inner");
  SetDate({2022, 1, 1}, nested->mutable_valid()->mutable_end());
  outer.add_members()->set_member("regions/cn-339005");
  const auto view = catalog_.View();
  const RegionGroup* group = view->region_groups().Find("outer");
  const Ordinal city = Get(*view, "cn-3302").ordinal;
  const Ordinal county = Get(*view, "cn-339005").ordinal;
  const int64_t start = Utc("2021-01-01T00:00:00+08:00");
  const int64_t end = Utc("2022-01-01T00:00:00+08:00");
  EXPECT_THAT(view->GroupRegionsAt(group->ordinal, start - kSecond), ElementsAre(county));
  EXPECT_THAT(view->GroupRegionsAt(group->ordinal, start), ElementsAre(city, county));
  EXPECT_THAT(view->GroupRegionsAt(group->ordinal, end), ElementsAre(county));
  ASSERT_EQ(group->regions.size(), 2u);
  EXPECT_THAT(group->regions[0].times, ElementsAre(Interval{start, end}));
}

TEST_F(CatalogViewTest, DisplayNamesFallBack) {
  auto& names = *catalog_.Put("regions/cn-33").mutable_display_names();
  names["zh"] = "浙江省";
  names["en"] = "Zhejiang";
  (*catalog_.Put("regions/cn").mutable_display_names())["fr"] = "Chine";
  const auto view = catalog_.View();
  const Region& province = Get(*view, "cn-33");
  EXPECT_EQ(DisplayName(province, "zh"), "浙江省");
  EXPECT_EQ(DisplayName(province, "zh-Hans"), "浙江省");
  EXPECT_EQ(DisplayName(province, "de"), "Zhejiang");
  EXPECT_EQ(DisplayName(province, ""), "Zhejiang");
  EXPECT_EQ(DisplayName(Get(*view, "cn"), "zh"), "Chine");
  EXPECT_EQ(DisplayName(Get(*view, "cn-3302"), "zh"), "cn-3302");
}

TEST_F(CatalogViewTest, FindsByNameAndAlias) {
  (*catalog_.Put("regions/cn-33").mutable_display_names())["zh"] = "浙江省";
  catalog_.Region("cn-33", RegionLevel::kProvince, "cn").add_aliases("330000");
  catalog_.Region("old", RegionLevel::kCounty, "cn").add_aliases("330000");
  const auto view = catalog_.View();
  EXPECT_THAT(view->FindByName(EntityType::kRegion, "浙江省"), ElementsAre("cn-33"));
  EXPECT_THAT(view->FindByName(EntityType::kRegion, "330000"), ElementsAre("cn-33", "old"));
  EXPECT_THAT(view->FindByName(EntityType::kRegion, " CN-33 "), ElementsAre("cn-33"));
  EXPECT_THAT(view->FindByName(EntityType::kRegion, "33"), IsEmpty());
  EXPECT_THAT(view->FindByName(EntityType::kObservatory, "main"), IsEmpty());
}

TEST_F(CatalogViewTest, NearestNamesWhatWasMeant) {
  (*catalog_.Put("regions/cn-3302").mutable_display_names())["zh"] = "宁波市";
  (*catalog_.Put("regions/cn-3302").mutable_display_names())["en"] = "Ningbo";
  catalog_.Source("uk-online-retail");
  const auto view = catalog_.View();
  EXPECT_THAT(view->Nearest(EntityType::kSource, "uk-online-retial"),
              ElementsAre("uk-online-retail"));
  EXPECT_THAT(view->Nearest(EntityType::kRegion, "宁波"), ElementsAre("cn-3302"));
  EXPECT_THAT(view->Nearest(EntityType::kRegion, "ningpo"), ElementsAre("cn-3302"));
  EXPECT_THAT(view->Nearest(EntityType::kRegion, "zzzzzzzzzzzz"), IsEmpty());
  EXPECT_THAT(view->Nearest(EntityType::kRegion, ""), IsEmpty());
  EXPECT_EQ(view->Nearest(EntityType::kRegion, "cn-3303", 1).size(), 1u);
  EXPECT_EQ(view->NearestHint(EntityType::kSource, "uk-online-retai"),
            "; nearest: uk-online-retail");
  EXPECT_EQ(view->NearestHint(EntityType::kSource, "nothing-like-it"), "");
}

TEST_F(CatalogViewTest, TokensAreFoundByHashOfTheSecret) {
  const std::string hash(32, 'h');
  auto& token = catalog_.Token("shop", Roles{1} << 1, hash);
  token.add_sources("sources/shop");
  token.set_region_scope("regions/cn-33");
  token.set_acts_for("organisations/shop");
  catalog_.Token("hidden", Roles{1} << 7, "");
  const auto view = catalog_.View();
  const Token* found = view->FindTokenBySecretHash(hash);
  ASSERT_THAT(found, NotNull());
  EXPECT_EQ(found->id, "shop");
  EXPECT_EQ(found->roles, Roles{1} << 1);
  EXPECT_THAT(found->sources, ElementsAre("shop"));
  EXPECT_EQ(found->region_scope, "regions/cn-33");
  EXPECT_EQ(found->acts_for, "organisations/shop");
  EXPECT_THAT(view->FindTokenBySecretHash(""), IsNull());
  EXPECT_THAT(view->FindTokenBySecretHash(std::string(32, 'x')), IsNull());
}

TEST_F(CatalogViewTest, GrantsAreFoundByAssetAndGranteeInEveryView) {
  const auto grant = [&](const std::string& id, const std::string& asset) -> auto& {
    auto& made = *catalog_.Put("grants/" + id).mutable_grant();
    made.set_asset("dataAssets/" + asset);
    made.set_grantee("organisations/lab");
    made.clear_purposes();
    made.add_purposes(type::v1::PURPOSE_RESEARCH);
    made.set_end_time_us(9);
    return made;
  };
  const auto ids = [](const CatalogView& view, std::string_view asset, std::string_view grantee) {
    std::vector<std::string> found;
    for (const Ordinal ordinal : view.GrantsOf(asset, grantee)) {
      found.push_back(view.grants()[ordinal].id);
    }
    return found;
  };
  auto& asset = *catalog_.Put("dataAssets/a").mutable_data_asset();
  asset.set_kind(catalog::v1::ASSET_KIND_LIVE_DATA);
  asset.set_state(catalog::v1::ASSET_STATE_ACTIVE);
  asset.add_subjects("regions/cn");
  SetDate({2024, 1, 1}, asset.mutable_covers()->mutable_start());
  grant("z", "a");
  grant("m", "b");
  CatalogHistory history({});
  catalog_.Commit();
  ASSERT_TRUE(catalog_.AppendTo(&history).ok());
  const auto first = history.Newest();
  grant("c", "a").set_allowance(5);
  catalog_.Commit();
  ASSERT_TRUE(catalog_.AppendTo(&history).ok());
  const auto second = history.Newest();
  catalog_.Region("cn-34", RegionLevel::kProvince, "cn");
  catalog_.Commit();
  ASSERT_TRUE(catalog_.AppendTo(&history).ok());
  const auto third = history.Newest();
  EXPECT_THAT(ids(*first, "a", "organisations/lab"), ElementsAre("z"));
  for (const auto& view : {second, third}) {
    EXPECT_THAT(ids(*view, "a", "organisations/lab"), ElementsAre("c", "z"));
    EXPECT_THAT(ids(*view, "b", "organisations/lab"), ElementsAre("m"));
    EXPECT_THAT(ids(*view, "a", "organisations/other"), IsEmpty());
    EXPECT_THAT(ids(*view, "", ""), IsEmpty());
  }
  EXPECT_EQ(&second->grants(), &third->grants()) << "shared while none changes";
  const Grant* found = third->grants().Find("c");
  ASSERT_THAT(found, NotNull());
  EXPECT_EQ(found->allowance, 5u);
  EXPECT_EQ(found->purposes, Purposes{1} << type::v1::PURPOSE_RESEARCH);
  EXPECT_FALSE(found->revoked);
  const DataAsset* shared = third->assets().Find("a");
  ASSERT_THAT(shared, NotNull());
  EXPECT_EQ(shared->state, AssetState::kActive);
  EXPECT_THAT(shared->subjects, ElementsAre("regions/cn"));
  EXPECT_GT(shared->covers.start_us, 0);
}

}  // namespace
}  // namespace tidemark::catalog_client
