#include "services/catalog/api/grant_handlers.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/access/rpc_access.h"
#include "clients/cpp/grants/grant_decision.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/domain/catalog.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/domain/use_book.h"
#include "services/catalog/types/document_message.h"
#include "tidemark/catalog/v1/grant_use.pb.h"
#include "tidemark/catalog/v1/rights.pb.h"

namespace tidemark::catalog {
namespace {

struct Candidate {
  std::string name;
  v1::Grant grant;
  uint64_t used = 0;

  grants::GrantTerms Terms() const {
    uint32_t purposes = 0;
    for (const int purpose : grant.purposes()) purposes |= uint32_t{1} << purpose;
    return {.id = std::string_view(name).substr(name.find('/') + 1),
            .purposes = purposes,
            .start_us = grant.start_time_us(),
            .end_us = grant.end_time_us(),
            .revoked = grant.has_revocation(),
            .allowance = grant.allowance(),
            .used = used};
  }
};

absl::Status CheckGrantee(const rpc::Caller& caller, const std::string& grantee) {
  if (grantee.empty() || grantee == caller.acts_for || access::MaySeeGrants(caller)) {
    return absl::OkStatus();
  }
  return status::WithReason(
      absl::PermissionDeniedError(absl::StrCat(
          "the token acts for ",
          caller.acts_for.empty() ? "no organisation" : std::string_view(caller.acts_for),
          "; grants of others are shown to the roles steward, auditor, admin and service only")),
      "GRANTS_HIDDEN");
}

absl::Status WrongName(std::string_view field, const std::string& name, std::string_view wanted) {
  return status::InvalidArgument(field, absl::StrCat(Quoted(name), ", want ", wanted),
                                 "INVALID_NAME");
}

absl::StatusOr<std::vector<Candidate>> GrantsOf(const Catalog& catalog, UseBook& uses,
                                                const std::string& grantee,
                                                const std::string& asset, uint64_t version) {
  std::vector<Candidate> found;
  for (const std::string& name : catalog.Referrers(Type::kGrant, grantee)) {
    TM_ASSIGN_OR_RETURN(const ResourcePtr resource, catalog.FindAt(name, version));
    if (resource == nullptr) continue;
    auto grant = MessageIn<v1::Grant>(*resource);
    if (!grant || grant->asset() != asset || grant->grantee() != grantee) continue;
    TM_ASSIGN_OR_RETURN(const uint64_t used, uses.TotalOf(name));
    found.push_back({name, *std::move(grant), used});
  }
  return found;
}

absl::StatusOr<bool> IsShared(const Catalog& catalog, const std::string& asset, uint64_t version) {
  TM_ASSIGN_OR_RETURN(const ResourcePtr resource, catalog.FindAt(asset, version));
  if (resource == nullptr) return false;
  const auto message = MessageIn<v1::DataAsset>(*resource);
  return message && message->state() == v1::ASSET_STATE_ACTIVE;
}

}  // namespace

absl::Status GrantHandlers::Check(const rpc::CallContext& call,
                                  const v1::CheckGrantRequest& request,
                                  v1::CheckGrantResponse* response) const {
  TM_RETURN_IF_ERROR(CheckGrantee(call.caller, request.grantee()));
  const auto asset = ParseName(request.asset());
  if (!asset || asset->type != Type::kDataAsset) {
    return WrongName("asset", request.asset(), "dataAssets/ID");
  }
  if (!type::v1::Purpose_IsValid(request.purpose()) ||
      request.purpose() == type::v1::PURPOSE_UNSPECIFIED) {
    return status::InvalidArgument("purpose", "missing or unknown; want one such as RESEARCH",
                                   "INVALID_PURPOSE");
  }
  const uint64_t version = catalog_->head().version;
  const std::string& grantee = request.grantee().empty() ? call.caller.acts_for : request.grantee();
  if (!request.grantee().empty()) {
    const auto name = ParseName(grantee);
    if (!name || (name->type != Type::kOrganisation && name->type != Type::kProvider)) {
      return WrongName("grantee", grantee, "organisations/ID or providers/ID");
    }
    TM_RETURN_IF_ERROR(catalog_->Get("grantee", grantee, version).status());
  }
  response->set_version(version);
  std::vector<Candidate> found;
  grants::GrantDecision decision;
  TM_ASSIGN_OR_RETURN(const bool shared, IsShared(*catalog_, request.asset(), version));
  if (!shared) {
    decision.refusal = grants::Refusal::kAssetNotShared;
  } else if (!grantee.empty()) {
    TM_ASSIGN_OR_RETURN(found, GrantsOf(*catalog_, *uses_, grantee, request.asset(), version));
    std::vector<grants::GrantTerms> terms;
    for (const Candidate& candidate : found) terms.push_back(candidate.Terms());
    decision = grants::DecideGrant(terms, request.purpose(), clock_->NowMicros());
  }
  response->set_allowed(decision.refusal == grants::Refusal::kNone);
  std::string_view id;
  if (decision.grant >= 0) {
    const Candidate& candidate = found[decision.grant];
    id = candidate.Terms().id;
    response->set_grant(candidate.name);
    *response->mutable_terms() = candidate.grant;
    response->set_units_used(candidate.used);
    const uint64_t allowance = candidate.grant.allowance();
    if (allowance > 0) {
      response->set_units_left(allowance - std::min(allowance, candidate.used));
    }
  }
  response->set_reason(std::string(grants::ReasonOf(decision.refusal)));
  response->set_message(grants::RefusalText(decision.refusal, request.asset(), grantee, id));
  return absl::OkStatus();
}

}  // namespace tidemark::catalog
