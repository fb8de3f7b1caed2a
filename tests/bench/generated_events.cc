#include "tests/bench/generated_events.h"

#include <iostream>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clients/cpp/submit/event_writer.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::bench {

bool ReadEventArguments(char** arguments, simulate::GeneratorOptions* options) {
  const std::string_view shape = arguments[0];
  ++arguments;
  absl::CivilDay from, to;
  if ((shape != "full" && shape != "lean") || !absl::SimpleAtoi(arguments[0], &options->events) ||
      !absl::SimpleAtoi(arguments[1], &options->seed) ||
      !absl::ParseCivilTime(arguments[2], &from) || !absl::ParseCivilTime(arguments[3], &to) ||
      !absl::LoadTimeZone(arguments[4], &options->zone) ||
      !absl::SimpleAtoi(arguments[5], &options->consumers)) {
    return false;
  }
  options->lean = options->prehashed = shape == "lean";
  options->label = !options->lean;
  options->from_us = absl::ToUnixMicros(absl::FromCivil(from, options->zone));
  options->to_us = absl::ToUnixMicros(absl::FromCivil(to, options->zone));
  options->sources = absl::StrSplit(arguments[6], ',');
  options->regions = absl::StrSplit(arguments[7], ',');
  options->categories = absl::StrSplit(arguments[8], ',');
  options->consumer_scheme = "local.synthetic";
  return true;
}

bool ForEachEvent(const simulate::GeneratorOptions& options,
                  const std::function<void(const ingest::v1::Event&)>& visit) {
  const simulate::EventGenerator generator(options);
  submit::EventWriter writer;
  ingest::v1::Event event;
  for (uint64_t index = 0; index < options.events; ++index) {
    generator.Write(index, writer);
    if (!event.ParseFromArray(writer.bytes().data(), static_cast<int>(writer.bytes().size()))) {
      std::cerr << "event " << index << " cannot be parsed\n";
      return false;
    }
    visit(event);
  }
  return true;
}

}  // namespace tidemark::bench
