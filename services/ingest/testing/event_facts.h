// What the generated parser makes of the bytes of an event, and what ours does, in one comparable
// form.
#ifndef TIDEMARK_SERVICES_INGEST_TESTING_EVENT_FACTS_H_
#define TIDEMARK_SERVICES_INGEST_TESTING_EVENT_FACTS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cpp/ledger/record.h"
#include "services/ingest/domain/parsed_event.h"

namespace tidemark::ingest {

// Name of a field -> value; absent fields are left out.
using Facts = std::map<std::string, std::string>;

inline void Put(Facts* facts, const std::string& name, std::string_view text) {
  if (!ledger::Absent(text)) (*facts)[name] = std::string(text);
}
inline void Put(Facts* facts, const std::string& name, int64_t value) {
  if (value != 0) (*facts)[name] = std::to_string(value);
}

inline Facts FactsOf(const ledger::EventRecord& r, const EventExtras& x) {
  Facts facts;
  // Fields without presence: empty is absent.
  const auto implicit = [&facts](const std::string& name, std::string_view text) {
    if (!text.empty()) facts[name] = std::string(text);
  };
  implicit("source", r.source);
  implicit("id", r.id);
  implicit("original.source", r.original_source);
  implicit("original.id", r.original_id);
  implicit("transaction.scheme", r.transaction_scheme);
  implicit("transaction.id", r.transaction_id);
  implicit("consumer.scheme", r.consumer_scheme);
  Put(&facts, "revision", r.revision);
  Put(&facts, "kind", x.kind);
  Put(&facts, "event_time_us", r.event_time_us);
  Put(&facts, "reporting_role", x.reporting_role);
  Put(&facts, "segment", x.segment);
  Put(&facts, "channel", x.channel);
  Put(&facts, "area_type", x.area_type);
  if (x.has_original) facts["original"] = "";
  if (x.has_transaction) facts["transaction"] = "";
  if (x.has_consumer) facts["consumer"] = "";
  Put(&facts, "consumer.id", x.consumer_id);
  Put(&facts, "consumer.prehashed", x.consumer_prehashed);
  Put(&facts, "order", r.order);
  Put(&facts, "consumer_region", r.consumer_region);
  Put(&facts, "provider_region", r.provider_region);
  Put(&facts, "place_of_use", r.place_of_use);
  Put(&facts, "category", r.category);
  Put(&facts, "product", r.product);
  Put(&facts, "provider", r.provider);
  Put(&facts, "payment_method", r.payment_method);
  Put(&facts, "age_band", r.age_band);
  Put(&facts, "income_band", r.income_band);
  Put(&facts, "scenario", r.scenario);
  Put(&facts, "project", r.project);
  Put(&facts, "activity", r.activity);
  Put(&facts, "currency", x.currency);
  if (r.amount) facts["amount"] = std::to_string(*r.amount);
  if (r.voucher_amount) facts["voucher_amount"] = std::to_string(*r.voucher_amount);
  if (r.quantity) facts["quantity"] = std::to_string(*r.quantity);
  for (const auto& pair : x.attributes) {
    facts["attributes." + std::string(pair.key)] = std::string(pair.value);
  }
  return facts;
}

// By reflection, so that a field forgotten by parser and test alike is found.
inline void AddFacts(const google::protobuf::Message& message, const std::string& prefix,
                     Facts* facts) {
  const auto* reflection = message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    const std::string name = prefix + field->name();
    using Type = google::protobuf::FieldDescriptor;
    if (field->is_map()) {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        const auto& entry = reflection->GetRepeatedMessage(message, field, i);
        const auto* d = entry.GetDescriptor();
        (*facts)[name + "." + entry.GetReflection()->GetString(entry, d->field(0))] =
            entry.GetReflection()->GetString(entry, d->field(1));
      }
    } else if (field->cpp_type() == Type::CPPTYPE_MESSAGE) {
      (*facts)[name] = "";
      AddFacts(reflection->GetMessage(message, field), name + ".", facts);
    } else if (field->cpp_type() == Type::CPPTYPE_STRING) {
      (*facts)[name] = reflection->GetString(message, field);
    } else if (field->cpp_type() == Type::CPPTYPE_ENUM) {
      (*facts)[name] = std::to_string(reflection->GetEnumValue(message, field));
    } else if (field->cpp_type() == Type::CPPTYPE_UINT32) {
      (*facts)[name] = std::to_string(reflection->GetUInt32(message, field));
    } else {
      (*facts)[name] = std::to_string(reflection->GetInt64(message, field));
    }
  }
}

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_TESTING_EVENT_FACTS_H_
