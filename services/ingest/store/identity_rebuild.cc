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

namespace tidemark::ingest {
namespace {

using ledger::Column;

// Reads every n-th block. What its blocks have in common with others' is merged at the end.
class Worker {
 public:
  struct Wait {
    Fingerprint original;
    uint64_t leaf;
  };

  Worker(const RebuildOptions& options, IdentityTable* table) : options_(options), table_(table) {}

  void Run(std::atomic<size_t>& next, std::atomic<bool>& failed) {
    while (!failed.load(std::memory_order_relaxed)) {
      const auto ref = options_.files->At(next.fetch_add(1));
      if (!ref.has_value()) return;
      status_ = ReadBlock(*ref);
      if (status_.ok()) continue;
      if (!absl::IsResourceExhausted(status_)) {
        status_ = status::Prefixed(
            absl::StrCat(options_.files->PathOf(ref->file), ", block at offset ", ref->offset),
            status_);
      }
      failed.store(true, std::memory_order_relaxed);
    }
  }

  const absl::Status& status() const { return status_; }
  const std::vector<Wait>& waits() const { return waits_; }
  const CatalogStamp& mark() const { return mark_; }

 private:
  absl::Status ReadBlock(const BlockRef& ref) {
    bytes_.resize(ref.bytes);
    TM_RETURN_IF_ERROR(options_.files->Read(ref, bytes_.data()));
    TM_RETURN_IF_ERROR(reader_.Reset(bytes_));
    if (reader_.Has(Column::kRecordKind)) TM_RETURN_IF_ERROR(ReadMarks());
    TM_RETURN_IF_ERROR(ReadIdentities(ref.first_leaf));
    if (reader_.Has(Column::kOriginalLeaf)) TM_RETURN_IF_ERROR(ReadWaits(ref.first_leaf));
    return options_.observer ? options_.observer(reader_) : absl::OkStatus();
  }

  absl::Status ReadMarks() {
    TM_ASSIGN_OR_RETURN(const ledger::SmallColumn kinds, reader_.Small(Column::kRecordKind));
    TM_ASSIGN_OR_RETURN(const ledger::TextColumn bodies, reader_.Text(Column::kControl));
    for (size_t row = 0; row < reader_.size(); ++row) {
      if (kinds.values[row] != static_cast<uint8_t>(ledger::RecordKind::kCatalogMark)) continue;
      TM_ASSIGN_OR_RETURN(const ledger::CatalogMark mark, ledger::DecodeCatalogMark(bodies[row]));
      // Versions never go back.
      if (mark.version > mark_.version) mark_ = {.version = mark.version, .hash = mark.hash};
    }
    return absl::OkStatus();
  }

  absl::Status ReadIdentities(uint64_t first_leaf) {
    TM_ASSIGN_OR_RETURN(const ledger::TextColumn sources, reader_.Text(Column::kSource));
    TM_ASSIGN_OR_RETURN(const ledger::TextColumn ids, reader_.Text(Column::kId));
    SipHash::Identities identities(*options_.hash);
    keys_.clear();
    for (size_t row = 0; row < reader_.size(); ++row) {
      const std::string_view id = ids[row];
      // Only events have ids.
      if (ledger::Absent(id)) continue;
      keys_.push_back({identities.Of(sources[row], id), first_leaf + row});
    }
    for (const Wait& key : keys_) {
      if (!table_->InsertNew(key.original, key.leaf)) {
        return absl::ResourceExhaustedError(
            absl::StrCat("the identities of the log do not fit into --identity_memory; it holds ",
                         table_->size(), " of them: raise the flag"));
      }
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
  IdentityTable* const table_;
  absl::Status status_;
  std::string bytes_;
  ledger::BlockReader reader_;
  std::vector<Wait> keys_;
  std::vector<Wait> waits_;
  CatalogStamp mark_;
};

}  // namespace

absl::StatusOr<CatalogStamp> RebuildIdentity(const RebuildOptions& options, IdentityTable* table,
                                             WaitingRefunds* waiting) {
  std::vector<Worker> workers;
  for (int i = 0; i < std::max(1, options.threads); ++i) workers.emplace_back(options, table);
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  std::vector<std::thread> threads;
  threads.reserve(workers.size());
  for (Worker& worker : workers) {
    threads.emplace_back([&worker, &next, &failed] { worker.Run(next, failed); });
  }
  for (std::thread& thread : threads) thread.join();
  CatalogStamp mark;
  std::vector<Worker::Wait> waits;
  for (const Worker& worker : workers) {
    TM_RETURN_IF_ERROR(worker.status());
    if (worker.mark().version > mark.version) mark = worker.mark();
    waits.insert(waits.end(), worker.waits().begin(), worker.waits().end());
  }
  // A refund waits no longer exactly when its original came: it is in the table then.
  std::sort(waits.begin(), waits.end(),
            [](const Worker::Wait& a, const Worker::Wait& b) { return a.leaf < b.leaf; });
  for (const Worker::Wait& wait : waits) {
    if (table->Find(wait.original) == IdentityTable::kNotFound) {
      waiting->Add(wait.original, wait.leaf);
    }
  }
  return mark;
}

}  // namespace tidemark::ingest
