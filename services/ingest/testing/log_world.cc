#include "services/ingest/testing/log_world.h"

#include <atomic>
#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cpp/ledger/block.h"
#include "clients/cpp/ledger/merkle.h"
#include "common/status/status_macros.h"
#include "services/ingest/store/log_check.h"

namespace tidemark::ingest {

absl::Status LogWorld::Open() {
  log_.reset();
  auto opened =
      FileLogStore::Open({.fs = &fs_,
                          .clock = &clock_,
                          .dir = "log",
                          .roll_bytes = options_.roll_bytes,
                          .group_rows = 1,
                          .checkpoint_interval = absl::ZeroDuration(),
                          .identity_table_entries_for_testing = options_.identity_table_entries});
  if (opened.ok()) log_ = *std::move(opened);
  return opened.status();
}

std::vector<TestEvent> LogWorld::RandomEvents() {
  std::vector<TestEvent> events;
  for (uint64_t n = 1 + random_() % 12; n > 0; --n) {
    TestEvent event{.id = absl::StrCat("e", random_() % (next_ + 8))};
    next_ += 1;
    // Content follows from the id, so that a second sending is no conflict. Refunds name ids
    // before and after them.
    const uint64_t number = std::stoull(event.id.substr(1));
    if (number % 7 == 3) event.refund_of = absl::StrCat("e", number + (number % 2) * 14 - 7);
    sent_.insert(event.id);
    events.push_back(event);
  }
  return events;
}

std::string LogWorld::NewId() {
  std::string id = absl::StrCat("new", sent_.size());
  sent_.insert(id);
  return id;
}

bool LogWorld::Send() {
  std::vector<std::unique_ptr<PendingBatch>> pending;
  for (uint64_t n = 1 + random_() % options_.batches_at_once; n > 0; --n) {
    pending.push_back(Start(*log_, RandomEvents()));
  }
  return Finish(pending);
}

bool LogWorld::SendAsOneWrite(int batches, const std::function<void()>& before_write) {
  std::promise<void> held, release;
  std::atomic<bool> hold{true};
  log_->SetSizeListener([&, released = release.get_future().share()] {
    if (!hold.exchange(false)) return;
    held.set_value();
    released.wait();
  });
  std::vector<std::unique_ptr<PendingBatch>> pending;
  pending.push_back(Start(*log_, {{.id = NewId()}}));
  held.get_future().wait();
  for (int i = 0; i < batches; ++i) {
    std::vector<TestEvent> events = RandomEvents();
    events.push_back({.id = NewId()});
    pending.push_back(Start(*log_, std::move(events)));
  }
  // Answered behind them, when their groups wait for the writer.
  LeafOf(*log_, "shop", "none");
  before_write();
  release.set_value();
  const bool all_ok = Finish(pending);
  log_->SetSizeListener({});
  return all_ok;
}

bool LogWorld::Finish(const std::vector<std::unique_ptr<PendingBatch>>& pending) {
  bool all_ok = true;
  for (const auto& batch : pending) {
    const AppendResult result = batch->result.get();
    if (result.status.ok()) {
      Acknowledge(*batch, result);
    } else {
      all_ok = false;
      last_failure_ = result.status;
    }
  }
  clock_.Advance(absl::Milliseconds(1));
  return all_ok;
}

void LogWorld::Acknowledge(const PendingBatch& batch, const AppendResult& result) {
  const auto wrong = [this](std::string_view id, std::string_view what) {
    if (wrong_answer_.ok()) wrong_answer_ = absl::DataLossError(absl::StrCat(id, ": ", what));
  };
  size_t exception = 0;
  uint64_t leaf = result.first_leaf;
  for (uint32_t row = 0; row < batch.events.size(); ++row) {
    const std::string& id = batch.events[row].id;
    uint64_t at = leaf;
    if (exception < result.exceptions.size() && result.exceptions[exception].row == row) {
      if (result.exceptions[exception].outcome != Outcome::kDuplicate) {
        wrong(id, "was answered with an outcome that is neither accepted nor duplicate");
      }
      at = result.exceptions[exception++].leaf;
    } else {
      ++leaf;
    }
    const auto [it, inserted] = acknowledged_.emplace(id, at);
    if (it->second != at) wrong(id, "was acknowledged at another leaf before");
  }
}

void LogWorld::SendUntilFailure(int times, std::mt19937_64& random) {
  for (int i = 0; i < times && Send(); ++i) {
    if (random() % 3 == 0) SeeCheckpoint();
  }
}

void LogWorld::SeeCheckpoint() {
  if (!log_->SignCheckpoint().ok()) return;
  const auto newest = log_->NewestCheckpoint();
  if (newest.ok()) checkpoints_.push_back(*newest);
}

// The events of the log as Tail sends them, block by block.
absl::Status LogWorld::ReadLog(std::map<std::string, uint64_t>* leaves) {
  const uint64_t size = log_->state().size;
  int64_t accepted = 0;
  std::string bytes;
  ledger::BlockReader reader;
  for (uint64_t first = 0; first < size;) {
    TM_ASSIGN_OR_RETURN(const BlockRef ref, log_->FindBlock(first));
    bytes.resize(ref.bytes);
    TM_RETURN_IF_ERROR(log_->ReadBlock(ref, bytes.data()));
    TM_RETURN_IF_ERROR(reader.Reset(bytes));
    if (reader.header().first_leaf != first || reader.header().accepted_time_us < accepted) {
      return absl::DataLossError(
          absl::StrCat("the block at leaf ", first, " does not follow the one before, or its time ",
                       reader.header().accepted_time_us, " goes back behind ", accepted));
    }
    accepted = reader.header().accepted_time_us;
    for (size_t row = 0; row < reader.size(); ++row) {
      TM_ASSIGN_OR_RETURN(const uint8_t kind, reader.Kind(row));
      if (kind != static_cast<uint8_t>(ledger::RecordKind::kEvent)) continue;
      TM_ASSIGN_OR_RETURN(const ledger::EventRecord event, reader.Record(row));
      const std::string id(event.id);
      if (!leaves->emplace(id, first + row).second) {
        return absl::DataLossError(absl::StrCat(id, " is in the log twice"));
      }
      if (!sent_.contains(id)) return absl::DataLossError(absl::StrCat(id, " was never sent"));
    }
    first = ref.end_leaf();
  }
  if (accepted < accepted_time_us_) {
    return absl::DataLossError(absl::StrCat("the last record was accepted at ", accepted,
                                            ", one seen earlier at ", accepted_time_us_));
  }
  accepted_time_us_ = accepted;
  return absl::OkStatus();
}

absl::Status LogWorld::CheckCheckpoints() {
  TM_RETURN_IF_ERROR(log_->SignCheckpoint());
  if (checkpoints_.empty()) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const StoredCheckpoint newest, log_->NewestCheckpoint());
  const StoredCheckpoint* before = &checkpoints_.front();
  for (const StoredCheckpoint& old : checkpoints_) {
    if (old.size > newest.size || old.accepted_time_us < before->accepted_time_us ||
        newest.accepted_time_us < old.accepted_time_us) {
      return absl::DataLossError(absl::StrCat("a checkpoint of ", old.size, " leaves, accepted at ",
                                              old.accepted_time_us, ", is ahead of the last one"));
    }
    TM_ASSIGN_OR_RETURN(const auto proof, log_->ConsistencyProof(old.size, newest.size));
    TM_RETURN_IF_ERROR(
        ledger::VerifyConsistency(old.size, newest.size, old.root, newest.root, proof));
    before = &old;
  }
  return absl::OkStatus();
}

absl::Status LogWorld::CheckInvariants() {
  TM_RETURN_IF_ERROR(wrong_answer_);
  std::map<std::string, uint64_t> in_log;
  TM_RETURN_IF_ERROR(ReadLog(&in_log));
  for (const auto& [id, leaf] : acknowledged_) {
    const auto found = in_log.find(id);
    if (found == in_log.end()) {
      return absl::DataLossError(absl::StrCat(id, " was acknowledged and is lost"));
    }
    if (found->second != leaf) {
      return absl::DataLossError(
          absl::StrCat(id, " was acknowledged at leaf ", leaf, " and is at leaf ", found->second));
    }
  }
  return CheckCheckpoints();
}

absl::Status LogWorld::CheckFiles() {
  log_.reset();
  TM_ASSIGN_OR_RETURN(const LogCheckReport report, CheckLog(fs_, "log"));
  if (report.problems.empty()) return absl::OkStatus();
  return absl::DataLossError(absl::StrJoin(report.problems, "\n"));
}

}  // namespace tidemark::ingest
