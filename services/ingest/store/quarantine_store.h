#ifndef TIDEMARK_SERVICES_INGEST_STORE_QUARANTINE_STORE_H_
#define TIDEMARK_SERVICES_INGEST_STORE_QUARANTINE_STORE_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/mutex.h"
#include "common/fs/file_system.h"
#include "services/ingest/domain/quarantine.h"
#include "services/ingest/store/quarantine_book.h"
#include "services/ingest/store/quarantine_file.h"

namespace tidemark::ingest {

// QuarantineStore: the quarantine in memory, bounded, with every change in a file
// (docs/formats/quarantine.md). A failing disk costs entries, which are counted, and nothing else;
// damage of the file costs the entries in it, and is told in the log lines and the statistics.
//
//   QuarantineStore store({.fs = fs, .dir = dir + "/quarantine"});
//   store.Add(std::move(entries), {});
//
// Thread-safe. Reading never waits for the disk; changes follow one another, and each blocks until
// it is durable or has failed. An Add costs one write and one sync, whatever it holds.
class QuarantineStore final : public Quarantine {
 public:
  struct Options {
    // Not owned.
    fs::FileSystem* fs = nullptr;
    // Made with the first entry.
    std::string dir;
    QuarantineLimits limits;
  };
  // Reads the file. Never fails: what cannot be read is lost, which is told.
  explicit QuarantineStore(Options options);

  void Add(std::vector<QuarantineEntry> entries, std::vector<QuarantineDrop> drops) override;
  Page List(std::string_view source, const QuarantineFilter& filter, uint64_t after,
            size_t max_entries, size_t max_bytes) const override;
  Page Find(std::string_view source, std::span<const uint64_t> numbers, uint64_t after,
            size_t max_entries, size_t max_bytes) const override;
  QuarantineStats Stats(std::string_view source) const override;
  absl::StatusOr<uint64_t> Remove(std::string_view source,
                                  std::span<const uint64_t> numbers) override;
  void Settle(std::string_view source, std::span<const uint64_t> gone,
              std::vector<QuarantineEntry> refused) override;

 private:
  void ReadFile();
  void TakeChange(std::string_view payload);
  // `frames`, after what is pending, durable. Whoever calls holds `writer_`.
  absl::Status Write(const std::string& frames);
  // Ages out what is above the limits, and leaves what changed for the next write.
  void AgeOut() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddPending(std::string_view payload) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Drop(const std::vector<QuarantineDrop>& drops) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EmitAll(const QuarantineFile::Emit& emit) const;
  // False: the page is full, and says that there is more. `bytes` is what it holds.
  static bool AddTo(const QuarantineEntry& entry, size_t max_entries, size_t max_bytes,
                    size_t* bytes, Page* page);

  const Options options_;
  // Held over a whole change, disk included: only its holder changes the book, and so may read it
  // without the other.
  base::Mutex writer_;
  QuarantineFile file_;
  // Changes in memory that the file does not hold yet, as frames: what aged out, counters.
  std::string pending_;
  // They were too many: the whole book is to be written.
  bool rewrite_ = false;
  bool failing_ = false;
  mutable base::Mutex mutex_;
  QuarantineBook book_;
  uint64_t damaged_parts_ = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_QUARANTINE_STORE_H_
