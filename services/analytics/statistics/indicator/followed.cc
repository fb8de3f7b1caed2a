#include "services/analytics/statistics/indicator/followed.h"

#include <algorithm>
#include <utility>

#include "services/analytics/query/ratios.h"
#include "services/analytics/statistics/indicator/figures.h"
#include "services/analytics/statistics/indicator/unit_scale.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

// A number and the bounds between which it lies.
struct Ranged {
  base::Rational value, low, high;
};

Ranged RangedOf(const Level& level) { return {level.node.value, level.low, level.high}; }

Ranged Minus(const Ranged& a, const Ranged& b) {
  return {a.value - b.value, a.low - b.high, a.high - b.low};
}

// `b` is above 0, and so are its bounds, else the bounds say nothing.
Ranged Over(const Ranged& a, const Ranged& b) {
  const base::Rational value = a.value / b.value;
  if (b.low.Sign() <= 0) return {value, value, value};
  base::Rational bounds[] = {a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high};
  std::sort(std::begin(bounds), std::end(bounds));
  return {value, bounds[0], bounds[3]};
}

Ranged Times(const Ranged& a, const base::Rational& factor) {
  return {a.value * factor, a.low * factor, a.high * factor};
}

void Take(const Ranged& number, Followed* followed) {
  followed->node.value = number.value;
  followed->low = number.low;
  followed->high = number.high;
}

class Follower {
 public:
  Follower(const StatisticContext& context, const pb::ObservationSeries& series,
           const pb::Observation& observation, Levels& levels)
      : calendar_(*context.calendar),
        series_(series),
        observation_(observation),
        levels_(levels),
        published_(PublishedOn()),
        period_(PeriodOf(calendar_, observation.period())) {}

  Followed Make() {
    switch (series_.form()) {
      case pb::SERIES_FORM_LEVEL: {
        const Level level = Find(observation_.region(), SlicesOf(series_), period_);
        result_.has_level = true;
        Note(level, /*is_base=*/false);
        result_.node.value = level.node.value;
        if (level.node.null != NullReason::kNone) result_.node.SetNull(level.node.null);
        result_.low = level.low;
        result_.high = level.high;
        break;
      }
      case pb::SERIES_FORM_GROWTH_ON_YEAR:
        Grow(period_, YearsBefore(calendar_, period_, 1));
        break;
      case pb::SERIES_FORM_GROWTH_ON_PREVIOUS:
        Grow(period_, PeriodBefore(calendar_, period_));
        break;
      case pb::SERIES_FORM_AVERAGE_ANNUAL_GROWTH:
        GrowYearly();
        break;
      case pb::SERIES_FORM_SHARE:
        Share();
        break;
      case pb::SERIES_FORM_CONTRIBUTION:
        Contribute();
        break;
      case pb::SERIES_FORM_INDEX:
        Index();
        break;
      default:
        result_.node.SetNull(NullReason::kNoData);
    }
    return std::move(result_);
  }

 private:
  int64_t PublishedOn() const {
    const auto& source = observation_.source();
    if (!source.has_published()) return 0;
    type::v1::Period day;
    day.set_grain(type::v1::PERIOD_GRAIN_DAY);
    *day.mutable_start() = source.published();
    return DaysOf(day).first;
  }

  Level Find(const std::string& region, const LevelSlices& slices, const Period& period) {
    return levels_.Find(region, slices, period, end_us_);
  }
  Level FindWhole(const Period& period) {
    if (series_.whole_region().empty()) return Find(observation_.region(), {}, period);
    return Find(series_.whole_region(), SlicesOf(series_), period);
  }
  Level FindPart(const Period& period) {
    const Level part = Find(observation_.region(), SlicesOf(series_), period);
    result_.has_level = result_.has_level || part.node.null == NullReason::kNone;
    return part;
  }

  Level FindBase(const Period& period) {
    return Find(observation_.region(), SlicesOf(series_), period);
  }

  void Note(const Level& level, bool is_base) {
    result_.node.Follow(level.node);
    result_.breaks = result_.breaks || (!is_base && (level.node.flags & kBreakFlag) != 0);
    result_.revised = result_.revised || (published_ != 0 && level.published > published_);
  }

