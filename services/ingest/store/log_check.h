#ifndef TIDEMARK_SERVICES_INGEST_STORE_LOG_CHECK_H_
#define TIDEMARK_SERVICES_INGEST_STORE_LOG_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/fs/file_system.h"

namespace tidemark::ingest {

// What was found in a log; `problems` is empty for a good one.
struct LogCheckReport {
  std::string log_id;
  std::string name;
  uint64_t files = 0;
  uint64_t blocks = 0;
  uint64_t bytes = 0;
  uint64_t leaves = 0;
  uint64_t events = 0;
  uint64_t waiting_refunds = 0;
  uint64_t identity_runs = 0;  // on disk
  uint64_t identities_in_runs = 0;
  uint64_t catalog_version = 0;
  std::string root;              // hexadecimal; empty when leaves are missing
  uint64_t checkpoint_size = 0;  // 0: none was signed yet
  uint64_t kept_size = 0;        // of the checkpoint given; 0: none was
  // Behind the last good block; cut off when the service starts.
  uint64_t torn_bytes = 0;
  std::vector<std::string> problems;
};

// Verifies a log from its files alone and changes nothing: checksums, continuity, every leaf
// derived again and hashed, roots, the checkpoint's signature, that no identity is there twice,
// that the runs of older identities hold what the log does, and where links of refunds point. What
// is behind damage in a file is not read: it goes on with the next file, without the root and the
// links, which need everything before them, and ends after 100 problems. `kept`, not empty, is a
// checkpoint that somebody kept elsewhere (its note): the log must have signed it
// (INVALID_ARGUMENT otherwise) and begin with what it covers. FAILED_PRECONDITION while a service
// owns the log; NOT_FOUND.
absl::StatusOr<LogCheckReport> CheckLog(fs::FileSystem& fs, const std::string& dir,
                                        const std::string& kept = "");

// For people, one line each.
std::string ToText(const LogCheckReport& report);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_LOG_CHECK_H_
