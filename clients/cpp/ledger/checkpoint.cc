#include "clients/cpp/ledger/checkpoint.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/base64.h"
#include "clients/cpp/ledger/note_text.h"
#include "clients/cpp/ledger/text_lines.h"
#include "common/status/status_macros.h"

namespace tidemark::ledger {
namespace {

constexpr std::string_view kAccepted = "accepted ";

absl::Status Malformed(std::string_view line, std::string_view want) {
  return absl::DataLossError(absl::StrCat("checkpoint: ", line, ": want ", want));
}

bool IsOrigin(std::string_view origin) {
  return !origin.empty() && origin.find('\n') == std::string_view::npos && IsNoteText(origin);
}

}  // namespace

absl::StatusOr<std::string> CheckpointText(const Checkpoint& checkpoint) {
  if (!IsOrigin(checkpoint.origin)) {
    return absl::InvalidArgumentError(
        "origin: want one line of UTF-8 without control characters, not empty");
  }
  const std::string_view root(reinterpret_cast<const char*>(checkpoint.root.data()),
                              checkpoint.root.size());
  return absl::StrCat(checkpoint.origin, "\n", checkpoint.size, "\n", Base64Encode(root), "\n",
                      kAccepted, checkpoint.accepted_time_us, "\n");
}

absl::StatusOr<Checkpoint> ParseCheckpointText(std::string_view text) {
  Checkpoint checkpoint;
  const std::optional<std::string_view> origin = ConsumeLine(&text);
  if (!origin.has_value() || !IsOrigin(*origin)) return Malformed("line 1", "the origin");
  checkpoint.origin = *origin;
  const std::optional<std::string_view> size = ConsumeLine(&text);
  if (!size.has_value() || !ParseNumber(*size, &checkpoint.size)) {
    return Malformed("line 2", "the size in decimal without leading zeros");
  }
  const std::optional<std::string_view> root = ConsumeLine(&text);
  const std::optional<std::string> hash = root.has_value() ? Base64Decode(*root) : std::nullopt;
  if (!hash.has_value() || hash->size() != checkpoint.root.size()) {
    return Malformed("line 3", "the root hash, 32 bytes in base64");
  }
  std::copy(hash->begin(), hash->end(), checkpoint.root.begin());
  const std::optional<std::string_view> accepted = ConsumeLine(&text);
  if (!accepted.has_value() || !accepted->starts_with(kAccepted) ||
      !ParseNumber(accepted->substr(kAccepted.size()), &checkpoint.accepted_time_us)) {
    return Malformed("line 4", "`accepted` and microseconds since 1970");
  }
  while (!text.empty()) {
    const std::optional<std::string_view> extension = ConsumeLine(&text);
    if (!extension.has_value() || extension->empty() || !IsNoteText(*extension)) {
      return Malformed("an extension line", "text that is not empty and ends with a newline");
    }
  }
  return checkpoint;
}

absl::StatusOr<std::string> SignCheckpoint(const Checkpoint& checkpoint, const NoteSigner& signer) {
  if (checkpoint.origin != signer.verifier().name()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "origin: ", checkpoint.origin, ", want the name of the key, ", signer.verifier().name()));
  }
  TM_ASSIGN_OR_RETURN(const std::string text, CheckpointText(checkpoint));
  return signer.Sign(text);
}

absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, const NoteVerifier& verifier) {
  TM_ASSIGN_OR_RETURN(const std::string_view text, verifier.Open(note));
  TM_ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseCheckpointText(text));
  if (checkpoint.origin != verifier.name()) {
    return Malformed("line 1", absl::StrCat("the origin ", verifier.name()));
  }
  return checkpoint;
}

}  // namespace tidemark::ledger
