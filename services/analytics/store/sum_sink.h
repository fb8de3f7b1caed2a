#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_SUM_SINK_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_SUM_SINK_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/analytics/store/scan_block.h"

namespace tidemark::analytics {

// Which sums are kept beside the counts.
struct SumColumns {
  bool amount = false;
  bool voucher = false;
  bool quantity = false;
  bool identified = false;  // amounts of rows with a pseudonym
};

// How the rows of a scan count. Mostly none is negative, and often all are of the first kinds.
struct SumKinds {
  static constexpr uint32_t kPlain = 4;  // kPurchase to kServiceUse
  // `max_class`: the highest that a row may have.
  explicit SumKinds(uint32_t max_class)
      : negative(max_class >= kNegativeClass),
        width(max_class < kPlain ? kPlain : kEffectKindCount) {}

  bool negative = false;
  uint32_t width = kPlain;  // sums per cell, one per kind
};

// Counts and sums per cell and effect kind, signs honoured.
// `Total` is int64_t where no sum can pass 2^62, else __int128.
template <typename Total>
class SumSink final : public Sink {
 public:
  SumSink(size_t cells, const SumKinds& kinds, const SumColumns& columns);

  // Memory of such a sink.
  static uint64_t BytesFor(uint64_t cells, const SumKinds& kinds, const SumColumns& columns) {
    const uint64_t beside = uint64_t{columns.voucher} + columns.quantity + columns.identified;
    return cells * kinds.negative + cells * kinds.width * (sizeof(Entry) + beside * sizeof(Total));
  }

  void Add(ScanBlock& block) override;
  void Merge(const SumSink& other);

  // Some row fell into the cell.
  bool Touched(size_t cell) const;
  int64_t Count(size_t cell, EffectKind kind) const { return Has(kind) ? At(cell, kind).count : 0; }
  Total Amount(size_t cell, EffectKind kind) const { return Has(kind) ? At(cell, kind).amount : 0; }
  Total Voucher(size_t cell, EffectKind kind) const { return Of(vouchers_, cell, kind); }
  Total Quantity(size_t cell, EffectKind kind) const { return Of(quantities_, cell, kind); }
  Total Identified(size_t cell, EffectKind kind) const { return Of(identified_, cell, kind); }

 private:
  struct Entry {
    int64_t count = 0;
    Total amount = 0;
  };

  bool Has(EffectKind kind) const { return static_cast<uint32_t>(kind) < kinds_.width; }
  size_t Place(size_t cell, uint32_t kind) const { return cell * kinds_.width + kind; }
  const Entry& At(size_t cell, EffectKind kind) const {
    return amounts_[Place(cell, static_cast<uint32_t>(kind))];
  }
  Total Of(const std::vector<Total>& sums, size_t cell, EffectKind kind) const {
    return Has(kind) ? sums[Place(cell, static_cast<uint32_t>(kind))] : 0;
  }
  void AddSigned(ScanBlock& block);
  void AddAmounts(ScanBlock& block);
  void AddAmountsOfOneCell(ScanBlock& block);
  void AddValues(ScanBlock& block, const int64_t* values, std::vector<Total>* sums);

  const SumKinds kinds_;
  const SumColumns columns_;
  std::vector<Entry> amounts_;
  // With negative rows, which take others' counts away: whether any row fell into the cell.
  std::vector<uint8_t> touched_;
  std::vector<Total> vouchers_, quantities_, identified_;
};

extern template class SumSink<int64_t>;
extern template class SumSink<__int128>;

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_SUM_SINK_H_
