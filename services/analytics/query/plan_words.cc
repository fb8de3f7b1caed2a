#include "services/analytics/query/plan_words.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::analytics {
namespace {

constexpr size_t kMaxMeasures = 16;
constexpr size_t kMaxDimensions = 6;
constexpr size_t kMaxShares = 8;
constexpr size_t kMaxRanks = 8;
constexpr size_t kMaxOrderBy = 16;

std::string Item(std::string_view list, size_t index, std::string_view part = "") {
  return absl::StrCat("query.", list, "[", index, "]", part.empty() ? "" : ".", part);
}

absl::Status AtMost(std::string_view list, size_t size, size_t most) {
  if (size <= most) return absl::OkStatus();
  return status::InvalidArgument(absl::StrCat("query.", list),
                                 absl::StrCat(size, " entries; want at most ", most), "TOO_MANY");
}

absl::Status Twice(std::string field, std::string_view name) {
  return status::InvalidArgument(field, absl::StrCat("`", name, "` is there twice; leave one out"),
                                 "DUPLICATE");
}

std::vector<std::string_view> Views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

std::vector<std::string_view> AskedColumns(const Plan& plan) {
  std::vector<std::string_view> columns;
  for (const PlannedMeasure& measure : plan.measures) {
    if (!measure.added) columns.push_back(measure.column);
  }
  return columns;
}

// Position of a measure that was asked for, by its column; -1: none.
int FindAsked(const Plan& plan, std::string_view column) {
  for (size_t i = 0; i < plan.measures.size(); ++i) {
    if (!plan.measures[i].added && plan.measures[i].column == column) return static_cast<int>(i);
  }
  return -1;
}

absl::Status UnknownLevel(std::string field, const DimensionWord& word, std::string_view level) {
  std::vector<std::string_view> levels;
  if (word.codes == CodeKind::kRegions) {
    const auto names = RegionLevelNames().subspan(1);
    levels.assign(names.begin(), names.end());
  } else if (word.codes == CodeKind::kCategories) {
    return status::InvalidArgument(
        field,
        absl::StrCat("`", level, "` is no level of category; want 1 (roots) to ",
                     kMaxCategoryLevel),
        "UNKNOWN_LEVEL");
  } else {
    return status::InvalidArgument(
        field, absl::StrCat("`", word.name, "` has no levels; leave it empty"), "UNKNOWN_LEVEL");
  }
  return status::InvalidArgument(
      field,
      absl::StrCat("`", level, "` is no level of ", word.name, "; want one of ",
                   absl::StrJoin(levels, ", "), NearestWords(level, levels)),
      "UNKNOWN_LEVEL");
}

absl::Status UnknownDimension(std::string field, std::string_view name) {
  if (name == "order") {
    return status::InvalidArgument(field, "`order` can be filtered by, not broken down by",
                                   "UNKNOWN_DIMENSION");
  }
  std::vector<std::string_view> names;
  for (const DimensionWord& word : DimensionWords()) names.push_back(word.name);
  // In the text of a query grains stand among the dimensions.
  for (int grain = 1; grain <= static_cast<int>(Grain::kAll); ++grain) {
    names.push_back(GrainName(static_cast<Grain>(grain)));
  }
  return status::InvalidArgument(
      field, absl::StrCat("`", name, "` is not a dimension", NearestWords(name, names)),
      "UNKNOWN_DIMENSION");
}

absl::Status CheckQuantile(size_t index, const MeasureWord& word, uint32_t quantile) {
  const std::string field = Item("measures", index, "quantile");
  if (word.measure != Measure::kQuantile) {
    if (quantile == 0) return absl::OkStatus();
    return status::InvalidArgument(
        field, absl::StrCat(quantile, " given with `", word.name, "`; only `quantile` has one"),
        "QUANTILE_INVALID");
  }
  if (quantile >= 1 && quantile <= 10'000) return absl::OkStatus();
  return status::InvalidArgument(
      field, absl::StrCat(quantile, "; want 1 to 10000 ten-thousandths (5000 is the median)"),
      "QUANTILE_INVALID");
}

absl::Status PlanShare(const Query::Share& share, size_t index, Plan* plan) {
  PlannedShare planned{.column = share.column};
  const std::string item = Item("shares", index);
  TM_ASSIGN_OR_RETURN(planned.measure, FindAdditive(*plan, item, share.measure));
  TM_ASSIGN_OR_RETURN(planned.whole, PlanWhole(*plan, item, share.dimension, share.level));
  plan->shares.push_back(std::move(planned));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int> FindMeasured(const Plan& plan, std::string_view field,
                                 std::string_view measure) {
  const int found = FindAsked(plan, measure);
  if (found >= 0) return found;
  return status::InvalidArgument(field,
                                 absl::StrCat("`", measure,
                                              "` is not a measure of the query; add it to "
                                              "measures, or take one of them",
                                              NearestWords(measure, AskedColumns(plan))),
                                 "UNKNOWN_MEASURE");
}

absl::StatusOr<int> FindAdditive(const Plan& plan, std::string_view item,
                                 std::string_view measure) {
  const std::string field = absl::StrCat(item, ".measure");
  TM_ASSIGN_OR_RETURN(const int found, FindMeasured(plan, field, measure));
  if (!plan.measures[static_cast<size_t>(found)].word->additive) {
    return status::InvalidArgument(
        field, absl::StrCat("`", measure, "` does not add up, so it has no parts"), "NOT_ADDITIVE");
  }
  return found;
}

absl::StatusOr<int> FindPlanned(const Plan& plan, std::string_view item,
                                std::string_view dimension) {
  std::vector<std::string_view> names;
  for (size_t d = 0; d < plan.dimensions.size(); ++d) {
    names.push_back(plan.dimensions[d].word->name);
    if (names.back() == dimension) return static_cast<int>(d);
  }
  return status::InvalidArgument(absl::StrCat(item, ".dimension"),
                                 absl::StrCat("`", dimension, "` is not a dimension of the query",
                                              NearestWords(dimension, names)),
                                 "UNKNOWN_DIMENSION");
}

absl::StatusOr<PlannedWhole> PlanWhole(const Plan& plan, std::string_view item,
                                       std::string_view dimension, std::string_view level) {
  PlannedWhole whole;
  const std::string field = absl::StrCat(item, ".level");
  if (dimension.empty()) {
    if (level.empty()) return whole;
    return status::InvalidArgument(field, "given without a dimension; name the one it belongs to",
                                   "UNKNOWN_LEVEL");
  }
  TM_ASSIGN_OR_RETURN(whole.dimension, FindPlanned(plan, item, dimension));
  const PlannedDimension& planned = plan.dimensions[static_cast<size_t>(whole.dimension)];
  whole.level = FindLevel(*planned.word, level);
  if (whole.level == 0 && !level.empty()) return UnknownLevel(field, *planned.word, level);
  if (whole.level != 0 && planned.level != 0 && whole.level >= planned.level) {
    return status::InvalidArgument(
        field, absl::StrCat("`", level, "` is not wider than the level broken down by"),
        "LEVEL_NOT_WIDER");
  }
  return whole;
}

absl::Status PlanMeasures(const Query& query, Plan* plan) {
  if (query.measures.empty()) {
    return status::InvalidArgument("query.measures", "empty; name at least one measure", "MISSING");
  }
  TM_RETURN_IF_ERROR(AtMost("measures", query.measures.size(), kMaxMeasures));
  std::vector<std::string_view> names;
  for (const MeasureWord& word : MeasureWords()) names.push_back(word.name);
  for (size_t i = 0; i < query.measures.size(); ++i) {
    const Query::MeasureRef& measure = query.measures[i];
    const MeasureWord* word = FindMeasure(measure.name);
    if (word == nullptr) {
      return status::InvalidArgument(
          Item("measures", i, "name"),
          absl::StrCat("`", measure.name, "` is not a measure", NearestWords(measure.name, names)),
          "UNKNOWN_MEASURE");
    }
    TM_RETURN_IF_ERROR(CheckQuantile(i, *word, measure.quantile));
    if (FindAsked(*plan, measure.column) >= 0) return Twice(Item("measures", i), measure.column);
    plan->measures.push_back({word, measure.quantile, measure.column});
    if (word->measure == Measure::kNewConsumers) plan->reads_all_time = true;
  }
  // Distinct counts are never shown without the part of the money that they cover.
  const std::string_view beside = WordOf(Measure::kIdentifiedShare).name;
  const int consumers = FindAsked(*plan, WordOf(Measure::kConsumers).name);
  if (consumers >= 0 && FindAsked(*plan, beside) < 0) {
    plan->measures.insert(
        plan->measures.begin() + consumers + 1,
        {&WordOf(Measure::kIdentifiedShare), 0, std::string(beside), /*added=*/true});
  }
  return absl::OkStatus();
}

absl::Status PlanDimensions(const Query& query, Plan* plan) {
  TM_RETURN_IF_ERROR(AtMost("dimensions", query.dimensions.size(), kMaxDimensions));
  for (size_t i = 0; i < query.dimensions.size(); ++i) {
    const auto& [name, level] = query.dimensions[i];
    const DimensionWord* word = FindDimension(name);
    if (word == nullptr) return UnknownDimension(Item("dimensions", i, "name"), name);
    for (const PlannedDimension& other : plan->dimensions) {
      if (other.word == word) return Twice(Item("dimensions", i, "name"), name);
    }
    const int number = FindLevel(*word, level);
    if (number == 0 && !level.empty()) {
      return UnknownLevel(Item("dimensions", i, "level"), *word, level);
    }
    plan->dimensions.push_back({word, number});
  }
  return absl::OkStatus();
}

std::string NamedFew(const std::vector<std::string>& names) {
  constexpr size_t kNamed = 3;
  const size_t named = std::min(names.size(), kNamed);
  std::string text = absl::StrJoin(names.begin(), names.begin() + named, ", ");
  if (names.size() > named) absl::StrAppend(&text, " and ", names.size() - named, " more");
  return text;
}

absl::Status PlanShares(const Query& query, Plan* plan) {
  TM_RETURN_IF_ERROR(AtMost("shares", query.shares.size(), kMaxShares));
  std::set<std::string_view> seen;
  for (size_t i = 0; i < query.shares.size(); ++i) {
    if (!seen.insert(query.shares[i].column).second) {
      return Twice(Item("shares", i), query.shares[i].column);
    }
    TM_RETURN_IF_ERROR(PlanShare(query.shares[i], i, plan));
  }
  return absl::OkStatus();
}

absl::Status PlanRanks(const Query& query, Plan* plan) {
  TM_RETURN_IF_ERROR(AtMost("ranks", query.ranks.size(), kMaxRanks));
  const std::vector<std::string> numbers = plan->NumberColumns();
  std::set<std::string_view> seen;
  for (size_t i = 0; i < query.ranks.size(); ++i) {
    const Query::Rank& rank = query.ranks[i];
    if (!seen.insert(rank.column).second) return Twice(Item("ranks", i), rank.column);
    if (std::find(numbers.begin(), numbers.end(), rank.ranked) == numbers.end()) {
      return status::InvalidArgument(
          Item("ranks", i, "column"),
          absl::StrCat("`", rank.ranked, "` is not a column of numbers of the query",
                       NearestWords(rank.ranked, Views(numbers))),
          "UNKNOWN_COLUMN");
    }
    plan->ranks.push_back({rank.ranked, rank.ascending, rank.column});
  }
  return absl::OkStatus();
}

absl::Status PlanOrder(const Query& query, Plan* plan) {
  TM_RETURN_IF_ERROR(AtMost("order_by", query.order_by.size(), kMaxOrderBy));
  const std::vector<std::string> columns = plan->Columns();
  for (size_t i = 0; i < query.order_by.size(); ++i) {
    const std::string& column = query.order_by[i].column;
    if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
      return status::InvalidArgument(Item("order_by", i, "column"),
                                     absl::StrCat("`", column, "` is not a column of the answer",
                                                  NearestWords(column, Views(columns))),
                                     "UNKNOWN_COLUMN");
    }
  }
  plan->order_by = query.order_by;
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
