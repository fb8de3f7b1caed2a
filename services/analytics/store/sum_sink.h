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

// Counts and sums per cell and effect class; signs and kinds are told apart only at the end.
// `Total` is int64_t where no sum can pass 2^62, else __int128.
template <typename Total>
class SumSink final : public Sink {
 public:
  // `classes`: kEffectKindCount when no row is negative, else kClassCount.
  SumSink(size_t cells, uint32_t classes, const SumColumns& columns);

  // Memory of such a sink.
  static uint64_t BytesFor(uint64_t cells, uint32_t classes, const SumColumns& columns) {
    const uint64_t beside = uint64_t{columns.voucher} + columns.quantity + columns.identified;
    return cells * classes * (sizeof(Entry) + beside * sizeof(Total));
  }

  void Add(ScanBlock& block) override;
  void Merge(const SumSink& other);

  // Some row fell into the cell.
  bool Touched(size_t cell) const;
  // By kind, signs honoured.
  int64_t Count(size_t cell, EffectKind kind) const;
  Total Amount(size_t cell, EffectKind kind) const { return Signed(amounts_, cell, kind); }
  Total Voucher(size_t cell, EffectKind kind) const { return Signed(vouchers_, cell, kind); }
  Total Quantity(size_t cell, EffectKind kind) const { return Signed(quantities_, cell, kind); }
  Total Identified(size_t cell, EffectKind kind) const { return Signed(identified_, cell, kind); }

 private:
  struct Entry {
    int64_t count = 0;
    Total amount = 0;
  };

  size_t Place(size_t cell, uint32_t effect_class) const { return cell * classes_ + effect_class; }
  Total Signed(const std::vector<Total>& sums, size_t cell, EffectKind kind) const;
  Total Signed(const std::vector<Entry>& sums, size_t cell, EffectKind kind) const;
  void AddAmounts(ScanBlock& block);
  void AddAmountsOfOneCell(ScanBlock& block);
  void AddValues(ScanBlock& block, const int64_t* values, std::vector<Total>* sums);

  const uint32_t classes_;
  const SumColumns columns_;
  std::vector<Entry> amounts_;
  std::vector<Total> vouchers_, quantities_, identified_;
};

extern template class SumSink<int64_t>;
extern template class SumSink<__int128>;

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_SUM_SINK_H_
