#include "clients/cli/commands/answer_footer.h"

#include <ostream>

#include "absl/time/time.h"

namespace tidemark::cli {

std::string LabelLanguage(const std::string& labels, const Terminal& terminal,
                          OutputFormat format) {
  if (labels != "auto") return labels == "none" ? "" : labels;
  if (format != OutputFormat::kTable) return "";
  return terminal.environment("LANG").value_or("").starts_with("zh") ? "zh" : "en";
}

void PrintFooter(CommandHost& host, const analytics::v1::QueryMeta& meta, uint64_t rows,
                 const std::string& units, const std::vector<std::string>& notes) {
  using analytics::v1::CACHE_STATE_HIT;
  using analytics::v1::CACHE_STATE_LOCAL;
  const bool for_people = host.output_format() == OutputFormat::kTable;
  std::ostream& out = for_people ? host.terminal().out : host.terminal().err;
  const bool cached = meta.cache() == CACHE_STATE_HIT || meta.cache() == CACHE_STATE_LOCAL;
  if (for_people) out << '\n';
  out << rows << (rows == 1 ? " row" : " rows") << "; snapshot " << meta.snapshot().log_id()
      << " at " << meta.snapshot().log_size() << ", catalog version "
      << meta.snapshot().catalog_version();
  if (!units.empty()) out << "; in " << units;
  out << "; " << absl::ToDoubleMilliseconds(absl::Microseconds(meta.elapsed_us())) << " ms"
      << (cached ? " (cached)" : "") << '\n';
  if (!meta.grant().empty()) out << "counted as used under " << meta.grant() << '\n';
  if (!meta.log_reachable()) out << "ingest is away: newer records may exist\n";
  if (!meta.catalog_reachable()) out << "the catalog is away: newer versions may exist\n";
  for (const std::string& note : notes) out << note << '\n';
}

}  // namespace tidemark::cli
