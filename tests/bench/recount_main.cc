// bench_recount: counts the events that `tidemark simulate` sends, independently of the services.
//
//   bench_recount full|lean EVENTS SEED FROM TO ZONE CONSUMERS SOURCE,... REGION,... CATEGORY,...
//   [DAY REGION]
//
// FROM and TO are days (TO exclusive) in ZONE; codes in the order the catalog lists them. Prints
// totals, or the tables of RecountTables when DAY and REGION say what to count by category.
#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/time/civil_time.h"
#include "tests/bench/generated_events.h"
#include "tests/bench/recount_tables.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::bench {
namespace {

bool PrintTotals(const simulate::GeneratorOptions& options) {
  uint64_t counts[2] = {0, 0};
  int64_t amounts[2] = {0, 0};
  const bool all = ForEachCountingEvent(options, [&](const ingest::v1::Event& event) {
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
  const bool all = ForEachCountingEvent(
      options, [&tables](const ingest::v1::Event& event) { tables.Add(event); });
  tables.Print(std::cout);
  return all;
}

}  // namespace
}  // namespace tidemark::bench

int main(int count, char** arguments) {
  using namespace tidemark::bench;
  std::ios::sync_with_stdio(false);
  tidemark::simulate::GeneratorOptions options;
  constexpr int kPlain = 1 + kEventArgumentCount;
  if ((count != kPlain && count != kPlain + 2) || !ReadEventArguments(arguments + 1, &options)) {
    std::cerr << "bench_recount " << kEventArguments << " [DAY REGION]\n";
    return 2;
  }
  const bool done = count == kPlain
                        ? PrintTotals(options)
                        : PrintTables(options, arguments[kPlain], arguments[kPlain + 1]);
  return done ? 0 : 1;
}
