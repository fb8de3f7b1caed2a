#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_STORE_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_STORE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/executor.h"
#include "common/base/mutex.h"
#include "common/fs/file_system.h"
#include "services/analytics/domain/effect_batch.h"
#include "services/analytics/domain/stat_store.h"
#include "services/analytics/store/code_dictionary.h"
#include "services/analytics/store/first_times.h"
#include "services/analytics/store/id_dictionary.h"
#include "services/analytics/store/month_builder.h"
#include "services/analytics/store/parallel_scan.h"
#include "services/analytics/store/raw_chunk.h"
#include "services/analytics/store/run_folder.h"
#include "services/analytics/store/snapshot_index.h"

namespace tidemark::analytics {

// RunStore: the columnar engine. New effects lie in memory in the order of the log; chunk by chunk
// they are sorted, and four million at a time they are written as a run file that is checksummed
// and memory-mapped. Neighbouring runs merge.
//
//   TM_ASSIGN_OR_RETURN(auto store, RunStore::Open({.fs = &fs, .dir = dir}));
//   // Blocks from leaf store->folded_size() on, which after a start is durable_size().
//   TM_RETURN_IF_ERROR(store->Append(batch));
//   TM_ASSIGN_OR_RETURN(EngineResult result, store->Run(query));
//
// Thread-safe as StatStore says. Sorting and writing run on a thread of its own. A full disk loses
// nothing: effects stay in memory, are served from there, and writing is tried again; Append
// refuses when max_tail_effects are waiting. Queries stop when they are told to, and when they need
// more memory than limits.query_bytes, or all of them together than limits.all_queries_bytes.
// docs/formats/stat-folder.md says what is in the folder; nobody else may write there.
class RunStore final : public StatStore {
 public:
  struct Options {
    fs::FileSystem* fs = nullptr;  // must outlive the store
    std::string dir;
    // Most threads that one query uses.
    int threads = 2;
    // Discards what the folder holds.
    bool rebuild = false;
    // Below: sizes that only tests and benchmarks change. Effects per chunk, per run written, and
    // per run at most.
    size_t chunk_effects = 1 << 16;
    uint64_t seal_effects = 4 << 20;
    uint64_t max_run_effects = 8 << 20;
    uint64_t max_tail_effects = 16 << 20;
    // This many neighbouring runs of about one size become one.
    size_t merge_runs = 4;
    // False: Append does the thread's work itself, so that a test sees the same every time.
    bool background = true;
    absl::Duration retry_after = absl::Seconds(5);
    WorkLimits limits;
  };

  // FAILED_PRECONDITION: another process has the folder, or a later release wrote it.
  static absl::StatusOr<std::unique_ptr<RunStore>> Open(Options options);
  // Leaves what is not written yet to the next start; Seal() first to avoid that.
  ~RunStore() override;

  absl::Status Append(const EffectBatch& batch) override;
  uint64_t folded_size() const override { return folded_.load(std::memory_order_acquire); }
  uint64_t durable_size() const override;
  std::string log_id() const override;
  absl::StatusOr<SnapshotInfo> Snapshot(uint64_t log_size) const override;
  uint64_t LogSizeAt(int64_t accepted_time_us) const override;
  std::shared_ptr<const CodeList> Codes(Field field) const override;
  CodeId CodeOf(Field field, std::string_view text) const override;
  bool HasCode(Field field, std::string_view code, uint64_t log_size) const override;
  bool HasOrder(std::string_view order, uint64_t log_size) const override;
  TimeBounds EventTimes(uint64_t log_size) const override;
  uint64_t DataVersion(int64_t start_us, int64_t end_us, uint64_t log_size) const override;
  absl::StatusOr<EngineResult> Run(const EngineQuery& query) const override;
  absl::StatusOr<uint64_t> EachConsumer(
      const EngineQuery& query,
      absl::FunctionRef<absl::Status(std::span<const Consumption>)> take) const override;
  StoreStats Stats() const override;
  absl::StatusOr<std::vector<EventFacts>> ReadEvents(
      std::span<const uint64_t> leaves) const override;
  absl::Status ReadNotes(
      absl::FunctionRef<absl::Status(std::string_view notes)> take) const override;

  // Writes all that is folded. Blocks.
  absl::Status Seal();

 private:
  // What is scanned, in the order of the log: runs, the first durable_runs of them in files, then
  // chunks, the first closed_chunks of them complete. Immutable but for the last chunk, which
  // grows.
  struct Parts {
    RunList runs;
    size_t durable_runs = 0;
    std::vector<std::shared_ptr<RawChunk>> chunks;
    size_t closed_chunks = 0;
  };
  struct Dictionaries {
    std::array<CodeDictionary, kFieldCount> codes;
    IdDictionary consumers, orders;
  };
  // The groups of a snapshot, with what keeps them alive.
  struct Snapped {
    std::shared_ptr<const Parts> parts;
    std::deque<RowGroup> chunk_groups;
    std::vector<const RowGroup*> groups;
  };

