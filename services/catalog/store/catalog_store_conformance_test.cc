// Every CatalogStore must pass these; the in-memory one is the oracle of the others.
#include <map>
#include <random>

#include "common/base/hex.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"
#include "services/catalog/domain/canonical.h"
#include "services/catalog/domain/catalog_store.h"
#include "services/catalog/domain/testing_resources.h"
#include "services/catalog/store/memory_catalog_store.h"
#include "services/catalog/store/sqlite_catalog_store.h"

namespace tidemark::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::MakeGroup;
using testing::MakeRegion;
using ::tidemark::testing::IsOkAndHolds;
using ::tidemark::testing::StatusIs;

constexpr size_t kPlenty = size_t{1} << 30;

struct Engine {
  std::string name;
  std::function<std::unique_ptr<CatalogStore>(const std::string& dir)> open;
};

std::unique_ptr<CatalogStore> OpenSqlite(const std::string& dir) {
  auto store = SqliteCatalogStore::Open({.path = dir + "/catalog.db"});
  EXPECT_OK(store);
  return store.ok() ? *std::move(store) : nullptr;
}

Change Put(const Resource& resource, uint64_t version, ChangeKind kind = ChangeKind::kCreate) {
  auto state = std::make_shared<Resource>(resource);
  state->version = version;
  state->update_time_us = static_cast<int64_t>(1000 + version);
  state->updated_by = "steward";
  return {version, state->update_time_us, "steward", kind, resource.name, nullptr, state};
}

Change Remove(const std::string& name, uint64_t version) {
  return {version, static_cast<int64_t>(1000 + version), "steward", ChangeKind::kDelete, name};
}

NewVersion Version(uint64_t version, std::vector<Change> changes) {
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) { return a.name < b.name; });
  return {version, static_cast<int64_t>(1000 + version), "steward", std::move(changes)};
}

std::vector<std::string> NamesOf(const std::vector<ResourcePtr>& resources) {
  std::vector<std::string> names;
  for (const ResourcePtr& resource : resources) names.push_back(resource->name);
  return names;
}

class CatalogStoreConformance : public ::testing::TestWithParam<Engine> {
 protected:
  CatalogStoreConformance() : store_(GetParam().open(dir_.path())) {}
  tidemark::testing::TempDir dir_;
  std::unique_ptr<CatalogStore> store_;
};

TEST_P(CatalogStoreConformance, IsEmptyAtFirst) {
  EXPECT_EQ(store_->head().version, 0u);
  EXPECT_EQ(store_->head().hash, std::string(32, '\0'));
  EXPECT_THAT(store_->Read("regions/a", 0), IsOkAndHolds(ResourcePtr()));
  ASSERT_OK_AND_ASSIGN(const auto list, store_->List("regions", 0, "", 10, kPlenty));
  EXPECT_THAT(list, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto changes, store_->ChangesAfter({}, kPlenty));
  EXPECT_THAT(changes.changes, IsEmpty());
}

TEST_P(CatalogStoreConformance, KeepsEveryVersionReadable) {
  Resource region = MakeRegion("a", RegionLevel::kNation);
  ASSERT_OK(store_->Append(Version(1, {Put(region, 1)})));
  region.description = "变了";
  ASSERT_OK(store_->Append(Version(2, {Put(region, 2, ChangeKind::kUpdate)})));
  ASSERT_OK_AND_ASSIGN(const ResourcePtr first, store_->Read("regions/a", 1));
  ASSERT_OK_AND_ASSIGN(const ResourcePtr second, store_->Read("regions/a", 2));
  EXPECT_EQ(first->description, "");
  EXPECT_EQ(first->version, 1u);
  EXPECT_EQ(second->description, "变了");
  EXPECT_EQ(second->update_time_us, 1002);
  EXPECT_EQ(second->updated_by, "steward");
  EXPECT_THAT(store_->Read("regions/a", 0), IsOkAndHolds(ResourcePtr()));
}

