#include "clients/cpp/query/canonical.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tidemark/analytics/v1/query.pb.h"
#include "tidemark/type/v1/date.pb.h"

namespace tidemark::query {
namespace {

namespace v1 = analytics::v1;

constexpr std::string_view kReserved[] = {"and",  "asc",   "by",    "compare", "desc", "from",
                                          "in",   "is",    "limit", "not",     "of",   "order",
                                          "rank", "share", "to",    "unknown", "where"};

bool IsBareByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-' ||
         c == '/' || c == '+' || c == ':';
}

std::string Quoted(std::string_view code) {
  std::string text = "\"";
  for (const char c : code) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      absl::StrAppendFormat(&text, "\\x%02x", byte);
    } else {
      text += c;
    }
  }
  return text + "\"";
}

std::string GrainWord(v1::Grain grain) {
  // A number of a later version has no word; its text is none of the language, and its own.
  if (!v1::Grain_IsValid(grain)) return absl::StrCat("?", static_cast<int>(grain));
  // `GRAIN_HALF_YEAR` is `half_year`.
  return absl::AsciiStrToLower(v1::Grain_Name(grain).substr(6));
}

std::string ComparisonWord(int comparison) {
  // A number of a later version has no word, as in GrainWord.
  if (!v1::Comparison_IsValid(comparison)) return absl::StrCat("?", comparison);
  // `COMPARISON_YTD_YOY` is `ytd_yoy`.
  return absl::AsciiStrToLower(
      v1::Comparison_Name(static_cast<v1::Comparison>(comparison)).substr(11));
}

std::string PanelWord(v1::Panel panel) {
  return panel == v1::PANEL_MATCHED ? "matched" : absl::StrCat("?", static_cast<int>(panel));
}

std::string GeographyWord(v1::Geography geography) {
  return geography == v1::GEOGRAPHY_AT_EVENT     ? "at_event"
         : geography == v1::GEOGRAPHY_PERIOD_END ? "period_end"
                                                 : absl::StrCat("?", static_cast<int>(geography));
}

std::string WithLevel(std::string_view dimension, std::string_view level) {
  if (level.empty()) return QuotedCode(dimension);
  return absl::StrCat(QuotedCode(dimension), "@", QuotedCode(level));
}

std::string FilterText(const v1::Filter& filter) {
  const std::string dimension = QuotedCode(filter.dimension());
  std::vector<std::string> codes;
  for (const std::string& code : filter.codes()) codes.push_back(QuotedCode(code));
  if (codes.empty() && filter.unknown()) {
    return absl::StrCat(dimension, filter.exclude() ? " is not unknown" : " is unknown");
  }
  if (codes.size() == 1 && !filter.unknown()) {
    return absl::StrCat(dimension, filter.exclude() ? " != " : " = ", codes.front());
  }
  if (filter.unknown()) codes.push_back("unknown");
  return absl::StrCat(dimension, filter.exclude() ? " not in (" : " in (",
                      absl::StrJoin(codes, ", "), ")");
}

// `net`, or `net of category@1`.
std::string OfWhole(std::string_view measure, std::string_view dimension, std::string_view level) {
  if (dimension.empty()) return QuotedCode(measure);
  return absl::StrCat(QuotedCode(measure), " of ", WithLevel(dimension, level));
}

std::string ShareText(const v1::Share& share) {
  return OfWhole(share.measure(), share.dimension(), share.level());
}

std::string ContributionText(const v1::Contribution& contribution) {
  return OfWhole(contribution.measure(), contribution.dimension(), contribution.level());
}

std::string LocationQuotientText(const v1::LocationQuotient& quotient) {
  return OfWhole(quotient.measure(), quotient.dimension(), "");
}

// Resident people in the middle of the year, unless it says something else.
bool IsUsual(const catalog::v1::PopulationBasis& basis) {
  return basis.kind() <= catalog::v1::POPULATION_KIND_RESIDENT && basis.kind() >= 0 &&
         basis.time() <= catalog::v1::POPULATION_TIME_MID_YEAR && basis.time() >= 0;
}

std::string PeopleWord(const catalog::v1::PopulationBasis& basis) {
  const int kind = std::max<int>(basis.kind(), catalog::v1::POPULATION_KIND_RESIDENT);
  // A number of a later version has no word, as in GrainWord.
  if (!catalog::v1::PopulationKind_IsValid(kind) || basis.kind() < 0)
    return absl::StrCat("?", static_cast<int>(basis.kind()));
  // `POPULATION_KIND_REGISTERED` is `registered`.
  return absl::AsciiStrToLower(
      catalog::v1::PopulationKind_Name(static_cast<catalog::v1::PopulationKind>(kind)).substr(16));
}

