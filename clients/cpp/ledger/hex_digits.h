// Private to BodyWriter: texts of lower-case hexadecimal digits as bytes.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_HEX_DIGITS_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_HEX_DIGITS_H_

#include <cstddef>
#include <string_view>

namespace tidemark::ledger {

// What is written behind the bytes of a text, at most.
inline constexpr size_t kHexSlackBytes = 16;

// Write the bytes of `text`, an even number of digits, or of the kUuidTextBytes at `text`,
// 8-4-4-4-12 digits with dashes between them. False: there is another character, and anything was
// written.
bool PackHex(std::string_view text, char* out);
bool PackUuid(const char* text, char* out);

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_HEX_DIGITS_H_
