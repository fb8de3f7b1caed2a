#include "clients/cli/import/units.h"

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {

absl::Status ReadTimeRules(const ConfigNode& node, std::string_view zone_key, Units& units) {
  if (node.Has(zone_key)) {
    TM_ASSIGN_OR_RETURN(const std::string name, node.Get(zone_key).Text());
    if (!absl::LoadTimeZone(name, &units.zone)) {
      return node.Get(zone_key).Error(
          absl::StrCat("`", name, "` is no time zone; want an IANA name such as Asia/Shanghai"));
    }
  }
  TM_ASSIGN_OR_RETURN(const int gap,
                      node.ChoiceOf("gap", {"reject", "shift"}, static_cast<int>(units.gap)));
  units.gap = static_cast<LocalTime::Gap>(gap);
  TM_ASSIGN_OR_RETURN(const int overlap, node.ChoiceOf("overlap", {"earlier", "later"},
                                                       static_cast<int>(units.overlap)));
  units.overlap = static_cast<LocalTime::Overlap>(overlap);
  return absl::OkStatus();
}

}  // namespace tidemark::importer
