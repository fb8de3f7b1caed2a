#include "absl/strings/str_cat.h"
#include "services/catalog/domain/checks.h"

namespace tidemark::catalog {
namespace {

std::string_view KindName(SourceKind kind) { return kind == SourceKind::kLive ? "LIVE" : "TEST"; }

}  // namespace

void CheckSource(const Source& source, Report& report) {
  if (source.kind != SourceKind::kLive && source.kind != SourceKind::kTest) {
    report.AddTyped("kind", absl::StrCat(static_cast<int>(source.kind),
                                         ", want SOURCE_KIND_LIVE or "
                                         "SOURCE_KIND_TEST"));
  }
  CheckValidity(source.reports, "reports", report);
  CheckNoDuplicates(source.regions, "regions", report);
  CheckNoDuplicates(source.categories, "categories", report);
}

void CheckSourceChange(const Source& before, const Source& after, Report& report) {
  if (before.kind == after.kind) return;
  report.AddTyped("kind",
                  absl::StrCat("cannot change; it is ", KindName(before.kind),
                               ". Apply a source with another id, and retire this one by "
                               "reports.end"),
                  "IMMUTABLE_FIELD");
}

}  // namespace tidemark::catalog
