#include "services/ingest/domain/shape.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"

namespace tidemark::ingest {
namespace {

using ledger::Absent;
using ledger::EventKind;
using ledger::EventRecord;

class Checker {
 public:
  Checker(const EventExtras& extras, EventRecord* record, Arena* arena, Rejection* rejection)
      : extras_(extras), record_(*record), arena_(*arena), out_(rejection) {}

  bool Run() {
    return Identity() && Kind() && Original() && Texts() && Transaction() && Consumer() &&
           Enums() && Amounts() && Attributes();
  }

 private:
  bool Fail(Reason reason, Field field, std::string message) {
    return Reject(out_, reason, field, std::move(message));
  }
  bool Required(std::string_view text, Field field, size_t limit) {
    if (text.empty()) [[unlikely]] {
      return Fail(Reason::kFieldRequired, field,
                  absl::StrCat("missing; want 1 to ", limit, " bytes"));
    }
    return Present(text, field, limit);
  }
  // A text that may be absent but not empty.
  bool Optional(std::string_view text, Field field, size_t limit) {
    if (Absent(text)) return true;
    if (text.empty()) [[unlikely]] {
      return Fail(Reason::kCodeEmpty, field, "empty; leave the field out when it is not known");
    }
    return Present(text, field, limit);
  }
  bool Present(std::string_view text, Field field, size_t limit) {
    if (text.size() > limit) [[unlikely]] {
      return Fail(Reason::kTooLong, field,
                  absl::StrCat(text.size(), " bytes; want at most ", limit));
    }
    if ((extras_.control_characters >> static_cast<int>(field) & 1) != 0) [[unlikely]] {
      return Fail(Reason::kControlCharacter, field,
                  "holds a control character; want printable text");
    }
    return true;
  }
  template <typename Enum>
  bool Narrow(int32_t number, Enum last, Field field, Enum* out) {
    if (number < 0 || number > static_cast<int32_t>(last)) [[unlikely]] {
      return Fail(
          Reason::kEnumUnknown, field,
          absl::StrCat("number ", number, " is not known; want 0 to ", static_cast<int>(last)));
    }
    *out = static_cast<Enum>(number);
    return true;
  }

  bool Identity() {
    return Required(record_.source, Field::kSource, ledger::kMaxIdentityBytes) &&
           Required(record_.id, Field::kId, ledger::kMaxIdentityBytes);
  }

  bool Kind() {
    if (extras_.kind == 0) {
      return Fail(Reason::kFieldRequired, Field::kKind,
                  "missing; want EVENT_KIND_PURCHASE, EVENT_KIND_REFUND, "
                  "EVENT_KIND_SERVICE_USE or EVENT_KIND_VOID");
    }
    if (!Narrow(extras_.kind, EventKind::kVoid, Field::kKind, &record_.kind)) return false;
    if (record_.kind == EventKind::kVoid && record_.revision == 0) {
      return Fail(Reason::kOutOfRange, Field::kRevision,
                  "0; want a revision above that of the event which EVENT_KIND_VOID withdraws");
    }
    return true;
  }

  bool Original() {
    if (!extras_.has_original) return true;
    if (record_.kind != EventKind::kRefund) {
      return Fail(Reason::kFieldNotAllowed, Field::kOriginal,
                  "set, but only EVENT_KIND_REFUND has an original; leave it out");
    }
    if (!Required(record_.original_id, Field::kOriginalId, ledger::kMaxIdentityBytes)) {
      return false;
    }
    if (record_.original_source.empty()) {
      record_.original_source = record_.source;
    } else if (!Present(record_.original_source, Field::kOriginalSource,
                        ledger::kMaxIdentityBytes)) {
      return false;
    }
    if (record_.original_id == record_.id && record_.original_source == record_.source) {
      return Fail(Reason::kOriginalIsSelf, Field::kOriginal,
                  "names the event itself; want the purchase that it gives back");
    }
    return true;
  }

  bool Texts() {
    constexpr size_t kId = ledger::kMaxIdentityBytes;
    constexpr size_t kCode = kMaxOpenCodeBytes;
    const EventRecord& r = record_;
    return Optional(r.order, Field::kOrder, kId) &&
           Optional(r.consumer_region, Field::kConsumerRegion, kId) &&
           Optional(r.provider_region, Field::kProviderRegion, kId) &&
           Optional(r.place_of_use, Field::kPlaceOfUse, kId) &&
           Optional(r.category, Field::kCategory, kId) &&
           Optional(r.product, Field::kProduct, kCode) &&
           Optional(r.provider, Field::kProvider, kCode) &&
           Optional(r.payment_method, Field::kPaymentMethod, kCode) &&
           Optional(r.age_band, Field::kAgeBand, kCode) &&
           Optional(r.income_band, Field::kIncomeBand, kCode) &&
           Optional(r.scenario, Field::kScenario, kId) &&
           Optional(r.project, Field::kProject, kId) &&
           Optional(r.activity, Field::kActivity, kId) &&
           Optional(extras_.currency, Field::kCurrency, 3);
  }

  bool Transaction() {
    if (!extras_.has_transaction) return true;
    if (record_.kind == EventKind::kVoid) {
      return Fail(Reason::kFieldNotAllowed, Field::kTransaction,
                  "set, but EVENT_KIND_VOID withdraws the event whatever its transaction; leave it "
                  "out");
    }
    if (!Required(record_.transaction_scheme, Field::kTransactionScheme,
                  ledger::kMaxIdentityBytes) ||
        !Required(record_.transaction_id, Field::kTransactionId, ledger::kMaxIdentityBytes)) {
      return false;
    }
    if (extras_.reporting_role != 0) return true;
    return Fail(Reason::kFieldRequired, Field::kReportingRole,
                "missing; an event with a transaction says what part its source had");
  }

