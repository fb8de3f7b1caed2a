#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_DATE_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_DATE_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace tidemark::catalog {

// A day as it was given; IsRealDay tells whether it exists.
struct Date {
  int32_t year = 0;
  int32_t month = 0;
  int32_t day = 0;
  friend auto operator<=>(const Date&, const Date&) = default;
};

// Half-open: from `start` (absent: since ever) up to, not including, `end` (absent: open).
struct Validity {
  std::optional<Date> start;
  std::optional<Date> end;
  friend bool operator==(const Validity&, const Validity&) = default;
};

// Year 1 to 9999 of the proleptic Gregorian calendar.
bool IsRealDay(const Date& date);

// Every day of `inner` is a day of `outer`.
bool Covers(const Validity& outer, const Validity& inner);

// Some day belongs to both.
bool Overlap(const Validity& a, const Validity& b);

// The days that belong to both; nothing when none does.
std::optional<Validity> Common(const Validity& a, const Validity& b);

// "2024-03-05"
std::string ToString(const Date& date);
// "[2024-03-05, open)"
std::string ToString(const Validity& validity);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_DATE_H_
