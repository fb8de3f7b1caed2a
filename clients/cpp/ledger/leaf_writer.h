// Private to the code of leaves: the fields of an event's leaf (docs/formats/leaf.md, "Events"),
// for those who write it from a record or from rows of EventRows.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_LEAF_WRITER_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_LEAF_WRITER_H_

#include <cstddef>
#include <cstdint>

#include "clients/cpp/ledger/event_rows.h"
#include "clients/cpp/ledger/leaf_wire.h"
#include "clients/cpp/ledger/record.h"
#include "clients/cpp/ledger/record_texts.h"

namespace tidemark::ledger {

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

// The presence bits of links, and their part of a leaf.
uint64_t LinkBits(const EventLinks& links);
char* PutLinks(const EventLinks& links, char* out);

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_LEAF_WRITER_H_
