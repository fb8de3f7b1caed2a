#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_LEDGER_FILES_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_LEDGER_FILES_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cpp/ledger/checkpoint.h"
#include "clients/cpp/ledger/note.h"
#include "clients/cpp/ledger/tlog_proof.h"

namespace tidemark::cli {

// A file of `tidemark ledger`, as it was written. A file of another kind is told as that, not as
// one whose signature is wrong.
struct KeptCheckpoint {
  std::string note;
  ledger::Checkpoint checkpoint;
};

// Whether the text is a proof, of this or another version.
bool IsProof(std::string_view text);
// A checkpoint that was kept, its signature verified. Errors name the file (DataError).
absl::StatusOr<KeptCheckpoint> OpenKept(const std::string& file, std::string text,
                                        const ledger::NoteVerifier& key);
absl::StatusOr<KeptCheckpoint> ReadKept(const std::string& file, const ledger::NoteVerifier& key);
// A proof of Tidemark, which has the record with it; not verified.
absl::StatusOr<ledger::TlogProof> ParseProof(std::string_view text);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_LEDGER_FILES_H_
