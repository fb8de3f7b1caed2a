#ifndef TIDEMARK_SERVICES_INGEST_STORE_LOG_SCAN_H_
#define TIDEMARK_SERVICES_INGEST_STORE_LOG_SCAN_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/block_header.h"
#include "clients/cpp/ledger/checkpoint.h"
#include "clients/cpp/ledger/merkle.h"
#include "common/fs/file_system.h"
#include "services/ingest/store/block_files.h"
#include "services/ingest/store/file_window.h"

namespace tidemark::ingest {

// Walks the block files of a log from the first byte: checksums, continuity, log id, times, and
// the tree from the blocks' own nodes, compared with the stored checkpoint.
//
// A crash in the middle of a write leaves any part of that write's bytes: the file system writes
// them in an order of its own. So a bad frame in the last file is a torn write when every good
// block behind it is of the same write, and no checkpoint covers it: `torn_bytes` of the last
// file, never acknowledged, may be cut off (CutTorn). A bad frame with a block of a later write
// behind it is damage, because a write begins only when the one before is durable: DATA_LOSS with
// file and offset.
class LogScan {
 public:
  struct Options {
    fs::FileSystem* fs = nullptr;  // not owned
    ledger::LogId log_id = {};
    // The newest checkpoint stored; size 0: none.
    ledger::Checkpoint checkpoint;
    // Not null: damage is put there, and the scan goes on with the next file.
    std::vector<std::string>* problems = nullptr;
  };
  struct Result {
    ledger::CompactRange tree;
    int64_t accepted_time_us = 0;
    int64_t last_file = -1;
    uint64_t last_file_bytes = 0;  // of good blocks
    uint64_t torn_bytes = 0;       // behind them
    // False: `tree` is that of the leaves behind the last damage.
    bool whole = true;
  };

  // Fills `files`. FAILED_PRECONDITION (LOG_BEHIND_CHECKPOINT): the log ends before its
  // checkpoint.
  static absl::StatusOr<Result> Run(const Options& options, BlockFiles* files);

  // Cuts the torn bytes off; durable when it returns.
  static absl::Status CutTorn(fs::FileSystem& fs, const BlockFiles& files, const Result& result);
  // Makes durable what was read: after a process died, or after its last sync failed, the blocks
  // behind the checkpoint of `checkpoint_size` leaves may be in the system's memory only. They are
  // written once more, because pages that a failed sync counted as clean are not synced again.
  static absl::Status MakeDurable(fs::FileSystem& fs, const BlockFiles& files, const Result& result,
                                  uint64_t checkpoint_size);

 private:
  LogScan(const Options& options, BlockFiles* files) : options_(options), files_(files) {}

  // What stands behind a bad frame.
  struct Behind {
    bool good_block = false;
    bool later_write = false;  // of a write that began behind the bad frame
  };

  absl::Status ScanFiles(const std::vector<std::string>& names);
  absl::Status CheckName(const std::string& name);
  absl::Status ScanFile(const std::string& name, bool last);
  // `block`: the header of the block at `offset`, or what is wrong with it; OUT_OF_RANGE when the
  // file ends in it. Not OK when the file cannot be read.
  absl::Status ReadBlock(FileWindow& file, uint64_t offset,
                         absl::StatusOr<ledger::BlockHeader>* block) const;
  absl::StatusOr<std::string_view> ReadAt(FileWindow& file, uint64_t offset, size_t want) const;
  absl::Status TakeBlock(const ledger::BlockHeader& header, uint32_t file, uint64_t offset);
  absl::Status TakeBadFrame(FileWindow& file, uint64_t offset, bool last, const absl::Status& why);
  absl::StatusOr<Behind> LookBehind(FileWindow& file, uint64_t offset) const;
  absl::Status CompareWithCheckpoint() const;
  // Notes damage and goes on at `next_leaf`, or returns it.
  absl::Status GoOn(absl::Status damage, uint64_t next_leaf);
  absl::Status Damaged(uint64_t offset, std::string_view what) const;

  const Options& options_;
  BlockFiles* const files_;
  std::string path_;  // of the file being scanned
  bool checkpoint_met_ = false;
  Result result_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_LOG_SCAN_H_
