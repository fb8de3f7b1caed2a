// Pseudonyms of consumers: HMAC-SHA-256(key, scheme ‖ 0x00 ‖ normalised id), first 16 bytes.
// Producers may make them with this library and the shared key, so that identifiers never leave
// them.
//
//   TM_ASSIGN_OR_RETURN(std::string id,
//                       Normalise(Normalisation::kCnResidentId, " 11010519491231002x "));
//   Pseudonym p = MakePseudonym(key, "cn-resident-id", id);
//
// Thread-safe. Error messages never contain the identifier.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_PSEUDONYM_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_PSEUDONYM_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/sha256.h"

namespace tidemark::ledger {

using Pseudonym = std::array<uint8_t, 16>;

// How ids of a scheme are made comparable: the rules of tidemark.catalog.v1.Normalisation.
enum class Normalisation {
  kNone,        // the bytes as given
  kTrim,        // without ASCII white space at both ends
  kLower,       // trimmed, ASCII letters in lower case
  kDigitsOnly,  // ASCII digits only, all else dropped
  kE164,  // one leading '+' (added for a leading 00) and 7 to 15 digits; spaces, dots, dashes,
          // brackets dropped
  kCnResidentId,  // trimmed, x to X, 18 characters with a right check character (GB 11643)
};

// INVALID_ARGUMENT when the id does not fit the rule or nothing is left of it.
absl::StatusOr<std::string> Normalise(Normalisation rule, std::string_view id);

// `scheme` has no 0x00 byte.
Pseudonym MakePseudonym(const HmacKey& key, std::string_view scheme,
                        std::string_view normalised_id);

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_PSEUDONYM_H_
