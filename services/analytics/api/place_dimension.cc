#include "services/analytics/api/place_dimension.h"

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/analytics/query/vocabulary.h"

namespace tidemark::analytics {

absl::StatusOr<v1::Dimension> PlaceOf(const v1::Dimension& asked) {
  v1::Dimension place = asked;
  if (place.name().empty()) place.set_name("consumer_region");
  const DimensionWord* const word = FindDimension(place.name());
  if (word == nullptr || word->codes != CodeKind::kRegions) {
    return status::InvalidArgument(
        "place.name",
        absl::StrCat("`", place.name(),
                     "` is no place; want consumer_region, provider_region or place_of_use"),
        "UNKNOWN_DIMENSION");
  }
  return place;
}

}  // namespace tidemark::analytics
