#ifndef TIDEMARK_CLIENTS_CLI_REPORT_MARKUP_H_
#define TIDEMARK_CLIENTS_CLI_REPORT_MARKUP_H_

#include <string>
#include <string_view>

namespace tidemark::cli::report {

// Text in HTML and SVG, in elements and attributes: markup is escaped, and what XML 1.0 does not
// allow becomes a blank (control characters) or U+FFFD (bytes that are no UTF-8).
std::string Escaped(std::string_view text);

// Text in Markdown (CommonMark, GFM), in a line or a cell of a table: nothing of it is markup.
std::string MarkdownText(std::string_view text);

// The same as code in a line.
std::string MarkdownCode(std::string_view text);

}  // namespace tidemark::cli::report

#endif  // TIDEMARK_CLIENTS_CLI_REPORT_MARKUP_H_
