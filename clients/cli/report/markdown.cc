#include "absl/strings/str_cat.h"
#include "clients/cli/report/document.h"
#include "clients/cli/report/markup.h"
#include "clients/cli/report/report_words.h"

namespace tidemark::cli::report {
namespace {

std::string Footnote(size_t source) { return source == 0 ? "" : absl::StrCat("[^", source, "]"); }

std::string Inline(const Line& line) {
  std::string text;
  for (const Span& span : line) {
    absl::StrAppend(&text, MarkdownText(span.text), Footnote(span.source));
  }
  return text;
}

void AddTable(const Table& table, std::string* out) {
  *out += "|";
  for (const Table::Head& head : table.heads) {
    absl::StrAppend(out, " ", MarkdownText(head.text), " |");
  }
  *out += "\n|";
  for (const Table::Head& head : table.heads) *out += head.is_number ? " ---: |" : " --- |";
  *out += "\n";
  for (const auto& row : table.rows) {
    *out += "|";
    for (const std::string& cell : row) absl::StrAppend(out, " ", MarkdownText(cell), " |");
    *out += "\n";
  }
  *out += "\n";
}

void AddBlock(const ShownBlock& block, std::string* out) {
  if (!block.paragraph.empty()) {
    absl::StrAppend(out, Inline(block.paragraph), "\n\n");
    return;
  }
  absl::StrAppend(out, "**", Inline(block.caption), "**", Footnote(block.source), "\n\n");
  if (!block.chart.empty()) absl::StrAppend(out, block.chart, "\n");
  if (block.table) AddTable(*block.table, out);
  for (const std::string& note : block.notes) {
    absl::StrAppend(out, "*", MarkdownText(note), "*\n\n");
  }
}

}  // namespace

std::string SnapshotText(const Snapshot& snapshot, const std::string& language) {
  const ReportWords& words = WordsOf(language);
  return absl::StrCat(words.log, " ", snapshot.log_id, ", ", snapshot.log_size, " ", words.records,
                      ", ", words.catalog_version, " ", snapshot.catalog_version);
}

std::string ToMarkdown(const Document& document) {
  const ReportWords& words = WordsOf(document.language);
  std::string out = absl::StrCat("# ", Inline(document.title), "\n\n");
  if (!document.subtitle.empty()) absl::StrAppend(&out, Inline(document.subtitle), "\n\n");
  for (const ShownSection& section : document.sections) {
    absl::StrAppend(&out, "## ", Inline(section.title), "\n\n");
    for (const ShownBlock& block : section.blocks) AddBlock(block, &out);
  }
  if (document.sources.empty()) return out;
  const std::string snapshot = SnapshotText(document.snapshot, document.language);
  absl::StrAppend(&out, "## ", words.sources, "\n\n", words.same_snapshot, " ",
                  MarkdownText(snapshot), "\n\n");
  for (size_t i = 0; i < document.sources.size(); ++i) {
    const Source& source = document.sources[i];
    absl::StrAppend(&out, "[^", i + 1, "]: ", MarkdownCode(source.question), "; ",
                    MarkdownText(snapshot));
    for (const std::string& note : source.notes) {
      absl::StrAppend(&out, "; *", MarkdownText(note), "*");
    }
    out += "\n";
  }
  return out;
}

}  // namespace tidemark::cli::report
