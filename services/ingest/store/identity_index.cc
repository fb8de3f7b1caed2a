#include "services/ingest/store/identity_index.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

constexpr uint64_t kFewestEntries = 1024;
// So much more than it should hold a table takes while the other one is being written: an eighth,
// and some groups of batches, because what is written must be durable first.
constexpr uint64_t kGraceShare = 8;
constexpr uint64_t kGraceEntries = uint64_t{1} << 16;

absl::Status MemoryUsedUp(const absl::Status& cause) {
  const std::string why = cause.ok()
                              ? "older identities are still being moved to disk"
                              : absl::StrCat("older identities cannot be moved to disk (",
                                             cause.message(), "): free space or mend the disk");
  return status::WithRetryAfter(
      status::WithReason(absl::ResourceExhaustedError(
                             absl::StrCat("the memory of --identity_memory is full and ", why,
                                          "; nothing was written, send the batch again")),
                         "IDENTITY_MEMORY_FULL"),
      absl::Seconds(1));
}

absl::Status RunDamaged(const absl::Status& cause) {
  return status::WithRetryAfter(
      status::WithReason(
          absl::UnavailableError(absl::StrCat(
              "a file of older identities is damaged and being made again from the log (",
              cause.message(), "); nothing was written, send the batch again")),
          "IDENTITY_RUN_DAMAGED"),
      absl::Seconds(2));
}

// The most that a table of `entries` takes in all.
uint64_t WithGrace(uint64_t entries) { return entries + entries / kGraceShare + kGraceEntries; }

uint64_t TableEntries(size_t max_bytes) {
  return std::max<uint64_t>(max_bytes / 2 / IdentityIndex::kBytesPerEntry, kFewestEntries);
}

}  // namespace

absl::StatusOr<std::unique_ptr<IdentityIndex>> IdentityIndex::Open(Options options,
                                                                   uint64_t log_end) {
  uint64_t& entries = options.frozen.table_entries;
  if (entries == 0) entries = TableEntries(options.max_bytes);
  auto index = std::unique_ptr<IdentityIndex>(new IdentityIndex(options.frozen.table_entries));
  TM_ASSIGN_OR_RETURN(index->frozen_, FrozenIdentities::Open(std::move(options.frozen), log_end));
  return index;
}

IdentityIndex::IdentityIndex(uint64_t table_entries)
    : table_entries_(table_entries),
      hot_(std::make_shared<IdentityTable>(SIZE_MAX, WithGrace(table_entries))) {}

absl::Status IdentityIndex::LookUp(const IdentityRunSet& runs,
                                   std::span<const Fingerprint> identities,
                                   std::span<const AppendBatch::Linked> linked,
                                   std::span<const AppendBatch::Linked> transactions,
                                   uint64_t from_leaf,
                                   std::vector<OlderLeaves::Entry>* found) const {
  if (runs.end_leaf() <= from_leaf) return absl::OkStatus();
  std::shared_ptr<const IdentityRun> failed;
  absl::Status looked_up = runs.LookUp(identities, from_leaf, found, &failed);
  std::vector<Fingerprint> named;
  for (const auto& links : {linked, transactions}) {
    if (!looked_up.ok() || links.empty()) continue;
    named.clear();
    for (const AppendBatch::Linked& link : links) named.push_back(link.original);
    looked_up = runs.LookUp(named, from_leaf, found, &failed);
  }
  if (looked_up.ok()) return looked_up;
  frozen_->ReportDamage(std::move(failed), looked_up);
  return RunDamaged(looked_up);
}

absl::Status IdentityIndex::LookUpOlder(std::span<const Fingerprint> identities,
                                        std::span<const AppendBatch::Linked> linked,
                                        std::span<const AppendBatch::Linked> transactions,
                                        OlderLeaves* older) const {
  const std::shared_ptr<const IdentityRunSet> runs = frozen_->view().runs;
  older->Clear();
  TM_RETURN_IF_ERROR(LookUp(*runs, identities, linked, transactions, 0, &older->entries));
  older->end_leaf = runs->end_leaf();
  return absl::OkStatus();
}

absl::Status IdentityIndex::Prepare(const OlderLeaves& older,
                                    std::span<const Fingerprint> identities,
                                    std::span<const AppendBatch::Linked> linked,
                                    std::span<const AppendBatch::Linked> transactions) {
  const FrozenIdentities::View view = frozen_->view();
  if (view.pending == nullptr) cold_ = nullptr;
  if (!recalled_.empty()) recalled_.clear();
  std::vector<OlderLeaves::Entry> newer;
  TM_RETURN_IF_ERROR(LookUp(*view.runs, identities, linked, transactions, older.end_leaf, &newer));
  for (const OlderLeaves::Entry& entry : older.entries) recalled_[entry.key].push_back(entry.leaf);
  for (const OlderLeaves::Entry& entry : newer) recalled_[entry.key].push_back(entry.leaf);
  return absl::OkStatus();
}

absl::Status IdentityIndex::ChangeTables(uint64_t first_leaf) {
  // Perhaps it is in a run by now, but not in one that Prepare() looked at.
  if (cold_ != nullptr) {
    const bool grace = hot_->size() < WithGrace(table_entries_);
    return grace ? absl::OkStatus() : MemoryUsedUp(frozen_->view().failure);
  }
  auto fresh = std::make_shared<IdentityTable>(SIZE_MAX, WithGrace(table_entries_));
  base::MutexLock lock(mutex_);
  cold_ = std::exchange(hot_, std::move(fresh));
  frozen_->Freeze(cold_, first_leaf);
  return absl::OkStatus();
}

uint64_t IdentityIndex::FindRecalled(const Fingerprint& key,
                                     std::span<const uint64_t> except) const {
  const auto it = recalled_.find(key);
  if (it == recalled_.end()) return IdentityTable::kNotFound;
  for (const uint64_t leaf : it->second) {
    if (std::find(except.begin(), except.end(), leaf) == except.end()) return leaf;
  }
  return IdentityTable::kNotFound;
}

uint64_t IdentityIndex::size() const {
  base::MutexLock lock(mutex_);
  const FrozenIdentities::View view = frozen_->view();
  return hot_->size() + (view.pending == nullptr ? 0 : view.pending->size()) + view.runs->entries();
}

uint64_t IdentityIndex::bytes() const {
  base::MutexLock lock(mutex_);
  const FrozenIdentities::View view = frozen_->view();
  return hot_->bytes() + (view.pending == nullptr ? 0 : view.pending->bytes()) +
         view.runs->memory() + frozen_->retired_bytes();
}

}  // namespace tidemark::ingest
