#include "services/ingest/api/quarantine_convert.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/access/rpc_access.h"
#include "services/ingest/api/event_parser.h"
#include "services/ingest/api/event_peek.h"
#include "services/ingest/api/utf8.h"
#include "services/ingest/domain/pseudonymiser.h"
#include "tidemark/ingest/v1/quarantine.pb.h"

namespace tidemark::ingest {
namespace {

// An event that may be accepted is smaller by far.
constexpr size_t kMaxKeptBytes = size_t{16} << 10;

// At most `limit` bytes, cut between characters; empty when it is no UTF-8.
std::string Text(std::string_view text, size_t limit) {
  if (!IsUtf8(text)) return "";
  size_t end = std::min(text.size(), limit);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  return std::string(text.substr(0, end));
}

class EntryMaker {
 public:
  EntryMaker(const catalog_client::CatalogView& view, const ledger::HmacKey& key)
      : view_(view), pseudonymiser_(&key) {}

  // Fills in what is kept of the event's content.
  void KeepContent(std::string_view bytes, const EventPeek& peek, QuarantineEntry* entry) {
    ledger::EventRecord record;
    extras_.Clear();
    Rejection ignored;
    v1::Event event;
    if (!ParseEvent(bytes, &record, &extras_, &ignored) ||
        !event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      if (peek.harmless && bytes.size() <= kMaxKeptBytes) entry->raw_event = bytes;
      return;
    }
    // Nobody here knows what they hold.
    event.DiscardUnknownFields();
    const bool whole = HideConsumer(&event);
    if (event.ByteSizeLong() > kMaxKeptBytes) return;
    event.SerializeToString(&entry->event);
    entry->resubmittable = whole;
  }

 private:
  // False: the consumer could not be kept.
  bool HideConsumer(v1::Event* event) {
    if (!event->has_consumer()) return true;
    v1::Consumer& consumer = *event->mutable_consumer();
    if (consumer.identity_case() == v1::Consumer::kPrehashed) {
      // Of another size it may be anything.
      if (consumer.prehashed().size() == ledger::kPseudonymBytes) return true;
      consumer.clear_identity();
      return false;
    }
    if (consumer.identity_case() != v1::Consumer::kId) return true;
    std::string pseudonym = PseudonymOf(consumer);
    if (pseudonym.empty()) {
      consumer.clear_identity();
      return false;
    }
    consumer.set_prehashed(std::move(pseudonym));
    return true;
  }

  std::string PseudonymOf(const v1::Consumer& consumer) {
    const auto* scheme = view_.schemes().Find(consumer.scheme());
    if (scheme == nullptr || consumer.id().empty() ||
        consumer.id().size() > ledger::kMaxIdentityBytes) {
      return "";
    }
    arena_.Clear();
    pseudonymiser_.Clear();
    Rejection ignored;
    if (!pseudonymiser_.Add(0, *scheme, consumer.id(), &arena_, &ignored)) return "";
    std::string made;
    pseudonymiser_.Finish(&arena_, [&](uint32_t, std::string_view pseudonym) { made = pseudonym; });
    return made;
  }

  const catalog_client::CatalogView& view_;
  Pseudonymiser pseudonymiser_;
  Arena arena_;
  EventExtras extras_;
};

std::string SourceOf(const EventPeek& peek, const catalog_client::CatalogView& view) {
  if (!peek.whole && view.sources().Find(peek.source) == nullptr) return "";
  if (peek.source.size() > ledger::kMaxIdentityBytes ||
      Classify(peek.source) != TextClass::kPlain) {
    return "";
  }
  return std::string(peek.source);
}

}  // namespace

std::string SourceForQuarantine(std::string_view event, const catalog_client::CatalogView& view) {
  return SourceOf(PeekAt(event), view);
}

void EntriesOf(const RejectedEvents& rejected, const ledger::HmacKey& pseudonym_key,
               std::vector<QuarantineEntry>* entries) {
  EntryMaker maker(*rejected.view, pseudonym_key);
  for (const RejectedEvents::Event& event : rejected.events) {
    const EventPeek peek = PeekAt(event.bytes);
    QuarantineEntry entry;
    entry.source = SourceOf(peek, *rejected.view);
    if (!entry.source.empty() &&
        !access::MayUseSource(rejected.caller, rejected.method, entry.source)) {
      continue;
    }
    if (peek.whole) {
      entry.event_id = Text(peek.id, ledger::kMaxIdentityBytes);
      entry.revision = peek.revision;
    }
    entry.code = static_cast<int32_t>(CodeOf(event.rejection.reason));
    entry.reason = NameOf(event.rejection.reason);
    entry.field = NameOf(event.rejection.field);
    entry.message = event.rejection.message;
    entry.size_bytes = static_cast<uint32_t>(event.bytes.size());
    entry.position = event.position;
    entry.first_us = entry.last_us = rejected.time_us;
    entry.principal = rejected.caller.principal;
    maker.KeepContent(event.bytes, peek, &entry);
    entries->push_back(std::move(entry));
  }
}

void ToProto(const QuarantineEntry& entry, bool with_attributes, v1::QuarantinedEvent* out) {
  out->set_id(absl::StrCat(entry.number));
  out->set_source(entry.source);
  out->set_event_id(entry.event_id);
  out->set_revision(entry.revision);
  out->set_code(entry.code);
  out->set_reason(entry.reason);
  out->set_field(entry.field);
  out->set_message(entry.message);
  if (!entry.event.empty() && out->mutable_event()->ParseFromString(entry.event)) {
    if (!with_attributes) out->mutable_event()->clear_attributes();
  }
  // A steward's look is not at what may hold attributes.
  if (with_attributes) out->set_raw_event(entry.raw_event);
  out->set_resubmittable(entry.resubmittable);
  out->set_size_bytes(entry.size_bytes);
  out->set_position(entry.position);
  out->set_count(entry.count);
  out->set_first_time_us(entry.first_us);
  out->set_last_time_us(entry.last_us);
  out->set_principal(entry.principal);
}

}  // namespace tidemark::ingest
