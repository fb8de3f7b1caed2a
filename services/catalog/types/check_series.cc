#include <optional>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/types/check_observations.h"
#include "services/catalog/types/document_message.h"
#include "services/catalog/types/observatory_currency.h"
#include "services/catalog/types/type_rules.h"
#include "tidemark/catalog/v1/indicators.pb.h"

namespace tidemark::catalog {
namespace {

bool IsGrowth(v1::SeriesForm form) {
  return form == v1::SERIES_FORM_GROWTH_ON_YEAR || form == v1::SERIES_FORM_GROWTH_ON_PREVIOUS ||
         form == v1::SERIES_FORM_AVERAGE_ANNUAL_GROWTH;
}

// A field that some forms need and the others have no use for.
void CheckNeeded(bool is_needed, bool is_there, std::string_view field, std::string_view with,
                 Report& report) {
  if (is_needed == is_there) return;
  report.AddTyped(field, is_needed ? absl::StrCat("missing; required with ", with)
                                   : absl::StrCat("only with ", with, "; leave it out"));
}

void CheckUnitOfForm(const v1::ObservationSeries& series, Report& report) {
  const v1::UnitKind kind = series.unit().kind();
  const bool hundredths = kind == v1::UNIT_KIND_PERCENT || kind == v1::UNIT_KIND_RATIO;
  bool good = true;
  std::string_view want;
  if (IsGrowth(series.form())) {
    good = hundredths || kind == v1::UNIT_KIND_PERCENTAGE_POINTS;
    want = "PERCENT or RATIO, or PERCENTAGE_POINTS of percentages";
  } else if (series.form() == v1::SERIES_FORM_SHARE) {
    good = hundredths;
    want = "PERCENT or RATIO";
  } else if (series.form() == v1::SERIES_FORM_CONTRIBUTION) {
    good = kind == v1::UNIT_KIND_PERCENTAGE_POINTS;
    want = "PERCENTAGE_POINTS";
  } else if (series.form() == v1::SERIES_FORM_INDEX) {
    good = kind == v1::UNIT_KIND_INDEX;
    want = "INDEX";
  }
  if (good) return;
  report.AddTyped("unit.kind",
                  absl::StrCat(v1::UnitKind_Name(kind), " does not fit ",
                               v1::SeriesForm_Name(series.form()), "; want ", want),
                  "UNIT_MISMATCH");
}

void CheckDenominator(const v1::ObservationSeries& series, Report& report) {
  if (!series.has_denominator()) return;
  if (series.form() != v1::SERIES_FORM_LEVEL) {
    report.AddTyped("denominator", "only with SERIES_FORM_LEVEL; leave it out");
  }
  v1::UnitKind want = v1::UNIT_KIND_COUNT;
  if (series.denominator().role() == v1::DENOMINATOR_ROLE_POPULATION) {
    want = v1::UNIT_KIND_PERSONS;
  } else if (series.denominator().role() == v1::DENOMINATOR_ROLE_GDP) {
    want = v1::UNIT_KIND_MONEY;
    if (series.price_basis() != v1::PRICE_BASIS_CURRENT) {
      report.AddTyped("price_basis",
                      "want PRICE_BASIS_CURRENT; statistics divide by GDP at current prices");
    }
  }
  if (series.unit().kind() != want || series.unit().per() != v1::UNIT_PER_UNSPECIFIED) {
    report.AddTyped("unit",
                    absl::StrCat("want ", v1::UnitKind_Name(want), " with ",
                                 v1::DenominatorRole_Name(series.denominator().role())),
                    "UNIT_MISMATCH");
  }
}

std::optional<v1::ObservationSeries> SeriesOf(const Resource* resource) {
  return resource == nullptr ? std::nullopt : MessageIn<v1::ObservationSeries>(*resource);
}

bool StatesACell(const Resource& vintage_resource, std::string_view series) {
  const auto vintage = MessageIn<v1::Vintage>(vintage_resource);
  if (!vintage) return false;
  return absl::c_any_of(vintage->series(), [&](const v1::VintageSeries& stated) {
    return stated.series() == series &&
           absl::c_any_of(stated.regions(), [](const auto& r) { return r.cells_size() > 0; });
  });
}

// A vintage that states a cell of the series; empty when none does.
std::string StatedBy(const NewestState& state, std::string_view series) {
  std::string found;
  state.ForEachReferrer(series, [&](std::string_view name) {
    if (!found.empty() || !name.starts_with("vintages/")) return;
    const Resource* vintage = state.Find(name);
    if (vintage != nullptr && StatesACell(*vintage, series)) found = std::string(name);
  });
  return found;
}

void CheckFixedOnceStated(const Change& change, const v1::ObservationSeries& is,
                          const NewestState& state, Report& report) {
  auto was = SeriesOf(change.before.get());
  if (!was) return;
  v1::ObservationSeries wanted = is;
  for (v1::ObservationSeries* series : {&*was, &wanted}) {
    series->clear_denominator();
    series->clear_code();
    series->clear_grains();
  }
  if (CanonicalBytes(*was) == CanonicalBytes(wanted)) return;
  const std::string vintage = StatedBy(state, change.name);
  if (vintage.empty()) return;
  report.AddTyped("",
                  absl::StrCat(vintage,
                               " states cells of it, so only denominator, code and grains can "
                               "change; apply a series with another id"),
                  "IMMUTABLE_FIELD");
}

// What must differ between two denominators; nothing when the series is none.
std::optional<std::string> DenominatorKey(const v1::ObservationSeries& series) {
  if (!series.has_denominator()) return std::nullopt;
  std::vector<std::string> slices;
  for (const v1::Slice& slice : series.slices()) {
    slices.push_back(absl::StrCat(slice.dimension(), "=", slice.code()));
  }
  absl::c_sort(slices);
  const auto kind = series.population().kind() == v1::POPULATION_KIND_UNSPECIFIED
                        ? v1::POPULATION_KIND_RESIDENT
                        : series.population().kind();
  const auto time = series.population().time() == v1::POPULATION_TIME_UNSPECIFIED
                        ? v1::POPULATION_TIME_MID_YEAR
                        : series.population().time();
  std::string key = absl::StrCat(series.denominator().role(), "/", kind, "/", time, "/",
                                 series.denominator().preference());
  // A code holds no control characters.
  for (const std::string& slice : slices) absl::StrAppend(&key, "\n", slice);
  return key;
}

// By key the names of all denominators as they would be, the first two in the order of names.
absl::flat_hash_map<std::string, std::vector<std::string>> Denominators(
    std::span<const Change> changes, const NewestState& before, const ResourceLookup& after) {
  absl::flat_hash_map<std::string, std::vector<std::string>> by_key;
  const auto add = [&](const Resource& resource) {
    const auto series = SeriesOf(after.Find(resource.name));
    const auto key = series ? DenominatorKey(*series) : std::nullopt;
    if (!key) return;
    std::vector<std::string>& names = by_key[*key];
    if (absl::c_linear_search(names, resource.name)) return;
    names.push_back(resource.name);
    absl::c_sort(names);
    if (names.size() > 2) names.pop_back();
  };
  before.ForEach(Type::kObservationSeries, add);
  for (const Change& change : changes) {
    if (change.after != nullptr) add(*change.after);
  }
  return by_key;
}

bool IsGdpInAnother(const v1::ObservationSeries& series, const std::string& currency) {
  return series.denominator().role() == v1::DENOMINATOR_ROLE_GDP && !currency.empty() &&
         series.unit().currency() != currency;
}

// The observatory comes after series that statistics are to divide by.
void CheckGdpBefore(const std::string& currency, const NewestState& before,
                    const ResourceLookup& after, Report& report) {
  before.ForEach(Type::kObservationSeries, [&](const Resource& resource) {
    // One that changes is judged by itself.
    if (after.Find(resource.name) != &resource) return;
    const auto series = SeriesOf(&resource);
    if (!series || !IsGdpInAnother(*series, currency)) return;
    report.AddTyped(
        "currency",
        absl::StrCat(currency, ", but ", resource.name, ", which statistics divide by, is in ",
                     series->unit().currency(), "; apply it without `denominator` first"),
        "UNIT_MISMATCH");
  });
}

}  // namespace

void CheckSeries(const v1::ObservationSeries& series, Report& report) {
  const bool contribution = series.form() == v1::SERIES_FORM_CONTRIBUTION;
  CheckNeeded(IsGrowth(series.form()) || contribution,
              series.basis() != v1::SERIES_BASIS_UNSPECIFIED, "basis",
              "forms of growth and CONTRIBUTION", report);
  CheckNeeded(series.price_basis() == v1::PRICE_BASIS_CONSTANT, series.has_price_base(),
              "price_base", "PRICE_BASIS_CONSTANT", report);
  CheckNeeded(series.form() == v1::SERIES_FORM_INDEX, series.has_index_base(), "index_base",
              "SERIES_FORM_INDEX", report);
  if (!series.whole_region().empty() && !contribution && series.form() != v1::SERIES_FORM_SHARE) {
    CheckNeeded(false, true, "whole_region", "SHARE and CONTRIBUTION", report);
  }
  if (series.has_population() && series.unit().kind() != v1::UNIT_KIND_PERSONS) {
    CheckNeeded(false, true, "population", "numbers of PERSONS", report);
  }
  for (int i = 0; i < series.grains_size(); ++i) {
    if (series.grains(i) != type::v1::PERIOD_GRAIN_UNSPECIFIED) continue;
    report.AddTyped(absl::StrCat("grains[", i, "]"),
                    "want DAY, WEEK, MONTH, QUARTER, HALF_YEAR or YEAR");
  }
  CheckUnitOfForm(series, report);
  CheckDenominator(series, report);
}

void CheckSeriesTogether(const v1::ObservationSeries& series, const ResourceLookup& after,
                         Report& report) {
  const auto indicator = FindMessage<v1::Indicator>(after, series.indicator());
  if (!indicator) return;
  const v1::Unit& unit = indicator->unit();
  if (series.form() == v1::SERIES_FORM_LEVEL &&
      (series.unit().kind() != unit.kind() || series.unit().currency() != unit.currency())) {
    report.AddTyped("unit",
                    absl::StrCat("values of ", series.indicator(), " are ",
                                 v1::UnitKind_Name(unit.kind()), unit.currency().empty() ? "" : " ",
                                 unit.currency(), "; want the same kind and currency"),
                    "UNIT_MISMATCH");
  }
  const bool percentages =
      unit.kind() == v1::UNIT_KIND_PERCENT || unit.kind() == v1::UNIT_KIND_RATIO;
  if (IsGrowth(series.form()) && series.unit().kind() == v1::UNIT_KIND_PERCENTAGE_POINTS &&
      !percentages) {
    report.AddTyped("unit.kind",
                    absl::StrCat("growth in PERCENTAGE_POINTS is of percentages, and ",
                                 series.indicator(), " is none; want PERCENT or RATIO"),
                    "UNIT_MISMATCH");
  }
}

void CheckChangedSeries(std::span<const Change> changes, const NewestState& before,
                        const ResourceLookup& after, Problems& problems) {
  std::optional<absl::flat_hash_map<std::string, std::vector<std::string>>> denominators;
  const std::string currency = CurrencyOf(changes, before);
  for (size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    if (change.kind == ChangeKind::kNone) continue;
    if (change.after->type() == Type::kObservatory && change.before == nullptr) {
      Report report(&problems, static_cast<int>(i), change.name, "observatory");
      CheckGdpBefore(currency, before, after, report);
    }
    const auto series = SeriesOf(change.after.get());
    if (!series) continue;
    Report report(&problems, static_cast<int>(i), change.name, "observation_series");
    CheckFixedOnceStated(change, *series, before, report);
    if (IsGdpInAnother(*series, currency)) {
      report.AddTyped("unit.currency",
                      absl::StrCat(series->unit().currency(), ", want the observatory's, ",
                                   currency, ": statistics divide by it"),
                      "UNIT_MISMATCH");
    }
    const auto key = DenominatorKey(*series);
    if (!key) continue;
    if (!denominators) denominators = Denominators(changes, before, after);
    for (const std::string& other : (*denominators)[*key]) {
      if (other == change.name) continue;
      report.AddTyped("denominator",
                      absl::StrCat("statistics could not choose between it and ", other,
                                   ", which has the same role, slices, population and "
                                   "preference; take another preference"),
                      "AMBIGUOUS_DENOMINATOR");
      break;
    }
  }
}

}  // namespace tidemark::catalog
