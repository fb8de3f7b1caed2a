#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_DISTINCT_SINK_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_DISTINCT_SINK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "services/analytics/store/scan_block.h"

namespace tidemark::analytics {

// A set of dense ids, 0 never in it.
using IdBitmap = std::vector<uint64_t>;

struct DistinctOptions {
  int slot = kConsumerSlot;
  size_t cells = 0;
  uint32_t ids = 0;             // 1 + the highest id
  EffectKinds kinds = kEvents;  // whose ids are counted
  bool bitmaps = false;         // one per cell met, instead of lists; for many ids in few cells
  // Ids that any negative effect has; nullptr: there are none. Their effects are summed with sign,
  // all others counted once.
  const IdBitmap* contested = nullptr;
  // Where memory is taken from; must be set and outlive the sink. Once it has failed the sink keeps
  // nothing more.
  QueryControl* control = nullptr;
};

// True when bitmaps for that many cells and ids fit into `bytes`.
bool PreferBitmaps(size_t cells, uint64_t ids, uint64_t bytes);

// The distinct ids of each cell, exactly.
class DistinctSink final : public Sink {
 public:
  explicit DistinctSink(const DistinctOptions& options);

  void Add(ScanBlock& block) override;
  // Takes the other's ids and leaves it empty.
  void Merge(DistinctSink* other);
  // After the last Merge: counts[cell] = ids whose effects in the cell sum to more than 0. With
  // `wanted`, only ids with (*wanted)[id] == group_of[cell].
  void Count(const std::vector<uint32_t>* wanted, const std::vector<uint32_t>& group_of,
             std::vector<int64_t>* counts);

 private:
  struct Signed {
    uint64_t key;  // cell << 32 | id
    int64_t sign;
  };

  // nullptr: no memory for it.
  uint64_t* BitmapOf(uint32_t cell);
  // Makes room for `more` entries; false: no memory for them.
  template <typename T>
  bool Reserve(size_t more, std::vector<T>* entries);
  template <typename T>
  void Free(std::vector<T>* entries);
  void AddToBitmaps(ScanBlock& block, const uint32_t* ids);
  void AddToList(ScanBlock& block, const uint32_t* ids);
  // Moves rows with contested ids to signed_ and makes their id 0.
  void TakeContested(ScanBlock& block, uint32_t* ids);
  void Compact();
  void SettleContested();

  const DistinctOptions options_;
  const size_t words_;
  std::vector<std::unique_ptr<uint64_t[]>> bitmaps_;  // by cell; nullptr: none met
  std::vector<uint64_t> list_;                        // cell << 32 | id
  size_t compact_at_;
  std::vector<Signed> signed_;
  std::unique_ptr<uint32_t[]> ids_;
};

// Sets the bit of every id that a negative row of the plan's groups has. Its memory is the
// caller's to take.
IdBitmap FindContested(const ScanPlan& plan, int slot, uint32_t ids);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_DISTINCT_SINK_H_
