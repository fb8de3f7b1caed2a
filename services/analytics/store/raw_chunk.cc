#include "services/analytics/store/raw_chunk.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "common/status/status_macros.h"

namespace tidemark::analytics {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
static_assert(kLagSlot + 1 == kSlotCount, "copies are stored up to it, and then their lag");

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

size_t RawChunk::WidthNow(int slot) const {
  if (slot == kLagSlot && !has_lags_.load(std::memory_order_acquire)) return 0;
  return WidthOf(slot);
}

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
  uint32_t highest = max_class_.load(kRelaxed);
  for (size_t i = 0; i < batch.size; ++i) {
    classes[i] = static_cast<uint8_t>(batch.kind[i]);
    highest = std::max<uint32_t>(highest, classes[i]);
  }
  max_class_.store(highest, kRelaxed);
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

std::optional<StoredRow> RawChunk::OwnRowBelow(uint64_t leaf, size_t rows) const {
  const uint64_t* const effective = At<uint64_t>(kEffectiveSlot, 0);
  const uint64_t* const found = std::lower_bound(effective, effective + rows, leaf);
  const size_t row = static_cast<size_t>(found - effective);
  // The own effect precedes the copies at its index.
  if (row == rows || *found != leaf || !IsOwnClass(*At<uint8_t>(kClassSlot, row)))
    return std::nullopt;
  StoredRow values = {};
  for (int slot = 0; slot < kSlotCount; ++slot) {
    switch (WidthNow(slot)) {
      case 1:
        values[slot] = *At<uint8_t>(slot, row);
        break;
      case 4:
        values[slot] = *At<uint32_t>(slot, row);
        break;
      case 8:
        values[slot] = *At<int64_t>(slot, row);
        break;
    }
  }
  return values;
}

void RawChunk::StoreCopy(const EffectCopy& copy, const StoredRow& fields, const StoredRow& event,
                         size_t row) {
  StoredRow values = fields;
  values[kClassSlot] = static_cast<int64_t>(copy.kind) + (copy.negative ? kNegativeClass
                                                          : copy.own    ? 0
                                                                        : kCopyClass);
  for (int slot : {kAmountSlot, kVoucherSlot, kQuantitySlot}) values[slot] = event[slot];
  if (!copy.time_of_fields) values[kTimeSlot] = event[kTimeSlot];
  values[kEffectiveSlot] = static_cast<int64_t>(copy.effective);
  for (int slot = 0; slot < kLagSlot; ++slot) {
    switch (WidthOf(slot)) {
      case 1:
        *At<uint8_t>(slot, row) = static_cast<uint8_t>(values[slot]);
        break;
      case 4:
        *At<uint32_t>(slot, row) = static_cast<uint32_t>(values[slot]);
        break;
      case 8:
        *At<int64_t>(slot, row) = values[slot];
        break;
    }
  }
  for (int i = 0; i < 3; ++i) {
    Widen(&min_number_[i], &max_number_[i], &values[kAmountSlot + i], 1);
  }
  Widen(&min_time_, &max_time_, &values[kTimeSlot], 1);
  max_class_.store(std::max(max_class_.load(kRelaxed), static_cast<uint32_t>(values[kClassSlot])),
                   kRelaxed);
}

// Of one of the rows up to `end`, which is the end of the batch being appended.
void RawChunk::StoreLag(int64_t lag, size_t row, size_t end) {
  if (!has_lags_.load(kRelaxed)) {
    if (lag == 0) return;
    std::fill_n(At<int64_t>(kLagSlot, 0), end, 0);
    // Whoever sees it sees the zeros of rows published before.
    has_lags_.store(true, std::memory_order_release);
  }
  *At<int64_t>(kLagSlot, row) = lag;
}

absl::Status RawChunk::InsertCopies(const EffectBatch& batch, size_t row, FindOwn elsewhere) {
  const size_t copies = batch.copies.size();
  std::vector<size_t> before(copies);  // of the batch's rows, by copy
  for (size_t c = 0, plain = 0; c < copies; ++c) {
    while (plain < batch.size && batch.effective(plain) <= batch.copies[c].effective) ++plain;
    before[c] = plain;
  }
  for (int slot = 0; slot < kSlotCount; ++slot) {
    const size_t width = WidthNow(slot);
    uint8_t* const rows = Column(slot) + row * width;
    // From the back: every run of rows that lie between two copies moves by as many as precede it.
    size_t end = batch.size;
    for (size_t c = copies; c-- > 0;) {
      const size_t begin = before[c];
      std::memmove(rows + (begin + c + 1) * width, rows + begin * width, (end - begin) * width);
      end = begin;
    }
  }
  for (size_t c = 0; c < copies; ++c) {
    const EffectCopy& copy = batch.copies[c];
    const size_t at = row + before[c] + c;
    const auto find = [&](uint64_t leaf) -> absl::StatusOr<StoredRow> {
      if (const std::optional<StoredRow> here = OwnRowBelow(leaf, at)) return *here;
      return elsewhere(leaf);
    };
    TM_ASSIGN_OR_RETURN(const StoredRow fields, find(copy.fields_leaf));
    StoredRow event = {};
    if (copy.own) {
      event[kTimeSlot] = copy.facts.event_time_us;
      event[kAmountSlot] = copy.facts.amount;
      event[kVoucherSlot] = copy.facts.voucher;
      event[kQuantitySlot] = copy.facts.quantity;
    } else if (copy.event_leaf == copy.fields_leaf) {
      event = fields;
    } else {
      TM_ASSIGN_OR_RETURN(event, find(copy.event_leaf));
    }
    StoreCopy(copy, fields, event, at);
    const int64_t lag = copy.kind == EffectKind::kRefund && !copy.time_of_fields
                            ? LagOf(event[kTimeSlot], fields[kTimeSlot])
                            : 0;
    StoreLag(lag, at, row + batch.rows());
  }
  return absl::OkStatus();
}

absl::Status RawChunk::Append(const EffectBatch& batch, const Ids& ids,
                              const DictionarySizes& sizes, FindOwn elsewhere) {
  const size_t row = rows_.load(kRelaxed);
  if (batch.size > 0) {
    AppendCodes(batch, ids, row);
    AppendNumbers(batch, row);
    AppendIds(batch, ids, row);
  }
  if (has_lags_.load(kRelaxed)) std::fill_n(At<int64_t>(kLagSlot, row), batch.rows(), 0);
  if (!batch.copies.empty()) TM_RETURN_IF_ERROR(InsertCopies(batch, row, elsewhere));
  sizes_ = sizes;
  rows_.store(row + batch.rows(), std::memory_order_release);
  end_leaf_.store(batch.end_leaf(), std::memory_order_release);
  return absl::OkStatus();
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
  const uint32_t max_class = max_class_.load(kRelaxed);
  group.has_negative = max_class >= kNegativeClass;
  for (int slot = 0; slot < kSlotCount; ++slot) {
    ColumnView& column = group.columns[slot];
    column.data = Column(slot);
    column.width = static_cast<uint8_t>(WidthNow(slot));
    column.max = column.width == 1 ? max_class : column.width == 4 ? 0xFFFFFFFF : 0;
  }
  for (int i = 0; i < 3; ++i) {
    group.columns[kAmountSlot + i].min = min_number_[i].load(kRelaxed);
    group.columns[kAmountSlot + i].max = max_number_[i].load(kRelaxed);
  }
  return group;
}

}  // namespace tidemark::analytics
