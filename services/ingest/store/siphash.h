#ifndef TIDEMARK_SERVICES_INGEST_STORE_SIPHASH_H_
#define TIDEMARK_SERVICES_INGEST_STORE_SIPHASH_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "services/ingest/domain/log_store.h"

namespace tidemark::ingest {

using Fingerprint = AppendBatch::Fingerprint;

// SipHash-2-4 with 128 bits of output (Aumasson, Bernstein): the keyed hash of identities. With
// the key secret nobody can look for two ids that share a fingerprint.
class SipHash {
 public:
  // `mask` is applied to both halves of every result; for tests that want collisions.
  explicit SipHash(const std::array<uint8_t, 16>& key, uint64_t mask = UINT64_MAX);

  // As the reference's siphash(message, key, 16 bytes): `low` is the first half, little-endian.
  Fingerprint Hash(std::string_view message) const;

  // The fingerprint of (source, id): Hash(length of source as one byte ‖ source ‖ zeros up to a
  // multiple of 8 ‖ id). Equal for two pairs only by a collision. `source` has at most 255 bytes.
  class Identities {
   public:
    // What comes of a source, for all of its ids; none has 0 bytes.
    struct Prefix {
      std::array<uint64_t, 4> state;
      uint64_t bytes = 0;
    };

    explicit Identities(const SipHash& hash) : hash_(hash) {}
    Prefix PrefixOf(std::string_view source) const;
    Fingerprint Of(const Prefix& source, std::string_view id) const;
    // Remembers the source, which is mostly that of the event before.
    Fingerprint Of(std::string_view source, std::string_view id);
    // Of a transaction number: as the event `id` of a source that no source can be named like, the
    // byte 1 and `scheme`, which has at most 254 bytes.
    Fingerprint OfTransaction(std::string_view scheme, std::string_view id);

   private:
    const SipHash& hash_;
    Prefix prefix_ = {};
    char source_[256] = {};
    size_t source_bytes_ = SIZE_MAX;
  };

 private:
  Fingerprint Masked(Fingerprint f) const { return {f.low & mask_, f.high & mask_}; }

  std::array<uint64_t, 4> initial_;
  const uint64_t mask_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_SIPHASH_H_
