#include "services/analytics/testing/official_figures.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/analytics/testing/plain_groups.h"

namespace tidemark::analytics::testing {
namespace {

namespace pb = catalog::v1;

constexpr pb::ObservationStatus kStatuses[] = {
    pb::OBSERVATION_STATUS_NORMAL,    pb::OBSERVATION_STATUS_PROVISIONAL,
    pb::OBSERVATION_STATUS_ESTIMATED, pb::OBSERVATION_STATUS_REVISED,
    pb::OBSERVATION_STATUS_FORECAST,  pb::OBSERVATION_STATUS_LOW_RELIABILITY};

}  // namespace

int RankOfStatus(pb::ObservationStatus status) {
  switch (status) {
    case pb::OBSERVATION_STATUS_REVISED:
      return 1;
    case pb::OBSERVATION_STATUS_PROVISIONAL:
      return 2;
    case pb::OBSERVATION_STATUS_ESTIMATED:
    case pb::OBSERVATION_STATUS_FORECAST:
    case pb::OBSERVATION_STATUS_IMPUTED:
    case pb::OBSERVATION_STATUS_LOW_RELIABILITY:
      return 3;
    default:
      return 0;
  }
}

OfficialFigures::OfficialFigures(const World& world, std::mt19937_64* random, bool sliced,
                                 PlainCatalog* catalog)
    : world_(world), random_(*random), catalog_(*catalog) {
  uint32_t preference = 0;
  for (const bool registered : {false, true}) {
    for (const bool year_end : {false, true}) {
      for (uint64_t i = 1 + Below(2); i > 0; --i) {
        AddPopulation({.registered = registered, .year_end = year_end, .preference = preference++});
      }
    }
  }
  for (const char* const age : {"", "0-17", "18-59", "60+"}) {
    for (const char* const area : {"", "urban", "rural"}) {
      if (!sliced || !Chance(60)) continue;
      OfficialSeries one{.year_end = Chance(30), .preference = preference++};
      if (*age != 0) one.slices["age_band"] = age;
      if (*area != 0) one.slices["area_type"] = area;
      if (!one.slices.empty()) AddPopulation(one);
    }
  }
  for (int i = 0; i < 3; ++i) {
    // One is in another currency, and serves nobody.
    const bool foreign = i == 0 && Chance(50);
    AddProduct({.population = false,
                .currency = foreign ? "USD" : world.currency,
                .power = static_cast<int>(Below(3)) * 4,
                .preference = preference++});
  }
}

std::vector<std::string> OfficialFigures::SomePlaces() {
  std::vector<std::string> places;
  for (const WorldRegion& region : world_.regions) {
    if (Chance(55)) places.push_back("regions/" + region.id);
  }
  for (const WorldGroup& group : world_.groups) {
    if (Chance(35)) places.push_back("regionGroups/" + group.id);
  }
  return places;
}

void OfficialFigures::Write(const OfficialSeries& series) {
  pb::ObservationSeries& made = *catalog_.Put(series.name).mutable_observation_series();
  made.set_form(pb::SERIES_FORM_LEVEL);
  made.mutable_denominator()->set_preference(series.preference);
  made.mutable_denominator()->set_role(series.population ? pb::DENOMINATOR_ROLE_POPULATION
                                                         : pb::DENOMINATOR_ROLE_GDP);
  made.mutable_unit()->set_kind(series.population ? pb::UNIT_KIND_PERSONS : pb::UNIT_KIND_MONEY);
  made.mutable_unit()->set_currency(series.currency);
  made.mutable_unit()->set_power_of_ten(series.power);
  // What is not said is resident, and in the middle of the year.
  if (series.registered) made.mutable_population()->set_kind(pb::POPULATION_KIND_REGISTERED);
  if (series.year_end) made.mutable_population()->set_time(pb::POPULATION_TIME_YEAR_END);
  for (const auto& [dimension, code] : series.slices) {
    made.add_slices()->set_dimension(dimension);
    made.mutable_slices()->rbegin()->set_code(dimension == "area_type" ? absl::AsciiStrToUpper(code)
                                                                       : code);
  }
}

void OfficialFigures::AddPopulation(OfficialSeries series) {
  series.name = absl::StrCat("observationSeries/people-", series_.size());
  series.power = Chance(40) ? 4 : 0;
  Write(series);
  const int first_year = world_.observatory_start.year - 2;
  for (const std::string& place : SomePlaces()) {
    for (int year = first_year; year < first_year + 7; ++year) {
      if (!Chance(45)) continue;
      PlainFigure figure{.series = series.name, .place = place};
      figure.period = MonthsFrom(year, 0, 12);
      if (Chance(40)) {
        figure.period = series.year_end ? OneDay({year, 12, 31})
                        : Chance(50)    ? OneDay({year, 6, 30})
                                        : OneDay({year, 7, 1});
        // One that says nothing of the year.
        if (Chance(20)) figure.period = OneDay({year, 3, 31});
      }
      figure.status = kStatuses[Chance(60) ? 0 : Below(6)];
      figure.decimals = static_cast<int>(Below(3));
      figure.digits = Chance(6) ? 0 : static_cast<int64_t>(1 + Below(5'000'000));
      if (Chance(5)) figure.divisor = 3;
      figure.qualified = Chance(15);
      figure.break_before = Chance(10);
      figure.vintage = absl::StrCat("vintages/v", Below(3));
      if (Chance(8)) {
        figure.digits.reset();
        figure.status =
            Chance(50) ? pb::OBSERVATION_STATUS_MISSING : pb::OBSERVATION_STATUS_SUPPRESSED;
      }
      catalog_.State(figure);
    }
  }
  series_.push_back(std::move(series));
}

// Whatever adds up to a period gives the same number, and the same is said of all cells of a
// series.
void OfficialFigures::AddProduct(OfficialSeries series) {
  series.name = absl::StrCat("observationSeries/product-", series_.size());
  Write(series);
  const bool qualified = Chance(20), break_before = Chance(20);
  const auto status = kStatuses[Chance(60) ? 0 : Below(6)];
  const int decimals = static_cast<int>(Below(3));
  const int first_year = world_.observatory_start.year - 1;
  for (const std::string& place : SomePlaces()) {
    const bool nothing = Chance(8);
    std::vector<int64_t> months;
    for (int month = 0; month < 12 * 6; ++month)
      months.push_back(nothing ? 0 : static_cast<int64_t>(1 + Below(1'000'000)));
    const auto state = [&](int month, int count) {
      PlainFigure figure{.series = series.name, .place = place};
      figure.period = MonthsFrom(first_year, month, count);
      figure.digits = 0;
      for (int i = month; i < month + count; ++i) *figure.digits += months[static_cast<size_t>(i)];
      figure.decimals = decimals;
      figure.qualified = qualified, figure.break_before = break_before, figure.status = status;
      catalog_.State(figure);
    };
    const bool cumulative = Chance(60), monthly = Chance(20);
    for (int year = 0; year < 6; ++year) {
      if (Chance(40)) state(12 * year, 12);
      for (int quarter = 0; quarter < 4; ++quarter) {
        if (cumulative && Chance(75)) state(12 * year, 3 * quarter + 3);
        if (!cumulative && Chance(75)) state(12 * year + 3 * quarter, 3);
      }
      for (int month = 0; monthly && month < 12; ++month) {
        if (Chance(80)) state(12 * year + month, 1);
      }
    }
  }
  series_.push_back(std::move(series));
}

OfficialNumber OfficialFigures::NumberOf(const OfficialSeries& series,
                                         const PlainFigure& figure) const {
  return {.null = NullReason::kNone,
          .value = figure.Value() * TenTo(series.power),
          .qualified = figure.qualified,
          .break_before = figure.break_before,
          .status = RankOfStatus(figure.status),
          .sources = {{figure.series, figure.vintage}}};
}

OfficialNumber OfficialFigures::StatedPopulation(bool registered, bool year_end,
                                                 const std::map<std::string, std::string>& slices,
                                                 const std::string& place, int64_t end) const {
  const int year = DateOf(end - 1).year;
  for (int of = year; of > year - 12; --of) {
    for (const OfficialSeries& series : series_) {
      if (!series.population || series.registered != registered || series.year_end != year_end ||
          series.slices != slices) {
        continue;
      }
      std::vector<PlainPeriod> places = {MonthsFrom(of, 0, 12)};
      if (year_end) places.push_back(OneDay({of, 12, 31}));
      if (!year_end) places.push_back(OneDay({of, 6, 30}));
      if (!year_end) places.push_back(OneDay({of, 7, 1}));
      for (const PlainPeriod& period : places) {
        const PlainFigure* const figure =
            catalog_.Find(series.name, place, period.first, period.end);
        if (figure == nullptr || !figure->digits) continue;
        OfficialNumber number = NumberOf(series, *figure);
        number.carried = of != year;
        return number;
      }
    }
  }
  return {};
}

OfficialNumber OfficialFigures::StatedProduct(const std::string& place, int64_t first,
                                              int64_t end) const {
  OfficialNumber found;
  for (const bool sums : {false, true}) {
    for (const OfficialSeries& series : series_) {
      if (series.population || series.currency != world_.currency) continue;
      // What is before each day that cells connect with the first, from there.
      std::map<int64_t, Exact> before = {{first, 0}};
      const PlainFigure* any = nullptr;
      for (bool more = true; more;) {
        more = false;
        const auto& all = catalog_.figures();
        for (auto at = all.lower_bound({series.name, place, INT64_MIN, INT64_MIN});
             at != all.end() && at->second.series == series.name && at->second.place == place;
             ++at) {
          const PlainFigure& figure = at->second;
          if (!figure.digits) continue;
          any = &figure;
          const auto [from, to] = figure.period.days();
          if (!sums && figure.period.days() != std::pair(first, end)) continue;
          if (before.contains(from) && !before.contains(to))
            before[to] = before[from] + figure.Value(), more = true;
          if (before.contains(to) && !before.contains(from))
            before[from] = before[to] - figure.Value(), more = true;
        }
      }
      if (any == nullptr) continue;
      found.null = NullReason::kPeriodMismatch;
      if (first >= end || !before.contains(end)) continue;
      found = NumberOf(series, *any);
      found.value = before[end] * TenTo(series.power);
      return found;
    }
  }
  return found;
}

template <typename Stated>
OfficialNumber OfficialFigures::OfPlace(const std::string& place, int64_t members_on,
                                        Stated stated) const {
  const OfficialNumber own = stated(place);
  if (absl::StartsWith(place, "regions/") || (own.found() && !own.carried)) return own;
  const std::set<std::string> members = RegionsOfPlace(world_, place, members_on);
  OfficialNumber sum{.null = members.empty() ? NullReason::kNoDenominator : NullReason::kNone};
  for (const std::string& member : members) {
    const OfficialNumber one = stated("regions/" + member);
    if (!one.found() && sum.null != NullReason::kNoDenominator) sum.null = one.null;
    sum.value += one.value;
    sum.carried |= one.carried;
    sum.qualified |= one.qualified;
    sum.break_before |= one.break_before;
    sum.status = std::max(sum.status, one.status);
    sum.sources.insert(one.sources.begin(), one.sources.end());
  }
  if (sum.found() && (!sum.carried || !own.found())) return sum;
  if (own.found() || own.null == NullReason::kPeriodMismatch) return own;
  return {.null = sum.null};
}

OfficialNumber OfficialFigures::Population(bool registered, bool year_end,
                                           const std::map<std::string, std::string>& slices,
                                           const std::string& place, int64_t end,
                                           int64_t members_on) const {
  return OfPlace(place, members_on, [&](const std::string& name) {
    return StatedPopulation(registered, year_end, slices, name, end);
  });
}

OfficialNumber OfficialFigures::Product(const std::string& place, int64_t first, int64_t end,
                                        int64_t members_on) const {
  return OfPlace(place, members_on,
                 [&](const std::string& name) { return StatedProduct(name, first, end); });
}

std::set<std::map<std::string, std::string>> OfficialFigures::SlicesOf(
    bool registered, bool year_end, const std::set<std::string>& of) const {
  std::set<std::map<std::string, std::string>> all;
  for (const OfficialSeries& series : series_) {
    if (!series.population || series.registered != registered || series.year_end != year_end)
      continue;
    std::set<std::string> dimensions;
    for (const auto& [dimension, code] : series.slices) dimensions.insert(dimension);
    if (dimensions == of) all.insert(series.slices);
  }
  return all;
}

}  // namespace tidemark::analytics::testing
