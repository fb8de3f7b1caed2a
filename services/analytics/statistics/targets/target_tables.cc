#include "services/analytics/statistics/targets/target_tables.h"

#include <functional>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/enum_word.h"
#include "services/analytics/query/table_builder.h"
#include "services/analytics/statistics/indicator/unit_scale.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

// A column of texts, one made of each of `rows`.
template <typename Row, typename TextOf>
void AddText(const char* name, ColumnKind kind, const std::vector<Row>& rows, TextOf text_of,
             TableBuilder* builder) {
  std::vector<Member> members;
  for (const Row& row : rows) members.push_back({std::string(text_of(row))});
  builder->AddTexts(name, kind, nullptr, members);
}

template <typename NumberOf>
void AddNumber(const char* name, const char* unit, const std::vector<JudgedTarget>& rows,
               NumberOf number_of, TableBuilder* builder) {
  Column& column = builder->AddDoubles(name, ColumnKind::kStatistic, unit);
  for (size_t row = 0; row < rows.size(); ++row) SetNumber(&column, row, number_of(rows[row]));
}

const pb::QuantitativeGoal& StatedGoal(const JudgedTarget& judged) {
  return judged.target->target().quantitative();
}

const std::string& NameOfTarget(const JudgedTarget& judged) { return judged.target->name(); }

std::string UnitOfGoal(const JudgedTarget& judged) { return UnitName(StatedGoal(judged).unit()); }

ExactNumber PathOf(const JudgedTarget& judged) {
  if (!judged.actual.period) return {{}, judged.actual.value.null};
  return PathValue(judged.goal, *judged.actual.period);
}

std::string YesOrNo(const JudgedTarget& judged, const ExactNumber& wanted) {
  if (IsNull(judged.actual.value) || IsNull(wanted)) return "";
  return Satisfies(judged.goal, judged.actual.value.value, wanted.value) ? "YES" : "NO";
}

std::string FlagsOf(const JudgedTarget& judged) {
  const Actual& actual = judged.actual;
  const bool qualified = actual.qualified || StatedGoal(judged).qualifier() > pb::QUALIFIER_EXACT;
  std::string flags;
  const auto add = [&flags](bool is_so, std::string_view flag) {
    if (is_so) absl::StrAppend(&flags, flags.empty() ? "" : " ", flag);
  };
  add(actual.trailing, "TRAILING_FOUR_QUARTERS");
  add(actual.forecast, "YEAR_FORECAST");
  add(judged.first_months.has_value(), "ANNUALISED");
  add(qualified, "QUALIFIED");
  add(actual.carried, "CARRIED");
  add(actual.partial, "PARTIAL");
  add(actual.break_before, "BREAK");
  add(actual.weighed, "CROSSWALK");
  add(judged.other_area, "OTHER_AREA");
  return flags;
}

base::Rational Annualised(const FirstMonths& first) {
  return first.part * base::Rational(kMonthsOfYear) / base::Rational(first.period.length());
}

// The whole year that the months begin.
PeriodSpan YearOf(const FirstMonths& first) {
  return {true, first.period.first, first.period.first + kMonthsOfYear};
}

// In the language, else in its primary one ("zh" for "zh-Hans"), else in English, else in the
// first.
std::string TextIn(const pb::LocalText& text, std::string_view language) {
  const std::map<std::string, std::string, std::less<>> texts(text.texts().begin(),
                                                              text.texts().end());
  for (const std::string_view tag :
       {language, language.substr(0, language.find('-')), std::string_view("en")}) {
    if (const auto found = texts.find(tag); found != texts.end()) return found->second;
  }
  return texts.empty() ? "" : texts.begin()->second;
}

}  // namespace

