#include "clients/cpp/ledger/merkle.h"

#include <algorithm>
#include <bit>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/sha256.h"

namespace tidemark::ledger {

Hash EmptyRoot() { return Sha256({}); }

Hash NodeHash(const Hash& left, const Hash& right) {
  const Hash children[2] = {left, right};
  Hash parent;
  HashNodes(children, {&parent, 1});
  return parent;
}

std::vector<NodeId> CompactRangeNodes(uint64_t begin, uint64_t end) {
  std::vector<NodeId> nodes;
  while (begin < end) {
    // The largest subtree that starts here: aligned at `begin`, inside the range.
    const int aligned = begin == 0 ? 63 : std::countr_zero(begin);
    const int fitting = std::bit_width(end - begin) - 1;
    const auto level = static_cast<uint32_t>(std::min(aligned, fitting));
    nodes.push_back({level, begin >> level});
    begin += uint64_t{1} << level;
  }
  return nodes;
}

absl::StatusOr<CompactRange> CompactRange::Create(uint64_t begin, uint64_t end,
                                                  std::span<const Hash> nodes) {
  if (begin > end) {
    return absl::InvalidArgumentError(
        absl::StrCat("range [", begin, ", ", end, ") ends before it begins"));
  }
  const std::vector<NodeId> ids = CompactRangeNodes(begin, end);
  if (ids.size() != nodes.size()) {
    return absl::InvalidArgumentError(absl::StrCat("range [", begin, ", ", end, ") has ",
                                                   nodes.size(), " nodes, want ", ids.size()));
  }
  CompactRange range(begin);
  range.end_ = end;
  range.nodes_.assign(nodes.begin(), nodes.end());
  for (const NodeId& id : ids) range.levels_.push_back(static_cast<uint8_t>(id.level));
  return range;
}

void CompactRange::Reset(uint64_t begin) {
  begin_ = end_ = begin;
  nodes_.clear();
  levels_.clear();
}

void CompactRange::Push(const Hash& node, uint32_t level) {
  nodes_.push_back(node);
  levels_.push_back(static_cast<uint8_t>(level));
  end_ += uint64_t{1} << level;
  // Siblings of equal size become their parent when the left one starts an aligned pair.
  while (nodes_.size() >= 2) {
    const size_t last = nodes_.size() - 1;
    const uint32_t top = levels_[last];
    if (levels_[last - 1] != top || (end_ & ((uint64_t{2} << top) - 1)) != 0) break;
    nodes_[last - 1] = NodeHash(nodes_[last - 1], nodes_[last]);
    ++levels_[last - 1];
    nodes_.pop_back();
    levels_.pop_back();
  }
}

void CompactRange::Append(std::span<const Hash> leaf_hashes) {
  if (leaf_hashes.empty()) return;
  if (leaf_hashes.size() == 1) return Push(leaf_hashes[0], 0);
  // Level by level: nodes without a sibling inside the batch are kept, the others are paired.
  scratch_.assign(leaf_hashes.begin(), leaf_hashes.end());
  std::vector<std::pair<Hash, uint32_t>> left, right;
  uint64_t first = end_;
  size_t offset = 0;
  size_t count = scratch_.size();
  for (uint32_t level = 0; count > 0; ++level) {
    if (first & 1) {
      left.emplace_back(scratch_[offset], level);
      ++offset, ++first, --count;
    }
    if (count & 1) {
      right.emplace_back(scratch_[offset + count - 1], level);
      --count;
    }
    const std::span<Hash> pairs = std::span(scratch_).subspan(offset, count);
    HashNodes(pairs, std::span(scratch_).first(count / 2));
    offset = 0;
    count /= 2;
    first /= 2;
  }
  for (const auto& [hash, level] : left) Push(hash, level);
  for (auto it = right.rbegin(); it != right.rend(); ++it) Push(it->first, it->second);
}

absl::Status CompactRange::Append(const CompactRange& other) {
  if (other.begin_ != end_) {
    return absl::InvalidArgumentError(
        absl::StrCat("range begins at leaf ", other.begin_, ", want ", end_));
  }
  for (size_t i = 0; i < other.nodes_.size(); ++i) Push(other.nodes_[i], other.levels_[i]);
  return absl::OkStatus();
}

Hash CompactRange::Root() const {
  if (nodes_.empty()) return EmptyRoot();
  Hash root = nodes_.back();
  for (size_t i = nodes_.size() - 1; i > 0; --i) root = NodeHash(nodes_[i - 1], root);
  return root;
}

}  // namespace tidemark::ledger
