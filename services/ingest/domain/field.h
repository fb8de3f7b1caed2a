#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_FIELD_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_FIELD_H_

#include <cstdint>
#include <string_view>

namespace tidemark::ingest {

// A field of the public Event, for messages. kEvent is the event as a whole.
enum class Field : uint8_t {
  kEvent,
  kSource,
  kId,
  kRevision,
  kKind,
  kEventTime,
  kOriginal,
  kOriginalSource,
  kOriginalId,
  kOrder,
  kTransaction,
  kTransactionScheme,
  kTransactionId,
  kReportingRole,
  kConsumer,
  kConsumerScheme,
  kConsumerId,
  kConsumerPrehashed,
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
  kAttributes,
  kCurrency,
};
inline constexpr int kFieldCount = static_cast<int>(Field::kCurrency) + 1;

// As in the proto: "consumer.scheme" for kConsumerScheme.
std::string_view NameOf(Field field);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_FIELD_H_
