#include "services/catalog/store/sqlite_catalog_store.h"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "common/log/log.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"
#include "services/catalog/domain/testing_resources.h"
#include "services/catalog/store/sqlite_connection.h"
#include "services/catalog/store/sqlite_schema.h"
#include "services/catalog/store/version_hash.h"

namespace tidemark::catalog {
namespace {

using ::testing::HasSubstr;
using ::tidemark::testing::StatusIs;

class SqliteCatalogStoreTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<SqliteCatalogStore>> Open() {
    return SqliteCatalogStore::Open({.path = path_});
  }

  void Fill(int versions) {
    ASSERT_OK_AND_ASSIGN(const auto store, Open());
    for (int i = 1; i <= versions; ++i) {
      auto state =
          std::make_shared<Resource>(testing::MakeRegion(absl::StrCat("r", i), RegionLevel::kCity));
      state->version = static_cast<uint64_t>(i);
      state->update_time_us = 5;
      state->updated_by = "p";
      state->description = std::string(500, 'x');
      const Change change = {state->version, 5,       "p",  ChangeKind::kCreate,
                             state->name,    nullptr, state};
      ASSERT_OK(store->Append({state->version, 5, "p", {change}}));
    }
  }

  void Execute(const char* sql) {
    ASSERT_OK_AND_ASSIGN(const auto connection, SqliteConnection::Open(path_));
    ASSERT_OK(connection->Execute(sql));
  }

  // Puts a change in place of the only one of its version, with the hash that fits.
  void Rewrite(const StoredChange& change, const std::string& previous_hash) {
    ASSERT_OK_AND_ASSIGN(const auto connection, SqliteConnection::Open(path_));
    const std::string hash = NextVersionHash(previous_hash, {&change, 1});
    Query row = connection->Start("UPDATE changes SET name = ?1, state = ?2 WHERE version = ?3");
    row.BindText(1, change.name).BindBlob(2, change.state);
    row.Bind(3, static_cast<int64_t>(change.version)).Step();
    ASSERT_OK(row.status());
    Query version = connection->Start("UPDATE versions SET hash = ?1 WHERE version = ?2");
    version.BindBlob(1, hash).Bind(2, static_cast<int64_t>(change.version)).Step();
    ASSERT_OK(version.status());
  }

  absl::Status OpenAndReplay() {
    auto store = Open();
    if (!store.ok()) return store.status();
    return (*store)->Replay([](const Change&) {});
  }

  tidemark::testing::TempDir dir_;
  const std::string path_ = dir_.File("catalog.db");
};

TEST_F(SqliteCatalogStoreTest, KeepsItsHeadOverARestart) {
  Fill(3);
  ASSERT_OK_AND_ASSIGN(const auto store, Open());
  EXPECT_EQ(store->head().version, 3u);
  EXPECT_EQ(store->head().hash.size(), 32u);
  EXPECT_OK(store->Replay([](const Change&) {}));
}

TEST_F(SqliteCatalogStoreTest, RefusesGarbage) {
  std::ofstream(path_) << std::string(10000, 'g');
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("catalog.db")));
}

TEST_F(SqliteCatalogStoreTest, FindsEveryKindOfTamperingByTheHash) {
  Fill(3);
  for (const char* sql : {
           "UPDATE changes SET state = CAST(replace(CAST(state AS TEXT), 'xxx', 'xxy') AS BLOB) "
           "WHERE version = 2",
           "UPDATE versions SET principal = 'q' WHERE version = 2",
           "UPDATE versions SET hash = zeroblob(32) WHERE version = 3",
           "DELETE FROM changes WHERE version = 2",
           "DELETE FROM changes WHERE version = 3",
           "DELETE FROM versions WHERE version = 1",
           "UPDATE changes SET name = 'regions/zz' WHERE version = 1",
       }) {
    std::filesystem::copy_file(path_, path_ + ".good");
    Execute(sql);
    EXPECT_THAT(OpenAndReplay(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("catalog.db")))
        << sql;
    std::filesystem::rename(path_ + ".good", path_);
    EXPECT_OK(OpenAndReplay());
  }
}

