#ifndef TIDEMARK_SERVICES_INGEST_API_EVENT_PEEK_H_
#define TIDEMARK_SERVICES_INGEST_API_EVENT_PEEK_H_

#include <cstdint>
#include <string_view>

namespace tidemark::ingest {

// What can be told of an event's bytes without judging them, as far as they are protobuf. Views
// point into them.
struct EventPeek {
  // The last ones count, as in any parser. Not checked for UTF-8 or length; empty: absent.
  std::string_view source;
  std::string_view id;
  uint32_t revision = 0;
  // The bytes are fields to the end, known or not: what stands in a field belongs there.
  bool whole = true;
  // The bytes are fields of an Event to the end, each of its type, and none of a consumer: so
  // whatever else is wrong, there is no place where a consumer's identifier belongs.
  bool harmless = true;
};

EventPeek PeekAt(std::string_view event);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_EVENT_PEEK_H_
