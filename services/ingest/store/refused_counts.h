#ifndef TIDEMARK_SERVICES_INGEST_STORE_REFUSED_COUNTS_H_
#define TIDEMARK_SERVICES_INGEST_STORE_REFUSED_COUNTS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/base/ticker.h"
#include "common/fs/file_system.h"
#include "services/ingest/domain/statement.h"

namespace tidemark::ingest {

// How many events were not accepted, by source, day, reason and field. Unlike what the log holds
// these cannot be counted again, so they are written to a file (docs/formats/log-folder.md): what
// changed is appended every few seconds and at the end, and the file is written anew when most of
// it is outdated. A kill costs the counts since, a damaged line what it says. Thread-safe.
class RefusedCounts {
 public:
  struct Options {
    fs::FileSystem* fs = nullptr;  // not owned
    std::string path;
    // Zero: by Write() only.
    absl::Duration interval = absl::Seconds(3);
    // A file below it is not written anew for being outdated.
    size_t rewrite_bytes = size_t{1} << 20;
  };

  // Errors of reading.
  static absl::StatusOr<std::unique_ptr<RefusedCounts>> Open(Options options);
  // Writes what changed.
  ~RefusedCounts();

  // Does not block for the disk.
  void Add(const std::vector<RefusedCount>& counts);
  // Those of the source and day, by arrival and by event.
  std::vector<RefusedCount> Of(const std::string& source, int32_t day) const;
  // Writes what changed; durable when it returns OK.
  absl::Status Write();

 private:
  using Key = std::tuple<std::string, int32_t, bool>;  // source, day, by_arrival
  using Reasons = std::map<std::pair<std::string, std::string>, uint64_t>;  // reason, field
  using Counts = absl::flat_hash_map<Key, Reasons>;

  explicit RefusedCounts(Options options) : options_(std::move(options)) {}
  absl::Status Load();
  static void AppendTo(const Counts::value_type& entry, std::vector<RefusedCount>* out);
  absl::Status Append(const std::string& lines) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);
  absl::Status WriteAnew(const std::string& lines) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);

  const Options options_;
  // One writer at a time; taken before mutex_.
  base::Mutex writing_;
  uint64_t file_bytes_ ABSL_GUARDED_BY(writing_) = 0;
  // Of the file as it was written anew last.
  uint64_t compact_bytes_ ABSL_GUARDED_BY(writing_) = 0;
  // Nothing may be appended: the file is missing, or does not end with a whole line.
  bool torn_ ABSL_GUARDED_BY(writing_) = true;
  bool failing_ ABSL_GUARDED_BY(writing_) = false;

  mutable base::Mutex mutex_;
  Counts counts_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<Key> changed_ ABSL_GUARDED_BY(mutex_);
  std::optional<base::Ticker> ticker_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_REFUSED_COUNTS_H_
