#include "services/analytics/statistics/denominators/official_figures.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "clients/cpp/catalog/period_text.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/vocabulary.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

// Series named in one call.
constexpr size_t kMostSeries = 1000;

// SDMX's.
char LetterOf(pb::ObservationStatus status) {
  constexpr std::string_view kLetters = "AAPERFIUMQ";
  const auto number = static_cast<size_t>(status);
  return number < kLetters.size() ? kLetters[number] : '?';
}

base::Rational PowerOfTen(int power) {
  base::Rational whole(1);
  for (int i = 0; i < std::abs(power); ++i) whole *= base::Rational(10);
  return power < 0 ? base::Rational(1) / whole : whole;
}

absl::CivilDay EndOf(const type::v1::Period& period, const absl::CivilDay& start) {
  const int64_t count = std::max<int64_t>(period.count(), 1);
  const auto months = [&](int64_t each) {
    return absl::CivilDay(absl::CivilMonth(start) + each * count);
  };
  switch (period.grain()) {
    case type::v1::PERIOD_GRAIN_DAY:
      return start + count;
    case type::v1::PERIOD_GRAIN_WEEK:
      return start + 7 * count;
    case type::v1::PERIOD_GRAIN_MONTH:
      return months(1);
    case type::v1::PERIOD_GRAIN_QUARTER:
      return months(3);
    case type::v1::PERIOD_GRAIN_HALF_YEAR:
      return months(6);
    case type::v1::PERIOD_GRAIN_YEAR:
      return months(12);
    default:
      return start;
  }
}

bool Serves(const pb::ObservationSeries& series, const DenominatorKind& kind,
            const std::string& currency) {
  if (!series.has_denominator() || series.denominator().role() != kind.role) return false;
  if (kind.role != pb::DENOMINATOR_ROLE_POPULATION) {
    return kind.role != pb::DENOMINATOR_ROLE_GDP || series.unit().currency() == currency;
  }
  const pb::PopulationBasis& of = series.population();
  const auto people =
      of.kind() == pb::POPULATION_KIND_UNSPECIFIED ? pb::POPULATION_KIND_RESIDENT : of.kind();
  const auto time =
      of.time() == pb::POPULATION_TIME_UNSPECIFIED ? pb::POPULATION_TIME_MID_YEAR : of.time();
  return people == kind.people && time == kind.time;
}

// Enumerations are written in capitals in the catalog, and small in events.
std::string CodeOfEvents(const pb::Slice& slice) {
  const DimensionWord* const word = FindDimension(slice.dimension());
  const bool listed = word != nullptr && word->codes == CodeKind::kEnumeration;
  return listed ? absl::AsciiStrToLower(slice.code()) : slice.code();
}

}  // namespace

std::optional<DaySpan> StatedDays(const type::v1::Period& period) {
  const type::v1::Date& date = period.start();
  const absl::CivilDay start(date.year(), date.month(), date.day());
  const absl::CivilDay epoch(1970, 1, 1);
  const DaySpan days = {start - epoch, EndOf(period, start) - epoch};
  if (days.empty()) return std::nullopt;
  return days;
}

std::optional<base::Rational> NumberOf(const pb::Observation& observation) {
  if (!observation.has_value()) return std::nullopt;
  // At most 18 digits that count.
  const std::string& text = observation.value().value();
  const size_t point = text.find('.');
  const std::string_view whole = std::string_view(text).substr(0, point);
  const std::string_view rest =
      point == std::string::npos ? std::string_view() : std::string_view(text).substr(point + 1);
  int64_t digits = 0;
  if (!absl::SimpleAtoi(absl::StrCat(whole, rest), &digits)) return std::nullopt;
  base::Rational number(digits);
  number *= PowerOfTen(observation.unit().power_of_ten() - static_cast<int>(rest.size()));
  number /= base::Rational(std::max<uint32_t>(observation.divisor(), 1));
  return number;
}

OfficialFigure Described(const pb::Observation& observation) {
  const bool exact = observation.qualifier() == pb::QUALIFIER_UNSPECIFIED ||
                     observation.qualifier() == pb::QUALIFIER_EXACT;
  return {.series = observation.series(),
          .vintage = observation.vintage(),
          .period = catalog_client::PeriodText(observation.period()).value_or("?"),
          .status = LetterOf(observation.status()),
          .qualified = !exact,
          .break_before = observation.break_before()};
}

absl::StatusOr<std::vector<ServingSeries>> ListServing(CatalogReader& catalog, uint64_t version,
                                                       const DenominatorKind& kind,
                                                       const std::string& currency) {
  TM_ASSIGN_OR_RETURN(const CatalogReader::Resources resources,
                      catalog.List("observationSeries", "", version));
  std::vector<ServingSeries> serving;
  for (const pb::Resource& resource : *resources) {
    const pb::ObservationSeries& series = resource.observation_series();
    if (!Serves(series, kind, currency)) continue;
    ServingSeries& one = serving.emplace_back();
    one.name = resource.name();
    one.preference = series.denominator().preference();
    for (const pb::Slice& slice : series.slices())
      one.slices.emplace_back(slice.dimension(), CodeOfEvents(slice));
    std::sort(one.slices.begin(), one.slices.end());
  }
  std::sort(serving.begin(), serving.end(), [](const ServingSeries& a, const ServingSeries& b) {
    return std::tie(a.preference, a.name) < std::tie(b.preference, b.name);
  });
  return serving;
}

absl::StatusOr<CatalogReader::Observations> ListFigures(CatalogReader& catalog, uint64_t version,
                                                        const std::vector<ServingSeries>& series) {
  auto all = std::make_shared<std::vector<pb::Observation>>();
  for (size_t begin = 0; begin < series.size(); begin += kMostSeries) {
    pb::ObservationFilter filter;
    const size_t end = std::min(begin + kMostSeries, series.size());
    for (size_t i = begin; i < end; ++i) filter.add_series(series[i].name);
    TM_ASSIGN_OR_RETURN(CatalogReader::Observations some,
                        catalog.ListObservations(filter, version));
    if (series.size() <= kMostSeries) return some;
    all->insert(all->end(), some->begin(), some->end());
  }
  return all;
}

}  // namespace tidemark::analytics
