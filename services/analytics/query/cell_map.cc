#include "services/analytics/query/cell_map.h"

#include <algorithm>
#include <bit>

namespace tidemark::analytics {

CellMap::CellMap(absl::Span<const uint64_t> bounds) : parts_{{0, 0}} {
  constexpr int kWord = 64, kNumber = 32;
  int used = 0;
  for (const uint64_t bound : bounds) {
    const int bits = static_cast<int>(std::bit_width(std::max<uint64_t>(bound, 1) - 1));
    bits_.push_back(bits);
    if (used + bits > kWord) {
      parts_.push_back({parts_.back().end, parts_.back().end});
      used = kNumber;
    }
    used += bits;
    ++parts_.back().end;
  }
  beginnings_.resize(parts_.size() - 1);
  shards_.resize(size_t{1} << kShardBits);
}

uint64_t CellMap::Join(const Part& part, absl::Span<const uint32_t> key, uint64_t before) const {
  for (size_t i = part.begin; i < part.end; ++i) before = before << bits_[i] | key[i];
  return before;
}

uint32_t CellMap::Insert(absl::Span<const uint32_t> key, uint32_t number) {
  uint64_t at = 0;
  for (size_t p = 0; p < beginnings_.size(); ++p) {
    const auto fresh = static_cast<uint32_t>(beginnings_[p].size());
    at = beginnings_[p].try_emplace(Join(parts_[p], key, at), fresh).first->second;
  }
  const uint64_t joined = Join(parts_.back(), key, at);
  return shards_[ShardOf(joined)].try_emplace(joined, number).first->second;
}

uint32_t CellMap::Find(absl::Span<const uint32_t> key) const {
  uint64_t at = 0;
  for (size_t p = 0; p < beginnings_.size(); ++p) {
    const auto found = beginnings_[p].find(Join(parts_[p], key, at));
    if (found == beginnings_[p].end()) return kNone;
    at = found->second;
  }
  const uint64_t joined = Join(parts_.back(), key, at);
  const Map& shard = shards_[ShardOf(joined)];
  const auto found = shard.find(joined);
  return found == shard.end() ? kNone : found->second;
}

}  // namespace tidemark::analytics
