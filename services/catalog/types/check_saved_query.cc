#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/type_rules.h"

namespace tidemark::catalog {
namespace {

// [a-z][a-z0-9_]{0,31}
bool IsParameterName(std::string_view name) {
  if (name.empty() || name.size() > 32 || !absl::ascii_islower(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
  });
}

}  // namespace

void CheckSavedQuery(const v1::SavedQuery& query, Report& report) {
  for (int i = 0; i < query.parameters_size(); ++i) {
    if (IsParameterName(query.parameters(i).name())) continue;
    report.AddTyped(absl::StrCat("parameters[", i, "].name"),
                    absl::StrCat(Quoted(query.parameters(i).name()),
                                 ": want a letter and up to 31 of a-z, 0-9 and '_'"));
  }
}

}  // namespace tidemark::catalog
