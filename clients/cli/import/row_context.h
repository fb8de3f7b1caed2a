#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_ROW_CONTEXT_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_ROW_CONTEXT_H_

#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "clients/cli/import/decimal.h"
#include "clients/cli/import/text_parts.h"

namespace tidemark::importer {

// Why a row cannot become an event. `reason` is a stable UPPER_SNAKE_CASE word.
struct Rejection {
  std::string reason;
  std::string field;
  std::string message;
};

// Memory for texts made while one row is mapped; let go with the row.
class Scratch {
 public:
  std::string_view Copy(std::string_view text) {
    char* const to = Allocate(text.size());
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }
  char* Allocate(size_t size) {
    // One more byte, so that an empty text has a place, unlike an absent one.
    if (used_ + size + 1 > kBlock) return AllocateLarge(size);
    char* const at = block_.get() + used_;
    used_ += size + 1;
    return at;
  }
  void Clear() {
    used_ = 0;
    large_.clear();
  }

 private:
  static constexpr size_t kBlock = size_t{64} << 10;
  char* AllocateLarge(size_t size) {
    large_.push_back(std::make_unique<char[]>(size + 1));
    return large_.back().get();
  }

  std::unique_ptr<char[]> block_{new char[kBlock]};
  size_t used_ = 0;
  std::vector<std::unique_ptr<char[]>> large_;
};

// A number that the mapping names, computed once a row.
struct NamedNumber {
  enum class State { kAbsent, kPresent, kBad };
  State state = State::kAbsent;
  Decimal value;
};

// What expressions read and write while one row is mapped. A text without data() is absent. A
// named value that cannot be computed rejects the row only where it is used.
struct RowContext {
  absl::Span<const std::string_view> columns;
  // Columns of joined files and named texts, and whether they could not be computed.
  std::vector<std::string_view> extras;
  std::vector<std::optional<Rejection>> bad_extras;
  std::vector<NamedNumber> numbers;
  std::vector<Rejection> bad_numbers;
  Scratch scratch;
  Rejection rejection;

  // Always false, for `return context.Reject(...)`.
  bool Reject(std::string reason, std::string message) {
    rejection.reason = std::move(reason);
    rejection.message = std::move(message);
    rejection.field.clear();
    return false;
  }
};

// For messages: the text in backquotes, cut when it is long.
inline std::string Quoted(std::string_view text) {
  constexpr size_t kMost = 60;
  if (text.size() <= kMost) return absl::StrCat("`", text, "`");
  return absl::StrCat("`", Front(text, kMost), "...`");
}

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_ROW_CONTEXT_H_