TEST_F(SqliteCatalogStoreTest, NeverServesAFileWithAFlippedBitInAState) {
  Fill(40);
  const std::string good = tidemark::testing::ReadFileOrDie(path_);
  int found = 0;
  // Inside the descriptions: no structure of SQLite's notices, only the hash does.
  for (size_t at = good.find("xxxxxxxx"); at != std::string::npos && found < 5;
       at = good.find("xxxxxxxx", at + 5000)) {
    std::string bad = good;
    bad[at] ^= 0x04;
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bad;
    EXPECT_THAT(OpenAndReplay(), StatusIs(absl::StatusCode::kDataLoss));
    ++found;
  }
  EXPECT_GE(found, 3);
}

TEST_F(SqliteCatalogStoreTest, RefusesATruncatedFile) {
  Fill(40);
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) / 2);
  EXPECT_THAT(OpenAndReplay(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(SqliteCatalogStoreTest, RefusesANewerFormatAndAnotherProgramsFile) {
  Fill(1);
  Execute("PRAGMA user_version = 99");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("newer release")));
  Execute("PRAGMA application_id = 7");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("data folder")));
}

TEST_F(SqliteCatalogStoreTest, SaysThatAFullDiskNeedsSpaceAndGoesOnAfterwards) {
  Fill(1);
  ASSERT_OK_AND_ASSIGN(const auto store, Open());
  auto state = std::make_shared<Resource>(testing::MakeRegion("big", RegionLevel::kCity));
  state->version = 2;
  state->update_time_us = 5;
  state->updated_by = "p";
  state->description = std::string(4096, 'x');
  const Change change = {2, 5, "p", ChangeKind::kCreate, state->name, nullptr, state};
  // The same effect as a full disk: SQLite may not make the file longer.
  ASSERT_OK(store->LimitPagesForTest(1));
  NewVersion version = {2, 5, "p", {}};
  for (int i = 0; i < 50; ++i) {
    version.changes.push_back(change);
    version.changes.back().name = absl::StrCat("regions/big", 100 + i);
  }
  EXPECT_THAT(store->Append(version), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(store->head().version, 1u);
  ASSERT_OK(store->LimitPagesForTest(1 << 20));
  EXPECT_OK(store->Append({2, 5, "p", {change}}));
  EXPECT_OK(store->Replay([](const Change&) {}));
}

// What a release finds after a rollback: states with fields that a newer one wrote.
TEST_F(SqliteCatalogStoreTest, KeepsAndHashesFieldsThatItDoesNotKnow) {
  Fill(2);
  std::vector<StoredChange> changes;
  std::string first_hash;
  {
    ASSERT_OK_AND_ASSIGN(const auto store, Open());
    ASSERT_OK_AND_ASSIGN(first_hash, store->HashAt(1));
    ASSERT_OK_AND_ASSIGN(const ChangeBatch batch, store->ChangesAfter({.version = 1}, 1));
    changes = batch.changes;
  }
  // Field 9 comes before the type's part, field 100 after it.
  const std::string newer = changes[0].state.substr(0, 12) + "\x4a\x03new" +
                            changes[0].state.substr(12) + "\xa2\x06\x03new";
  ASSERT_EQ(changes[0].state.substr(0, 12), "\x0a\x0aregions/r2");
  changes[0].state = newer;
  Rewrite(changes[0], first_hash);
  ASSERT_OK_AND_ASSIGN(const auto store, Open());
  EXPECT_OK(store->Replay([](const Change&) {}));
  ASSERT_OK_AND_ASSIGN(const ChangeBatch batch, store->ChangesAfter({.version = 1}, 1));
  EXPECT_EQ(batch.changes[0].state, newer);
  ASSERT_OK_AND_ASSIGN(const ResourcePtr known, store->Read("regions/r2", 2));
  EXPECT_EQ(known->description, std::string(500, 'x'));
}

TEST_F(SqliteCatalogStoreTest, PassesOverCollectionsThatItDoesNotKnow) {
  Fill(3);
  ASSERT_OK_AND_ASSIGN(auto store, Open());
  ASSERT_OK_AND_ASSIGN(const std::string second_hash, store->HashAt(2));
  ASSERT_OK_AND_ASSIGN(ChangeBatch batch, store->ChangesAfter({.version = 2}, 1));
  store.reset();
  batch.changes[0].name = "zebras/z";
  // Its type's part is field 30 of Resource.
  batch.changes[0].state = std::string("\x0a\x08zebras/z\xf2\x01\x00", 13);
  Rewrite(batch.changes[0], second_hash);
  ASSERT_OK_AND_ASSIGN(store, Open());
  std::vector<std::string> seen;
  ASSERT_OK(store->Replay([&](const Change& change) { seen.push_back(change.name); }));
  EXPECT_THAT(seen, ::testing::ElementsAre("regions/r1", "regions/r2"));
  ASSERT_OK_AND_ASSIGN(batch, store->ChangesAfter({.version = 2}, 1));
  EXPECT_EQ(batch.changes[0].name, "zebras/z");
}

// Takes files of this process above a size for a disk that fails: write(2) says EFBIG.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_;
};

