#ifndef TIDEMARK_SERVICES_INGEST_STORE_DECODED_BLOCKS_H_
#define TIDEMARK_SERVICES_INGEST_STORE_DECODED_BLOCKS_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/ledger/block_reader.h"
#include "services/ingest/store/block_files.h"
#include "services/ingest/store/commit_group.h"

namespace tidemark::ingest {

// Records by leaf, through the few blocks decoded last: whoever asks in the order of leaves
// decodes each block once. Not thread-safe.
class DecodedBlocks {
 public:
  // `files` is not owned.
  explicit DecodedBlocks(const BlockFiles* files, size_t capacity = 2)
      : files_(files), capacity_(capacity) {}

  // Blocks that are not durable yet; looked at before the files.
  void AddPending(const CommitGroup::Block& block) { pending_.push_back(block); }
  // Forgets the pending blocks below `durable_size`, and with `undone` those above, decoded ones
  // included: their leaves will be given to other records.
  void DropPending(uint64_t durable_size, bool undone);

  // The reader of the block that holds `leaf`, valid until the next call. OUT_OF_RANGE: no such
  // leaf. DATA_LOSS.
  absl::StatusOr<ledger::BlockReader*> BlockOf(uint64_t leaf);
  // The event at `leaf`; its views are valid until the next call.
  absl::StatusOr<ledger::EventRecord> Event(uint64_t leaf);

 private:
  struct Decoded {
    uint64_t first_leaf = 0;
    uint64_t end_leaf = 0;
    uint64_t used = 0;  // when, by uses_
    std::shared_ptr<const std::string> shared;
    std::string owned;
    ledger::BlockReader reader;
  };
  absl::Status Load(uint64_t leaf, Decoded* slot);

  const BlockFiles* const files_;
  const size_t capacity_;
  std::deque<CommitGroup::Block> pending_;
  std::vector<std::unique_ptr<Decoded>> decoded_;
  uint64_t uses_ = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_DECODED_BLOCKS_H_
