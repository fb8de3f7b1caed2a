#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_DISTINCT_SINK_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_DISTINCT_SINK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "services/analytics/store/cell_ids.h"
#include "services/analytics/store/contested_ids.h"
#include "services/analytics/store/scan_block.h"

namespace tidemark::analytics {

struct DistinctOptions {
  int slot = kConsumerSlot;
  size_t cells = 0;
  // Ids that count are in (below, below + ids].
  uint32_t below = 0;
  uint32_t ids = 0;
  EffectKinds kinds = kEvents;  // whose ids are counted
  // Bitmaps may be made for cells, when they are worth it.
  bool bitmaps = false;
  // Ids that any negative effect has; nullptr: there are none. Their effects are summed with sign,
  // all others counted once.
  const IdBitmap* contested = nullptr;
  // Where memory is taken from; must be set and outlive the sink. Once it has failed the sink keeps
  // nothing more.
  QueryControl* control = nullptr;
};

// True when bitmaps for that many cells and ids fit into `bytes`.
bool PreferBitmaps(size_t cells, uint64_t ids, uint64_t bytes);

// The distinct ids of each cell, exactly; one per thread. Ids are kept less `below`. They are
// listed, until there are so many that a bitmap per cell costs less.
class DistinctSink final : public Sink {
 public:
  explicit DistinctSink(const DistinctOptions& options);

  void Add(ScanBlock& block) override;

  const DistinctOptions& options() const { return options_; }
  // 64-bit words of a bitmap.
  size_t words() const { return words_; }
  bool has_bitmaps() const { return has_bitmaps_; }
  // nullptr: none of its ids were met. Bit 0 has no meaning.
  const uint64_t* bitmap(size_t cell) const { return bitmaps_[cell].get(); }
  void MakeBitmaps();
  // May have a key more than once.
  CellIds& list() { return list_; }

  // Effects of contested ids are in neither.
  struct Signed {
    uint64_t key;
    int64_t sign;
  };
  std::vector<Signed>& contested() { return signed_; }
  // Adds one more key.
  void AddKey(uint64_t key);

 private:
  // nullptr: no memory for it.
  uint64_t* BitmapOf(uint32_t cell);
  void AddToBitmaps(ScanBlock& block);
  void AddToList(ScanBlock& block);
  // Moves rows with contested ids to signed_ and makes their id 0.
  void TakeContested(ScanBlock& block);
  void Compact();

  const DistinctOptions options_;
  const size_t words_;
  std::array<uint8_t, 64> counted_ = {};              // by class: 0xFF or 0
  std::vector<std::unique_ptr<uint64_t[]>> bitmaps_;  // by cell
  bool has_bitmaps_ = false;
  CellIds list_;
  size_t compact_at_;
  std::vector<Signed> signed_;
  std::unique_ptr<uint32_t[]> ids_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_DISTINCT_SINK_H_
