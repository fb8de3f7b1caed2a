#include "tests/bench/generated_events.h"

#include <algorithm>
#include <iostream>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clients/cpp/submit/event_writer.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::bench {
namespace {

struct Refund {
  int64_t event_time_us = 0;
  std::string id;
  int64_t amount = 0;
};

struct Refunded {
  int64_t amount = 0;
  std::vector<Refund> refunds;
};

// Ids of the refunds in excess. All of an original are of its own source.
bool FindVoid(const simulate::GeneratorOptions& options, std::unordered_set<std::string>* ids) {
  std::unordered_map<std::string, Refunded> originals;
  const bool all = ForEachEvent(options, [&](const ingest::v1::Event& event) {
    if (!event.has_original()) return;
    originals[event.original().id()].refunds.push_back(
        {event.event_time_us(), event.id(), event.amount()});
  });
  if (!all || originals.empty()) return all;
  ForEachEvent(options, [&](const ingest::v1::Event& event) {
    const auto found = originals.find(event.id());
    if (found != originals.end()) found->second.amount = event.amount();
  });
  for (auto& [id, original] : originals) {
    std::sort(original.refunds.begin(), original.refunds.end(),
              [](const Refund& a, const Refund& b) {
                return std::tie(a.event_time_us, a.id) < std::tie(b.event_time_us, b.id);
              });
    for (const Refund& refund : original.refunds) {
      if (refund.amount > original.amount) {
        ids->insert(refund.id);
      } else {
        original.amount -= refund.amount;
      }
    }
  }
  return true;
}

}  // namespace

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

bool ForEachCountingEvent(const simulate::GeneratorOptions& options,
                          const std::function<void(const ingest::v1::Event&)>& visit) {
  std::unordered_set<std::string> void_refunds;
  return FindVoid(options, &void_refunds) &&
         ForEachEvent(options, [&](const ingest::v1::Event& event) {
           if (void_refunds.empty() || !void_refunds.contains(event.id())) visit(event);
         });
}

}  // namespace tidemark::bench
