#ifndef TIDEMARK_SERVICES_INGEST_STORE_WAITING_REFUNDS_H_
#define TIDEMARK_SERVICES_INGEST_STORE_WAITING_REFUNDS_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/ingest/store/siphash.h"

namespace tidemark::ingest {

// Linked refunds whose original is not in the log yet, by the original's fingerprint. Not
// thread-safe.
class WaitingRefunds {
 public:
  // What one takes that waits for an original of its own, in a map that has just grown.
  static constexpr size_t kBytesEach = 128;

  // `max_bytes` says when it is full(); Add() takes more all the same.
  explicit WaitingRefunds(size_t max_bytes = SIZE_MAX)
      : max_refunds_(max_bytes / kBytesEach), filter_(kFilterBits / 64) {}

  bool full() const { return refunds_ >= max_refunds_; }

  // False: nothing waits for `original`. Cheap: asked for every event.
  bool MayWaitFor(const Fingerprint& original) const {
    return refunds_ > 0 && (filter_[WordOf(original)] & BitOf(original)) != 0;
  }
  size_t CountFor(const Fingerprint& original) const;
  void Add(const Fingerprint& original, uint64_t refund_leaf);
  // The leaves that wait for `original`, ascending; they wait no longer.
  std::vector<uint64_t> Take(const Fingerprint& original);
  // Undoes the last Add of `original`.
  void RemoveLast(const Fingerprint& original);

  size_t size() const { return refunds_; }

 private:
  static constexpr uint64_t kFilterBits = uint64_t{1} << 20;
  static size_t WordOf(const Fingerprint& f) { return (f.high >> 30) % (kFilterBits / 64); }
  static uint64_t BitOf(const Fingerprint& f) { return uint64_t{1} << (f.high >> 58); }

  const size_t max_refunds_;
  // Bits are cleared only when nothing waits at all.
  std::vector<uint64_t> filter_;
  absl::flat_hash_map<Fingerprint, std::vector<uint64_t>> by_original_;
  size_t refunds_ = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_WAITING_REFUNDS_H_
