#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_CELL_MAP_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_CELL_MAP_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"

namespace tidemark::analytics {

// A period and a group of each dimension.
using CellKey = absl::InlinedVector<uint32_t, 8>;

inline void SetCellKey(uint32_t period, const std::vector<std::vector<uint32_t>>& groups,
                       size_t cell, CellKey* key) {
  key->clear();
  key->push_back(period);
  for (const std::vector<uint32_t>& of_dimension : groups) key->push_back(of_dimension[cell]);
}

// CellMap: numbers by keys of several small numbers, such as a period and groups. A step of it
// never takes long, however many there are: it grows by parts.
class CellMap {
 public:
  static constexpr uint32_t kNone = 0xFFFFFFFF;

  // The i-th number of a key is below bounds[i].
  explicit CellMap(absl::Span<const uint64_t> bounds);

  // The number of a key: `number` (not kNone) when it had none before.
  uint32_t Insert(absl::Span<const uint32_t> key, uint32_t number);
  // kNone: it was not inserted.
  uint32_t Find(absl::Span<const uint32_t> key) const;

 private:
  // Numbers of a key that fit one of 64 bits together with what stands for those before them.
  struct Part {
    size_t begin, end;
  };

  uint64_t Join(const Part& part, absl::Span<const uint32_t> key, uint64_t before) const;

  using Map = absl::flat_hash_map<uint64_t, uint32_t>;

  // Each grows by itself.
  static constexpr int kShardBits = 4;
  static size_t ShardOf(uint64_t joined) {
    constexpr uint64_t kSpread = 0x9E3779B97F4A7C15;
    return static_cast<size_t>(joined * kSpread >> (64 - kShardBits));
  }

  std::vector<int> bits_;
  std::vector<Part> parts_;
  // By part but the last: what the key begins with, numbered.
  std::vector<Map> beginnings_;
  std::vector<Map> shards_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_CELL_MAP_H_
