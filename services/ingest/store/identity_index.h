#ifndef TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_INDEX_H_
#define TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/store/frozen_identities.h"
#include "services/ingest/store/identity_table.h"

namespace tidemark::ingest {

// The leaf of every identity in the log, and of the first record of every transaction: the newest
// in a table in memory, older ones in runs on disk. When the table is full it is handed to
// FrozenIdentities and an empty one takes its place.
//
// What is on disk is looked up for a whole batch at once, on the thread that brings the batch; the
// rest is the sequencer's:
//
//   TM_RETURN_IF_ERROR(index.LookUpOlder(identities, linked, transactions, &older));
//   TM_RETURN_IF_ERROR(index.Prepare(older, identities, linked, transactions));  // later
//   TM_RETURN_IF_ERROR(index.MakeRoom(leaf));
//   index.FindOrInsert(identities[0], leaf);                              // of those identities
//
// Prepare() looks up what left memory in between, which is mostly nothing.
//
// All calls but LookUpOlder and the counters are the sequencer's.
class IdentityIndex {
 public:
  struct Options {
    // `table_entries` 0: as many as fit.
    FrozenIdentities::Options frozen;
    // Of the tables in memory: the one that is filled and the one that is being written.
    size_t max_bytes = 0;
  };
  // At most, with all that a growing table leaves unused, and what may still come while the other
  // is being written.
  static constexpr size_t kBytesPerEntry = 36;

  // See FrozenIdentities::Open. Identities behind older_end() are not there: FillTable() them.
  static absl::StatusOr<std::unique_ptr<IdentityIndex>> Open(Options options, uint64_t log_end);

  // Runs cover the leaves below.
  uint64_t older_end() const { return frozen_->view().runs->end_leaf(); }
  // For filling while the log is opened.
  IdentityTable* table() { return hot_.get(); }
  FrozenIdentities& frozen() { return *frozen_; }

  // Thread-safe. Reads files. UNAVAILABLE with RetryInfo: a run is damaged, and being repaired.
  absl::Status LookUpOlder(std::span<const Fingerprint> identities,
                           std::span<const AppendBatch::Linked> linked,
                           std::span<const AppendBatch::Linked> transactions,
                           OlderLeaves* older) const;

  // The calls that follow are about these identities and originals, of which `older` is known.
  // UNAVAILABLE as LookUpOlder.
  absl::Status Prepare(const OlderLeaves& older, std::span<const Fingerprint> identities,
                       std::span<const AppendBatch::Linked> linked = {},
                       std::span<const AppendBatch::Linked> transactions = {});
  // Before a batch is inserted, after Prepare(). No leaf of the index is at `first_leaf` or behind.
  // RESOURCE_EXHAUSTED with RetryInfo: memory is used up, because the disk does not take what
  // should leave it.
  absl::Status MakeRoom(uint64_t first_leaf) {
    return hot_->size() < table_entries_ ? absl::OkStatus() : ChangeTables(first_leaf);
  }
  // As IdentityTable's.
  __attribute__((always_inline)) void Prefetch(const Fingerprint& key) const {
    hot_->Prefetch(key);
    if (cold_ != nullptr) cold_->Prefetch(key);
  }
  uint64_t Find(const Fingerprint& key, std::span<const uint64_t> except = {}) const {
    const uint64_t leaf = hot_->Find(key, except);
    return leaf != IdentityTable::kNotFound ? leaf : FindOlder(key, except);
  }
  uint64_t FindOrInsert(const Fingerprint& key, uint64_t leaf,
                        std::span<const uint64_t> except = {}) {
    const uint64_t older = FindOlder(key, except);
    return older != IdentityTable::kNotFound ? older : hot_->FindOrInsert(key, leaf, except);
  }
  void Erase(const Fingerprint& key, uint64_t leaf) {
    if (!hot_->Erase(key, leaf) && cold_ != nullptr) cold_->Erase(key, leaf);
  }

  // Thread-safe.
  uint64_t size() const;
  uint64_t bytes() const;

 private:
  explicit IdentityIndex(uint64_t table_entries);
  uint64_t FindOlder(const Fingerprint& key, std::span<const uint64_t> except) const {
    if (cold_ != nullptr) {
      const uint64_t leaf = cold_->Find(key, except);
      if (leaf != IdentityTable::kNotFound) return leaf;
    }
    return recalled_.empty() ? IdentityTable::kNotFound : FindRecalled(key, except);
  }
  uint64_t FindRecalled(const Fingerprint& key, std::span<const uint64_t> except) const;
  absl::Status ChangeTables(uint64_t first_leaf);
  absl::Status LookUp(const IdentityRunSet& runs, std::span<const Fingerprint> identities,
                      std::span<const AppendBatch::Linked> linked,
                      std::span<const AppendBatch::Linked> transactions, uint64_t from_leaf,
                      std::vector<OlderLeaves::Entry>* found) const;

  const uint64_t table_entries_;
  std::unique_ptr<FrozenIdentities> frozen_;
  mutable base::Mutex mutex_;  // of hot_, for other threads; the sequencer alone changes it
  std::shared_ptr<IdentityTable> hot_;
  std::shared_ptr<IdentityTable> cold_;  // null, or what frozen_ writes
  // Of the batch in hand.
  absl::flat_hash_map<Fingerprint, absl::InlinedVector<uint64_t, 1>> recalled_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_INDEX_H_
