#ifndef TIDEMARK_SERVICES_INGEST_STORE_LOG_FOLDER_H_
#define TIDEMARK_SERVICES_INGEST_STORE_LOG_FOLDER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/checkpoint.h"
#include "clients/cpp/ledger/record.h"
#include "common/fs/file_system.h"

namespace tidemark::ingest {

// The secrets of a log (docs/formats/log-folder.md). They live as long as the log.
struct LogKeys {
  std::string signing;    // NoteSigner's text
  std::string salt;       // 32 bytes
  std::string pseudonym;  // 32 bytes; shared with producers that hash themselves
  std::array<uint8_t, 16> identity = {};
};

struct LogMeta {
  ledger::LogId log_id = {};
  int64_t created_us = 0;
  // Origin of the checkpoints and name of the key that signs them.
  std::string name;
};

// The folder of one log: who owns it, what it is called, its keys and its newest checkpoint
// (docs/formats/log-folder.md). The blocks are BlockFiles' and recovery's.
class LogFolder {
 public:
  struct Options {
    fs::FileSystem* fs = nullptr;  // not owned
    std::string dir;
    // For a folder that holds no log yet: the log's name, empty for one made of its id, and the
    // time. For one that does, a name that is not empty must be the log's.
    std::string name;
    int64_t now_us = 0;
    // Changes nothing: NOT_FOUND instead of making a log, and no owner's name in LOCK.
    bool read_only = false;
  };

  // Locks the folder and reads it, or makes a new log in it. FAILED_PRECONDITION: another owner;
  // a log of another name; parts are missing. UNIMPLEMENTED: a later format. DATA_LOSS: a part is
  // damaged. Messages say what to do.
  static absl::StatusOr<std::unique_ptr<LogFolder>> Open(const Options& options);

  const LogMeta& meta() const { return meta_; }
  const LogKeys& keys() const { return keys_; }
  std::string blocks_dir() const { return fs::JoinPath(dir_, "blocks"); }
  std::string identities_dir() const { return fs::JoinPath(dir_, "identities"); }
  std::string refused_path() const { return fs::JoinPath(dir_, "refused"); }
  std::string checkpoint_path() const { return fs::JoinPath(dir_, "checkpoint"); }

  // The note stored last; none before the first. DATA_LOSS when it is not signed by this log.
  absl::StatusOr<std::optional<std::string>> ReadCheckpoint(const ledger::NoteVerifier& verifier,
                                                            ledger::Checkpoint* checkpoint) const;
  // Returns when it is durable.
  absl::Status WriteCheckpoint(const std::string& note) const;

 private:
  LogFolder(fs::FileSystem* fs, std::string dir) : fs_(fs), dir_(std::move(dir)) {}
  absl::Status Lock(bool read_only);
  absl::Status Create(const Options& options);
  absl::Status Load(const Options& options);
  absl::Status LoadKeys();
  std::string Path(std::string_view name) const { return fs::JoinPath(dir_, name); }

  fs::FileSystem* const fs_;
  const std::string dir_;
  std::unique_ptr<fs::FileLock> lock_;
  LogMeta meta_;
  LogKeys keys_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_LOG_FOLDER_H_
