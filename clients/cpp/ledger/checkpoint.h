// C2SP checkpoints (https://c2sp.org/tlog-checkpoint): the log's signed commitment to its records
// (docs/formats/checkpoint.md).
//
//   Checkpoint c{.origin = "tidemark.example/ledger", .size = tree.end(), .root = tree.Root(),
//   .accepted_time_us = now}; TM_ASSIGN_OR_RETURN(std::string note, SignCheckpoint(c, signer));
//   TM_ASSIGN_OR_RETURN(Checkpoint seen, OpenCheckpoint(note, verifier));
//
// Thread-safe. No I/O.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_CHECKPOINT_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/note.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::ledger {

struct Checkpoint {
  std::string origin;  // the log's name: one line, not empty; also the name of the key that signs
  uint64_t size = 0;
  Hash root = {};
  int64_t accepted_time_us = 0;  // of the last record covered; 0 when size is 0
  bool operator==(const Checkpoint&) const = default;
};

// The text that is signed: origin, size, base64 root, `accepted <µs>`, each with a newline.
absl::StatusOr<std::string> CheckpointText(const Checkpoint& checkpoint);
// Strict: DATA_LOSS naming the line for anything CheckpointText does not write. Extension lines
// after `accepted` are allowed and ignored, so that later versions may add some.
absl::StatusOr<Checkpoint> ParseCheckpointText(std::string_view text);

// The signed note. INVALID_ARGUMENT when the origin is not the signer's name.
absl::StatusOr<std::string> SignCheckpoint(const Checkpoint& checkpoint, const NoteSigner& signer);
// Verifies the signature and parses. As NoteVerifier::Open; DATA_LOSS also when the origin is not
// the verifier's name.
absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, const NoteVerifier& verifier);

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_CHECKPOINT_H_
