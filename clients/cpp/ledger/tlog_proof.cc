#include "clients/cpp/ledger/tlog_proof.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/base64.h"
#include "clients/cpp/ledger/merkle.h"
#include "clients/cpp/ledger/text_lines.h"
#include "common/status/status_macros.h"

namespace tidemark::ledger {
namespace {

constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

absl::Status Malformed(std::string_view line, std::string_view want) {
  return absl::DataLossError(absl::StrCat("proof: ", line, ": want ", want));
}

}  // namespace

std::string TlogProofText(const TlogProof& proof) {
  std::string text = absl::StrCat(kTlogProofHead, "\n");
  if (!proof.extra.empty()) absl::StrAppend(&text, kExtra, Base64Encode(proof.extra), "\n");
  absl::StrAppend(&text, kIndex, proof.index, "\n");
  for (const Hash& node : proof.path) {
    const std::string_view bytes(reinterpret_cast<const char*>(node.data()), node.size());
    absl::StrAppend(&text, Base64Encode(bytes), "\n");
  }
  return absl::StrCat(text, "\n", proof.checkpoint);
}

absl::StatusOr<TlogProof> ParseTlogProof(std::string_view text) {
  if (ConsumeLine(&text) != kTlogProofHead) return Malformed("line 1", kTlogProofHead);
  TlogProof proof;
  std::optional<std::string_view> line = ConsumeLine(&text);
  if (line && line->starts_with(kExtra)) {
    std::optional<std::string> extra = Base64Decode(line->substr(kExtra.size()));
    if (!extra || extra->empty()) return Malformed("the extra line", "base64, not empty");
    proof.extra = *std::move(extra);
    line = ConsumeLine(&text);
  }
  if (!line || !line->starts_with(kIndex) ||
      !ParseNumber(line->substr(kIndex.size()), &proof.index)) {
    return Malformed("the index line", "`index` and a number in decimal without leading zeros");
  }
  for (line = ConsumeLine(&text); line && !line->empty(); line = ConsumeLine(&text)) {
    const std::optional<std::string> bytes = Base64Decode(*line);
    Hash& node = proof.path.emplace_back();
    if (!bytes || bytes->size() != node.size()) {
      return Malformed(absl::StrCat("hash ", proof.path.size()), "32 bytes in base64");
    }
    std::copy(bytes->begin(), bytes->end(), node.begin());
  }
  if (!line) return Malformed("the end of the hashes", "an empty line and a checkpoint");
  proof.checkpoint = text;
  return proof;
}

absl::StatusOr<Checkpoint> VerifyTlogProof(const TlogProof& proof, const Hash& leaf_hash,
                                           const NoteVerifier& verifier) {
  TM_ASSIGN_OR_RETURN(const Checkpoint checkpoint, OpenCheckpoint(proof.checkpoint, verifier));
  const absl::Status included =
      VerifyInclusion(proof.index, checkpoint.size, leaf_hash, proof.path, checkpoint.root);
  if (!included.ok()) {
    return absl::DataLossError(
        absl::StrCat("the leaf is not shown to be in the log: ", included.message()));
  }
  return checkpoint;
}

}  // namespace tidemark::ledger
