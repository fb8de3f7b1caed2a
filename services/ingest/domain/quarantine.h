#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_QUARANTINE_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_QUARANTINE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tidemark::ingest {

// One rejected event as the quarantine keeps it; see tidemark.ingest.v1.QuarantinedEvent. Never
// holds a consumer's identifier.
struct QuarantineEntry {
  // Ascending in order of arrival, never given twice; 0: not given yet.
  uint64_t number = 0;
  // Empty when it could not be read.
  std::string source;
  std::string event_id;
  uint32_t revision = 0;
  // absl::StatusCode.
  int32_t code = 0;
  std::string reason;
  std::string field;
  std::string message;
  // Serialized tidemark.ingest.v1.Event; empty: not kept.
  std::string event;
  // Bytes that are no readable event; empty: not kept.
  std::string raw_event;
  bool resubmittable = false;
  uint32_t size_bytes = 0;
  uint32_t position = 0;
  uint64_t count = 1;
  // Microseconds since 1970-01-01T00:00:00Z.
  int64_t first_us = 0;
  int64_t last_us = 0;
  std::string principal;

  friend bool operator==(const QuarantineEntry&, const QuarantineEntry&) = default;
};

// Rejected events of a source that nobody had room for.
struct QuarantineDrop {
  std::string source;
  uint64_t events = 0;
};

struct QuarantineFilter {
  // Empty, 0: any.
  std::string reason;
  std::string field;
  int64_t start_us = 0;
  int64_t end_us = 0;

  bool Matches(const QuarantineEntry& entry) const {
    return (reason.empty() || entry.reason == reason) && (field.empty() || entry.field == field) &&
           (start_us == 0 || entry.last_us >= start_us) && (end_us == 0 || entry.last_us < end_us);
  }
  bool says_nothing() const {
    return reason.empty() && field.empty() && start_us == 0 && end_us == 0;
  }
};

struct QuarantineCount {
  std::string reason;
  std::string field;
  uint64_t events = 0;
  uint64_t rejections = 0;
  uint64_t resubmittable = 0;
};

struct QuarantineStats {
  uint64_t events = 0;
  uint64_t bytes = 0;
  uint64_t max_events = 0;
  uint64_t max_bytes = 0;
  // Most events first.
  std::vector<QuarantineCount> counts;
  uint64_t aged_out = 0;
  uint64_t dropped = 0;
  uint64_t damaged_parts = 0;
};

// Takes rejected events. Thread-safe; blocks.
class QuarantineSink {
 public:
  virtual ~QuarantineSink() = default;
  // Entries without number. What has no room is dropped and counted.
  virtual void Add(std::vector<QuarantineEntry> entries, std::vector<QuarantineDrop> drops) = 0;
};

// Keeps rejected events, bounded, over restarts. Thread-safe; blocks on the disk where said.
class Quarantine : public QuarantineSink {
 public:
  struct Page {
    // By ascending number.
    std::vector<QuarantineEntry> entries;
    // There are more behind the last of `entries`.
    bool more = false;
  };

  // Entries of `source` with a number above `after`, until there are `max_entries` or
  // `max_bytes` of them, but at least one.
  virtual Page List(std::string_view source, const QuarantineFilter& filter, uint64_t after,
                    size_t max_entries, size_t max_bytes) const = 0;
  // As List, of the numbers given, ascending; those that are not there are left out.
  virtual Page Find(std::string_view source, std::span<const uint64_t> numbers, uint64_t after,
                    size_t max_entries, size_t max_bytes) const = 0;
  virtual QuarantineStats Stats(std::string_view source) const = 0;
  // Returns how many were there, once it is durable that they are gone; blocks on the disk.
  // RESOURCE_EXHAUSTED (DISK_FULL), UNAVAILABLE (QUARANTINE_NOT_WRITABLE): nothing was removed.
  virtual absl::StatusOr<uint64_t> Remove(std::string_view source,
                                          std::span<const uint64_t> numbers) = 0;
  // After a resubmission: `gone` are in the log now; `refused` have a new reason (same numbers).
  // Blocks on the disk. When it fails, these come back with the next start: judging them again does
  // no harm.
  virtual void Settle(std::string_view source, std::span<const uint64_t> gone,
                      std::vector<QuarantineEntry> refused) = 0;
};

// The process that keeps the quarantine, for a front. Thread-safe; blocks on its answer.
class QuarantineOwner : public QuarantineSink {
 public:
  struct Caller {
    std::string principal;
    uint32_t roles = 0;
    std::vector<std::string> sources;
  };
  // Passes on a call of IngestService that was authorised here; both are serialized.
  virtual absl::StatusOr<std::string> Ask(const Caller& caller, std::string_view method,
                                          std::string_view request) = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_QUARANTINE_H_