  // Whether the two can be compared; says why not.
  bool Compare(const Level& value, const Level& base) {
    Note(value, false);
    Note(base, true);
    NullReason null = base.node.null;
    if (base.node.unknown) {
      null = NullReason::kNoBase;
    } else if (value.node.partial || base.node.partial) {
      null = NullReason::kPartialPeriod;
    } else if (value.node.null != NullReason::kNone) {
      null = value.node.null;
    }
    return Check(null);
  }
  bool Check(NullReason null) {
    if (null != NullReason::kNone) result_.node.SetNull(null);
    return null == NullReason::kNone;
  }

  // All levels are by the regions and groups of the later one's.
  void CompareTo(const std::optional<Period>& base) {
    end_us_ = std::max(period_.end_us, base ? base->end_us : period_.end_us);
  }

  void Grow(const Period& period, const std::optional<Period>& before) {
    CompareTo(before);
    const Level value = FindPart(period);
    if (!before) {
      Note(value, false);
      Check(NullReason::kNoBase);
      return;
    }
    const Level base = FindBase(*before);
    if (!Compare(value, base)) return;
    if (series_.unit().kind() == pb::UNIT_KIND_PERCENTAGE_POINTS) {
      Take(Times(Minus(RangedOf(value), RangedOf(base)), 100), &result_);
      return;
    }
    if (!Check(Growth(value.node.value, base.node.value).null)) return;
    Take(Over(Minus(RangedOf(value), RangedOf(base)), RangedOf(base)), &result_);
    // The base stands on both sides, so the quotient of the levels has the closer bounds.
    const Ranged quotient = Over(RangedOf(value), RangedOf(base));
    result_.low = quotient.low - 1;
    result_.high = quotient.high - 1;
  }

  void GrowYearly() {
    const auto years = std::max(1u, observation_.period().count());
    const Period last = calendar_.At(Grain::kYear, period_.end_us - 1);
    const std::optional<Period> before = YearsBefore(calendar_, last, years);
    if (observation_.period().grain() != type::v1::PERIOD_GRAIN_YEAR || !before) {
      Check(NullReason::kPeriodMismatch);
      return;
    }
    CompareTo(before);
    const Level value = FindPart(last), base = FindBase(*before);
    if (!Compare(value, base)) return;
    const auto growth = [years](const base::Rational& to, const base::Rational& from) {
      return AnnualGrowth(to, from, years);
    };
    const Number number = growth(value.node.value, base.node.value);
    if (!Check(number.null)) return;
    result_.node.exact = false;
    const base::Rational exact = base::Rational::FromDouble(number.value);
    const Number low = growth(value.low, base.high), high = growth(value.high, base.low);
    const bool bounded = low.null == NullReason::kNone && high.null == NullReason::kNone;
    Take({exact, bounded ? base::Rational::FromDouble(low.value) : exact,
          bounded ? base::Rational::FromDouble(high.value) : exact},
         &result_);
  }

  void Share() {
    const Level part = FindPart(period_), whole = FindWhole(period_);
    Note(part, false);
    Note(whole, false);
    const NullReason null = part.node.null != NullReason::kNone ? part.node.null : whole.node.null;
    if (!Check(null) ||
        !Check(Quotient(part.node.value, whole.node.value, NullReason::kZeroDenominator).null))
      return;
    Take(Over(RangedOf(part), RangedOf(whole)), &result_);
  }

  void Contribute() {
    const std::optional<Period> before = YearsBefore(calendar_, period_, 1);
    CompareTo(before);
    const Level value = FindPart(period_);
    if (!before) {
      Check(NullReason::kNoBase);
      return;
    }
    const Level base = FindBase(*before), whole = FindWhole(*before);
    Note(whole, true);
    if (!Compare(value, base) || !Check(whole.node.unknown ? NullReason::kNoBase : whole.node.null))
      return;
    const Ranged change = Minus(RangedOf(value), RangedOf(base));
    if (!Check(Points(change.value, whole.node.value).null)) return;
    Take(Times(Over(change, RangedOf(whole)), 100), &result_);
  }

  void Index() {
    const Period of_base = PeriodOf(calendar_, series_.index_base());
    CompareTo(of_base);
    const Level value = FindPart(period_);
    if (!IsSameKind(calendar_, period_, of_base)) {
      Note(value, false);
      Check(NullReason::kPeriodMismatch);
      return;
    }
    const Level base = FindBase(of_base);
    if (!Compare(value, base) || !Check(IndexNumber(value.node.value, base.node.value).null))
      return;
    Take(Times(Over(RangedOf(value), RangedOf(base)), 100), &result_);
  }

