#include "common/redis/single_flight.h"

#include <algorithm>
#include <utility>

#include "common/base/clock.h"

namespace tidemark::redis {
namespace {

// Lands the flight however its leader leaves: those who wait must not hang on an exception that
// passes through.
template <typename F>
class OnExit {
 public:
  explicit OnExit(F f) : f_(std::move(f)) {}
  ~OnExit() { f_(); }

 private:
  F f_;
};

}  // namespace

std::shared_ptr<SingleFlight::Flight> SingleFlight::Join(const std::string& key, Role* role) {
  std::shared_ptr<Flight>& flight = flights_[key];
  *role = flight == nullptr ? Role::kLead : Role::kFollow;
  if (flight == nullptr) flight = std::make_shared<Flight>();
  return flight;
}

void SingleFlight::Land(const std::string& key, Flight* flight,
                        const absl::StatusOr<std::string>& value) {
  base::MutexLock lock(mutex_);
  flight->done = true;
  flight->ok = value.ok();
  if (value.ok()) flight->value = *value;
  flights_.erase(key);
  flight->changed.NotifyAll();
}

absl::StatusOr<Answer> SingleFlight::Do(std::string_view key_text, absl::Duration wait,
                                        Compute compute) {
  const std::string key(key_text);
  const base::SystemClock clock;
  const int64_t until =
      clock.MonotonicNanos() + absl::ToInt64Nanoseconds(std::min(wait, absl::Hours(24)));
  std::shared_ptr<Flight> flight;
  Role role = Role::kFollow;
  {
    base::MutexLock lock(mutex_);
    while (true) {
      flight = Join(key, &role);
      if (role == Role::kLead) break;
      ++waiting_;
      int64_t left = until - clock.MonotonicNanos();
      while (!flight->done && left > 0) {
        flight->changed.WaitFor(mutex_, absl::Nanoseconds(left));
        left = until - clock.MonotonicNanos();
      }
      --waiting_;
      if (flight->done && flight->ok) return Answer{flight->value, Origin::kShared};
      if (!flight->done) break;
    }
  }
  absl::StatusOr<std::string> value = absl::UnknownError("the computation did not return");
  {
    const OnExit land([&] {
      if (role == Role::kLead) Land(key, flight.get(), value);
    });
    value = compute();
  }
  if (!value.ok()) return value.status();
  return Answer{*std::move(value), Origin::kComputed};
}

size_t SingleFlight::in_flight() const {
  base::MutexLock lock(mutex_);
  return flights_.size();
}

size_t SingleFlight::waiting() const {
  base::MutexLock lock(mutex_);
  return waiting_;
}

absl::StatusOr<Answer> GetOrCompute(Cache& cache, SingleFlight& flight, std::string_view material,
                                    absl::Duration wait, SingleFlight::Compute compute) {
  bool from_cache = false;
  absl::StatusOr<Answer> answer = flight.Do(material, wait, [&]() -> absl::StatusOr<std::string> {
    if (std::optional<std::string> hit = cache.Get(material)) {
      from_cache = true;
      return *std::move(hit);
    }
    absl::StatusOr<std::string> value = compute();
    if (value.ok()) cache.Put(material, *value);
    return value;
  });
  if (answer.ok() && from_cache) answer->origin = Origin::kCache;
  return answer;
}

}  // namespace tidemark::redis
