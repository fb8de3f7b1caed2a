#include <map>

#include "absl/strings/str_cat.h"
#include "services/catalog/domain/checks.h"
#include "services/catalog/domain/decimal.h"
#include "services/catalog/domain/region_levels.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kMaxSuccessors = 1000;

std::string LevelNames() {
  std::string names;
  for (const RegionLevelName& level : RegionLevels()) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", level.name);
  }
  return names;
}

void CheckLevels(const Region& region, Report& report) {
  if (NameOf(region.level).empty()) {
    return report.AddTyped(
        "level", absl::StrCat(static_cast<int>(region.level), ", want one of ", LevelNames()));
  }
  const RegionLevel lowest = region.lowest_level;
  if (lowest == RegionLevel::kUnspecified) return;
  const std::string_view name = NameOf(lowest);
  if (!name.empty() && lowest > region.level) return;
  report.AddTyped("lowest_level",
                  absl::StrCat(name.empty() ? absl::StrCat(static_cast<int>(lowest)) : name,
                               ", want a level below `level`, ", NameOf(region.level),
                               ", such as CITY for a municipality that is a PROVINCE, or nothing"));
}

// Whether it can be added up with others.
bool CheckSuccessor(const RegionSuccessor& successor, const std::string& field, Report& report) {
  const size_t before = report.count();
  if (successor.region.empty()) report.AddTyped(field + ".region", "missing; want regions/...");
  if (!successor.date) {
    report.AddTyped(field + ".date", "missing; the first day on which it is part of the successor",
                    "INVALID_DATE");
  } else if (!IsRealDay(*successor.date)) {
    report.AddTyped(field + ".date",
                    absl::StrCat(ToString(*successor.date), " is no day of the years 1 to 9999"),
                    "INVALID_DATE");
  }
  const int basis = static_cast<int>(successor.basis);
  if (basis < 1 || basis > static_cast<int>(CrosswalkBasis::kHouseholds)) {
    report.AddTyped(field + ".basis",
                    absl::StrCat(basis, ", want WHOLE, POPULATION, AREA, GDP or HOUSEHOLDS"));
  }
  const bool whole = successor.basis == CrosswalkBasis::kWhole;
  if (whole && successor.weight) {
    report.AddTyped(field + ".weight", "only with another basis than WHOLE");
  } else if (!whole) {
    const auto weight = successor.weight ? ParseDecimal(*successor.weight) : std::nullopt;
    if (!weight || weight->unscaled <= 0 ||
        weight->AtFullScale() > Decimal{.unscaled = 1}.AtFullScale()) {
      report.AddTyped(field + ".weight", "want a number above 0 and at most 1, such as 0.35");
    }
  }
  return report.count() == before;
}

// What the successors of one day and basis say together.
struct Share {
  absl::int128 weights = 0;
  size_t successors = 0;
  size_t last = 0;
};

void CheckSuccessors(const Region& region, Report& report) {
  if (region.successors.size() > kMaxSuccessors) {
    return report.AddTyped("successors", absl::StrCat(region.successors.size(),
                                                      " elements, want at most ", kMaxSuccessors));
  }
  std::map<Date, std::map<CrosswalkBasis, Share>> days;
  for (size_t i = 0; i < region.successors.size(); ++i) {
    const RegionSuccessor& successor = region.successors[i];
    if (!CheckSuccessor(successor, absl::StrCat("successors[", i, "]"), report)) return;
    Share& share = days[*successor.date][successor.basis];
    if (successor.weight) share.weights += ParseDecimal(*successor.weight)->AtFullScale();
    ++share.successors;
    share.last = i;
  }
  const absl::int128 one = Decimal{.unscaled = 1}.AtFullScale();
  for (const auto& [day, bases] : days) {
    const bool ends = region.valid.end && *region.valid.end == day;
    for (const auto& [basis, share] : bases) {
      const std::string field = absl::StrCat("successors[", share.last, "]");
      if (basis == CrosswalkBasis::kWhole) {
        if (share.successors == 1 && bases.size() == 1) continue;
        report.AddTyped(field + ".basis",
                        absl::StrCat("on ", ToString(day),
                                     " it has other successors; WHOLE is the only one of its day"),
                        "WEIGHTS_NOT_ONE");
      } else if (share.weights > one || (ends && share.weights != one)) {
        report.AddTyped(field + ".weight",
                        absl::StrCat("the weights of ", ToString(day), " must add up to ",
                                     ends ? "exactly 1, as the region ends then" : "at most 1"),
                        "WEIGHTS_NOT_ONE");
      }
    }
  }
}

}  // namespace

void CheckRegion(const Region& region, Report& report) {
  CheckLevels(region, report);
  CheckValidity(region.valid, "valid", report);
  CheckAliases(region.aliases, report);
  CheckSuccessors(region, report);
}

}  // namespace tidemark::catalog
