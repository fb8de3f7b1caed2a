#ifndef TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_ENTRY_H_
#define TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_ENTRY_H_

#include <compare>
#include <cstdint>

#include "services/ingest/store/siphash.h"

namespace tidemark::ingest {

// What is remembered of an identity: 88 bits of its fingerprint and its leaf. Ordered by
// fingerprint, then leaf; stored as it is (docs/formats/identity-run.md).
struct IdentityEntry {
  uint64_t low = 0;
  uint64_t high_and_leaf = 0;  // 24 bits of the fingerprint, 40 of the leaf

  static IdentityEntry Of(const Fingerprint& key, uint64_t leaf) {
    return {key.low, key.high << 40 | leaf};
  }
  uint64_t high() const { return high_and_leaf >> 40; }
  uint64_t leaf() const { return high_and_leaf & ((uint64_t{1} << 40) - 1); }
  Fingerprint key() const { return {low, high()}; }
  bool Is(const Fingerprint& key) const {
    return low == key.low && high() == (key.high & 0xFFFFFF);
  }

  auto operator<=>(const IdentityEntry&) const = default;
};
static_assert(sizeof(IdentityEntry) == 16);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_ENTRY_H_
