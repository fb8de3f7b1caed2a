#include "services/catalog/api/observation_handlers.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/api/page_size.h"
#include "services/catalog/api/page_token.h"
#include "services/catalog/domain/catalog.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/observations/observation_compare.h"
#include "services/catalog/observations/observation_list.h"
#include "services/catalog/types/document_message.h"
#include "tidemark/catalog/v1/observation_reads.pb.h"

namespace tidemark::catalog {
namespace {

// Stands where a name must; never stored.
constexpr char kProposedName[] = "vintages/proposed";

// What must be the same on all pages, as text.
template <typename Request>
std::string PagesKey(std::string_view method, const Request& request) {
  Request same = request;
  same.clear_page_size();
  same.clear_page_token();
  return absl::StrCat(method, "/", CanonicalBytes(same));
}

absl::Status WrongToken() {
  return status::InvalidArgument(
      "page_token", "is not the next_page_token of this request; start again without one",
      "INVALID_PAGE_TOKEN");
}

absl::StatusOr<Decimal> ToleranceOf(const v1::CompareObservationsRequest& request) {
  if (!request.has_relative_tolerance()) return Decimal{};
  const std::string& text = request.relative_tolerance().value();
  const auto tolerance = ParseDecimal(text);
  if (!tolerance || tolerance->unscaled < 0 ||
      tolerance->AtFullScale() > Decimal{.unscaled = 1}.AtFullScale()) {
    return status::InvalidArgument(
        "relative_tolerance",
        absl::StrCat(Quoted(text), ", want a number of 0 to 1, such as 0.001"),
        "INVALID_TOLERANCE");
  }
  return *tolerance;
}

// The vintage that is to be applied, judged as it would be then.
absl::StatusOr<std::shared_ptr<const StatedVintage>> ProposedOf(const Catalog& catalog,
                                                                const v1::Vintage& vintage,
                                                                uint64_t version) {
  auto resource = std::make_shared<Resource>();
  resource->name = kProposedName;
  resource->content = DocumentOf(Type::kVintage, vintage);
  TM_RETURN_IF_ERROR(catalog.CheckProposed(*resource, "proposed"));
  // Once applied it has a name of its choice; a proposal has none.
  resource->name.clear();
  return StatedVintageOf(std::move(resource), version + 1);
}

// Both states, in the newest version where the request names none.
absl::StatusOr<ComparedStates> StatesOf(const Catalog& catalog,
                                        const v1::CompareObservationsRequest& request) {
  ComparedStates states;
  TM_ASSIGN_OR_RETURN(states.before, AsOfState(catalog, "before", request.before()));
  if (request.has_state()) {
    TM_ASSIGN_OR_RETURN(states.after, AsOfState(catalog, "state", request.state()));
  } else if (request.has_proposed()) {
    TM_ASSIGN_OR_RETURN(states.proposed,
                        ProposedOf(catalog, request.proposed(), catalog.head().version));
    if (!request.has_before()) states.before.day = states.proposed->published;
    states.after = states.before;
  } else {
    return status::InvalidArgument("state", "missing; want state or proposed", "MISSING_STATE");
  }
  TM_ASSIGN_OR_RETURN(states.tolerance, ToleranceOf(request));
  return states;
}

absl::StatusOr<ObservationQuery> ComparedQuery(const Catalog& catalog,
                                               const v1::CompareObservationsRequest& request,
                                               const ComparedStates& states) {
  const uint64_t version = std::max(states.before.version, states.after.version);
  if (request.has_filter() || states.proposed == nullptr) {
    return QueryOf(catalog, request.filter(), version);
  }
  ObservationQuery query;
  for (const auto& [series, statement] : StatementsOf(states.proposed)) {
    query.series.emplace_back(series);
  }
  std::sort(query.series.begin(), query.series.end());
  return query;
}

}  // namespace

absl::Status ObservationHandlers::List(const rpc::CallContext& call,
                                       const v1::ListObservationsRequest& request,
                                       v1::ListObservationsResponse* response) const {
  PageLimits limits;
  TM_ASSIGN_OR_RETURN(limits.page_size, PageSize(request.page_size(), 500, 5000));
  limits.cancelled = [&call] { return call.cancelled(); };
  TM_ASSIGN_OR_RETURN(AsOf state, AsOfState(*catalog_, "state", request.state()));
  const std::string pages_key = PagesKey("observations", request);
  std::optional<ObservationPosition> after;
  if (!request.page_token().empty()) {
    TM_ASSIGN_OR_RETURN(const PageToken token, DecodePageToken(request.page_token(), pages_key));
    TM_ASSIGN_OR_RETURN(state.version, catalog_->ResolveVersion(token.version));
    after = DecodePosition(token.position);
    if (!after) return WrongToken();
  }
  TM_ASSIGN_OR_RETURN(const ObservationQuery query,
                      QueryOf(*catalog_, request.filter(), state.version));
  TM_ASSIGN_OR_RETURN(
      ObservationPage page,
      ListObservations(*catalog_, *index_, query, state, request.every_vintage(), after, limits));
  for (v1::Observation& observation : page.observations) {
    response->add_observations()->Swap(&observation);
  }
  response->set_version(state.version);
  if (page.next) {
    response->set_next_page_token(
        EncodePageToken({state.version, EncodePosition(*page.next)}, pages_key));
  }
  return absl::OkStatus();
}

absl::Status ObservationHandlers::Compare(const rpc::CallContext& call,
                                          const v1::CompareObservationsRequest& request,
                                          v1::CompareObservationsResponse* response) const {
  PageLimits limits;
  TM_ASSIGN_OR_RETURN(limits.page_size, PageSize(request.page_size(), 500, 5000));
  limits.cancelled = [&call] { return call.cancelled(); };
  TM_ASSIGN_OR_RETURN(ComparedStates states, StatesOf(*catalog_, request));
  const std::string pages_key = PagesKey("compare", request);
  std::optional<ObservationPosition> after;
  if (!request.page_token().empty()) {
    TM_ASSIGN_OR_RETURN(PageToken token, DecodePageToken(request.page_token(), pages_key));
    // The version after, then the position.
    const size_t blank = token.position.find(' ');
    uint64_t after_version = 0;
    if (blank == std::string::npos ||
        !absl::SimpleAtoi(token.position.substr(0, blank), &after_version)) {
      return WrongToken();
    }
    TM_ASSIGN_OR_RETURN(states.before.version, catalog_->ResolveVersion(token.version));
    TM_ASSIGN_OR_RETURN(states.after.version, catalog_->ResolveVersion(after_version));
    after = DecodePosition(std::string_view(token.position).substr(blank + 1));
    if (!after) return WrongToken();
  }
  TM_ASSIGN_OR_RETURN(const ObservationQuery query, ComparedQuery(*catalog_, request, states));
  TM_ASSIGN_OR_RETURN(DifferencePage page,
                      CompareObservations(*catalog_, *index_, query, states, after, limits));
  for (v1::ObservationDifference& difference : page.differences) {
    response->add_differences()->Swap(&difference);
  }
  if (!after) {
    response->set_added(page.counts.added);
    response->set_revised(page.counts.revised);
    response->set_relabelled(page.counts.relabelled);
    response->set_removed(page.counts.removed);
    response->set_unchanged(page.counts.unchanged);
  }
  response->set_before_version(states.before.version);
  response->set_after_version(states.after.version);
  if (page.next) {
    const std::string position =
        absl::StrCat(states.after.version, " ", EncodePosition(*page.next));
    response->set_next_page_token(EncodePageToken({states.before.version, position}, pages_key));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::catalog