std::string PopulationTimeWord(const catalog::v1::PopulationBasis& basis) {
  const int time = std::max<int>(basis.time(), catalog::v1::POPULATION_TIME_MID_YEAR);
  if (!catalog::v1::PopulationTime_IsValid(time) || basis.time() < 0)
    return absl::StrCat("?", static_cast<int>(basis.time()));
  // `POPULATION_TIME_YEAR_END` is `year_end`.
  return absl::AsciiStrToLower(
      catalog::v1::PopulationTime_Name(static_cast<catalog::v1::PopulationTime>(time)).substr(16));
}

std::string PerCapitaText(const v1::PerCapita& per_capita) {
  const catalog::v1::PopulationBasis& basis = per_capita.population();
  if (IsUsual(basis)) return QuotedCode(per_capita.measure());
  return absl::StrCat(QuotedCode(per_capita.measure()), " ", PeopleWord(basis), " ",
                      PopulationTimeWord(basis));
}

// Appends " WORD item, item", or nothing without items.
template <typename Items, typename Text>
void AppendClause(std::string_view word, const Items& items, Text text, std::string* out) {
  std::string_view separator = word;
  for (const auto& item : items) {
    absl::StrAppend(out, separator, text(item));
    separator = ", ";
  }
}

}  // namespace

bool IsReservedWord(std::string_view word) {
  return std::any_of(std::begin(kReserved), std::end(kReserved), [word](std::string_view reserved) {
    return absl::EqualsIgnoreCase(reserved, word);
  });
}

std::string QuotedCode(std::string_view code) {
  const bool bare = !code.empty() && std::all_of(code.begin(), code.end(), IsBareByte);
  return bare && !IsReservedWord(code) ? std::string(code) : Quoted(code);
}

std::string MeasureColumn(const v1::Measure& measure) {
  if (measure.quantile() == 0) return measure.name();
  return absl::StrCat(measure.name(), "(", measure.quantile(), ")");
}

std::string ShareColumn(const v1::Share& share) {
  return absl::StrCat("share(", ShareText(share), ")");
}

std::string RankColumn(const v1::Rank& rank) {
  return absl::StrCat("rank(", rank.column(), rank.ascending() ? " asc)" : ")");
}

std::string ContributionColumn(const v1::Contribution& contribution, bool rate) {
  const int comparison = contribution.comparison() == v1::COMPARISON_UNSPECIFIED
                             ? v1::COMPARISON_YOY
                             : contribution.comparison();
  return absl::StrCat(ComparisonWord(comparison), rate ? "_contribution_rate(" : "_contribution(",
                      ContributionText(contribution), ")");
}

std::string LocationQuotientColumn(const v1::LocationQuotient& quotient) {
  return absl::StrCat("location_quotient(", LocationQuotientText(quotient), ")");
}

std::string PerCapitaColumn(const v1::PerCapita& per_capita) {
  const catalog::v1::PopulationBasis& basis = per_capita.population();
  if (IsUsual(basis)) return absl::StrCat("per_capita(", per_capita.measure(), ")");
  return absl::StrCat("per_capita(", per_capita.measure(), ",", PeopleWord(basis), ",",
                      PopulationTimeWord(basis), ")");
}

std::string RatioToGdpColumn(std::string_view measure) {
  return absl::StrCat("ratio_to_gdp(", measure, ")");
}

v1::Geography UsualGeography(const v1::Query& query) {
  const bool compares =
      !query.comparisons().empty() || !query.cagr_years().empty() || !query.index_base().empty();
  return compares ? v1::GEOGRAPHY_PERIOD_END : v1::GEOGRAPHY_AT_EVENT;
}

