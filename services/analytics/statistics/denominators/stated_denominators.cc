#include "services/analytics/statistics/denominators/stated_denominators.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/civil_time.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

const absl::CivilDay kEpoch(1970, 1, 1);

int64_t YearOf(int64_t day) { return (kEpoch + day).year(); }

// Position of every series in the order of preference.
absl::flat_hash_map<std::string_view, size_t> Positions(const std::vector<ServingSeries>& series) {
  absl::flat_hash_map<std::string_view, size_t> positions;
  for (size_t i = 0; i < series.size(); ++i) positions.emplace(series[i].name, i);
  return positions;
}

template <typename Map>
std::vector<std::string_view> KeysOf(const Map& map) {
  std::vector<std::string_view> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

class Populations final : public Denominators {
 public:
  Populations(const std::vector<ServingSeries>& series, const DenominatorKind& kind,
              CatalogReader::Observations figures)
      : figures_(std::move(figures)) {
    const auto positions = Positions(series);
    for (const pb::Observation& figure : *figures_) {
      const auto position = positions.find(figure.series());
      const std::optional<DaySpan> days = StatedDays(figure.period());
      if (position == positions.end() || !days || !figure.has_value()) continue;
      // A cell of the year itself comes before one of its day.
      size_t order = position->second * 2;
      std::optional<int64_t> year = WholeYear(*days);
      if (!year) {
        year = YearOfDay(*days, kind.time);
        ++order;
      }
      if (!year) continue;
      Ranked& best =
          by_place_[figure.region()].try_emplace(*year, Ranked{order, &figure}).first->second;
      if (order < best.order) best = {order, &figure};
      first_day_ = std::min(first_day_, days->first);
    }
  }

  Denominator Stated(std::string_view place, const DaySpan& days) const override {
    Denominator found;
    const auto years = by_place_.find(place);
    if (years == by_place_.end()) return found;
    const int64_t year = YearOf(days.end - 1);
    auto last = years->second.upper_bound(year);
    if (last == years->second.begin()) return found;
    --last;
    const std::optional<base::Rational> number = NumberOf(*last->second.figure);
    if (!number) return found;
    return {.null = NullReason::kNone,
            .value = *number,
            .figures = {Described(*last->second.figure)},
            .carried = last->first != year};
  }

  FigureKind kind() const override { return FigureKind::kPersons; }
  int64_t first_day() const override { return first_day_; }

  std::vector<std::string_view> Places() const override { return KeysOf(by_place_); }

 private:
  struct Ranked {
    size_t order;
    const pb::Observation* figure;
  };

  static std::optional<int64_t> WholeYear(const DaySpan& days) {
    const absl::CivilDay first = kEpoch + days.first;
    const bool whole = first == absl::CivilDay(first.year(), 1, 1) &&
                       kEpoch + days.end == absl::CivilDay(first.year() + 1, 1, 1);
    return whole ? std::optional<int64_t>(first.year()) : std::nullopt;
  }
  static std::optional<int64_t> YearOfDay(const DaySpan& days, pb::PopulationTime time) {
    const absl::CivilDay day = kEpoch + days.first;
    if (days.end != days.first + 1) return std::nullopt;
    const bool at_end = day == absl::CivilDay(day.year(), 12, 31);
    const bool in_middle =
        day == absl::CivilDay(day.year(), 6, 30) || day == absl::CivilDay(day.year(), 7, 1);
    const bool fits = time == pb::POPULATION_TIME_YEAR_END ? at_end : in_middle;
    return fits ? std::optional<int64_t>(day.year()) : std::nullopt;
  }

  const CatalogReader::Observations figures_;
  int64_t first_day_ = std::numeric_limits<int64_t>::max();
  // By place and year the one that counts.
  std::map<std::string, std::map<int64_t, Ranked>, std::less<>> by_place_;
};

class Products final : public Denominators {
 public:
  Products(const std::vector<ServingSeries>& series, CatalogReader::Observations figures)
      : figures_(std::move(figures)) {
    const auto positions = Positions(series);
    for (const pb::Observation& figure : *figures_) {
      const auto position = positions.find(figure.series());
      const std::optional<DaySpan> days = StatedDays(figure.period());
      if (position == positions.end() || !days || !figure.has_value()) continue;
      by_place_[figure.region()][position->second].push_back({*days, &figure});
      first_day_ = std::min(first_day_, days->first);
    }
  }

  Denominator Stated(std::string_view place, const DaySpan& days) const override {
    Denominator found;
    const auto by_series = by_place_.find(place);
    if (by_series == by_place_.end()) return found;
    found.null = NullReason::kPeriodMismatch;
    if (days.empty()) return found;
    for (const auto& [position, cells] : by_series->second) {
      for (const Cell& cell : cells) {
        if (cell.days == days) return SumOf({{&cell, true}});
      }
    }
    for (const auto& [position, cells] : by_series->second) {
      const std::vector<Step> steps = StepsBetween(cells, days);
      if (!steps.empty()) return SumOf(steps);
    }
    return found;
  }

  FigureKind kind() const override { return FigureKind::kMoney; }
  int64_t first_day() const override { return first_day_; }

  std::vector<std::string_view> Places() const override { return KeysOf(by_place_); }

 private:
  struct Cell {
    DaySpan days;
    const pb::Observation* figure;
  };
  // A cell added, or one subtracted.
  struct Step {
    const Cell* cell;
    bool forward;
  };

  static Denominator SumOf(const std::vector<Step>& steps) {
    Denominator sum{.null = NullReason::kNone};
    for (const auto& [cell, forward] : steps) {
      const std::optional<base::Rational> number = NumberOf(*cell->figure);
      if (!number) return {};
      forward ? sum.value += * number : sum.value -= *number;
      sum.figures.push_back(Described(*cell->figure));
    }
    return sum;
  }

  // Every cell is a step from its first day to its end, and back; the fewest steps from the first
  // of the days to their end add up to them exactly. None: there is no way.
  static std::vector<Step> StepsBetween(const std::vector<Cell>& cells, const DaySpan& days) {
    const auto touches = [&](int64_t day) {
      return std::any_of(cells.begin(), cells.end(), [day](const Cell& cell) {
        return cell.days.first == day || cell.days.end == day;
      });
    };
    // Most periods that have no way fail here.
    if (!touches(days.first) || !touches(days.end)) return {};
    std::map<int64_t, std::vector<Step>> from;
    for (const Cell& cell : cells) {
      from[cell.days.first].push_back({&cell, true});
      from[cell.days.end].push_back({&cell, false});
    }
    // Added ones first, so that of equally short ways the one without differences is taken.
    for (auto& [day, steps] : from) {
      std::stable_partition(steps.begin(), steps.end(), [](const Step& s) { return s.forward; });
    }
    std::map<int64_t, Step> reached;  // by day, the step that led there
    std::deque<int64_t> waiting = {days.first};
    while (!waiting.empty() && !reached.contains(days.end)) {
      const int64_t day = waiting.front();
      waiting.pop_front();
      for (const Step& step : from[day]) {
        const int64_t to = step.forward ? step.cell->days.end : step.cell->days.first;
        if (to != days.first && reached.emplace(to, step).second) waiting.push_back(to);
      }
    }
    std::vector<Step> way;
    if (!reached.contains(days.end)) return way;
    for (int64_t day = days.end; day != days.first;) {
      const Step& step = reached.at(day);
      way.push_back(step);
      day = step.forward ? step.cell->days.first : step.cell->days.end;
    }
    std::reverse(way.begin(), way.end());
    return way;
  }

  const CatalogReader::Observations figures_;
  int64_t first_day_ = std::numeric_limits<int64_t>::max();
  // By place and position of the series.
  std::map<std::string, std::map<size_t, std::vector<Cell>>, std::less<>> by_place_;
};

}  // namespace

std::unique_ptr<const Denominators> MakePopulations(const std::vector<ServingSeries>& series,
                                                    const DenominatorKind& kind,
                                                    CatalogReader::Observations figures) {
  return std::make_unique<const Populations>(series, kind, std::move(figures));
}

std::unique_ptr<const Denominators> MakeProducts(const std::vector<ServingSeries>& series,
                                                 CatalogReader::Observations figures) {
  return std::make_unique<const Products>(series, std::move(figures));
}

}  // namespace tidemark::analytics
