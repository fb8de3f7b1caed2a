#include "services/ingest/api/event_convert.h"

#include <string>

#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {
namespace {

using ledger::Absent;

#define TIDEMARK_SET_TEXT(field) \
  if (!Absent(r.field)) event->set_##field(std::string(r.field))
#define TIDEMARK_SET_NUMBER(field) \
  if (r.field.has_value()) event->set_##field(*r.field)

void SetParties(const ledger::EventRecord& r, v1::Event* event) {
  if (!Absent(r.original_id)) {
    event->mutable_original()->set_source(std::string(r.original_source));
    event->mutable_original()->set_id(std::string(r.original_id));
  }
  if (!Absent(r.transaction_id)) {
    event->mutable_transaction()->set_scheme(std::string(r.transaction_scheme));
    event->mutable_transaction()->set_id(std::string(r.transaction_id));
  }
  if (!Absent(r.consumer_scheme)) {
    event->mutable_consumer()->set_scheme(std::string(r.consumer_scheme));
    if (!Absent(r.pseudonym)) {
      event->mutable_consumer()->set_prehashed(std::string(r.pseudonym));
    }
  }
}

}  // namespace

void ToProto(const ledger::EventRecord& r, v1::Event* event) {
  event->set_source(std::string(r.source));
  event->set_id(std::string(r.id));
  event->set_revision(r.revision);
  event->set_kind(static_cast<v1::EventKind>(r.kind));
  event->set_event_time_us(r.event_time_us);
  SetParties(r, event);
  TIDEMARK_SET_TEXT(order);
  event->set_reporting_role(static_cast<v1::ReportingRole>(r.reporting_role));
  TIDEMARK_SET_TEXT(consumer_region);
  TIDEMARK_SET_TEXT(provider_region);
  TIDEMARK_SET_TEXT(place_of_use);
  TIDEMARK_SET_TEXT(category);
  TIDEMARK_SET_TEXT(product);
  TIDEMARK_SET_TEXT(provider);
  event->set_segment(static_cast<v1::Segment>(r.segment));
  event->set_channel(static_cast<v1::Channel>(r.channel));
  TIDEMARK_SET_TEXT(payment_method);
  TIDEMARK_SET_TEXT(age_band);
  event->set_area_type(static_cast<v1::AreaType>(r.area_type));
  TIDEMARK_SET_TEXT(income_band);
  TIDEMARK_SET_TEXT(scenario);
  TIDEMARK_SET_TEXT(project);
  TIDEMARK_SET_TEXT(activity);
  TIDEMARK_SET_NUMBER(amount);
  TIDEMARK_SET_NUMBER(voucher_amount);
  TIDEMARK_SET_NUMBER(quantity);
  for (const ledger::Attribute& attribute : r.attributes) {
    (*event->mutable_attributes())[std::string(attribute.key)] = std::string(attribute.value);
  }
}

void ToProto(const ledger::EventRecord& r, v1::StoredEvent* stored) {
  ToProto(r, stored->mutable_event());
  stored->set_accepted_time_us(r.accepted_time_us);
  stored->set_principal(std::string(r.principal));
  stored->set_waiting(r.original_leaf == ledger::kWaitingLeaf);
  if (r.previous_leaf != ledger::kNoLeaf) stored->set_previous_leaf(r.previous_leaf);
  if (r.transaction_leaf != ledger::kNoLeaf) stored->set_transaction_leaf(r.transaction_leaf);
  if (r.original_leaf != ledger::kNoLeaf && r.original_leaf != ledger::kWaitingLeaf) {
    stored->set_original_leaf(r.original_leaf);
  }
}

}  // namespace tidemark::ingest
