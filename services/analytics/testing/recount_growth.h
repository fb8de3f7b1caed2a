#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_RECOUNT_GROWTH_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_RECOUNT_GROWTH_H_

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/analytics/testing/recount_coverage.h"
#include "services/analytics/testing/recount_years.h"

// What a recount compares its rows with. Part of recount.cc, apart only for its length.
namespace tidemark::analytics::testing {

class RecountGrowth : protected RecountCoverage {
 public:
  RecountGrowth(const World& world, const v1::Query& query, uint64_t log_size,
                const std::string& scope)
      : RecountCoverage(world, query, log_size, scope), years_(world, query, log_size, scope) {}
  virtual ~RecountGrowth() = default;

 protected:
  std::vector<std::optional<NaivePeriod>> BasesOf(const NaivePeriod& period) const {
    std::vector<std::optional<NaivePeriod>> bases = FarBases(period);
    for (const int comparison : {v1::COMPARISON_PREV, v1::COMPARISON_YOY}) {
      if (Asks(comparison)) bases.push_back(BasePeriod(comparison, period));
    }
    return bases;
  }
  bool Compares() const {
    return query_.comparisons_size() + query_.cagr_years_size() != 0 ||
           !query_.index_base().empty();
  }

  // The value of a row: nothing happened is not the same as nobody told.
  Number Compute(const v1::Measure& measure, const Cell& cell) const {
    Number number = RecountFacts::Compute(measure, cell);
    if (cell.events.empty() && !Reported(cell.period, SourceOf(cell))) number.null = kNotReported;
    return number;
  }

  // The one source that a row is about; empty: all that are asked for.
  std::string SourceOf(const Cell& cell) const {
    for (int d = 0; d < query_.dimensions_size(); ++d) {
      if (query_.dimensions(d).name() == "source")
        return cell.members[static_cast<size_t>(d)].second;
    }
    return "";
  }
  static bool IsRatio(const v1::Measure& measure) {
    return measure.name() == "refund_rate" || measure.name() == "refund_rate_cohort" ||
           measure.name() == "identified_share";
  }

