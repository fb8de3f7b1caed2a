// Private to the code of leaves: the presence bits of an event's leaf, and the pieces that it is
// made of (docs/formats/leaf.md, "Events").
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_LEAF_WIRE_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_LEAF_WIRE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "clients/cpp/ledger/record.h"

namespace tidemark::ledger {

enum class LeafBit {
  kRevision,
  kOriginal,
  kOrder,
  kTransaction,
  kReportingRole,
  kConsumerScheme,
  kConsumerRegion,
  kProviderRegion,
  kPlaceOfUse,
  kCategory,
  kProduct,
  kProvider,
  kSegment,
  kChannel,
  kPaymentMethod,
  kAgeBand,
  kAreaType,
  kIncomeBand,
  kScenario,
  kProject,
  kActivity,
  kAmount,
  kVoucherAmount,
  kQuantity,
  kPrivate,
  kPrincipal,
  kOriginalLeaf,
  kResolves,
  kPreviousLeaf,
  kTransactionLeaf,
  kCount,
};

// The leaf's first bytes, before the presence bits.
char* PutHead(uint8_t kind, int64_t accepted_time_us, char* out);
// A link of the log.
char* PutLink(uint64_t leaf, char* out);

inline constexpr size_t kSaltBytes = 16;
// Whether the record has something that a commitment covers.
bool HasPrivate(const EventRecord& record);
// What the salt is the MAC of.
void AppendSaltInput(std::string_view source, std::string_view id, uint32_t revision,
                     std::string* out);
// What the commitment covers after the salt.
void AppendPrivate(uint32_t pseudonym_epoch, std::string_view pseudonym,
                   std::span<const Attribute> attributes, std::string* out);

// Writes the leaf of a checked record, at most kMaxLeafBytes; returns its end. `hole` is where the
// 32 bytes of a commitment that is still to be computed go, nullptr when there is none.
char* PutEventLeaf(const EventRecord& record, char* out, char** hole);

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_LEAF_WIRE_H_
