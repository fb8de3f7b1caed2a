#ifndef TIDEMARK_COMMON_BASE_TOKEN_BUCKETS_H_
#define TIDEMARK_COMMON_BASE_TOKEN_BUCKETS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/mutex.h"

namespace tidemark::base {

// Token buckets by name: each fills at its rate up to its burst, and is full when nobody has taken
// from it yet. All that is kept of one is when it will be full again.
//
//   if (auto refused = buckets.TryTake({{"shop-1", 500, /*per_second=*/100, /*burst=*/1000}}, now))
//     return TryAgainIn(refused->wait);
//
// Thread-safe; never blocks.
class TokenBuckets {
 public:
  struct Take {
    std::string_view name;
    uint64_t count = 0;
    // Neither is 0.
    uint64_t per_second = 0;
    uint64_t burst = 0;
  };
  // What is lacking: the take that has to wait longest, and how long, if nobody else takes
  // meanwhile. A take above its burst never fits, whatever `wait` says.
  struct Refusal {
    size_t index = 0;
    absl::Duration wait;
  };

  // Takes from all buckets or from none. `now_us` is a clock's time in microseconds; when it goes
  // back a bucket is empty at worst, never more than that.
  std::optional<Refusal> TryTake(absl::Span<const Take> takes, int64_t now_us);
  // The bucket will be full at this time, as somebody else says who keeps it, too.
  void SetFullAt(std::string_view name, double full_at_us);

 private:
  Mutex mutex_;
  absl::flat_hash_map<std::string, double> full_at_us_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_TOKEN_BUCKETS_H_
