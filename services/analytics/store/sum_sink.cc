#include "services/analytics/store/sum_sink.h"

#include <algorithm>

namespace tidemark::analytics {

template <typename Total>
SumSink<Total>::SumSink(size_t cells, const SumKinds& kinds, const SumColumns& columns)
    : kinds_(kinds),
      columns_(columns),
      amounts_(cells * kinds.width),
      touched_(kinds.negative ? cells : 0) {
  if (columns.voucher) vouchers_.resize(amounts_.size());
  if (columns.quantity) quantities_.resize(amounts_.size());
  if (columns.identified) identified_.resize(amounts_.size());
}

template <typename Total>
void SumSink<Total>::AddAmountsOfOneCell(ScanBlock& block) {
  // Neighbouring rows mostly share a class: several accumulators keep them from waiting for each
  // other.
  constexpr size_t kWays = 4;
  Entry sums[kWays][kEffectKindCount] = {};
  const uint32_t* const classes = block.Classes();
  const size_t n = block.size();
  if (columns_.amount) {
    const int64_t* const values = block.Values(kAmountSlot);
    for (size_t i = 0; i < n; ++i) {
      Entry& entry = sums[i % kWays][classes[i] % kEffectKindCount];
      ++entry.count;
      entry.amount += values[i];
    }
  } else {
    for (size_t i = 0; i < n; ++i) ++sums[i % kWays][classes[i] % kEffectKindCount].count;
  }
  const size_t first = Place(block.cells()[0], 0);
  for (const auto& way : sums) {
    for (uint32_t c = 0; c < kinds_.width; ++c) {
      amounts_[first + c].count += way[c].count;
      amounts_[first + c].amount += way[c].amount;
    }
  }
}

template <typename Total>
void SumSink<Total>::AddAmounts(ScanBlock& block) {
  const uint32_t* const cells = block.cells();
  const uint32_t* const classes = block.Classes();
  const size_t n = block.size();
  Entry* const entries = amounts_.data();
  const uint32_t width = kinds_.width;
  if (!columns_.amount) {
    for (size_t i = 0; i < n; ++i) {
      ++entries[size_t{cells[i]} * width + classes[i] % kEffectKindCount].count;
    }
    return;
  }
  const int64_t* const values = block.Values(kAmountSlot);
  for (size_t i = 0; i < n; ++i) {
    Entry& entry = entries[size_t{cells[i]} * width + classes[i] % kEffectKindCount];
    ++entry.count;
    entry.amount += values[i];
  }
}

template <typename Total>
void SumSink<Total>::AddSigned(ScanBlock& block) {
  const uint32_t* const cells = block.cells();
  const uint32_t* const classes = block.Classes();
  const size_t n = block.size();
  Entry* const entries = amounts_.data();
  uint8_t* const touched = touched_.data();
  if (!columns_.amount) {
    for (size_t i = 0; i < n; ++i) {
      touched[cells[i]] = 1;
      entries[size_t{cells[i]} * kEffectKindCount + classes[i] % kEffectKindCount].count +=
          SignOfClass(classes[i]);
    }
    return;
  }
  const int64_t* const values = block.Values(kAmountSlot);
  for (size_t i = 0; i < n; ++i) {
    touched[cells[i]] = 1;
    Entry& entry = entries[size_t{cells[i]} * kEffectKindCount + classes[i] % kEffectKindCount];
    const int64_t sign = SignOfClass(classes[i]);
    entry.count += sign;
    entry.amount += sign * values[i];
  }
}

template <typename Total>
void SumSink<Total>::AddValues(ScanBlock& block, const int64_t* values, std::vector<Total>* sums) {
  const uint32_t* const cells = block.cells();
  const uint32_t* const classes = block.Classes();
  Total* const out = sums->data();
  for (size_t i = 0; i < block.size(); ++i) {
    out[Place(cells[i], classes[i] % kEffectKindCount)] += SignOfClass(classes[i]) * values[i];
  }
}

template <typename Total>
void SumSink<Total>::Add(ScanBlock& block) {
  if (block.size() == 0) return;
  if (kinds_.negative) {
    AddSigned(block);
  } else {
    block.constant_cell() ? AddAmountsOfOneCell(block) : AddAmounts(block);
  }
  if (columns_.identified) {
    const uint32_t* const cells = block.cells();
    const uint32_t* const classes = block.Classes();
    const int64_t* const values = block.Values(kAmountSlot);
    const uint32_t* const consumers = block.Ids(kConsumerSlot);
    for (size_t i = 0; i < block.size(); ++i) {
      if (consumers[i] == 0) continue;
      identified_[Place(cells[i], classes[i] % kEffectKindCount)] +=
          SignOfClass(classes[i]) * values[i];
    }
  }
  if (columns_.voucher) AddValues(block, block.Values(kVoucherSlot), &vouchers_);
  if (columns_.quantity) AddValues(block, block.Values(kQuantitySlot), &quantities_);
}

template <typename Total>
void SumSink<Total>::Merge(const SumSink& other) {
  for (size_t i = 0; i < amounts_.size(); ++i) {
    amounts_[i].count += other.amounts_[i].count;
    amounts_[i].amount += other.amounts_[i].amount;
  }
  for (size_t i = 0; i < touched_.size(); ++i) touched_[i] |= other.touched_[i];
  const auto add = [](const std::vector<Total>& from, std::vector<Total>* to) {
    for (size_t i = 0; i < to->size(); ++i) (*to)[i] += from[i];
  };
  add(other.vouchers_, &vouchers_);
  add(other.quantities_, &quantities_);
  add(other.identified_, &identified_);
}

template <typename Total>
bool SumSink<Total>::Touched(size_t cell) const {
  if (kinds_.negative) return touched_[cell] != 0;
  const Entry* const entries = &amounts_[Place(cell, 0)];
  return std::any_of(entries, entries + kinds_.width,
                     [](const Entry& entry) { return entry.count != 0; });
}

template class SumSink<int64_t>;
template class SumSink<__int128>;

}  // namespace tidemark::analytics
