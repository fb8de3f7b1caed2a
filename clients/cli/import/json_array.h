#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_JSON_ARRAY_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_JSON_ARRAY_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cli/import/text_window.h"

namespace tidemark::importer {

// Cuts a JSON array of any length into its elements without holding more than one of them. What an
// element looks like inside is for others to judge; one that is no JSON ends with the next comma or
// bracket outside its texts and brackets. Not thread-safe.
class JsonArray {
 public:
  // `window` is not owned.
  explicit JsonArray(TextWindow* window) : window_(*window) {}

  // The next element without outer blanks; valid until the next call. False: the array has ended.
  // INVALID_ARGUMENT: no array. DATA_LOSS: it is not closed, something is behind it, or the element
  // is longer than the window.
  absl::StatusOr<bool> Next(std::string_view* element);
  // Line on which the last element begins, from 1.
  uint64_t line() const { return line_; }

 private:
  enum class State { kBefore, kFirst, kFurther, kDone };

  // The next character that is no blank, left where it is; none: the end of the file.
  absl::StatusOr<char> Peek();
  absl::Status Open();
  absl::Status CheckEnd();
  // Where the element at the begin of the window ends.
  absl::StatusOr<size_t> FindEnd();
  absl::Status Grow();
  void Drop(size_t bytes);

  TextWindow& window_;
  State state_ = State::kBefore;
  uint64_t line_ = 1;
  uint64_t lines_dropped_ = 0;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_JSON_ARRAY_H_
