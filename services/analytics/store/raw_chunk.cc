#include "services/analytics/store/raw_chunk.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace tidemark::analytics {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

size_t WidthOf(int slot) {
  if (slot == kClassSlot) return 1;
  if (slot == kMicroSlot) return 0;
  const bool narrow = slot < kFieldCount || slot == kConsumerSlot || slot == kOrderSlot;
  return narrow ? 4 : 8;
}

void Widen(std::atomic<int64_t>* min, std::atomic<int64_t>* max, const int64_t* values, size_t n) {
  int64_t low = min->load(kRelaxed), high = max->load(kRelaxed);
  for (size_t i = 0; i < n; ++i) {
    low = std::min(low, values[i]);
    high = std::max(high, values[i]);
  }
  min->store(low, kRelaxed);
  max->store(high, kRelaxed);
}

}  // namespace

std::unique_ptr<uint8_t[]> ChunkMemory::Take(size_t bytes) {
  {
    base::MutexLock lock(mutex_);
    if (bytes == bytes_ && !free_.empty()) {
      std::unique_ptr<uint8_t[]> memory = std::move(free_.back());
      free_.pop_back();
      return memory;
    }
  }
  return std::unique_ptr<uint8_t[]>(new uint8_t[bytes]);
}

void ChunkMemory::Return(std::unique_ptr<uint8_t[]> memory, size_t bytes) {
  base::MutexLock lock(mutex_);
  if (bytes_ == 0) bytes_ = bytes;
  // Chunks for a single large block are rare and not kept.
  if (bytes == bytes_ && free_.size() < kKept) free_.push_back(std::move(memory));
}

RawChunk::RawChunk(uint64_t first_leaf, size_t capacity, std::shared_ptr<ChunkMemory> source)
    : first_leaf_(first_leaf),
      capacity_(capacity),
      source_(std::move(source)),
      min_time_(std::numeric_limits<int64_t>::max()),
      max_time_(std::numeric_limits<int64_t>::min()),
      end_leaf_(first_leaf) {
  for (int slot = 0; slot < kSlotCount; ++slot) {
    offset_[slot] = bytes_;
    bytes_ += (WidthOf(slot) * capacity + 63) / 64 * 64;
  }
  memory_ = source_->Take(bytes_);
}

RawChunk::~RawChunk() { source_->Return(std::move(memory_), bytes_); }

void RawChunk::AppendCodes(const EffectBatch& batch, const Ids& ids, size_t row) {
  for (int f = 0; f < kFieldCount; ++f) {
    if (f == kClassSlot) continue;
    CodeId* const out = At<CodeId>(f, row);
    const TextColumn& column = batch.fields[f];
    if (column.entries.empty() || column.constant) {
      std::fill_n(out, batch.size, column.entries.empty() ? 0 : ids.codes[f][column.index[0]]);
      continue;
    }
    const CodeId* const codes = ids.codes[f];
    const uint32_t* const index = column.index.data();
    for (size_t i = 0; i < batch.size; ++i) out[i] = codes[index[i]];
  }
  uint8_t* const classes = At<uint8_t>(kClassSlot, row);
  bool negative = false;
  for (size_t i = 0; i < batch.size; ++i) {
    negative |= batch.negative(i);
    classes[i] = static_cast<uint8_t>(static_cast<uint32_t>(batch.kind[i]) +
                                      (batch.negative(i) ? kNegativeClass : 0));
  }
  if (negative) has_negative_.store(true, kRelaxed);
}

void RawChunk::AppendNumbers(const EffectBatch& batch, size_t row) {
  const std::span<const int64_t> columns[3] = {batch.amount, batch.voucher, batch.quantity};
  for (int i = 0; i < 3; ++i) {
    int64_t* const out = At<int64_t>(kAmountSlot + i, row);
    if (columns[i].empty()) {
      std::fill_n(out, batch.size, 0);
    } else {
      std::copy_n(columns[i].data(), batch.size, out);
      Widen(&min_number_[i], &max_number_[i], out, batch.size);
    }
  }
  std::copy_n(batch.event_time_us.data(), batch.size, At<int64_t>(kTimeSlot, row));
  Widen(&min_time_, &max_time_, batch.event_time_us.data(), batch.size);
  uint64_t* const effective = At<uint64_t>(kEffectiveSlot, row);
  for (size_t i = 0; i < batch.size; ++i) effective[i] = batch.effective(i);
}

void RawChunk::AppendIds(const EffectBatch& batch, const Ids& ids, size_t row) {
  uint32_t* const consumers = At<uint32_t>(kConsumerSlot, row);
  if (batch.pseudonym_index.empty()) {
    std::fill_n(consumers, batch.size, 0);
  } else {
    const uint32_t* const index = batch.pseudonym_index.data();
    for (size_t i = 0; i < batch.size; ++i) consumers[i] = ids.consumers[index[i]];
  }
  uint32_t* const orders = At<uint32_t>(kOrderSlot, row);
  if (ids.orders == nullptr) {
    std::fill_n(orders, batch.size, 0);
  } else {
    std::copy_n(ids.orders, batch.size, orders);
  }
}

void RawChunk::Append(const EffectBatch& batch, const Ids& ids, const DictionarySizes& sizes) {
  const size_t row = rows_.load(kRelaxed);
  if (batch.size > 0) {
    AppendCodes(batch, ids, row);
    AppendNumbers(batch, row);
    AppendIds(batch, ids, row);
  }
  sizes_ = sizes;
  rows_.store(row + batch.size, std::memory_order_release);
  end_leaf_.store(batch.end_leaf(), std::memory_order_release);
}

RowGroup RawChunk::Rows(uint64_t log_size) const {
  RowGroup group;
  const size_t published = rows();
  const uint64_t* const effective = At<uint64_t>(kEffectiveSlot, 0);
  group.rows = static_cast<uint32_t>(std::lower_bound(effective, effective + published, log_size) -
                                     effective);
  if (group.rows == 0) return group;
  group.min_time_us = min_time_.load(kRelaxed);
  group.max_time_us = max_time_.load(kRelaxed);
  group.min_effective = effective[0];
  group.max_effective = effective[group.rows - 1];
  group.has_negative = has_negative_.load(kRelaxed);
  for (int slot = 0; slot < kSlotCount; ++slot) {
    ColumnView& column = group.columns[slot];
    column.data = Column(slot);
    column.width = static_cast<uint8_t>(WidthOf(slot));
    column.max = column.width == 1 ? kClassCount - 1 : column.width == 4 ? 0xFFFFFFFF : 0;
  }
  for (int i = 0; i < 3; ++i) {
    group.columns[kAmountSlot + i].min = min_number_[i].load(kRelaxed);
    group.columns[kAmountSlot + i].max = max_number_[i].load(kRelaxed);
  }
  return group;
}

}  // namespace tidemark::analytics
