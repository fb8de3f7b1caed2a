#ifndef TIDEMARK_CLIENTS_CPP_GRANTS_GRANT_DECISION_H_
#define TIDEMARK_CLIENTS_CPP_GRANTS_GRANT_DECISION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/types/span.h"

// Which grant holds: the one rule, by which services judge locally and the catalog answers
// CheckGrant.
namespace tidemark::grants {

// A grant to the grantee of the asset, as it is judged.
struct GrantTerms {
  // Id; of grants that end together the first by it is used.
  std::string_view id;
  // Bits 1 << number of tidemark.type.v1.Purpose.
  uint32_t purposes = 0;
  int64_t start_us = 0;
  int64_t end_us = 0;
  bool revoked = false;
  // Units; 0: no bound.
  uint64_t allowance = 0;
  // Units used; nothing: not known yet. Looked at where there is a bound.
  std::optional<uint64_t> used;
};

// In the order of CheckGrantResponse.reason: of several grants the last of these words that is true
// of one is told.
enum class Refusal : uint8_t {
  kNone,
  kAssetNotShared,
  kGrantMissing,
  kPurpose,
  kNotBegun,
  kEnded,
  kRevoked,
  kExhausted,
  // Not refused, but nobody can say yet.
  kUseNotKnown,
};
// "GRANT_ENDED" for kEnded.
std::string_view ReasonOf(Refusal refusal);

struct GrantDecision {
  Refusal refusal = Refusal::kGrantMissing;
  // Position of the grant that holds, or that `refusal` speaks of; -1: there is none.
  int grant = -1;
};

// Of an asset that is shared. The grant that ends first, of those that hold.
GrantDecision DecideGrant(absl::Span<const GrantTerms> grants, uint32_t purpose, int64_t now_us);

// What is so, and what to do. `asset` and `grantee` are names, `grant` is an id, empty where there
// is none.
std::string RefusalText(Refusal refusal, std::string_view asset, std::string_view grantee,
                        std::string_view grant);

}  // namespace tidemark::grants

#endif  // TIDEMARK_CLIENTS_CPP_GRANTS_GRANT_DECISION_H_