  const Calendar& calendar_;
  const pb::ObservationSeries& series_;
  const pb::Observation& observation_;
  Levels& levels_;
  const int64_t published_;
  const Period period_;
  int64_t end_us_ = kAtEvent;
  Followed result_;
};

// As published: half up, away from 0 where negative, to so many decimals.
bool RoundsTo(const base::Rational& number, const pb::Observation& observation) {
  const int decimals = DecimalsOf(observation.value());
  const base::Rational unit = base::Rational::PowerOfTen(decimals);
  const base::Rational shown = number * base::Rational(std::max(1u, observation.divisor())) * unit;
  const base::Rational half = base::Rational(1) / base::Rational(2);
  const base::Rational rounded =
      shown.Sign() < 0 ? base::Rational(0) - (base::Rational(0) - shown + half).Floor()
                       : (shown + half).Floor();
  return rounded == ValueOf(observation.value()) * unit;
}

}  // namespace

Followed Follow(const StatisticContext& context, const pb::ObservationSeries& series,
                const pb::Observation& observation, Levels* levels) {
  return Follower(context, series, observation, *levels).Make();
}

std::optional<ImpliedBase> BaseOf(const StatisticContext& context,
                                  const pb::ObservationSeries& series,
                                  const pb::Observation& observation, PublishedLevels* levels) {
  const Calendar& calendar = *context.calendar;
  Period period = PeriodOf(calendar, observation.period());
  uint32_t years = 1;
  std::optional<Period> before;
  if (series.form() == pb::SERIES_FORM_GROWTH_ON_YEAR) {
    before = YearsBefore(calendar, period, 1);
  } else if (series.form() == pb::SERIES_FORM_GROWTH_ON_PREVIOUS) {
    before = PeriodBefore(calendar, period);
  } else if (series.form() == pb::SERIES_FORM_AVERAGE_ANNUAL_GROWTH &&
             observation.period().grain() == type::v1::PERIOD_GRAIN_YEAR) {
    years = std::max(1u, observation.period().count());
    period = calendar.At(Grain::kYear, period.end_us - 1);
    before = YearsBefore(calendar, period, years);
  }
  if (!before) return std::nullopt;
  const Level level = levels->Find(observation.region(), SlicesOf(series), period, kAtEvent);
  if (level.node.null != NullReason::kNone) return std::nullopt;
  ImpliedBase base{ValueOfFigure(observation), *before};
  // Growth of percentages is stated in points, which imply a difference.
  if (series.unit().kind() == pb::UNIT_KIND_PERCENTAGE_POINTS) return std::nullopt;
  const base::Rational factor = base.node.value + 1;
  base.node.Follow(level.node);
  base::Rational all = 1;
  for (uint32_t i = 0; i < years; ++i) all *= factor;
  const ExactNumber implied = Quotient(level.node.value, all, NullReason::kZeroBase);
  base.node.value = implied.value;
  if (implied.null != NullReason::kNone) base.node.SetNull(implied.null);
  return base;
}

std::string_view ReasonOf(const pb::ObservationSeries& series, const pb::Observation& observation,
                          const Followed& followed, bool from_levels) {
  const base::Rational scale = ScaleOf(series.unit());
  if (followed.node.null != NullReason::kNone)
    return followed.node.null == NullReason::kPartialPeriod ? "PARTIAL" : "";
  if (RoundsTo(followed.node.value / scale, observation)) return "EQUAL";
  const base::Rational published = PublishedValue(observation) * scale;
  const base::Rational half = base::Rational::PowerOfTen(-DecimalsOf(observation.value())) /
                              base::Rational(2 * std::max(1u, observation.divisor())) * scale;
  if (from_levels && published - half < followed.high && followed.low < published + half)
    return "ROUNDING";
  if (from_levels && series.basis() == pb::SERIES_BASIS_COMPARABLE) return "BASIS";
  const ValueFlags flags = followed.node.flags | ValueOfFigure(observation).flags;
  if ((flags & kQualifiedFlag) != 0) return "QUALIFIED";
  if (followed.breaks) return "BREAK";
  if ((flags & kCrosswalkFlag) != 0) return "CROSSWALK";
  if (followed.node.partial) return "PARTIAL";
  if (followed.revised) return "REVISED";
  return "UNEXPLAINED";
}

}  // namespace tidemark::analytics
