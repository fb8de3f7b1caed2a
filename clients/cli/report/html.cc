#include "absl/strings/str_cat.h"
#include "clients/cli/report/document.h"
#include "clients/cli/report/markup.h"
#include "clients/cli/report/report_words.h"

namespace tidemark::cli::report {
namespace {

constexpr char kStyle[] = R"(<style>
:root { color-scheme: light dark; --ink: #1b1f24; --page: #ffffff; --rule: #c9ced6; --quiet: #59636e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --page: #14171b; --rule: #3b424c; --quiet: #9aa4b0; } }
body { color: var(--ink); background: var(--page); max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  font: 16px/1.6 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1, h2 { line-height: 1.3; }
.subtitle, .note, figcaption small, caption small, footer { color: var(--quiet); font-size: 0.875rem; }
.scroll { overflow-x: auto; margin: 1.5rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9375rem; }
caption, figcaption { text-align: left; font-weight: 600; padding: 0.25rem 0; }
th, td { border-bottom: 1px solid var(--rule); padding: 0.2rem 0.75rem 0.2rem 0; text-align: left; vertical-align: top; }
th.n, td.n { text-align: right; white-space: nowrap; }
figure { margin: 1.5rem 0; }
svg { max-width: 100%; height: auto; }
code { font-size: 0.875em; overflow-wrap: anywhere; }
sup a { text-decoration: none; }
a { color: inherit; }
@media print {
  :root { color-scheme: light; --ink: #000000; --page: #ffffff; --rule: #999999; --quiet: #333333; }
  body { max-width: none; margin: 0; font-size: 10.5pt; }
  figure, tr, h2 { break-inside: avoid; } h2 { break-after: avoid; } thead { display: table-header-group; }
  .scroll { overflow: visible; }
}
</style>
)";

std::string Footnote(size_t source, const ReportWords& words) {
  if (source == 0) return "";
  return absl::StrCat("<sup><a href=\"#source-", source, "\" aria-label=\"", words.source, " ",
                      source, "\">", source, "</a></sup>");
}

std::string Inline(const Line& line, const ReportWords& words) {
  std::string text;
  for (const Span& span : line) {
    absl::StrAppend(&text, Escaped(span.text), Footnote(span.source, words));
  }
  return text;
}

std::string PlainText(const Line& line) {
  std::string text;
  for (const Span& span : line) text += span.text;
  return text;
}

// `name`: the caption as plain text.
void AddTable(const Table& table, const std::string& caption, const std::string& name,
              std::string* out) {
  // Can be scrolled by keyboard where it is wider than the page.
  absl::StrAppend(out, "<section class=\"scroll\" tabindex=\"0\" aria-label=\"", Escaped(name),
                  "\">\n<table>\n<caption>", caption, "</caption>\n<thead><tr>");
  for (const Table::Head& head : table.heads) {
    absl::StrAppend(out, "<th scope=\"col\"", head.is_number ? " class=\"n\"" : "", ">",
                    Escaped(head.text), "</th>");
  }
  *out += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    *out += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      // The first text of a row says what the row is.
      const bool names_row = i == 0 && !table.heads[0].is_number;
      const char* name = names_row ? "th scope=\"row\"" : "td";
      absl::StrAppend(out, "<", name, table.heads[i].is_number ? " class=\"n\"" : "", ">",
                      Escaped(row[i]), names_row ? "</th>" : "</td>");
    }
    *out += "</tr>\n";
  }
  *out += "</tbody>\n</table>\n</section>\n";
}

void AddBlock(const ShownBlock& block, const ReportWords& words, std::string* out) {
  if (!block.paragraph.empty()) {
    absl::StrAppend(out, "<p>", Inline(block.paragraph, words), "</p>\n");
    return;
  }
  const std::string caption =
      absl::StrCat(Inline(block.caption, words), Footnote(block.source, words));
  if (!block.chart.empty()) {
    absl::StrAppend(out, "<figure>\n<figcaption>", caption, "</figcaption>\n", block.chart,
                    "</figure>\n");
  }
  if (block.table) AddTable(*block.table, caption, PlainText(block.caption), out);
  for (const std::string& note : block.notes) {
    absl::StrAppend(out, "<p class=\"note\">", Escaped(note), "</p>\n");
  }
}

}  // namespace

std::string ToHtml(const Document& document) {
  const ReportWords& words = WordsOf(document.language);
  std::string out =
      absl::StrCat("<!DOCTYPE html>\n<html lang=\"", document.language == "zh" ? "zh-Hans" : "en",
                   "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                   "content=\"width=device-width, initial-scale=1\">\n<title>",
                   Escaped(PlainText(document.title)), "</title>\n", kStyle,
                   "</head>\n<body>\n<main>\n<h1>", Inline(document.title, words), "</h1>\n");
  if (!document.subtitle.empty()) {
    absl::StrAppend(&out, "<p class=\"subtitle\">", Inline(document.subtitle, words), "</p>\n");
  }
  for (const ShownSection& section : document.sections) {
    absl::StrAppend(&out, "<section>\n<h2>", Inline(section.title, words), "</h2>\n");
    for (const ShownBlock& block : section.blocks) AddBlock(block, words, &out);
    out += "</section>\n";
  }
  out += "</main>\n";
  if (!document.sources.empty()) {
    const std::string snapshot = Escaped(SnapshotText(document.snapshot, document.language));
    absl::StrAppend(&out, "<footer>\n<h2>", words.sources, "</h2>\n<p>", words.same_snapshot, " ",
                    snapshot, "</p>\n<ol>\n");
    for (size_t i = 0; i < document.sources.size(); ++i) {
      const Source& source = document.sources[i];
      absl::StrAppend(&out, "<li id=\"source-", i + 1, "\"><code>", Escaped(source.question),
                      "</code>; ", snapshot);
      for (const std::string& note : source.notes) {
        absl::StrAppend(&out, "; <em>", Escaped(note), "</em>");
      }
      out += "</li>\n";
    }
    out += "</ol>\n</footer>\n";
  }
  return out + "</body>\n</html>\n";
}

}  // namespace tidemark::cli::report
