#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_NAIVE_CALENDAR_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_NAIVE_CALENDAR_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// A calendar for recounts: integer arithmetic over a table of offsets, sharing nothing with the
// product's. Everything is found by walking; slow and plain.
namespace tidemark::analytics::testing {

struct NaiveDate {
  int year = 1970;
  int month = 1;
  int day = 1;
};
// Days since 1970-01-01 of the proleptic Gregorian calendar.
int64_t DayNumber(NaiveDate date);
NaiveDate DateOf(int64_t day_number);
// 1: Monday.
int Weekday(int64_t day_number);

enum class NaiveGrain { kHour, kDay, kWeek, kMonth, kQuarter, kHalfYear, kYear };

struct NaivePeriod {
  std::string name;
  int64_t start_us = 0;
  int64_t end_us = 0;
};

class NaiveCalendar {
 public:
  // `name` is one of ZoneNames().
  explicit NaiveCalendar(const std::string& name);
  static std::vector<std::string> ZoneNames();

  NaivePeriod At(NaiveGrain grain, int64_t time_us) const;
  std::optional<NaivePeriod> YearEarlier(NaiveGrain grain, const NaivePeriod& period) const;
  // Any period name, cumulative ones included; fails the process on what is none.
  NaivePeriod Named(const std::string& name) const;

  // Days since 1970 on the clock of the zone.
  int64_t DayAt(int64_t time_us) const;
  int64_t StartOfDay(int64_t day_number) const;

 private:
  int OffsetAt(int64_t second) const;
  NaivePeriod Days(std::string name, int64_t first, int64_t end) const;
  NaivePeriod HourAt(int64_t time_us) const;
  NaivePeriod ContainingDay(NaiveGrain grain, int64_t day) const;

  // From that second on, ascending.
  std::vector<std::pair<int64_t, int>> offsets_;
  mutable std::map<int64_t, int64_t> starts_;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_NAIVE_CALENDAR_H_
