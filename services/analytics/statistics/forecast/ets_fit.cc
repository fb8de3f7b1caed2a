#include "services/analytics/statistics/forecast/ets_fit.h"

#include <nlopt.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "common/base/exact_math.h"
#include "common/status/status_macros.h"
#include "services/analytics/statistics/forecast/ets_initial.h"
#include "services/analytics/statistics/forecast/ets_likelihood.h"

namespace tidemark::analytics {
namespace {

constexpr double kLow = 1e-4;
constexpr double kHigh = 1 - 1e-4;
constexpr double kLowPhi = 0.8;
constexpr double kHighPhi = 0.98;
// Of the objective: while the best of several tops is looked for, and when it is found.
constexpr double kRough = 1e-5;
constexpr double kFine = 1e-10;
constexpr double kNone = std::numeric_limits<double>::infinity();

// Smoothing parameters as a point of a box: alpha, beta/alpha, gamma/(1-alpha), phi. The search may
// go beyond a bound by its rounding.
EtsSmoothing Unbox(const EtsForm& form, std::span<const double> point) {
  size_t at = 0;
  const auto share = [&] { return std::clamp(point[at++], kLow, kHigh); };
  EtsSmoothing smoothing;
  smoothing.alpha = share();
  if (form.HasTrend()) smoothing.beta = smoothing.alpha * share();
  if (form.HasSeason()) smoothing.gamma = (1 - smoothing.alpha) * share();
  if (form.trend == EtsTrend::kDamped) smoothing.phi = std::clamp(point.back(), kLowPhi, kHighPhi);
  return smoothing;
}

// The objective as a function of the smoothing parameters only: for each of them with the initial
// state that makes it smallest.
class Profile {
 public:
  Profile(const EtsForm& form, std::span<const double> values,
          const std::function<absl::Status()>& stop)
      : form_(form), values_(values), stop_(stop), start_(StartOfEts(form, values)) {}

  double At(std::span<const double> point) {
    const EtsSmoothing smoothing = Unbox(form_, point);
    std::vector<double> initial = start_;
    EtsRun run = BestInitial(form_, smoothing, values_, tolerance_, &initial);
    if (!run.valid) return kNone;
    const double objective = run.objective;
    if (objective < best_.objective || !best_.valid) {
      best_ = std::move(run);
      best_initial_ = initial;
      best_point_.assign(point.begin(), point.end());
      // What comes next is mostly near it.
      start_ = std::move(initial);
    }
    return objective;
  }

  // How much nearer to the smallest objective a step of the initial state must lead to be taken.
  void set_tolerance(double tolerance) { tolerance_ = tolerance; }
  absl::Status Stop() const { return stop_ ? stop_() : absl::OkStatus(); }
  const EtsRun& best() const { return best_; }
  const std::vector<double>& best_initial() const { return best_initial_; }
  const std::vector<double>& best_point() const { return best_point_; }

  nlopt_opt search = nullptr;
  absl::Status stopped;

