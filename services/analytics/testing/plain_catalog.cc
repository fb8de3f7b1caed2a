#include "services/analytics/testing/plain_catalog.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cpp/catalog/period_text.h"

namespace tidemark::analytics::testing {
namespace {

namespace pb = catalog::v1;

int64_t FirstOfMonth(int64_t month) {
  return DayNumber({static_cast<int>(month / 12), static_cast<int>(month % 12) + 1, 1});
}

void SetDay(int64_t day, type::v1::Date* date) {
  const NaiveDate plain = DateOf(day);
  date->set_year(plain.year);
  date->set_month(plain.month);
  date->set_day(plain.day);
}

template <typename Names>
bool Keeps(const Names& names, const std::string& name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

// First day and end of a period of a filter, which is a day.
int64_t DayOf(const type::v1::Period& period) {
  return DayNumber({static_cast<int>(period.start().year()),
                    static_cast<int>(period.start().month()),
                    static_cast<int>(period.start().day())});
}

}  // namespace

PlainPeriod MonthsFrom(int year, int month, int months) {
  const int64_t first = year * 12 + month;
  struct Unit {
    int months;
    const char* letter;
  };
  constexpr Unit kUnits[] = {{12, ""}, {6, "-H"}, {3, "-Q"}, {1, "-"}};
  const Unit* unit = std::begin(kUnits);
  while (first % unit->months != 0 || months % unit->months != 0) ++unit;
  const int64_t last = first + months - unit->months;
  const auto part = [&](int64_t at, bool with_year) {
    const int64_t number = at % 12 / unit->months + 1;
    std::string name = with_year ? absl::StrFormat("%04d", at / 12) : "";
    if (unit->months == 12) return name;
    if (with_year) absl::StrAppend(&name, unit->letter);
    if (unit->months == 1) return absl::StrFormat("%s%02d", name, number);
    return absl::StrCat(name, with_year ? "" : std::string(unit->letter + 1), number);
  };
  PlainPeriod period{part(first, true), FirstOfMonth(first), FirstOfMonth(first + months)};
  const bool another_year = first / 12 != last / 12;
  if (last != first) absl::StrAppend(&period.name, "..", part(last, another_year));
  return period;
}

PlainPeriod OneDay(NaiveDate date) {
  const int64_t day = DayNumber(date);
  return {absl::StrFormat("%04d-%02d-%02d", date.year, date.month, date.day), day, day + 1};
}

std::string DecimalText(int64_t digits, int decimals) {
  std::string text = absl::StrCat(std::abs(digits));
  while (static_cast<int>(text.size()) <= decimals) text.insert(0, "0");
  if (decimals > 0) text.insert(text.size() - static_cast<size_t>(decimals), ".");
  return digits < 0 ? "-" + text : text;
}

pb::Resource& PlainCatalog::Put(const std::string& name) {
  auto made = std::make_shared<pb::Resource>();
  made->set_name(name);
  made->set_version(1);
  resources_[name] = made;
  return *made;
}

bool PlainCatalog::State(const PlainFigure& figure) {
  return figures_
      .try_emplace({figure.series, figure.place, figure.period.first, figure.period.end}, figure)
      .second;
}

const PlainFigure* PlainCatalog::Find(const std::string& series, const std::string& place,
                                      int64_t first, int64_t end) const {
  const auto found = figures_.find({series, place, first, end});
  return found == figures_.end() ? nullptr : &found->second;
}

absl::StatusOr<std::shared_ptr<const pb::Resource>> PlainCatalog::Get(std::string_view name,
                                                                      uint64_t) {
  const auto found = resources_.find(std::string(name));
  if (found == resources_.end()) return absl::NotFoundError(absl::StrCat("no ", name));
  return found->second;
}

absl::StatusOr<CatalogReader::Resources> PlainCatalog::List(std::string_view collection,
                                                            std::string_view filter, uint64_t) {
  auto listed = std::make_shared<std::vector<pb::Resource>>();
  for (const auto& [name, resource] : resources_) {
    if (!name.starts_with(absl::StrCat(collection, "/"))) continue;
    const bool keeps = filter.empty() ||
                       filter == absl::StrCat("indicator = \"",
                                              resource->observation_series().indicator(), "\"") ||
                       filter == absl::StrCat("parent = \"", resource->target().parent(), "\"");
    if (keeps) listed->push_back(*resource);
  }
  return listed;
}

absl::StatusOr<CatalogReader::Observations> PlainCatalog::ListObservations(
    const pb::ObservationFilter& filter, uint64_t) {
  auto listed = std::make_shared<std::vector<pb::Observation>>();
  for (const auto& [key, figure] : figures_) {
    const pb::ObservationSeries& series = At(figure.series).observation_series();
    if (!Keeps(filter.series(), figure.series) || !Keeps(filter.regions(), figure.place)) continue;
    if (!filter.indicator().empty() && series.indicator() != filter.indicator()) continue;
    if (filter.has_first() && figure.period.first < DayOf(filter.first())) continue;
    if (filter.has_last() && figure.period.end > DayOf(filter.last()) + 1) continue;
    pb::Observation& one = listed->emplace_back();
    one.set_series(figure.series);
    one.set_region(figure.place);
    *one.mutable_period() = catalog_client::ParsePeriod(figure.period.name).value();
    *one.mutable_unit() = series.unit();
    one.set_divisor(figure.divisor);
    one.set_status(figure.status);
    one.set_qualifier(figure.qualified ? pb::QUALIFIER_ABOUT : pb::QUALIFIER_EXACT);
    one.set_break_before(figure.break_before);
    one.set_vintage(figure.vintage);
    if (figure.digits) one.mutable_value()->set_value(DecimalText(*figure.digits, figure.decimals));
    if (figure.published != 0) SetDay(figure.published, one.mutable_source()->mutable_published());
  }
  return listed;
}

}  // namespace tidemark::analytics::testing
