#include "clients/cli/simulate/delta_calibration.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/simulate/apportion.h"

namespace tidemark::simulate {
namespace {

int64_t Signed(const CalibratedLine& line) { return line.refund ? -line.amount : line.amount; }

bool IsLinked(const CalibratedLine& line) { return line.refund && line.original != kUnlinked; }

// At least 1: an amount never becomes none.
int64_t Scaled(int64_t amount, absl::int128 numerator, int64_t denominator) {
  return std::max<int64_t>(1, static_cast<int64_t>(numerator * amount / denominator));
}

absl::Status Unfit(uint64_t total) {
  return absl::InvalidArgumentError(
      absl::StrCat("the events cannot add up to published total ", total + 1,
                   ": too few or too many fall into it; want another number of events"));
}

void FollowPurchases(std::vector<CalibratedLine>& lines) {
  for (CalibratedLine& line : lines) {
    if (IsLinked(line)) {
      line.amount = Scaled(lines[line.original].amount, line.refunded_percent, 100);
    }
  }
}

}  // namespace

absl::Status Calibrate(const std::vector<CalibratedTotal>& totals,
                       std::vector<CalibratedLine>& lines) {
  FollowPurchases(lines);
  std::vector<int64_t> drawn(totals.size());
  std::vector<bool> given_back(lines.size());
  for (const CalibratedLine& line : lines) {
    if (line.total != kNoTotal) drawn[line.total] += Signed(line);
    if (IsLinked(line)) given_back[line.original] = true;
  }
  // By level, the total that sets it.
  std::map<uint8_t, size_t> setters;
  for (size_t total = 0; total < totals.size(); ++total) {
    if (!setters.try_emplace(totals[total].level, total).second) continue;
    if (drawn[total] <= 0) return Unfit(total);
  }
  for (CalibratedLine& line : lines) {
    const auto setter = setters.find(line.level);
    if (line.amount == 0 || setter == setters.end()) continue;
    line.amount = Scaled(line.amount, totals[setter->second].net, drawn[setter->second]);
  }
  FollowPurchases(lines);

  std::vector<int64_t> left;
  for (const CalibratedTotal& total : totals) left.push_back(total.net);
  std::vector<std::vector<uint32_t>> free(totals.size());
  for (uint32_t place = 0; place < lines.size(); ++place) {
    const CalibratedLine& line = lines[place];
    if (line.total == kNoTotal || line.amount == 0) continue;
    if (line.refund || given_back[place]) {
      left[line.total] -= Signed(line);
    } else {
      free[line.total].push_back(place);
    }
  }
  for (size_t total = 0; total < totals.size(); ++total) {
    std::vector<int64_t> weights;
    for (const uint32_t place : free[total]) weights.push_back(lines[place].amount);
    const std::optional<std::vector<int64_t>> parts = Apportion(weights, left[total]);
    if (!parts) return Unfit(total);
    for (size_t i = 0; i < parts->size(); ++i) lines[free[total][i]].amount = (*parts)[i];
  }
  return absl::OkStatus();
}

}  // namespace tidemark::simulate
