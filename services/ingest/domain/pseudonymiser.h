#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_PSEUDONYMISER_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_PSEUDONYMISER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "clients/cpp/catalog/entities.h"
#include "clients/cpp/ledger/record.h"
#include "clients/cpp/ledger/sha256.h"
#include "services/ingest/domain/arena.h"
#include "services/ingest/domain/rejection.h"

namespace tidemark::ingest {

// Number of the pseudonym key in use; the key lives as long as the log.
inline constexpr uint32_t kPseudonymEpoch = 1;

// Turns the consumer identifiers of a batch into pseudonyms, many at once.
//
//   if (!pseudonymiser.Add(row, scheme, id, &arena, &rejection)) ...
//   pseudonymiser.Finish(&arena, [&](uint32_t row, std::string_view pseudonym) { ... });
//
// Lines of one order name their consumer one after the other: a repetition costs a comparison.
// Not thread-safe.
class Pseudonymiser {
 public:
  // `key` is not owned.
  explicit Pseudonymiser(const ledger::HmacKey* key) : key_(key) {}

  // Normalises `id` by the scheme's rule for the row `row`. False with `rejection`
  // (IDENTIFIER_INVALID, without the identifier) when it does not fit the rule.
  bool Add(uint32_t row, const catalog_client::IdentifierScheme& scheme, std::string_view id,
           Arena* arena, Rejection* rejection);
  // Gives the pseudonyms of the rows added since, and forgets them. Their memory is `arena`'s.
  void Finish(Arena* arena, absl::FunctionRef<void(uint32_t row, std::string_view pseudonym)> take);
  void Clear();

 private:
  struct Use {
    uint32_t row;
    uint32_t message;
  };
  const ledger::HmacKey* const key_;
  // Of the last message, as given.
  const catalog_client::IdentifierScheme* last_scheme_ = nullptr;
  std::string_view last_id_;
  std::vector<std::string_view> messages_;
  std::vector<Use> uses_;
  std::vector<ledger::Hash> macs_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_PSEUDONYMISER_H_
