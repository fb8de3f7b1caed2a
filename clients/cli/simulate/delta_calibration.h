#ifndef TIDEMARK_CLIENTS_CLI_SIMULATE_DELTA_CALIBRATION_H_
#define TIDEMARK_CLIENTS_CLI_SIMULATE_DELTA_CALIBRATION_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"

namespace tidemark::simulate {

// The money of an event, as calibration sees it.
struct CalibratedLine {
  // In fen; above 0, or 0: no money.
  int64_t amount = 0;
  bool refund = false;
  // Refunds: place of the purchase that it gives back a part of; kUnlinked: of none.
  uint32_t original = 0;
  // How much of it, in per cent, below 100.
  uint8_t refunded_percent = 0;
  // Which level of amounts it follows, and which total it counts in; kNoTotal: in none.
  uint8_t level = 0;
  uint8_t total = 0;
};
inline constexpr uint32_t kUnlinked = UINT32_MAX;
inline constexpr uint8_t kNoTotal = UINT8_MAX;

// Purchases less refunds of a total's lines, in fen. The first total of a level sets it: all lines
// of the level are scaled by what this total asks for ÷ what its lines have.
struct CalibratedTotal {
  int64_t net;
  uint8_t level;
};

// Changes the amounts so that every total comes out to the fen: lines are scaled, refunds follow
// their purchases, and purchases of a total that nothing is given back of share what is left
// (Apportion). Originals stand before their refunds. INVALID_ARGUMENT when a total has too few or
// too many lines for that.
absl::Status Calibrate(const std::vector<CalibratedTotal>& totals,
                       std::vector<CalibratedLine>& lines);

}  // namespace tidemark::simulate

#endif  // TIDEMARK_CLIENTS_CLI_SIMULATE_DELTA_CALIBRATION_H_
