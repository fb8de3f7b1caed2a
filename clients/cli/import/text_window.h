#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_TEXT_WINDOW_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_TEXT_WINDOW_H_

#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/import/byte_source.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {

// The part of a text in memory: grows at its end, is let go at its begin. A byte-order mark at
// the start of the text is dropped.
class TextWindow {
 public:
  // No record is longer; an unclosed quote would else swallow the file into memory.
  static constexpr size_t kMostBytes = size_t{64} << 20;

  explicit TextWindow(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {
    buffer_.resize(size_t{256} << 10);
  }

  const char* begin() const { return buffer_.data() + begin_; }
  const char* end() const { return buffer_.data() + end_; }
  // Nothing more will come.
  bool ended() const { return ended_; }
  uint64_t consumed() const { return source_->consumed(); }

  void Drop(size_t bytes) { begin_ += bytes; }

  // Appends what the source has; moves the text, so pointers into it break. RESOURCE_EXHAUSTED
  // when the window would pass kMostBytes.
  absl::Status Grow() {
    if (begin_ > 0) {
      std::memmove(buffer_.data(), begin(), end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (end_ == buffer_.size()) {
      if (buffer_.size() >= kMostBytes) return absl::ResourceExhaustedError("too long");
      buffer_.resize(buffer_.size() * 2);
    }
    TM_ASSIGN_OR_RETURN(const size_t got,
                        source_->Read(buffer_.data() + end_, buffer_.size() - end_));
    end_ += got;
    ended_ = got == 0;
    if (at_start_ && (ended_ || end_ >= 3)) {
      at_start_ = false;
      if (end_ >= 3 && std::memcmp(begin(), "\xef\xbb\xbf", 3) == 0) Drop(3);
    } else if (at_start_) {
      return Grow();
    }
    return absl::OkStatus();
  }

 private:
  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool ended_ = false;
  bool at_start_ = true;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_TEXT_WINDOW_H_
