// Signed notes, checkpoints, proofs and keys, as witnesses and auditors get them: what is accepted
// is written in the one way that there is, and nothing is verified that the key did not sign.
#include "clients/cpp/ledger/base64.h"
#include "clients/cpp/ledger/checkpoint.h"
#include "clients/cpp/ledger/note.h"
#include "clients/cpp/ledger/tlog_proof.h"
#include "common/base/hex.h"
#include "tests/fuzz/fuzz.h"

namespace tidemark::ledger {
namespace {

const NoteSigner& Signer() {
  static const NoteSigner* signer =
      new NoteSigner(*NoteSigner::FromSeed("tidemark.example/log", {1, 2, 3}));
  return *signer;
}

void CheckCheckpoint(std::string_view text) {
  const auto checkpoint = ParseCheckpointText(text);
  if (!checkpoint.ok()) {
    FUZZ_CHECK(absl::IsDataLoss(checkpoint.status()), checkpoint.status().ToString());
    return;
  }
  const auto again = CheckpointText(*checkpoint);
  FUZZ_CHECK(again.ok(), again.status().ToString());
  FUZZ_CHECK(text.starts_with(*again), "a checkpoint begins as it is written");
  const auto same = ParseCheckpointText(*again);
  FUZZ_CHECK(same.ok() && *same == *checkpoint, "read and written again");
}

void CheckNote(std::string_view note) {
  const auto parsed = ParseNote(note);
  const auto opened = Signer().verifier().Open(note);
  if (!parsed.ok()) {
    FUZZ_CHECK(absl::IsDataLoss(parsed.status()), parsed.status().ToString());
    FUZZ_CHECK(!opened.ok(), "what is no note is not opened");
    return;
  }
  FUZZ_CHECK(note.starts_with(parsed->text) && parsed->text.ends_with('\n'), "text");
  FUZZ_CHECK(!parsed->signatures.empty() && parsed->signatures.size() <= 100, "signatures");
  if (opened.ok()) {
    FUZZ_CHECK(*opened == parsed->text, "what is opened is what was signed");
    const auto own = Signer().Sign(parsed->text);
    FUZZ_CHECK(own.ok(), own.status().ToString());
    // Ed25519 signs in one way only, so the good signature is the one that we make.
    bool found = false;
    const auto signature = ParseNote(*own)->signatures[0].signature;
    for (const NoteSignature& one : parsed->signatures) found = found || one.signature == signature;
    FUZZ_CHECK(found, "a signature that the key did not make is accepted");
  }
  const auto checkpoint = OpenCheckpoint(note, Signer().verifier());
  FUZZ_CHECK(!checkpoint.ok() || opened.ok(), "a checkpoint is a note");
  // One more signature neither hides the text nor makes it another.
  const auto cosigned = Signer().Cosign(note);
  if (!cosigned.ok()) return;
  const auto text = Signer().verifier().Open(*cosigned);
  // Where the note has a wrong signature of this key already, that is told.
  FUZZ_CHECK(text.ok() ? *text == parsed->text : absl::IsDataLoss(text.status()),
             "cosigned: " + text.status().ToString());
}

// The text, signed by us, opens to itself.
void CheckSigned(std::string_view text) {
  const auto note = Signer().Sign(text);
  if (!note.ok()) return;
  const auto opened = Signer().verifier().Open(*note);
  FUZZ_CHECK(opened.ok() && *opened == text, "signed: " + opened.status().ToString());
  CheckNote(*note);
}

void CheckProof(std::string_view text) {
  const auto proof = ParseTlogProof(text);
  if (!proof.ok()) {
    FUZZ_CHECK(absl::IsDataLoss(proof.status()), proof.status().ToString());
    return;
  }
  FUZZ_CHECK(TlogProofText(*proof) == text, "a proof has one text");
  const auto shown = VerifyTlogProof(*proof, Hash{}, Signer().verifier());
  FUZZ_CHECK(!shown.ok() || OpenCheckpoint(proof->checkpoint, Signer().verifier()).ok(),
             "a proof by a checkpoint that the key did not sign");
}

void CheckKeys(std::string_view text) {
  const auto verifier = NoteVerifier::FromText(text);
  if (verifier.ok()) FUZZ_CHECK(verifier->ToText() == text, "a key has one text");
  const auto signer = NoteSigner::FromText(text);
  if (signer.ok()) FUZZ_CHECK(signer->ToText() == text, "a secret key has one text");
}

void CheckEncodings(std::string_view text) {
  FUZZ_CHECK(Base64Decode(Base64Encode(text)) == text, "base64");
  if (const auto bytes = Base64Decode(text)) {
    FUZZ_CHECK(Base64Encode(*bytes) == text, "base64 has one text");
  }
  FUZZ_CHECK(base::HexDecode(base::HexEncode(text)) == text, "hexadecimal");
  if (const auto bytes = base::HexDecode(text)) {
    FUZZ_CHECK(bytes->size() * 2 == text.size(), "two digits a byte");
  }
}

}  // namespace

TIDEMARK_FUZZER(std::string_view text) {
  CheckCheckpoint(text);
  CheckNote(text);
  CheckSigned(text);
  CheckProof(text);
  CheckKeys(text);
  CheckEncodings(text);
}

}  // namespace tidemark::ledger
