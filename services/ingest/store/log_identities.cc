#include "services/ingest/store/log_identities.h"

#include <algorithm>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/column.h"
#include "common/base/mutex.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

using ledger::Column;

// The blocks of a range of leaves, one after the other, for several threads.
class BlocksOfRange {
 public:
  BlocksOfRange(const BlockFiles& files, uint64_t begin, uint64_t end)
      : files_(files), next_(begin), end_(end) {}

  // False: no more.
  absl::StatusOr<bool> Take(BlockRef* ref) {
    base::MutexLock lock(mutex_);
    if (next_ >= end_) return false;
    TM_ASSIGN_OR_RETURN(*ref, files_.Find(next_));
    next_ = ref->end_leaf();
    return true;
  }
  void Stop() {
    base::MutexLock lock(mutex_);
    next_ = end_;
  }

 private:
  const BlockFiles& files_;
  base::Mutex mutex_;
  uint64_t next_ ABSL_GUARDED_BY(mutex_);
  const uint64_t end_;
};

}  // namespace

absl::Status ReadIdentities(ledger::BlockReader& reader, const SipHash& hash,
                            std::vector<LeafIdentity>* out) {
  TM_ASSIGN_OR_RETURN(const ledger::TextColumn sources, reader.Text(Column::kSource));
  TM_ASSIGN_OR_RETURN(const ledger::TextColumn ids, reader.Text(Column::kId));
  const uint64_t first_leaf = reader.header().first_leaf;
  SipHash::Identities identities(hash);
  out->clear();
  for (size_t row = 0; row < reader.size(); ++row) {
    const std::string_view id = ids[row];
    // Only events have ids.
    if (ledger::Absent(id)) continue;
    out->push_back({identities.Of(sources[row], id), first_leaf + row});
  }
  if (!reader.Has(Column::kTransactionId)) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const ledger::TextColumn schemes, reader.Text(Column::kTransactionScheme));
  TM_ASSIGN_OR_RETURN(const ledger::TextColumn numbers, reader.Text(Column::kTransactionId));
  TM_ASSIGN_OR_RETURN(const ledger::LinkColumn links, reader.Links(Column::kTransactionLeaf));
  for (size_t row = 0; row < reader.size(); ++row) {
    const bool first = links.absent || links.leaves[row] == ledger::kNoLeaf;
    if (!first || ledger::Absent(numbers[row])) continue;
    out->push_back({identities.OfTransaction(schemes[row], numbers[row]), first_leaf + row});
  }
  return absl::OkStatus();
}

absl::Status InsertIdentities(const std::vector<LeafIdentity>& identities, uint64_t begin,
                              uint64_t end, IdentityTable* table) {
  for (const LeafIdentity& identity : identities) {
    if (identity.leaf < begin || identity.leaf >= end) continue;
    if (!table->InsertNew(identity.key, identity.leaf)) {
      return absl::OutOfRangeError("a log has at most 2^40 leaves");
    }
  }
  return absl::OkStatus();
}

absl::Status FillTable(const BlockFiles& files, const SipHash& hash, int threads, uint64_t begin,
                       uint64_t end, IdentityTable* table) {
  BlocksOfRange blocks(files, begin, end);
  const auto read = [&]() -> absl::Status {
    std::string bytes;
    std::vector<LeafIdentity> identities;
    ledger::BlockReader reader;
    BlockRef ref;
    while (true) {
      TM_ASSIGN_OR_RETURN(const bool more, blocks.Take(&ref));
      if (!more) return absl::OkStatus();
      bytes.resize(ref.bytes);
      absl::Status good = files.Read(ref, bytes.data());
      if (good.ok()) good = reader.Reset(bytes);
      if (good.ok()) good = ReadIdentities(reader, hash, &identities);
      if (good.ok()) good = InsertIdentities(identities, begin, end, table);
      if (good.ok()) continue;
      return status::Prefixed(
          absl::StrCat(files.PathOf(ref.file), ", block at offset ", ref.offset), good);
    }
  };
  std::vector<absl::Status> results(static_cast<size_t>(std::max(1, threads)));
  std::vector<std::thread> workers;
  for (absl::Status& result : results) {
    workers.emplace_back([&result, &read, &blocks] {
      result = read();
      if (!result.ok()) blocks.Stop();
    });
  }
  for (std::thread& worker : workers) worker.join();
  for (const absl::Status& result : results) TM_RETURN_IF_ERROR(result);
  return absl::OkStatus();
}

}  // namespace tidemark::ingest
