#include "clients/cpp/query/lexer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace tidemark::query {
namespace {

// More bytes than the canonical text leaves bare: any letter beyond ASCII, so that 图书 needs no
// quotes.
bool IsWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_isalnum(byte) || byte >= 0x80 || c == '_' || c == '.' || c == '-' ||
         c == '/' || c == '+' || c == ':';
}

// Reads the quoted text that starts at `at`; moves `at` behind the closing quote.
absl::StatusOr<std::string> ReadQuoted(std::string_view text, size_t& at) {
  const size_t start = at++;
  std::string out;
  while (at < text.size() && text[at] != '"') {
    if (text[at] != '\\') {
      out += text[at++];
      continue;
    }
    const std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('"') || rest.starts_with('\\')) {
      out += rest[0];
      at += 2;
    } else if (rest.size() >= 3 && rest[0] == 'x' && absl::ascii_isxdigit(rest[1]) &&
               absl::ascii_isxdigit(rest[2])) {
      out += absl::HexStringToBytes(rest.substr(1, 2));
      at += 4;
    } else {
      return absl::InvalidArgumentError(absl::StrCat("query: unknown escape at byte ", at,
                                                     "; in quotes \\\", \\\\ and \\xHH are known"));
    }
  }
  if (at == text.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("query: the quote at byte ", start, " is not closed"));
  }
  ++at;
  return out;
}

}  // namespace

absl::StatusOr<std::vector<Token>> Tokenize(std::string_view text) {
  std::vector<Token> tokens;
  size_t at = 0;
  while (at < text.size()) {
    const size_t start = at;
    const char c = text[at];
    if (absl::ascii_isspace(static_cast<unsigned char>(c))) {
      ++at;
    } else if (c == '"') {
      auto quoted = ReadQuoted(text, at);
      if (!quoted.ok()) return quoted.status();
      tokens.push_back({Token::kQuoted, *std::move(quoted), start});
    } else if (text.substr(at).starts_with("!=")) {
      tokens.push_back({Token::kSymbol, "!=", start});
      at += 2;
    } else if (std::string_view(",()=@").find(c) != std::string_view::npos) {
      tokens.push_back({Token::kSymbol, std::string(1, c), start});
      ++at;
    } else if (IsWordByte(c)) {
      while (at < text.size() && IsWordByte(text[at])) ++at;
      tokens.push_back({Token::kWord, std::string(text.substr(start, at - start)), start});
    } else {
      return absl::InvalidArgumentError(absl::StrCat("query: `", std::string(1, c), "` at byte ",
                                                     at,
                                                     " has no place here; put codes with "
                                                     "such characters in double quotes"));
    }
  }
  tokens.push_back({Token::kEnd, "", text.size()});
  return tokens;
}

}  // namespace tidemark::query
