#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_INPUT_TESTING_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_INPUT_TESTING_H_

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "clients/cli/import/byte_source.h"

namespace tidemark::importer {

// A text as a source that hands out at most `step` bytes at a time.
class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string text, size_t step = 1 << 20)
      : text_(std::move(text)), step_(step) {}
  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    const size_t count = std::min({size, step_, text_.size() - at_});
    std::memcpy(buffer, text_.data() + at_, count);
    at_ += count;
    return count;
  }
  uint64_t consumed() const override { return at_; }

 private:
  const std::string text_;
  const size_t step_;
  size_t at_ = 0;
};

inline std::unique_ptr<ByteSource> SourceOf(std::string text, size_t step = 1 << 20) {
  return std::make_unique<TextSource>(std::move(text), step);
}

inline std::string Gzipped(const std::string& text) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_INPUT_TESTING_H_
