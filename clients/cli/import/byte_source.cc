#include "clients/cli/import/byte_source.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <istream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/scoped_fd.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

constexpr size_t kChunk = 256 * 1024;

class FileSource final : public ByteSource {
 public:
  FileSource(base::ScopedFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    while (true) {
      const ssize_t got = ::read(fd_.get(), buffer, size);
      if (got >= 0) {
        consumed_ += static_cast<uint64_t>(got);
        return static_cast<size_t>(got);
      }
      if (errno != EINTR) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path_));
    }
  }
  uint64_t consumed() const override { return consumed_; }

 private:
  base::ScopedFd fd_;
  const std::string path_;
  uint64_t consumed_ = 0;
};

class IstreamSource final : public ByteSource {
 public:
  explicit IstreamSource(std::istream& in) : in_(in) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    in_.read(buffer, static_cast<std::streamsize>(size));
    if (in_.bad()) return absl::DataLossError("cannot read standard input");
    consumed_ += static_cast<uint64_t>(in_.gcount());
    return static_cast<size_t>(in_.gcount());
  }
  uint64_t consumed() const override { return consumed_; }

 private:
  std::istream& in_;
  uint64_t consumed_ = 0;
};

class GunzipSource final : public ByteSource {
 public:
  explicit GunzipSource(std::unique_ptr<ByteSource> source)
      : source_(std::move(source)), input_(kChunk) {}
  ~GunzipSource() override {
    if (mode_ == Mode::kGzip) inflateEnd(&stream_);
  }

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    if (mode_ == Mode::kUnknown) TM_RETURN_IF_ERROR(Detect());
    return mode_ == Mode::kGzip ? Inflate(buffer, size) : PassOn(buffer, size);
  }
  uint64_t consumed() const override { return source_->consumed(); }

 private:
  enum class Mode { kUnknown, kPlain, kGzip };

  absl::Status Fill() {
    TM_ASSIGN_OR_RETURN(const size_t got, source_->Read(input_.data(), input_.size()));
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(got);
    return absl::OkStatus();
  }

  absl::Status Detect() {
    size_t have = 0;
    // A pipe may hand over single bytes.
    while (have < 2) {
      TM_ASSIGN_OR_RETURN(const size_t got,
                          source_->Read(input_.data() + have, input_.size() - have));
      if (got == 0) break;
      have += got;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(have);
    const bool gzip = have >= 2 && input_[0] == '\x1f' && input_[1] == '\x8b';
    mode_ = gzip ? Mode::kGzip : Mode::kPlain;
    // 16: expect a gzip header.
    if (gzip && inflateInit2(&stream_, 15 + 16) != Z_OK) {
      mode_ = Mode::kPlain;
      return absl::ResourceExhaustedError("no memory to unpack gzip data");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> PassOn(char* buffer, size_t size) {
    if (stream_.avail_in == 0) return source_->Read(buffer, size);
    const size_t count = std::min<size_t>(size, stream_.avail_in);
    std::memcpy(buffer, stream_.next_in, count);
    stream_.next_in += count;
    stream_.avail_in -= static_cast<uInt>(count);
    return count;
  }

  absl::StatusOr<size_t> Inflate(char* buffer, size_t size) {
    stream_.next_out = reinterpret_cast<Bytef*>(buffer);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out == size) {
      if (stream_.avail_in == 0) TM_RETURN_IF_ERROR(Fill());
      if (stream_.avail_in == 0) {
        if (between_members_) return 0;
        return Damaged("it ends too early");
      }
      if (between_members_) {
        // Another member, or the zero bytes that tapes and some tools add.
        if (*stream_.next_in == 0) {
          ++stream_.next_in;
          --stream_.avail_in;
          continue;
        }
        inflateReset(&stream_);
        between_members_ = false;
      }
      const int result = inflate(&stream_, Z_NO_FLUSH);
      if (result == Z_STREAM_END) {
        between_members_ = true;
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return Damaged(stream_.msg == nullptr ? "wrong bytes" : stream_.msg);
      }
    }
    return size - stream_.avail_out;
  }

  absl::Status Damaged(std::string_view why) const {
    return absl::DataLossError(absl::StrCat("the gzip data is damaged near byte ",
                                            source_->consumed() - stream_.avail_in, ": ", why));
  }

  std::unique_ptr<ByteSource> source_;
  std::vector<char> input_;
  z_stream stream_ = {};
  Mode mode_ = Mode::kUnknown;
  bool between_members_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> OpenFile(const std::string& path) {
  base::ScopedFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  return std::make_unique<FileSource>(std::move(fd), path);
}

std::unique_ptr<ByteSource> StreamSource(std::istream& in) {
  return std::make_unique<IstreamSource>(in);
}

std::unique_ptr<ByteSource> MaybeGunzip(std::unique_ptr<ByteSource> source) {
  return std::make_unique<GunzipSource>(std::move(source));
}

}  // namespace tidemark::importer
