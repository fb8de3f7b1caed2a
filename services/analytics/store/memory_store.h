#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_MEMORY_STORE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_MEMORY_STORE_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "services/analytics/domain/effect_batch.h"
#include "services/analytics/domain/stat_store.h"

namespace tidemark::analytics {

// The oracle: a vector of rows and std::map. Made to be obviously right, not fast; every other
// engine must agree with it exactly. Thread-safe behind one lock. Keeps nothing across a restart.
class MemoryStore final : public StatStore {
 public:
  absl::Status Append(const EffectBatch& batch) override;
  uint64_t folded_size() const override;
  uint64_t durable_size() const override { return 0; }
  std::string log_id() const override;
  absl::StatusOr<SnapshotInfo> Snapshot(uint64_t log_size) const override;
  uint64_t LogSizeAt(int64_t accepted_time_us) const override;
  std::shared_ptr<const CodeList> Codes(Field field) const override;
  bool HasCode(Field field, std::string_view code, uint64_t log_size) const override;
  bool HasOrder(std::string_view order, uint64_t log_size) const override;
  TimeBounds EventTimes(uint64_t log_size) const override;
  uint64_t DataVersion(int64_t start_us, int64_t end_us, uint64_t log_size) const override;
  absl::StatusOr<EngineResult> Run(const EngineQuery& query) const override;
  absl::StatusOr<uint64_t> EachConsumer(
      const EngineQuery& query,
      absl::FunctionRef<absl::Status(std::span<const Consumption>)> take) const override;
  StoreStats Stats() const override;
  absl::StatusOr<std::vector<EventFacts>> ReadEvents(
      std::span<const uint64_t> leaves) const override;
  absl::Status ReadNotes(
      absl::FunctionRef<absl::Status(std::string_view notes)> take) const override;

 private:
  struct Row {
    uint64_t effective = 0;
    bool own = true;  // not a copy
    int sign = 1;
    EffectKind kind = EffectKind::kPurchase;
    int64_t time_us = 0;
    int64_t origin_us = 0;
    int64_t amount = 0;
    int64_t voucher = 0;
    int64_t quantity = 0;
    std::array<CodeId, kFieldCount> codes = {};
    bool has_order = false;
    std::string order;
    std::string pseudonym;  // empty: absent
  };
  struct Block {
    uint64_t end_leaf = 0;
    int64_t accepted_time_us = 0;
  };
  class Cell;

  Row MakeRow(const EffectBatch& batch, size_t row) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddRow(Row row) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status AddCopy(const EffectCopy& copy) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<const Row*> OwnRow(uint64_t leaf) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  CodeId Code(Field field, std::string_view text) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static bool Passes(const EngineQuery& query, const TimeSlice& slice, const Row& row);

  mutable base::Mutex mutex_;
  std::string log_id_ ABSL_GUARDED_BY(mutex_);
  uint64_t folded_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Row> rows_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, size_t> own_rows_ ABSL_GUARDED_BY(mutex_);  // by leaf
  std::vector<std::string> notes_ ABSL_GUARDED_BY(mutex_);
  std::vector<Block> blocks_ ABSL_GUARDED_BY(mutex_);
  std::vector<EffectBatch::Mark> marks_ ABSL_GUARDED_BY(mutex_);
  std::array<CodeListBuilder, kFieldCount> codes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_MEMORY_STORE_H_