  bool Consumer() {
    if (!extras_.has_consumer) return true;
    if (!Required(record_.consumer_scheme, Field::kConsumerScheme, ledger::kMaxIdentityBytes)) {
      return false;
    }
    if (!Absent(extras_.consumer_prehashed)) {
      if (extras_.consumer_prehashed.size() != ledger::kPseudonymBytes) {
        return Fail(Reason::kPrehashedSize, Field::kConsumerPrehashed,
                    absl::StrCat(extras_.consumer_prehashed.size(), " bytes; want exactly ",
                                 ledger::kPseudonymBytes));
      }
      record_.pseudonym = extras_.consumer_prehashed;
      return true;
    }
    if (Absent(extras_.consumer_id)) {
      return Fail(Reason::kFieldRequired, Field::kConsumer,
                  "has a scheme but no identity; want id or prehashed");
    }
    return Required(extras_.consumer_id, Field::kConsumerId, ledger::kMaxIdentityBytes);
  }

  bool Enums() {
    return Narrow(extras_.reporting_role, ledger::ReportingRole::kDepartment, Field::kReportingRole,
                  &record_.reporting_role) &&
           Narrow(extras_.segment, ledger::Segment::kPublic, Field::kSegment, &record_.segment) &&
           Narrow(extras_.channel, ledger::Channel::kHybrid, Field::kChannel, &record_.channel) &&
           Narrow(extras_.area_type, ledger::AreaType::kRural, Field::kAreaType,
                  &record_.area_type);
  }

  bool Amounts() {
    const EventRecord& r = record_;
    if (r.kind == EventKind::kServiceUse || r.kind == EventKind::kVoid) {
      if (r.amount.has_value()) {
        return Fail(
            Reason::kFieldNotAllowed, Field::kAmount,
            absl::StrCat("set, but ",
                         r.kind == EventKind::kVoid ? "EVENT_KIND_VOID" : "EVENT_KIND_SERVICE_USE",
                         " has no amount; leave it out"));
      }
    } else {
      if (!r.amount.has_value()) {
        return Fail(Reason::kFieldRequired, Field::kAmount,
                    "missing; purchases and refunds have "
                    "an amount");
      }
      if (!InRange(*r.amount, 1, kMaxAmount, Field::kAmount)) return false;
    }
    if (r.voucher_amount.has_value()) {
      if (!r.amount.has_value()) {
        return Fail(Reason::kFieldNotAllowed, Field::kVoucherAmount,
                    "set without an amount; leave it out");
      }
      if (!InRange(*r.voucher_amount, 0, *r.amount, Field::kVoucherAmount)) return false;
    }
    return !r.quantity.has_value() || InRange(*r.quantity, 0, kMaxAmount, Field::kQuantity);
  }
  bool InRange(int64_t value, int64_t low, int64_t high, Field field) {
    if (low <= value && value <= high) [[likely]]
      return true;
    return Fail(Reason::kOutOfRange, field, absl::StrCat(value, "; want ", low, " to ", high));
  }

  bool Attributes() {
    if (extras_.attributes.empty()) return true;
    if (extras_.attribute_entries > kMaxAttributeEntries) {
      return Fail(
          Reason::kAttributesTooLarge, Field::kAttributes,
          absl::StrCat(extras_.attribute_entries, " pairs; want at most ", ledger::kMaxAttributes));
    }
    // The arena holds what it is given until the batch ends: only what may be accepted goes there.
    std::vector<ledger::Attribute> many;
    if (extras_.attributes.size() > ledger::kMaxAttributes) many = extras_.attributes;
    const std::span<ledger::Attribute> sorted =
        many.empty() ? arena_.Copy(std::span(extras_.attributes)) : std::span(many);
    if (sorted.size() > 1) {
      std::stable_sort(sorted.begin(), sorted.end(),
                       [](const auto& a, const auto& b) { return a.key < b.key; });
    }
    size_t kept = 0;
    size_t bytes = 0;
    for (size_t i = 0; i < sorted.size(); ++i) {
      // As protobuf's maps: the last value of a key counts.
      if (i + 1 < sorted.size() && sorted[i + 1].key == sorted[i].key) continue;
      sorted[kept++] = sorted[i];
      bytes += sorted[i].key.size() + sorted[i].value.size();
    }
    if (kept > ledger::kMaxAttributes || bytes > ledger::kMaxAttributeBytes) {
      return Fail(
          Reason::kAttributesTooLarge, Field::kAttributes,
          absl::StrCat(kept, " pairs of ", bytes, " bytes; want at most ", ledger::kMaxAttributes,
                       " pairs and ", ledger::kMaxAttributeBytes, " bytes"));
    }
    record_.attributes = sorted.first(kept);
    if (!many.empty()) record_.attributes = arena_.Copy(record_.attributes);
    return true;
  }

  const EventExtras& extras_;
  EventRecord& record_;
  Arena& arena_;
  Rejection* const out_;
};

}  // namespace

bool CheckShape(const EventExtras& extras, EventRecord* record, Arena* arena,
                Rejection* rejection) {
  return Checker(extras, record, arena, rejection).Run();
}

}  // namespace tidemark::ingest
