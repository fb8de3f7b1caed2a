#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/type_rules.h"

namespace tidemark::catalog {

void CheckCooperation(const v1::Cooperation& cooperation, Report& report) {
  if (cooperation.parties().empty()) {
    report.AddTyped("parties", "missing; a cooperation has parties");
  }
  absl::flat_hash_map<std::string_view, const v1::Commitment*> commitments;
  for (const v1::Commitment& commitment : cooperation.commitments()) {
    commitments[commitment.id()] = &commitment;
  }
  for (int i = 0; i < cooperation.deliveries_size(); ++i) {
    const v1::Delivery& delivery = cooperation.deliveries(i);
    const std::string field = absl::StrCat("deliveries[", i, "]");
    const auto found = commitments.find(delivery.commitment());
    if (found == commitments.end()) {
      report.AddTyped(
          field + ".commitment",
          absl::StrCat(Quoted(delivery.commitment()), " is no commitment of this cooperation"),
          "DANGLING_REFERENCE");
      continue;
    }
    const type::v1::PeriodGrain every = found->second->every();
    if (every != type::v1::PERIOD_GRAIN_UNSPECIFIED && delivery.period().grain() != every) {
      report.AddTyped(field + ".period.grain",
                      absl::StrCat("the commitment is due every ",
                                   type::v1::PeriodGrain_Name(every), "; want one of those"),
                      "INVALID_PERIOD");
    }
  }
}

}  // namespace tidemark::catalog
