#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_CHECKS_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_CHECKS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/catalog/domain/document_rules.h"
#include "services/catalog/domain/problems.h"
#include "services/catalog/domain/resource.h"

// What a resource must be by itself, whatever else the catalog holds: one file per type. Pure.
namespace tidemark::catalog {

// Texts and references of any type, then the type's own rules. `name` must be well-formed and
// the content must fit it.
void CheckResource(const Resource& resource, const DocumentRules& rules, Report& report);
// Fields that cannot change.
void CheckChange(const Resource& before, const Resource& after, const DocumentRules& rules,
                 Report& report);

void CheckObservatory(const Observatory& observatory, Report& report);
void CheckObservatoryChange(const Observatory& before, const Observatory& after, Report& report);
void CheckSource(const Source& source, Report& report);
void CheckSourceChange(const Source& before, const Source& after, Report& report);
void CheckIdentifierScheme(const IdentifierScheme& scheme, Report& report);
void CheckIdentifierSchemeChange(const IdentifierScheme& before, const IdentifierScheme& after,
                                 Report& report);
void CheckRegion(const Region& region, Report& report);
void CheckRegionGroup(const RegionGroup& group, Report& report);
void CheckCategory(const Category& category, Report& report);
void CheckToken(const Token& token, Report& report);

// Shared by the types; `field` is that of the type's part.
void CheckValidity(const Validity& validity, std::string_view field, Report& report);
void CheckAliases(const std::vector<std::string>& aliases, Report& report);
void CheckNoDuplicates(const std::vector<std::string>& names, std::string_view field,
                       Report& report);
// Values of an enumeration, each known and there once. `names`: of the numbers from 1 on, at most
// 31; `want` says what may be there.
void CheckNumbers(std::span<const int> numbers, std::span<const std::string_view> names,
                  std::string_view want, std::string_view field, Report& report);
template <typename Enum>
void CheckValues(const std::vector<Enum>& values, std::span<const std::string_view> names,
                 std::string_view want, std::string_view field, Report& report) {
  std::vector<int> numbers;
  for (const Enum value : values) numbers.push_back(static_cast<int>(value));
  CheckNumbers(numbers, names, want, field, report);
}
void CheckPrecedence(const std::vector<ReportingRole>& precedence, Report& report);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_CHECKS_H_
