#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_LOG_STORE_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_LOG_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/ledger/event_rows.h"
#include "clients/cpp/ledger/record.h"
#include "services/ingest/domain/row_links.h"
#include "services/ingest/domain/statement.h"

namespace tidemark::ingest {

// The catalog view that events were judged by.
struct CatalogStamp {
  uint64_t version = 0;
  ledger::Hash hash = {};
};

enum class Outcome : uint8_t {
  kDuplicate,       // same content is in the log, at `leaf`
  kConflict,        // other content is in the log, at `leaf`
  kTooManyWaiting,  // too many refunds wait for the same original, or for any
};

// A row that was not accepted.
struct RowException {
  uint32_t row = 0;
  Outcome outcome = Outcome::kDuplicate;
  uint64_t leaf = 0;
  // Only of a dry run: `leaf` is no leaf but the row of the first one, in the same batch.
  bool leaf_is_row = false;
  // kConflict: name of the first field that differs.
  std::string_view field;
};

struct AppendResult {
  // OK: everything accepted is durable. Otherwise nothing of the batch counts as accepted.
  // RESOURCE_EXHAUSTED with RetryInfo: disk full, or identities cannot be moved to it.
  // FAILED_PRECONDITION (LOG_SEALED). ABORTED (STALE_VIEW): judge again by a newer view.
  // UNAVAILABLE: stopping.
  absl::Status status;
  uint64_t first_leaf = 0;
  uint32_t accepted = 0;
  // By ascending row.
  std::vector<RowException> exceptions;
  // Of the accepted rows, when asked for.
  std::vector<ledger::Hash> leaf_hashes;
  // Of each source day: of its record, or of the last one when that has the same totals.
  std::vector<uint64_t> source_day_leaves;
};

struct IdentityFingerprint {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const IdentityFingerprint&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const IdentityFingerprint& f) {
    return H::combine(std::move(h), f.low);
  }
};

// What was found of some identities among all leaves below `end_leaf` that are not in memory.
struct OlderLeaves {
  struct Entry {
    IdentityFingerprint key;
    uint64_t leaf = 0;
  };
  std::vector<Entry> entries;
  uint64_t end_leaf = 0;

  void Clear() {
    entries.clear();
    end_leaf = 0;
  }
};

// Events that passed validation, on their way into the log.
struct AppendBatch {
  std::string principal;
  CatalogStamp stamp;
  // Each taken by ledger::CheckRecord().
  ledger::EventRows rows;
  // Days to be closed, behind the rows; no two of one source and day. Not of a dry run.
  std::vector<ledger::SourceDay> source_days;
  // Judge only, write nothing.
  bool dry_run = false;
  bool want_leaf_hashes = false;
  // Approximate size, to bound what is written at once.
  size_t bytes = 0;
  // Called once, from a thread of the store or the caller's; must not block. May destroy the
  // batch.
  absl::AnyInvocable<void(AppendResult)> done;
  // From here on for the store. 128-bit keyed fingerprints of the rows' identities and of their
  // originals'.
  using Fingerprint = IdentityFingerprint;
  std::vector<Fingerprint> identities;
  int64_t last_event_us = 0;  // the latest of the rows'
  // Leaves of theirs, and of originals, that are not in memory any more.
  OlderLeaves older;
  // A row that names an original (or a transaction), by ascending row.
  struct Linked {
    uint32_t row;
    Fingerprint original;
  };
  std::vector<Linked> linked;
  // Likewise, of the transaction of a row that has one.
  std::vector<Linked> transactions;
  // By row: of its private part (ledger::CommitRows).
  std::vector<ledger::Hash> commitments;
  // Rows that are new, ascending, and what they name in the log.
  std::vector<uint32_t> accepted;
  RowLinks links;

  void Clear() {
    rows.Clear();
    source_days.clear();
    identities.clear();
    older.Clear();
    linked.clear();
    transactions.clear();
    commitments.clear();
    accepted.clear();
    links.Clear();
    bytes = 0;
    done = nullptr;
  }
};

// Memory of a row in an AppendBatch, beside its texts: with a few codes of its own, its identity,
// commitment and links.
inline constexpr size_t kStoredRowBytes =
    ledger::EventRows::kRowBytes + 4 * ledger::EventRows::kCodeBytes + 128;

// Where one block is.
struct BlockRef {
  uint64_t first_leaf = 0;
  uint64_t offset = 0;
  uint32_t record_count = 0;
  uint32_t bytes = 0;
  uint32_t file = 0;

  uint64_t end_leaf() const { return first_leaf + record_count; }
};

struct StoredCheckpoint {
  std::string note;
  uint64_t size = 0;
  ledger::Hash root = {};
  int64_t accepted_time_us = 0;
};

