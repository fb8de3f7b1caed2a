#ifndef TIDEMARK_SERVICES_INGEST_STORE_LOG_FIXTURE_H_
#define TIDEMARK_SERVICES_INGEST_STORE_LOG_FIXTURE_H_

// For tests of the store: events that own their texts, and appending that waits.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <future>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/fake_clock.h"
#include "services/ingest/store/file_log_store.h"
#include "services/ingest/store/log_check.h"

namespace tidemark::ingest {

// What a test says of an event.
struct TestEvent {
  std::string source = "shop";
  std::string id;
  int64_t amount = 100;
  // Id of the original, of the same source; not empty: a refund.
  std::string refund_of;
  uint32_t revision = 0;
  // Not empty: the number of its transaction.
  std::string transaction;
  // Of its time, after that of the others.
  int days_later = 0;
  int64_t microseconds_later = 0;
  // Withdraws an earlier revision; has no amount.
  bool is_void = false;

  ledger::EventRecord Record() const {
    ledger::EventRecord record;
    record.source = source;
    record.id = id;
    record.kind = refund_of.empty() ? ledger::EventKind::kPurchase : ledger::EventKind::kRefund;
    record.event_time_us = testing::FakeClock::kStartMicros + days_later * int64_t{86'400'000'000} +
                           microseconds_later;
    record.amount = amount;
    if (!refund_of.empty()) {
      record.original_source = source;
      record.original_id = refund_of;
    }
    record.revision = revision;
    if (is_void) {
      record.kind = ledger::EventKind::kVoid;
      record.amount.reset();
    }
    if (!transaction.empty()) {
      record.transaction_scheme = "payment";
      record.transaction_id = transaction;
      record.reporting_role = ledger::ReportingRole::kPayment;
    }
    return record;
  }
};

// A batch under way.
struct PendingBatch {
  std::deque<TestEvent> events;
  AppendBatch batch;
  std::promise<AppendResult> promise;
  std::future<AppendResult> result;
};

struct AppendOptions {
  uint64_t version = 1;
  bool dry_run = false;
  bool want_leaf_hashes = false;
};

inline std::unique_ptr<PendingBatch> Start(LogStore& log, std::vector<TestEvent> events,
                                           AppendOptions options = {}) {
  auto pending = std::make_unique<PendingBatch>();
  pending->result = pending->promise.get_future();
  pending->events.assign(events.begin(), events.end());
  pending->batch.principal = "tester";
  pending->batch.stamp.version = options.version;
  pending->batch.dry_run = options.dry_run;
  pending->batch.want_leaf_hashes = options.want_leaf_hashes;
  for (const TestEvent& event : pending->events) pending->batch.rows.Append(event.Record());
  pending->batch.done = [p = pending.get()](AppendResult result) {
    p->promise.set_value(std::move(result));
  };
  log.Append(&pending->batch);
  return pending;
}

inline AppendResult Append(LogStore& log, std::vector<TestEvent> events,
                           AppendOptions options = {}) {
  return Start(log, std::move(events), options)->result.get();
}

// A close of 2024-01-02, the day of every TestEvent.
inline constexpr int32_t kTestDay = 19724;
inline ledger::SourceDay Totals(uint64_t events, int64_t gross, int64_t refunds = 0) {
  return {.source = "shop", .day = kTestDay, .events = events, .gross = gross, .refunds = refunds};
}

inline AppendResult CloseDays(LogStore& log, std::vector<ledger::SourceDay> days,
                              uint64_t version = 1) {
  std::promise<AppendResult> result;
  AppendBatch batch;
  batch.principal = "tester";
  batch.stamp.version = version;
  batch.source_days = std::move(days);
  batch.done = [&result](AppendResult answer) { result.set_value(std::move(answer)); };
  log.Append(&batch);
  return result.get_future().get();
}

inline absl::StatusOr<Statement> ReadStatement(LogStore& log, const std::string& source = "shop",
                                               int32_t day = kTestDay,
                                               absl::TimeZone zone = absl::UTCTimeZone()) {
  std::promise<absl::StatusOr<Statement>> result;
  log.ReadStatement(source, day, zone, [&result](absl::StatusOr<Statement> statement) {
    result.set_value(std::move(statement));
  });
  return result.get_future().get();
}

// The offline check finds nothing wrong with a log that is closed: its leaves.
inline uint64_t LeavesOfGoodLog(fs::FileSystem& fs, const std::string& dir) {
  const absl::StatusOr<LogCheckReport> report = CheckLog(fs, dir);
  EXPECT_TRUE(report.ok()) << report.status();
  if (!report.ok()) return 0;
  EXPECT_THAT(report->problems, ::testing::ElementsAre());
  return report->leaves;
}

// Leaf of the event, kNoLeaf when it is not in the log.
inline uint64_t LeafOf(LogStore& log, const std::string& source, const std::string& id) {
  std::promise<uint64_t> found;
  log.FindEvents(source, {id}, [&found](absl::StatusOr<std::vector<FoundEvent>> events) {
    found.set_value(events.ok() && !events->empty() ? events->at(0).leaf : ledger::kNoLeaf);
  });
  return found.get_future().get();
}

// A stored event, with its texts owned.
struct StoredTestEvent {
  uint64_t leaf = 0;
  std::string source;
  std::string id;
  int64_t amount = 0;
  uint64_t original_leaf = ledger::kNoLeaf;
  std::vector<uint64_t> resolves;
  uint64_t previous_leaf = ledger::kNoLeaf;
  uint64_t transaction_leaf = ledger::kNoLeaf;
  ledger::Hash hash = {};
};

inline StoredTestEvent ReadEvent(LogStore& log, uint64_t leaf) {
  StoredTestEvent event{.leaf = leaf};
  const absl::Status read = log.ReadEvents(
      {&leaf, 1}, [&event](size_t, const ledger::EventRecord& record, const ledger::Hash& hash) {
        event.source = record.source;
        event.id = record.id;
        event.amount = record.amount.value_or(0);
        event.original_leaf = record.original_leaf;
        event.resolves.assign(record.resolves.begin(), record.resolves.end());
        event.previous_leaf = record.previous_leaf;
        event.transaction_leaf = record.transaction_leaf;
        event.hash = hash;
      });
  EXPECT_TRUE(read.ok()) << read;
  return event;
}

inline std::vector<TestEvent> Events(std::initializer_list<std::string> ids) {
  std::vector<TestEvent> events;
  for (const std::string& id : ids) events.push_back({.id = id});
  return events;
}

inline std::vector<TestEvent> Numbered(size_t from, size_t to) {
  std::vector<TestEvent> events;
  for (size_t i = from; i < to; ++i) events.push_back({.id = absl::StrCat("e", i)});
  return events;
}

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_LOG_FIXTURE_H_