TEST_P(CatalogStoreConformance, RefusesAVersionThatDoesNotFollow) {
  EXPECT_THAT(store_->Append(Version(2, {Put(MakeGroup("g", {}), 2)})),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(store_->head().version, 0u);
}

TEST_P(CatalogStoreConformance, ListsOneCollectionByNameWithinLimits) {
  ASSERT_OK(
      store_->Append(Version(1, {Put(MakeRegion("b", RegionLevel::kNation), 1),
                                 Put(MakeRegion("a", RegionLevel::kNation), 1),
                                 Put(MakeRegion("a.1", RegionLevel::kNation), 1),
                                 Put(MakeGroup("a", {}), 1), Put(testing::MakeSource("a"), 1)})));
  ASSERT_OK_AND_ASSIGN(const auto all, store_->List("regions", 1, "", 10, kPlenty));
  EXPECT_THAT(NamesOf(all), ElementsAre("regions/a", "regions/a.1", "regions/b"));
  ASSERT_OK_AND_ASSIGN(const auto two, store_->List("regions", 1, "", 2, kPlenty));
  EXPECT_THAT(NamesOf(two), ElementsAre("regions/a", "regions/a.1"));
  ASSERT_OK_AND_ASSIGN(const auto rest, store_->List("regions", 1, "regions/a.1", 2, kPlenty));
  EXPECT_THAT(NamesOf(rest), ElementsAre("regions/b"));
  ASSERT_OK_AND_ASSIGN(const auto small, store_->List("regions", 1, "", 10, 1));
  EXPECT_THAT(NamesOf(small), ElementsAre("regions/a"));
}

TEST_P(CatalogStoreConformance, ListsStatesThatTheCallerHasAsTheCallerHasThem) {
  ASSERT_OK(store_->Append(Version(1, {Put(MakeGroup("a", {}), 1), Put(MakeGroup("b", {}), 1)})));
  ASSERT_OK(store_->Append(Version(2, {Remove("regionGroups/a", 2)})));
  Resource changed = MakeGroup("b", {});
  changed.description = "two";
  ASSERT_OK(store_->Append(Version(3, {Put(changed, 3, ChangeKind::kUpdate)})));
  const auto mine = std::make_shared<const Resource>(changed);
  std::vector<std::pair<std::string, uint64_t>> asked;
  const auto known = [&](std::string_view name, uint64_t version) {
    asked.emplace_back(name, version);
    return name == "regionGroups/b" && version == 3 ? mine : nullptr;
  };
  ASSERT_OK_AND_ASSIGN(const auto now, store_->List("regionGroups", 3, "", 10, kPlenty, known));
  ASSERT_EQ(now.size(), 1U);
  EXPECT_EQ(now[0], mine);
  ASSERT_OK_AND_ASSIGN(const auto then, store_->List("regionGroups", 1, "", 10, kPlenty, known));
  EXPECT_THAT(NamesOf(then), ElementsAre("regionGroups/a", "regionGroups/b"));
  EXPECT_NE(then[1], mine);
  EXPECT_THAT(asked, ::testing::Contains(std::pair<std::string, uint64_t>("regionGroups/b", 1)));
}

TEST_P(CatalogStoreConformance, HidesDeletedResourcesFromTheirVersionOn) {
  ASSERT_OK(store_->Append(Version(1, {Put(MakeGroup("g", {}), 1)})));
  ASSERT_OK(store_->Append(Version(2, {Remove("regionGroups/g", 2)})));
  EXPECT_THAT(store_->Read("regionGroups/g", 2), IsOkAndHolds(ResourcePtr()));
  ASSERT_OK_AND_ASSIGN(const auto now, store_->List("regionGroups", 2, "", 10, kPlenty));
  EXPECT_THAT(now, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto then, store_->List("regionGroups", 1, "", 10, kPlenty));
  EXPECT_THAT(NamesOf(then), ElementsAre("regionGroups/g"));
}

TEST_P(CatalogStoreConformance, TellsHistoryNewestFirstWithBefore) {
  Resource group = MakeGroup("g", {});
  ASSERT_OK(store_->Append(Version(1, {Put(group, 1)})));
  group.description = "two";
  ASSERT_OK(store_->Append(Version(2, {Put(group, 2, ChangeKind::kUpdate)})));
  ASSERT_OK(store_->Append(Version(3, {Remove(group.name, 3)})));
  ASSERT_OK_AND_ASSIGN(const auto all, store_->History(group.name, 100, 10, kPlenty));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].kind, ChangeKind::kDelete);
  EXPECT_EQ(all[0].after, nullptr);
  EXPECT_EQ(all[0].before->description, "two");
  EXPECT_EQ(all[1].before->version, 1u);
  EXPECT_EQ(all[1].after->version, 2u);
  EXPECT_EQ(all[2].kind, ChangeKind::kCreate);
  EXPECT_EQ(all[2].before, nullptr);
  ASSERT_OK_AND_ASSIGN(const auto one, store_->History(group.name, 3, 1, kPlenty));
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].version, 2u);
  EXPECT_EQ(one[0].before->version, 1u);
  ASSERT_OK_AND_ASSIGN(const auto small, store_->History(group.name, 100, 10, 0));
  EXPECT_EQ(small.size(), 1u);
  EXPECT_NE(small[0].before, nullptr);
}

