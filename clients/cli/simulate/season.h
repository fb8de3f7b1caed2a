#ifndef TIDEMARK_CLIENTS_CLI_SIMULATE_SEASON_H_
#define TIDEMARK_CLIENTS_CLI_SIMULATE_SEASON_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace tidemark::simulate {

// When things are bought between two instants: more in November and December, before holidays
// in spring, at weekends and in the evening, hardly at night; a little more every month.
class Season {
 public:
  // Weights are by hours of the wall clock of `zone`. from_us < to_us.
  Season(int64_t from_us, int64_t to_us, absl::TimeZone zone);

  // The instant at which the share `position`, 0 to 1, of all purchases has happened; rising
  // with `position`.
  int64_t At(double position) const;

 private:
  const int64_t from_us_;
  const int64_t to_us_;
  // cumulative_[i]: share of purchases before hour i of the range.
  std::vector<double> cumulative_;
  // guide_[i]: last hour whose cumulative share is at most i / guide_.size().
  std::vector<uint32_t> guide_;
};

}  // namespace tidemark::simulate

#endif  // TIDEMARK_CLIENTS_CLI_SIMULATE_SEASON_H_
