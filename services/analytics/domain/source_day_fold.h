#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_SOURCE_DAY_FOLD_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_SOURCE_DAY_FOLD_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/catalog/catalog_history.h"
#include "clients/cpp/catalog/local_days.h"
#include "clients/cpp/ledger/block_reader.h"
#include "common/base/mutex.h"
#include "services/analytics/domain/effect_batch.h"
#include "services/analytics/domain/link_fold.h"
#include "services/analytics/domain/source_day.h"
#include "services/analytics/domain/source_day_book.h"

namespace tidemark::analytics {

// The part of the fold for days of sources: how they are closed, and whether what stands agrees.
//
//   SourceDayFold days(&store, &fold.links(), &history);
//   TM_RETURN_IF_ERROR(fold.Read(reader, &batch));
//   TM_RETURN_IF_ERROR(days.Read(reader, &batch));
//   TM_RETURN_IF_ERROR(store.Append(batch));
//
// A source is watched from the first block on in which it closes a day, or whose CATALOG_MARK has
// it close days; for good, so that nothing is missing when the catalog says so again. What stood
// before is asked of the store then, and after a restart; the journal of states is kept as notes.
// Nothing is done as long as no source is watched. Read() is for one thread, the rest for any.
class SourceDayFold final : public SourceDays {
 public:
  // Nothing is owned. `catalog` may be null: then no source may close a day.
  SourceDayFold(const StatStore* store, const LinkFold* links,
                catalog_client::CatalogHistory* catalog)
      : store_(*store), links_(*links), catalog_(catalog) {}

  // After Fold::Read() of the block, whose catalog is loaded; adds to the notes of `batch`, which
  // are valid until the next Read(). DATA_LOSS: the block is damaged. UNAVAILABLE: the catalog is
  // not loaded. FAILED_PRECONDITION: this host does not know the observatory's time zone.
  // RESOURCE_EXHAUSTED: no memory for a question to the store. After an error the same block can be
  // read again.
  absl::Status Read(ledger::BlockReader& reader, EffectBatch* batch);

  absl::Status ReadStates(std::string_view source, uint64_t log_size, int32_t first, int32_t end,
                          absl::FunctionRef<void(int32_t day, SourceDayState)> take) const override;
  absl::Status ReadTotals(
      std::string_view source, uint64_t log_size, int32_t first, int32_t end,
      absl::FunctionRef<void(int32_t day, const DayTotals&)> take) const override;
  // After the last block read.
  size_t memory_bytes() const { return memory_bytes_.load(std::memory_order_relaxed); }

 private:
  struct Block;
  struct Loaded {
    size_t source;  // in the list asked for
    int32_t day;
    StandingSums sums;
  };

  absl::Status Restore() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::shared_ptr<const catalog_client::CatalogView>> ViewAt(uint64_t version) const;
  // Sources that the block has watched and that were not.
  absl::StatusOr<std::set<std::string>> NewlyWatched(ledger::BlockReader& reader,
                                                     const EffectBatch& batch);
  // Makes days_ of the zone that the book has, or (true) is to have.
  absl::StatusOr<bool> SetZone(const EffectBatch& batch);
  // What stands below `log_size`, of every day.
  absl::StatusOr<std::vector<Loaded>> Load(std::span<const std::string> sources, uint64_t log_size);
  absl::Status LoadWatched(uint64_t log_size);
  void Watch(const std::vector<std::string>& sources, const std::vector<Loaded>& loaded,
             uint64_t first_leaf) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Count(ledger::BlockReader& reader, uint64_t first_leaf);
  void Change(Block* block, std::string_view source, SourceDayBook::Source* days, int32_t day,
              const StandingSums& sums) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Settle(Block* block, uint64_t leaf) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const StatStore& store_;
  const LinkFold& links_;
  catalog_client::CatalogHistory* const catalog_;

  mutable base::Mutex mutex_;
  mutable SourceDayBook book_ ABSL_GUARDED_BY(mutex_);
  // Of the book; empty: no source is watched.
  mutable std::string zone_name_ ABSL_GUARDED_BY(mutex_);
  // The journal of the store is in the book, and maybe that of a block to be appended.
  mutable bool restored_ ABSL_GUARDED_BY(mutex_) = false;
  // That the book stands at; another block than this one's next means that a batch was not
  // appended.
  mutable uint64_t end_leaf_ ABSL_GUARDED_BY(mutex_) = UINT64_MAX;
  // The book has sums, not only a journal.
  mutable bool has_sums_ ABSL_GUARDED_BY(mutex_) = false;
  std::atomic<size_t> memory_bytes_ = 0;

  // Of Read()'s thread.
  std::unique_ptr<catalog_client::LocalDays> days_;
  std::string days_zone_;
  std::string added_, notes_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_SOURCE_DAY_FOLD_H_
