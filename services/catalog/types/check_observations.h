#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_OBSERVATIONS_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_OBSERVATIONS_H_

#include <span>
#include <string>

#include "services/catalog/domain/document_rules.h"
#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/problems.h"
#include "tidemark/catalog/v1/observations.pb.h"

namespace tidemark::catalog {

// A part of consumers or consumption, whichever type holds it.
void CheckSlice(const v1::Slice& slice, const std::string& path, Report& report);

// Rules of official figures between fields (observations.proto).
void CheckSeries(const v1::ObservationSeries& series, Report& report);
void CheckVintage(const v1::Vintage& vintage, Report& report);

// Beside what they refer to, all of which exists in `after`.
void CheckSeriesTogether(const v1::ObservationSeries& series, const ResourceLookup& after,
                         Report& report);
void CheckVintageTogether(const v1::Vintage& vintage, const ResourceLookup& after, Report& report);

void CheckVintageChange(const v1::Vintage& before, const v1::Vintage& after, Report& report);

// Of all series that a request changes: what is fixed once a vintage states a cell, and that no two
// could serve as the same denominator. Costs a pass over all series when one that changes is a
// denominator.
void CheckChangedSeries(std::span<const Change> changes, const NewestState& before,
                        const ResourceLookup& after, Problems& problems);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_CHECK_OBSERVATIONS_H_
