// bench_recount: counts the events that `tidemark simulate` sends, independently of the services.
//
//   bench_recount EVENTS SEED FROM TO ZONE CONSUMERS SOURCE,... REGION,... CATEGORY,... [DAY
//   REGION]
//
// FROM and TO are days (TO exclusive) in ZONE; codes in the order the catalog lists them. Prints
// totals, or the tables of RecountTables when DAY and REGION say what to count by category.
#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clients/cli/simulate/event_generator.h"
#include "clients/cpp/submit/event_writer.h"
#include "tests/bench/recount_tables.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::bench {
namespace {

bool ReadOptions(char** arguments, simulate::GeneratorOptions* options) {
  absl::CivilDay from, to;
  if (!absl::SimpleAtoi(arguments[1], &options->events) ||
      !absl::SimpleAtoi(arguments[2], &options->seed) ||
      !absl::ParseCivilTime(arguments[3], &from) || !absl::ParseCivilTime(arguments[4], &to) ||
      !absl::LoadTimeZone(arguments[5], &options->zone) ||
      !absl::SimpleAtoi(arguments[6], &options->consumers)) {
    return false;
  }
  options->from_us = absl::ToUnixMicros(absl::FromCivil(from, options->zone));
  options->to_us = absl::ToUnixMicros(absl::FromCivil(to, options->zone));
  options->sources = absl::StrSplit(arguments[7], ',');
  options->regions = absl::StrSplit(arguments[8], ',');
  options->categories = absl::StrSplit(arguments[9], ',');
  options->consumer_scheme = "local.synthetic";
  return true;
}

// Calls count(event) for each; false when an event is not what protobuf reads.
template <typename F>
bool ForEach(const simulate::GeneratorOptions& options, F&& count) {
  const simulate::EventGenerator generator(options);
  submit::EventWriter writer;
  ingest::v1::Event event;
  for (uint64_t index = 0; index < options.events; ++index) {
    generator.Write(index, writer);
    if (!event.ParseFromArray(writer.bytes().data(), static_cast<int>(writer.bytes().size()))) {
      std::cerr << "event " << index << " cannot be parsed\n";
      return false;
    }
    count(event);
  }
  return true;
}

bool PrintTotals(const simulate::GeneratorOptions& options) {
  uint64_t counts[2] = {0, 0};
  int64_t amounts[2] = {0, 0};
  const bool all = ForEach(options, [&](const ingest::v1::Event& event) {
    const int refund = event.kind() == ingest::v1::EVENT_KIND_REFUND ? 1 : 0;
    ++counts[refund];
    amounts[refund] += event.amount();
  });
  std::cout << "events\t" << counts[0] + counts[1] << "\ngross\t" << amounts[0] << "\npurchases\t"
            << counts[0] << "\nrefunds\t" << amounts[1] << '\n';
  return all;
}

bool PrintTables(const simulate::GeneratorOptions& options, const char* day_text,
                 const char* region) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(day_text, &day)) return false;
  RecountTables tables(options.zone, day, region);
  const bool all =
      ForEach(options, [&tables](const ingest::v1::Event& event) { tables.Add(event); });
  tables.Print(std::cout);
  return all;
}

}  // namespace
}  // namespace tidemark::bench

int main(int count, char** arguments) {
  std::ios::sync_with_stdio(false);
  tidemark::simulate::GeneratorOptions options;
  if ((count != 10 && count != 12) || !tidemark::bench::ReadOptions(arguments, &options)) {
    std::cerr << "bench_recount EVENTS SEED FROM TO ZONE CONSUMERS SOURCE,... REGION,... "
                 "CATEGORY,... [DAY REGION]\n";
    return 2;
  }
  const bool done = count == 10
                        ? tidemark::bench::PrintTotals(options)
                        : tidemark::bench::PrintTables(options, arguments[10], arguments[11]);
  return done ? 0 : 1;
}
