#include <bit>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/merkle.h"
#include "common/status/status_macros.h"

namespace tidemark::ledger {
namespace {

struct Range {
  uint64_t begin;
  uint64_t end;
};

// The subtree roots a proof is made of, each folded from the nodes of its compact range. All nodes
// are asked for in one call.
absl::StatusOr<std::vector<Hash>> Roots(std::span<const Range> ranges, const NodeSource& source) {
  std::vector<NodeId> ids;
  std::vector<size_t> ends;
  for (const Range& range : ranges) {
    const std::vector<NodeId> nodes = CompactRangeNodes(range.begin, range.end);
    ids.insert(ids.end(), nodes.begin(), nodes.end());
    ends.push_back(ids.size());
  }
  std::vector<Hash> hashes(ids.size());
  if (!ids.empty()) TM_RETURN_IF_ERROR(source.Nodes(ids, hashes));
  std::vector<Hash> roots;
  size_t begin = 0;
  for (const size_t end : ends) {
    Hash root = hashes[end - 1];
    for (size_t i = end - 1; i > begin; --i) root = NodeHash(hashes[i - 1], root);
    roots.push_back(root);
    begin = end;
  }
  return roots;
}

// The largest power of two below n; n > 1.
uint64_t Split(uint64_t n) { return uint64_t{1} << (std::bit_width(n - 1) - 1); }

absl::Status Mismatch(std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, " proof: the hashes do not lead to the root"));
}

absl::Status WrongLength(std::string_view what, size_t got, size_t want) {
  return absl::InvalidArgumentError(absl::StrCat(what, " proof: ", got, " hashes, want ", want));
}

// Number of nodes from a leaf to where its path meets the right border, and above it (RFC
// 9162 2.1.3.2).
struct PathShape {
  size_t inner;
  size_t border;
};
PathShape ShapeOf(uint64_t index, uint64_t size) {
  const auto inner = static_cast<size_t>(std::bit_width(index ^ (size - 1)));
  return {inner, static_cast<size_t>(std::popcount(inner < 64 ? index >> inner : 0))};
}

Hash FoldInner(Hash hash, std::span<const Hash> proof, uint64_t index) {
  for (size_t i = 0; i < proof.size(); ++i) {
    hash = ((index >> i) & 1) != 0 ? NodeHash(proof[i], hash) : NodeHash(hash, proof[i]);
  }
  return hash;
}

Hash FoldLeft(Hash hash, std::span<const Hash> proof) {
  for (const Hash& left : proof) hash = NodeHash(left, hash);
  return hash;
}

// As FoldInner, but only the left siblings: the root that the tree had when `index` was its last
// leaf.
Hash FoldInnerLeft(Hash hash, std::span<const Hash> proof, uint64_t index) {
  for (size_t i = 0; i < proof.size(); ++i) {
    if (((index >> i) & 1) != 0) hash = NodeHash(proof[i], hash);
  }
  return hash;
}

}  // namespace

absl::StatusOr<std::vector<Hash>> InclusionProof(uint64_t index, uint64_t size,
                                                 const NodeSource& source) {
  if (index >= size) {
    return absl::OutOfRangeError(
        absl::StrCat("leaf ", index, " is not below the tree size ", size));
  }
  std::vector<Range> siblings;  // root first
  uint64_t begin = 0;
  uint64_t end = size;
  while (end - begin > 1) {
    const uint64_t middle = begin + Split(end - begin);
    if (index < middle) {
      siblings.push_back({middle, end});
      end = middle;
    } else {
      siblings.push_back({begin, middle});
      begin = middle;
    }
  }
  const std::vector<Range> path(siblings.rbegin(), siblings.rend());
  return Roots(path, source);
}

absl::StatusOr<std::vector<Hash>> ConsistencyProof(uint64_t old_size, uint64_t new_size,
                                                   const NodeSource& source) {
  if (old_size > new_size) {
    return absl::OutOfRangeError(
        absl::StrCat("old size ", old_size, " is above the new size ", new_size));
  }
  if (old_size == 0 || old_size == new_size) return std::vector<Hash>{};
  std::vector<Range> siblings;  // root first
  uint64_t begin = 0;
  uint64_t end = new_size;
  bool whole = true;  // [begin, end) of the old tree is the old tree, whose root the verifier has
  while (old_size != end) {
    const uint64_t middle = begin + Split(end - begin);
    if (old_size <= middle) {
      siblings.push_back({middle, end});
      end = middle;
    } else {
      siblings.push_back({begin, middle});
      begin = middle;
      whole = false;
    }
  }
  if (!whole) siblings.push_back({begin, end});
  const std::vector<Range> path(siblings.rbegin(), siblings.rend());
  return Roots(path, source);
}

absl::Status VerifyInclusion(uint64_t index, uint64_t size, const Hash& leaf_hash,
                             std::span<const Hash> proof, const Hash& root) {
  if (index >= size) {
    return absl::InvalidArgumentError(
        absl::StrCat("inclusion proof: leaf ", index, " is not below the tree size ", size));
  }
  const PathShape shape = ShapeOf(index, size);
  if (proof.size() != shape.inner + shape.border) {
    return WrongLength("inclusion", proof.size(), shape.inner + shape.border);
  }
  const Hash inner = FoldInner(leaf_hash, proof.first(shape.inner), index);
  return FoldLeft(inner, proof.subspan(shape.inner)) == root ? absl::OkStatus()
                                                             : Mismatch("inclusion");
}

absl::Status VerifyConsistency(uint64_t old_size, uint64_t new_size, const Hash& old_root,
                               const Hash& new_root, std::span<const Hash> proof) {
  if (old_size > new_size) {
    return absl::InvalidArgumentError(absl::StrCat("consistency proof: old size ", old_size,
                                                   " is above the new size ", new_size));
  }
  if (old_size == 0 || old_size == new_size) {
    if (!proof.empty()) return WrongLength("consistency", proof.size(), 0);
    if (old_size == new_size && old_root != new_root) return Mismatch("consistency");
    if (old_size == 0 && old_root != EmptyRoot()) return Mismatch("consistency");
    return absl::OkStatus();
  }
  PathShape shape = ShapeOf(old_size - 1, new_size);
  // The path starts at the largest perfect subtree that ends the old tree.
  const auto shift = static_cast<size_t>(std::countr_zero(old_size));
  shape.inner -= shift;
  // An old tree that is one perfect subtree is the first hash itself.
  const bool seeded = !std::has_single_bit(old_size);
  const size_t want = shape.inner + shape.border + (seeded ? 1 : 0);
  if (proof.size() != want) return WrongLength("consistency", proof.size(), want);
  const Hash seed = seeded ? proof[0] : old_root;
  const std::span<const Hash> path = proof.subspan(seeded ? 1 : 0);
  const uint64_t index = (old_size - 1) >> shift;
  const std::span<const Hash> inner = path.first(shape.inner);
  const std::span<const Hash> border = path.subspan(shape.inner);
  if (FoldLeft(FoldInnerLeft(seed, inner, index), border) != old_root)
    return Mismatch("consistency");
  if (FoldLeft(FoldInner(seed, inner, index), border) != new_root) return Mismatch("consistency");
  return absl::OkStatus();
}

}  // namespace tidemark::ledger
