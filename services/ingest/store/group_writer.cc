#include "services/ingest/store/group_writer.h"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/block_header.h"
#include "common/log/log.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

// Groups made while the one before syncs; all of them are then synced at once, so that a slow
// disk costs time and not rate.
constexpr size_t kMaxWaiting = 16;

absl::Status DiskFull(const absl::Status& cause) {
  return status::WithRetryAfter(
      status::WithReason(
          absl::ResourceExhaustedError(absl::StrCat(
              "the disk of the log is full, nothing was written; free space and send the batch "
              "again (",
              cause.message(), ")")),
          "DISK_FULL"),
      absl::Seconds(5));
}

absl::Status NotWritable(const absl::Status& cause) {
  return status::WithRetryAfter(
      status::WithReason(absl::UnavailableError(absl::StrCat(
                             "the log cannot be written at the moment, nothing was written; send "
                             "the batch again (",
                             cause.message(), ")")),
                         "LOG_NOT_WRITABLE"),
      absl::Seconds(1));
}

absl::Status Sealed(const absl::Status& cause) {
  return status::WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "the log takes no more writes because a write failed (", cause.message(),
          "); check the disk, then restart the ingest service: it goes on after the last "
          "durable block")),
      "LOG_SEALED");
}

}  // namespace

GroupWriter::GroupWriter(Options options)
    : options_(std::move(options)),
      file_number_(options_.last_file < 0 ? 0 : static_cast<uint32_t>(options_.last_file)),
      durable_bytes_(options_.last_file_bytes),
      thread_([this] { Run(); }) {}

GroupWriter::~GroupWriter() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

void GroupWriter::WaitForRoom() {
  base::MutexLock lock(mutex_);
  while (waiting_.size() >= kMaxWaiting && failure_.status.ok()) changed_.Wait(mutex_);
}

void GroupWriter::Submit(std::unique_ptr<CommitGroup> group) {
  {
    base::MutexLock lock(mutex_);
    if (!failure_.status.ok()) {
      failure_.groups.push_back(std::move(group));
      return;
    }
    rests_ = false;
    waiting_.push_back(std::move(group));
  }
  changed_.NotifyAll();
}

bool GroupWriter::failed() const {
  base::MutexLock lock(mutex_);
  return !failure_.status.ok();
}

bool GroupWriter::rests() const {
  base::MutexLock lock(mutex_);
  return rests_;
}

GroupWriter::Failure GroupWriter::TakeFailed() {
  base::MutexLock lock(mutex_);
  while (busy_) changed_.Wait(mutex_);
  Failure taken = std::exchange(failure_, {});
  if (taken.sealed) {
    failure_.status = taken.status;
    failure_.sealed = true;
  }
  return taken;
}

void GroupWriter::Drain() {
  base::MutexLock lock(mutex_);
  while (busy_ || (!waiting_.empty() && failure_.status.ok())) changed_.Wait(mutex_);
}

std::unique_ptr<CommitGroup> GroupWriter::NewGroup() {
  base::MutexLock lock(mutex_);
  if (free_.empty()) return std::make_unique<CommitGroup>();
  std::unique_ptr<CommitGroup> group = std::move(free_.back());
  free_.pop_back();
  return group;
}

void GroupWriter::Run() {
  ::pthread_setname_np(::pthread_self(), "log-writer");
  while (true) {
    Groups groups;
    {
      base::MutexLock lock(mutex_);
      busy_ = false;
      changed_.NotifyAll();
      while (waiting_.empty() && !stopping_) changed_.Wait(mutex_);
      if (waiting_.empty()) return;
      groups.assign(std::make_move_iterator(waiting_.begin()),
                    std::make_move_iterator(waiting_.end()));
      waiting_.clear();
      busy_ = true;
      changed_.NotifyAll();
    }
    absl::Status written = Write(groups);
    if (written.ok()) {
      Publish(groups);
    } else {
      Fail(groups, std::move(written));
    }
    Rest();
  }
}

void GroupWriter::Rest() {
  {
    base::MutexLock lock(mutex_);
    if (!waiting_.empty()) return;
    rests_ = true;
  }
  // Still busy, as in Fail.
  options_.on_rest();
}

