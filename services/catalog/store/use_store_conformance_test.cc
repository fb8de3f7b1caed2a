// Every UseStore must pass these; the in-memory one is the oracle of the others.
#include <sqlite3.h>

#include <functional>
#include <map>
#include <random>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"
#include "services/catalog/domain/use_book.h"
#include "services/catalog/store/memory_use_store.h"
#include "services/catalog/store/sqlite_catalog_store.h"

namespace tidemark::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::tidemark::testing::IsOkAndHolds;
using ::tidemark::testing::StatusIs;

std::unique_ptr<SqliteCatalogStore> OpenSqlite(const std::string& dir) {
  auto store = SqliteCatalogStore::Open({.path = dir + "/catalog.db"});
  EXPECT_OK(store);
  return store.ok() ? *std::move(store) : nullptr;
}

struct Engine {
  std::string name;
  std::function<std::unique_ptr<UseStore>(const std::string& dir)> open;
};

UseBatch Batch(uint64_t number, std::vector<UseSum> sums, const std::string& reporter = "r") {
  return {.reporter = reporter,
          .number = number,
          .fingerprint = std::string(32, static_cast<char>('a' + sums.size())),
          .time_us = 5,
          .sums = std::move(sums)};
}

class UseStoreConformance : public ::testing::TestWithParam<Engine> {
 protected:
  UseStoreConformance() : store_(GetParam().open(dir_.path())) {}
  std::vector<UseSum> All(const std::string& grant) {
    auto sums = store_->UseOf(grant, {}, INT32_MAX, 1000);
    EXPECT_OK(sums);
    return sums.ok() ? *sums : std::vector<UseSum>();
  }

  tidemark::testing::TempDir dir_;
  std::unique_ptr<UseStore> store_;
};

TEST_P(UseStoreConformance, AddsUpByGrantDayAndPurpose) {
  EXPECT_THAT(All("grants/a"), IsEmpty());
  EXPECT_THAT(store_->GrantWithUseAfter(""), IsOkAndHolds(std::nullopt));
  ASSERT_OK(store_->AddUse(Batch(1, {{"grants/a", 10, 2, 5}, {"grants/a", 10, 3, 1}})));
  ASSERT_OK(store_->AddUse(Batch(2, {{"grants/a", 10, 2, 7}, {"grants/b", -3, 2, 9}})));
  EXPECT_THAT(All("grants/a"),
              ElementsAre(UseSum{"grants/a", 10, 2, 12}, UseSum{"grants/a", 10, 3, 1}));
  EXPECT_THAT(All("grants/b"), ElementsAre(UseSum{"grants/b", -3, 2, 9}));
  EXPECT_THAT(store_->GrantWithUseAfter(""), IsOkAndHolds("grants/a"));
  EXPECT_THAT(store_->GrantWithUseAfter("grants/a"), IsOkAndHolds("grants/b"));
  EXPECT_THAT(store_->GrantWithUseAfter("grants/b"), IsOkAndHolds(std::nullopt));
}

TEST_P(UseStoreConformance, ABatchCountsOnce) {
  const UseBatch batch = Batch(4, {{"grants/a", 10, 2, 5}});
  EXPECT_THAT(store_->AddUse(batch), IsOkAndHolds(UseOutcome::kAdded));
  EXPECT_THAT(store_->AddUse(batch), IsOkAndHolds(UseOutcome::kRepeated));
  EXPECT_THAT(store_->AddUse(Batch(3, {{"grants/a", 10, 2, 5}})),
              IsOkAndHolds(UseOutcome::kRepeated));
  EXPECT_THAT(store_->AddUse(Batch(4, {{"grants/a", 10, 2, 5}, {"grants/a", 11, 2, 5}})),
              IsOkAndHolds(UseOutcome::kOtherBatch));
  EXPECT_THAT(store_->AddUse(Batch(4, {{"grants/a", 10, 2, 5}}, "other")),
              IsOkAndHolds(UseOutcome::kAdded));
  EXPECT_THAT(All("grants/a"), ElementsAre(UseSum{"grants/a", 10, 2, 10}));
}

