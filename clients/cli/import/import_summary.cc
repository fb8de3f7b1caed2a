#include "clients/cli/import/import_summary.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/import/text_parts.h"
#include "clients/cli/table/text_table.h"

namespace tidemark::importer {
namespace {

constexpr size_t kLeastLabel = 24;

struct Line {
  size_t indent;
  std::string_view label;
  uint64_t count;
  std::string_view note = {};
};

// One below the other; reasons of the service may be long.
std::string Aligned(const std::vector<Line>& lines) {
  size_t width = kLeastLabel;
  for (const Line& line : lines) width = std::max(width, line.indent + line.label.size());
  std::string text;
  for (const Line& line : lines) {
    absl::StrAppendFormat(&text, "%s%*s%-*s %12s", text.empty() ? "" : "\n",
                          static_cast<int>(line.indent), "", static_cast<int>(width - line.indent),
                          line.label, cli::GroupThousands(line.count));
    if (!line.note.empty()) absl::StrAppend(&text, "  ", line.note);
  }
  return text;
}

}  // namespace

void ImportSummary::AddRejected(std::string_view reason, std::string_view example) {
  Rejected& entry = rejected.try_emplace(std::string(reason)).first->second;
  if (entry.count++ == 0) entry.example = std::string(Front(example, 300));
}

uint64_t ImportSummary::rejected_count() const {
  uint64_t sum = 0;
  for (const auto& [reason, entry] : rejected) sum += entry.count;
  return sum;
}

uint64_t ImportSummary::skipped_count() const {
  uint64_t sum = 0;
  for (const auto& [reason, count] : skipped) sum += count;
  return sum;
}

std::string ImportSummary::Text(std::string_view verb) const {
  std::vector<Line> lines = {{0, "rows read", rows},
                             {2, verb, accepted},
                             {2, "duplicate", duplicates},
                             {2, "conflict", conflicts},
                             {2, "rejected", rejected_count()}};
  for (const auto& [reason, entry] : rejected) {
    lines.push_back({4, reason, entry.count, entry.example});
  }
  lines.push_back({2, "skipped", skipped_count()});
  for (const auto& [reason, count] : skipped) lines.push_back({4, reason, count});
  if (resumed > 0) lines.push_back({2, "done by an earlier run", resumed});
  if (unknown > 0) lines.push_back({2, "not answered", unknown});
  return Aligned(lines);
}

}  // namespace tidemark::importer
