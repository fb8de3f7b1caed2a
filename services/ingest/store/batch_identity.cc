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

bool SameIdentity(const EventRecord& a, const EventRecord& b) {
  return a.id == b.id && a.source == b.source && a.revision == b.revision;
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
  TM_RETURN_IF_ERROR(options_.table->Prepare(batch->older, batch->identities, batch->linked));
  TM_RETURN_IF_ERROR(options_.table->MakeRoom(first_leaf));
  const IdentityJournal::Position start = journal->position();
  Strangers strangers;
  while (true) {
    absl::Status inserted = Insert(batch, first_leaf, strangers, journal, result);
    if (inserted.ok()) {
      const absl::StatusOr<bool> confirmed = Confirm(*batch, group_first_leaf, &strangers, result);
      if (confirmed.ok() && *confirmed) break;
      inserted = confirmed.status();
    }
    journal->Undo(start, options_.table, options_.waiting);
    TM_RETURN_IF_ERROR(inserted);
  }
  SortByRow(result->exceptions);
  result->first_leaf = first_leaf;
  result->accepted = static_cast<uint32_t>(accepted_.size());
  return absl::OkStatus();
}

absl::Status BatchIdentity::Insert(AppendBatch* batch, uint64_t first_leaf,
                                   const Strangers& strangers, IdentityJournal* journal,
                                   AppendResult* result) {
  hits_.clear();
  accepted_.clear();
  result->exceptions.clear();
  batch_first_leaf_ = first_leaf;
  const size_t rows = batch->rows.size();
  auto linked = batch->linked.begin();
  for (uint32_t row = 0; row < rows; ++row) {
    if (row + kAhead < rows) options_.table->Prefetch(batch->identities[row + kAhead]);
    const Fingerprint& identity = batch->identities[row];
    std::span<const uint64_t> except;
    if (!strangers.empty()) [[unlikely]] {
      const auto it = strangers.find(row);
      if (it != strangers.end()) except = it->second;
      // A link of the attempt before.
      batch->rows[row].resolves = {};
    }
    const Fingerprint* waits_for = nullptr;
    if (linked != batch->linked.end() && linked->row == row) {
      const Fingerprint& original = (linked++)->original;
      // Before its own insertion, and only a new event may be refused for its link.
      if (options_.table->Find(identity, except) == IdentityTable::kNotFound) {
        const Link link = FindOriginal(original, &batch->rows[row]);
        if (link == Link::kRefused) {
          result->exceptions.push_back({.row = row, .outcome = Outcome::kTooManyWaiting});
          continue;
        }
        if (link == Link::kWaiting) waits_for = &original;
      }
    }
    const uint64_t leaf = first_leaf + accepted_.size();
    const uint64_t found = options_.table->FindOrInsert(identity, leaf, except);
    if (found == IdentityTable::kFull) return absl::OutOfRangeError("the log has 2^40 leaves");
    if (found != IdentityTable::kNotFound) {
      hits_.push_back({row, found});
      continue;
    }
    journal->Inserted(identity, leaf);
    accepted_.push_back(row);
    if (waits_for != nullptr) {
      options_.waiting->Add(*waits_for, leaf);
      journal->Waits(*waits_for);
    }
    if (options_.waiting->MayWaitFor(identity)) LinkRefunds(batch, row, journal);
  }
  return absl::OkStatus();
}

BatchIdentity::Link BatchIdentity::FindOriginal(const Fingerprint& original, EventRecord* record) {
  const uint64_t leaf = options_.table->Find(original);
  if (leaf != IdentityTable::kNotFound) {
    record->original_leaf = leaf;
    return Link::kFound;
  }
  if (options_.waiting->full() || options_.waiting->CountFor(original) >= ledger::kMaxResolves) {
    return Link::kRefused;
  }
  record->original_leaf = ledger::kWaitingLeaf;
  return Link::kWaiting;
}

void BatchIdentity::LinkRefunds(AppendBatch* batch, uint32_t row, IdentityJournal* journal) {
  std::vector<uint64_t> leaves = options_.waiting->Take(batch->identities[row]);
  if (leaves.empty()) return;
  journal->Resolved(batch->identities[row], leaves);
  resolves_.push_back(std::move(leaves));
  batch->rows[row].resolves = resolves_.back();
}

absl::StatusOr<const EventRecord*> BatchIdentity::EventAt(const AppendBatch& batch, uint64_t leaf,
                                                          uint64_t group_first_leaf) {
  if (leaf >= batch_first_leaf_) return &batch.rows[accepted_[leaf - batch_first_leaf_]];
  if (leaf >= group_first_leaf) return options_.row_of_group(leaf);
  TM_ASSIGN_OR_RETURN(stored_, options_.blocks->Event(leaf));
  return &stored_;
}

absl::StatusOr<bool> BatchIdentity::Confirm(const AppendBatch& batch, uint64_t group_first_leaf,
                                            Strangers* strangers, AppendResult* result) {
  // In order of leaves each block is decoded once.
  std::sort(hits_.begin(), hits_.end(), [](const Hit& a, const Hit& b) { return a.leaf < b.leaf; });
  bool all_known = true;
  for (const Hit& hit : hits_) {
    TM_ASSIGN_OR_RETURN(const EventRecord* stored, EventAt(batch, hit.leaf, group_first_leaf));
    const EventRecord& row = batch.rows[hit.row];
    if (stored == nullptr || !SameIdentity(*stored, row)) {
      (*strangers)[hit.row].push_back(hit.leaf);
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

absl::Status BatchIdentity::JudgeDry(AppendBatch* batch, uint64_t group_first_leaf,
                                     AppendResult* result) {
  TM_RETURN_IF_ERROR(options_.table->Prepare(batch->older, batch->identities, batch->linked));
  batch_first_leaf_ = UINT64_MAX;
  absl::flat_hash_map<Fingerprint, std::vector<uint32_t>> first_rows;
  std::vector<Hit> hits;
  uint32_t accepted = 0;
  for (uint32_t row = 0; row < batch->rows.size(); ++row) {
    const Fingerprint& identity = batch->identities[row];
    const uint64_t leaf = options_.table->Find(identity);
    if (leaf != IdentityTable::kNotFound) {
      hits.push_back({row, leaf});
      continue;
    }
    std::vector<uint32_t>& earlier = first_rows[identity];
    const auto same = std::find_if(earlier.begin(), earlier.end(), [&](uint32_t other) {
      return SameIdentity(batch->rows[other], batch->rows[row]);
    });
    if (same == earlier.end()) {
      earlier.push_back(row);
      ++accepted;
      continue;
    }
    RowException exception = Compare(batch->rows[*same], batch->rows[row]);
    exception.row = row;
    exception.leaf = *same;
    exception.leaf_is_row = true;
    result->exceptions.push_back(exception);
  }
  std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) { return a.leaf < b.leaf; });
  for (const Hit& hit : hits) {
    TM_ASSIGN_OR_RETURN(const EventRecord* stored, EventAt(*batch, hit.leaf, group_first_leaf));
    if (stored == nullptr || !SameIdentity(*stored, batch->rows[hit.row])) {
      ++accepted;
      continue;
    }
    RowException exception = Compare(*stored, batch->rows[hit.row]);
    exception.row = hit.row;
    exception.leaf = hit.leaf;
    result->exceptions.push_back(exception);
  }
  SortByRow(result->exceptions);
  result->accepted = accepted;
  return absl::OkStatus();
}

}  // namespace tidemark::ingest
