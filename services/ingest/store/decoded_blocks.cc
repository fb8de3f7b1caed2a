#include "services/ingest/store/decoded_blocks.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {

void DecodedBlocks::DropPending(uint64_t durable_size, bool undone) {
  while (!pending_.empty() && pending_.front().first_leaf < durable_size) pending_.pop_front();
  if (!undone) return;
  pending_.clear();
  std::erase_if(decoded_, [&](const auto& block) { return block->end_leaf > durable_size; });
}

absl::StatusOr<ledger::BlockReader*> DecodedBlocks::BlockOf(uint64_t leaf) {
  ++uses_;
  Decoded* slot = nullptr;
  for (const auto& block : decoded_) {
    if (block->first_leaf <= leaf && leaf < block->end_leaf) {
      block->used = uses_;
      return &block->reader;
    }
    if (slot == nullptr || block->used < slot->used) slot = block.get();
  }
  if (decoded_.size() < capacity_) {
    decoded_.push_back(std::make_unique<Decoded>());
    slot = decoded_.back().get();
  }
  slot->used = uses_;
  const absl::Status loaded = Load(leaf, slot);
  if (!loaded.ok()) {
    slot->first_leaf = slot->end_leaf = 0;
    return loaded;
  }
  return &slot->reader;
}

absl::Status DecodedBlocks::Load(uint64_t leaf, Decoded* slot) {
  slot->shared = nullptr;
  const auto pending =
      std::find_if(pending_.begin(), pending_.end(), [leaf](const CommitGroup::Block& block) {
        return block.first_leaf <= leaf && leaf < block.first_leaf + block.record_count;
      });
  if (pending != pending_.end()) {
    slot->shared = pending->bytes;
    TM_RETURN_IF_ERROR(slot->reader.Reset(*slot->shared));
  } else {
    TM_ASSIGN_OR_RETURN(const BlockRef ref, files_->Find(leaf));
    slot->owned.resize(ref.bytes);
    TM_RETURN_IF_ERROR(files_->Read(ref, slot->owned.data()));
    const absl::Status opened = slot->reader.Reset(slot->owned);
    if (!opened.ok()) {
      return status::Prefixed(
          absl::StrCat(files_->PathOf(ref.file), ", block at offset ", ref.offset), opened);
    }
  }
  slot->first_leaf = slot->reader.header().first_leaf;
  slot->end_leaf = slot->reader.header().end_leaf();
  return absl::OkStatus();
}

absl::StatusOr<ledger::EventRecord> DecodedBlocks::Event(uint64_t leaf) {
  TM_ASSIGN_OR_RETURN(ledger::BlockReader * reader, BlockOf(leaf));
  return reader->Record(leaf - reader->header().first_leaf);
}

}  // namespace tidemark::ingest
