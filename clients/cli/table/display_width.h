#ifndef TIDEMARK_CLIENTS_CLI_TABLE_DISPLAY_WIDTH_H_
#define TIDEMARK_CLIENTS_CLI_TABLE_DISPLAY_WIDTH_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace tidemark::cli {

// Columns that UTF-8 text takes on a terminal: 2 for wide and full-width characters (Chinese,
// emoji), 0 for combining marks, 1 otherwise (Unicode UAX #11). Invalid bytes count as one
// replacement character each.
size_t DisplayWidth(std::string_view text);

// `text` with blanks added before (`right`) or after it up to `width` columns; unchanged when it is
// wider.
std::string PadTo(std::string_view text, size_t width, bool right);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_TABLE_DISPLAY_WIDTH_H_
