// C2SP signed notes (https://c2sp.org/signed-note) with Ed25519 keys.
//
//   TM_ASSIGN_OR_RETURN(NoteSigner signer, NoteSigner::FromText(secret));
//   std::string note = signer.Sign("text\n").value();
//   TM_ASSIGN_OR_RETURN(NoteVerifier verifier, NoteVerifier::FromText("name+1f2e3d4c+AQ..."));
//   TM_ASSIGN_OR_RETURN(std::string_view text, verifier.Open(note));
//
// Thread-safe after construction. No I/O. Secrets stay in memory of the object and never appear in
// an error message.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_NOTE_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_NOTE_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tidemark::ledger {

// One signature line: `— name base64(key hash ‖ signature)`.
struct NoteSignature {
  std::string name;
  uint32_t key_hash =
      0;  // big-endian first 4 bytes of SHA-256(name ‖ 0x0A ‖ algorithm ‖ public key)
  std::string signature;
};

// A note taken apart; signatures are not verified.
struct ParsedNote {
  std::string_view text;  // with its last newline; this is what is signed
  std::vector<NoteSignature> signatures;
};
// DATA_LOSS naming what is wrong: at most 1 MiB and 100 signatures, UTF-8 without control
// characters but newline, at least one signature line.
absl::StatusOr<ParsedNote> ParseNote(std::string_view note);

// A public key with its name. Text form: `name+<key hash, 8 hex>+base64(0x01 ‖ public key)`.
class NoteVerifier {
 public:
  static absl::StatusOr<NoteVerifier> FromText(std::string_view text);
  static absl::StatusOr<NoteVerifier> FromKey(std::string_view name,
                                              const std::array<uint8_t, 32>& public_key);

  std::string ToText() const;
  const std::string& name() const { return name_; }
  uint32_t key_hash() const { return key_hash_; }

  // The text of a note that carries a good signature of this key. UNAUTHENTICATED when it carries
  // none, DATA_LOSS when its signature is wrong or the note is malformed. Signatures of other keys
  // are ignored.
  absl::StatusOr<std::string_view> Open(std::string_view note) const;
  // True when `signature` (64 bytes) is this key's signature of `text`.
  bool Verify(std::string_view text, std::string_view signature) const;

 private:
  NoteVerifier() = default;
  std::string name_;
  uint32_t key_hash_ = 0;
  std::array<uint8_t, 32> public_key_ = {};
};

// A private key with its name. Text form: `PRIVATE+KEY+name+<key hash>+base64(0x01 ‖ seed)`; keep
// it secret.
class NoteSigner {
 public:
  // A new random key. INVALID_ARGUMENT for a name that is empty or has spaces or '+'.
  static absl::StatusOr<NoteSigner> Generate(std::string_view name);
  static absl::StatusOr<NoteSigner> FromText(std::string_view text);
  static absl::StatusOr<NoteSigner> FromSeed(std::string_view name,
                                             const std::array<uint8_t, 32>& seed);

  std::string ToText() const;
  const NoteVerifier& verifier() const { return verifier_; }

  // The note: `text`, an empty line, one signature line. `text` ends with a newline and has no
  // empty last line.
  absl::StatusOr<std::string> Sign(std::string_view text) const;
  // Appends this key's signature line to `note`, as a witness does. The note must parse; its
  // signatures are not verified.
  absl::StatusOr<std::string> Cosign(std::string_view note) const;

 private:
  explicit NoteSigner(NoteVerifier verifier) : verifier_(std::move(verifier)) {}
  absl::StatusOr<std::string> SignatureLine(std::string_view text) const;

  NoteVerifier verifier_;
  std::array<uint8_t, 32> seed_ = {};
};

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_NOTE_H_
