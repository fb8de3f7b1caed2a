#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_OPEN_CODES_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_OPEN_CODES_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "common/base/huge_array.h"
#include "common/base/mutex.h"
#include "common/base/text_hash.h"

namespace tidemark::ingest {

// The open code lists.
enum class OpenList : uint8_t {
  kProduct = 0,
  kProvider = 1,
  kPaymentMethod = 2,
  kAgeBand = 3,
  kIncomeBand = 4,
};
inline constexpr int kOpenListCount = 5;

// Which open codes each source has used, and how many new ones of each list it brought today: a
// broken exporter that makes every row its own product is stopped at the source's cap instead of
// growing every dictionary downstream.
//
//   const uint64_t source = codes.SourceKey("shop-1");
//   const uint64_t code = codes.CodeKey(source, OpenList::kProduct, "p7");
//   if (!codes.Admit(source, OpenList::kProduct, code, day, cap, /*dry_run=*/false)) ...
//
// Codes are kept as seeded 64-bit hashes: a collision lets one code in uncounted, no more. The
// count of a day starts again at zero when the service does. Thread-safe; a known code takes no
// lock.
class OpenCodes {
 public:
  OpenCodes() : OpenCodes(base::TextHash()) {}
  // With another's hash, to take over what it knows (LearnKeys).
  explicit OpenCodes(const base::TextHash& hash);
  ~OpenCodes();

  const base::TextHash& hash() const { return hash_; }

  // What stands for a source in the calls below; depends on hash().
  uint64_t SourceKey(std::string_view source) const { return hash_(source); }

  // What stands for a code of a source in Admit.
  uint64_t CodeKey(uint64_t source, OpenList list, std::string_view code) const {
    return KeyOf(source, list, hash_(code));
  }
  // The same, of hash()(code).
  static uint64_t KeyOf(uint64_t source, OpenList list, uint64_t code_hash) {
    // Two hashes already; the odd factor keeps the lists of a source apart.
    const uint64_t key =
        code_hash ^ (source + static_cast<uint64_t>(list)) * uint64_t{0x9E3779B97F4A7C15};
    return key == 0 ? 1 : key;
  }
  // Fetches the memory that Admit will look at: the table is large and read all over. Inlined by
  // force: gcc takes a function that only prefetches for one without effect, and drops the calls.
  __attribute__((always_inline)) void Prefetch(uint64_t code_key) const {
    const Table& table = *table_.load(std::memory_order_acquire);
    __builtin_prefetch(&table.slots[code_key & table.mask]);
  }

  // True when the code is known or may be added now; adds it unless `dry_run`. `day`: number of
  // the day of acceptance (UTC); `cap`: most new codes of that list, source and day.
  bool Admit(uint64_t source, OpenList list, uint64_t code_key, int64_t day, uint32_t cap,
             bool dry_run);

  // Codes of the log, while it is read at start: known, and not counted as new.
  void Learn(uint64_t source, OpenList list, std::string_view code);

  // CodeKey of every known code, in no order; and learns them all, from an object of the same
  // hash().
  std::vector<uint64_t> Keys() const;
  void LearnKeys(std::span<const uint64_t> keys);

  size_t size() const;

 private:
  // Open addressing; 0 is free. Slots only fill up, so readers need no lock; a full table is
  // replaced by one twice as large and kept for readers that still look at it.
  struct Table {
    explicit Table(size_t size)
        : mask(size - 1), slots(base::MakeHugeArray<std::atomic<uint64_t>>(size)) {}
    size_t size() const { return mask + 1; }
    std::span<const std::atomic<uint64_t>> all() const { return {slots.get(), size()}; }
    const size_t mask;
    const base::HugeArray<std::atomic<uint64_t>> slots;
  };
  struct Day {
    int64_t day = 0;
    uint32_t new_codes = 0;
  };

  static bool Holds(const Table& table, uint64_t hash);
  static void Put(Table& table, uint64_t hash);
  void Insert(uint64_t hash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const base::TextHash hash_;
  std::atomic<Table*> table_;
  mutable base::Mutex mutex_;
  // The last one is table_.
  std::vector<std::unique_ptr<Table>> tables_ ABSL_GUARDED_BY(mutex_);
  size_t size_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::pair<uint64_t, OpenList>, Day> days_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_OPEN_CODES_H_
