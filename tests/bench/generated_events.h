#ifndef TIDEMARK_TESTS_BENCH_GENERATED_EVENTS_H_
#define TIDEMARK_TESTS_BENCH_GENERATED_EVENTS_H_

#include <functional>

#include "clients/cli/simulate/event_generator.h"

namespace tidemark::ingest::v1 {
class Event;
}

namespace tidemark::bench {

// The arguments that say which events the bench's tools make, and their number.
inline constexpr char kEventArguments[] =
    "full|lean EVENTS SEED FROM TO ZONE CONSUMERS SOURCE,... REGION,... CATEGORY,...";
inline constexpr int kEventArgumentCount = 10;

// Reads kEventArguments, the first at `arguments[0]`. lean: `simulate --lean --plain --prehashed`.
// FROM and TO are days (TO exclusive) in ZONE; codes in the order the catalog lists them. False
// when one of them cannot be read.
bool ReadEventArguments(char** arguments, simulate::GeneratorOptions* options);

// Calls visit(event) for each event that `tidemark simulate` sends with these options, in order of
// sending. False, with a line on stderr, when an event is not what protobuf reads.
bool ForEachEvent(const simulate::GeneratorOptions& options,
                  const std::function<void(const ingest::v1::Event&)>& visit);

// As above, without the refunds that would give back more than their original took, which count for
// nothing. Makes the events several times.
bool ForEachCountingEvent(const simulate::GeneratorOptions& options,
                          const std::function<void(const ingest::v1::Event&)>& visit);

}  // namespace tidemark::bench

#endif  // TIDEMARK_TESTS_BENCH_GENERATED_EVENTS_H_
