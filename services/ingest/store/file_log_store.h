#ifndef TIDEMARK_SERVICES_INGEST_STORE_FILE_LOG_STORE_H_
#define TIDEMARK_SERVICES_INGEST_STORE_FILE_LOG_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/fs/file_system.h"
#include "services/ingest/domain/log_store.h"

namespace tidemark::ledger {
class BlockReader;
class HmacKey;
}  // namespace tidemark::ledger

namespace tidemark::ingest {

// FileLogStore: the log in a folder of checksummed block files with one owner
// (docs/formats/log-folder.md).
//
//   TM_ASSIGN_OR_RETURN(auto log, FileLogStore::Open({.fs = fs, .dir = dir, .clock = &clock}));
//   batch.done = [](AppendResult result) { ... };
//   log->Append(&batch);
//
// Seven threads: the sequencer orders and encodes, the writer writes and syncs, one signs a
// checkpoint every second, two move older identities to disk and merge them there, one counts the
// log for statements when they are asked for, one writes the counts of refused events. After a
// crash every batch that was answered is there, and of one that was not, nothing or any number of
// its first events.
class FileLogStore final : public LogStore {
 public:
  // So that the service stays below 1 GiB and 2 bytes for each older identity.
  static constexpr size_t kDefaultIdentityMemory = size_t{768} << 20;

  struct Options {
    fs::FileSystem* fs = nullptr;        // not owned
    const base::Clock* clock = nullptr;  // not owned
    std::string dir;
    // Origin of the checkpoints; empty: that of the log, or one made for a new log.
    std::string name;
    // Bound of the tables of the newest identities; what is older goes to runs on disk and takes
    // 1.5 bytes each besides. Refunds that wait for originals nobody sent may take an eighth of it
    // besides; more of them are refused (Outcome::kTooManyWaiting).
    size_t identity_memory = kDefaultIdentityMemory;
    uint64_t roll_bytes = uint64_t{256} << 20;
    // Rows after which a group of batches is closed and written. Larger groups compress a little
    // better and cost more: their dictionaries leave the caches.
    size_t group_rows = size_t{1} << 14;
    absl::Duration checkpoint_interval = absl::Seconds(1);
    // Sees every block while the log is opened, from several threads at once; may be empty.
    std::function<absl::Status(ledger::BlockReader&)> observer;
    // Keeps only some bits of fingerprints, so that tests meet collisions.
    uint64_t fingerprint_mask_for_testing = UINT64_MAX;
    // Identities of a table, instead of what fits into memory, so that tests meet runs. 0: as many
    // as fit.
    uint64_t identity_table_entries_for_testing = 0;
  };

  // Opens the log or makes a new one. Errors as LogFolder::Open, LogScan::Run and
  // RebuildIdentity; nothing is changed then.
  static absl::StatusOr<std::unique_ptr<FileLogStore>> Open(Options options);
  // Finishes what is queued.
  ~FileLogStore() override;

  // Refuses new batches (UNAVAILABLE) and answers those queued.
  void Stop();
  // Signs a checkpoint of the durable log now.
  absl::Status SignCheckpoint();
  // For pseudonyms; 32 bytes.
  const std::string& pseudonym_key() const;
  // Bytes of a torn write that were cut off when the log was opened.
  uint64_t torn_bytes() const;

  const std::string& log_id() const override;
  const std::string& verifier_key() const override;
  LogState state() const override;
  void Append(AppendBatch* batch) override;
  void MarkCatalog(const CatalogStamp& stamp) override;
  void CountRefused(std::vector<RefusedCount> counts) override;
  void ReadStatement(std::string source, int32_t day, absl::TimeZone zone,
                     absl::AnyInvocable<void(absl::StatusOr<Statement>)> done) override;
  void FindEvents(std::string source, std::vector<std::string> ids,
                  absl::AnyInvocable<void(absl::StatusOr<std::vector<FoundEvent>>)> done) override;
  absl::Status ReadEvents(std::span<const uint64_t> leaves, const TakeEvent& take) override;
  absl::StatusOr<BlockRef> FindBlock(uint64_t leaf) const override;
  absl::Status ReadBlock(const BlockRef& ref, char* out) const override;
  void SetSizeListener(std::function<void()> listener) override;
  absl::StatusOr<StoredCheckpoint> NewestCheckpoint() override;
  absl::StatusOr<std::string> Leaf(uint64_t leaf) override;
  absl::StatusOr<std::vector<ledger::Hash>> InclusionProof(uint64_t leaf, uint64_t size) override;
  absl::StatusOr<std::vector<ledger::Hash>> ConsistencyProof(uint64_t old_size,
                                                             uint64_t new_size) override;
  absl::StatusOr<std::string> SourceOf(uint64_t leaf) override;

 private:
  struct Parts;
  explicit FileLogStore(std::unique_ptr<Parts> parts);
  // OUT_OF_RANGE unless the log has the leaf, or so many leaves, 1 at least; `field` is of the
  // request.
  absl::Status CheckLeaf(uint64_t leaf) const;
  absl::Status CheckSize(std::string_view field, uint64_t size) const;

  std::unique_ptr<Parts> parts_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_FILE_LOG_STORE_H_
