#include "absl/strings/str_cat.h"
#include "services/catalog/domain/checks.h"

namespace tidemark::catalog {

void CheckIdentifierScheme(const IdentifierScheme& scheme, Report& report) {
  const int scheme_class = static_cast<int>(scheme.scheme_class);
  if (scheme_class < 1 || scheme_class > 4) {
    report.AddTyped("scheme_class", absl::StrCat(scheme_class,
                                                 ", want SCHEME_CLASS_PERSON, _ACCOUNT, "
                                                 "_ORGANISATION or _TRANSACTION"));
  }
  const int normalisation = static_cast<int>(scheme.normalisation);
  if (normalisation < 1 || normalisation > 6) {
    report.AddTyped("normalisation", absl::StrCat(normalisation,
                                                  ", want NORMALISATION_NONE, _TRIM, _LOWER, "
                                                  "_DIGITS, _E164 or _CN_RESIDENT_ID"));
  }
  CheckValidity(scheme.valid, "valid", report);
}

void CheckIdentifierSchemeChange(const IdentifierScheme& before, const IdentifierScheme& after,
                                 Report& report) {
  static constexpr std::string_view kMessage =
      "cannot change: pseudonyms were made by it. Apply a scheme with another id";
  if (before.scheme_class != after.scheme_class) {
    report.AddTyped("scheme_class", kMessage, "IMMUTABLE_FIELD");
  }
  if (before.normalisation != after.normalisation) {
    report.AddTyped("normalisation", kMessage, "IMMUTABLE_FIELD");
  }
}

}  // namespace tidemark::catalog
