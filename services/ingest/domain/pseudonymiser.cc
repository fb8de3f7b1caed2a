#include "services/ingest/domain/pseudonymiser.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/pseudonym.h"
#include "common/base/same_text.h"

namespace tidemark::ingest {
namespace {

ledger::Normalisation RuleOf(const catalog_client::IdentifierScheme& scheme) {
  switch (scheme.normalisation) {
    case catalog_client::Normalisation::kTrim:
      return ledger::Normalisation::kTrim;
    case catalog_client::Normalisation::kLower:
      return ledger::Normalisation::kLower;
    case catalog_client::Normalisation::kDigits:
      return ledger::Normalisation::kDigitsOnly;
    case catalog_client::Normalisation::kE164:
      return ledger::Normalisation::kE164;
    case catalog_client::Normalisation::kCnResidentId:
      return ledger::Normalisation::kCnResidentId;
    case catalog_client::Normalisation::kUnspecified:
    case catalog_client::Normalisation::kNone:
      break;
  }
  return ledger::Normalisation::kNone;
}

// What the pseudonym is the MAC of: scheme ‖ 0x00 ‖ normalised id (clients/cpp/ledger/pseudonym.h,
// whose MakePseudonym takes one at a time).
std::string_view Message(std::string_view scheme, std::string_view id, Arena* arena) {
  char* out = arena->Allocate(scheme.size() + 1 + id.size());
  std::memcpy(out, scheme.data(), scheme.size());
  out[scheme.size()] = '\0';
  std::memcpy(out + scheme.size() + 1, id.data(), id.size());
  return {out, scheme.size() + 1 + id.size()};
}

}  // namespace

bool Pseudonymiser::Add(uint32_t row, const catalog_client::IdentifierScheme& scheme,
                        std::string_view id, Arena* arena, Rejection* rejection) {
  if (last_scheme_ != &scheme || !base::SameText(last_id_, id)) {
    const ledger::Normalisation rule = RuleOf(scheme);
    if (rule == ledger::Normalisation::kNone) {
      messages_.push_back(Message(scheme.id, id, arena));
    } else {
      const absl::StatusOr<std::string> normal = ledger::Normalise(rule, id);
      if (!normal.ok()) {
        return Reject(
            rejection, Reason::kIdentifierInvalid, Field::kConsumerId,
            absl::StrCat("does not fit scheme ", scheme.id, ": ", normal.status().message()));
      }
      messages_.push_back(Message(scheme.id, *normal, arena));
    }
    last_scheme_ = &scheme;
    last_id_ = id;
  }
  uses_.push_back({row, static_cast<uint32_t>(messages_.size() - 1)});
  return true;
}

void Pseudonymiser::Finish(Arena* arena,
                           absl::FunctionRef<void(uint32_t row, std::string_view pseudonym)> take) {
  macs_.resize(messages_.size());
  key_->MacMany(messages_, macs_);
  char* out = arena->Allocate(messages_.size() * ledger::kPseudonymBytes);
  for (size_t i = 0; i < macs_.size(); ++i) {
    std::memcpy(out + i * ledger::kPseudonymBytes, macs_[i].data(), ledger::kPseudonymBytes);
  }
  for (const Use& use : uses_) {
    take(use.row, {out + use.message * ledger::kPseudonymBytes, ledger::kPseudonymBytes});
  }
  Clear();
}

void Pseudonymiser::Clear() {
  messages_.clear();
  uses_.clear();
  last_scheme_ = nullptr;
  last_id_ = {};
}

}  // namespace tidemark::ingest
