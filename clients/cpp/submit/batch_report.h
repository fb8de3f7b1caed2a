#ifndef TIDEMARK_CLIENTS_CPP_SUBMIT_BATCH_REPORT_H_
#define TIDEMARK_CLIENTS_CPP_SUBMIT_BATCH_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace tidemark::submit {

enum class Verdict : uint8_t { kDuplicate, kConflict, kRejected };

// One event that was not accepted.
struct EventException {
  // The number that the caller gave with the event.
  uint64_t record = 0;
  Verdict verdict = Verdict::kRejected;
  // kDuplicate, kConflict: leaf of the event that stands; none when the batch was only validated
  // and that event is in it.
  std::optional<uint64_t> leaf;
  // kDuplicate, kConflict: number of the event that stands, when it came in the same batch.
  std::optional<uint64_t> first_record;
  // kConflict, kRejected: why; status::ReasonOf and status::FieldOf read the details. Where very
  // many events of a batch have the same reason, the message of the later ones only names it.
  absl::Status status;
};

// What became of one batch.
struct BatchReport {
  // Not OK: the submitter gave the batch up; nothing below is known but `records`. Whether the
  // events are in the log is unknown too; sending them again is safe.
  absl::Status status;
  // Numbers of all events of the batch, in the order they were added.
  std::vector<uint64_t> records;
  uint32_t accepted = 0;
  uint32_t duplicates = 0;
  uint32_t conflicts = 0;
  uint32_t rejected = 0;
  std::string log_id;
  // Leaf of the first accepted event.
  uint64_t first_leaf = 0;
  // By ascending position in the batch.
  std::vector<EventException> exceptions;
  // Attempts it took.
  int attempts = 0;
  // When the last answer came: nanoseconds of the process's monotonic clock.
  int64_t answered_ns = 0;
};

}  // namespace tidemark::submit

#endif  // TIDEMARK_CLIENTS_CPP_SUBMIT_BATCH_REPORT_H_
