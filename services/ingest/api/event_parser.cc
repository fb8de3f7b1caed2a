#include "services/ingest/api/event_parser.h"

#include "absl/strings/str_cat.h"
#include "services/ingest/api/utf8.h"
#include "services/ingest/api/wire_reader.h"

namespace tidemark::ingest {
namespace {

class EventParser {
 public:
  EventParser(ledger::EventRecord* record, EventExtras* extras, Rejection* rejection)
      : r_(*record), x_(*extras), out_(rejection) {}

  bool Parse(std::string_view bytes) {
    WireReader wire(bytes);
    while (!wire.done()) {
      uint32_t tag;
      if (!wire.ReadTag(&tag)) [[unlikely]]
        return Malformed(Field::kEvent);
      if (!ParseField(tag, wire)) return false;
    }
    return true;
  }

 private:
  bool Malformed(Field field) {
    return Reject(out_, Reason::kMalformedEvent, field,
                  "bytes are not a valid tidemark.ingest.v1.Event in protobuf wire format");
  }

  bool Text(WireReader& wire, Field field, std::string_view* out) {
    if (!wire.ReadBytes(out)) [[unlikely]]
      return Malformed(field);
    const TextClass text = Classify(*out);
    if (text == TextClass::kPlain) [[likely]]
      return true;
    if (text == TextClass::kInvalid) {
      return Reject(out_, Reason::kInvalidUtf8, field, "is not valid UTF-8");
    }
    x_.control_characters |= uint64_t{1} << static_cast<int>(field);
    return true;
  }
  template <typename T>
  bool Number(WireReader& wire, Field field, T* out) {
    uint64_t value = 0;
    if (!wire.ReadVarint(&value)) [[unlikely]]
      return Malformed(field);
    *out = static_cast<T>(value);
    return true;
  }
  bool OptionalNumber(WireReader& wire, Field field, std::optional<int64_t>* out) {
    int64_t value = 0;
    if (!Number(wire, field, &value)) return false;
    *out = value;
    return true;
  }

  // Calls `field(tag, wire)` for each field of a submessage.
  template <typename FieldParser>
  bool Message(WireReader& outer, Field name, FieldParser field) {
    std::string_view bytes;
    if (!outer.ReadBytes(&bytes)) [[unlikely]]
      return Malformed(name);
    WireReader wire(bytes);
    while (!wire.done()) {
      uint32_t tag;
      if (!wire.ReadTag(&tag)) [[unlikely]]
        return Malformed(name);
      if (!field(tag, wire)) return false;
    }
    return true;
  }
  bool SkipUnknown(uint32_t tag, WireReader& wire, Field field, int depth) {
    return wire.Skip(tag, depth) || Malformed(field);
  }

  bool Original(WireReader& outer) {
    x_.has_original = true;
    return Message(outer, Field::kOriginal, [this](uint32_t tag, WireReader& wire) {
      switch (tag) {
        case Tag(1, kBytes):
          return Text(wire, Field::kOriginalSource, &r_.original_source);
        case Tag(2, kBytes):
          return Text(wire, Field::kOriginalId, &r_.original_id);
        default:
          return SkipUnknown(tag, wire, Field::kOriginal, 99);
      }
    });
  }
  bool Transaction(WireReader& outer) {
    x_.has_transaction = true;
    return Message(outer, Field::kTransaction, [this](uint32_t tag, WireReader& wire) {
      switch (tag) {
        case Tag(1, kBytes):
          return Text(wire, Field::kTransactionScheme, &r_.transaction_scheme);
        case Tag(2, kBytes):
          return Text(wire, Field::kTransactionId, &r_.transaction_id);
        default:
          return SkipUnknown(tag, wire, Field::kTransaction, 99);
      }
    });
  }
  bool Consumer(WireReader& outer) {
    x_.has_consumer = true;
    return Message(outer, Field::kConsumer, [this](uint32_t tag, WireReader& wire) {
      switch (tag) {
        case Tag(1, kBytes):
          return Text(wire, Field::kConsumerScheme, &r_.consumer_scheme);
        case Tag(2, kBytes):
          x_.consumer_prehashed = {};
          return Text(wire, Field::kConsumerId, &x_.consumer_id);
        case Tag(3, kBytes):
          x_.consumer_id = {};
          return wire.ReadBytes(&x_.consumer_prehashed) || Malformed(Field::kConsumerPrehashed);
        default:
          return SkipUnknown(tag, wire, Field::kConsumer, 99);
      }
    });
  }
  bool Attribute(WireReader& outer) {
    ledger::Attribute pair{"", ""};
    const bool ok =
        Message(outer, Field::kAttributes, [this, &pair](uint32_t tag, WireReader& wire) {
          switch (tag) {
            case Tag(1, kBytes):
              return Text(wire, Field::kAttributes, &pair.key);
            case Tag(2, kBytes):
              return Text(wire, Field::kAttributes, &pair.value);
            default:
              return SkipUnknown(tag, wire, Field::kAttributes, 99);
          }
        });
    if (ok && ++x_.attribute_entries <= kMaxAttributeEntries) x_.attributes.push_back(pair);
    return ok;
  }

