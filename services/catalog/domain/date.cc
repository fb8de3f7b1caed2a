#include "services/catalog/domain/date.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tidemark::catalog {

bool IsRealDay(const Date& date) {
  if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12) return false;
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (date.year % 4 == 0 && date.year % 100 != 0) || date.year % 400 == 0;
  const int last = date.month == 2 && leap ? 29 : kDays[date.month - 1];
  return date.day >= 1 && date.day <= last;
}

bool Covers(const Validity& outer, const Validity& inner) {
  const bool start = !outer.start || (inner.start && *inner.start >= *outer.start);
  const bool end = !outer.end || (inner.end && *inner.end <= *outer.end);
  return start && end;
}

bool Overlap(const Validity& a, const Validity& b) {
  const bool a_before_b = a.end && b.start && *a.end <= *b.start;
  const bool b_before_a = b.end && a.start && *b.end <= *a.start;
  return !a_before_b && !b_before_a;
}

std::optional<Validity> Common(const Validity& a, const Validity& b) {
  if (!Overlap(a, b)) return std::nullopt;
  Validity both = a;
  if (b.start && (!both.start || *b.start > *both.start)) both.start = b.start;
  if (b.end && (!both.end || *b.end < *both.end)) both.end = b.end;
  return both;
}

std::string ToString(const Date& date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year, date.month, date.day);
}

std::string ToString(const Validity& validity) {
  return absl::StrCat("[", validity.start ? ToString(*validity.start) : "ever", ", ",
                      validity.end ? ToString(*validity.end) : "open", ")");
}

}  // namespace tidemark::catalog
