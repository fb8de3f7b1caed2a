// Private to the code of leaves: the one place that writes the fields of an event's leaf, from a
// record or from a row of EventRows (docs/formats/leaf.md, "Events").
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_LEAF_WRITER_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_LEAF_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>

#include "clients/cpp/ledger/event_rows.h"
#include "clients/cpp/ledger/leaf_wire.h"
#include "clients/cpp/ledger/record.h"
#include "clients/cpp/ledger/record_texts.h"
#include "clients/cpp/ledger/wire.h"
#include "common/base/varint.h"

namespace tidemark::ledger {

template <size_t N>
constexpr size_t PlaceOf(const RecordText (&fields)[N], Column column) {
  size_t i = 0;
  while (fields[i].column != column) ++i;
  return i;
}
constexpr size_t CodePlace(Column column) { return PlaceOf(kCodeTexts, column); }
constexpr size_t OwnPlace(Column column) { return PlaceOf(kOwnTexts, column); }

// What a leaf has behind its time, in its order; a presence bit for each but where two share one.
struct LeafField {
  LeafBit bit;
  enum Type : uint8_t { kCode, kOwn, kSmall, kInteger } type;
  size_t place;
};
constexpr LeafField CodeAt(LeafBit bit, Column column) {
  return {bit, LeafField::kCode, CodePlace(column)};
}
constexpr LeafField OwnAt(LeafBit bit, Column column) {
  return {bit, LeafField::kOwn, OwnPlace(column)};
}
inline constexpr LeafField kLeafFields[] = {
    CodeAt(LeafBit::kOriginal, Column::kOriginalSource),
    OwnAt(LeafBit::kOriginal, Column::kOriginalId),
    OwnAt(LeafBit::kOrder, Column::kOrder),
    CodeAt(LeafBit::kTransaction, Column::kTransactionScheme),
    OwnAt(LeafBit::kTransaction, Column::kTransactionId),
    {LeafBit::kReportingRole, LeafField::kSmall, EventRows::kReportingRole},
    CodeAt(LeafBit::kConsumerScheme, Column::kConsumerScheme),
    CodeAt(LeafBit::kConsumerRegion, Column::kConsumerRegion),
    CodeAt(LeafBit::kProviderRegion, Column::kProviderRegion),
    CodeAt(LeafBit::kPlaceOfUse, Column::kPlaceOfUse),
    CodeAt(LeafBit::kCategory, Column::kCategory),
    CodeAt(LeafBit::kProduct, Column::kProduct),
    CodeAt(LeafBit::kProvider, Column::kProvider),
    {LeafBit::kSegment, LeafField::kSmall, EventRows::kSegment},
    {LeafBit::kChannel, LeafField::kSmall, EventRows::kChannel},
    CodeAt(LeafBit::kPaymentMethod, Column::kPaymentMethod),
    CodeAt(LeafBit::kAgeBand, Column::kAgeBand),
    {LeafBit::kAreaType, LeafField::kSmall, EventRows::kAreaType},
    CodeAt(LeafBit::kIncomeBand, Column::kIncomeBand),
    CodeAt(LeafBit::kScenario, Column::kScenario),
    CodeAt(LeafBit::kProject, Column::kProject),
    CodeAt(LeafBit::kActivity, Column::kActivity),
    {LeafBit::kAmount, LeafField::kInteger, EventRows::kAmount},
    {LeafBit::kVoucherAmount, LeafField::kInteger, EventRows::kVoucherAmount},
    {LeafBit::kQuantity, LeafField::kInteger, EventRows::kQuantity},
};

// What a leaf has behind its fields.
struct LeafEnd {
  EventLinks links;
  std::string_view principal;
  // With is_private and no commitment its bytes are left out, to be filled in later.
  bool is_private = false;
  std::string_view commitment;
};

// Writes a leaf from its presence bits on; returns its end, `hole` as PutEventLeaf. `fields`: those
// of kLeafFields that the row may have. Row gives them by their place in kCodeTexts and kOwnTexts
// (data() == nullptr where it has none), and by the names of EventRows:
//   code(place) own_text(place) small(name) has_integer(name) integer(name)
//   source() id() revision() event_time_us()
template <typename Row>
char* PutLeafFields(const Row& row, std::span<const LeafField> fields, const LeafEnd& end,
                    char* out, char** hole) {
  using base::EncodeVarint;
  using base::ZigZagEncode;
  const auto bit = [](LeafBit of, bool present) {
    return uint64_t{present} << static_cast<int>(of);
  };
  // Without initial values: a good part of the time would go into them.
  struct Text {
    const char* data;
    size_t size;
  } texts[std::size(kLeafFields)];
  const EventLinks& links = end.links;
  uint64_t bits = bit(LeafBit::kRevision, row.revision() != 0) |
                  bit(LeafBit::kPrivate, end.is_private) |
                  bit(LeafBit::kPrincipal, !Absent(end.principal)) |
                  bit(LeafBit::kOriginalLeaf, links.original_leaf != kNoLeaf) |
                  bit(LeafBit::kResolves, !links.resolves.empty()) |
                  bit(LeafBit::kPreviousLeaf, links.previous_leaf != kNoLeaf) |
                  bit(LeafBit::kTransactionLeaf, links.transaction_leaf != kNoLeaf);
  for (size_t i = 0; i < fields.size(); ++i) {
    const LeafField& field = fields[i];
    bool has = false;
    switch (field.type) {
      case LeafField::kCode:
      case LeafField::kOwn: {
        const std::string_view text =
            field.type == LeafField::kCode ? row.code(field.place) : row.own_text(field.place);
        texts[i] = {text.data(), text.size()};
        has = !Absent(text);
        break;
      }
      case LeafField::kSmall:
        has = row.small(static_cast<EventRows::SmallName>(field.place)) != 0;
        break;
      case LeafField::kInteger:
        has = row.has_integer(static_cast<EventRows::IntegerName>(field.place));
        break;
    }
    bits |= bit(field.bit, has);
  }
  out = EncodeVarint(bits, out);
  out = wire::PutText(row.source(), out);
  out = wire::PutText(row.id(), out);
  if (row.revision() != 0) out = EncodeVarint(row.revision(), out);
  *out++ = static_cast<char>(row.small(EventRows::kKind));
  out = EncodeVarint(ZigZagEncode(row.event_time_us()), out);
  for (size_t i = 0; i < fields.size(); ++i) {
    const LeafField& field = fields[i];
    if ((bits & bit(field.bit, true)) == 0) continue;
    switch (field.type) {
      case LeafField::kCode:
      case LeafField::kOwn:
        out = wire::PutText({texts[i].data, texts[i].size}, out);
        break;
      case LeafField::kSmall:
        *out++ = static_cast<char>(row.small(static_cast<EventRows::SmallName>(field.place)));
        break;
      case LeafField::kInteger: {
        const auto name = static_cast<EventRows::IntegerName>(field.place);
        out = EncodeVarint(ZigZagEncode(row.integer(name)), out);
        break;
      }
    }
  }
  *hole = end.is_private && Absent(end.commitment) ? out : nullptr;
  if (end.is_private) {
    if (*hole == nullptr) wire::CopyText(end.commitment, out);
    out += kCommitmentBytes;
  }
  if (!Absent(end.principal)) out = wire::PutText(end.principal, out);
  if (links.original_leaf != kNoLeaf) out = PutLink(links.original_leaf, out);
  if (!links.resolves.empty()) out = wire::PutLeaves(links.resolves, out);
  if (links.previous_leaf != kNoLeaf) out = PutLink(links.previous_leaf, out);
  if (links.transaction_leaf != kNoLeaf) out = PutLink(links.transaction_leaf, out);
  return out;
}

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_LEAF_WRITER_H_
