#ifndef TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_POSITION_H_
#define TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_POSITION_H_

#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "services/catalog/observations/observation_index.h"
#include "services/catalog/types/dates.h"

namespace tidemark::catalog {

// Where a page of observations ended: after a cell, in the order of answers.
struct ObservationPosition {
  std::string series;
  std::string region;
  DaySpan days;
  // Which vintage, where every one is listed.
  int32_t published = 0;
  uint64_t created = 0;
  std::string vintage;

  friend auto operator<=>(const ObservationPosition&, const ObservationPosition&) = default;
};

// After all cells of a row.
inline constexpr DaySpan kEndOfRow = {std::numeric_limits<int32_t>::max(),
                                      std::numeric_limits<int32_t>::max()};

std::string EncodePosition(const ObservationPosition& position);
// Nothing when EncodePosition made no such text.
std::optional<ObservationPosition> DecodePosition(std::string_view text);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_OBSERVATIONS_OBSERVATION_POSITION_H_
