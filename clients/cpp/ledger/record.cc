#include "clients/cpp/ledger/record.h"

#include "absl/strings/str_cat.h"

namespace tidemark::ledger {
namespace {

absl::Status Invalid(std::string_view field, std::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", message));
}

struct NamedText {
  std::string_view name;
  std::string_view EventRecord::*text;
};

// The public texts but source and id, in the order of the leaf.
constexpr NamedText kTexts[] = {
    {"original.source", &EventRecord::original_source},
    {"original.id", &EventRecord::original_id},
    {"order", &EventRecord::order},
    {"transaction.scheme", &EventRecord::transaction_scheme},
    {"transaction.id", &EventRecord::transaction_id},
    {"consumer.scheme", &EventRecord::consumer_scheme},
    {"consumer_region", &EventRecord::consumer_region},
    {"provider_region", &EventRecord::provider_region},
    {"place_of_use", &EventRecord::place_of_use},
    {"category", &EventRecord::category},
    {"product", &EventRecord::product},
    {"provider", &EventRecord::provider},
    {"payment_method", &EventRecord::payment_method},
    {"age_band", &EventRecord::age_band},
    {"income_band", &EventRecord::income_band},
    {"scenario", &EventRecord::scenario},
    {"project", &EventRecord::project},
    {"activity", &EventRecord::activity},
    {"principal", &EventRecord::principal},
};

absl::Status CheckTexts(const EventRecord& record) {
  size_t sizes = 0;  // the limit is 2^n - 1, so one comparison does for all
  static_assert((kMaxTextBytes & (kMaxTextBytes + 1)) == 0);
  for (const NamedText& field : kTexts) sizes |= (record.*field.text).size();
  if (sizes <= kMaxTextBytes) return absl::OkStatus();
  for (const NamedText& field : kTexts) {
    const size_t size = (record.*field.text).size();
    if (size > kMaxTextBytes) {
      return Invalid(field.name, absl::StrCat(size, " bytes, want at most ", kMaxTextBytes));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckIdentity(std::string_view field, std::string_view text) {
  if (!text.empty() && text.size() <= kMaxIdentityBytes) return absl::OkStatus();
  return Invalid(field, absl::StrCat(text.size(), " bytes, want 1 to ", kMaxIdentityBytes));
}

absl::Status CheckEnums(const EventRecord& record) {
  const auto all = static_cast<uint8_t>(record.kind) | static_cast<uint8_t>(record.reporting_role) |
                   static_cast<uint8_t>(record.segment) | static_cast<uint8_t>(record.channel) |
                   static_cast<uint8_t>(record.area_type);
  if (record.kind == EventKind::kUnspecified) return Invalid("kind", "missing");
  return all < 128 ? absl::OkStatus() : Invalid("kind", "an enum value is above 127");
}

absl::Status CheckPrivate(const EventRecord& record) {
  if (Absent(record.pseudonym) ? record.pseudonym_epoch != 0
                               : record.pseudonym.size() != kPseudonymBytes) {
    return Invalid("consumer.pseudonym",
                   absl::StrCat(record.pseudonym.size(), " bytes in epoch ", record.pseudonym_epoch,
                                ", want ", kPseudonymBytes));
  }
  if (!Absent(record.commitment) && record.commitment.size() != kCommitmentBytes) {
    return Invalid("commitment",
                   absl::StrCat(record.commitment.size(), " bytes, want ", kCommitmentBytes));
  }
  if (record.attributes.size() > kMaxAttributes) {
    return Invalid("attributes",
                   absl::StrCat(record.attributes.size(), " pairs, want at most ", kMaxAttributes));
  }
  size_t bytes = 0;
  for (size_t i = 0; i < record.attributes.size(); ++i) {
    bytes += record.attributes[i].key.size() + record.attributes[i].value.size();
    if (i > 0 && record.attributes[i - 1].key >= record.attributes[i].key) {
      return Invalid("attributes", "keys must be strictly ascending");
    }
  }
  if (bytes > kMaxAttributeBytes) {
    return Invalid("attributes", absl::StrCat(bytes, " bytes, want at most ", kMaxAttributeBytes));
  }
  return absl::OkStatus();
}

absl::Status CheckLinks(const EventRecord& record) {
  if (record.original_leaf >= kMaxLeaf && record.original_leaf < kWaitingLeaf) {
    return Invalid("original_leaf", absl::StrCat(record.original_leaf, " is no leaf index"));
  }
  if (record.previous_leaf >= kMaxLeaf && record.previous_leaf != kNoLeaf) {
    return Invalid("previous_leaf", absl::StrCat(record.previous_leaf, " is no leaf index"));
  }
  if (record.transaction_leaf >= kMaxLeaf && record.transaction_leaf != kNoLeaf) {
    return Invalid("transaction_leaf", absl::StrCat(record.transaction_leaf, " is no leaf index"));
  }
  if (record.resolves.size() > kMaxResolves) {
    return Invalid("resolves",
                   absl::StrCat(record.resolves.size(), " leaves, want at most ", kMaxResolves));
  }
  for (size_t i = 0; i < record.resolves.size(); ++i) {
    if (record.resolves[i] >= kMaxLeaf || (i > 0 && record.resolves[i - 1] >= record.resolves[i])) {
      return Invalid("resolves", "leaves must be strictly ascending leaf indexes");
    }
  }
  return absl::OkStatus();
}

bool Same(std::string_view a, std::string_view b) { return Absent(a) == Absent(b) && a == b; }

bool SameAttributes(const EventRecord& a, const EventRecord& b) {
  if (a.attributes.size() != b.attributes.size()) return false;
  for (size_t i = 0; i < a.attributes.size(); ++i) {
    if (!(a.attributes[i] == b.attributes[i])) return false;
  }
  return true;
}

}  // namespace

absl::Status CheckRecord(const EventRecord& record) {
  if (absl::Status s = CheckIdentity("source", record.source); !s.ok()) return s;
  if (absl::Status s = CheckIdentity("id", record.id); !s.ok()) return s;
  if (Absent(record.original_source) != Absent(record.original_id)) {
    return Invalid("original", "source and id come together");
  }
  if (Absent(record.transaction_scheme) != Absent(record.transaction_id)) {
    return Invalid("transaction", "scheme and id come together");
  }
  if (absl::Status s = CheckEnums(record); !s.ok()) return s;
  if (absl::Status s = CheckTexts(record); !s.ok()) return s;
  if (absl::Status s = CheckPrivate(record); !s.ok()) return s;
  return CheckLinks(record);
}

absl::Status CheckRecord(const ControlRecord& record) {
  if (record.kind == 0 || record.kind > 127 ||
      record.kind == static_cast<uint8_t>(RecordKind::kEvent)) {
    return Invalid("record kind", absl::StrCat(record.kind, ", want 2 to 127"));
  }
  if (record.body.size() > kMaxControlBytes) {
    return Invalid("body",
                   absl::StrCat(record.body.size(), " bytes, want at most ", kMaxControlBytes));
  }
  return absl::OkStatus();
}

std::string_view FirstDifference(const EventRecord& a, const EventRecord& b) {
  if (!Same(a.source, b.source)) return "source";
  if (!Same(a.id, b.id)) return "id";
  if (a.revision != b.revision) return "revision";
  if (a.kind != b.kind) return "kind";
  if (a.event_time_us != b.event_time_us) return "event_time_us";
  for (const NamedText& field : kTexts) {
    if (field.text != &EventRecord::principal && !Same(a.*field.text, b.*field.text))
      return field.name;
  }
  if (a.reporting_role != b.reporting_role) return "reporting_role";
  if (a.segment != b.segment) return "segment";
  if (a.channel != b.channel) return "channel";
  if (a.area_type != b.area_type) return "area_type";
  if (a.amount != b.amount) return "amount";
  if (a.voucher_amount != b.voucher_amount) return "voucher_amount";
  if (a.quantity != b.quantity) return "quantity";
  if (!Absent(a.commitment) || !Absent(b.commitment)) return {};
  if (Absent(a.pseudonym) != Absent(b.pseudonym)) return "consumer";
  if (a.pseudonym_epoch == b.pseudonym_epoch && a.pseudonym != b.pseudonym) return "consumer";
  if (!SameAttributes(a, b)) return "attributes";
  return {};
}

}  // namespace tidemark::ledger
