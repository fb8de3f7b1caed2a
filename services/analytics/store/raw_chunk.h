#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_RAW_CHUNK_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_RAW_CHUNK_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "services/analytics/domain/effect_batch.h"
#include "services/analytics/store/columns.h"

namespace tidemark::analytics {

// How far the dictionaries reached after some leaf.
struct DictionarySizes {
  std::array<uint32_t, kFieldCount> codes = {};
  uint32_t consumers = 0;
  uint32_t orders = 0;
  bool operator==(const DictionarySizes&) const = default;
};

// Keeps the memory of a few chunks that are no longer used for the next ones: fresh pages cost more
// than what is written to them. Thread-safe.
class ChunkMemory {
 public:
  std::unique_ptr<uint8_t[]> Take(size_t bytes);
  void Return(std::unique_ptr<uint8_t[]> memory, size_t bytes);

 private:
  static constexpr size_t kKept = 4;
  base::Mutex mutex_;
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<uint8_t[]>> free_ ABSL_GUARDED_BY(mutex_);
};

// The newest effects, in the order of the log, each value at full width. One writer appends whole
// blocks while any number of readers scan what is published: a reader sees every effect of a block
// published before it asks, and maybe a part of the next.
class RawChunk {
 public:
  // Codes and dense ids of a batch, as the dictionaries gave them. codes[f] is by entry of
  // fields[f].
  struct Ids {
    std::array<const CodeId*, kFieldCount> codes = {};
    const uint32_t* consumers = nullptr;  // by entry: 0, then one per pseudonym
    const uint32_t* orders = nullptr;     // by row; nullptr: no row has one
  };

  RawChunk(uint64_t first_leaf, size_t capacity, std::shared_ptr<ChunkMemory> source);
  ~RawChunk();
  RawChunk(const RawChunk&) = delete;
  RawChunk& operator=(const RawChunk&) = delete;

  // The writer's.
  size_t capacity() const { return capacity_; }
  bool HasRoom(size_t rows) const { return capacity_ - this->rows() >= rows; }
  // Finds the row of an event's own effect: in this chunk at first, then elsewhere.
  using FindOwn = absl::FunctionRef<absl::StatusOr<StoredRow>(uint64_t leaf)>;
  // NOT_FOUND: a copy repeats what is nowhere; nothing was appended.
  absl::Status Append(const EffectBatch& batch, const Ids& ids, const DictionarySizes& sizes,
                      FindOwn elsewhere);

  // Anyone's. Leaves [first_leaf, end_leaf) are covered.
  uint64_t first_leaf() const { return first_leaf_; }
  uint64_t end_leaf() const { return end_leaf_.load(std::memory_order_acquire); }
  size_t rows() const { return rows_.load(std::memory_order_acquire); }
  // The effects below log_size; valid while the chunk lives. Bounds may be wider than those rows.
  RowGroup Rows(uint64_t log_size) const;
  // Of an event's own effect, when it is here.
  std::optional<StoredRow> OwnRow(uint64_t leaf) const { return OwnRowBelow(leaf, rows()); }
  // Dictionaries after end_leaf. Only once nothing is appended any more.
  const DictionarySizes& sizes() const { return sizes_; }
  size_t memory_bytes() const { return bytes_; }

 private:
  // Bytes per row of a column. That of lags is kept from the first one on.
  size_t WidthNow(int slot) const;
  uint8_t* Column(int slot) const { return memory_.get() + offset_[slot]; }
  template <typename T>
  T* At(int slot, size_t row) const {
    return reinterpret_cast<T*>(Column(slot)) + row;
  }
  std::optional<StoredRow> OwnRowBelow(uint64_t leaf, size_t rows) const;
  // Makes room for the copies among the batch's rows from `row` on, and fills it.
  absl::Status InsertCopies(const EffectBatch& batch, size_t row, FindOwn elsewhere);
  void StoreCopy(const EffectCopy& copy, const StoredRow& fields, const StoredRow& event,
                 size_t row);
  void StoreLag(int64_t lag, size_t row, size_t end);
  void AppendCodes(const EffectBatch& batch, const Ids& ids, size_t row);
  void AppendNumbers(const EffectBatch& batch, size_t row);
  void AppendIds(const EffectBatch& batch, const Ids& ids, size_t row);

  const uint64_t first_leaf_;
  const size_t capacity_;
  size_t bytes_ = 0;
  std::array<size_t, kSlotCount> offset_ = {};
  const std::shared_ptr<ChunkMemory> source_;
  std::unique_ptr<uint8_t[]> memory_;
  DictionarySizes sizes_;
  // Written before rows_, so that whoever sees the rows sees bounds that hold them.
  std::atomic<int64_t> min_time_;
  std::atomic<int64_t> max_time_;
  std::array<std::atomic<int64_t>, 3> min_number_ = {};  // amount, voucher, quantity
  std::array<std::atomic<int64_t>, 3> max_number_ = {};
  std::atomic<uint32_t> max_class_ = 0;
  // Its column is filled up to the end of the rows, those of the batch being appended included.
  std::atomic<bool> has_lags_ = false;
  std::atomic<size_t> rows_ = 0;
  std::atomic<uint64_t> end_leaf_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_RAW_CHUNK_H_
