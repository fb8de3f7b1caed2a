#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_LEVELS_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_LEVELS_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "services/analytics/statistics/indicator/evaluator.h"
#include "services/analytics/statistics/indicator/named_periods.h"
#include "services/analytics/statistics/indicator/value.h"
#include "tidemark/catalog/v1/observations.pb.h"

namespace tidemark::analytics {

// The part of consumption that levels are of: dimension to code.
using LevelSlices = std::map<std::string, std::string>;
LevelSlices SlicesOf(const catalog::v1::ObservationSeries& series);

// Where levels of one indicator come from.
class Levels {
 public:
  virtual ~Levels() = default;
  // By the regions and groups of the last day before `end_us`, to which a comparison goes;
  // kAtEvent: it is not compared. Null as NodeValue is.
  virtual Level Find(const std::string& region, const LevelSlices& slices, const Period& period,
                     int64_t end_us) = 0;
};

// What publishers state of an indicator.
class PublishedLevels final : public Levels {
 public:
  // Neither is owned. `series`: of the indicator, by name; `adds_up`: its parts are added.
  PublishedLevels(const StatisticContext& context, bool adds_up,
                  const std::map<std::string, const catalog::v1::ObservationSeries*>& series,
                  const std::vector<catalog::v1::Observation>& observations);

  // For a figure of `rates`: series of the same publisher and prices come first.
  void Prefer(const catalog::v1::ObservationSeries& rates) { rates_ = &rates; }
  Level Find(const std::string& region, const LevelSlices& slices, const Period& period,
             int64_t end_us) override;
  // The unit of the series that the levels found last are of.
  const catalog::v1::Unit& unit() const { return unit_; }

 private:
  struct Stated {
    const catalog::v1::ObservationSeries* series;
    std::map<std::pair<std::string, Days>, const catalog::v1::Observation*> figures;
  };
  // None: nothing is stated.
  std::optional<Level> FindIn(const Stated& stated, const std::string& region, const Days& days,
                              int64_t end_us);

  const StatisticContext& context_;
  const bool adds_up_;
  Crosswalk crosswalk_;
  std::vector<Stated> levels_;
  const catalog::v1::ObservationSeries* rates_ = nullptr;
  catalog::v1::Unit unit_;
};

// What the indicator's formula gives. Asked twice: first everything is noted, and found with the
// value 1; behind Prepare() it has its values.
class ComputedLevels final : public Levels {
 public:
  ComputedLevels(const StatisticContext& context, const FormulaBook& book)
      : context_(context), book_(book) {}

  absl::Status Prepare();
  // What cannot be asked of events, such as slices of a formula that reads
  // figures, is null NO_DATA.
  Level Find(const std::string& region, const LevelSlices& slices, const Period& period,
             int64_t end_us) override;
  // What went wrong in finding, if anything did.
  const absl::Status& status() const { return status_; }
  uint64_t effects_scanned() const;
  // Of the queries asked, each once.
  std::vector<PlanNote> notes() const;

 private:
  struct Part {
    std::vector<Query::Filter> filters;
    std::unique_ptr<Evaluator> evaluator;
    std::vector<Spot> spots;
  };
  // Null: slices that events are not asked by.
  Part* PartOf(const LevelSlices& slices);

  const StatisticContext& context_;
  const FormulaBook& book_;
  std::map<LevelSlices, Part> parts_;
  bool prepared_ = false;
  absl::Status status_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_LEVELS_H_
