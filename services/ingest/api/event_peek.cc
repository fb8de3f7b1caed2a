#include "services/ingest/api/event_peek.h"

#include "services/ingest/api/wire_reader.h"

namespace tidemark::ingest {
namespace {

constexpr uint32_t kConsumer = 10;
constexpr uint32_t kLastField = 30;

constexpr uint64_t Fields(std::initializer_list<uint32_t> numbers) {
  uint64_t set = 0;
  for (const uint32_t number : numbers) set |= uint64_t{1} << number;
  return set;
}
constexpr uint64_t kVarints = Fields({3, 4, 5, 9, 17, 18, 21, 26, 27, 28});
// Messages of two texts: original, transaction, a pair of attributes.
constexpr uint64_t kPairs = Fields({6, 8, 29});

bool IsPair(std::string_view bytes) {
  WireReader wire(bytes);
  while (!wire.done()) {
    uint32_t tag;
    std::string_view text;
    if (!wire.ReadTag(&tag) || (tag != Tag(1, kBytes) && tag != Tag(2, kBytes)) ||
        !wire.ReadBytes(&text)) {
      return false;
    }
  }
  return true;
}

bool IsHarmless(uint32_t tag, std::string_view bytes) {
  const uint32_t number = tag >> 3;
  if (number > kLastField || number == kConsumer) return false;
  const uint64_t field = uint64_t{1} << number;
  if ((kVarints & field) != 0) return (tag & 7) == kVarint;
  return (tag & 7) == kBytes && ((kPairs & field) == 0 || IsPair(bytes));
}

}  // namespace

EventPeek PeekAt(std::string_view event) {
  EventPeek peek;
  WireReader wire(event);
  while (!wire.done()) {
    uint32_t tag;
    std::string_view bytes;
    uint64_t number = 0;
    bool good = wire.ReadTag(&tag);
    if (good) {
      good = (tag & 7) == kBytes    ? wire.ReadBytes(&bytes)
             : (tag & 7) == kVarint ? wire.ReadVarint(&number)
                                    : wire.Skip(tag);
    }
    if (!good) {
      peek.whole = peek.harmless = false;
      return peek;
    }
    peek.harmless = peek.harmless && IsHarmless(tag, bytes);
    if (tag == Tag(1, kBytes)) peek.source = bytes;
    if (tag == Tag(2, kBytes)) peek.id = bytes;
    if (tag == Tag(3, kVarint)) peek.revision = static_cast<uint32_t>(number);
  }
  return peek;
}

}  // namespace tidemark::ingest