 private:
  const EtsForm form_;
  const std::span<const double> values_;
  const std::function<absl::Status()>& stop_;
  double tolerance_ = kRough / 10;
  std::vector<double> start_;
  EtsRun best_;
  std::vector<double> best_initial_;
  std::vector<double> best_point_;
};

double Evaluate(unsigned count, const double* point, double* /*gradient*/, void* data) {
  auto* const profile = static_cast<Profile*>(data);
  profile->stopped = profile->Stop();
  if (!profile->stopped.ok()) nlopt_force_stop(profile->search);
  const double value = profile->At({point, count});
  // The search knows no infinity.
  return std::isfinite(value) ? value : 1e100;
}

// Likelihoods have several tops: the highest of a coarse grid, and how many of them are searched
// from.
constexpr double kAlphas[] = {0.05, 0.2, 0.4, 0.6, 0.9};
constexpr double kOthers[] = {0.02, 0.2, 0.7};
constexpr double kPhis[] = {0.85, 0.96};
constexpr size_t kStarts = 3;

std::vector<std::vector<double>> GridOf(const EtsForm& form) {
  std::vector<std::vector<double>> points;
  for (const double alpha : kAlphas) points.push_back({alpha});
  const auto cross = [&points](std::span<const double> values) {
    std::vector<std::vector<double>> crossed;
    for (const std::vector<double>& point : points) {
      for (const double value : values) {
        crossed.push_back(point);
        crossed.back().push_back(value);
      }
    }
    points = std::move(crossed);
  };
  if (form.HasTrend()) cross(kOthers);
  if (form.HasSeason()) cross(kOthers);
  if (form.trend == EtsTrend::kDamped) cross(kPhis);
  return points;
}

// The points of the grid with the smallest objectives, smallest first; only those that have one.
std::vector<std::vector<double>> BestOfGrid(const EtsForm& form, Profile* profile) {
  std::vector<std::pair<double, std::vector<double>>> tried;
  for (std::vector<double>& point : GridOf(form)) {
    const double objective = profile->At(point);
    if (std::isfinite(objective)) tried.emplace_back(objective, std::move(point));
  }
  std::stable_sort(tried.begin(), tried.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::vector<double>> best;
  for (size_t i = 0; i < tried.size() && i < kStarts; ++i)
    best.push_back(std::move(tried[i].second));
  return best;
}

absl::Status Search(const EtsForm& form, std::vector<std::vector<double>> starts,
                    Profile* profile) {
  const auto count = static_cast<unsigned>(SmoothingCount(form));
  std::vector<double> low(count, kLow), high(count, kHigh);
  if (form.trend == EtsTrend::kDamped) {
    low.back() = kLowPhi;
    high.back() = kHighPhi;
  }
  // By quadratic models of the objective, which needs half as many values of it as by simplexes; it
  // is for two parameters and more.
  const std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> search(
      nlopt_create(count > 1 ? NLOPT_LN_BOBYQA : NLOPT_LN_SBPLX, count), &nlopt_destroy);
  if (search == nullptr) return absl::ResourceExhaustedError("no memory to estimate a model");
  nlopt_set_lower_bounds(search.get(), low.data());
  nlopt_set_upper_bounds(search.get(), high.data());
  nlopt_set_min_objective(search.get(), &Evaluate, profile);
  nlopt_set_xtol_rel(search.get(), 1e-7);
  nlopt_set_ftol_abs(search.get(), kRough);
  nlopt_set_maxeval(search.get(), 1000);
  profile->search = search.get();
  for (std::vector<double>& start : starts) {
    double value = 0;
    nlopt_optimize(search.get(), start.data(), &value);
    TM_RETURN_IF_ERROR(profile->stopped);
  }
  // Once more from the best of all, with wide steps again, and to the end.
  nlopt_set_ftol_abs(search.get(), kFine);
  profile->set_tolerance(kFine);
  std::vector<double> point = profile->best_point();
  double value = 0;
  nlopt_optimize(search.get(), point.data(), &value);
  TM_RETURN_IF_ERROR(profile->stopped);
  return absl::OkStatus();
}

void Scale(double by, const EtsForm& form, EtsState* state) {
  state->level *= by;
  state->trend *= by;
  if (form.season != EtsSeason::kAdditive) return;
  for (double& effect : state->seasons) effect *= by;
}

}  // namespace

absl::StatusOr<EtsFit> FitEts(const EtsForm& form, std::span<const double> values,
                              const std::function<absl::Status()>& stop) {
  // A power of two, so that scaling rounds nothing.
  double size = 0;
  for (const double value : values) size = std::max(size, std::abs(value));
  const int exponent = size > 0 ? std::ilogb(size) : 0;
  std::vector<double> scaled;
  scaled.reserve(values.size());
  for (const double value : values) scaled.push_back(std::ldexp(value, -exponent));

  Profile profile(form, scaled, stop);
  std::vector<std::vector<double>> starts = BestOfGrid(form, &profile);
  if (starts.empty()) return absl::NotFoundError("no likelihood");
  TM_RETURN_IF_ERROR(Search(form, std::move(starts), &profile));

  EtsFit fit;
  fit.form = form;
  fit.smoothing = Unbox(form, profile.best_point());
  fit.initial = MakeState(form, profile.best_initial());
  fit.state = profile.best().state;
  fit.count = values.size();
  const auto count = static_cast<double>(values.size());
  const double two_pi = 6.283185307179586;
  fit.log_likelihood = -0.5 * (profile.best().objective + count * (base::Log(two_pi / count) + 1)) -
                       count * exponent * base::Log(2);
  fit.aicc = Aicc(form, fit.log_likelihood, values.size());
  fit.variance = profile.best().square_sum / (count - ParameterCount(form) + 1);
  const double unit = std::ldexp(1.0, exponent);
  if (form.error == EtsError::kAdditive) fit.variance *= unit * unit;
  Scale(unit, form, &fit.initial);
  Scale(unit, form, &fit.state);
  return fit;
}

absl::StatusOr<std::vector<EtsFit>> FitAll(int season, std::span<const double> values,
                                           const std::function<absl::Status()>& stop) {
  season = TellableSeason(season, values.size());
  const bool positive = std::all_of(values.begin(), values.end(), [](double v) { return v > 0; });
  std::vector<EtsFit> fits;
  for (const EtsForm& form : EtsForms(season, positive)) {
    if (values.size() <= static_cast<size_t>(ParameterCount(form)) + 1) continue;
    absl::StatusOr<EtsFit> fit = FitEts(form, values, stop);
    if (absl::IsNotFound(fit.status())) continue;
    if (!fit.ok()) return fit.status();
    fits.push_back(*std::move(fit));
  }
  std::stable_sort(fits.begin(), fits.end(),
                   [](const EtsFit& a, const EtsFit& b) { return a.aicc < b.aicc; });
  return fits;
}

}  // namespace tidemark::analytics