v1::Query Normalised(const v1::Query& query) {
  v1::Query normal = query;
  if (normal.grain() == v1::GRAIN_UNSPECIFIED) normal.set_grain(v1::GRAIN_ALL);
  if (normal.geography() == v1::GEOGRAPHY_UNSPECIFIED) {
    normal.set_geography(UsualGeography(normal));
  }
  if (normal.panel() == v1::PANEL_UNSPECIFIED) normal.set_panel(v1::PANEL_AS_REPORTED);
  if (normal.range().first().empty() && normal.range().last().empty()) normal.clear_range();
  for (v1::Filter& filter : *normal.mutable_filters()) {
    auto& codes = *filter.mutable_codes();
    std::sort(codes.begin(), codes.end());
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  }
  std::stable_sort(normal.mutable_filters()->begin(), normal.mutable_filters()->end(),
                   [](const v1::Filter& a, const v1::Filter& b) {
                     return std::tuple(std::string_view(a.dimension()), a.exclude()) <
                            std::tuple(std::string_view(b.dimension()), b.exclude());
                   });
  for (v1::Contribution& contribution : *normal.mutable_contributions()) {
    if (contribution.comparison() == v1::COMPARISON_UNSPECIFIED) {
      contribution.set_comparison(v1::COMPARISON_YOY);
    }
  }
  for (v1::PerCapita& per_capita : *normal.mutable_per_capita()) {
    if (IsUsual(per_capita.population())) {
      per_capita.clear_population();
      continue;
    }
    catalog::v1::PopulationBasis& basis = *per_capita.mutable_population();
    if (basis.kind() == catalog::v1::POPULATION_KIND_UNSPECIFIED)
      basis.set_kind(catalog::v1::POPULATION_KIND_RESIDENT);
    if (basis.time() == catalog::v1::POPULATION_TIME_UNSPECIFIED)
      basis.set_time(catalog::v1::POPULATION_TIME_MID_YEAR);
  }
  auto& comparisons = *normal.mutable_comparisons();
  std::sort(comparisons.begin(), comparisons.end());
  comparisons.Truncate(
      static_cast<int>(std::unique(comparisons.begin(), comparisons.end()) - comparisons.begin()));
  return normal;
}

std::string CanonicalText(const v1::Query& query) {
  const v1::Query normal = Normalised(query);
  std::string text;
  AppendClause("", normal.measures(), MeasureColumn, &text);
  std::vector<std::string> by;
  if (normal.grain() != v1::GRAIN_ALL) by.push_back(GrainWord(normal.grain()));
  for (const v1::Dimension& dimension : normal.dimensions()) {
    by.push_back(WithLevel(dimension.name(), dimension.level()));
  }
  AppendClause(
      " by ", by, [](const std::string& item) { return item; }, &text);
  std::string_view separator = " where ";
  for (const v1::Filter& filter : normal.filters()) {
    absl::StrAppend(&text, separator, FilterText(filter));
    separator = " and ";
  }
  if (!normal.range().first().empty()) {
    absl::StrAppend(&text, " from ", QuotedCode(normal.range().first()));
  }
  if (!normal.range().last().empty()) {
    // `to date` is a clause of its own.
    const std::string& last = normal.range().last();
    absl::StrAppend(&text, " to ",
                    absl::EqualsIgnoreCase(last, "date") ? Quoted(last) : QuotedCode(last));
  }
  if (normal.geography() == v1::GEOGRAPHY_FIXED) {
    const type::v1::Date& day = normal.fixed_on();
    absl::StrAppendFormat(&text, " geography fixed %04d-%02d-%02d", day.year(), day.month(),
                          day.day());
  } else if (normal.geography() != UsualGeography(normal)) {
    absl::StrAppend(&text, " geography ", GeographyWord(normal.geography()));
  }
  AppendClause(" compare ", normal.comparisons(), ComparisonWord, &text);
  if (normal.panel() != v1::PANEL_AS_REPORTED)
    absl::StrAppend(&text, " panel ", PanelWord(normal.panel()));
  if (normal.to_date()) text += " to date";
  AppendClause(
      " cagr ", normal.cagr_years(), [](uint32_t years) { return absl::StrCat(years); }, &text);
  if (!normal.index_base().empty()) {
    absl::StrAppend(&text, " index ", QuotedCode(normal.index_base()));
  }
  AppendClause(
      " contribution ", normal.contributions(),
      [](const v1::Contribution& contribution) {
        const bool yoy = contribution.comparison() == v1::COMPARISON_YOY;
        return absl::StrCat(ContributionText(contribution), yoy ? "" : " ",
                            yoy ? "" : ComparisonWord(contribution.comparison()));
      },
      &text);
  AppendClause(" share ", normal.shares(), ShareText, &text);
  AppendClause(" location_quotient ", normal.location_quotients(), LocationQuotientText, &text);
  AppendClause(" per_capita ", normal.per_capita(), PerCapitaText, &text);
  AppendClause(
      " ratio_to_gdp ", normal.ratio_to_gdp(),
      [](const std::string& measure) { return QuotedCode(measure); }, &text);
  AppendClause(
      " rank ", normal.ranks(),
      [](const v1::Rank& rank) {
        return absl::StrCat(rank.column(), rank.ascending() ? " asc" : "");
      },
      &text);
  AppendClause(
      " order by ", normal.order_by(),
      [](const v1::OrderBy& order) {
        return absl::StrCat(order.column(), order.descending() ? " desc" : "");
      },
      &text);
  if (normal.limit() != 0) absl::StrAppend(&text, " limit ", normal.limit());
  return text;
}

}  // namespace tidemark::query
