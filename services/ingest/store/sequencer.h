#ifndef TIDEMARK_SERVICES_INGEST_STORE_SEQUENCER_H_
#define TIDEMARK_SERVICES_INGEST_STORE_SEQUENCER_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/store/batch_identity.h"
#include "services/ingest/store/block_maker.h"
#include "services/ingest/store/group_writer.h"

namespace tidemark::ingest {

// The one thread that orders the log: takes all batches that wait (group commit), decides
// identity, gives leaves, makes the block and hands it to the writer. A small group takes what
// comes for as long as the writer is busy: a block costs all who read it something, whatever its
// size. Owns the identity table's use and everything that precedes durability; takes it back when a
// group cannot be written.
//
// Which view judges a record: the last CATALOG_MARK before it. A batch judged by a newer view
// than the mark is preceded by a new mark; one judged by an older view is handed back (ABORTED,
// STALE_VIEW) to be judged again, because the log already said that the newer one is in force.
class Sequencer {
 public:
  struct Options {
    const base::Clock* clock = nullptr;  // not owned, nor is anything below
    const BlockFiles* files = nullptr;
    IdentityIndex* table = nullptr;
    WaitingRefunds* waiting = nullptr;
    ClosedDays* closed_days = nullptr;
    const SipHash* hash = nullptr;
    const ledger::HmacKey* salt_key = nullptr;
    GroupWriter* writer = nullptr;
    ledger::LogId log_id = {};
    LogHead head;
    // A group ends with the batch that reaches one of these.
    size_t group_rows = size_t{1} << 14;
    // One with as many rows does not wait for the writer.
    size_t enough_rows = size_t{1} << 13;
    size_t group_bytes = size_t{16} << 20;
  };
  using FindDone = absl::AnyInvocable<void(absl::StatusOr<std::vector<FoundEvent>>)>;

  explicit Sequencer(Options options);
  // Stop().
  ~Sequencer();

  // See LogStore.
  void Append(AppendBatch* batch);
  void Mark(const CatalogStamp& stamp);
  void Find(const std::string& source, const std::vector<std::string>& ids, FindDone done);

  // Refuses new work, finishes what is queued.
  void Stop();
  // For GroupWriter::Options::on_failure and on_rest.
  void WriteFailed();
  void WriterRests();

  uint64_t marked_version() const { return marked_version_.load(std::memory_order_relaxed); }
  // Empty while the log takes writes.
  std::string sealed_reason() const;

 private:
  struct Lookup {
    std::vector<Fingerprint> identities;
    OlderLeaves older;
    FindDone done;
  };
  using Task = std::variant<AppendBatch*, CatalogStamp, std::unique_ptr<Lookup>>;

  void Push(Task task);
  void Run();
  // False: stopping, and nothing is left.
  bool Take(std::vector<Task>* tasks);
  // Adds tasks for the group being made, which has some; false: it should end.
  bool TakeMore(std::vector<Task>* tasks);
  // Until the group has `rows` or more; no batch with an event after `latest_us`.
  void TakeUpTo(size_t rows, int64_t latest_us, std::vector<Task>* tasks)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MakeGroup(std::vector<Task>& tasks);
  // False: the group is lost; its batches are answered.
  bool AddTask(Task& task, CommitGroup* group);
  bool AddBatch(AppendBatch* batch, CommitGroup* group);
  absl::Status AddMark(const CatalogStamp& stamp);
  absl::Status StoreRows(AppendBatch* batch, AppendResult* result);
  // The accepted row at `leaf` of the group being made; none when it is no event.
  std::optional<ledger::EventRecord> RowOfGroup(uint64_t leaf) const;
  // Closes the batch's days, but those closed with the same totals already.
  absl::Status CloseDays(AppendBatch* batch, CommitGroup* group, AppendResult* result);
  // Undoes what `group` changed of what precedes durability.
  void TakeBack(CommitGroup& group);
  void AnswerLookup(Lookup& lookup);
  // Takes back everything that was not written and answers its batches.
  void RollBack();
  // Gives `group` up because of a fault of this program; its batches get INTERNAL.
  void Abandon(CommitGroup& group, const absl::Status& fault);
  static void Answer(AppendBatch* batch, AppendResult result);

  const Options options_;
  BlockMaker maker_;
  DecodedBlocks blocks_;
  BatchIdentity identity_;
  LogHead head_;
  // Of the group being made.
  size_t taken_rows_ = 0;
  size_t taken_bytes_ = 0;
  uint64_t group_first_leaf_ = 0;
  uint64_t next_leaf_ = 0;
  int64_t accepted_time_us_ = 0;
  // The batches of the group, by the leaf of their first accepted row.
  struct GroupRows {
    uint64_t first_leaf;
    const AppendBatch* batch;
  };
  std::vector<GroupRows> group_rows_;
  absl::Status sealed_;

  std::atomic<uint64_t> marked_version_{0};
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool write_failed_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::string sealed_reason_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_SEQUENCER_H_
