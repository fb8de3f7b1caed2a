#include "common/redis/single_flight.h"

#include "absl/strings/str_cat.h"

namespace tidemark::redis {

SingleFlight::Lead::~Lead() {
  if (flight_ == nullptr) return;
  flight_->Land(key_, absl::CancelledError("the computation was given up"));
}

void SingleFlight::Lead::Land(absl::StatusOr<std::string> value) && {
  std::exchange(flight_, nullptr)->Land(key_, std::move(value));
}

absl::StatusOr<std::optional<SingleFlight::Lead>> SingleFlight::Join(std::string_view key_text,
                                                                     size_t bytes,
                                                                     Follower follower) {
  std::string key(key_text);
  base::MutexLock lock(mutex_);
  const auto [flight, first] = flights_.try_emplace(key);
  if (first) return std::optional<Lead>(Lead(this, std::move(key)));
  if (bytes_ + bytes > max_bytes_) {
    return absl::ResourceExhaustedError(
        absl::StrCat(waiting_, " callers wait for what others compute; ask again"));
  }
  ++waiting_;
  bytes_ += bytes;
  flight->second.bytes += bytes;
  flight->second.followers.push_back(std::move(follower));
  return std::optional<Lead>();
}

void SingleFlight::Land(const std::string& key, absl::StatusOr<std::string> value) {
  Flight landed;
  {
    base::MutexLock lock(mutex_);
    const auto flight = flights_.find(key);
    landed = std::move(flight->second);
    flights_.erase(flight);
    waiting_ -= landed.followers.size();
    bytes_ -= landed.bytes;
  }
  if (landed.followers.empty()) return;
  const auto shared = std::make_shared<const absl::StatusOr<std::string>>(std::move(value));
  // Outside the lock: a follower may join again.
  for (Follower& follower : landed.followers) follower(shared);
}

size_t SingleFlight::in_flight() const {
  base::MutexLock lock(mutex_);
  return flights_.size();
}

size_t SingleFlight::waiting() const {
  base::MutexLock lock(mutex_);
  return waiting_;
}

}  // namespace tidemark::redis
