#ifndef TIDEMARK_SERVICES_INGEST_STORE_TREE_NODES_H_
#define TIDEMARK_SERVICES_INGEST_STORE_TREE_NODES_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "clients/cpp/ledger/leaf.h"
#include "clients/cpp/ledger/merkle.h"
#include "common/base/mutex.h"
#include "services/ingest/store/block_files.h"

namespace tidemark::ingest {

// The nodes of the log's tree, for proofs: from the nodes in the blocks' headers where a block
// lies within the subtree, from the block's leaves where it does not. Large subtrees never
// change, so their roots are kept (64 bytes for each 4,096 leaves, once asked for). Thread-safe;
// reads files.
class TreeNodes final : public ledger::NodeSource {
 public:
  // Neither is owned.
  TreeNodes(const BlockFiles* files, const ledger::HmacKey* salt_key)
      : files_(files), salt_key_(salt_key) {}

  absl::Status Nodes(std::span<const ledger::NodeId> ids,
                     std::span<ledger::Hash> hashes) const override;

 private:
  static constexpr uint32_t kKeptLevel = 12;

  absl::StatusOr<ledger::Hash> Node(const ledger::NodeId& id) const;
  // Root of a subtree below kKeptLevel's size, read from the blocks.
  absl::StatusOr<ledger::Hash> ReadNode(const ledger::NodeId& id) const;
  // Appends the leaves of the block from range->end() to `end`.
  absl::Status AppendPart(const BlockRef& ref, uint64_t end, ledger::CompactRange* range) const;

  const BlockFiles* const files_;
  const ledger::HmacKey* const salt_key_;
  mutable base::Mutex mutex_;
  mutable absl::flat_hash_map<std::pair<uint32_t, uint64_t>, ledger::Hash> kept_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_TREE_NODES_H_
