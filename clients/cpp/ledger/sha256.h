// SHA-256 for the ledger: many independent messages at once, and HMAC with a prepared key.
//
//   std::vector<Hash> out(leaves.size());
//   HashMany(leaves, /*prefix=*/0x00, out);      // RFC 6962 leaf hashes
//   HashNodes(children, parents);                // RFC 6962 node hashes, children pairwise
//   HmacKey key(secret);
//   Hash mac = key.Mac("message");
//
// With the CPU's SHA extensions (found at run time) four messages are interleaved; without them
// OpenSSL is used. The results are the same. Thread-safe: no mutable state. Nothing here fails.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_SHA256_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_SHA256_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "clients/cpp/ledger/record.h"

namespace tidemark::ledger {

// SHA-256(message).
Hash Sha256(std::string_view message);

// out[i] = SHA-256(messages[i]). `out` has the size of `messages`.
void HashMany(std::span<const std::string_view> messages, std::span<Hash> out);

// out[i] = SHA-256(prefix ‖ messages[i]). `out` has the size of `messages`.
void HashMany(std::span<const std::string_view> messages, uint8_t prefix, std::span<Hash> out);

// A message with kSha256PaddingBytes behind it that may be written to.
struct PaddableMessage {
  uint8_t* data;
  size_t size;
};
inline constexpr size_t kSha256PaddingBytes = 72;

// out[i] = SHA-256(messages[i]), faster than HashMany: nothing is copied, and messages of one size
// are hashed together. `out` has the size of `messages`.
void HashPaddable(std::span<const PaddableMessage> messages, std::span<Hash> out);

// parents[i] = SHA-256(0x01 ‖ children[2i] ‖ children[2i+1]): RFC 6962 interior nodes. `children`
// has twice the size of `parents`. `parents` may start where `children` starts (a level replaced by
// the next one in place).
void HashNodes(std::span<const Hash> children, std::span<Hash> parents);

// True when the SHA extensions are used.
bool Sha256IsAccelerated();

// HMAC-SHA-256 with the key's two states computed once.
class HmacKey {
 public:
  explicit HmacKey(std::string_view key);

  Hash Mac(std::string_view message) const;
  // out[i] = Mac(messages[i]). `out` has the size of `messages`.
  void MacMany(std::span<const std::string_view> messages, std::span<Hash> out) const;

 private:
  std::array<uint32_t, 8> inner_;
  std::array<uint32_t, 8> outer_;
};

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_SHA256_H_
