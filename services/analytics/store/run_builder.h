#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_BUILDER_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_BUILDER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "services/analytics/store/columns.h"
#include "services/analytics/store/month_builder.h"
#include "services/analytics/store/run_format.h"

namespace tidemark::analytics {

// Takes the bytes of a run, front to back.
using ByteSink = absl::FunctionRef<absl::Status(std::string_view)>;

// A section that the builder does not make itself.
struct ExtraSection {
  SectionKind kind = SectionKind::kTexts;
  uint32_t argument = 0;
  std::string bytes;
};

// Writes the run of `inputs`, groups sorted or not in the order of the log, as it will lie in a
// file. `directory` comes with the facts (log, leaves, dictionary sizes); groups and sections are
// filled in here. `builder` holds one month's columns in memory at a time. Fails only as `sink`
// does.
absl::Status BuildRun(std::span<const RowGroup* const> inputs,
                      const std::vector<ExtraSection>& extra, RunDirectory directory,
                      MonthBuilder& builder, ByteSink sink);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_BUILDER_H_
