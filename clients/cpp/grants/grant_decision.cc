#include "clients/cpp/grants/grant_decision.h"

#include <array>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace tidemark::grants {
namespace {

// The last word that is true of the grant; kNone: it holds.
Refusal Judge(const GrantTerms& grant, uint32_t purpose, int64_t now_us) {
  if (purpose == 0 || purpose >= 32 || (grant.purposes & (uint32_t{1} << purpose)) == 0) {
    return Refusal::kPurpose;
  }
  const bool bounded = grant.allowance > 0;
  if (bounded && grant.used && *grant.used >= grant.allowance) return Refusal::kExhausted;
  if (grant.revoked) return Refusal::kRevoked;
  if (now_us >= grant.end_us) return Refusal::kEnded;
  if (now_us < grant.start_us) return Refusal::kNotBegun;
  return bounded && !grant.used ? Refusal::kUseNotKnown : Refusal::kNone;
}

}  // namespace

std::string_view ReasonOf(Refusal refusal) {
  constexpr std::array<std::string_view, 9> kReasons = {
      "",
      "ASSET_NOT_SHARED",
      "GRANT_MISSING",
      "GRANT_PURPOSE",
      "GRANT_NOT_BEGUN",
      "GRANT_ENDED",
      "GRANT_REVOKED",
      "GRANT_EXHAUSTED",
      "USE_NOT_KNOWN",
  };
  return kReasons[static_cast<size_t>(refusal)];
}

GrantDecision DecideGrant(absl::Span<const GrantTerms> grants, uint32_t purpose, int64_t now_us) {
  GrantDecision decision;
  for (size_t i = 0; i < grants.size(); ++i) {
    const Refusal word = Judge(grants[i], purpose, now_us);
    const bool first = decision.grant < 0;
    bool better = first;
    if (!first && word == Refusal::kNone && decision.refusal == Refusal::kNone) {
      const GrantTerms& best = grants[decision.grant];
      better = std::tie(grants[i].end_us, grants[i].id) < std::tie(best.end_us, best.id);
    } else if (!first && decision.refusal != Refusal::kNone) {
      better = word == Refusal::kNone || word > decision.refusal;
    }
    if (better) decision = {word, static_cast<int>(i)};
  }
  return decision;
}

std::string RefusalText(Refusal refusal, std::string_view asset, std::string_view grantee,
                        std::string_view grant) {
  const std::string named = absl::StrCat("grants/", grant);
  switch (refusal) {
    case Refusal::kNone:
      return "";
    case Refusal::kAssetNotShared:
      return absl::StrCat(asset, " is not shared at the moment, or there is no such asset");
    case Refusal::kGrantMissing:
      if (grantee.empty()) {
        return "the token acts for no organisation; ask an admin for one with acts_for";
      }
      return absl::StrCat(grantee, " has no grant of ", asset, "; ask its owner for one");
    case Refusal::kPurpose:
      return absl::StrCat("no grant of ", asset, " to ", grantee,
                          " permits this purpose; use it for a permitted one, or ask its owner");
    case Refusal::kNotBegun:
      return absl::StrCat(named, " has not begun yet");
    case Refusal::kEnded:
      return absl::StrCat(named, " has ended; ask the owner of ", asset, " for another");
    case Refusal::kRevoked:
      return absl::StrCat(named, " was revoked; ask the owner of ", asset);
    case Refusal::kExhausted:
      return absl::StrCat(named, " is used up; ask the owner of ", asset, " for more");
    case Refusal::kUseNotKnown:
      return absl::StrCat("how much of ", named, " was used is not known yet; try again");
  }
  return "";
}

}  // namespace tidemark::grants
