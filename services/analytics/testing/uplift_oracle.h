#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_UPLIFT_ORACLE_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_UPLIFT_ORACLE_H_

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/analytics/testing/plain_events.h"

namespace tidemark::analytics::testing {

// Days are since 1970-01-01, half-open.
struct PlainActivity {
  std::vector<std::string> treated, controls, left_out;
  std::pair<int64_t, int64_t> before, activity;
  std::set<int64_t> holidays;
  int placebo_dates = 0;
};

// By how much gross rose where an activity was, by means of logarithms, one after the other.
class UpliftOracle : public PlainEvents {
 public:
  using PlainEvents::PlainEvents;

  struct UpliftRows {
    // Reason of the error; empty: none.
    std::string error;
    PlainTable effect, placebos, regions, days;
    // A placebo is as large as the effect but for rounding, so p may be either.
    bool tie = false;
  };

  UpliftRows Count(const v1::Dimension& place, const PlainActivity& asked) const {
    const int64_t length = asked.activity.second - asked.activity.first;
    const int64_t step = (length + 6) / 7 * 7;
    const int64_t first = asked.before.first - step * asked.placebo_dates;
    std::map<std::string, std::map<int64_t, int64_t>> gross;
    std::map<std::string, std::string> roles;
    for (const std::string& code : asked.treated) roles[code] = "TREATED";
    for (const std::string& code : asked.controls) roles[code] = "CONTROL";
    for (const std::string& code : asked.left_out) roles[code] = "LEFT_OUT";
    for (const PlainEvent& e : events_) {
      const Member member = MemberOf(place, *e.event);
      const int64_t day = calendar_.DayAt(e.event->time_us);
      if (member.first != kCode || day < first || asked.activity.second <= day) continue;
      if (asked.controls.empty()) roles.try_emplace(member.second, "");
      gross[member.second][day] += Gross(*e.event);
    }
    const Days days = DaysOf(asked, 0);
    std::vector<std::string> treated, controls;
    UpliftRows rows;
    for (auto& [code, role] : roles) {
      const int64_t zeros = ZeroDays(gross[code], days);
      if (zeros > 0 && (role == "TREATED" || role == "CONTROL")) rows.error = "ZERO_DAYS";
      if (role.empty()) role = zeros > 0 ? "ZERO_DAYS" : "CONTROL";
      if (role == "TREATED") treated.push_back(code);
      if (role == "CONTROL") controls.push_back(code);
      rows.regions.push_back({{place.name(), PlainValue::Text(code)},
                              {"role", PlainValue::Text(role)},
                              {"zero_days", PlainValue::Whole(zeros)},
                              {"gross_before", PlainValue::Whole(Sum(gross[code], days.before))},
                              {"gross", PlainValue::Whole(Sum(gross[code], days.activity))}});
    }
    if (rows.error.empty() && controls.empty()) rows.error = "NO_CONTROLS";
    if (!rows.error.empty()) return rows;

    const auto effect_of = [&](const std::vector<std::string>& some,
                               const std::vector<std::string>& others, const Days& at) {
      return MeanChange(gross, some, at) - MeanChange(gross, others, at);
    };
    const long double effect = effect_of(treated, controls, days);
    std::vector<long double> placebos;
    const auto add = [&](const char* kind, const std::string& name, long double found) {
      placebos.push_back(found);
      rows.placebos.push_back({{"kind", PlainValue::Text(kind)},
                               {"name", PlainValue::Text(name)},
                               {"log_effect", Near(found)}});
    };
    for (size_t i = 0; i < controls.size() && controls.size() > treated.size(); ++i) {
      std::vector<std::string> group, others;
      for (size_t j = 0; j < controls.size(); ++j) {
        const bool inside = (j + controls.size() - i) % controls.size() < treated.size();
        (inside ? group : others).push_back(controls[j]);
      }
      add("REGION", controls[i], effect_of(group, others, days));
    }
    const size_t of_regions = placebos.size();
    for (int n = 1; n <= asked.placebo_dates; ++n) {
      const Days at = DaysOf(asked, n * step);
      const bool holiday = std::any_of(at.activity.begin(), at.activity.end(),
                                       [&](int64_t day) { return asked.holidays.contains(day); });
      if (holiday || at.before.empty() || at.activity.empty()) continue;
      std::vector<std::string> left;
      for (const std::string& code : controls) {
        if (ZeroDays(gross[code], at) == 0) left.push_back(code);
      }
      const bool whole = std::all_of(treated.begin(), treated.end(), [&](const auto& code) {
        return ZeroDays(gross[code], at) == 0;
      });
      if (whole && !left.empty()) add("DATE", NameOf(at.activity[0]), effect_of(treated, left, at));
    }
    int64_t as_large = 1;
    for (const long double placebo : placebos) {
      as_large += std::fabs(placebo) >= std::fabs(effect) ? 1 : 0;
      rows.tie |= std::fabs(std::fabs(placebo) - std::fabs(effect)) < 1e-11L;
    }
    AddDays(gross, treated, controls, days, &rows);
    const auto whole = [](size_t count) { return PlainValue::Whole(static_cast<int64_t>(count)); };
    const PlainValue none = PlainValue::Null(NullReason::kNoData);
    PlainRow& row = rows.effect[0];
    row["log_effect"] = Near(effect);
    row["effect"] = Near(std::expm1(effect));
    row["p"] =
        Near(static_cast<long double>(as_large) / static_cast<long double>(placebos.size() + 1));
    const auto [low, high] = std::minmax_element(placebos.begin(), placebos.end());
    row["placebo_low"] = placebos.empty() ? none : Near(*low);
    row["placebo_high"] = placebos.empty() ? none : Near(*high);
    row["placebo_regions"] = whole(of_regions);
    row["placebo_dates"] = whole(placebos.size() - of_regions);
    row["treated_regions"] = whole(treated.size());
    row["control_regions"] = whole(controls.size());
    row["days_before"] = whole(days.before.size());
    row["days"] = whole(days.activity.size());
    return rows;
  }

