#include "clients/cpp/query/parse.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "clients/cpp/query/canonical.h"
#include "clients/cpp/query/lexer.h"
#include "common/status/status_macros.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::query {
namespace {

namespace v1 = analytics::v1;

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  absl::StatusOr<v1::Query> Parse() {
    TM_RETURN_IF_ERROR(List([this] { return Measure(); }));
    while (Here().kind != Token::kEnd) TM_RETURN_IF_ERROR(Clause());
    return std::move(query_);
  }

 private:
  const Token& Here() const { return tokens_[at_]; }
  bool IsSymbol(std::string_view symbol) const {
    return Here().kind == Token::kSymbol && Here().text == symbol;
  }
  bool IsWord(std::string_view word) const {
    return Here().kind == Token::kWord && absl::EqualsIgnoreCase(Here().text, word);
  }
  bool TakeSymbol(std::string_view symbol) {
    if (!IsSymbol(symbol)) return false;
    ++at_;
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (!IsWord(word)) return false;
    ++at_;
    return true;
  }

  absl::Status Wanted(std::string_view what) const {
    const std::string found =
        Here().kind == Token::kEnd ? "the end" : absl::StrCat("`", Here().text, "`");
    return absl::InvalidArgumentError(
        absl::StrCat("query: at byte ", Here().position, ": want ", what, ", found ", found));
  }

  // A name or code: a quoted text, or a bare word that is none of the language's.
  absl::StatusOr<std::string> Name(std::string_view what) {
    const bool usable = Here().kind == Token::kQuoted ||
                        (Here().kind == Token::kWord && !IsReservedWord(Here().text));
    if (!usable) return Wanted(what);
    return tokens_[at_++].text;
  }

  template <typename Item>
  absl::Status List(Item item) {
    do {
      TM_RETURN_IF_ERROR(item());
    } while (TakeSymbol(","));
    return absl::OkStatus();
  }