  // What of a cell is in a part of its period, and of one of the sources if they are given.
  static Cell Restricted(const Cell& cell, const NaivePeriod& part,
                         const std::set<std::string>* sources) {
    Cell kept = {part, cell.members, {}};
    for (const WorldEvent* event : cell.events) {
      if (event->time_us < part.start_us || part.end_us <= event->time_us) continue;
      if (sources != nullptr && !sources->contains(event->fields.at("source"))) continue;
      kept.events.push_back(event);
    }
    return kept;
  }
  // Both sides of a comparison; or why there is none, in the first.
  std::pair<Number, Number> Sides(const v1::Measure& measure, int comparison,
                                  const Cell& cell) const {
    const auto null = [](int why) { return std::pair(Number{.null = why}, Number()); };
    const std::string only = SourceOf(cell);
    if (comparison == v1::COMPARISON_YTD_YOY) return years_.Sides(measure, cell, only);
    const std::optional<NaivePeriod> base = BasePeriod(comparison, cell.period);
    if (!base) return null(kNoBase);
    const Cell* const known = Known(*base, cell);
    if (known == nullptr && !Reported(*base, only)) return null(kNoBase);
    const auto parts = ToDate(comparison, cell.period, *base);
    const NaivePeriod value_part = parts ? parts->first : cell.period;
    const NaivePeriod base_part = parts ? parts->second : *base;
    const bool matched = query_.panel() == v1::PANEL_MATCHED;
    std::set<std::string> sources;
    if (matched) {
      const bool whole = parts || (!IsCut(cell.period) && !IsCut(*base) &&
                                   cell.period.end_us <= now_us_ && base->end_us <= now_us_);
      if (!whole) return null(kPartial);
      for (const WorldSource& source : world_.sources) {
        if (!SourceCounts(source) || (!only.empty() && source.id != only)) continue;
        if (Coverage(value_part, source.id).partial || Coverage(base_part, source.id).partial)
          continue;
        sources.insert(source.id);
      }
      if (sources.empty()) return null(kNoMatchedSource);
    } else if (Coverage(value_part, only).partial || Coverage(base_part, only).partial) {
      return null(kPartial);
    }
    const Cell nothing = {*base, cell.members, {}};
    const Cell& base_cell = known == nullptr ? nothing : *known;
    if (!matched && !parts) return {Compute(measure, cell), Compute(measure, base_cell)};
    const auto* of = matched ? &sources : nullptr;
    return {RecountFacts::Compute(measure, Restricted(cell, value_part, of)),
            RecountFacts::Compute(measure, Restricted(base_cell, base_part, of))};
  }
  static double Real(const Number& number) {
    return number.real ? number.value : static_cast<double>(number.integer);
  }
  static int NullOf(const std::pair<Number, Number>& sides) {
    return sides.first.null != kThere ? sides.first.null : sides.second.null;
  }
  Number Compare(const v1::Measure& measure, int comparison, bool ratio, const Cell& cell) const {
    const auto sides = Sides(measure, comparison, cell);
    const auto& [now, then] = sides;
    Number number;
    number.real = ratio || RecountFacts::Compute(measure, cell).real;
    if (NullOf(sides) != kThere) return number.null = NullOf(sides), number;
    if (!ratio) {
      number.integer = now.integer - then.integer;
      number.value = (now.value - then.value) * (IsRatio(measure) ? 100 : 1);
      return number;
    }
    const double x = Real(now), y = Real(then);
    if (y == 0) return number.null = kZeroBase, number;
    if (y < 0) return number.null = kNegativeBase, number;
    number.value = (x - y) / y;
    return number;
  }
  bool Asks(int comparison) const {
    return std::count(query_.comparisons().begin(), query_.comparisons().end(), comparison) != 0;
  }

  // So many years before, or the index base.
  std::optional<NaivePeriod> FarBase(uint32_t years, const NaivePeriod& period) const {
    if (years == 0) return calendar_.Named(query_.index_base());
    std::optional<NaivePeriod> base = period;
    for (; years > 0 && base; --years) base = BasePeriod(v1::COMPARISON_YOY, *base);
    return base;
  }
  std::vector<std::optional<NaivePeriod>> FarBases(const NaivePeriod& period) const {
    std::vector<std::optional<NaivePeriod>> bases;
    for (const uint32_t years : query_.cagr_years()) bases.push_back(FarBase(years, period));
    if (!query_.index_base().empty()) bases.push_back(FarBase(0, period));
    return bases;
  }
  std::pair<Number, Number> FarSides(const v1::Measure& measure,
                                     const std::optional<NaivePeriod>& base,
                                     const Cell& cell) const {
    const std::string only = SourceOf(cell);
    const Cell* const known = base ? Known(*base, cell) : nullptr;
    if (!base || (known == nullptr && !Reported(*base, only))) {
      return {Number{.null = kNoBase}, Number()};
    }
    if (Coverage(cell.period, only).partial || Coverage(*base, only).partial) {
      return {Number{.null = kPartial}, Number()};
    }
    const Cell nothing = {*base, cell.members, {}};
    return {Compute(measure, cell), Compute(measure, known == nullptr ? nothing : *known)};
  }

  using Cells = std::map<std::vector<Member>, Cell>;
  // What rows can be compared with in a period, by the regions and groups of a day.
  virtual const Cells& KnownIn(const NaivePeriod& period, std::optional<int64_t> fixed) const = 0;
  // What a row is compared with; null: nothing is there.
  const Cell* Known(const NaivePeriod& base, const Cell& row) const {
    const Cells& cells = KnownIn(base, GeographyOf(row.period));
    const auto found = cells.find(row.members);
    return found == cells.end() ? nullptr : &found->second;
  }

  const RecountYears years_;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_RECOUNT_GROWTH_H_