  explicit RunStore(Options options);
  absl::Status Load();
  absl::StatusOr<size_t> LoadDictionaries(const RunList& runs);

  std::shared_ptr<const Parts> parts() const;
  // Replaces the parts by edit(copy).
  template <typename Edit>
  void EditParts(Edit edit);
  Snapped Snap(uint64_t log_size) const;
  bool IsMet(int slot, uint32_t id, uint64_t log_size) const;
  ScanFacts Facts(const EngineQuery& query, QueryControl& control) const;
  ScanFacts::OrderIds FindOrders(const OrderFilter& filter, const Key16& log_key, CodeId sources,
                                 QueryControl& control) const;
  absl::StatusOr<EngineResult> RunChecked(const EngineQuery& query, QueryControl& control) const;

  absl::Status CheckRoom() const;
  RawChunk* ChunkFor(const EffectBatch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(append_mutex_);
  absl::StatusOr<StoredRow> OwnRow(const Parts& parts, uint64_t leaf) const;
  absl::Status TranslateInto(const EffectBatch& batch, RawChunk* chunk)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(append_mutex_);
  DictionarySizes TranslateOrders(const EffectBatch& batch, const CodeId* sources,
                                  const Key16& log_key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(append_mutex_);
  void AddKinds(const EffectBatch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(dictionary_mutex_);
  DictionarySizes Sizes() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(dictionary_mutex_);

  // Maintenance (run_store_maintenance.cc). One at a time.
  void MaintenanceLoop();
  bool HasWork() const;
  absl::Status Maintain() ABSL_EXCLUSIVE_LOCKS_REQUIRED(maintenance_mutex_);
  absl::Status SortChunks() ABSL_EXCLUSIVE_LOCKS_REQUIRED(maintenance_mutex_);
  absl::Status WriteTail() ABSL_EXCLUSIVE_LOCKS_REQUIRED(maintenance_mutex_);
  absl::StatusOr<bool> MergeOnce() ABSL_EXCLUSIVE_LOCKS_REQUIRED(maintenance_mutex_);
  absl::StatusOr<std::shared_ptr<const RunImage>> WriteRun(const RunList& inputs,
                                                           const DictionarySizes& begin)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(maintenance_mutex_);
  std::vector<ExtraSection> ExtraSections(const RunDirectory& directory,
                                          const RunList& inputs) const;
  std::string NotesOf(const RunList& runs) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(index_mutex_);
  static size_t TierOf(const Options& options, uint64_t effects);
  static bool FindMerge(const Options& options, const Parts& parts, size_t* first);
  static uint64_t TailEffects(const Parts& parts);

  const Options options_;
  std::unique_ptr<base::ThreadPool> pool_;
  std::unique_ptr<ParallelScan> scan_;

  base::Mutex append_mutex_;
  // Scratch of Append.
  std::array<std::vector<CodeId>, kFieldCount> code_scratch_ ABSL_GUARDED_BY(append_mutex_);
  std::vector<uint32_t> consumer_scratch_ ABSL_GUARDED_BY(append_mutex_);
  std::vector<uint32_t> order_scratch_ ABSL_GUARDED_BY(append_mutex_);
  std::vector<Key16> key_scratch_ ABSL_GUARDED_BY(append_mutex_);

  mutable base::Mutex dictionary_mutex_;
  std::unique_ptr<Dictionaries> dictionaries_ ABSL_GUARDED_BY(dictionary_mutex_);
  std::array<CodeId, kEffectKindCount> kind_codes_ ABSL_GUARDED_BY(dictionary_mutex_) = {};
  Key16 log_key_ ABSL_GUARDED_BY(dictionary_mutex_);

  mutable base::Mutex index_mutex_;
  SnapshotIndex index_ ABSL_GUARDED_BY(index_mutex_);
  std::string log_id_ ABSL_GUARDED_BY(index_mutex_);
  // Of blocks that are in no file yet.
  struct BlockNotes {
    uint64_t end_leaf = 0;
    std::string bytes;
  };
  std::deque<BlockNotes> tail_notes_ ABSL_GUARDED_BY(index_mutex_);

  mutable base::Mutex parts_mutex_;
  mutable base::CondVar parts_changed_;
  std::shared_ptr<const Parts> parts_ ABSL_GUARDED_BY(parts_mutex_);
  bool stopping_ ABSL_GUARDED_BY(parts_mutex_) = false;

  const std::shared_ptr<ChunkMemory> chunk_memory_ = std::make_shared<ChunkMemory>();

  base::Mutex maintenance_mutex_;
  // For chunks; larger runs are rarer and bring their own, so that their memory is given back.
  MonthBuilder chunk_builder_ ABSL_GUARDED_BY(maintenance_mutex_);
  std::unique_ptr<RunFolder> folder_ ABSL_GUARDED_BY(maintenance_mutex_);

  mutable FirstTimes first_times_;
  mutable MemoryBudget query_memory_;
  std::atomic<uint64_t> folded_ = 0;
  std::thread maintenance_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_STORE_H_
