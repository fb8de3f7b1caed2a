#ifndef TIDEMARK_SERVICES_INGEST_API_PLAIN_READER_H_
#define TIDEMARK_SERVICES_INGEST_API_PLAIN_READER_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "services/ingest/api/plain_event.h"
#include "services/ingest/api/utf8.h"
#include "services/ingest/api/wire_reader.h"
#include "services/ingest/domain/arena.h"

namespace tidemark::ingest {

// What attributes are read into. Neither is owned.
struct PlainMemory {
  std::array<ledger::Attribute, ledger::kMaxAttributes>* scratch;
  Arena* arena;  // for those that the event gets
};

// Reads the wire bytes of an Event that has the usual fields, each of them once, in the way that
// every writer of protobuf writes them. `number_of(field, text)`: number of a code, of 1 to 127
// bytes; 0 ends the reading. Reads up to 16 bytes behind the event.
template <typename NumberOf>
class PlainReader {
 public:
  PlainReader(std::string_view event, const NumberOf& number_of, const PlainMemory& memory,
              PlainEvent* out)
      : p_(event.data()),
        end_(p_ + event.size()),
        number_of_(number_of),
        attributes_(*memory.scratch),
        arena_(*memory.arena),
        out_(*out) {}

  // False: the event is another one, or damaged.
  bool Read(std::string_view currency) {
    out_.Clear();
    while (p_ < end_) {
      const uint32_t tag = ReadTag();
      const uint32_t number = tag >> 3;
      if (out_.has(number) && number != kAttributesField) return false;
      out_.fields |= uint32_t{1} << number;
      if (!ReadField(tag, currency)) return false;
    }
    if (attribute_count_ > 0) {
      out_.attributes =
          arena_.Copy(std::span<const ledger::Attribute>(attributes_.data(), attribute_count_));
    }
    return p_ == end_;
  }

