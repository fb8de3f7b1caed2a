#include "services/analytics/store/snapshot_index.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tidemark::analytics {
namespace {

// Leaf, version, hash.
constexpr size_t kMarkWords = 2 + sizeof(CatalogHash) / sizeof(uint64_t);

template <size_t n>
void AppendWords(const std::array<uint64_t, n>& words, std::string* out) {
  out->append(reinterpret_cast<const char*>(words.data()), sizeof(words));
}

// Calls add(words) for every n words until it returns false.
template <size_t n, typename Add>
bool EachEntry(std::string_view bytes, Add add) {
  std::array<uint64_t, n> words;
  for (; !bytes.empty(); bytes.remove_prefix(sizeof(words))) {
    if (bytes.size() < sizeof(words)) return false;
    std::memcpy(words.data(), bytes.data(), sizeof(words));
    if (!add(words)) return false;
  }
  return true;
}

}  // namespace

StatStore::TimeBounds Join(const StatStore::TimeBounds& a, const StatStore::TimeBounds& b) {
  if (a.first_us > a.last_us) return b;
  if (b.first_us > b.last_us) return a;
  return {std::min(a.first_us, b.first_us), std::max(a.last_us, b.last_us)};
}

void SnapshotIndex::Add(uint64_t end_leaf, int64_t accepted_time_us,
                        const std::vector<EffectBatch::Mark>& marks, const TimeBounds& times) {
  blocks_.push_back(
      {end_leaf, accepted_time_us, blocks_.empty() ? times : Join(blocks_.back().times, times)});
  marks_.insert(marks_.end(), marks.begin(), marks.end());
}

uint64_t SnapshotIndex::TimesAt(uint64_t log_size, TimeBounds* times) const {
  const auto above = std::partition_point(blocks_.begin(), blocks_.end(),
                                          [&](const Block& b) { return b.end_leaf <= log_size; });
  *times = above == blocks_.begin() ? TimeBounds() : std::prev(above)->times;
  return above == blocks_.begin() ? 0 : std::prev(above)->end_leaf;
}

SnapshotInfo SnapshotIndex::At(uint64_t log_size) const {
  SnapshotInfo info{.log_size = log_size};
  if (log_size == 0) return info;
  const auto block = std::partition_point(blocks_.begin(), blocks_.end(),
                                          [&](const Block& b) { return b.end_leaf < log_size; });
  if (block != blocks_.end()) info.accepted_time_us = block->accepted_time_us;
  const auto mark = std::partition_point(marks_.begin(), marks_.end(),
                                         [&](const auto& m) { return m.leaf < log_size; });
  if (mark != marks_.begin()) {
    info.catalog_version = std::prev(mark)->version;
    info.catalog_hash = std::prev(mark)->hash;
  }
  return info;
}

uint64_t SnapshotIndex::LogSizeAt(int64_t accepted_time_us) const {
  const auto block = std::partition_point(blocks_.begin(), blocks_.end(), [&](const Block& b) {
    return b.accepted_time_us <= accepted_time_us;
  });
  return block == blocks_.begin() ? 0 : std::prev(block)->end_leaf;
}

void SnapshotIndex::AppendBlocks(uint64_t first_leaf, uint64_t end_leaf, std::string* out) const {
  auto block = std::partition_point(blocks_.begin(), blocks_.end(),
                                    [&](const Block& b) { return b.end_leaf <= first_leaf; });
  for (; block != blocks_.end() && block->end_leaf <= end_leaf; ++block) {
    AppendWords<4>(
        {block->end_leaf, static_cast<uint64_t>(block->accepted_time_us),
         static_cast<uint64_t>(block->times.first_us), static_cast<uint64_t>(block->times.last_us)},
        out);
  }
}

void SnapshotIndex::AppendMarks(uint64_t first_leaf, uint64_t end_leaf, std::string* out) const {
  for (const EffectBatch::Mark& mark : marks_) {
    if (mark.leaf < first_leaf || mark.leaf >= end_leaf) continue;
    std::array<uint64_t, kMarkWords> words = {mark.leaf, mark.version};
    std::memcpy(&words[2], mark.hash.data(), sizeof(mark.hash));
    AppendWords(words, out);
  }
}

bool SnapshotIndex::Load(std::string_view blocks, std::string_view marks, uint64_t end_leaf) {
  uint64_t last = blocks_.empty() ? 0 : blocks_.back().end_leaf;
  const bool blocks_good = EachEntry<4>(blocks, [&](const std::array<uint64_t, 4>& words) {
    if (words[0] <= last || words[0] > end_leaf) return false;
    last = words[0];
    blocks_.push_back({last,
                       static_cast<int64_t>(words[1]),
                       {static_cast<int64_t>(words[2]), static_cast<int64_t>(words[3])}});
    return true;
  });
  const auto add_mark = [&](const std::array<uint64_t, kMarkWords>& words) {
    if (words[0] >= end_leaf || (!marks_.empty() && words[0] <= marks_.back().leaf)) return false;
    marks_.push_back({words[0], words[1], {}});
    std::memcpy(marks_.back().hash.data(), &words[2], sizeof(CatalogHash));
    return true;
  };
  const bool marks_good = EachEntry<kMarkWords>(marks, add_mark);
  return blocks_good && marks_good && last == end_leaf;
}

}  // namespace tidemark::analytics