TEST_P(CatalogStoreConformance, GivesTheChangesInSteps) {
  ASSERT_OK(store_->Append(Version(1, {Put(MakeGroup("a", {}), 1), Put(MakeGroup("b", {}), 1)})));
  ASSERT_OK_AND_ASSIGN(const Head head, store_->Append(Version(2, {Remove("regionGroups/a", 2)})));
  // A version larger than a step is split.
  ASSERT_OK_AND_ASSIGN(const auto part, store_->ChangesAfter({}, 1));
  ASSERT_EQ(part.changes.size(), 1u);
  EXPECT_EQ(part.changes[0].name, "regionGroups/a");
  EXPECT_EQ(part.changes[0].state, EncodeState(MakeGroup("a", {})));
  EXPECT_EQ(part.changes[0].changed_by, "steward");
  EXPECT_THAT(part.hashes, IsEmpty());
  EXPECT_EQ(part.end.version, 0u);
  EXPECT_EQ(part.end.name, "regionGroups/a");
  ASSERT_OK_AND_ASSIGN(const auto first, store_->ChangesAfter(part.end, 1));
  ASSERT_EQ(first.changes.size(), 1u);
  EXPECT_EQ(first.changes[0].name, "regionGroups/b");
  ASSERT_EQ(first.hashes.size(), 1u);
  EXPECT_EQ(first.end.version, 1u);
  EXPECT_EQ(first.end.name, "");
  ASSERT_OK_AND_ASSIGN(const auto second, store_->ChangesAfter(first.end, 1));
  ASSERT_EQ(second.changes.size(), 1u);
  EXPECT_EQ(second.changes[0].kind, ChangeKind::kDelete);
  EXPECT_EQ(second.changes[0].state, "");
  ASSERT_EQ(second.hashes.size(), 1u);
  EXPECT_EQ(second.hashes[0].hash, head.hash);
  EXPECT_EQ(head.hash, store_->head().hash);
  EXPECT_THAT(store_->HashAt(2), IsOkAndHolds(head.hash));
  EXPECT_THAT(store_->HashAt(1), IsOkAndHolds(first.hashes[0].hash));
  EXPECT_THAT(store_->HashAt(0), IsOkAndHolds(std::string(32, '\0')));
  EXPECT_THAT(store_->HashAt(3), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK_AND_ASSIGN(const auto both, store_->ChangesAfter({}, kPlenty));
  EXPECT_EQ(both.changes.size(), 3u);
  EXPECT_EQ(both.hashes.size(), 2u);
  ASSERT_OK_AND_ASSIGN(const auto none, store_->ChangesAfter(both.end, kPlenty));
  EXPECT_THAT(none.changes, IsEmpty());
  EXPECT_EQ(none.end.version, 2u);
}

// The example of docs/formats/catalog-store.md.
TEST_P(CatalogStoreConformance, MakesTheHashOfTheFormat) {
  Resource region = MakeRegion("cn", RegionLevel::kNation);
  region.display_names.clear();
  Change change = Put(region, 1);
  change.time_us = 1'000'000;
  ASSERT_OK_AND_ASSIGN(const Head head, store_->Append({1, 1'000'000, "steward", {change}}));
  EXPECT_EQ(base::HexEncode(head.hash),
            "3d0ce0c42acc70229746edaf4a3a2e73e22fa73cec187fb25a2bd25c997ddc6d");
}

TEST_P(CatalogStoreConformance, RemembersAnswersUntilTheyAreOld) {
  const RequestRecord record = {{"p", "ApplyResources", "id"}, "print", 7, true, 5000};
  ASSERT_OK_AND_ASSIGN(const auto none, store_->FindRequest(record.key, 0));
  EXPECT_FALSE(none.has_value());
  ASSERT_OK(store_->RecordRequest(record));
  ASSERT_OK_AND_ASSIGN(const auto found, store_->FindRequest(record.key, 5000));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->fingerprint, "print");
  EXPECT_EQ(found->version, 7u);
  EXPECT_TRUE(found->made_version);
  ASSERT_OK_AND_ASSIGN(const auto old, store_->FindRequest(record.key, 5001));
  EXPECT_FALSE(old.has_value());
  ASSERT_OK_AND_ASSIGN(const auto other, store_->FindRequest({"q", "ApplyResources", "id"}, 0));
  EXPECT_FALSE(other.has_value());
  ASSERT_OK(store_->PruneRequests(5001));
  ASSERT_OK_AND_ASSIGN(const auto pruned, store_->FindRequest(record.key, 0));
  EXPECT_FALSE(pruned.has_value());
}

