#include "services/catalog/observations/observation_position.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tidemark::catalog {

// Names hold no blanks.
std::string EncodePosition(const ObservationPosition& position) {
  return absl::StrCat(position.series, " ", position.region, " ", position.days.first, " ",
                      position.days.end, " ", position.published, " ", position.created, " ",
                      position.vintage);
}

std::optional<ObservationPosition> DecodePosition(std::string_view text) {
  const std::vector<std::string_view> parts = absl::StrSplit(text, ' ');
  ObservationPosition position;
  if (parts.size() != 7 || !absl::SimpleAtoi(parts[2], &position.days.first) ||
      !absl::SimpleAtoi(parts[3], &position.days.end) ||
      !absl::SimpleAtoi(parts[4], &position.published) ||
      !absl::SimpleAtoi(parts[5], &position.created)) {
    return std::nullopt;
  }
  position.series = std::string(parts[0]);
  position.region = std::string(parts[1]);
  position.vintage = std::string(parts[6]);
  return position;
}

}  // namespace tidemark::catalog
