#ifndef TIDEMARK_SERVICES_ANALYTICS_APP_LOG_FOLLOWER_H_
#define TIDEMARK_SERVICES_ANALYTICS_APP_LOG_FOLLOWER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/ledger/block_reader.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "services/analytics/domain/fold.h"
#include "services/analytics/domain/source_day_fold.h"
#include "services/analytics/domain/stat_store.h"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace tidemark::ingest::v1 {
class TailResponse;
}  // namespace tidemark::ingest::v1

namespace tidemark::analytics {

// LogFollower: folds ingest's log into a store, on a thread of its own, from the store's
// folded_size() on and then for ever.
//
//   TM_ASSIGN_OR_RETURN(auto follower, LogFollower::Start({.channel = ingest, .token = token,
//       .store = store.get(), .clock = &clock,
//       .wait_for_catalog = [&](uint64_t version, absl::Duration timeout) {
//         return watcher->WaitForVersion(version, timeout); }}));
//
// Checks each block's checksums, that it is of the store's log and that it starts where the last
// one ended. A block with a CATALOG_MARK is folded only once that catalog version is loaded, so no
// answer is judged by a catalog that is not there, nor which event of a transaction counts (after a
// start: only once that of the last mark folded is), and only when the catalog's hash at that
// version is the mark's; the last mark folded before a start is compared as well. After a failure
// it waits (back-off, doubling) and resumes. A store whose disk is full is tried again with the
// same block. Thread-safe. Only WaitForSize and Stop block.
class LogFollower {
 public:
  struct Options {
    std::shared_ptr<grpc::Channel> channel;
    // Bearer token of role service.
    std::string token;
    // Not owned; must outlive the follower, its only writer.
    StatStore* store = nullptr;
    const base::Clock* clock = nullptr;
    // Returns OK once the version is loaded, DEADLINE_EXCEEDED after the timeout. nullptr: never
    // waits.
    std::function<absl::Status(uint64_t version, absl::Duration timeout)> wait_for_catalog;
    // Hash of the catalog's history up to a version; not OK: not loaded. nullptr: nothing is
    // compared.
    std::function<absl::StatusOr<std::string>(uint64_t version)> catalog_hash;
    // Which role's event counts, by version of the catalog. nullptr: as the enum has it.
    PrecedenceAt precedence;
    // Of the catalog; not owned. nullptr: no source may close a day.
    catalog_client::CatalogHistory* catalog = nullptr;
    // Called after every block folded, on the follower's thread; must not block nor call Stop.
    std::function<void()> on_advance;
    absl::Duration initial_backoff = absl::Milliseconds(100);
    absl::Duration max_backoff = absl::Seconds(5);
    // Ingest speaks every two seconds; after this silence it counts as away.
    absl::Duration silence_limit = absl::Seconds(15);
  };

  // INVALID_ARGUMENT when a pointer is missing. Does not wait for ingest.
  static absl::StatusOr<std::unique_ptr<LogFollower>> Start(Options options);
  // Calls Stop().
  ~LogFollower();

  // True while the stream stands and has spoken within the silence limit.
  bool reachable() const { return last_error().ok(); }
  // Why it is not reachable; OK while it is.
  absl::Status last_error() const;
  // Durable size of the log as last heard; 0: never.
  uint64_t log_size() const;
  // Why folding stands still although blocks come: the catalog (FAILED_PRECONDITION: it is not the
  // log's), the log (likewise: it is no longer what was folded), the disk. OK while it goes on.
  absl::Status stall() const;

  // The events that hang together, as far as they are folded.
  const LinkFold& links() const { return fold_.links(); }
  // The days of sources, as far as they are folded.
  const SourceDayFold& source_days() const { return source_days_; }

  // OK once `size` leaves are folded. DEADLINE_EXCEEDED: not in time, with the reason known.
  // CANCELLED: stopped. The timeout is real time.
  absl::Status WaitForSize(uint64_t size, absl::Duration timeout);

  // Cancels the stream and joins the thread. May be called again.
  void Stop();

 private:
  explicit LogFollower(Options options);
  void Run();
  absl::Status Follow();
  absl::Status Take(const ingest::v1::TailResponse& response);
  absl::Status FoldBlock(std::string_view bytes, uint64_t first_leaf, uint32_t record_count);
  absl::Status WaitForCatalog(std::span<const EffectBatch::Mark> marks);
  absl::Status WaitForVersion(uint64_t version);
  // That a block which the log sends again is the last one folded. FAILED_PRECONDITION
  // (LOG_REWRITTEN): the log has another one there.
  absl::Status CheckLast(std::string_view bytes) const;
  absl::Status CompareFolded();
  absl::Status CompareCatalog(uint64_t version, const CatalogHash& hash);
  absl::Status ReadSourceDays(EffectBatch* batch);
  absl::Status Append(const EffectBatch& batch);
  void SetStall(absl::Status reason);
  // False: stopping.
  bool Pause(absl::Duration duration);

  const Options options_;
  ledger::BlockReader reader_;
  Fold fold_;
  SourceDayFold source_days_;
  // Of the follower's thread: the last mark folded before the start is the catalog's; that version
  // is loaded.
  bool compared_ = false, loaded_ = false;
  // Of the follower's thread: the next block of the stream is the last one folded, sent again; how
  // many streams in a row were refused because the log ends before it.
  bool repeats_last_ = false;
  int too_short_ = 0;
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool connected_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t log_size_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t last_contact_nanos_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status last_error_ ABSL_GUARDED_BY(mutex_);
  absl::Status stall_ ABSL_GUARDED_BY(mutex_);
  // The stream in progress, to cancel it.
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::thread thread_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_APP_LOG_FOLLOWER_H_
