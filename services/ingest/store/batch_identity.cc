#include "services/ingest/store/batch_identity.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/leaf.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

using ledger::EventRecord;

// Far enough for memory to arrive, near enough to still be cached.
constexpr size_t kAhead = 12;
// Of one event. Each is compared with all the others, mostly in other blocks, on the one thread
// that orders the log.
constexpr size_t kMostRevisions = 64;
constexpr size_t kMostRevisionsOfBatch = 32;

absl::Status TooManyRevisions(const ledger::EventRows& rows, uint32_t row, std::string_view where,
                              size_t most) {
  return status::WithReason(
      absl::InvalidArgumentError(absl::StrCat(
          "event ", rows.id(row), " of ", rows.source(row), " has ", most, " revisions ", where,
          " already",
          "; nothing was written, send the batch without it, or fewer revisions at once")),
      "TOO_MANY_REVISIONS");
}

bool SameEvent(const EventRecord& a, const EventRecord& b) {
  return a.id == b.id && a.source == b.source;
}
bool SameRecord(const EventRecord& a, const EventRecord& b) {
  return a.revision == b.revision && SameEvent(a, b);
}

// As SameRecord of the two rows' records, which are not made for it: a batch may bring many
// revisions of one event.
bool SameRecord(const ledger::EventRows& rows, uint32_t a, uint32_t b) {
  return rows.revision(a) == rows.revision(b) && rows.id(a) == rows.id(b) &&
         rows.source(a) == rows.source(b);
}

RowException Compare(const EventRecord& stored, const EventRecord& row) {
  RowException exception;
  exception.field = ledger::FirstDifference(stored, row);
  exception.outcome = exception.field.empty() ? Outcome::kDuplicate : Outcome::kConflict;
  return exception;
}

void SortByRow(std::vector<RowException>& exceptions) {
  std::sort(exceptions.begin(), exceptions.end(),
            [](const RowException& a, const RowException& b) { return a.row < b.row; });
}

}  // namespace

absl::Status BatchIdentity::Judge(AppendBatch* batch, uint64_t group_first_leaf,
                                  uint64_t first_leaf, IdentityJournal* journal,
                                  AppendResult* result) {
  TM_RETURN_IF_ERROR(
      options_.table->Prepare(batch->older, batch->identities, batch->linked, batch->transactions));
  TM_RETURN_IF_ERROR(options_.table->MakeRoom(first_leaf));
  const IdentityJournal::Position start = journal->position();
  Strangers strangers;
  previous_.clear();
  // An attempt more for every further revision that the batch brings of one event.
  for (size_t attempt = 0;; ++attempt) {
    absl::Status inserted = Insert(batch, first_leaf, strangers, journal, result);
    if (inserted.ok()) {
      const absl::StatusOr<bool> confirmed = Confirm(*batch, group_first_leaf, &strangers, result);
      if (confirmed.ok() && *confirmed) break;
      inserted = confirmed.status();
      if (inserted.ok() && attempt >= kMostRevisionsOfBatch && !previous_.empty()) {
        inserted = TooManyRevisions(batch->rows, previous_.begin()->first, "in the batch",
                                    kMostRevisionsOfBatch);
      }
    }
    journal->Undo(start, options_.table, options_.waiting);
    TM_RETURN_IF_ERROR(inserted);
  }
  if (!previous_.empty()) LinkPrevious(batch);
  SortByRow(result->exceptions);
  result->first_leaf = first_leaf;
  result->accepted = static_cast<uint32_t>(batch->accepted.size());
  return absl::OkStatus();
}

uint64_t BatchIdentity::LeafOf(const AppendBatch& batch, const Stranger& stranger) const {
  if (!stranger.is_row) return stranger.leaf_or_row;
  const std::vector<uint32_t>& accepted = batch.accepted;
  const auto found = std::lower_bound(accepted.begin(), accepted.end(), stranger.leaf_or_row);
  if (found == accepted.end() || *found != stranger.leaf_or_row) return IdentityTable::kNotFound;
  return batch_first_leaf_ + static_cast<uint64_t>(found - accepted.begin());
}

std::span<const uint64_t> BatchIdentity::LeavesOf(const AppendBatch& batch,
                                                  const std::vector<Stranger>& strangers) {
  except_.clear();
  for (const Stranger& stranger : strangers) except_.push_back(LeafOf(batch, stranger));
  return except_;
}

void BatchIdentity::LinkPrevious(AppendBatch* batch) const {
  for (const uint32_t row : batch->accepted) {
    const auto found = previous_.find(row);
    if (found == previous_.end()) continue;
    batch->links.Of(row).previous_leaf = LeafOf(*batch, found->second.at);
  }
}

