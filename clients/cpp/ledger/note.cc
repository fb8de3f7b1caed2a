#include "clients/cpp/ledger/note.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/base64.h"
#include "clients/cpp/ledger/note_text.h"
#include "clients/cpp/ledger/sha256.h"
#include "common/base/hex.h"
#include "common/status/status_macros.h"

namespace tidemark::ledger {
namespace {

constexpr char kEd25519 = 0x01;
constexpr std::string_view kSignaturePrefix = "\xE2\x80\x94 ";  // em dash and a space
constexpr std::string_view kPrivatePrefix = "PRIVATE+KEY+";
constexpr size_t kMaxNoteBytes = 1 << 20;
constexpr size_t kMaxSignatures = 100;
constexpr size_t kSignatureBytes = 64;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

absl::Status Malformed(std::string_view message) {
  return absl::DataLossError(absl::StrCat("note: ", message));
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string BigEndian(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

uint32_t KeyHash(std::string_view name, const std::array<uint8_t, 32>& public_key) {
  std::string text = absl::StrCat(name, "\n");
  text.push_back(kEd25519);
  text.append(public_key.begin(), public_key.end());
  const Hash hash = Sha256(text);
  return uint32_t{hash[0]} << 24 | uint32_t{hash[1]} << 16 | uint32_t{hash[2]} << 8 | hash[3];
}

absl::Status CheckName(std::string_view name) {
  if (IsKeyName(name)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "key name: want UTF-8 without spaces, control characters and '+', not empty");
}

std::string KeyText(std::string_view prefix, std::string_view name, uint32_t key_hash,
                    const std::array<uint8_t, 32>& key) {
  std::string data(1, kEd25519);
  data.append(key.begin(), key.end());
  return absl::StrCat(prefix, name, "+", base::HexEncode(BigEndian(key_hash)), "+",
                      Base64Encode(data));
}

struct KeyParts {
  std::string_view name;
  std::string hash_hex;
  std::array<uint8_t, 32> key;
};

// `name+hash+base64`; the base64 may hold '+' itself.
absl::StatusOr<KeyParts> SplitKey(std::string_view text) {
  const auto bad = [] {
    return absl::InvalidArgumentError("key: want name+hash+base64 of an Ed25519 key");
  };
  KeyParts parts;
  const size_t first = text.find('+');
  if (first == std::string_view::npos) return bad();
  const size_t second = text.find('+', first + 1);
  if (second == std::string_view::npos) return bad();
  parts.name = text.substr(0, first);
  parts.hash_hex = text.substr(first + 1, second - first - 1);
  const std::optional<std::string> data = Base64Decode(text.substr(second + 1));
  if (!data.has_value() || data->size() != 33 || (*data)[0] != kEd25519) return bad();
  std::memcpy(parts.key.data(), data->data() + 1, 32);
  return parts;
}

absl::Status WrongHash(std::string_view name) {
  return absl::InvalidArgumentError(absl::StrCat(
      "key of ", name, ": the key hash is not that of this name and key; was it cut or edited?"));
}

absl::StatusOr<NoteSignature> ParseSignature(std::string_view line) {
  if (!line.starts_with(kSignaturePrefix))
    return Malformed("a signature line does not start with an em dash and a space");
  line.remove_prefix(kSignaturePrefix.size());
  const size_t space = line.find(' ');
  if (space == std::string_view::npos || !IsKeyName(line.substr(0, space))) {
    return Malformed("a signature line has no valid key name");
  }
  const std::optional<std::string> data = Base64Decode(line.substr(space + 1));
  if (!data.has_value() || data->size() < 5)
    return Malformed("a signature is not base64 of at least 5 bytes");
  NoteSignature signature;
  signature.name = line.substr(0, space);
  const unsigned char* hash = Bytes(*data);
  signature.key_hash =
      uint32_t{hash[0]} << 24 | uint32_t{hash[1]} << 16 | uint32_t{hash[2]} << 8 | hash[3];
  signature.signature = data->substr(4);
  return signature;
}

}  // namespace

absl::StatusOr<ParsedNote> ParseNote(std::string_view note) {
  if (note.size() > kMaxNoteBytes)
    return Malformed(absl::StrCat("longer than ", kMaxNoteBytes, " bytes"));
  if (!IsNoteText(note)) return Malformed("not UTF-8, or with control characters");
  const size_t split = note.rfind("\n\n");
  if (split == std::string_view::npos) return Malformed("no empty line before the signatures");
  ParsedNote parsed;
  parsed.text = note.substr(0, split + 1);
  std::string_view rest = note.substr(split + 2);
  if (rest.empty() || rest.back() != '\n')
    return Malformed("no signature lines, or the last one is cut");
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    TM_ASSIGN_OR_RETURN(NoteSignature signature, ParseSignature(rest.substr(0, end)));
    parsed.signatures.push_back(std::move(signature));
    rest.remove_prefix(end + 1);
    if (parsed.signatures.size() > kMaxSignatures) {
      return Malformed(absl::StrCat("more than ", kMaxSignatures, " signatures"));
    }
  }
  return parsed;
}

absl::StatusOr<NoteVerifier> NoteVerifier::FromKey(std::string_view name,
                                                   const std::array<uint8_t, 32>& public_key) {
  TM_RETURN_IF_ERROR(CheckName(name));
  NoteVerifier verifier;
  verifier.name_ = name;
  verifier.public_key_ = public_key;
  verifier.key_hash_ = KeyHash(name, public_key);
  return verifier;
}

absl::StatusOr<NoteVerifier> NoteVerifier::FromText(std::string_view text) {
  TM_ASSIGN_OR_RETURN(const KeyParts parts, SplitKey(text));
  TM_ASSIGN_OR_RETURN(NoteVerifier verifier, FromKey(parts.name, parts.key));
  if (parts.hash_hex != base::HexEncode(BigEndian(verifier.key_hash_)))
    return WrongHash(parts.name);
  return verifier;
}

std::string NoteVerifier::ToText() const { return KeyText("", name_, key_hash_, public_key_); }

bool NoteVerifier::Verify(std::string_view text, std::string_view signature) const {
  if (signature.size() != kSignatureBytes) return false;
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key_.data(),
                                            public_key_.size()),
                &EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return key != nullptr && context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(text),
                          text.size()) == 1;
}

