#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_ROWS_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_ROWS_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "services/analytics/query/table.h"

// Tables as plain rows, for comparison with what an oracle counts.
namespace tidemark::analytics::testing {

// A text, an integer as its digits, or a number; or why there is none.
struct PlainValue {
  std::string text;
  bool real = false;
  double value = 0;
  NullReason null = NullReason::kNone;
  // By which part of its size, or of 1, a number may be off.
  double tolerance = 1e-12;

  static PlainValue Text(std::string text) { return {std::move(text)}; }
  static PlainValue Whole(int64_t value) { return {absl::StrCat(value)}; }
  static PlainValue Null(NullReason why) { return {.null = why}; }
  static PlainValue Real(double value) { return {.real = true, .value = value}; }
  // To the last bit.
  static PlainValue Exactly(double value) { return {.real = true, .value = value, .tolerance = 0}; }
  static PlainValue Near(double value, double tolerance) {
    return {.real = true, .value = value, .tolerance = tolerance};
  }
  // Null where the divisor is 0.
  static PlainValue Ratio(double part, double whole,
                          NullReason why = NullReason::kZeroDenominator) {
    return whole == 0 ? Null(why) : Real(part / whole);
  }

  bool Equals(const PlainValue& other) const {
    if (null != other.null) return false;
    if (null != NullReason::kNone) return true;
    if (real != other.real) return false;
    if (!real) return text == other.text;
    return std::fabs(value - other.value) <=
           tolerance * std::max({1.0, std::fabs(value), std::fabs(other.value)});
  }
  std::string Shown() const {
    if (null != NullReason::kNone) return absl::StrCat("null ", static_cast<int>(null));
    return real ? absl::StrFormat("%.17g", value) : text;
  }
};
using PlainRow = std::map<std::string, PlainValue>;
using PlainTable = std::vector<PlainRow>;

// `gb`, `UNALLOCATED:eu` or `UNKNOWN`.
inline std::string MemberText(int kind, const std::string& code) {
  return kind == 2 ? "UNKNOWN" : absl::StrCat(kind == 1 ? "UNALLOCATED:" : "", code);
}

// Without coverage and, unless they are wanted, status and flags.
inline PlainTable RowsOf(const Table& table, bool with_marks = false) {
  PlainTable rows(table.row_count);
  for (const Column& column : table.columns) {
    const bool mark = column.kind == ColumnKind::kStatus || column.kind == ColumnKind::kFlags;
    if (column.kind == ColumnKind::kCoverage || (mark && !with_marks)) continue;
    for (size_t row = 0; row < rows.size(); ++row) {
      PlainValue& value = rows[row][column.name];
      if (column.IsNull(row)) {
        value = PlainValue::Null(column.nulls[row]);
      } else if (column.type == Column::Type::kIntegers) {
        value = PlainValue::Whole(column.integers[row]);
      } else if (column.type == Column::Type::kDoubles) {
        value = PlainValue::Real(column.doubles[row]);
      } else {
        const analytics::Member& member = column.members[column.texts[row]];
        value = PlainValue::Text(MemberText(static_cast<int>(member.kind), member.code));
      }
    }
  }
  return rows;
}

// Leaves out the status, and of the flags all but those named.
inline PlainTable WithFlags(PlainTable rows, const std::set<std::string_view>& named) {
  for (PlainRow& row : rows) {
    row.erase("status");
    std::string kept;
    for (const std::string_view flag : absl::StrSplit(row["flags"].text, ' ')) {
      if (named.contains(flag)) absl::StrAppend(&kept, kept.empty() ? "" : " ", flag);
    }
    row["flags"] = PlainValue::Text(kept);
  }
  return rows;
}

inline std::string RowText(const PlainRow& row) {
  std::string text;
  for (const auto& [name, value] : row) absl::StrAppend(&text, name, "=", value.Shown(), " ");
  return text;
}

// Empty when both hold the same rows in the same order, else what differs first.
inline std::string FirstDifference(const PlainTable& want, const PlainTable& got) {
  for (size_t i = 0; i < std::max(want.size(), got.size()); ++i) {
    if (i >= want.size()) return absl::StrCat("row ", i, " is too much: ", RowText(got[i]));
    if (i >= got.size()) return absl::StrCat("row ", i, " is missing: ", RowText(want[i]));
    bool same = want[i].size() == got[i].size();
    for (const auto& [name, value] : want[i]) {
      const auto found = got[i].find(name);
      same = same && found != got[i].end() && value.Equals(found->second);
    }
    if (!same) return absl::StrCat("row ", i, ": want ", RowText(want[i]), "got ", RowText(got[i]));
  }
  return "";
}

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_PLAIN_ROWS_H_
