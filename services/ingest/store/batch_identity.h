#ifndef TIDEMARK_SERVICES_INGEST_STORE_BATCH_IDENTITY_H_
#define TIDEMARK_SERVICES_INGEST_STORE_BATCH_IDENTITY_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/store/decoded_blocks.h"
#include "services/ingest/store/identity_index.h"
#include "services/ingest/store/identity_journal.h"
#include "services/ingest/store/waiting_refunds.h"

namespace tidemark::ingest {

// Decides for the rows of one batch which are new, gives those leaves and links, and says of the
// others what is in the log already. Used by the sequencer's thread only.
class BatchIdentity {
 public:
  struct Options {
    IdentityIndex* table = nullptr;  // not owned, nor are the others
    WaitingRefunds* waiting = nullptr;
    DecodedBlocks* blocks = nullptr;
    // The accepted row at `leaf` of the group being made; none when it is no event.
    std::function<std::optional<ledger::EventRecord>(uint64_t leaf)> row_of_group;
  };
  explicit BatchIdentity(Options options) : options_(std::move(options)) {}

  // The rows get leaves from `first_leaf` on; leaves from `group_first_leaf` on are of the group
  // being made. Fills in batch->accepted and batch->links (memory of `resolves` stays until
  // Forget()), and every exception. INVALID_ARGUMENT (TOO_MANY_REVISIONS): of one event, in the
  // batch or in the log. RESOURCE_EXHAUSTED: identity memory is used up; UNAVAILABLE: a run of
  // older identities is damaged; DATA_LOSS: the log cannot be read. After an error nothing has
  // changed.
  absl::Status Judge(AppendBatch* batch, uint64_t group_first_leaf, uint64_t first_leaf,
                     IdentityJournal* journal, AppendResult* result);
  // As Judge, but changes nothing; the first of two equal rows is named by its row.
  absl::Status JudgeDry(AppendBatch* batch, uint64_t group_first_leaf, AppendResult* result);

  // Frees the memory of links; after the rows were stored.
  void Forget() { resolves_.clear(); }

 private:
  struct Hit {
    uint32_t row;
    uint64_t leaf;
  };
  // What shares a row's fingerprint and is another record: another revision of the event, or,
  // practically never, another event. Rows of the batch have another leaf with each attempt.
  struct Stranger {
    uint64_t leaf_or_row = 0;
    bool is_row = false;
  };
  using Strangers = absl::flat_hash_map<uint32_t, std::vector<Stranger>>;
  // The highest revision of a row's event that was there before.
  struct Previous {
    uint32_t revision = 0;
    Stranger at;
  };

  std::span<const uint64_t> LeavesOf(const AppendBatch& batch,
                                     const std::vector<Stranger>& strangers);
  uint64_t LeafOf(const AppendBatch& batch, const Stranger& stranger) const;
  void LinkPrevious(AppendBatch* batch) const;
  absl::Status Insert(AppendBatch* batch, uint64_t first_leaf, const Strangers& strangers,
                      IdentityJournal* journal, AppendResult* result);
  enum class Link { kFound, kWaiting, kRefused };
  Link FindOriginal(const Fingerprint& original, uint64_t* leaf);
  void LinkTransaction(const Fingerprint& transaction, uint64_t leaf, uint32_t row,
                       AppendBatch* batch, IdentityJournal* journal);
  void LinkRefunds(AppendBatch* batch, uint32_t row, IdentityJournal* journal);
  // Compares the hits with the log. False: some were strangers, now in `strangers`.
  absl::StatusOr<bool> Confirm(const AppendBatch& batch, uint64_t group_first_leaf,
                               Strangers* strangers, AppendResult* result);
  // Adds what else the log has under the row's fingerprint, so that one more attempt is enough.
  absl::Status GatherStored(const AppendBatch& batch, uint32_t row, uint64_t group_first_leaf,
                            Strangers* strangers);
  // `stored` is another revision of the row's event.
  void NotePrevious(uint32_t row, const ledger::EventRecord& stored, const Stranger& stranger);
  // What the log has of a row; none: nothing.
  absl::StatusOr<std::optional<RowException>> FindStored(const AppendBatch& batch, uint32_t row,
                                                         uint64_t group_first_leaf);
  // None: the record there is no event. Its views stay until the next call.
  absl::StatusOr<std::optional<ledger::EventRecord>> EventAt(const AppendBatch& batch,
                                                             uint64_t leaf,
                                                             uint64_t group_first_leaf);

  const Options options_;
  std::vector<Hit> hits_;
  std::vector<uint64_t> except_;
  absl::flat_hash_map<uint32_t, Previous> previous_;
  uint64_t batch_first_leaf_ = 0;
  std::deque<std::vector<uint64_t>> resolves_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_BATCH_IDENTITY_H_
