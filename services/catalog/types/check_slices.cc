#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/enum_word.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/check_observations.h"
#include "tidemark/catalog/v1/offers.pb.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::catalog {
namespace {

using google::protobuf::EnumDescriptor;

struct SliceDimension {
  std::string_view name;
  // Null: codes are open, or ids.
  const EnumDescriptor* codes;
};

const std::vector<SliceDimension>& SliceDimensions() {
  static const auto* const kDimensions = new std::vector<SliceDimension>{
      {"category", nullptr},
      {"segment", ingest::v1::Segment_descriptor()},
      {"channel", ingest::v1::Channel_descriptor()},
      {"payment_method", nullptr},
      {"age_band", nullptr},
      {"area_type", ingest::v1::AreaType_descriptor()},
      {"income_band", nullptr},
      {"scenario", nullptr},
      {"project", nullptr},
      {"activity", nullptr},
      {"provider", nullptr},
      {"product", nullptr},
      {"provider_size", v1::SizeClass_descriptor()},
      {"provider_kind", v1::ProviderKind_descriptor()},
  };
  return *kDimensions;
}

// "PERSONS, ENTERPRISES, PUBLIC"
std::string Words(const EnumDescriptor& type) {
  std::string words;
  for (int i = 1; i < type.value_count(); ++i) {
    absl::StrAppend(&words, i == 1 ? "" : ", ", catalog_client::EnumWord(*type.value(i)));
  }
  return words;
}

bool HasWord(const EnumDescriptor& type, std::string_view word) {
  for (int i = 1; i < type.value_count(); ++i) {
    if (catalog_client::EnumWord(*type.value(i)) == word) return true;
  }
  return false;
}

}  // namespace

void CheckSlice(const v1::Slice& slice, const std::string& path, Report& report) {
  const auto& dimensions = SliceDimensions();
  const auto dimension =
      std::find_if(dimensions.begin(), dimensions.end(),
                   [&](const SliceDimension& known) { return known.name == slice.dimension(); });
  if (dimension == dimensions.end()) {
    return report.AddTyped(absl::StrCat(path, ".dimension"),
                           absl::StrCat(Quoted(slice.dimension()),
                                        " is no dimension of slices; want one such as segment, "
                                        "category or age_band"),
                           "UNKNOWN_DIMENSION");
  }
  if (dimension->codes == nullptr || HasWord(*dimension->codes, slice.code())) return;
  report.AddTyped(absl::StrCat(path, ".code"),
                  absl::StrCat(Quoted(slice.code()), ", want one of ", Words(*dimension->codes)),
                  "UNKNOWN_CODE");
}

}  // namespace tidemark::catalog
