#include "services/ingest/store/siphash.h"

#include <bit>
#include <cstring>

namespace tidemark::ingest {
namespace {

static_assert(std::endian::native == std::endian::little);

using State = std::array<uint64_t, 4>;

inline void Round(State& v) {
  v[0] += v[1];
  v[1] = std::rotl(v[1], 13) ^ v[0];
  v[0] = std::rotl(v[0], 32);
  v[2] += v[3];
  v[3] = std::rotl(v[3], 16) ^ v[2];
  v[0] += v[3];
  v[3] = std::rotl(v[3], 21) ^ v[0];
  v[2] += v[1];
  v[1] = std::rotl(v[1], 17) ^ v[2];
  v[2] = std::rotl(v[2], 32);
}

inline void Absorb(State& v, uint64_t word) {
  v[3] ^= word;
  Round(v);
  Round(v);
  v[0] ^= word;
}

// Absorbs `message`, then the last word with the length of everything, and finishes.
Fingerprint Finish(State v, std::string_view message, uint64_t length) {
  const char* p = message.data();
  size_t left = message.size();
  uint64_t word;
  for (; left >= 8; p += 8, left -= 8) {
    std::memcpy(&word, p, 8);
    Absorb(v, word);
  }
  word = 0;
  if (left > 0) std::memcpy(&word, p, left);
  Absorb(v, word | (length << 56));
  v[2] ^= 0xEE;
  for (int i = 0; i < 4; ++i) Round(v);
  Fingerprint out;
  out.low = v[0] ^ v[1] ^ v[2] ^ v[3];
  v[1] ^= 0xDD;
  for (int i = 0; i < 4; ++i) Round(v);
  out.high = v[0] ^ v[1] ^ v[2] ^ v[3];
  return out;
}

}  // namespace

SipHash::SipHash(const std::array<uint8_t, 16>& key, uint64_t mask) : mask_(mask) {
  uint64_t k0;
  uint64_t k1;
  std::memcpy(&k0, key.data(), 8);
  std::memcpy(&k1, key.data() + 8, 8);
  initial_ = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d ^ 0xEE, k0 ^ 0x6c7967656e657261,
              k1 ^ 0x7465646279746573};
}

Fingerprint SipHash::Hash(std::string_view message) const {
  return Masked(Finish(initial_, message, message.size()));
}

Fingerprint SipHash::Identities::OfTransaction(std::string_view scheme, std::string_view id) {
  char source[256] = {1};
  std::memcpy(source + 1, scheme.data(), scheme.size());
  return Of({source, scheme.size() + 1}, id);
}

SipHash::Identities::Prefix SipHash::Identities::PrefixOf(std::string_view source) const {
  char bytes[264] = {};
  bytes[0] = static_cast<char>(source.size());
  std::memcpy(bytes + 1, source.data(), source.size());
  Prefix prefix = {hash_.initial_, (1 + source.size() + 7) & ~size_t{7}};
  for (size_t i = 0; i < prefix.bytes; i += 8) {
    uint64_t word;
    std::memcpy(&word, bytes + i, 8);
    Absorb(prefix.state, word);
  }
  return prefix;
}

Fingerprint SipHash::Identities::Of(const Prefix& source, std::string_view id) const {
  return hash_.Masked(Finish(source.state, id, source.bytes + id.size()));
}

Fingerprint SipHash::Identities::Of(std::string_view source, std::string_view id) {
  if (source.size() != source_bytes_ || std::memcmp(source.data(), source_, source.size()) != 0) {
    source_bytes_ = source.size();
    std::memcpy(source_, source.data(), source.size());
    prefix_ = PrefixOf(source);
  }
  return Of(prefix_, id);
}

}  // namespace tidemark::ingest
