// One event: our parser accepts and refuses exactly what the generated one does, and both read the
// same fields out of it.
#include <google/protobuf/stubs/logging.h>

#include "clients/cpp/ledger/leaf.h"
#include "services/ingest/api/event_parser.h"
#include "services/ingest/api/event_peek.h"
#include "services/ingest/domain/arena.h"
#include "services/ingest/domain/shape.h"
#include "services/ingest/testing/event_facts.h"
#include "tests/fuzz/fuzz.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::ingest {
namespace {

std::string TextOf(const Facts& facts) {
  std::string text;
  for (const auto& [name, value] : facts) text += name + "=" + value + " ";
  return text;
}

// What passes the checks of a single event can be stored: it has a leaf, which is read back.
void CheckShaped(const EventExtras& extras, ledger::EventRecord record) {
  Arena arena;
  Rejection rejection;
  if (!CheckShape(extras, &record, &arena, &rejection)) {
    FUZZ_CHECK(!rejection.message.empty(), "a refusal says why");
    FUZZ_CHECK(rejection.message.size() < 1000, "of bounded length");
    return;
  }
  static const ledger::HmacKey* key = new ledger::HmacKey("salt key");
  std::string leaf;
  const absl::Status encoded = ledger::EncodeLeaf(record, *key, &leaf);
  FUZZ_CHECK(encoded.ok(), encoded.ToString());
  const auto decoded = ledger::DecodeLeaf(leaf);
  FUZZ_CHECK(decoded.ok(), decoded.status().ToString());
  FUZZ_CHECK(decoded->event.source == record.source && decoded->event.id == record.id &&
                 decoded->event.amount == record.amount,
             "the leaf of the event");
}

}  // namespace

// What is told of an event without parsing it, and what may be kept of one that cannot be parsed.
void CheckPeek(const EventPeek& peek, const v1::Event& event) {
  FUZZ_CHECK(
      peek.source == event.source() && peek.id == event.id() && peek.revision == event.revision(),
      "the identity that protobuf reads");
  FUZZ_CHECK(!peek.harmless || !event.has_consumer(), "harmless is without a consumer");
}

TIDEMARK_FUZZER(std::string_view bytes) {
  static const google::protobuf::LogSilencer quiet;
  v1::Event event;
  const bool want = event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  ledger::EventRecord record;
  EventExtras extras;
  Rejection rejection;
  const bool got = ParseEvent(bytes, &record, &extras, &rejection);
  FUZZ_CHECK(got == want,
             got ? "protobuf refuses it" : "protobuf accepts it: " + rejection.message);
  if (!got) {
    FUZZ_CHECK(!rejection.message.empty(), "a refusal says why");
    return;
  }
  CheckPeek(PeekAt(bytes), event);
  Facts facts;
  AddFacts(event, "", &facts);
  const Facts ours = FactsOf(record, extras);
  // Attributes past the limit are counted and dropped; the event is refused later.
  if (extras.attribute_entries <= kMaxAttributeEntries) {
    FUZZ_CHECK(ours == facts, "ours: " + TextOf(ours) + "\n  protobuf's: " + TextOf(facts));
  }
  CheckShaped(extras, record);
}

}  // namespace tidemark::ingest
