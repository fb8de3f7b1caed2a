#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_LINK_FOLD_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_LINK_FOLD_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/block_reader.h"
#include "common/base/mutex.h"
#include "services/analytics/domain/effect_batch.h"
#include "services/analytics/domain/linked_events.h"
#include "services/analytics/domain/precedence_history.h"
#include "services/analytics/domain/standing.h"
#include "services/analytics/domain/stat_store.h"

namespace tidemark::analytics {

// The part of the fold for events that hang together with others: refunds that name an original,
// revisions, VOIDs, transactions. Remembers them, from the store's notes after a restart, and looks
// up in the store what another event names. Read() and its accessors are for one thread, the rest
// for any.
class LinkFold {
 public:
  // `store` is not owned; the one that the batches are appended to, each before the next block is
  // read. `precedence`: by version of the catalog; empty: the order of the enum in every version.
  explicit LinkFold(const StatStore* store, PrecedenceAt precedence = nullptr)
      : store_(*store), precedence_at_(std::move(precedence)) {}

  // How the own effect of a row is made.
  enum class Own : uint8_t {
    kByKind,  // the row hangs together with none
    kPlain,   // with its own fields, as the kind that `kind_of` has
    kCopy,    // among the copies, or (a VOID) not at all
  };

  // Replaces what the accessors give, which is valid until the next Read(). `marks`: those of the
  // block. A mark with another precedence has transactions judged again at its place. DATA_LOSS:
  // the block names what cannot be. Errors of the precedence: nothing was read, try again.
  absl::Status Read(ledger::BlockReader& reader, std::span<const EffectBatch::Mark> marks);
  // False: the block has no copies, and no row of it hangs together with any; the accessors below
  // are not to be asked.
  bool any() const { return any_; }
  Own own_of(size_t row) const { return own_[row]; }
  EffectKind kind_of(size_t row) const { return kinds_[row]; }
  std::span<const EffectCopy> copies() const { return copies_; }
  const std::string& notes() const { return notes_; }
  // How the rows that hang together with others change what stands of their source; by row, maybe
  // several of one.
  struct RowChange {
    uint32_t row = 0;
    int64_t event_time_us = 0;
    DaySums sums;
  };
  std::span<const RowChange> standing() const { return row_changes_; }

  // See StandingCorrections; as of the last block read, or of the store. For any thread; `take`
  // must be quick, the fold waits.
  absl::Status ForEachCorrection(
      std::string_view source, int64_t start_us, int64_t end_us, uint64_t log_size,
      absl::FunctionRef<void(int64_t event_time_us, const DaySums&)> take) const;

  // See LinkedEvents. As of the last block read, or (before the first one) of the store; `take`
  // must be quick, the fold waits.
  struct ExceptionPage {
    uint64_t next_leaf = 0;
    uint64_t total = 0;
  };
  absl::StatusOr<ExceptionPage> Exceptions(
      uint64_t first_leaf, std::string_view source, size_t limit,
      absl::FunctionRef<void(const RefundException&)> take) const;
  // See LinkedEvents::MemberScan, with whose sources and categories `keep` is filled in their
  // place: the texts of the answer are valid as long as it. The fold goes on in between; `stop` is
  // asked now and then, without a lock, and ends it when not OK. UNAVAILABLE: the catalog is not
  // there yet.
  absl::StatusOr<std::vector<TransactionMember>> MembersAt(
      uint64_t log_size, std::deque<std::string>* keep,
      absl::FunctionRef<absl::Status()> stop) const;
  // The precedence at a version of the catalog; errors of the precedence.
  absl::StatusOr<std::shared_ptr<const Precedence>> PrecedenceOf(uint64_t version) const;
  // After the last block read.
  size_t memory_bytes() const { return memory_bytes_.load(std::memory_order_relaxed); }

 private:
  // The columns that say what hangs together with what.
  struct Columns {
    ledger::TextColumn sources, ids, categories, original_ids, transaction_ids, resolves;
    ledger::IntegerColumn revisions, times, amounts, vouchers, quantities;
    ledger::LinkColumn originals, previous, transactions;
    ledger::SmallColumn kinds, roles;
  };

  // A mark that brings another precedence.
  struct Change {
    uint64_t leaf = 0;
    std::shared_ptr<const Precedence> precedence;
  };
  absl::StatusOr<std::vector<Change>> ChangesOf(std::span<const EffectBatch::Mark> marks) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Restore() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static absl::StatusOr<Columns> ReadColumns(ledger::BlockReader& reader);
  static bool IsLinked(const Columns& columns, size_t row);
  static LinkedEvent EventOf(const Columns& columns, size_t row, uint64_t first_leaf);
  // Makes known what the block's rows name and the store has.
  absl::Status LookUp(const Columns& columns, std::span<const uint32_t> rows, uint64_t first_leaf)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Know(const Columns& columns, const LinkedEvent& event, uint64_t first_leaf)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Add(const Columns& columns, size_t row, uint64_t first_leaf)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetPrecedence(const Change& change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What `changes_` does to rows other than `own_leaf`, at `effective`.
  void AddChanges(uint64_t effective, uint64_t own_leaf);
  void AddOwn(const Columns& columns, size_t row, const LinkedEvent& event);
  void AddCopies(uint64_t effective, const Verdict& verdict, bool negative);
  void AddCohort(uint64_t effective, const Verdict& verdict, bool negative);
  // After changes_ at `effective`; `standing` is what stands since and did not before, or the
  // other way round.
  void AddCorrections(uint64_t effective, const std::vector<StandingChange>& standing)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const StatStore& store_;
  const PrecedenceAt precedence_at_;
  mutable base::Mutex mutex_;
  mutable LinkedEvents events_ ABSL_GUARDED_BY(mutex_);
  // How often events_ was made from the store: nothing of an earlier one is valid.
  mutable uint64_t restored_ ABSL_GUARDED_BY(mutex_) = 0;
  mutable StandingCorrections corrections_ ABSL_GUARDED_BY(mutex_);
  // That events_ stands at; another block than this one's next means that a batch was not appended.
  mutable uint64_t end_leaf_ ABSL_GUARDED_BY(mutex_) = UINT64_MAX;

  mutable std::atomic<size_t> memory_bytes_ = 0;
  bool any_ = false;
  std::vector<Own> own_;
  std::vector<EffectKind> kinds_;
  std::vector<EffectCopy> copies_;
  std::string notes_;
  std::vector<uint64_t> resolves_;
  std::vector<VerdictChange> changes_;
  std::vector<RowChange> row_changes_;
  StandingChanges standing_, difference_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_LINK_FOLD_H_
