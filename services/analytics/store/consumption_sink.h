#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_CONSUMPTION_SINK_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_CONSUMPTION_SINK_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "services/analytics/store/contested_ids.h"
#include "services/analytics/store/scan_block.h"

namespace tidemark::analytics {

// Which consumer consumed in which cell, and when first. One per thread.
class ConsumptionSink final : public Sink {
 public:
  struct Entry {
    uint64_t key;  // consumer << 32 | cell
    int64_t first_us;
  };

  // `contested`: consumers with a negative effect, whose effects are summed with sign; null: none.
  // Takes memory from `control`; once that has failed nothing more is kept. Both must outlive it.
  ConsumptionSink(size_t cells, const IdBitmap* contested, QueryControl* control)
      : contested_(contested),
        control_(control),
        picked_(new uint16_t[kBlockRows]),
        touched_(cells) {}

  void Add(ScanBlock& block) override;
  // Takes the other's entries and leaves it empty.
  void Merge(ConsumptionSink* other);
  // After the last Merge: one entry per consumer and cell whose effects sum to more than 0, by key.
  const std::vector<Entry>& Settle();
  // Cells with a row of any kind.
  size_t TouchedCells() const { return std::count(touched_.begin(), touched_.end(), 1); }

 private:
  struct Signed {
    uint64_t key;
    int64_t time_us;
    int64_t sign;
  };

  // Makes room for `more` entries; false: no memory for them.
  template <typename T>
  bool Reserve(size_t more, std::vector<T>* entries);
  template <typename T>
  void Free(std::vector<T>* entries);
  void AddRows(ScanBlock& block, size_t picked);
  void Compact();
  void SettleContested();

  static constexpr size_t kFirstCompaction = 1 << 22;

  const IdBitmap* const contested_;
  QueryControl* const control_;
  std::unique_ptr<uint16_t[]> picked_;
  std::vector<uint8_t> touched_;  // by cell
  std::vector<Entry> entries_;
  std::vector<Signed> signed_;
  size_t compact_at_ = kFirstCompaction;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_CONSUMPTION_SINK_H_
