// C2SP transparency log proofs (https://c2sp.org/tlog-proof): what shows offline that a leaf is in
// the log (docs/formats/proof.md).
//
//   TlogProof proof{.extra = leaf, .index = 7, .path = path, .checkpoint = note};
//   std::string text = TlogProofText(proof);
//   TM_ASSIGN_OR_RETURN(TlogProof read, ParseTlogProof(text));
//   TM_ASSIGN_OR_RETURN(Checkpoint checkpoint, VerifyTlogProof(read, LeafHash(leaf), verifier));
//
// Thread-safe. No I/O.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_TLOG_PROOF_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_TLOG_PROOF_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/checkpoint.h"
#include "clients/cpp/ledger/note.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::ledger {

struct TlogProof {
  // Any bytes. In proofs of Tidemark the leaf: nothing vouches for it before its hash was verified.
  std::string extra;
  uint64_t index = 0;
  // From the leaf's sibling up.
  std::vector<Hash> path;
  // The signed note as it is.
  std::string checkpoint;

  bool operator==(const TlogProof&) const = default;
};

// The first line of every proof.
inline constexpr std::string_view kTlogProofHead = "c2sp.org/tlog-proof@v1";

std::string TlogProofText(const TlogProof& proof);
// Strict: DATA_LOSS naming the line for anything TlogProofText does not write. The checkpoint is
// not looked at.
absl::StatusOr<TlogProof> ParseTlogProof(std::string_view text);

// The checkpoint, once its signature is verified and the proof shows that the leaf of `leaf_hash`
// is in its tree. Errors of OpenCheckpoint; DATA_LOSS: the proof does not show it.
absl::StatusOr<Checkpoint> VerifyTlogProof(const TlogProof& proof, const Hash& leaf_hash,
                                           const NoteVerifier& verifier);

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_TLOG_PROOF_H_
