// One event: our parser accepts and refuses exactly what the generated one does, and both read the
// same fields out of it.
#include <google/protobuf/stubs/logging.h>

#include "services/ingest/api/event_parser.h"
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

}  // namespace

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
  Facts facts;
  AddFacts(event, "", &facts);
  const Facts ours = FactsOf(record, extras);
  // Attributes past the limit are counted and dropped; the event is refused later.
  if (extras.attribute_entries <= kMaxAttributeEntries) {
    FUZZ_CHECK(ours == facts, "ours: " + TextOf(ours) + "\n  protobuf's: " + TextOf(facts));
  }
}

}  // namespace tidemark::ingest
