#ifndef TIDEMARK_SERVICES_INGEST_STORE_TREE_NODES_H_
#define TIDEMARK_SERVICES_INGEST_STORE_TREE_NODES_H_

#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "clients/cpp/ledger/leaf.h"
#include "clients/cpp/ledger/merkle.h"
#include "common/base/mutex.h"
#include "services/ingest/store/block_files.h"

namespace tidemark::ingest {

// The nodes of the log's tree, for proofs. A block's header has the largest subtrees that lie
// within it, so every node is put together from headers; only a node below one of those is derived
// from the block's leaves: of a proof, those in the block of the leaf that it is about. Large
// subtrees never change, so their roots are kept (64 bytes for each 4,096 leaves, once asked for).
// Thread-safe; reads files.
class TreeNodes final : public ledger::NodeSource {
 public:
  // Neither is owned.
  TreeNodes(const BlockFiles* files, const ledger::HmacKey* salt_key)
      : files_(files), salt_key_(salt_key) {}

  absl::Status Nodes(std::span<const ledger::NodeId> ids,
                     std::span<ledger::Hash> hashes) const override;

  // Blocks whose leaves had to be derived so far: what makes a proof expensive.
  uint64_t blocks_derived() const { return blocks_derived_.load(std::memory_order_relaxed); }

 private:
  static constexpr uint32_t kKeptLevel = 12;
  class Reader;

  absl::StatusOr<ledger::Hash> Node(const ledger::NodeId& id, Reader& reader) const;
  absl::StatusOr<ledger::Hash> ComputeNode(const ledger::NodeId& id, Reader& reader) const;

  const BlockFiles* const files_;
  const ledger::HmacKey* const salt_key_;
  mutable std::atomic<uint64_t> blocks_derived_{0};
  mutable base::Mutex mutex_;
  mutable absl::flat_hash_map<std::pair<uint32_t, uint64_t>, ledger::Hash> kept_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_TREE_NODES_H_
