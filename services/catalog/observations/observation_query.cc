#include "services/catalog/observations/observation_query.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/check_fields.h"
#include "services/catalog/types/field_walk.h"

namespace tidemark::catalog {
namespace {

// Judges a message of a request by itself, as fields of resources are.
absl::Status CheckMessage(std::string_view field, const google::protobuf::Message& message) {
  Problems problems;
  Report report(&problems, -1, "", field);
  ForEachMessage(message, "", [&](const google::protobuf::Message& part, const std::string& path) {
    CheckFields(part, path, report);
    CheckValue(part, path, report);
  });
  return problems.ToStatus(absl::StatusCode::kInvalidArgument);
}

absl::Status CheckName(const Catalog& catalog, const std::string& field, const std::string& name,
                       std::initializer_list<std::string_view> collections, uint64_t version) {
  const bool fits = std::any_of(collections.begin(), collections.end(),
                                [&](std::string_view prefix) { return name.starts_with(prefix); });
  if (!fits) {
    return status::InvalidArgument(
        field, absl::StrCat(Quoted(name), ", want ", *collections.begin(), "ID"), "INVALID_NAME");
  }
  return catalog.Get(field, name, version).status();
}

absl::Status CheckNames(const Catalog& catalog, std::string_view field,
                        const google::protobuf::RepeatedPtrField<std::string>& names,
                        std::initializer_list<std::string_view> collections, uint64_t version) {
  for (int i = 0; i < names.size(); ++i) {
    TM_RETURN_IF_ERROR(CheckName(catalog, absl::StrCat("filter.", field, "[", i, "]"), names[i],
                                 collections, version));
  }
  return absl::OkStatus();
}

std::vector<std::string> Sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

absl::StatusOr<ObservationQuery> QueryOf(const Catalog& catalog,
                                         const v1::ObservationFilter& filter, uint64_t version) {
  TM_RETURN_IF_ERROR(CheckMessage("filter", filter));
  if (filter.series().empty() == filter.indicator().empty()) {
    return status::InvalidArgument(
        "filter", "want either series or an indicator, such as series: [observationSeries/ID]",
        "INVALID_FILTER");
  }
  TM_RETURN_IF_ERROR(
      CheckNames(catalog, "series", filter.series(), {"observationSeries/"}, version));
  TM_RETURN_IF_ERROR(
      CheckNames(catalog, "regions", filter.regions(), {"regions/", "regionGroups/"}, version));
  ObservationQuery query;
  query.series.assign(filter.series().begin(), filter.series().end());
  if (!filter.indicator().empty()) {
    TM_RETURN_IF_ERROR(
        CheckName(catalog, "filter.indicator", filter.indicator(), {"indicators/"}, version));
    // A series cannot change its indicator once there are cells of it, so the newest ones are those
    // of every version.
    query.series = catalog.Referrers(Type::kObservationSeries, filter.indicator());
  }
  query.series = Sorted(std::move(query.series));
  query.regions = Sorted({filter.regions().begin(), filter.regions().end()});
  if (filter.has_first()) query.cells.first = SpanOf(filter.first()).first;
  if (filter.has_last()) query.cells.end = SpanOf(filter.last()).end;
  for (const int grain : filter.grains()) query.cells.grains |= uint32_t{1} << grain;
  query.cells.cumulative = filter.cumulative();
  return query;
}

absl::StatusOr<AsOf> AsOfState(const Catalog& catalog, std::string_view field,
                               const v1::ObservationState& state) {
  TM_RETURN_IF_ERROR(CheckMessage(field, state));
  AsOf as_of;
  if (state.has_as_of()) as_of.day = DayNumber(FromProto(state.as_of()));
  const auto version = catalog.ResolveVersion(state.version());
  if (!version.ok()) return status::Prefixed(field, version.status());
  as_of.version = *version;
  return as_of;
}

}  // namespace tidemark::catalog
