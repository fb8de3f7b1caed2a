#ifndef TIDEMARK_SERVICES_INGEST_STORE_BLOCK_MAKER_H_
#define TIDEMARK_SERVICES_INGEST_STORE_BLOCK_MAKER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/ledger/block_builder.h"
#include "clients/cpp/ledger/event_rows.h"
#include "clients/cpp/ledger/merkle.h"
#include "clients/cpp/ledger/row_leaves.h"
#include "services/ingest/store/commit_group.h"

namespace tidemark::ingest {

// Turns records in the order of their leaves into blocks, hashing their leaves on the way.
// Mostly one block a group; more where the records do not fit. Not thread-safe.
class BlockMaker {
 public:
  struct Rows {
    // Stays, as all that the others point to, until Finish().
    const ledger::EventRows& rows;
    std::span<const uint32_t> selected;
    std::span<const ledger::LinkedRow> links;
    std::string_view principal;
    std::span<const ledger::Hash> commitments;
  };

  explicit BlockMaker(ledger::LogId log_id) : log_id_(log_id) {}

  // Starts a group: records follow the leaves of `tree`.
  void Start(const ledger::CompactRange& tree, int64_t accepted_time_us);
  // The leaves of the selected rows are the next ones. They were validated (ledger::CheckRecord),
  // so an error is a fault of this program.
  absl::Status Add(Rows rows);
  absl::Status Add(const ledger::CatalogMark& mark);
  absl::Status Add(const ledger::SourceDay& day);
  // Hashes of the leaves [begin, end) are wanted in `out`, which stays until Finish().
  void WantHashes(uint64_t begin, uint64_t end, std::vector<ledger::Hash>* out);
  // Ends the group: its blocks in order, and the tree after them.
  absl::Status Finish(std::vector<CommitGroup::Block>* blocks, ledger::CompactRange* tree);

 private:
  struct Wanted {
    uint64_t begin;
    uint64_t end;
    std::vector<ledger::Hash>* out;
  };

  absl::Status AddControl(ledger::RecordKind kind);
  absl::Status FinishBlock();

  const ledger::LogId log_id_;
  ledger::BlockBuilder builder_;
  ledger::RowLeaves leaves_;
  std::vector<ledger::Hash> hashes_;  // of the leaves of the block being made
  ledger::CompactRange range_;
  ledger::CompactRange tree_;
  int64_t accepted_time_us_ = 0;
  // Of the control record being added.
  std::string body_;
  std::string leaf_;
  std::vector<CommitGroup::Block> blocks_;
  std::vector<Wanted> wanted_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_BLOCK_MAKER_H_
