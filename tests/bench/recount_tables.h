#ifndef TIDEMARK_TESTS_BENCH_RECOUNT_TABLES_H_
#define TIDEMARK_TESTS_BENCH_RECOUNT_TABLES_H_

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace tidemark::ingest::v1 {
class Event;
}

namespace tidemark::bench {

// Signed amounts and number of some events.
struct Cell {
  int64_t amount = 0;
  uint64_t events = 0;
};

// What the eight questions of the benchmark ask for, counted the plain way from event messages: one
// map per question and none of the services' code.
class RecountTables {
 public:
  // Times are named in `zone`, which must be whole hours from UTC. One day of one region is counted
  // by category.
  RecountTables(absl::TimeZone zone, absl::CivilDay day, std::string region);

  void Add(const ingest::v1::Event& event);
  // One line per cell: table, keys, values, separated by tabs.
  void Print(std::ostream& out);

 private:
  // Calendar of an hour: days since 1970, months and quarters since year 0.
  struct Hour {
    int32_t day = 0, month = 0, quarter = 0, year = 0;
  };
  // A text as a number; one list for all fields.
  uint32_t NumberOf(const std::string& text);
  const Hour& HourOf(int64_t time_us);
  void AddPurchaseLine(const ingest::v1::Event& event, const Hour& hour, uint64_t category);
  void PrintQuantiles(std::ostream& out);

  const absl::TimeZone zone_;
  std::unordered_map<std::string, uint32_t> numbers_;
  std::vector<std::string> texts_;
  const int32_t day_;
  const uint32_t region_;
  std::unordered_map<int64_t, Hour> hours_;
  Cell gross_, refunds_;
  uint64_t events_ = 0;
  // Keys are made of two or three numbers; see Key in the source.
  std::unordered_map<uint64_t, Cell> by_month_region_, by_year_category_, by_flow_, by_line_;
  std::unordered_map<uint64_t, Cell> day_by_category_;
  // Per month and area type: the consumers met, and how many.
  std::map<uint64_t, std::pair<std::vector<bool>, uint64_t>> consumers_;
  std::unordered_map<std::string, uint32_t> consumer_numbers_;
  std::map<uint64_t, std::vector<int64_t>> amounts_;
};

}  // namespace tidemark::bench

#endif  // TIDEMARK_TESTS_BENCH_RECOUNT_TABLES_H_