 private:
  struct Days {
    std::vector<int64_t> before, activity;
  };
  using DailyGross = std::map<int64_t, int64_t>;
  using GrossOf = std::map<std::string, DailyGross>;

  static PlainValue Near(long double value) {
    return PlainValue::Near(static_cast<double>(value), 1e-9);
  }
  std::string NameOf(int64_t day) const {
    return calendar_.At(NaiveGrain::kDay, calendar_.StartOfDay(day)).name;
  }
  // A day that a zone left out is none.
  bool Exists(int64_t day) const {
    return calendar_.StartOfDay(day) < calendar_.StartOfDay(day + 1);
  }
  Days DaysOf(const PlainActivity& asked, int64_t earlier) const {
    Days days;
    for (int64_t d = asked.before.first - earlier; d < asked.before.second - earlier; ++d) {
      if (Exists(d) && !asked.holidays.contains(d)) days.before.push_back(d);
    }
    for (int64_t d = asked.activity.first - earlier; d < asked.activity.second - earlier; ++d) {
      if (Exists(d)) days.activity.push_back(d);
    }
    return days;
  }
  static int64_t At(const DailyGross& gross, int64_t day) {
    const auto found = gross.find(day);
    return found == gross.end() ? 0 : found->second;
  }
  static int64_t Sum(const DailyGross& gross, const std::vector<int64_t>& days) {
    int64_t sum = 0;
    for (const int64_t day : days) sum += At(gross, day);
    return sum;
  }
  static int64_t ZeroDays(const DailyGross& gross, const Days& days) {
    int64_t zeros = 0;
    for (const int64_t day : days.before) zeros += At(gross, day) == 0 ? 1 : 0;
    for (const int64_t day : days.activity) zeros += At(gross, day) == 0 ? 1 : 0;
    return zeros;
  }
  static long double MeanLog(const DailyGross& gross, const std::vector<int64_t>& days) {
    long double sum = 0;
    for (const int64_t day : days) sum += std::log(static_cast<long double>(At(gross, day)));
    return sum / static_cast<long double>(days.size());
  }
  static long double MeanChange(const GrossOf& gross, const std::vector<std::string>& codes,
                                const Days& days) {
    long double sum = 0;
    for (const std::string& code : codes)
      sum += MeanLog(gross.at(code), days.activity) - MeanLog(gross.at(code), days.before);
    return sum / static_cast<long double>(codes.size());
  }

  // The days used, and the line through the differences before: by the normal equations.
  void AddDays(const GrossOf& gross, const std::vector<std::string>& treated,
               const std::vector<std::string>& controls, const Days& days, UpliftRows* rows) const {
    const auto mean = [&](const std::vector<std::string>& codes, int64_t day) {
      long double sum = 0;
      for (const std::string& code : codes)
        sum += std::log(static_cast<long double>(At(gross.at(code), day)));
      return sum / static_cast<long double>(codes.size());
    };
    const long double unit = world_.scale * std::log(10.0L);
    long double n = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
    int64_t position = 0, from = days.before.front();
    for (const auto* part : {&days.before, &days.activity}) {
      for (const int64_t day : *part) {
        const long double a = mean(treated, day), b = mean(controls, day);
        rows->days.push_back(
            {{"period", PlainValue::Text(NameOf(day))},
             {"window", PlainValue::Text(part == &days.before ? "BEFORE" : "ACTIVITY")},
             {"treated", Near(a - unit)},
             {"control", Near(b - unit)},
             {"difference", Near(a - b)}});
        if (part != &days.before) continue;
        for (; from < day; ++from) position += Exists(from) ? 1 : 0;
        const auto at = static_cast<long double>(position);
        n += 1, x += at, y += a - b, xx += at * at, xy += at * (a - b), yy += (a - b) * (a - b);
      }
    }
    PlainRow row = {{"trend_difference", PlainValue::Null(NullReason::kTooShort)},
                    {"trend_deviation", PlainValue::Null(NullReason::kTooShort)}};
    if (n >= 3) {
      const long double slope = (n * xy - x * y) / (n * xx - x * x);
      const long double left = yy - y * y / n - slope * (xy - x * y / n);
      row["trend_difference"] = Near(slope);
      row["trend_deviation"] = Near(std::sqrt(std::max(0.0L, left) / (n - 2) / (xx - x * x / n)));
    }
    rows->effect.push_back(std::move(row));
  }
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_UPLIFT_ORACLE_H_
