// Private to sha256.cc and its test: SHA-256 of a list of messages, several at a time.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_SHA256_LANES_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_SHA256_LANES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tidemark::ledger::internal {

// SHA-256 of [prefix ‖] data, continued from a state that has already taken prior_bytes (a multiple
// of 64).
struct Sha256Message {
  const uint32_t* state;  // 8 words
  uint64_t prior_bytes;
  bool has_prefix;
  uint8_t prefix;
  std::string_view data;
  uint8_t* out;  // 32 bytes; may lie in memory that no later message reads
};

// A whole message with its padding.
struct PaddedMessage {
  const uint8_t* data;
  size_t blocks;  // of 64 bytes
  uint8_t* out;   // 32 bytes
};

inline constexpr uint32_t kSha256Initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                               0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// True when this CPU has the SHA extensions, and AVX.
bool HasShaExtensions();
// With the SHA extensions, four messages interleaved: one message alone waits for the latency of
// sha256rnds2 (measured: 5.4 M leaves of 100 B a second alone, 9.5 M in pairs, 15.8 M in fours, 9.5
// M in eights).
void HashInterleaved(std::span<const Sha256Message> messages);
// Only with the SHA extensions. Messages with as many blocks best follow each other.
void HashPadded(std::span<const PaddedMessage> messages);
// RFC 6962 nodes of `count` pairs, with the SHA extensions.
void HashNodesInterleaved(const uint8_t* children, uint8_t* parents, size_t count);
// With OpenSSL.
void HashPortable(std::span<const Sha256Message> messages);

}  // namespace tidemark::ledger::internal

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_SHA256_LANES_H_
