#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/analytics/testing/recount.h"
#include "tidemark/analytics/v1/query.pb.h"
#include "tidemark/analytics/v1/result.pb.h"

// How a recount is held against an answer, and what has been compared so far.
namespace tidemark::analytics::testing {
namespace {

using Type = RecountValue::Type;

std::string Show(const RecountValue& value) {
  if (value.null != 0) return absl::StrCat("null ", v1::NullReason_Name(value.null));
  if (value.type == Type::kText) return absl::StrCat("\"", value.text, "\"/", value.member_kind);
  return value.type == Type::kReal ? absl::StrCat(value.real) : absl::StrCat(value.integer);
}

RecountValue ValueOf(const v1::Column& column, int row) {
  RecountValue value;
  if (column.null_reasons_size() != 0) value.null = column.null_reasons(row);
  if (column.has_dictionary()) {
    const v1::Member& member =
        column.dictionary().members(static_cast<int>(column.dictionary().indexes(row)));
    value.type = Type::kText;
    value.text = member.code();
    value.member_kind = member.kind();
  } else if (column.has_doubles()) {
    value.type = Type::kReal;
    value.real = column.doubles().values(row);
  } else {
    value.integer = column.integers().values(row);
  }
  return value;
}

bool Same(const RecountValue& a, const RecountValue& b) {
  if (a.type != b.type || a.null != b.null) return false;
  if (a.type == Type::kText) return a.text == b.text && a.member_kind == b.member_kind;
  const double slack = 1e-12 * (1 + std::fabs(a.real));
  return a.integer == b.integer && std::fabs(a.real - b.real) <= slack;
}

int RowsIn(const v1::Column& column) {
  if (column.has_dictionary()) return column.dictionary().indexes_size();
  return column.has_doubles() ? column.doubles().values_size() : column.integers().values_size();
}

// The row's period is partial, and something of it is compared all the same.
bool GrowsThoughPartial(const std::vector<std::string>& columns,
                        const std::vector<RecountValue>& row) {
  bool partial = false, grows = false;
  for (size_t c = 0; c < row.size(); ++c) {
    if (columns[c] == "flags") partial = absl::StartsWith(row[c].text, "PARTIAL");
    grows = grows || (row[c].null == 0 && (absl::StartsWith(columns[c], "prev(") ||
                                           absl::StartsWith(columns[c], "yoy(")));
  }
  return partial && grows;
}

}  // namespace

std::string Difference(const RecountTable& recount, uint64_t offset, const v1::Result& result) {
  if (offset + result.row_count() > recount.rows.size()) {
    return absl::StrCat("rows up to ", offset + result.row_count(), ", the recount has ",
                        recount.rows.size());
  }
  if (static_cast<size_t>(result.columns_size()) != recount.columns.size()) {
    return absl::StrCat(result.columns_size(), " columns, the recount has ",
                        recount.columns.size());
  }
  const int rows = static_cast<int>(result.row_count());
  for (int c = 0; c < result.columns_size(); ++c) {
    const v1::Column& column = result.columns(c);
    const std::string& name = recount.columns[static_cast<size_t>(c)];
    if (column.name() != name) return absl::StrCat("column ", column.name(), ", want ", name);
    if (RowsIn(column) != rows) return absl::StrCat(name, ": ", RowsIn(column), " values");
    for (int row = 0; row < rows; ++row) {
      const RecountValue got = ValueOf(column, row);
      const RecountValue& want =
          recount.rows[offset + static_cast<uint64_t>(row)][static_cast<size_t>(c)];
      if (Same(want, got)) continue;
      return absl::StrCat("row ", offset + static_cast<uint64_t>(row), ", ", name, ": ", Show(got),
                          ", the recount has ", Show(want));
    }
  }
  return "";
}

void Count(const v1::Query& query, const RecountTable& recount, Counters* counters) {
  const auto add = [counters](const std::string& what) { ++(*counters)[what]; };
  const std::string geography = absl::StrCat("geography ", v1::Geography_Name(query.geography()));
  add(geography);
  if (query.comparisons_size() != 0) add(geography + " compared");
  for (const auto& measure : query.measures()) add("measure " + measure.name());
  add(absl::StrCat("grain ", v1::Grain_Name(query.grain())));
  for (const auto& dimension : query.dimensions()) {
    add(absl::StrCat("dimension ", dimension.name(), dimension.level().empty() ? "" : "@",
                     dimension.level()));
  }
  if (query.dimensions_size() == 0) add("total");
  for (const auto& filter : query.filters()) {
    add(absl::StrCat("filter ", filter.dimension(), filter.exclude() ? " excluding" : ""));
    if (filter.unknown()) add("filter unknown");
    for (const std::string& code : filter.codes()) {
      if (code.rfind("regionGroups/", 0) == 0) add("filter group");
    }
  }
  for (const int comparison : query.comparisons()) {
    add(absl::StrCat("comparison ", v1::Comparison_Name(comparison), " ",
                     v1::Grain_Name(query.grain())));
  }
  if (query.cagr_years_size() != 0) add("cagr");
  if (!query.index_base().empty()) add("index");
  for (const auto& contribution : query.contributions()) {
    add(contribution.comparison() == v1::COMPARISON_PREV ? "contribution prev" : "contribution");
  }
  if (query.location_quotients_size() != 0) add("location quotient");
  const bool cumulates = std::count(query.comparisons().begin(), query.comparisons().end(),
                                    v1::COMPARISON_YTD_YOY) != 0;
  if (cumulates && query.panel() == v1::PANEL_MATCHED) add("year to date matched");
  if (query.panel() == v1::PANEL_MATCHED) add("panel matched");
  if (query.to_date()) add("to date");
  for (const auto& share : query.shares()) {
    add(share.dimension().empty() ? "share of all"
        : share.level().empty()   ? "share of dimension"
                                  : "share of level");
  }
  for (const auto& rank : query.ranks()) add(rank.ascending() ? "rank ascending" : "rank");
  if (query.order_by_size() != 0) add("ordered");
  if (query.limit() != 0) add("limited");
  const v1::PeriodRange& range = query.range();
  if (!range.first().empty()) add("range first");
  if (!range.last().empty()) add("range last");
  if (!range.first().empty() && range.first() == range.last()) {
    add(range.first().find("..") == std::string::npos ? "range of one period" : "range cumulative");
  }
  if (recount.rows.empty()) add("empty answer");
  for (const auto& row : recount.rows) {
    add("rows");
    if (query.to_date() && GrowsThoughPartial(recount.columns, row)) {
      add(query.panel() == v1::PANEL_MATCHED ? "growth to date matched" : "growth to date");
    }
    for (size_t c = 0; c < row.size(); ++c) {
      const RecountValue& value = row[c];
      if (value.null != 0) add(absl::StrCat("null ", v1::NullReason_Name(value.null)));
      if (value.member_kind != 0)
        add(absl::StrCat("member ", v1::MemberKind_Name(value.member_kind)));
      if (value.type == Type::kReal && value.null == 0 && value.real == -1) add("growth -1");
      if (recount.columns[c] != "flags" || value.text.empty()) continue;
      for (const absl::string_view flag : absl::StrSplit(value.text, ' ')) {
        add(absl::StrCat("flag ", flag));
      }
    }
  }
}

}  // namespace tidemark::analytics::testing
