#include "clients/cpp/catalog/catalog_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "clients/cpp/catalog/version_hash.h"
#include "common/testing/status_matchers.h"

namespace tidemark::catalog_client {
namespace {

using ::testing::IsNull;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::NotNull;
using testing::StatusIs;

std::vector<const catalog::v1::Change*> Pointers(const std::vector<catalog::v1::Change>& changes) {
  std::vector<const catalog::v1::Change*> pointers;
  for (const auto& change : changes) pointers.push_back(&change);
  return pointers;
}

// What two views of one version must agree in, as text.
std::string Dump(const CatalogView& view) {
  std::string text = absl::StrCat(view.version(), "\n");
  const auto interval = [&](const Interval& i) {
    absl::StrAppend(&text, " [", i.start_us, ",", i.end_us, ")");
  };
  for (const Source& source : view.sources().items()) {
    absl::StrAppend(&text, source.ordinal, " ", source.id);
    interval(source.reports);
    for (const Ordinal group : source.region_groups) {
      absl::StrAppend(&text, " ", view.region_groups()[group].id);
    }
    text += "\n";
  }
  for (const Region& region : view.regions().items()) {
    absl::StrAppend(&text, region.ordinal, " ", region.id, " ", region.parent, " ", region.version);
    interval(region.valid);
    text += "\n";
  }
  for (const RegionGroup& group : view.region_groups().items()) {
    absl::StrAppend(&text, group.ordinal, " ", group.id);
    for (const DatedRegion& region : group.regions) {
      absl::StrAppend(&text, " ", region.region);
      for (const Interval& time : region.times) interval(time);
    }
    text += "\n";
  }
  for (const Token& token : view.tokens().items()) absl::StrAppend(&text, token.id, "\n");
  return text;
}

// Forty versions with every kind of change, the observatory's late arrival among them.
CatalogBuilder RandomCatalog(uint32_t seed) {
  CatalogBuilder catalog;
  std::mt19937 random(seed);
  std::vector<std::string> groups;
  catalog.Region("r0", RegionLevel::kNation);
  catalog.Source("s0").add_regions("regions/r0");
  catalog.Commit();
  for (int i = 1; i < 40; ++i) {
    if (i == 9) catalog.Observatory("Asia/Shanghai", {2020, 1, 1});
    if (i == 30) catalog.Observatory("Asia/Shanghai", {2020, 1, 1}).set_log_id("ab");
    auto& region =
        catalog.Region(absl::StrCat("r", i % 25), RegionLevel::kCity, i % 25 == 0 ? "" : "r0");
    SetDate({2020, 1, 1 + static_cast<int>(random() % 28)},
            region.mutable_valid()->mutable_start());
    if (random() % 3 == 0) {
      groups.push_back(absl::StrCat("g", i));
      auto& group = catalog.Group(groups.back());
      group.add_members()->set_member(absl::StrCat("regions/r", i % 25));
      if (groups.size() > 1) {
        group.add_members()->set_member(absl::StrCat("regionGroups/", groups[0]));
      }
      catalog.Source("s0").add_regions(absl::StrCat("regionGroups/", groups.back()));
    } else if (groups.size() > 2 && random() % 2 == 0) {
      catalog.Delete(absl::StrCat("regionGroups/", groups[1]));
      groups.erase(groups.begin() + 1);
    }
    catalog.Token(absl::StrCat("t", random() % 4), 2, std::string(32, static_cast<char>(i)));
    if (random() % 4 == 0) catalog.Delete(absl::StrCat("tokens/t", random() % 4));
    catalog.Commit();
  }
  return catalog;
}

TEST(CatalogHistoryTest, EveryViewIsTheSameHoweverItIsReached) {
  for (const uint32_t seed : {1u, 2u, 3u, 4u, 5u}) {
    const CatalogBuilder catalog = RandomCatalog(seed);
    CatalogHistory stepwise({.cached_views = 2});
    CatalogHistory at_once({.cached_views = 0});
    ASSERT_THAT(catalog.AppendTo(&at_once), IsOk());
    for (uint64_t version = 1; version <= catalog.version(); ++version) {
      std::vector<const catalog::v1::Change*> changes;
      for (const auto& change : catalog.changes()) {
        if (change.version() == version) changes.push_back(&change);
      }
      ASSERT_THAT(stepwise.Append(changes, version, {catalog.hashes()[version - 1]}), IsOk());
      const auto scratch = at_once.ViewAt(version);
      ASSERT_THAT(scratch, IsOk());
      EXPECT_EQ(Dump(*stepwise.Newest()), Dump(**scratch)) << "seed " << seed;
      EXPECT_EQ((*scratch)->hash(), catalog.hashes()[version - 1]);
    }
    // Backwards and forwards over cached neighbours.
    for (const uint64_t version : {3u, 20u, 19u, 21u, 40u, 8u, 9u, 10u}) {
      EXPECT_EQ(Dump(**stepwise.ViewAt(version)), Dump(**at_once.ViewAt(version)));
    }
  }
}

TEST(CatalogHistoryTest, OrdinalsOfWhatIsNeverDeletedStay) {
  const CatalogBuilder catalog = RandomCatalog(7);
  CatalogHistory history({});
  ASSERT_THAT(catalog.AppendTo(&history), IsOk());
  const auto early = *history.ViewAt(5);
  for (const Region& region : early->regions().items()) {
    EXPECT_EQ(history.Newest()->regions().Find(region.id)->ordinal, region.ordinal);
  }
}

TEST(CatalogHistoryTest, ViewsShareWhatDidNotChange) {
  CatalogBuilder catalog;
  catalog.Region("cn", RegionLevel::kNation);
  catalog.Commit();
  CatalogHistory history({});
  ASSERT_THAT(catalog.AppendTo(&history), IsOk());
  const auto before = history.Newest();
  catalog.Token("t", 2, std::string(32, 'h'));
  catalog.Commit();
  ASSERT_THAT(catalog.AppendTo(&history), IsOk());
  EXPECT_EQ(&history.Newest()->regions(), &before->regions());
  EXPECT_THAT(history.Newest()->FindTokenBySecretHash(std::string(32, 'h')), NotNull());
}

TEST(CatalogHistoryTest, ADeletedTokenIsGone) {
  CatalogBuilder catalog;
  catalog.Token("a", 2, std::string(32, 'a'));
  catalog.Token("b", 2, std::string(32, 'b'));
  catalog.Commit();
  catalog.Delete("tokens/a");
  catalog.Commit();
  CatalogHistory history({});
  ASSERT_THAT(catalog.AppendTo(&history), IsOk());
  EXPECT_THAT(history.Newest()->FindTokenBySecretHash(std::string(32, 'a')), IsNull());
  EXPECT_EQ(history.Newest()->FindTokenBySecretHash(std::string(32, 'b'))->id, "b");
  EXPECT_THAT((*history.ViewAt(1))->FindTokenBySecretHash(std::string(32, 'a')), NotNull());
}

TEST(CatalogHistoryTest, VersionsThatDoNotExistAreOutOfRange) {
  const CatalogBuilder catalog = RandomCatalog(1);
  CatalogHistory history({});
  ASSERT_THAT(catalog.AppendTo(&history), IsOk());
  EXPECT_THAT(history.ViewAt(41), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(history.HashAt(41), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(history.HashAt(0), IsOkAndHolds(std::string(32, '\0')));
  EXPECT_THAT(history.HashAt(40), IsOkAndHolds(catalog.hashes()[39]));
  EXPECT_EQ((*history.ViewAt(0))->regions().size(), 0u);
}

TEST(CatalogHistoryTest, AppendRefusesDisorderAndLeavesNothingBehind) {
  CatalogBuilder catalog;
  catalog.Region("cn", RegionLevel::kNation);
  catalog.Commit();
  catalog.Region("cn-33", RegionLevel::kProvince, "cn");
  catalog.Commit();
  const auto changes = Pointers(catalog.changes());
  const auto& hashes = catalog.hashes();
  CatalogHistory history({});
  EXPECT_THAT(history.Append({changes[1], changes[0]}, 2, hashes),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(history.Append(changes, 1, hashes), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(history.Append(changes, 2, {hashes[0]}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(history.Append({changes[0]}, 1, hashes),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(history.stored_version(), 0u);
  EXPECT_THAT(history.Append(changes, 2, hashes), IsOk());
  EXPECT_THAT(history.Append(changes, 2, hashes), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(history.Append({}, 2, {}), IsOk());
  EXPECT_EQ(history.last_version(), 2u);
}

TEST(CatalogHistoryTest, AChangeThatWasTamperedWithIsDataLoss) {
  CatalogBuilder catalog;
  catalog.Region("cn", RegionLevel::kNation);
  catalog.Commit();
  catalog::v1::Change change = catalog.changes()[0];
  catalog::v1::Resource state;
  ASSERT_TRUE(state.ParseFromString(change.state()));
  state.mutable_region()->add_aliases("forged");
  change.set_state(state.SerializeAsString());
  CatalogHistory history({});
  EXPECT_THAT(history.Append({&change}, 1, catalog.hashes()),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(history.stored_version(), 0u);
  CatalogHistory unchecked({.verify_hashes = false});
  EXPECT_THAT(unchecked.Append({&change}, 1, catalog.hashes()), IsOk());
}

TEST(CatalogHistoryTest, AStateThatIsNoResourceIsDataLoss) {
  CatalogBuilder catalog;
  catalog.Region("cn", RegionLevel::kNation);
  catalog.Commit();
  catalog::v1::Change change = catalog.changes()[0];
  change.mutable_state()->pop_back();
  CatalogHistory history({.verify_hashes = false});
  EXPECT_THAT(history.Append({&change}, 1, catalog.hashes()),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(history.stored_version(), 0u);
}

TEST(CatalogHistoryTest, ReadsStatesOfANewerRelease) {
  CatalogBuilder catalog;
  catalog.Region("cn", RegionLevel::kNation);
  catalog.Commit();
  catalog::v1::Change change = catalog.changes()[0];
  change.set_state("\x4a\x03new" + change.state() + "\xa2\x06\x03new");
  CatalogHistory history({});
  ASSERT_THAT(history.Append({&change}, 1, {NextVersionHash(ZeroHash(), {&change})}), IsOk());
  EXPECT_EQ(history.Newest()->regions().Find("cn")->level, RegionLevel::kNation);
  EXPECT_EQ(history.Newest()->regions().Find("cn")->version, 1u);
}

TEST(CatalogHistoryTest, ABacklogIsShownByDoublingAndAtItsEnd) {
  CatalogHistory history({});
  CatalogBuilder catalog;
  for (uint64_t version = 1; version <= 5; ++version) {
    catalog.Region(absl::StrCat("r", version), RegionLevel::kNation);
    catalog.Commit();
    const catalog::v1::Change* change = &catalog.changes().back();
    ASSERT_THAT(history.Append({change}, version, {catalog.hashes().back()}, true), IsOk());
    const uint64_t shown[] = {1, 2, 2, 4, 4};
    EXPECT_EQ(history.last_version(), shown[version - 1]);
    EXPECT_EQ(history.stored_version(), version);
  }
  EXPECT_EQ((*history.ViewAt(5))->regions().size(), 5u);
  ASSERT_THAT(history.Append({}, 5, {}), IsOk());
  EXPECT_EQ(history.last_version(), 5u);
  EXPECT_EQ(history.Newest()->hash(), catalog.hashes().back());
}

TEST(CatalogHistoryTest, TellsTheLastVersionThatChangedTypes) {
  CatalogBuilder catalog;
  catalog.Region("cn", RegionLevel::kNation);
  catalog.Commit();
  catalog.Token("t", 2, "");
  catalog.Commit();
  catalog.Region("cn-33", RegionLevel::kProvince, "cn");
  catalog.Category("goods");
  catalog.Commit();
  CatalogHistory history({});
  ASSERT_THAT(catalog.AppendTo(&history), IsOk());
  const EntityTypes regions = TypeBit(EntityType::kRegion);
  const EntityTypes tokens = TypeBit(EntityType::kToken);
  EXPECT_EQ(history.LastVersionThatChanged(regions, 3), 3u);
  EXPECT_EQ(history.LastVersionThatChanged(regions, 2), 1u);
  EXPECT_EQ(history.LastVersionThatChanged(tokens, 3), 2u);
  EXPECT_EQ(history.LastVersionThatChanged(tokens, 1), 0u);
  EXPECT_EQ(history.LastVersionThatChanged(kAllButTokens, 2), 1u);
  EXPECT_EQ(history.LastVersionThatChanged(kAllTypes, 2), 2u);
  EXPECT_EQ(history.LastVersionThatChanged(TypeBit(EntityType::kSource), 3), 0u);
}

TEST(CatalogHistoryTest, KeepsAFewViews) {
  const CatalogBuilder catalog = RandomCatalog(3);
  CatalogHistory history({.cached_views = 2});
  ASSERT_THAT(catalog.AppendTo(&history), IsOk());
  const auto five = *history.ViewAt(5);
  EXPECT_EQ(*history.ViewAt(5), five);
  (void)history.ViewAt(6);
  EXPECT_EQ(*history.ViewAt(5), five);
  (void)history.ViewAt(7);
  (void)history.ViewAt(8);
  EXPECT_NE(*history.ViewAt(5), five);
}

}  // namespace
}  // namespace tidemark::catalog_client