TEST_P(UseStoreConformance, RefusesWhatDoesNotFitAndChangesNothing) {
  ASSERT_OK(store_->AddUse(Batch(1, {{"grants/b", 1, 1, kMostUnits}})));
  EXPECT_THAT(store_->AddUse(Batch(2, {{"grants/a", 1, 1, 1}, {"grants/b", 1, 1, 1}})),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(All("grants/a"), IsEmpty());
  EXPECT_THAT(store_->AddUse(Batch(2, {{"grants/a", 1, 1, 1}})), IsOkAndHolds(UseOutcome::kAdded));
}

TEST_P(UseStoreConformance, ReadsByPositionDayAndLimit) {
  std::vector<UseSum> sums;
  for (int day = 0; day < 10; ++day) {
    for (int purpose = 1; purpose <= 2; ++purpose) sums.push_back({"grants/a", day, purpose, 1});
  }
  ASSERT_OK(store_->AddUse(Batch(1, sums)));
  ASSERT_OK_AND_ASSIGN(const auto some, store_->UseOf("grants/a", {3, 1}, 5, 4));
  EXPECT_THAT(some, ElementsAre(UseSum{"grants/a", 3, 2, 1}, UseSum{"grants/a", 4, 1, 1},
                                UseSum{"grants/a", 4, 2, 1}, UseSum{"grants/a", 5, 1, 1}));
  ASSERT_OK_AND_ASSIGN(const auto none, store_->UseOf("grants/a", {5, 2}, 5, 4));
  EXPECT_THAT(none, IsEmpty());
}

TEST_P(UseStoreConformance, ABookTellsTheTotalsOfWhatIsStored) {
  ASSERT_OK(store_->AddUse(Batch(1, {{"grants/a", 1, 1, 3}, {"grants/a", 2, 1, 4}})));
  UseBook book(store_.get());
  EXPECT_THAT(book.TotalOf("grants/a"), IsOkAndHolds(7u));
  EXPECT_THAT(book.TotalOf("grants/none"), IsOkAndHolds(0u));
  ASSERT_OK(book.Add(Batch(2, {{"grants/a", 1, 1, 5}, {"grants/none", 1, 1, 1}})));
  ASSERT_OK(book.Add(Batch(2, {{"grants/a", 1, 1, 5}, {"grants/none", 1, 1, 1}})));
  EXPECT_THAT(book.TotalOf("grants/a"), IsOkAndHolds(12u));
  EXPECT_THAT(book.TotalOf("grants/none"), IsOkAndHolds(1u));
}

INSTANTIATE_TEST_SUITE_P(
    Engines, UseStoreConformance,
    ::testing::Values(Engine{"memory",
                             [](const std::string&) { return std::make_unique<MemoryUseStore>(); }},
                      Engine{"sqlite", [](const std::string& dir) { return OpenSqlite(dir); }}),
    [](const auto& info) { return info.param.name; });

// Random batches, repeats among them, with restarts between.
TEST(SqliteUseTest, AgreesWithTheOracleThroughRestarts) {
  const tidemark::testing::TempDir dir;
  MemoryUseStore oracle;
  auto store = OpenSqlite(dir.path());
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    std::map<std::tuple<std::string, int, int>, uint64_t> drawn;
    for (int n = random() % 5; n >= 0; --n) {
      drawn[{absl::StrCat("grants/g", random() % 4), static_cast<int>(random() % 6) - 2,
             1 + static_cast<int>(random() % 3)}] += 1 + random() % 1000;
    }
    std::vector<UseSum> sums;
    for (const auto& [key, units] : drawn) {
      sums.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), units});
    }
    const UseBatch batch =
        Batch(i / 3 + random() % 3, std::move(sums), absl::StrCat("r", random() % 2));
    ASSERT_OK_AND_ASSIGN(const UseOutcome expected, oracle.AddUse(batch));
    EXPECT_THAT(store->AddUse(batch), IsOkAndHolds(expected));
    if (i % 50 == 49) {
      store.reset();
      store = OpenSqlite(dir.path());
    }
  }
  for (int g = 0; g < 4; ++g) {
    const std::string grant = absl::StrCat("grants/g", g);
    EXPECT_EQ(*store->UseOf(grant, {}, INT32_MAX, 1000), *oracle.UseOf(grant, {}, INT32_MAX, 1000));
  }
}

TEST(SqliteUseTest, NoticesARowThatWasChanged) {
  const tidemark::testing::TempDir dir;
  const std::string path = dir.path() + "/catalog.db";
  const auto run = [&](const char* sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sql;
    sqlite3_close(db);
  };
  ASSERT_OK(OpenSqlite(dir.path())->AddUse(Batch(1, {{"grants/a", 1, 1, 8}})));
  run("UPDATE uses SET units = 9");
  {
    const auto store = OpenSqlite(dir.path());
    EXPECT_THAT(store->UseOf("grants/a", {}, INT32_MAX, 10), StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_THAT(store->AddUse(Batch(2, {{"grants/a", 1, 1, 8}})),
                StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_OK(store->sealed()) << "changes of the catalog go on";
  }
  run("UPDATE uses SET units = 8; UPDATE use_reporters SET batch = 0");
  EXPECT_THAT(OpenSqlite(dir.path())->AddUse(Batch(1, {{"grants/a", 1, 1, 8}})),
              StatusIs(absl::StatusCode::kDataLoss));
}

// A file of the release before has neither table.
TEST(SqliteUseTest, AFileOfFormat1IsBroughtUpToDate) {
  const tidemark::testing::TempDir dir;
  { ASSERT_NE(OpenSqlite(dir.path()), nullptr); }
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open((dir.path() + "/catalog.db").c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, "DROP TABLE uses; DROP TABLE use_reporters; PRAGMA user_version = 1",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(db);
  const auto store = OpenSqlite(dir.path());
  EXPECT_THAT(store->AddUse(Batch(1, {{"grants/a", 1, 1, 8}})), IsOkAndHolds(UseOutcome::kAdded));
}

}  // namespace
}  // namespace tidemark::catalog
