#ifndef TIDEMARK_COMMON_REDIS_SINGLE_FLIGHT_H_
#define TIDEMARK_COMMON_REDIS_SINGLE_FLIGHT_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"

namespace tidemark::redis {

// SingleFlight: of the callers that want one key at the same time, one computes, and the others are
// called back with what it got; nobody holds a thread to wait. One for each name space of keys.
//
//   auto lead = flight.Join(key, bytes, [](SingleFlight::Value value) { ... });
//   if (!lead.ok()) return lead.status();        // too many wait
//   if (!lead->has_value()) return;              // the follower will be called
//   (*std::move(*lead)).Land(Compute());         // ours to compute
//
// Thread-safe; never blocks.
class SingleFlight {
 public:
  // The value, shared by all who get it, or why there is none; what was the leader's own fate
  // (CANCELLED) need not be the follower's. Never null.
  using Value = std::shared_ptr<const absl::StatusOr<std::string>>;
  // Called once, on the thread of the one who computes: must be quick and not block.
  using Follower = absl::AnyInvocable<void(Value value)>;

  // The duty to compute a key. Movable. Destroyed without landing it tells the followers CANCELLED.
  class Lead {
   public:
    Lead(Lead&& other) noexcept
        : flight_(std::exchange(other.flight_, nullptr)), key_(std::move(other.key_)) {}
    Lead& operator=(Lead&&) = delete;
    ~Lead();
    void Land(absl::StatusOr<std::string> value) &&;

   private:
    friend class SingleFlight;
    Lead(SingleFlight* flight, std::string key) : flight_(flight), key_(std::move(key)) {}
    SingleFlight* flight_;
    std::string key_;
  };

  // `max_bytes`: what may be held for followers, of all keys together.
  explicit SingleFlight(size_t max_bytes) : max_bytes_(max_bytes) {}

  // A lead: nobody computes the key, so the caller must; `follower` was dropped. None: somebody
  // does, and `follower`, which holds `bytes`, will be called. RESOURCE_EXHAUSTED: as many wait as
  // may.
  absl::StatusOr<std::optional<Lead>> Join(std::string_view key, size_t bytes, Follower follower);

  // Keys being computed now.
  size_t in_flight() const;
  // Callers waiting now.
  size_t waiting() const;

 private:
  struct Flight {
    std::vector<Follower> followers;
    size_t bytes = 0;
  };
  void Land(const std::string& key, absl::StatusOr<std::string> value);

  const size_t max_bytes_;
  mutable base::Mutex mutex_;
  absl::flat_hash_map<std::string, Flight> flights_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tidemark::redis

#endif  // TIDEMARK_COMMON_REDIS_SINGLE_FLIGHT_H_
