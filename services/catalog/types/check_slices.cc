#include <array>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/field_walk.h"
#include "services/catalog/types/type_rules.h"

namespace tidemark::catalog {
namespace {

constexpr std::array<std::string_view, 13> kDimensions = {
    "category", "segment", "channel",  "payment_method", "age_band", "area_type", "income_band",
    "scenario", "project", "activity", "provider",       "product",  "source"};

// Of dimensions whose codes are an enumeration; empty for others.
std::vector<std::string_view> CodesOf(std::string_view dimension) {
  if (dimension == "segment") return {"PERSONS", "ENTERPRISES", "PUBLIC"};
  if (dimension == "channel") return {"ONLINE", "OFFLINE", "HYBRID"};
  if (dimension == "area_type") return {"URBAN", "RURAL"};
  return {};
}

}  // namespace

void CheckSlice(const v1::Slice& slice, const std::string& path, Report& report) {
  if (!absl::c_linear_search(kDimensions, slice.dimension())) {
    return report.AddTyped(
        Join(path, "dimension"),
        absl::StrCat(Quoted(slice.dimension()), ", want one of ", absl::StrJoin(kDimensions, ", ")),
        "UNKNOWN_DIMENSION");
  }
  const std::vector<std::string_view> codes = CodesOf(slice.dimension());
  if (codes.empty() || absl::c_linear_search(codes, slice.code())) return;
  report.AddTyped(Join(path, "code"),
                  absl::StrCat(Quoted(slice.code()), ", want one of ", absl::StrJoin(codes, ", ")),
                  "UNKNOWN_CODE");
}

}  // namespace tidemark::catalog