  absl::Status Once(std::string_view clause) {
    if (clauses_.insert(std::string(clause)).second) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("query: `", clause, "` is given twice"));
  }

  absl::Status Clause() {
    if (TakeWord("by")) {
      TM_RETURN_IF_ERROR(Once("by"));
      return List([this] { return GrainOrDimension(); });
    }
    if (TakeWord("where")) {
      TM_RETURN_IF_ERROR(Once("where"));
      do {
        TM_RETURN_IF_ERROR(Filter());
      } while (TakeWord("and"));
      return absl::OkStatus();
    }
    if (TakeWord("from")) {
      TM_RETURN_IF_ERROR(Once("from"));
      TM_ASSIGN_OR_RETURN(*query_.mutable_range()->mutable_first(),
                          Name("a period such as 2024-03"));
      return absl::OkStatus();
    }
    if (TakeWord("to")) {
      if (TakeWord("date")) {
        query_.set_to_date(true);
        return Once("to date");
      }
      TM_RETURN_IF_ERROR(Once("to"));
      TM_ASSIGN_OR_RETURN(*query_.mutable_range()->mutable_last(),
                          Name("a period such as 2024-03"));
      return absl::OkStatus();
    }
    if (TakeWord("in")) {
      TM_RETURN_IF_ERROR(Once("from"));
      TM_RETURN_IF_ERROR(Once("to"));
      TM_ASSIGN_OR_RETURN(const std::string period, Name("a period such as 2024-01..02"));
      query_.mutable_range()->set_first(period);
      query_.mutable_range()->set_last(period);
      return absl::OkStatus();
    }
    if (TakeWord("geography")) {
      TM_RETURN_IF_ERROR(Once("geography"));
      return Geography();
    }
    if (TakeWord("compare")) {
      TM_RETURN_IF_ERROR(Once("compare"));
      return List([this] { return Comparison(); });
    }
    if (TakeWord("panel")) {
      TM_RETURN_IF_ERROR(Once("panel"));
      return Panel();
    }
    if (TakeWord("cagr")) {
      TM_RETURN_IF_ERROR(Once("cagr"));
      return List([this] { return CagrYears(); });
    }
    if (TakeWord("index")) {
      TM_RETURN_IF_ERROR(Once("index"));
      TM_ASSIGN_OR_RETURN(*query_.mutable_index_base(), Name("a period such as 2020"));
      return absl::OkStatus();
    }
    if (TakeWord("contribution")) {
      TM_RETURN_IF_ERROR(Once("contribution"));
      return List([this] { return Contribution(); });
    }
    if (TakeWord("location_quotient")) {
      TM_RETURN_IF_ERROR(Once("location_quotient"));
      return List([this] { return LocationQuotient(); });
    }
    if (TakeWord("per_capita")) {
      TM_RETURN_IF_ERROR(Once("per_capita"));
      return List([this] { return PerCapita(); });
    }
    if (TakeWord("ratio_to_gdp")) {
      TM_RETURN_IF_ERROR(Once("ratio_to_gdp"));
      return List([this]() -> absl::Status {
        TM_ASSIGN_OR_RETURN(*query_.add_ratio_to_gdp(), Name("a measure"));
        return absl::OkStatus();
      });
    }
    if (TakeWord("share")) {
      TM_RETURN_IF_ERROR(Once("share"));
      return List([this] { return Share(); });
    }
    if (TakeWord("rank")) {
      TM_RETURN_IF_ERROR(Once("rank"));
      return List([this] { return Rank(); });
    }
    if (TakeWord("order")) return OrderBy();
    if (TakeWord("limit")) return Limit();
    return Wanted(
        "a comma or one of by, where, from, to, in, geography, compare, panel, to date, cagr, "
        "index, contribution, share, location_quotient, per_capita, ratio_to_gdp, rank, order by, "
        "limit");
  }

  absl::Status Measure() {
    if (Here().kind == Token::kQuoted) return Wanted("a measure such as net, without quotes");
    TM_ASSIGN_OR_RETURN(const std::string name, Name("a measure such as net"));
    v1::Measure& measure = *query_.add_measures();
    measure.set_name(name);
    if (!TakeSymbol("(")) {
      SetQuantileAlias(name, measure);
      return absl::OkStatus();
    }
    uint32_t quantile;
    if (Here().kind != Token::kWord || !absl::SimpleAtoi(Here().text, &quantile)) {
      return Wanted("ten-thousandths such as 9500");
    }
    measure.set_quantile(quantile);
    ++at_;
    return TakeSymbol(")") ? absl::OkStatus() : Wanted("`)`");
  }

  // `median`, `p95`, `p99`: shorter names of quantiles.
  static void SetQuantileAlias(const std::string& name, v1::Measure& measure) {
    uint32_t percent;
    if (name == "median") {
      percent = 50;
    } else if (name.size() < 2 || name[0] != 'p' || !absl::SimpleAtoi(name.substr(1), &percent) ||
               percent < 1 || percent > 100) {
      return;
    }
    measure.set_name("quantile");
    measure.set_quantile(percent * 100);
  }

  absl::Status GrainOrDimension() {
    if (Here().kind == Token::kWord) {
      const std::string word = absl::StrReplaceAll(Here().text, {{"-", "_"}});
      v1::Grain grain;
      if (v1::Grain_Parse(absl::StrCat("GRAIN_", absl::AsciiStrToUpper(word)), &grain) &&
          grain != v1::GRAIN_UNSPECIFIED) {
        TM_RETURN_IF_ERROR(Once("a period length after by"));
        query_.set_grain(grain);
        ++at_;
        return absl::OkStatus();
      }
    }
    v1::Dimension& dimension = *query_.add_dimensions();
    return NameAndLevel("a period length such as month, or a dimension such as category",
                        *dimension.mutable_name(), *dimension.mutable_level());
  }

  absl::Status NameAndLevel(std::string_view what, std::string& name, std::string& level) {
    TM_ASSIGN_OR_RETURN(name, Name(what));
    if (TakeSymbol("@")) {
      TM_ASSIGN_OR_RETURN(level, Name("a level such as city"));
    }
    return absl::OkStatus();
  }

  absl::Status Filter() {
    v1::Filter& filter = *query_.add_filters();
    // Here the word that starts `order by` can only be the dimension.
    if (TakeWord("order")) {
      filter.set_dimension("order");
    } else {
      TM_ASSIGN_OR_RETURN(*filter.mutable_dimension(), Name("a dimension such as category"));
    }
    if (TakeSymbol("=")) return Code(filter);
    if (TakeSymbol("!=")) {
      filter.set_exclude(true);
      return Code(filter);
    }
    if (TakeWord("is")) {
      filter.set_exclude(TakeWord("not"));
      filter.set_unknown(true);
      return TakeWord("unknown") ? absl::OkStatus() : Wanted("unknown or not unknown");
    }
    filter.set_exclude(TakeWord("not"));
    if (!TakeWord("in") || !TakeSymbol("("))
      return Wanted("=, !=, in (...), not in (...) or is unknown");
    TM_RETURN_IF_ERROR(List([this, &filter] { return Code(filter); }));
    return TakeSymbol(")") ? absl::OkStatus() : Wanted("a comma or `)`");
  }

  absl::Status Code(v1::Filter& filter) {
    if (TakeWord("unknown")) {
      filter.set_unknown(true);
      return absl::OkStatus();
    }
    TM_ASSIGN_OR_RETURN(*filter.add_codes(), Name("a code"));
    return absl::OkStatus();
  }

  absl::Status Comparison() {
    for (const v1::Comparison comparison :
         {v1::COMPARISON_PREV, v1::COMPARISON_YOY, v1::COMPARISON_YTD, v1::COMPARISON_YTD_YOY}) {
      // `COMPARISON_YTD_YOY` is `ytd_yoy`.
      if (!TakeWord(v1::Comparison_Name(comparison).substr(11))) continue;
      query_.add_comparisons(comparison);
      return absl::OkStatus();
    }
    return Wanted("prev, yoy, ytd or ytd_yoy");
  }

  absl::Status CagrYears() {
    uint32_t years;
    if (Here().kind != Token::kWord || !absl::SimpleAtoi(Here().text, &years) || years == 0) {
      return Wanted("a number of years, at least 1");
    }
    query_.add_cagr_years(years);
    ++at_;
    return absl::OkStatus();
  }

  absl::Status Contribution() {
    v1::Contribution& contribution = *query_.add_contributions();
    TM_ASSIGN_OR_RETURN(*contribution.mutable_measure(), Name("a measure"));
    if (TakeWord("of")) {
      TM_RETURN_IF_ERROR(NameAndLevel("a dimension", *contribution.mutable_dimension(),
                                      *contribution.mutable_level()));
    }
    const bool prev = TakeWord("prev");
    if (!prev) TakeWord("yoy");
    contribution.set_comparison(prev ? v1::COMPARISON_PREV : v1::COMPARISON_YOY);
    return absl::OkStatus();
  }

  absl::Status LocationQuotient() {
    v1::LocationQuotient& quotient = *query_.add_location_quotients();
    TM_ASSIGN_OR_RETURN(*quotient.mutable_measure(), Name("a measure"));
    if (!TakeWord("of")) return Wanted("of and the dimension that is the place");
    TM_ASSIGN_OR_RETURN(*quotient.mutable_dimension(), Name("a dimension"));
    return absl::OkStatus();
  }

  absl::Status Geography() {
    if (TakeWord("at_event")) {
      query_.set_geography(v1::GEOGRAPHY_AT_EVENT);
      return absl::OkStatus();
    }
    if (TakeWord("period_end")) {
      query_.set_geography(v1::GEOGRAPHY_PERIOD_END);
      return absl::OkStatus();
    }
    if (!TakeWord("fixed")) return Wanted("at_event, period_end, or fixed and a day");
    absl::CivilDay day;
    if (Here().kind != Token::kWord || !absl::ParseCivilTime(Here().text, &day))
      return Wanted("a day such as 2024-12-31");
    ++at_;
    query_.set_geography(v1::GEOGRAPHY_FIXED);
    query_.mutable_fixed_on()->set_year(static_cast<int32_t>(day.year()));
    query_.mutable_fixed_on()->set_month(day.month());
    query_.mutable_fixed_on()->set_day(day.day());
    return absl::OkStatus();
  }

  absl::Status PerCapita() {
    v1::PerCapita& per_capita = *query_.add_per_capita();
    TM_ASSIGN_OR_RETURN(*per_capita.mutable_measure(), Name("a measure"));
    for (;;) {
      if (TakeWord("registered")) {
        per_capita.mutable_population()->set_kind(catalog::v1::POPULATION_KIND_REGISTERED);
      } else if (TakeWord("resident")) {
        per_capita.mutable_population()->set_kind(catalog::v1::POPULATION_KIND_RESIDENT);
      } else if (TakeWord("year_end")) {
        per_capita.mutable_population()->set_time(catalog::v1::POPULATION_TIME_YEAR_END);
      } else if (TakeWord("mid_year")) {
        per_capita.mutable_population()->set_time(catalog::v1::POPULATION_TIME_MID_YEAR);
      } else {
        return absl::OkStatus();
      }
    }
  }

  absl::Status Panel() {
    if (TakeWord("matched")) {
      query_.set_panel(v1::PANEL_MATCHED);
    } else if (TakeWord("as_reported")) {
      query_.set_panel(v1::PANEL_AS_REPORTED);
    } else {
      return Wanted("matched or as_reported");
    }
    return absl::OkStatus();
  }

  absl::Status Share() {
    v1::Share& share = *query_.add_shares();
    TM_ASSIGN_OR_RETURN(*share.mutable_measure(), Name("a measure"));
    if (!TakeWord("of")) return absl::OkStatus();
    return NameAndLevel("a dimension", *share.mutable_dimension(), *share.mutable_level());
  }

  absl::Status Rank() {
    v1::Rank& rank = *query_.add_ranks();
    TM_ASSIGN_OR_RETURN(*rank.mutable_column(), ColumnName());
    rank.set_ascending(TakeWord("asc"));
    if (!rank.ascending()) TakeWord("desc");
    return absl::OkStatus();
  }

  absl::Status OrderBy() {
    if (!TakeWord("by")) return Wanted("by after order");
    TM_RETURN_IF_ERROR(Once("order by"));
    return List([this]() -> absl::Status {
      v1::OrderBy& order = *query_.add_order_by();
      TM_ASSIGN_OR_RETURN(*order.mutable_column(), ColumnName());
      order.set_descending(TakeWord("desc"));
      if (!order.descending()) TakeWord("asc");
      return absl::OkStatus();
    });
  }

  // A column of the answer: `net`, `cagr(net,5)`, `quantile(9500)`, `yoy(net)`, `share(net of
  // consumer_region@nation)`, `rank(net asc)`; written as the answer names it, whatever the blanks.
  // share and rank are words of the language too.
  absl::StatusOr<std::string> ColumnName() {
    if (Here().kind != Token::kWord ||
        (IsReservedWord(Here().text) && !IsWord("share") && !IsWord("rank"))) {
      return Wanted("a column such as net or yoy(net)");
    }
    v1::Measure measure;
    measure.set_name(tokens_[at_++].text);
    SetQuantileAlias(measure.name(), measure);
    std::string name = MeasureColumn(measure);
    if (!IsSymbol("(")) return name;
    int open = 0;
    do {
      if (Here().kind == Token::kEnd || Here().kind == Token::kQuoted) return Wanted("`)`");
      const bool first_inside = name.back() == '(' || IsSymbol("(") || IsSymbol(")") ||
                                IsSymbol("@") || name.back() == '@' || IsSymbol(",") ||
                                name.back() == ',';
      open += IsSymbol("(") ? 1 : IsSymbol(")") ? -1 : 0;
      absl::StrAppend(&name, first_inside ? "" : " ", Here().text);
      ++at_;
    } while (open > 0);
    return name;
  }

  absl::Status Limit() {
    TM_RETURN_IF_ERROR(Once("limit"));
    uint64_t limit;
    if (Here().kind != Token::kWord || !absl::SimpleAtoi(Here().text, &limit) || limit == 0) {
      return Wanted("a number of rows, at least 1");
    }
    query_.set_limit(limit);
    ++at_;
    return absl::OkStatus();
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
  std::set<std::string> clauses_;
  v1::Query query_;
};

}  // namespace

absl::StatusOr<v1::Query> ParseQuery(std::string_view text) {
  TM_ASSIGN_OR_RETURN(auto tokens, Tokenize(text));
  return Parser(std::move(tokens)).Parse();
}

}  // namespace tidemark::query
