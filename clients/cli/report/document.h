#ifndef TIDEMARK_CLIENTS_CLI_REPORT_DOCUMENT_H_
#define TIDEMARK_CLIENTS_CLI_REPORT_DOCUMENT_H_

#include <optional>
#include <string>
#include <vector>

#include "clients/cli/report/question.h"

// A report with all its numbers, before it is Markdown or HTML.
namespace tidemark::cli::report {

// A piece of text. `source` is the footnote of a number, from 1; 0: the text is the author's.
struct Span {
  std::string text;
  size_t source = 0;
};
using Line = std::vector<Span>;

struct Table {
  struct Head {
    std::string text;
    bool is_number = false;
  };
  std::vector<Head> heads;
  std::vector<std::vector<std::string>> rows;
};

struct ShownBlock {
  // A paragraph; empty for an exhibit.
  Line paragraph;
  Line caption;
  std::optional<Table> table;
  // An SVG element; empty: no chart.
  std::string chart;
  // What is to be known about the answer.
  std::vector<std::string> notes;
  // Its footnote.
  size_t source = 0;
};

struct ShownSection {
  Line title;
  std::vector<ShownBlock> blocks;
};

// What stands in a footnote.
struct Source {
  // Canonical.
  std::string question;
  // What is to be known of the numbers that texts take from the answer; exhibits have their own.
  std::vector<std::string> notes;
};

struct Document {
  std::string language;
  Line title;
  Line subtitle;
  std::vector<ShownSection> sections;
  // Footnote i is at i - 1.
  std::vector<Source> sources;
  Snapshot snapshot;
};

// `log LOG at SIZE, catalog version VERSION`, in the language.
std::string SnapshotText(const Snapshot& snapshot, const std::string& language);

// Both end with a line end and are the same bytes for equal documents.
std::string ToMarkdown(const Document& document);
std::string ToHtml(const Document& document);

}  // namespace tidemark::cli::report

#endif  // TIDEMARK_CLIENTS_CLI_REPORT_DOCUMENT_H_
