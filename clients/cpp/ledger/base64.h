// Private to the note and checkpoint sources: standard base64 with padding (RFC 4648 section 4), in
// one spelling.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_BASE64_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_BASE64_H_

#include <optional>
#include <string>
#include <string_view>

namespace tidemark::ledger {

std::string Base64Encode(std::string_view bytes);
// Empty for anything that Base64Encode does not write: white space, missing padding, bits that do
// not count.
std::optional<std::string> Base64Decode(std::string_view text);

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_BASE64_H_
