#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_BOUNDARIES_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_BOUNDARIES_H_

#include <cstdint>
#include <optional>

#include "clients/cpp/catalog/catalog_view.h"
#include "services/analytics/query/vocabulary.h"

namespace tidemark::analytics {

// Boundaries: as which region or category a recorded one counts. Regions that were replaced or
// merged whole up to a fixed moment count as what took them over; without a moment every code stays
// itself. Refers to the view.
class Boundaries {
 public:
  Boundaries(const catalog_client::CatalogView& view, std::optional<int64_t> fixed_us)
      : view_(view), fixed_us_(fixed_us) {}

  bool fixed() const { return fixed_us_.has_value(); }
  // When memberships of groups are asked about for what happened at `time_us`.
  int64_t MembersAt(int64_t time_us) const { return fixed_us_.value_or(time_us); }

  // By the code of an event; kNone: the catalog does not have it.
  catalog_client::Ordinal Find(CodeKind kind, std::string_view code) const;
  // The region that a region counts as; kNone stays kNone.
  catalog_client::Ordinal Of(catalog_client::Ordinal region) const;
  // The ancestor, or itself, at a level of the dimension's; kNone: there is none.
  catalog_client::Ordinal AtLevel(CodeKind kind, catalog_client::Ordinal ordinal, int level) const;
  catalog_client::Ordinal AtLevel(catalog_client::Ordinal region,
                                  catalog_client::RegionLevel level) const;
  // The next region above, as it counts; kNone: there is none.
  catalog_client::Ordinal Above(catalog_client::Ordinal region) const;

 private:
  const catalog_client::CatalogView& view_;
  const std::optional<int64_t> fixed_us_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_BOUNDARIES_H_