absl::Status GroupWriter::Write(const Groups& groups) {
  const auto first = std::find_if(groups.begin(), groups.end(),
                                  [](const auto& group) { return !group->blocks.empty(); });
  if (first == groups.end()) return absl::OkStatus();
  const uint64_t first_leaf = (*first)->blocks.front().first_leaf;
  TM_RETURN_IF_ERROR(CutBack());
  TM_RETURN_IF_ERROR(OpenFileFor(first_leaf));
  dirty_ = true;
  for (const auto& group : groups) {
    for (const CommitGroup::Block& block : group->blocks) {
      TM_RETURN_IF_ERROR(AppendBlock(block, first_leaf));
    }
  }
  TM_RETURN_IF_ERROR(file_->Sync());
  dirty_ = false;
  return absl::OkStatus();
}

absl::Status GroupWriter::AppendBlock(const CommitGroup::Block& block, uint64_t write_first_leaf) {
  const std::string_view bytes = *block.bytes;
  // Made as a write of its own.
  if (block.first_leaf == write_first_leaf) return file_->Append(bytes);
  // The sequencer may be reading the block, so its header is changed in a copy.
  const std::string header = ledger::HeaderInWrite(bytes, write_first_leaf);
  TM_RETURN_IF_ERROR(file_->Append(header));
  return file_->Append(bytes.substr(header.size()));
}

// What a failed write left behind the durable end must go before the next one: shorter blocks
// over it would leave old whole blocks behind new ones.
absl::Status GroupWriter::CutBack() {
  if (!dirty_) return absl::OkStatus();
  TM_RETURN_IF_ERROR(file_->Truncate(durable_bytes_));
  TM_RETURN_IF_ERROR(file_->Sync());
  dirty_ = false;
  return absl::OkStatus();
}

// A new file is begun between writes only, so that one write never spans two files.
absl::Status GroupWriter::OpenFileFor(uint64_t first_leaf) {
  const bool none = file_ == nullptr && options_.last_file < 0;
  const bool roll = !none && durable_bytes_ >= options_.roll_bytes;
  if (!none && !roll) {
    if (file_ != nullptr) return absl::OkStatus();
    TM_ASSIGN_OR_RETURN(file_, options_.fs->OpenAppend(options_.files->PathOf(file_number_)));
    return absl::OkStatus();
  }
  const std::string name = BlockFileName(first_leaf);
  TM_ASSIGN_OR_RETURN(auto file,
                      options_.fs->OpenAppend(fs::JoinPath(options_.files->dir(), name)));
  // The name must be durable before any block in the file is.
  TM_RETURN_IF_ERROR(options_.fs->SyncDir(options_.files->dir()));
  file_ = std::move(file);
  file_number_ = options_.files->AddFile(name);
  durable_bytes_ = 0;
  return absl::OkStatus();
}

void GroupWriter::Publish(Groups& groups) {
  bool grew = false;
  for (const auto& group : groups) {
    for (const CommitGroup::Block& block : group->blocks) {
      grew = true;
      options_.files->Publish({.first_leaf = block.first_leaf,
                               .offset = durable_bytes_,
                               .record_count = block.record_count,
                               .bytes = static_cast<uint32_t>(block.bytes->size()),
                               .file = file_number_});
      durable_bytes_ += block.bytes->size();
    }
  }
  if (grew) options_.on_durable(groups.back()->after);
  for (auto& group : groups) {
    for (CommitGroup::Answer& answer : group->answers) {
      auto done = std::move(answer.batch->done);
      done(std::move(answer.result));
    }
    group->answers.clear();
    group->blocks.clear();
    group->journal.Clear();
    group->closed.clear();
    base::MutexLock lock(mutex_);
    if (free_.size() < 4) free_.push_back(std::move(group));
  }
}

void GroupWriter::Fail(Groups& groups, absl::Status status) {
  // A disk that is too full even to be cut is cut before the next write.
  if (absl::IsResourceExhausted(status)) {
    const absl::Status cut = CutBack();
    if (!cut.ok()) status = cut;
  }
  const bool full = absl::IsResourceExhausted(status);
  // Nothing of the write is in the file: whatever was missing may be there again.
  const bool passing = absl::IsUnavailable(status) && !dirty_;
  const bool sealed = !full && !passing;
  log::Error(sealed ? "the log is sealed"
             : full ? "the disk of the log is full"
                    : "the log cannot be written at the moment",
             {{"error", status}});
  {
    base::MutexLock lock(mutex_);
    failure_.status = sealed ? Sealed(status) : full ? DiskFull(status) : NotWritable(status);
    failure_.sealed = sealed;
    for (auto& group : groups) failure_.groups.push_back(std::move(group));
    for (auto& group : waiting_) failure_.groups.push_back(std::move(group));
    waiting_.clear();
  }
  changed_.NotifyAll();
  // Still busy: whoever waits for the thread to rest may destroy what is called here.
  options_.on_failure();
}

}  // namespace tidemark::ingest
