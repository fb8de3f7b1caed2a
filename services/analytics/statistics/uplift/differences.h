#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_DIFFERENCES_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_DIFFERENCES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// Difference in differences on logarithms, with placebos: Angrist and Pischke, "Mostly Harmless
// Econometrics" (2009), chapter 5; Abadie, Diamond and Hainmueller (2010) for placebos.
namespace tidemark::analytics {

// Gross of regions by day, in the smallest unit of the currency.
class DailyGross {
 public:
  DailyGross(size_t regions, size_t days) : days_(days), values_(regions * days) {}

  size_t days() const { return days_; }
  int64_t& At(size_t region, size_t day) { return values_[region * days_ + day]; }
  int64_t At(size_t region, size_t day) const { return values_[region * days_ + day]; }

 private:
  size_t days_;
  std::vector<int64_t> values_;
};

// Positions of the days of an activity, and of those before it that it is compared with; ascending,
// neither is empty.
struct Windows {
  std::vector<size_t> before;
  std::vector<size_t> activity;
};

// How many days of both windows have no gross: such a region has no change.
size_t CountZeroDays(const DailyGross& gross, size_t region, const Windows& windows);

// Mean of ln gross during the activity less that before; without days of zero.
double ChangeOf(const DailyGross& gross, size_t region, const Windows& windows);

// Mean change of the treated less that of the controls; neither is empty.
double DifferenceOf(std::span<const double> treated, std::span<const double> controls);

// The same for groups of controls instead of the treated, as many as there are treated in each,
// that follow one another in order (after the last comes the first); against the other controls.
// One for each control as the first of its group; none when no other control would be left.
std::vector<double> PlaceboDifferences(size_t treated_count, std::span<const double> controls);

// Share of the placebos that are at least as large, the estimate itself counted among them.
double PlaceboP(double difference, std::span<const double> placebos);

// A straight line through values at positions, by least squares.
struct Line {
  double slope = 0;
  // Standard error of the slope.
  double deviation = 0;
};
// Needs three points, of different positions.
Line FitLine(std::span<const double> positions, std::span<const double> values);

// Mean of ln gross of the regions on a day; none may be 0.
double MeanLogOf(const DailyGross& gross, std::span<const size_t> regions, size_t day);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_UPLIFT_DIFFERENCES_H_
