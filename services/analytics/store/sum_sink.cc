#include "services/analytics/store/sum_sink.h"

namespace tidemark::analytics {

template <typename Total>
SumSink<Total>::SumSink(size_t cells, uint32_t classes, const SumColumns& columns)
    : classes_(classes), columns_(columns), amounts_(cells * classes) {
  if (columns.voucher) vouchers_.resize(amounts_.size());
  if (columns.quantity) quantities_.resize(amounts_.size());
  if (columns.identified) identified_.resize(amounts_.size());
}

template <typename Total>
void SumSink<Total>::AddAmountsOfOneCell(ScanBlock& block) {
  // Neighbouring rows mostly share a class: several accumulators keep them from waiting for each
  // other.
  constexpr size_t kWays = 4;
  Entry sums[kWays][kClassCount] = {};
  const uint32_t* const classes = block.Classes();
  const size_t n = block.size();
  if (columns_.amount) {
    const int64_t* const values = block.Values(kAmountSlot);
    for (size_t i = 0; i < n; ++i) {
      Entry& entry = sums[i % kWays][classes[i]];
      ++entry.count;
      entry.amount += values[i];
    }
  } else {
    for (size_t i = 0; i < n; ++i) ++sums[i % kWays][classes[i]].count;
  }
  const size_t first = Place(block.cells()[0], 0);
  for (const auto& way : sums) {
    for (uint32_t c = 0; c < classes_; ++c) {
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
  const uint32_t width = classes_;
  if (!columns_.amount) {
    for (size_t i = 0; i < n; ++i) ++entries[size_t{cells[i]} * width + classes[i]].count;
    return;
  }
  const int64_t* const values = block.Values(kAmountSlot);
  for (size_t i = 0; i < n; ++i) {
    Entry& entry = entries[size_t{cells[i]} * width + classes[i]];
    ++entry.count;
    entry.amount += values[i];
  }
}

template <typename Total>
void SumSink<Total>::AddValues(ScanBlock& block, const int64_t* values, std::vector<Total>* sums) {
  const uint32_t* const cells = block.cells();
  const uint32_t* const classes = block.Classes();
  Total* const out = sums->data();
  for (size_t i = 0; i < block.size(); ++i) out[Place(cells[i], classes[i])] += values[i];
}

template <typename Total>
void SumSink<Total>::Add(ScanBlock& block) {
  block.constant_cell() ? AddAmountsOfOneCell(block) : AddAmounts(block);
  if (columns_.identified) {
    const uint32_t* const cells = block.cells();
    const uint32_t* const classes = block.Classes();
    const int64_t* const values = block.Values(kAmountSlot);
    const uint32_t* const consumers = block.Ids(kConsumerSlot);
    for (size_t i = 0; i < block.size(); ++i) {
      identified_[Place(cells[i], classes[i])] += consumers[i] == 0 ? 0 : values[i];
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
  const auto add = [](const std::vector<Total>& from, std::vector<Total>* to) {
    for (size_t i = 0; i < to->size(); ++i) (*to)[i] += from[i];
  };
  add(other.vouchers_, &vouchers_);
  add(other.quantities_, &quantities_);
  add(other.identified_, &identified_);
}

template <typename Total>
bool SumSink<Total>::Touched(size_t cell) const {
  for (uint32_t c = 0; c < classes_; ++c) {
    if (amounts_[Place(cell, c)].count != 0) return true;
  }
  return false;
}

template <typename Total>
int64_t SumSink<Total>::Count(size_t cell, EffectKind kind) const {
  const size_t place = Place(cell, static_cast<uint32_t>(kind));
  return amounts_[place].count -
         (classes_ == kClassCount ? amounts_[place + kNegativeClass].count : 0);
}

template <typename Total>
Total SumSink<Total>::Signed(const std::vector<Total>& sums, size_t cell, EffectKind kind) const {
  const size_t place = Place(cell, static_cast<uint32_t>(kind));
  return sums[place] - (classes_ == kClassCount ? sums[place + kNegativeClass] : 0);
}

template <typename Total>
Total SumSink<Total>::Signed(const std::vector<Entry>& sums, size_t cell, EffectKind kind) const {
  const size_t place = Place(cell, static_cast<uint32_t>(kind));
  return sums[place].amount - (classes_ == kClassCount ? sums[place + kNegativeClass].amount : 0);
}

template class SumSink<int64_t>;
template class SumSink<__int128>;

}  // namespace tidemark::analytics
