#include "services/ingest/store/identity_rebuild.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/column.h"
#include "clients/cpp/ledger/control.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/ingest/store/log_identities.h"

namespace tidemark::ingest {
namespace {

using ledger::Column;

constexpr size_t kRefundsAtOnce = 4096;

// Reads every n-th block. What its blocks have in common with others' is merged at the end.
class Worker {
 public:
  Worker(const RebuildOptions& options, uint64_t first_leaf, IdentityTable* table)
      : options_(options), first_leaf_(first_leaf), table_(table) {}

  void Run(std::atomic<size_t>& next, std::atomic<bool>& failed) {
    while (!failed.load(std::memory_order_relaxed)) {
      const auto ref = options_.files->At(next.fetch_add(1));
      if (!ref.has_value()) return;
      status_ = ReadBlock(*ref);
      if (status_.ok()) continue;
      status_ = status::Prefixed(
          absl::StrCat(options_.files->PathOf(ref->file), ", block at offset ", ref->offset),
          status_);
      failed.store(true, std::memory_order_relaxed);
    }
  }

  const absl::Status& status() const { return status_; }
  const std::vector<LeafIdentity>& waits() const { return waits_; }
  const CatalogStamp& mark() const { return mark_; }
  // The last of each source and day among this worker's blocks.
  const ClosedDays& closed_days() const { return closed_days_; }

 private:
  absl::Status ReadBlock(const BlockRef& ref) {
    bytes_.resize(ref.bytes);
    TM_RETURN_IF_ERROR(options_.files->Read(ref, bytes_.data()));
    TM_RETURN_IF_ERROR(reader_.Reset(bytes_));
    if (reader_.Has(Column::kRecordKind)) TM_RETURN_IF_ERROR(ReadControls(ref.first_leaf));
    if (ref.end_leaf() > first_leaf_) {
      TM_RETURN_IF_ERROR(ReadIdentities(reader_, *options_.hash, &keys_));
      TM_RETURN_IF_ERROR(InsertIdentities(keys_, first_leaf_, UINT64_MAX, table_));
    }
    if (reader_.Has(Column::kOriginalLeaf)) TM_RETURN_IF_ERROR(ReadWaits(ref.first_leaf));
    return options_.observer ? options_.observer(reader_) : absl::OkStatus();
  }

  absl::Status ReadControls(uint64_t first_leaf) {
    TM_ASSIGN_OR_RETURN(const ledger::SmallColumn kinds, reader_.Small(Column::kRecordKind));
    TM_ASSIGN_OR_RETURN(const ledger::TextColumn bodies, reader_.Text(Column::kControl));
    for (size_t row = 0; row < reader_.size(); ++row) {
      if (kinds.values[row] == static_cast<uint8_t>(ledger::RecordKind::kSourceDay)) {
        TM_ASSIGN_OR_RETURN(const ledger::SourceDay day, ledger::DecodeSourceDay(bodies[row]));
        closed_days_.Put(day, first_leaf + row);
      }
      if (kinds.values[row] != static_cast<uint8_t>(ledger::RecordKind::kCatalogMark)) continue;
      TM_ASSIGN_OR_RETURN(const ledger::CatalogMark mark, ledger::DecodeCatalogMark(bodies[row]));
      // Versions never go back.
      if (mark.version > mark_.version) mark_ = {.version = mark.version, .hash = mark.hash};
    }
    return absl::OkStatus();
  }

  absl::Status ReadWaits(uint64_t first_leaf) {
    TM_ASSIGN_OR_RETURN(const ledger::LinkColumn links, reader_.Links(Column::kOriginalLeaf));
    if (links.absent) return absl::OkStatus();
    TM_ASSIGN_OR_RETURN(const ledger::TextColumn sources, reader_.Text(Column::kOriginalSource));
    TM_ASSIGN_OR_RETURN(const ledger::TextColumn ids, reader_.Text(Column::kOriginalId));
    SipHash::Identities originals(*options_.hash);
    for (size_t row = 0; row < reader_.size(); ++row) {
      if (links.leaves[row] != ledger::kWaitingLeaf) continue;
      waits_.push_back({originals.Of(sources[row], ids[row]), first_leaf + row});
    }
    return absl::OkStatus();
  }

  const RebuildOptions& options_;
  const uint64_t first_leaf_;  // of those that are not in runs
  IdentityTable* const table_;
  absl::Status status_;
  std::string bytes_;
  ledger::BlockReader reader_;
  std::vector<LeafIdentity> keys_;
  std::vector<LeafIdentity> waits_;
  CatalogStamp mark_;
  ClosedDays closed_days_;
};

// A refund waits no longer exactly when its original came: it is in the index then.
absl::Status AddThoseThatWait(std::vector<LeafIdentity> refunds, IdentityIndex* index,
                              WaitingRefunds* waiting) {
  std::sort(refunds.begin(), refunds.end(),
            [](const LeafIdentity& a, const LeafIdentity& b) { return a.leaf < b.leaf; });
  std::vector<Fingerprint> originals;
  OlderLeaves older;
  for (size_t begin = 0; begin < refunds.size(); begin += kRefundsAtOnce) {
    const size_t end = std::min(begin + kRefundsAtOnce, refunds.size());
    originals.clear();
    for (size_t i = begin; i < end; ++i) originals.push_back(refunds[i].key);
    absl::Status looked_up = index->LookUpOlder(originals, {}, {}, &older);
    // A damaged run is being made again: here there is time for it.
    while (absl::IsUnavailable(looked_up)) {
      TM_RETURN_IF_ERROR(index->frozen().WaitUntilRepaired());
      looked_up = index->LookUpOlder(originals, {}, {}, &older);
    }
    TM_RETURN_IF_ERROR(looked_up);
    TM_RETURN_IF_ERROR(index->Prepare(older, originals));
    for (size_t i = begin; i < end; ++i) {
      if (index->Find(refunds[i].key) != IdentityTable::kNotFound) continue;
      waiting->Add(refunds[i].key, refunds[i].leaf);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CatalogStamp> RebuildIdentity(const RebuildOptions& options, IdentityIndex* index,
                                             WaitingRefunds* waiting, ClosedDays* closed_days) {
  std::vector<Worker> workers;
  const uint64_t first_leaf = index->older_end();
  for (int i = 0; i < std::max(1, options.threads); ++i) {
    workers.emplace_back(options, first_leaf, index->table());
  }
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  std::vector<std::thread> threads;
  threads.reserve(workers.size());
  for (Worker& worker : workers) {
    threads.emplace_back([&worker, &next, &failed] { worker.Run(next, failed); });
  }
  for (std::thread& thread : threads) thread.join();
  CatalogStamp mark;
  std::vector<LeafIdentity> waits;
  for (const Worker& worker : workers) {
    TM_RETURN_IF_ERROR(worker.status());
    if (worker.mark().version > mark.version) mark = worker.mark();
    closed_days->Merge(worker.closed_days());
    waits.insert(waits.end(), worker.waits().begin(), worker.waits().end());
  }
  TM_RETURN_IF_ERROR(AddThoseThatWait(std::move(waits), index, waiting));
  return mark;
}

}  // namespace tidemark::ingest
