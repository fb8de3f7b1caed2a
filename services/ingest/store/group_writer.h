#ifndef TIDEMARK_SERVICES_INGEST_STORE_GROUP_WRITER_H_
#define TIDEMARK_SERVICES_INGEST_STORE_GROUP_WRITER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/fs/file_system.h"
#include "services/ingest/store/block_files.h"
#include "services/ingest/store/commit_group.h"

namespace tidemark::ingest {

// Writes groups to the block files on a thread of its own: append, fdatasync, publish, answer.
// While one group syncs, the next ones may be made; they are written together, and their blocks say
// so, because a crash may leave any of them and not the others.
//
// After a failure it answers nobody: the group that failed and all behind it wait for the
// sequencer, which takes their changes back (TakeFailed). A full disk is cut back to the durable
// end and writing may go on, as it may when nothing was written yet (no file can be opened, say).
// After any other failure it is not known what is on disk, so nothing more is written (sealed).
class GroupWriter {
 public:
  struct Options {
    fs::FileSystem* fs = nullptr;  // not owned
    BlockFiles* files = nullptr;   // not owned
    // A new file is begun when the current one has this size.
    uint64_t roll_bytes = uint64_t{256} << 20;
    // Where the log ends: number of the last file and its size; no file: -1.
    int64_t last_file = -1;
    uint64_t last_file_bytes = 0;
    // Called by the writer's thread, without locks: after blocks became durable and before their
    // batches are answered; after a failure, before Drain() and TakeFailed() return.
    std::function<void(const LogHead& head)> on_durable;
    std::function<void()> on_failure;
    // The same: when nothing is left to be written (rests()), before Drain() returns.
    std::function<void()> on_rest;
  };
  struct Failure {
    absl::Status status;
    bool sealed = false;
    std::vector<std::unique_ptr<CommitGroup>> groups;  // oldest first
  };

  explicit GroupWriter(Options options);
  // Writes what was submitted, then ends.
  ~GroupWriter();

  // Blocks while too many groups wait already.
  void WaitForRoom();
  void Submit(std::unique_ptr<CommitGroup> group);
  // After on_failure: blocks until the thread rests, then returns what was not written. Writing
  // goes on, unless sealed.
  Failure TakeFailed();
  bool failed() const;
  // What is submitted now is written at once.
  bool rests() const;
  // Blocks until everything submitted is answered or failed.
  void Drain();

  // A group to be reused, or a new one.
  std::unique_ptr<CommitGroup> NewGroup();

 private:
  using Groups = std::vector<std::unique_ptr<CommitGroup>>;

  void Run();
  // Writes and syncs `groups` as one.
  absl::Status Write(const Groups& groups);
  // Appends a block of the write that begins with `write_first_leaf`.
  absl::Status AppendBlock(const CommitGroup::Block& block, uint64_t write_first_leaf);
  absl::Status CutBack();
  absl::Status OpenFileFor(uint64_t first_leaf);
  void Publish(Groups& groups);
  void Fail(Groups& groups, absl::Status status);
  void Rest();

  const Options options_;
  // Only the thread uses these.
  std::unique_ptr<fs::File> file_;
  uint32_t file_number_ = 0;
  uint64_t durable_bytes_ = 0;  // of the current file
  bool dirty_ = false;          // the file may have bytes behind them

  mutable base::Mutex mutex_;
  base::CondVar changed_;
  std::deque<std::unique_ptr<CommitGroup>> waiting_ ABSL_GUARDED_BY(mutex_);
  Groups free_ ABSL_GUARDED_BY(mutex_);
  Failure failure_ ABSL_GUARDED_BY(mutex_);
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool rests_ ABSL_GUARDED_BY(mutex_) = true;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_GROUP_WRITER_H_
