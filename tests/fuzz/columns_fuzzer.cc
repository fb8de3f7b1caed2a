// A batch by columns as it comes from the network: what does not fit is refused as the sender's
// fault, what fits gives as many events as it counts, and each by itself reads as it does in its
// column.
#include <google/protobuf/stubs/logging.h>

#include <string>

#include "services/ingest/api/event_columns.h"
#include "services/ingest/api/event_parser.h"
#include "tests/fuzz/fuzz.h"
#include "tidemark/ingest/v1/columns.pb.h"

namespace tidemark::ingest {
namespace {

constexpr size_t kMostEvents = 64;

void CheckEvent(const EventColumns& columns, size_t row) {
  ledger::EventRecord record, alone;
  EventExtras extras, alone_extras;
  Rejection rejection;
  const std::string bytes = columns.EventBytes(row);
  if (!columns.ReadEvent(row, &record, &extras, &rejection)) {
    FUZZ_CHECK(!rejection.message.empty(), "a refusal has a message");
    return;
  }
  FUZZ_CHECK(ParseEvent(bytes, &alone, &alone_extras, &rejection), "the event by itself is read");
  FUZZ_CHECK(alone.source == record.source && alone.id == record.id &&
                 alone.category == record.category && alone.product == record.product &&
                 alone.order == record.order && alone.consumer_region == record.consumer_region,
             "texts");
  FUZZ_CHECK(alone.amount == record.amount && alone.quantity == record.quantity &&
                 alone.event_time_us == record.event_time_us && alone.revision == record.revision,
             "numbers");
  FUZZ_CHECK(alone_extras.kind == extras.kind && alone_extras.channel == extras.channel,
             "enumerations");
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  static const google::protobuf::LogSilencer quiet;
  EventColumns columns;
  const absl::Status read = columns.Read(bytes, kMostEvents);
  if (!read.ok()) {
    FUZZ_CHECK(fuzz::BlamesInput(read), read.ToString());
    return;
  }
  FUZZ_CHECK(columns.size() <= kMostEvents, "no more events than are allowed");
  for (size_t row = 0; row < columns.size(); ++row) CheckEvent(columns, row);
  v1::EventColumns message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;  // no UTF-8
  FUZZ_CHECK(message.count() == columns.size(), "count");
}

}  // namespace tidemark::ingest
