#ifndef TIDEMARK_SERVICES_INGEST_STORE_DAY_BOOK_H_
#define TIDEMARK_SERVICES_INGEST_STORE_DAY_BOOK_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/catalog/local_days.h"
#include "clients/cpp/ledger/block_reader.h"
#include "common/base/countdown.h"
#include "common/base/mutex.h"
#include "services/ingest/domain/statement.h"
#include "services/ingest/store/block_files.h"
#include "services/ingest/store/day_revisions.h"

namespace tidemark::ingest {

// What the log holds of each source and day, counted from its durable blocks. Nothing is counted
// before somebody asks: the first call after a start reads the whole log, later ones what came
// since, and of records that revise an event the blocks of the earlier ones besides. About 400
// bytes for each source and day with events; 5 MiB at most for revisions. One thread; thread-safe.
class DayBook {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<Statement>)>;
  struct Options {
    const BlockFiles* files = nullptr;  // not owned
    // How long a caller waits for the log to be counted.
    absl::Duration patience = absl::Seconds(10);
  };

  explicit DayBook(Options options);
  // Stop().
  ~DayBook();

  // Of everything that is durable now. `done` is called by the thread of the book. Days are those
  // of `zone`, which is the same in all calls, or the log is counted anew.
  // UNAVAILABLE (STATEMENT_NOT_READY): not counted yet; goes on nevertheless. DATA_LOSS.
  void Read(std::string source, int32_t day, absl::TimeZone zone, Done done);
  // Answers those who wait with UNAVAILABLE.
  void Stop();

 private:
  struct Asked {
    std::string source;
    int32_t day = 0;
    absl::TimeZone zone;
    uint64_t end_leaf = 0;  // durable when it was asked
    Done done;
    base::Countdown patience;
  };
  struct SourceDays {
    EventDays by_event_day;
    absl::flat_hash_map<int32_t, AcceptedCounts> by_arrival_day;
    absl::flat_hash_map<int32_t, DayClose> closes;
  };
  using Waiting = std::deque<std::unique_ptr<Asked>>;

  void Run();
  // Adds those who asked since, and waits for one if that is wanted. False: stopping.
  bool Take(bool wait, Waiting* waiting);
  void SetZone(absl::TimeZone zone);
  // Counts the next block, or settles revisions when there are many, or `answer` wants none left;
  // false: nothing more to do.
  absl::StatusOr<bool> Step(bool answer);
  absl::StatusOr<bool> CountBlock();
  absl::Status CountEvents(const ledger::BlockHeader& header);
  absl::Status CountCloses(const ledger::BlockHeader& header);
  SourceDays& Of(std::string_view source);
  Statement Answer(const Asked& asked) const;
  absl::Status NotReady() const;

  const Options options_;
  // Of the thread.
  absl::TimeZone zone_;
  std::unique_ptr<catalog_client::LocalDays> days_;
  size_t next_block_ = 0;
  uint64_t counted_ = 0;  // leaves; of the revisions among them some may not be settled
  DayRevisions revisions_;
  // They were full, or an answer needs them: until none is left no block is counted, so that one
  // that holds the revised is decoded for many.
  bool settling_ = false;
  absl::flat_hash_map<std::string, std::unique_ptr<SourceDays>> sources_;
  std::string bytes_;
  ledger::BlockReader reader_;

  base::Mutex mutex_;
  base::CondVar changed_;
  Waiting asked_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_DAY_BOOK_H_
