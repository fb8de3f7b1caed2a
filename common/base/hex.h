#ifndef TIDEMARK_COMMON_BASE_HEX_H_
#define TIDEMARK_COMMON_BASE_HEX_H_

#include <optional>
#include <string>
#include <string_view>

namespace tidemark::base {

// Lower case, two digits a byte.
std::string HexEncode(std::string_view bytes);
// Accepts both cases. Empty for an odd length or a character that is no hexadecimal digit.
std::optional<std::string> HexDecode(std::string_view hex);

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_HEX_H_
