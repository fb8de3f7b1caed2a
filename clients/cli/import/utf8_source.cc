#include <errno.h>
#include <iconv.h>
#include <strings.h>

#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/import/byte_source.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

constexpr size_t kChunk = 64 * 1024;
// No encoding uses more bytes for a character.
constexpr size_t kLongestCharacter = 16;
constexpr char kReplacement[] = "\xef\xbf\xbd";

class Utf8Source final : public ByteSource {
 public:
  Utf8Source(std::unique_ptr<ByteSource> source, iconv_t converter)
      : source_(std::move(source)), converter_(converter), input_(kChunk) {}
  ~Utf8Source() override { iconv_close(converter_); }

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    // Room for the longest output of one character, whatever the caller's buffer is.
    if (size < kLongestCharacter) return absl::InternalError("read of too few bytes");
    char* out = buffer;
    size_t room = size;
    while (room == size) {
      if (have_ < kLongestCharacter && !ended_) TM_RETURN_IF_ERROR(Fill());
      if (have_ == 0) return 0;
      Convert(&out, &room);
    }
    return size - room;
  }
  uint64_t consumed() const override { return source_->consumed(); }

 private:
  absl::Status Fill() {
    std::memmove(input_.data(), input_.data() + begin_, have_);
    begin_ = 0;
    TM_ASSIGN_OR_RETURN(const size_t got,
                        source_->Read(input_.data() + have_, input_.size() - have_));
    ended_ = got == 0;
    have_ += got;
    return absl::OkStatus();
  }

  void Convert(char** out, size_t* room) {
    char* in = input_.data() + begin_;
    size_t left = have_;
    const size_t converted = iconv(converter_, &in, &left, out, room);
    const int error = errno;
    begin_ += have_ - left;
    have_ = left;
    if (converted != static_cast<size_t>(-1) || error == E2BIG) return;
    // EINVAL: a character that goes on in the next chunk, or at the end a cut one.
    if (error == EINVAL && !ended_) return;
    if (*room < sizeof(kReplacement)) return;
    std::memcpy(*out, kReplacement, 3);
    *out += 3;
    *room -= 3;
    ++begin_;
    --have_;
  }

  std::unique_ptr<ByteSource> source_;
  const iconv_t converter_;
  std::vector<char> input_;
  // What is not converted yet: input_[begin_, begin_ + have_).
  size_t begin_ = 0;
  size_t have_ = 0;
  bool ended_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> ToUtf8(std::unique_ptr<ByteSource> source,
                                                   const std::string& encoding) {
  if (strcasecmp(encoding.c_str(), "utf-8") == 0 || strcasecmp(encoding.c_str(), "utf8") == 0) {
    return source;
  }
  const iconv_t converter = iconv_open("UTF-8", encoding.c_str());
  // iconv_open's own way to say that it failed.
  if (converter == reinterpret_cast<iconv_t>(-1)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "encoding `", encoding, "` is not known; want utf-8, gbk, gb18030, latin1, utf-16 ..."));
  }
  return std::make_unique<Utf8Source>(std::move(source), converter);
}

}  // namespace tidemark::importer
