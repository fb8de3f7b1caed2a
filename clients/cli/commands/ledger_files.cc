#include "clients/cli/commands/ledger_files.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/app/exit_code.h"
#include "clients/cli/app/text_file.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

// Of all versions.
constexpr std::string_view kProofHead = "c2sp.org/tlog-proof@";
// What every signature of a note begins with.
constexpr std::string_view kSignature = "\n\xE2\x80\x94 ";

std::string_view FirstLine(std::string_view text) { return text.substr(0, text.find('\n')); }

}  // namespace

bool IsProof(std::string_view text) { return text.starts_with(kProofHead); }

absl::StatusOr<KeptCheckpoint> OpenKept(const std::string& file, std::string text,
                                        const ledger::NoteVerifier& key) {
  if (IsProof(text)) {
    return DataError(absl::InvalidArgumentError(
        absl::StrCat(file,
                     ": a proof; want a checkpoint, as of `tidemark ledger checkpoint "
                     "--out`")));
  }
  if (!absl::StrContains(text, kSignature)) {
    return DataError(absl::InvalidArgumentError(absl::StrCat(
        file, ": neither a checkpoint nor a proof: it has no signature; was it cut?")));
  }
  auto checkpoint = ledger::OpenCheckpoint(text, key);
  if (!checkpoint.ok()) return DataError(status::Prefixed(file, checkpoint.status()));
  return KeptCheckpoint{.note = std::move(text), .checkpoint = *std::move(checkpoint)};
}

absl::StatusOr<KeptCheckpoint> ReadKept(const std::string& file, const ledger::NoteVerifier& key) {
  TM_ASSIGN_OR_RETURN(std::string text, ReadTextFile(file));
  return OpenKept(file, std::move(text), key);
}

absl::StatusOr<ledger::TlogProof> ParseProof(std::string_view text) {
  if (FirstLine(text) != ledger::kTlogProofHead) {
    return absl::UnimplementedError(absl::StrCat("a proof of another version, ", FirstLine(text),
                                                 "; this program reads ", ledger::kTlogProofHead));
  }
  TM_ASSIGN_OR_RETURN(ledger::TlogProof proof, ledger::ParseTlogProof(text));
  if (proof.extra.empty()) {
    return absl::InvalidArgumentError(
        "a proof without the record, which would be in an `extra` line; `tidemark ledger prove` "
        "writes it");
  }
  return proof;
}

}  // namespace tidemark::cli
