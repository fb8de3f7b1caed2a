#include "services/ingest/domain/field.h"

#include <array>

namespace tidemark::ingest {

std::string_view NameOf(Field field) {
  static constexpr std::array<std::string_view, kFieldCount> kNames = {
      "event",
      "source",
      "id",
      "revision",
      "kind",
      "event_time_us",
      "original",
      "original.source",
      "original.id",
      "order",
      "transaction",
      "transaction.scheme",
      "transaction.id",
      "reporting_role",
      "consumer",
      "consumer.scheme",
      "consumer.id",
      "consumer.prehashed",
      "consumer_region",
      "provider_region",
      "place_of_use",
      "category",
      "product",
      "provider",
      "segment",
      "channel",
      "payment_method",
      "age_band",
      "area_type",
      "income_band",
      "scenario",
      "project",
      "activity",
      "amount",
      "voucher_amount",
      "quantity",
      "attributes",
      "currency",
  };
  return kNames[static_cast<size_t>(field)];
}

}  // namespace tidemark::ingest