struct LogState {
  uint64_t size = 0;  // durable
  int64_t accepted_time_us = 0;
  uint64_t bytes = 0;
  uint64_t identities = 0;
  uint64_t identity_bytes = 0;
  // Version of the last CATALOG_MARK, durable or not.
  uint64_t marked_version = 0;
  // The last durable CATALOG_MARK; version 0: none.
  CatalogStamp durable_mark;
  // Empty while the log takes writes.
  std::string sealed_reason;
  // When the process that owns the log opened it; another value is another process, whose log may
  // have been restored: what was learnt under this one may not be in it. 0: not told.
  int64_t opened_us = 0;
};

// A record of an event that was looked for.
struct FoundEvent {
  uint32_t position = 0;  // of the id among those asked for
  uint64_t leaf = 0;
};

// LogStore: the totally ordered, de-duplicated, tamper-evident log. Identity, links, order,
// group commit and the tree are inside; validation is outside.
//
// Thread-safe. MarkCatalog and state do not block; the others may read files, or wait for another
// process. Append and FindEvents read a few pages for identities that are not in memory any more.
// Nothing that it returns lies past the durable size.
class LogStore {
 public:
  virtual ~LogStore() = default;

  // 32 hexadecimal digits; C2SP verifier key of the checkpoints.
  virtual const std::string& log_id() const = 0;
  virtual const std::string& verifier_key() const = 0;
  virtual LogState state() const = 0;
  // Whether the log takes writes, as far as is known here. UNAVAILABLE: its owner, another process,
  // is not heard. FAILED_PRECONDITION (LOG_SEALED). Does not block.
  virtual absl::Status CheckWritable() const;

  // `batch` is not owned and stays until its `done` is called. What was answered precedes what is
  // appended later; accepted rows of a batch are contiguous.
  virtual void Append(AppendBatch* batch) = 0;
  // Records that the catalog advanced. Older stamps than the last are ignored.
  virtual void MarkCatalog(const CatalogStamp& stamp) = 0;

  // Adds to the counts of events that were not accepted; does not block. They are kept by the
  // owner of the log, and those of the last seconds are lost when it is killed, or away.
  virtual void CountRefused(std::vector<RefusedCount> counts) = 0;
  // What is known of `source` on `day`, as days since 1970-01-01 in `zone`, the observatory's; it
  // counts everything that was acknowledged before. `done` as in Append. UNAVAILABLE
  // (STATEMENT_NOT_READY): the log is still being counted.
  virtual void ReadStatement(std::string source, int32_t day, absl::TimeZone zone,
                             absl::AnyInvocable<void(absl::StatusOr<Statement>)> done) = 0;

  // Leaves of the records of events of `source`, by id: several of one that was revised, none of
  // one that is not in the log. An id may hardly ever have leaves of another event. `done` as in
  // Append.
  virtual void FindEvents(
      std::string source, std::vector<std::string> ids,
      absl::AnyInvocable<void(absl::StatusOr<std::vector<FoundEvent>>)> done) = 0;
  // Calls `take(i, record, leaf_hash)` for each of `leaves`, which are leaves of events, in any
  // order. OUT_OF_RANGE; INVALID_ARGUMENT: not an event.
  using TakeEvent =
      std::function<void(size_t i, const ledger::EventRecord& record, const ledger::Hash& hash)>;
  virtual absl::Status ReadEvents(std::span<const uint64_t> leaves, const TakeEvent& take) = 0;

  // The block that holds `leaf`. OUT_OF_RANGE: not durable (yet).
  virtual absl::StatusOr<BlockRef> FindBlock(uint64_t leaf) const = 0;
  // The block's bytes as stored; `out` has room for ref.bytes.
  virtual absl::Status ReadBlock(const BlockRef& ref, char* out) const = 0;
  // `listener` is called after the durable size grew, by a thread of the store; must not block.
  virtual void SetSizeListener(std::function<void()> listener) = 0;

  // The newest signed checkpoint; NOT_FOUND: the log is empty.
  virtual absl::StatusOr<StoredCheckpoint> NewestCheckpoint() = 0;
  // Its bytes (docs/formats/leaf.md).
  virtual absl::StatusOr<std::string> Leaf(uint64_t leaf) = 0;
  virtual absl::StatusOr<std::vector<ledger::Hash>> InclusionProof(uint64_t leaf,
                                                                   uint64_t size) = 0;
  virtual absl::StatusOr<std::vector<ledger::Hash>> ConsistencyProof(uint64_t old_size,
                                                                     uint64_t new_size) = 0;
  // Source of the event at `leaf`, empty when it is no event. For scope checks.
  virtual absl::StatusOr<std::string> SourceOf(uint64_t leaf) = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_LOG_STORE_H_
