#ifndef TIDEMARK_COMMON_REDIS_SINGLE_FLIGHT_H_
#define TIDEMARK_COMMON_REDIS_SINGLE_FLIGHT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/redis/cache.h"

namespace tidemark::redis {

enum class Origin { kComputed, kCache, kShared };

struct Answer {
  std::string value;
  // kShared: another caller of this process computed it at the same time.
  Origin origin = Origin::kComputed;
};

// SingleFlight: of the callers that want one key at the same time, one computes. One for each
// name space of keys.
//
//   SingleFlight flight;
//   absl::StatusOr<Answer> answer =
//       GetOrCompute(*cache, flight, material, absl::Seconds(5), [&] { return Compute(); });
//
// The one who computes hands its value to those who wait. Its failure is its own: it may be its
// deadline or its cancellation, so each of the others computes for itself (one after another
// becoming the one who computes). Thread-safe. Blocks while another computes, at most `wait`,
// after which the caller computes for itself.
class SingleFlight {
 public:
  using Compute = absl::FunctionRef<absl::StatusOr<std::string>()>;

  absl::StatusOr<Answer> Do(std::string_view key, absl::Duration wait, Compute compute);
  // Keys being computed now.
  size_t in_flight() const;
  // Callers waiting now.
  size_t waiting() const;

 private:
  struct Flight {
    bool done = false;
    // Meaningful when done.
    bool ok = false;
    std::string value;
    base::CondVar changed;
  };
  enum class Role { kLead, kFollow };

  // Takes part in the flight of `key`, or starts it (kLead).
  std::shared_ptr<Flight> Join(const std::string& key, Role* role)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Land(const std::string& key, Flight* flight, const absl::StatusOr<std::string>& value);

  mutable base::Mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<Flight>> flights_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
};

// The cached value, else what `compute` returns, which is then stored. Only the error of the
// caller's own `compute` is returned, never one of the cache.
absl::StatusOr<Answer> GetOrCompute(Cache& cache, SingleFlight& flight, std::string_view material,
                                    absl::Duration wait, SingleFlight::Compute compute);

}  // namespace tidemark::redis

#endif  // TIDEMARK_COMMON_REDIS_SINGLE_FLIGHT_H_
