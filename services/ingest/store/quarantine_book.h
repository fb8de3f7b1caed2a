#ifndef TIDEMARK_SERVICES_INGEST_STORE_QUARANTINE_BOOK_H_
#define TIDEMARK_SERVICES_INGEST_STORE_QUARANTINE_BOOK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/ingest/domain/quarantine.h"

namespace tidemark::ingest {

struct QuarantineLimits {
  size_t max_events = 100'000;
  size_t max_bytes = size_t{64} << 20;
  size_t max_source_events = 25'000;
  size_t max_source_bytes = size_t{16} << 20;
};

// The quarantine in memory: entries by source and number, each (source, id, revision, reason,
// field) once, and what did not fit. Not thread-safe; const methods are safe beside each other.
class QuarantineBook {
 public:
  struct Counters {
    uint64_t aged_out = 0;
    uint64_t dropped = 0;
  };
  struct SourceBook {
    std::string source;
    std::map<uint64_t, QuarantineEntry> entries;
    // Number by KeyOf.
    absl::flat_hash_map<std::string, uint64_t> by_key;
    size_t bytes = 0;
    Counters counters;
  };

  explicit QuarantineBook(QuarantineLimits limits) : limits_(limits) {}

  // What makes two rejections one entry, within a source.
  static std::string KeyOf(const QuarantineEntry& entry);
  // Memory of an entry, about.
  static size_t BytesOf(const QuarantineEntry& entry);

  // Null: nothing is known of the source.
  const SourceBook* Find(std::string_view source) const;
  // Null: no entry of its key.
  const QuarantineEntry* FindSame(const QuarantineEntry& entry) const;
  uint64_t next_number() const { return next_number_; }
  const QuarantineLimits& limits() const { return limits_; }
  size_t bytes() const { return bytes_; }
  void ForEachSource(const std::function<void(const SourceBook&)>& use) const;

  // New, or in place of the entry of its number; an entry of the same key with another number goes.
  void Put(QuarantineEntry entry);
  // False: there is no such entry.
  bool Remove(std::string_view source, uint64_t number);
  // By number only, as the file tells it.
  void Remove(uint64_t number);
  void Again(uint64_t number, uint64_t count, int64_t last_us);
  void AddDropped(std::string_view source, uint64_t events);
  void SetCounters(std::string_view source, Counters counters);
  void RaiseNextNumber(uint64_t number);
  // Down to the limits: of a source its oldest; in total the oldest of the source with the most
  // bytes. Tells what went.
  void AgeOut(const std::function<void(const SourceBook&, uint64_t number)>& gone);

 private:
  SourceBook& At(std::string_view source);
  // Runs `change`, keeping the order by size.
  template <typename Change>
  void Resize(SourceBook& book, Change change);
  void Erase(SourceBook& book, std::map<uint64_t, QuarantineEntry>::iterator entry);

  const QuarantineLimits limits_;
  absl::flat_hash_map<std::string, std::unique_ptr<SourceBook>> sources_;
  absl::flat_hash_map<uint64_t, SourceBook*> by_number_;
  std::set<std::pair<size_t, SourceBook*>> by_bytes_;
  size_t bytes_ = 0;
  uint64_t next_number_ = 1;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_QUARANTINE_BOOK_H_
