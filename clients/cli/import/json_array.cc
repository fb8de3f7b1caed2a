#include "clients/cli/import/json_array.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

constexpr char kNothing = '\0';

// Follows the characters of one element.
class Nesting {
 public:
  // Whether `c` is behind the element.
  bool Ends(char c) {
    if (quoted_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else {
        quoted_ = c != '"';
      }
      return false;
    }
    if (depth_ == 0 && (c == ',' || c == ']')) return true;
    quoted_ = c == '"';
    if (c == '{' || c == '[') ++depth_;
    if ((c == '}' || c == ']') && depth_ > 0) --depth_;
    return false;
  }

 private:
  size_t depth_ = 0;
  bool quoted_ = false;
  bool escaped_ = false;
};

}  // namespace

absl::StatusOr<bool> JsonArray::Next(std::string_view* element) {
  if (state_ == State::kBefore) TM_RETURN_IF_ERROR(Open());
  if (state_ == State::kDone) return false;
  if (state_ == State::kFurther) {
    // FindEnd stopped at a comma or a bracket.
    if (*window_.begin() == ']') {
      TM_RETURN_IF_ERROR(CheckEnd());
      return false;
    }
    Drop(1);
  }
  TM_ASSIGN_OR_RETURN(const char first, Peek());
  if (state_ == State::kFirst && first == ']') {
    TM_RETURN_IF_ERROR(CheckEnd());
    return false;
  }
  state_ = State::kFurther;
  line_ = lines_dropped_ + 1;
  TM_ASSIGN_OR_RETURN(const size_t size, FindEnd());
  *element = absl::StripTrailingAsciiWhitespace(std::string_view(window_.begin(), size));
  // Stays in memory until the window grows.
  Drop(size);
  return true;
}

absl::Status JsonArray::Open() {
  TM_ASSIGN_OR_RETURN(const char first, Peek());
  if (first != '[') {
    return absl::InvalidArgumentError(
        "the file is no JSON array: want `[` at its begin; `format: jsonl` reads one object a "
        "line");
  }
  Drop(1);
  state_ = State::kFirst;
  return absl::OkStatus();
}

absl::Status JsonArray::CheckEnd() {
  Drop(1);
  state_ = State::kDone;
  TM_RETURN_IF_ERROR(Peek().status());
  // Not kNothing, which a file may hold as a byte.
  if (window_.begin() == window_.end()) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("line ", lines_dropped_ + 1, ": something stands behind the JSON array"));
}

absl::StatusOr<char> JsonArray::Peek() {
  while (true) {
    while (window_.begin() != window_.end()) {
      const char c = *window_.begin();
      if (!absl::ascii_isspace(static_cast<unsigned char>(c))) return c;
      Drop(1);
    }
    if (window_.ended()) return kNothing;
    TM_RETURN_IF_ERROR(Grow());
  }
}

absl::StatusOr<size_t> JsonArray::FindEnd() {
  Nesting nesting;
  for (size_t at = 0;; ++at) {
    while (window_.begin() + at == window_.end()) {
      if (window_.ended()) {
        return absl::DataLossError(
            absl::StrCat("line ", line_,
                         ": the JSON array is not closed; the file is cut off, or a text in it "
                         "lacks its closing quote"));
      }
      TM_RETURN_IF_ERROR(Grow());
    }
    if (nesting.Ends(window_.begin()[at])) return at;
  }
}

absl::Status JsonArray::Grow() {
  const absl::Status grown = window_.Grow();
  if (!absl::IsResourceExhausted(grown)) return grown;
  return absl::DataLossError(absl::StrCat("line ", line_,
                                          ": an element of the JSON array is longer "
                                          "than ",
                                          TextWindow::kMostBytes >> 20, " MiB"));
}

void JsonArray::Drop(size_t bytes) {
  lines_dropped_ += std::count(window_.begin(), window_.begin() + bytes, '\n');
  window_.Drop(bytes);
}

}  // namespace tidemark::importer