TEST_F(SqliteCatalogStoreTest, AFailingDiskSealsItAndIsSaidOnce) {
  Fill(1);
  ASSERT_OK_AND_ASSIGN(const auto store, Open());
  auto state = std::make_shared<Resource>(testing::MakeRegion("b", RegionLevel::kCity));
  state->version = 2;
  const NewVersion next = {
      2, 5, "p", {{2, 5, "p", ChangeKind::kCreate, state->name, nullptr, state}}};
  EXPECT_OK(store->sealed());
  int lines = 0;
  const log::ScopedSink sink([&](std::string_view line) {
    ++lines;
    EXPECT_THAT(std::string(line), HasSubstr("catalog.db"));
  });
  {
    const FileSizeLimit limit(1);
    EXPECT_THAT(store->Append(next), StatusIs(absl::StatusCode::kDataLoss));
  }
  EXPECT_THAT(store->sealed(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("restart")));
  EXPECT_THAT(store->Append(next), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("restart")));
  EXPECT_EQ(lines, 1);
  // What it has can still be read.
  EXPECT_OK(store->Read("regions/r1", 1));
}

TEST_F(SqliteCatalogStoreTest, ReadsChangesInOrderWithoutSorting) {
  Fill(1);
  ASSERT_OK_AND_ASSIGN(const auto connection, SqliteConnection::Open(path_));
  for (const char* sql : {
           "EXPLAIN QUERY PLAN SELECT v.hash, c.state FROM versions v CROSS JOIN changes c ON "
           "c.version = v.version WHERE v.version > 1 AND (v.version > 2 OR c.name > 'a') ORDER "
           "BY v.version, c.name",
           "EXPLAIN QUERY PLAN SELECT name, MAX(version) FROM changes INDEXED BY changes_by_name "
           "WHERE name > 'a' AND name < 'b' AND version <= 3 GROUP BY name ORDER BY name",
           "EXPLAIN QUERY PLAN SELECT c.state FROM changes c INDEXED BY changes_by_name CROSS JOIN "
           "versions v ON v.version = c.version WHERE c.name = 'a' AND c.version < 9 ORDER BY "
           "c.version DESC",
       }) {
    Query query = connection->Start(sql);
    while (query.Step()) EXPECT_EQ(query.Text(3).find("TEMP B-TREE"), std::string::npos) << sql;
    EXPECT_OK(query.status());
  }
}

}  // namespace
}  // namespace tidemark::catalog
