#include "clients/cpp/grants/grant_checker.h"

#include <utility>
#include <vector>

#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::grants {
namespace {

using catalog_client::CatalogView;
using catalog_client::DataAsset;
using catalog_client::Grant;

constexpr std::string_view kAssetPrefix = "dataAssets/";

absl::Status Retryable(std::string_view message, std::string_view reason) {
  return status::WithRetryAfter(status::WithReason(absl::UnavailableError(message), reason),
                                absl::Seconds(1));
}

absl::Status Refused(Refusal refusal, std::string_view asset, std::string_view grantee,
                     std::string_view grant) {
  const std::string text = RefusalText(refusal, asset, grantee, grant);
  if (refusal == Refusal::kUseNotKnown) return Retryable(text, ReasonOf(refusal));
  return status::WithReason(absl::PermissionDeniedError(text), ReasonOf(refusal));
}

// Grants of one asset to one grantee are few; in each round one more has been used up.
constexpr int kMaxRounds = 3;

}  // namespace

absl::StatusOr<PermittedUse> GrantChecker::Permit(std::string_view asset_name,
                                                  std::string_view grantee, int purpose,
                                                  uint64_t units) const {
  if (options_.age() > options_.max_age) {
    return Retryable(
        "the catalog has not been heard for too long, so the grant may have been revoked "
        "meanwhile; check that the catalog service runs, then try again",
        "GRANTS_STALE");
  }
  PermittedUse permitted{.view = options_.view()};
  const CatalogView& view = *permitted.view;
  const bool named = asset_name.starts_with(kAssetPrefix);
  const std::string_view id = named ? asset_name.substr(kAssetPrefix.size()) : "";
  permitted.asset = view.assets().Find(id);
  if (permitted.asset == nullptr || permitted.asset->state != catalog_client::AssetState::kActive) {
    return Refused(Refusal::kAssetNotShared, asset_name, grantee, "");
  }
  const int64_t now_us = options_.clock->NowMicros();
  const auto* observatory = view.observatory();
  const absl::TimeZone zone = observatory == nullptr ? absl::UTCTimeZone() : observatory->time_zone;
  const absl::CivilDay today = absl::ToCivilDay(absl::FromUnixMicros(now_us), zone);
  const absl::Span<const catalog_client::Ordinal> found = view.GrantsOf(id, grantee);
  GrantDecision decision;
  for (int round = 0; round < kMaxRounds; ++round) {
    std::vector<GrantTerms> terms;
    terms.reserve(found.size());
    for (const catalog_client::Ordinal ordinal : found) {
      const Grant& grant = view.grants()[ordinal];
      terms.push_back({grant.id, grant.purposes, grant.start_us, grant.end_us, grant.revoked,
                       grant.allowance, options_.meter->Used(grant.id)});
    }
    decision = DecideGrant(terms, static_cast<uint32_t>(purpose), now_us);
    if (decision.refusal != Refusal::kNone) break;
    permitted.grant = &view.grants()[found[decision.grant]];
    TM_ASSIGN_OR_RETURN(
        auto use, options_.meter->Reserve(permitted.grant->id, permitted.grant->allowance, today,
                                          purpose, units));
    if (use) {
      permitted.use = *std::move(use);
      return permitted;
    }
    // Somebody took the last of it meanwhile.
    decision.refusal = Refusal::kExhausted;
  }
  const std::string_view grant =
      decision.grant < 0 ? "" : std::string_view(view.grants()[found[decision.grant]].id);
  return Refused(decision.refusal, asset_name, grantee, grant);
}

}  // namespace tidemark::grants
