#include "services/analytics/statistics/forecast/ets_model.h"

#include <string_view>

#include "absl/strings/str_cat.h"

namespace tidemark::analytics {

std::string EtsName(const EtsForm& form) {
  constexpr std::string_view kTrends[] = {"N", "A", "Ad"};
  constexpr std::string_view kSeasons[] = {"N", "A", "M"};
  return absl::StrCat("ETS(", form.error == EtsError::kAdditive ? "A" : "M", ",",
                      kTrends[static_cast<int>(form.trend)], ",",
                      kSeasons[static_cast<int>(form.season)], ")");
}

std::vector<EtsForm> EtsForms(int period, bool positive) {
  std::vector<EtsForm> forms;
  for (const EtsError error : {EtsError::kAdditive, EtsError::kMultiplicative}) {
    for (const EtsSeason season :
         {EtsSeason::kNone, EtsSeason::kAdditive, EtsSeason::kMultiplicative}) {
      const bool seasonal = season != EtsSeason::kNone;
      if (seasonal && period < 2) continue;
      if (error == EtsError::kMultiplicative && !positive) continue;
      if (error == EtsError::kAdditive && season == EtsSeason::kMultiplicative) continue;
      for (const EtsTrend trend : {EtsTrend::kNone, EtsTrend::kAdditive, EtsTrend::kDamped})
        forms.push_back({error, trend, season, seasonal ? period : 1});
    }
  }
  return forms;
}

int SmoothingCount(const EtsForm& form) {
  return 1 + (form.HasTrend() ? 1 : 0) + (form.HasSeason() ? 1 : 0) +
         (form.trend == EtsTrend::kDamped ? 1 : 0);
}

int InitialCount(const EtsForm& form) {
  return 1 + (form.HasTrend() ? 1 : 0) + (form.HasSeason() ? form.period - 1 : 0);
}

}  // namespace tidemark::analytics