absl::Status BatchIdentity::Insert(AppendBatch* batch, uint64_t first_leaf,
                                   const Strangers& strangers, IdentityJournal* journal,
                                   AppendResult* result) {
  hits_.clear();
  std::vector<uint32_t>& accepted = batch->accepted;
  accepted.clear();
  batch->links.Clear();
  result->exceptions.clear();
  batch_first_leaf_ = first_leaf;
  const size_t rows = batch->rows.size();
  auto linked = batch->linked.begin();
  auto transaction = batch->transactions.begin();
  for (uint32_t row = 0; row < rows; ++row) {
    if (row + kAhead < rows) options_.table->Prefetch(batch->identities[row + kAhead]);
    const Fingerprint& identity = batch->identities[row];
    std::span<const uint64_t> except;
    if (!strangers.empty()) [[unlikely]] {
      const auto it = strangers.find(row);
      if (it != strangers.end()) except = LeavesOf(*batch, it->second);
    }
    const Fingerprint* waits_for = nullptr;
    uint64_t original_leaf = ledger::kNoLeaf;
    if (linked != batch->linked.end() && linked->row == row) {
      const Fingerprint& original = (linked++)->original;
      // Before its own insertion, and only a new event may be refused for its link.
      if (options_.table->Find(identity, except) == IdentityTable::kNotFound) {
        const Link link = FindOriginal(original, &original_leaf);
        if (link == Link::kRefused) {
          result->exceptions.push_back({.row = row, .outcome = Outcome::kTooManyWaiting});
          continue;
        }
        if (link == Link::kWaiting) waits_for = &original;
      }
    }
    const uint64_t leaf = first_leaf + accepted.size();
    const uint64_t found = options_.table->FindOrInsert(identity, leaf, except);
    if (found == IdentityTable::kFull) return absl::OutOfRangeError("the log has 2^40 leaves");
    if (found != IdentityTable::kNotFound) {
      hits_.push_back({row, found});
      continue;
    }
    journal->Inserted(identity, leaf);
    accepted.push_back(row);
    if (original_leaf != ledger::kNoLeaf) batch->links.Of(row).original_leaf = original_leaf;
    while (transaction != batch->transactions.end() && transaction->row < row) ++transaction;
    if (transaction != batch->transactions.end() && transaction->row == row) {
      LinkTransaction(transaction->original, leaf, row, batch, journal);
    }
    if (waits_for != nullptr) {
      options_.waiting->Add(*waits_for, leaf);
      journal->Waits(*waits_for);
    }
    if (options_.waiting->MayWaitFor(identity)) LinkRefunds(batch, row, journal);
  }
  return absl::OkStatus();
}

BatchIdentity::Link BatchIdentity::FindOriginal(const Fingerprint& original, uint64_t* leaf) {
  *leaf = options_.table->Find(original);
  if (*leaf != IdentityTable::kNotFound) return Link::kFound;
  if (options_.waiting->full() || options_.waiting->CountFor(original) >= ledger::kMaxResolves) {
    return Link::kRefused;
  }
  *leaf = ledger::kWaitingLeaf;
  return Link::kWaiting;
}

void BatchIdentity::LinkTransaction(const Fingerprint& transaction, uint64_t leaf, uint32_t row,
                                    AppendBatch* batch, IdentityJournal* journal) {
  const uint64_t first = options_.table->FindOrInsert(transaction, leaf);
  if (first == IdentityTable::kNotFound) {
    journal->Inserted(transaction, leaf);
  } else {
    batch->links.Of(row).transaction_leaf = first;
  }
}

void BatchIdentity::LinkRefunds(AppendBatch* batch, uint32_t row, IdentityJournal* journal) {
  std::vector<uint64_t> leaves = options_.waiting->Take(batch->identities[row]);
  if (leaves.empty()) return;
  journal->Resolved(batch->identities[row], leaves);
  resolves_.push_back(std::move(leaves));
  batch->links.Of(row).resolves = resolves_.back();
}

absl::StatusOr<std::optional<EventRecord>> BatchIdentity::EventAt(const AppendBatch& batch,
                                                                  uint64_t leaf,
                                                                  uint64_t group_first_leaf) {
  if (leaf >= batch_first_leaf_) {
    return batch.rows.Record(batch.accepted[leaf - batch_first_leaf_]);
  }
  if (leaf >= group_first_leaf) return options_.row_of_group(leaf);
  TM_ASSIGN_OR_RETURN(const EventRecord stored, options_.blocks->Event(leaf));
  return stored;
}