TEST_P(CatalogStoreConformance, RecordsTheRequestWithItsVersion) {
  NewVersion version = Version(1, {Put(MakeGroup("g", {}), 1)});
  version.request = RequestRecord{{"p", "DeleteResource", "id"}, "print", 1, true, 5000};
  ASSERT_OK(store_->Append(version));
  ASSERT_OK_AND_ASSIGN(const auto found, store_->FindRequest(version.request->key, 0));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->version, 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Engines, CatalogStoreConformance,
    ::testing::Values(Engine{"Memory",
                             [](const std::string&) -> std::unique_ptr<CatalogStore> {
                               return std::make_unique<MemoryCatalogStore>();
                             }},
                      Engine{"Sqlite", OpenSqlite}),
    [](const auto& info) { return info.param.name; });

// The model: for each version, every resource that exists, by name.
using State = std::map<std::string, Resource>;

struct Model {
  std::vector<State> states = {{}};
  std::map<std::string, std::vector<Change>> history;
};

NewVersion RandomVersion(std::mt19937& random, Model& model) {
  const uint64_t version = model.states.size();
  State state = model.states.back();
  std::map<std::string, Change> changes;
  const int count = std::uniform_int_distribution<>(1, 5)(random);
  for (int i = 0; i < count; ++i) {
    const std::string id = absl::StrCat("r", std::uniform_int_distribution<>(0, 30)(random));
    Resource resource =
        random() % 2 == 0 ? MakeGroup(id, {"regions/x"}) : MakeRegion(id, RegionLevel::kCity, "p");
    if (changes.contains(resource.name)) continue;
    const bool exists = state.contains(resource.name);
    if (exists && random() % 3 == 0) {
      changes.emplace(resource.name, Remove(resource.name, version));
      state.erase(resource.name);
      continue;
    }
    resource.description = absl::StrCat("状态 ", random());
    Change change = Put(resource, version, exists ? ChangeKind::kUpdate : ChangeKind::kCreate);
    state[resource.name] = *change.after;
    changes.emplace(resource.name, std::move(change));
  }
  std::vector<Change> list;
  for (const auto& [name, change] : changes) {
    list.push_back(change);
    model.history[name].push_back(change);
  }
  model.states.push_back(std::move(state));
  return Version(version, std::move(list));
}

void ExpectSame(const CatalogStore& store, const Model& model, uint64_t version,
                const std::string& collection) {
  std::vector<std::string> want;
  for (const auto& [name, resource] : model.states[version]) {
    if (name.starts_with(collection + "/")) want.push_back(name);
  }
  std::vector<std::string> got;
  std::string after;
  for (;;) {
    ASSERT_OK_AND_ASSIGN(const auto page, store.List(collection, version, after, 3, kPlenty));
    if (page.empty()) break;
    for (const ResourcePtr& resource : page) {
      got.push_back(resource->name);
      EXPECT_TRUE(SameState(*resource, model.states[version].at(resource->name)));
      EXPECT_EQ(resource->version, model.states[version].at(resource->name).version);
    }
    after = page.back()->name;
  }
  EXPECT_EQ(got, want) << "at version " << version;
}

TEST(CatalogStoreModelTest, SqliteAndMemoryFollowTheModel) {
  std::random_device seed_source;
  const auto seed = seed_source();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  const tidemark::testing::TempDir dir;
  MemoryCatalogStore memory;
  std::unique_ptr<CatalogStore> sqlite = OpenSqlite(dir.path());
  ASSERT_NE(sqlite, nullptr);
  Model model;
  for (int round = 0; round < 60; ++round) {
    const NewVersion version = RandomVersion(random, model);
    ASSERT_OK_AND_ASSIGN(const Head a, memory.Append(version));
    ASSERT_OK_AND_ASSIGN(const Head b, sqlite->Append(version));
    EXPECT_EQ(a.hash, b.hash);
    if (round == 30) sqlite = OpenSqlite(dir.path());
  }
  for (uint64_t version = 0; version < model.states.size(); ++version) {
    for (const std::string collection : {"regions", "regionGroups"}) {
      ExpectSame(memory, model, version, collection);
      ExpectSame(*sqlite, model, version, collection);
    }
  }
  for (const auto& [name, changes] : model.history) {
    ASSERT_OK_AND_ASSIGN(const auto history, sqlite->History(name, 1000, 1000, kPlenty));
    ASSERT_EQ(history.size(), changes.size());
    for (size_t i = 0; i < changes.size(); ++i) {
      EXPECT_EQ(history[i].version, changes[changes.size() - 1 - i].version);
      EXPECT_EQ(history[i].kind, changes[changes.size() - 1 - i].kind);
    }
  }
  ASSERT_OK(sqlite->Replay([](const Change&) {}));
}

}  // namespace
}  // namespace tidemark::catalog
