// What statements of every LogStore say is tested in log_store_days_test.cc; here, that counting
// goes on when nobody waits for it.
#include "services/ingest/store/day_book.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/block_builder.h"
#include "common/fs/file_system.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"

namespace tidemark::ingest {
namespace {

class DayBookTest : public ::testing::Test {
 protected:
  void Append(const std::vector<ledger::EventRecord>& records) {
    ledger::BlockBuilder builder;
    for (const ledger::EventRecord& record : records) ASSERT_OK(builder.Add(record));
    ledger::CompactRange range(leaves_);
    range.Append(std::vector<ledger::Hash>(builder.size()));
    std::string block;
    ASSERT_OK(builder.Finish({.first_leaf = leaves_,
                              .accepted_time_us = static_cast<int64_t>(leaves_),
                              .log_id = {1},
                              .nodes = range.nodes()},
                             &block));
    const std::string name = BlockFileName(leaves_);
    ASSERT_OK_AND_ASSIGN(const auto file, fs_->OpenAppend(dir_.path() + "/" + name));
    ASSERT_OK(file->Append(block));
    const auto count = static_cast<uint32_t>(records.size());
    files_.Publish({.first_leaf = leaves_,
                    .record_count = count,
                    .bytes = static_cast<uint32_t>(block.size()),
                    .file = files_.AddFile(name)});
    leaves_ += count;
  }

  testing::TempDir dir_;
  std::unique_ptr<fs::FileSystem> fs_ = fs::NewPosixFileSystem();
  BlockFiles files_{fs_.get(), dir_.path()};
  uint64_t leaves_ = 0;
};

TEST_F(DayBookTest, RevisionsAreSettledThoughNobodyWaits) {
  // Each to be settled by a block of its own, a step each.
  constexpr uint64_t kEvents = 60;
  constexpr int kQuestions = 13;
  std::vector<std::string> ids;
  for (uint64_t i = 0; i < kEvents; ++i) ids.push_back(absl::StrCat("e", i));
  ledger::EventRecord record{
      .source = "shop", .kind = ledger::EventKind::kPurchase, .event_time_us = 7, .amount = 1};
  std::vector<ledger::EventRecord> revised;
  for (uint64_t i = 0; i < kEvents; ++i) {
    record.id = ids[i];
    Append({record});
    revised.push_back(record);
    revised.back().revision = 1;
    revised.back().amount = 5;
    revised.back().previous_leaf = i;
  }
  Append(revised);
  DayBook book({.files = &files_, .patience = absl::ZeroDuration()});
  absl::StatusOr<Statement> statement = absl::UnavailableError("not asked");
  // Each question is one step at most by itself, so these would not do.
  for (int i = 0; i < kQuestions && absl::IsUnavailable(statement.status()); ++i) {
    std::promise<absl::StatusOr<Statement>> answer;
    book.Read("shop", 0, absl::UTCTimeZone(),
              [&](absl::StatusOr<Statement> s) { answer.set_value(std::move(s)); });
    statement = answer.get_future().get();
    if (!statement.ok()) std::this_thread::sleep_for(std::chrono::milliseconds(1 << i));
  }
  ASSERT_OK(statement);
  EXPECT_EQ(statement->standing.events, kEvents);
  EXPECT_EQ(statement->standing.gross, 5 * kEvents);
}

}  // namespace
}  // namespace tidemark::ingest