absl::StatusOr<std::string_view> NoteVerifier::Open(std::string_view note) const {
  TM_ASSIGN_OR_RETURN(const ParsedNote parsed, ParseNote(note));
  bool verified = false;
  for (const NoteSignature& signature : parsed.signatures) {
    if (signature.name != name_ || signature.key_hash != key_hash_) continue;
    if (!Verify(parsed.text, signature.signature)) {
      return Malformed(absl::StrCat("the signature of ", name_, " is wrong"));
    }
    verified = true;
  }
  if (!verified) {
    return absl::UnauthenticatedError(absl::StrCat("note: not signed by ", name_, " with the key ",
                                                   base::HexEncode(BigEndian(key_hash_))));
  }
  return parsed.text;
}

absl::StatusOr<NoteSigner> NoteSigner::FromSeed(std::string_view name,
                                                const std::array<uint8_t, 32>& seed) {
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()),
                &EVP_PKEY_free);
  std::array<uint8_t, 32> public_key;
  size_t size = public_key.size();
  if (key == nullptr || EVP_PKEY_get_raw_public_key(key.get(), public_key.data(), &size) != 1) {
    return absl::InternalError("Ed25519 is not available in this OpenSSL");
  }
  TM_ASSIGN_OR_RETURN(NoteVerifier verifier, NoteVerifier::FromKey(name, public_key));
  NoteSigner signer(std::move(verifier));
  signer.seed_ = seed;
  return signer;
}

absl::StatusOr<NoteSigner> NoteSigner::Generate(std::string_view name) {
  TM_RETURN_IF_ERROR(CheckName(name));
  std::array<uint8_t, 32> seed;
  if (RAND_bytes(seed.data(), static_cast<int>(seed.size())) != 1) {
    return absl::InternalError("no random bytes from OpenSSL");
  }
  return FromSeed(name, seed);
}

absl::StatusOr<NoteSigner> NoteSigner::FromText(std::string_view text) {
  if (!text.starts_with(kPrivatePrefix)) {
    return absl::InvalidArgumentError("private key: want a text that starts with PRIVATE+KEY+");
  }
  TM_ASSIGN_OR_RETURN(const KeyParts parts, SplitKey(text.substr(kPrivatePrefix.size())));
  TM_ASSIGN_OR_RETURN(NoteSigner signer, FromSeed(parts.name, parts.key));
  if (parts.hash_hex != base::HexEncode(BigEndian(signer.verifier_.key_hash())))
    return WrongHash(parts.name);
  return signer;
}

std::string NoteSigner::ToText() const {
  return KeyText(kPrivatePrefix, verifier_.name(), verifier_.key_hash(), seed_);
}

absl::StatusOr<std::string> NoteSigner::SignatureLine(std::string_view text) const {
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed_.data(), seed_.size()),
                &EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(kSignatureBytes, '\0');
  size_t size = signature.size();
  if (key == nullptr || context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Bytes(text), text.size()) != 1) {
    return absl::InternalError("Ed25519 signing failed in OpenSSL");
  }
  return absl::StrCat(kSignaturePrefix, verifier_.name(), " ",
                      Base64Encode(BigEndian(verifier_.key_hash()) + signature), "\n");
}

absl::StatusOr<std::string> NoteSigner::Sign(std::string_view text) const {
  if (text.empty() || text.back() != '\n' || text.ends_with("\n\n") || text == "\n" ||
      !IsNoteText(text)) {
    return absl::InvalidArgumentError(
        "note text: want UTF-8 lines without control characters, the last one not empty");
  }
  TM_ASSIGN_OR_RETURN(const std::string line, SignatureLine(text));
  return absl::StrCat(text, "\n", line);
}

absl::StatusOr<std::string> NoteSigner::Cosign(std::string_view note) const {
  TM_ASSIGN_OR_RETURN(const ParsedNote parsed, ParseNote(note));
  TM_ASSIGN_OR_RETURN(const std::string line, SignatureLine(parsed.text));
  return absl::StrCat(note, line);
}

}  // namespace tidemark::ledger