absl::StatusOr<bool> BatchIdentity::Confirm(const AppendBatch& batch, uint64_t group_first_leaf,
                                            Strangers* strangers, AppendResult* result) {
  // In order of leaves each block is decoded once.
  std::sort(hits_.begin(), hits_.end(), [](const Hit& a, const Hit& b) { return a.leaf < b.leaf; });
  bool all_known = true;
  for (const Hit& hit : hits_) {
    TM_ASSIGN_OR_RETURN(const std::optional<EventRecord> stored,
                        EventAt(batch, hit.leaf, group_first_leaf));
    const EventRecord row = batch.rows.Record(hit.row);
    if (!stored || !SameRecord(*stored, row)) {
      const Stranger stranger = hit.leaf >= batch_first_leaf_
                                    ? Stranger{batch.accepted[hit.leaf - batch_first_leaf_], true}
                                    : Stranger{hit.leaf, false};
      (*strangers)[hit.row].push_back(stranger);
      if (stored && SameEvent(*stored, row)) NotePrevious(hit.row, *stored, stranger);
      if (!stranger.is_row) {
        TM_RETURN_IF_ERROR(GatherStored(batch, hit.row, group_first_leaf, strangers));
      }
      all_known = false;
      continue;
    }
    RowException exception = Compare(*stored, row);
    exception.row = hit.row;
    exception.leaf = hit.leaf;
    result->exceptions.push_back(exception);
  }
  return all_known;
}

void BatchIdentity::NotePrevious(uint32_t row, const EventRecord& stored,
                                 const Stranger& stranger) {
  const auto [it, fresh] = previous_.try_emplace(row, stored.revision, stranger);
  if (!fresh && stored.revision > it->second.revision) it->second = {stored.revision, stranger};
}

absl::Status BatchIdentity::GatherStored(const AppendBatch& batch, uint32_t row,
                                         uint64_t group_first_leaf, Strangers* strangers) {
  std::vector<Stranger>& known = (*strangers)[row];
  const std::span<const uint64_t> leaves = LeavesOf(batch, known);
  std::vector<uint64_t> seen(leaves.begin(), leaves.end());
  const EventRecord record = batch.rows.Record(row);
  size_t others = 0;  // that share the fingerprint and are another event
  while (true) {
    const uint64_t leaf = options_.table->Find(batch.identities[row], seen);
    if (leaf == IdentityTable::kNotFound) break;
    seen.push_back(leaf);
    // Of the batch itself: found by the next attempt, under the leaf it has then.
    if (leaf >= batch_first_leaf_) continue;
    TM_ASSIGN_OR_RETURN(const std::optional<EventRecord> stored,
                        EventAt(batch, leaf, group_first_leaf));
    // The very record: what the next attempt finds.
    if (stored && SameRecord(*stored, record)) return absl::OkStatus();
    known.push_back({leaf, false});
    const bool revision = stored && SameEvent(*stored, record);
    if (revision) NotePrevious(row, *stored, known.back());
    others += revision ? 0 : 1;
  }
  if (known.size() - others < kMostRevisions) return absl::OkStatus();
  return TooManyRevisions(batch.rows, row, "in the log", kMostRevisions);
}

absl::Status BatchIdentity::JudgeDry(AppendBatch* batch, uint64_t group_first_leaf,
                                     AppendResult* result) {
  TM_RETURN_IF_ERROR(options_.table->Prepare(batch->older, batch->identities, batch->linked));
  batch_first_leaf_ = UINT64_MAX;
  absl::flat_hash_map<Fingerprint, std::vector<uint32_t>> first_rows;
  uint32_t accepted = 0;
  for (uint32_t row = 0; row < batch->rows.size(); ++row) {
    TM_ASSIGN_OR_RETURN(std::optional<RowException> exception,
                        FindStored(*batch, row, group_first_leaf));
    if (!exception) {
      std::vector<uint32_t>& earlier = first_rows[batch->identities[row]];
      const auto same = std::find_if(earlier.begin(), earlier.end(), [&](uint32_t other) {
        return SameRecord(batch->rows, other, row);
      });
      if (same == earlier.end()) {
        earlier.push_back(row);
        ++accepted;
        continue;
      }
      exception = Compare(batch->rows.Record(*same), batch->rows.Record(row));
      exception->leaf = *same;
      exception->leaf_is_row = true;
    }
    exception->row = row;
    result->exceptions.push_back(*exception);
  }
  result->accepted = accepted;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<RowException>> BatchIdentity::FindStored(const AppendBatch& batch,
                                                                      uint32_t row,
                                                                      uint64_t group_first_leaf) {
  except_.clear();
  while (true) {
    const uint64_t leaf = options_.table->Find(batch.identities[row], except_);
    if (leaf == IdentityTable::kNotFound) return std::nullopt;
    TM_ASSIGN_OR_RETURN(const std::optional<EventRecord> stored,
                        EventAt(batch, leaf, group_first_leaf));
    const EventRecord record = batch.rows.Record(row);
    if (stored && SameRecord(*stored, record)) {
      RowException exception = Compare(*stored, record);
      exception.leaf = leaf;
      return exception;
    }
    except_.push_back(leaf);
  }
}

}  // namespace tidemark::ingest
