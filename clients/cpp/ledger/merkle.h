// RFC 6962 Merkle tree: compact ranges, proofs, verification (docs/formats/tree.md).
//
// A compact range is the list of the roots of the largest perfect subtrees that cover the leaves
// [begin, end), left to right. From begin = 0 it is all that is needed to grow the tree and to know
// its root.
//
//   CompactRange block(first_leaf);
//   block.Append(leaf_hashes);                      // this block's own nodes: stored in the
//   block's header TM_RETURN_IF_ERROR(tree.Append(block));         // the log's range [0, size)
//   Hash root = tree.Root();
//
// Thread-compatible values; no I/O: proofs read nodes through NodeSource.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_MERKLE_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_MERKLE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::ledger {

// Root of the empty tree: SHA-256 of nothing.
Hash EmptyRoot();
// SHA-256(0x01 ‖ left ‖ right).
Hash NodeHash(const Hash& left, const Hash& right);

// The perfect subtree over leaves [index << level, (index + 1) << level).
struct NodeId {
  uint32_t level = 0;
  uint64_t index = 0;
  bool operator==(const NodeId&) const = default;
};

// The nodes of the compact range [begin, end), left to right. Their number depends on begin and end
// alone.
std::vector<NodeId> CompactRangeNodes(uint64_t begin, uint64_t end);

class CompactRange {
 public:
  explicit CompactRange(uint64_t begin = 0) : begin_(begin), end_(begin) {}
  // From stored nodes. INVALID_ARGUMENT when `nodes` has not the number of nodes that [begin, end)
  // needs.
  static absl::StatusOr<CompactRange> Create(uint64_t begin, uint64_t end,
                                             std::span<const Hash> nodes);

  uint64_t begin() const { return begin_; }
  uint64_t end() const { return end_; }
  // Left to right, as CompactRangeNodes(begin(), end()).
  std::span<const Hash> nodes() const { return nodes_; }

  // Appends leaves. Hashes level by level, four nodes at a time.
  void Append(std::span<const Hash> leaf_hashes);
  // Appends another range. INVALID_ARGUMENT unless other.begin() == end().
  absl::Status Append(const CompactRange& other);
  // Back to the empty range [begin, begin), keeping the memory.
  void Reset(uint64_t begin);

  // Root of the tree of the leaves [0, end). Only when begin() == 0. EmptyRoot() when end() == 0.
  Hash Root() const;

 private:
  void Push(const Hash& node, uint32_t level);

  uint64_t begin_;
  uint64_t end_;
  std::vector<Hash> nodes_;
  std::vector<uint8_t> levels_;
  std::vector<Hash> scratch_;
};

// Where proofs get nodes from.
class NodeSource {
 public:
  virtual ~NodeSource() = default;
  // hashes[i] = hash of ids[i], a perfect subtree below the tree size of the proof. Same sizes.
  virtual absl::Status Nodes(std::span<const NodeId> ids, std::span<Hash> hashes) const = 0;
};

// PATH(index, D[size]). OUT_OF_RANGE unless index < size. Errors of `source` as they are.
absl::StatusOr<std::vector<Hash>> InclusionProof(uint64_t index, uint64_t size,
                                                 const NodeSource& source);
// PROOF(old_size, D[new_size]); empty when the sizes are equal or old_size is 0. OUT_OF_RANGE
// unless old_size <= new_size.
absl::StatusOr<std::vector<Hash>> ConsistencyProof(uint64_t old_size, uint64_t new_size,
                                                   const NodeSource& source);

// OK when `proof` shows that `leaf_hash` is leaf `index` of the tree of `size` leaves with root
// `root`. INVALID_ARGUMENT saying why not otherwise.
absl::Status VerifyInclusion(uint64_t index, uint64_t size, const Hash& leaf_hash,
                             std::span<const Hash> proof, const Hash& root);
// OK when `proof` shows that the tree of `old_size` leaves with `old_root` is a prefix of the one
// of `new_size` leaves with `new_root`. INVALID_ARGUMENT saying why not otherwise. A tree of no
// leaves is a prefix of every tree.
absl::Status VerifyConsistency(uint64_t old_size, uint64_t new_size, const Hash& old_root,
                               const Hash& new_root, std::span<const Hash> proof);

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_MERKLE_H_
