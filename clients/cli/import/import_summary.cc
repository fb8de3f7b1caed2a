#include "clients/cli/import/import_summary.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tidemark::importer {
namespace {

void AppendLine(std::string& text, int indent, std::string_view label, uint64_t count,
                std::string_view note = {}) {
  const int width = 24 - indent;
  absl::StrAppendFormat(&text, "%*s%-*s %12s", indent, "", width, label, Grouped(count));
  if (!note.empty()) absl::StrAppend(&text, "  ", note);
  text.push_back('\n');
}

}  // namespace

std::string Grouped(uint64_t number) {
  const std::string digits = absl::StrCat(number);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

void ImportSummary::AddRejected(std::string_view reason, std::string_view example) {
  Rejected& entry = rejected.try_emplace(std::string(reason)).first->second;
  if (entry.count++ == 0) entry.example = std::string(example.substr(0, 300));
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
  std::string text;
  AppendLine(text, 0, "rows read", rows);
  AppendLine(text, 2, verb, accepted);
  AppendLine(text, 2, "duplicate", duplicates);
  AppendLine(text, 2, "conflict", conflicts);
  AppendLine(text, 2, "rejected", rejected_count());
  for (const auto& [reason, entry] : rejected)
    AppendLine(text, 4, reason, entry.count, entry.example);
  AppendLine(text, 2, "skipped", skipped_count());
  for (const auto& [reason, count] : skipped) AppendLine(text, 4, reason, count);
  if (resumed > 0) AppendLine(text, 2, "done by an earlier run", resumed);
  if (unknown > 0) AppendLine(text, 2, "not answered", unknown);
  text.pop_back();
  return text;
}

}  // namespace tidemark::importer
