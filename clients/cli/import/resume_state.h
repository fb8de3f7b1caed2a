#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_RESUME_STATE_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_RESUME_STATE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tidemark::importer {

// What --resume keeps between runs: how far the input is settled, and enough to know the input
// and the mapping again. A JSON file, replaced as a whole.
struct ResumeState {
  // Every row up to this one was accepted, duplicate, in conflict, rejected or skipped.
  uint64_t rows = 0;
  std::string mapping_fingerprint;
  // Of the first `head_bytes` bytes of the file as stored; empty for standard input.
  std::string head_hash;
  uint64_t head_bytes = 0;
  // Bytes of the rejects file when this was saved: it told of every rejected row up to `rows`, and
  // may have told of some later ones, which then stand there twice.
  uint64_t rejects_bytes = 0;

  // For a file at `path` ("-": standard input). A file that has only grown is the same.
  static absl::StatusOr<ResumeState> ForInput(const std::string& path,
                                              const std::string& mapping_fingerprint);
  // What the state file says about this input. A missing file: from the beginning.
  // FAILED_PRECONDITION: it is about another input or mapping.
  static absl::StatusOr<ResumeState> Load(const std::string& state_path, const std::string& path,
                                          const std::string& mapping_fingerprint);
  absl::Status Save(const std::string& state_path) const;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_RESUME_STATE_H_
