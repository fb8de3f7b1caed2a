#include "services/ingest/store/tree_nodes.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clients/cpp/ledger/block.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {

// The block read last, of one call: the nodes of a proof come in order.
class TreeNodes::Reader {
 public:
  explicit Reader(const TreeNodes& nodes) : nodes_(nodes) {}

  // Goes to the block that holds `leaf`.
  absl::StatusOr<BlockRef> Find(uint64_t leaf) {
    if (ref_.has_value() && ref_->first_leaf <= leaf && leaf < ref_->end_leaf()) return *ref_;
    header_.reset();
    hashes_.clear();
    TM_ASSIGN_OR_RETURN(ref_, nodes_.files_->Find(leaf));
    return *ref_;
  }

  // Of the block found last.
  absl::StatusOr<const ledger::BlockHeader*> Header() {
    if (!header_.has_value()) {
      bytes_.resize(std::min<size_t>(ref_->bytes, ledger::kMaxHeaderBytes));
      TM_RETURN_IF_ERROR(
          nodes_.files_->Read(*ref_, static_cast<uint32_t>(bytes_.size()), bytes_.data()));
      TM_ASSIGN_OR_RETURN(header_, ledger::PeekHeader(bytes_));
    }
    return &*header_;
  }
  absl::StatusOr<std::span<const ledger::Hash>> LeafHashes() {
    if (hashes_.empty()) {
      bytes_.resize(ref_->bytes);
      TM_RETURN_IF_ERROR(nodes_.files_->Read(*ref_, bytes_.data()));
      TM_ASSIGN_OR_RETURN(ledger::BlockReader block, ledger::BlockReader::Open(bytes_));
      ledger::LeafBatch leaves(nodes_.salt_key_);
      TM_RETURN_IF_ERROR(ledger::DeriveLeaves(block, &leaves));
      leaves.HashLeaves(&hashes_);
      nodes_.blocks_derived_.fetch_add(1, std::memory_order_relaxed);
    }
    return hashes_;
  }

 private:
  const TreeNodes& nodes_;
  std::optional<BlockRef> ref_;
  std::optional<ledger::BlockHeader> header_;
  std::vector<ledger::Hash> hashes_;
  std::string bytes_;
};

absl::Status TreeNodes::Nodes(std::span<const ledger::NodeId> ids,
                              std::span<ledger::Hash> hashes) const {
  Reader reader(*this);
  // By leaves, so that each block is read once.
  std::vector<size_t> order(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [ids](size_t a, size_t b) {
    return ids[a].index << ids[a].level < ids[b].index << ids[b].level;
  });
  for (const size_t i : order) {
    TM_ASSIGN_OR_RETURN(hashes[i], Node(ids[i], reader));
  }
  return absl::OkStatus();
}

absl::StatusOr<ledger::Hash> TreeNodes::Node(const ledger::NodeId& id, Reader& reader) const {
  if (id.level < kKeptLevel) return ComputeNode(id, reader);
  const std::pair<uint32_t, uint64_t> key(id.level, id.index);
  {
    base::MutexLock lock(mutex_);
    const auto it = kept_.find(key);
    if (it != kept_.end()) return it->second;
  }
  TM_ASSIGN_OR_RETURN(const ledger::Hash hash, ComputeNode(id, reader));
  base::MutexLock lock(mutex_);
  kept_.emplace(key, hash);
  return hash;
}

absl::StatusOr<ledger::Hash> TreeNodes::ComputeNode(const ledger::NodeId& id,
                                                    Reader& reader) const {
  const uint64_t begin = id.index << id.level;
  const uint64_t count = uint64_t{1} << id.level;
  TM_ASSIGN_OR_RETURN(const BlockRef ref, reader.Find(begin));
  if (begin + count > ref.end_leaf()) {
    TM_ASSIGN_OR_RETURN(const ledger::Hash left, Node({id.level - 1, 2 * id.index}, reader));
    TM_ASSIGN_OR_RETURN(const ledger::Hash right, Node({id.level - 1, 2 * id.index + 1}, reader));
    return ledger::NodeHash(left, right);
  }
  // It lies within the block: it is a node of the header or below one.
  TM_ASSIGN_OR_RETURN(const ledger::BlockHeader* header, reader.Header());
  const std::vector<ledger::NodeId> known =
      ledger::CompactRangeNodes(ref.first_leaf, ref.end_leaf());
  for (size_t i = 0; i < known.size(); ++i) {
    if (known[i].level == id.level && known[i].index == id.index) return header->nodes[i];
  }
  TM_ASSIGN_OR_RETURN(const std::span<const ledger::Hash> leaves, reader.LeafHashes());
  ledger::CompactRange range(begin);
  range.Append(leaves.subspan(begin - ref.first_leaf, count));
  return range.nodes()[0];
}

}  // namespace tidemark::ingest
