#ifndef TIDEMARK_SERVICES_INGEST_STORE_QUARANTINE_FILE_H_
#define TIDEMARK_SERVICES_INGEST_STORE_QUARANTINE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/fs/file_system.h"

namespace tidemark::ingest {

// The quarantine's file, `entries.tmq`: changes one after the other, each with its checksum
// (docs/formats/quarantine.md). Not thread-safe; every call blocks on the disk.
class QuarantineFile {
 public:
  struct Damage {
    uint64_t offset = 0;
    uint64_t bytes = 0;
    // At the file's end, as a crash leaves it.
    bool torn = false;
  };
  using Emit = std::function<void(std::string_view payload)>;

  // `fs` is not owned. The folder is made with the first change.
  QuarantineFile(fs::FileSystem* fs, std::string dir);

  // Tells every whole change of the file, in order, and every part that is none. An error: the
  // file cannot be read from there on. Either way the next Append is preceded by a Rewrite when
  // anything was wrong.
  absl::Status Read(const Emit& change, const std::function<void(const Damage&)>& damage);

  // The change with what makes it one of the file.
  static void Frame(std::string_view payload, std::string* out);

  // Appends frames and syncs. After an error nothing of them is in the file, or the file
  // must_rewrite().
  absl::Status Append(std::string_view frames);
  // What is in the file is not known, or not good.
  bool must_rewrite() const { return must_rewrite_; }
  // A new file in place of the old one, of the changes that `all` emits. After an error the old one
  // stands.
  absl::Status Rewrite(const std::function<void(const Emit&)>& all);
  uint64_t bytes() const { return bytes_; }

 private:
  absl::Status OpenForAppend();

  fs::FileSystem* const fs_;
  const std::string dir_;
  const std::string path_;
  std::unique_ptr<fs::File> file_;
  uint64_t bytes_ = 0;
  bool must_rewrite_ = false;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_QUARANTINE_FILE_H_