  bool ParseField(uint32_t tag, WireReader& wire) {
    switch (tag) {
      case Tag(1, kBytes):
        return Text(wire, Field::kSource, &r_.source);
      case Tag(2, kBytes):
        return Text(wire, Field::kId, &r_.id);
      case Tag(3, kVarint):
        return Number(wire, Field::kRevision, &r_.revision);
      case Tag(4, kVarint):
        return Number(wire, Field::kKind, &x_.kind);
      case Tag(5, kVarint):
        return Number(wire, Field::kEventTime, &r_.event_time_us);
      case Tag(6, kBytes):
        return Original(wire);
      case Tag(7, kBytes):
        return Text(wire, Field::kOrder, &r_.order);
      case Tag(8, kBytes):
        return Transaction(wire);
      case Tag(9, kVarint):
        return Number(wire, Field::kReportingRole, &x_.reporting_role);
      case Tag(10, kBytes):
        return Consumer(wire);
      case Tag(11, kBytes):
        return Text(wire, Field::kConsumerRegion, &r_.consumer_region);
      case Tag(12, kBytes):
        return Text(wire, Field::kProviderRegion, &r_.provider_region);
      case Tag(13, kBytes):
        return Text(wire, Field::kPlaceOfUse, &r_.place_of_use);
      case Tag(14, kBytes):
        return Text(wire, Field::kCategory, &r_.category);
      case Tag(15, kBytes):
        return Text(wire, Field::kProduct, &r_.product);
      case Tag(16, kBytes):
        return Text(wire, Field::kProvider, &r_.provider);
      case Tag(17, kVarint):
        return Number(wire, Field::kSegment, &x_.segment);
      case Tag(18, kVarint):
        return Number(wire, Field::kChannel, &x_.channel);
      default:
        return ParseLateField(tag, wire);
    }
  }
  bool ParseLateField(uint32_t tag, WireReader& wire) {
    switch (tag) {
      case Tag(19, kBytes):
        return Text(wire, Field::kPaymentMethod, &r_.payment_method);
      case Tag(20, kBytes):
        return Text(wire, Field::kAgeBand, &r_.age_band);
      case Tag(21, kVarint):
        return Number(wire, Field::kAreaType, &x_.area_type);
      case Tag(22, kBytes):
        return Text(wire, Field::kIncomeBand, &r_.income_band);
      case Tag(23, kBytes):
        return Text(wire, Field::kScenario, &r_.scenario);
      case Tag(24, kBytes):
        return Text(wire, Field::kProject, &r_.project);
      case Tag(25, kBytes):
        return Text(wire, Field::kActivity, &r_.activity);
      case Tag(26, kVarint):
        return OptionalNumber(wire, Field::kAmount, &r_.amount);
      case Tag(27, kVarint):
        return OptionalNumber(wire, Field::kVoucherAmount, &r_.voucher_amount);
      case Tag(28, kVarint):
        return OptionalNumber(wire, Field::kQuantity, &r_.quantity);
      case Tag(29, kBytes):
        return Attribute(wire);
      case Tag(30, kBytes):
        return Text(wire, Field::kCurrency, &x_.currency);
      default:
        return SkipUnknown(tag, wire, Field::kEvent, 100);
    }
  }

  ledger::EventRecord& r_;
  EventExtras& x_;
  Rejection* const out_;
};

}  // namespace

bool ParseEvent(std::string_view bytes, ledger::EventRecord* record, EventExtras* extras,
                Rejection* rejection) {
  return EventParser(record, extras, rejection).Parse(bytes);
}

}  // namespace tidemark::ingest