Table ProgressTable(const std::vector<JudgedTarget>& judged) {
  TableBuilder builder(judged.size());
  const auto text = [&](const char* name, ColumnKind kind, auto text_of) {
    AddText(name, kind, judged, text_of, &builder);
  };
  const auto number = [&](const char* name, const char* unit, auto number_of) {
    AddNumber(name, unit, judged, number_of, &builder);
  };
  constexpr ColumnKind kText = ColumnKind::kStatistic;
  text("target", kText, NameOfTarget);
  text("region", kText, [](const JudgedTarget& j) { return j.target->target().region(); });
  text("indicator", kText, [](const JudgedTarget& j) { return StatedGoal(j).indicator(); });
  text("kind", kText, [](const JudgedTarget& j) {
    return catalog_client::EnumWord(*pb::GoalKind_descriptor(), StatedGoal(j).kind());
  });
  text("due", kText, [](const JudgedTarget& j) { return NameOf(j.goal.due); });
  text("period", ColumnKind::kPeriod, [](const JudgedTarget& j) {
    return j.actual.period ? NameOf(*j.actual.period) : std::string();
  });
  text("unit", kText, UnitOfGoal);
  number("actual", "", [](const JudgedTarget& j) { return Rounded(j.actual.value); });
  number("goal", "", [](const JudgedTarget& j) { return Number{j.goal.value.ToDouble()}; });
  number("baseline", "", [](const JudgedTarget& j) {
    return j.goal.baseline ? Number{j.goal.baseline->value.ToDouble()}
                           : Number{0, NullReason::kNoBaseline};
  });
  number("progress", "ratio",
         [](const JudgedTarget& j) { return Progress(j.goal, j.actual.value); });
  number("path_value", "", [](const JudgedTarget& j) { return Rounded(PathOf(j)); });
  text("on_track", kText, [](const JudgedTarget& j) { return YesOrNo(j, PathOf(j)); });
  text("reached", kText, [](const JudgedTarget& j) { return YesOrNo(j, {j.goal.value}); });
  number("needed_growth", "ratio", [](const JudgedTarget& j) {
    if (IsNull(j.actual.value)) return Number{0, j.actual.value.null};
    return NeededGrowth(j.goal, j.actual.value.value, *j.actual.period);
  });
  text("source", kText, [](const JudgedTarget& j) { return j.actual.source; });
  text("status", ColumnKind::kStatus, [](const JudgedTarget& j) { return j.actual.status; });
  text("flags", ColumnKind::kFlags, FlagsOf);
  return std::move(builder).Build();
}

Table LikeForLikeTable(const std::vector<JudgedTarget>& judged) {
  std::vector<JudgedTarget> rows;
  for (const JudgedTarget& one : judged) {
    if (one.first_months) rows.push_back(one);
  }
  TableBuilder builder(rows.size());
  const auto number = [&](const char* name, const char* unit, auto number_of) {
    AddNumber(name, unit, rows, number_of, &builder);
  };
  AddText("target", ColumnKind::kStatistic, rows, NameOfTarget, &builder);
  AddText(
      "period", ColumnKind::kPeriod, rows,
      [](const JudgedTarget& j) { return NameOf(j.first_months->period); }, &builder);
  AddText("unit", ColumnKind::kStatistic, rows, UnitOfGoal, &builder);
  number("part", "", [](const JudgedTarget& j) { return Number{j.first_months->part.ToDouble()}; });
  number("annualised", "",
         [](const JudgedTarget& j) { return Number{Annualised(*j.first_months).ToDouble()}; });
  number("needed_growth", "ratio", [](const JudgedTarget& j) {
    return NeededGrowth(j.goal, Annualised(*j.first_months), YearOf(*j.first_months));
  });
  number("naive_growth", "ratio", [](const JudgedTarget& j) {
    return NeededGrowth(j.goal, j.first_months->part, YearOf(*j.first_months));
  });
  Table table = std::move(builder).Build();
  if (rows.empty()) return table;
  table.notes.push_back({"ANNUALISED",
                         "annualised sets the part in proportion to its months, as if all months "
                         "of the year were alike: an order of size, no forecast"});
  table.notes.push_back({"NAIVE_GROWTH",
                         "naive_growth takes the part for a whole year: it is here to be "
                         "recognised, and not to be published"});
  return table;
}

Table QualitativeTable(const std::vector<const pb::Resource*>& targets, std::string_view language) {
  TableBuilder builder(targets.size());
  const auto text = [&](const char* name, auto text_of) {
    AddText(name, ColumnKind::kStatistic, targets, text_of, &builder);
  };
  text("target", [](const pb::Resource* r) { return r->name(); });
  text("region", [](const pb::Resource* r) { return r->target().region(); });
  text("due", [](const pb::Resource* r) {
    const auto due = SpanOf(r->target().due());
    return due ? NameOf(*due) : std::string();
  });
  text("statement", [&](const pb::Resource* r) {
    return TextIn(r->target().qualitative().statement(), language);
  });
  text("work_status", [](const pb::Resource* r) {
    return catalog_client::EnumWord(*pb::WorkStatus_descriptor(),
                                    r->target().qualitative().status());
  });
  Column& evidence = builder.AddIntegers("evidence", ColumnKind::kStatistic, "count");
  for (size_t row = 0; row < targets.size(); ++row)
    evidence.integers[row] = targets[row]->target().qualitative().evidence_size();
  return std::move(builder).Build();
}

}  // namespace tidemark::analytics