 private:
  // Of fields 1 to 31, in as few bytes as it takes: two from 16 on, the second of which is 1. 0:
  // another one.
  uint32_t ReadTag() {
    const auto first = static_cast<uint8_t>(*p_++);
    if (first < 0x80) return first;
    return *p_++ == 1 ? first : 0;
  }
  // Of at most eight bytes.
  bool ReadVarint(uint64_t* value) {
    uint64_t word;
    std::memcpy(&word, p_, sizeof(word));
    const uint64_t stop = ~word & 0x8080808080808080;
    if (stop == 0) return false;
    p_ += (std::countr_zero(stop) >> 3) + 1;
    word &= (stop ^ (stop - 1)) & 0x7F7F7F7F7F7F7F7F;
    // Groups of seven bits become one of 14, 28 and 56.
    word = (word & 0x007F007F007F007F) | (word & 0x7F007F007F007F00) >> 1;
    word = (word & 0x00003FFF00003FFF) | (word & 0x3FFF00003FFF0000) >> 2;
    *value = (word & 0x0FFFFFFF) | (word & 0x0FFFFFFF00000000) >> 4;
    return true;
  }
  bool ReadText(std::string_view* text) {
    const auto size = static_cast<uint8_t>(*p_);
    if (size >= end_ - p_ || size >= 0x80 || size == 0) return false;
    *text = {p_ + 1, size};
    p_ += 1 + size;
    return true;
  }
  bool ReadCode(CodeField field) {
    std::string_view text;
    if (!ReadText(&text)) return false;
    const uint32_t number = number_of_(field, text);
    out_.codes[static_cast<size_t>(field)] = number;
    return number != 0;
  }
  bool ReadSmall(EventColumns::SmallName name) {
    const auto value = static_cast<uint8_t>(*p_++);
    out_.smalls[name] = value;
    return value < 0x80;
  }
  bool ReadInteger(EventColumns::IntegerName name) {
    uint64_t value;
    if (!ReadVarint(&value)) return false;
    out_.integers[name] = static_cast<int64_t>(value);
    return true;
  }
  bool ReadConsumer() {
    std::string_view message;
    if (!ReadText(&message)) return false;
    const char* const behind = p_;
    p_ = message.data();
    if (*p_++ != Tag(1, kBytes) || !ReadCode(CodeField::kConsumerScheme) || p_ >= behind) {
      return false;
    }
    const auto tag = static_cast<uint8_t>(*p_++);
    if (tag != Tag(2, kBytes) && tag != Tag(3, kBytes)) return false;
    return ReadText(tag == Tag(2, kBytes) ? &out_.consumer_id : &out_.consumer_prehashed) &&
           p_ == behind;
  }
  // A pair as the last of those that ascend; their order and their bytes are all that is judged.
  bool ReadAttribute() {
    std::string_view message;
    if (attribute_count_ == ledger::kMaxAttributes || !ReadText(&message)) return false;
    const char* const behind = p_;
    p_ = message.data();
    ledger::Attribute& pair = attributes_[attribute_count_];
    if (*p_++ != Tag(1, kBytes) || !ReadText(&pair.key) || p_ >= behind ||
        *p_++ != Tag(2, kBytes) || !ReadText(&pair.value) || p_ != behind) {
      return false;
    }
    attribute_bytes_ += pair.key.size() + pair.value.size();
    if (attribute_count_++ > 0 && attributes_[attribute_count_ - 2].key >= pair.key) return false;
    return attribute_bytes_ <= ledger::kMaxAttributeBytes && IsPrintableAscii(pair.key) &&
           IsPrintableAscii(pair.value);
  }
  bool ReadField(uint32_t tag, std::string_view currency) {
    uint64_t value = 0;
    switch (tag) {
      case Tag(kSourceField, kBytes):
        return ReadCode(CodeField::kSource);
      case Tag(kIdField, kBytes):
        return ReadText(&out_.id);
      case Tag(kRevisionField, kVarint):
        if (!ReadVarint(&value)) return false;
        out_.revision = static_cast<uint32_t>(value);
        return out_.revision == value;
      case Tag(kKindField, kVarint):
        return ReadSmall(EventColumns::kKind);
      case Tag(kEventTimeField, kVarint):
        if (!ReadVarint(&value)) return false;
        out_.event_time_us = static_cast<int64_t>(value);
        return true;
      case Tag(kOrderField, kBytes):
        return ReadText(&out_.order);
      case Tag(kReportingRoleField, kVarint):
        return ReadSmall(EventColumns::kReportingRole);
      case Tag(kConsumerField, kBytes):
        return ReadConsumer();
      case Tag(11, kBytes):
        return ReadCode(CodeField::kConsumerRegion);
      case Tag(12, kBytes):
        return ReadCode(CodeField::kProviderRegion);
      case Tag(13, kBytes):
        return ReadCode(CodeField::kPlaceOfUse);
      case Tag(14, kBytes):
        return ReadCode(CodeField::kCategory);
      case Tag(15, kBytes):
        return ReadText(&out_.product);
      case Tag(16, kBytes):
        return ReadText(&out_.provider);
      case Tag(kSegmentField, kVarint):
        return ReadSmall(EventColumns::kSegment);
      case Tag(kChannelField, kVarint):
        return ReadSmall(EventColumns::kChannel);
      case Tag(19, kBytes):
        return ReadCode(CodeField::kPaymentMethod);
      case Tag(20, kBytes):
        return ReadCode(CodeField::kAgeBand);
      case Tag(kAreaTypeField, kVarint):
        return ReadSmall(EventColumns::kAreaType);
      case Tag(22, kBytes):
        return ReadCode(CodeField::kIncomeBand);
      case Tag(23, kBytes):
        return ReadCode(CodeField::kScenario);
      case Tag(24, kBytes):
        return ReadCode(CodeField::kProject);
      case Tag(25, kBytes):
        return ReadCode(CodeField::kActivity);
      case Tag(kAmountField, kVarint):
        return ReadInteger(EventColumns::kAmount);
      case Tag(kVoucherAmountField, kVarint):
        return ReadInteger(EventColumns::kVoucherAmount);
      case Tag(kQuantityField, kVarint):
        return ReadInteger(EventColumns::kQuantity);
      case Tag(kAttributesField, kBytes):
        return ReadAttribute();
      case Tag(kCurrencyField, kBytes): {
        std::string_view text;
        return ReadText(&text) && text == currency;
      }
      default:
        return false;
    }
  }

  const char* p_;
  const char* const end_;
  const NumberOf& number_of_;
  std::array<ledger::Attribute, ledger::kMaxAttributes>& attributes_;
  size_t attribute_count_ = 0;
  size_t attribute_bytes_ = 0;
  Arena& arena_;
  PlainEvent& out_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_PLAIN_READER_H_
