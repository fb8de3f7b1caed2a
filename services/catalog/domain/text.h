#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_TEXT_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_TEXT_H_

#include <string>
#include <string_view>

namespace tidemark::catalog {

// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view text);

// Holds a C0 control character or DEL.
bool HasControlCharacter(std::string_view text);
// As above, but for the ends of lines and tabs.
bool HasControlCharacterInLines(std::string_view text);

// "`text`", cut after 100 bytes (at a character), bytes that are not printable UTF-8 escaped:
// for messages about what a caller sent.
std::string Quoted(std::string_view text);

// Shape of a BCP 47 tag: letters, then subtags of letters and digits, such as zh-Hans-CN.
bool IsLanguageTag(std::string_view tag);

// "2 bytes", "1 byte"
std::string Bytes(size_t count);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_TEXT_H_
