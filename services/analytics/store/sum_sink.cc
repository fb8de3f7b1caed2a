#include "services/analytics/store/sum_sink.h"

#include <algorithm>

namespace tidemark::analytics {
namespace {

int SlotOfColumn(SumColumn column) {
  switch (column) {
    case SumColumn::kVoucher:
      return kVoucherSlot;
    case SumColumn::kQuantity:
      return kQuantitySlot;
    case SumColumn::kCount:
    case SumColumn::kAmount:
    case SumColumn::kIdentified:
      break;
  }
  return kAmountSlot;
}

// Rows of one cell come one after the other.
bool HasLongRuns(const uint32_t* cells, size_t n) {
  uint32_t changes = 0;
  for (size_t i = 1; i < n; ++i) changes += cells[i] != cells[i - 1] ? 1 : 0;
  return 16 * changes < n;
}

bool HasNegative(const uint8_t* classes, size_t n) {
  uint8_t highest = 0;
  for (size_t i = 0; i < n; ++i) highest = std::max(highest, classes[i]);
  return highest >= kNegativeClass;
}

}  // namespace

template <typename Total>
SumSink<Total>::SumSink(size_t cells, const SumLayout& layout)
    : layout_(layout), cells_(cells), ways_(WaysFor(cells, layout)), places_(kBlockRows) {
  static_assert(kClassCount <= 64);
  for (uint32_t c = 0; c < kClassCount; ++c) {
    place_of_class_[c] = static_cast<uint8_t>(
        layout.slot_size() * (c < kNegativeClass ? layout.SlotOf(KindOfClass(c)) : layout.rest()));
  }
  classes_of_slot_.resize(layout.slots());
  for (uint32_t c = 0; c < kClassCount; ++c)
    classes_of_slot_[place_of_class_[c] / layout.slot_size()][c] = 0xFF;
  if (layout.Has(SumColumn::kIdentified)) identified_.resize(kBlockRows);
}

// kValues: value columns of the layout. Way i takes every row i modulo kWays.
template <typename Total>
template <int kValues>
void SumSink<Total>::AddRows(size_t begin, size_t end, Total* const* ways) {
  const uint32_t* const places = places_.data();
  const auto add = [&](Total* sums, size_t i) {
    Total* const slot = sums + places[i];
    if constexpr (kValues > 0 && sizeof(Total) == sizeof(int64_t)) {
      // Count and first value at once.
      using Pair __attribute__((vector_size(16), aligned(8), may_alias)) = int64_t;
      *reinterpret_cast<Pair*>(slot) += Pair{1, values_[0][i]};
      for (int v = 1; v < kValues; ++v) slot[1 + v] += values_[v][i];
    } else {
      slot[0] += 1;
      for (int v = 0; v < kValues; ++v) slot[1 + v] += values_[v][i];
    }
  };
  size_t i = begin;
  for (; i + kWays <= end; i += kWays) {
    add(ways[0], i);
    add(ways[1], i + 1);
    add(ways[2], i + 2);
    add(ways[3], i + 3);
  }
  for (; i < end; ++i) add(ways[0], i);
}

template <typename Total>
template <int kValues>
void SumSink<Total>::AddBlock(const ScanBlock& block) {
  Total* ways[kWays];
  for (size_t way = 0; way < kWays; ++way)
    ways[way] = sums_.data() + (way % ways_) * cells_ * layout_.cell_size();
  const uint32_t* const cells = block.cells();
  const size_t n = block.size();
  const uint32_t size = layout_.cell_size();
  const bool by_runs = ways_ == 1 && HasLongRuns(cells, n);
  Kernels().find_places(cells, block.classes(), n, by_runs ? 0 : size, place_of_class_.data(),
                        places_.data());
  if (!by_runs) {
    AddRows<kValues>(0, n, ways);
    return;
  }
  // The sums of one run of rows, in copies.
  constexpr size_t kMost = (kEffectKindCount + 1) * kSumColumnCount;
  Total run[kWays][kMost];
  Total* runs[kWays] = {run[0], run[1], run[2], run[3]};
  for (size_t begin = 0; begin < n;) {
    size_t end = begin + 1;
    while (end < n && cells[end] == cells[begin]) ++end;
    for (Total* sums : runs) std::fill_n(sums, size, Total{0});
    AddRows<kValues>(begin, end, runs);
    Total* const to = sums_.data() + size_t{cells[begin]} * size;
    for (size_t i = 0; i < size; ++i) to[i] += run[0][i] + run[1][i] + run[2][i] + run[3][i];
    begin = end;
  }
}

// All rows of the block are of one cell: a slot at a time.
template <typename Total>
void SumSink<Total>::AddToOneCell(const ScanBlock& block) {
  const size_t n = block.size();
  Total* const cell = sums_.data() + size_t{block.cells()[0]} * layout_.cell_size();
  auto others = static_cast<int64_t>(n);
  for (uint32_t slot = 0; slot < layout_.slots(); ++slot) {
    Total* const sums = cell + slot * layout_.slot_size();
    if (slot == layout_.rest()) {
      // Of what counts for nothing there is only the number.
      sums[0] += others;
      break;
    }
    rows_of_slot_.Start(n);
    Kernels().keep_bytes(block.classes(), n, classes_of_slot_[slot].data(), rows_of_slot_.mask());
    rows_of_slot_.Recount();
    sums[0] += static_cast<int64_t>(rows_of_slot_.size());
    others -= static_cast<int64_t>(rows_of_slot_.size());
    for (size_t v = 0; v < layout_.values().size() && rows_of_slot_.size() != 0; ++v)
      sums[1 + v] += Kernels().sum(values_[v], n, rows_of_slot_.mask());
  }
}

// What rows with - take away; as rows they are in the rest.
template <typename Total>
void SumSink<Total>::AddNegative(const ScanBlock& block) {
  const uint8_t* const classes = block.classes();
  const size_t n = block.size();
  for (size_t i = 0; i < n; ++i) {
    if (classes[i] < kNegativeClass) continue;
    Total* const slot = sums_.data() + size_t{block.cells()[i]} * layout_.cell_size() +
                        layout_.slot_size() * layout_.SlotOf(KindOfClass(classes[i]));
    slot[0] -= 1;
    for (size_t v = 0; v < layout_.values().size(); ++v) slot[1 + v] -= values_[v][i];
  }
}

template <typename Total>
void SumSink<Total>::Add(ScanBlock& block) {
  if (block.size() == 0) return;
  if (!has_rows_) sums_.resize(ways_ * cells_ * layout_.cell_size());
  has_rows_ = true;
  const uint8_t* const classes = block.Classes();
  const std::vector<SumColumn>& values = layout_.values();
  for (size_t v = 0; v < values.size(); ++v) {
    values_[v] = block.Values(SlotOfColumn(values[v]));
    if (values[v] != SumColumn::kIdentified) continue;
    Kernels().keep_identified(block.Ids(kConsumerSlot), values_[v], block.size(),
                              identified_.data());
    values_[v] = identified_.data();
  }
  if (block.constant_cell() && sizeof(Total) == sizeof(int64_t)) {
    AddToOneCell(block);
  } else {
    AddRowByRow(block);
  }
  if (block.group().has_negative && HasNegative(classes, block.size())) AddNegative(block);
}

template <typename Total>
void SumSink<Total>::AddRowByRow(const ScanBlock& block) {
  switch (layout_.values().size()) {
    case 0:
      AddBlock<0>(block);
      break;
    case 1:
      AddBlock<1>(block);
      break;
    case 2:
      AddBlock<2>(block);
      break;
    case 3:
      AddBlock<3>(block);
      break;
    default:
      AddBlock<4>(block);
  }
}

template <typename Total>
void SumSink<Total>::Finish() {
  const size_t size = cells_ * layout_.cell_size();
  if (!has_rows_) return sums_.resize(size);
  for (size_t way = 1; way < ways_; ++way) {
    for (size_t i = 0; i < size; ++i) sums_[i] += sums_[way * size + i];
  }
}

template <typename Total>
void SumSink<Total>::Merge(const SumSink& other, size_t begin, size_t end) {
  const size_t size = layout_.cell_size();
  for (size_t i = begin * size; i < end * size; ++i) sums_[i] += other.sums_[i];
}

template <typename Total>
bool SumSink<Total>::Touched(size_t cell) const {
  const Total* const sums = At(cell);
  for (uint32_t slot = 0; slot < layout_.slots(); ++slot) {
    if (sums[slot * layout_.slot_size()] != 0) return true;
  }
  return false;
}

template class SumSink<int64_t>;
template class SumSink<__int128>;

}  // namespace tidemark::analytics
