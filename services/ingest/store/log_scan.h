#ifndef TIDEMARK_SERVICES_INGEST_STORE_LOG_SCAN_H_
#define TIDEMARK_SERVICES_INGEST_STORE_LOG_SCAN_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/block_header.h"
#include "clients/cpp/ledger/checkpoint.h"
#include "clients/cpp/ledger/merkle.h"
#include "common/fs/file_system.h"
#include "services/ingest/store/block_files.h"

namespace tidemark::ingest {

// Walks the block files of a log from the first byte: checksums, continuity, log id, times, and
// the tree from the blocks' own nodes, compared with the stored checkpoint.
//
// A bad frame at the very end, with nothing good after it, is what a crash in the middle of a
// write leaves: `torn_bytes` of the last file, never acknowledged, may be cut off (CutTorn). A
// bad frame with a good one after it is damage: DATA_LOSS with file and offset.
class LogScan {
 public:
  struct Options {
    fs::FileSystem* fs = nullptr;  // not owned
    ledger::LogId log_id = {};
    // The newest checkpoint stored; size 0: none.
    ledger::Checkpoint checkpoint;
  };
  struct Result {
    ledger::CompactRange tree;
    int64_t accepted_time_us = 0;
    int64_t last_file = -1;
    uint64_t last_file_bytes = 0;  // of good blocks
    uint64_t torn_bytes = 0;       // behind them
  };

  // Fills `files`. FAILED_PRECONDITION (LOG_BEHIND_CHECKPOINT): the log ends before its
  // checkpoint.
  static absl::StatusOr<Result> Run(const Options& options, BlockFiles* files);

  // Cuts the torn bytes off; durable when it returns.
  static absl::Status CutTorn(fs::FileSystem& fs, const BlockFiles& files, const Result& result);

 private:
  LogScan(const Options& options, BlockFiles* files) : options_(options), files_(files) {}

  absl::Status ScanFile(const std::string& name, bool last);
  absl::Status TakeBlock(const ledger::BlockHeader& header, uint32_t file, uint64_t offset);
  absl::Status TakeBadFrame(std::string_view rest, uint64_t offset, bool last,
                            const absl::Status& why);
  bool HoldsGoodBlock(std::string_view bytes) const;
  absl::Status CompareWithCheckpoint() const;
  absl::Status Damaged(uint64_t offset, std::string_view what) const;

  const Options& options_;
  BlockFiles* const files_;
  std::string path_;  // of the file being scanned
  Result result_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_LOG_SCAN_H_
