#include "services/ingest/store/tree_nodes.h"

#include <algorithm>
#include <span>
#include <string>

#include "clients/cpp/ledger/block.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {

absl::Status TreeNodes::Nodes(std::span<const ledger::NodeId> ids,
                              std::span<ledger::Hash> hashes) const {
  for (size_t i = 0; i < ids.size(); ++i) {
    TM_ASSIGN_OR_RETURN(hashes[i], Node(ids[i]));
  }
  return absl::OkStatus();
}

absl::StatusOr<ledger::Hash> TreeNodes::Node(const ledger::NodeId& id) const {
  if (id.level < kKeptLevel) return ReadNode(id);
  const std::pair<uint32_t, uint64_t> key(id.level, id.index);
  {
    base::MutexLock lock(mutex_);
    const auto it = kept_.find(key);
    if (it != kept_.end()) return it->second;
  }
  ledger::Hash hash;
  if (id.level == kKeptLevel) {
    TM_ASSIGN_OR_RETURN(hash, ReadNode(id));
  } else {
    TM_ASSIGN_OR_RETURN(const ledger::Hash left, Node({id.level - 1, 2 * id.index}));
    TM_ASSIGN_OR_RETURN(const ledger::Hash right, Node({id.level - 1, 2 * id.index + 1}));
    hash = ledger::NodeHash(left, right);
  }
  base::MutexLock lock(mutex_);
  kept_.emplace(key, hash);
  return hash;
}

absl::StatusOr<ledger::Hash> TreeNodes::ReadNode(const ledger::NodeId& id) const {
  ledger::CompactRange range(id.index << id.level);
  const uint64_t end = (id.index + 1) << id.level;
  std::string bytes;
  while (range.end() < end) {
    TM_ASSIGN_OR_RETURN(const BlockRef ref, files_->Find(range.end()));
    if (ref.first_leaf != range.end() || ref.end_leaf() > end) {
      TM_RETURN_IF_ERROR(AppendPart(ref, std::min(end, ref.end_leaf()), &range));
      continue;
    }
    bytes.resize(std::min<size_t>(ref.bytes, ledger::kMaxHeaderBytes));
    TM_RETURN_IF_ERROR(files_->Read(ref, static_cast<uint32_t>(bytes.size()), bytes.data()));
    TM_ASSIGN_OR_RETURN(const ledger::BlockHeader header, ledger::PeekHeader(bytes));
    TM_RETURN_IF_ERROR(range.Append(header.range()));
  }
  return range.nodes()[0];
}

absl::Status TreeNodes::AppendPart(const BlockRef& ref, uint64_t end,
                                   ledger::CompactRange* range) const {
  std::string bytes(ref.bytes, '\0');
  TM_RETURN_IF_ERROR(files_->Read(ref, bytes.data()));
  TM_ASSIGN_OR_RETURN(ledger::BlockReader reader, ledger::BlockReader::Open(bytes));
  ledger::LeafBatch leaves(salt_key_);
  TM_RETURN_IF_ERROR(ledger::DeriveLeaves(reader, &leaves));
  std::vector<ledger::Hash> hashes;
  leaves.HashLeaves(&hashes);
  range->Append(std::span<const ledger::Hash>(hashes).subspan(range->end() - ref.first_leaf,
                                                              end - range->end()));
  return absl::OkStatus();
}

}  // namespace tidemark::ingest
