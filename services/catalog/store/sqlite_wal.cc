#include "services/catalog/store/sqlite_wal.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kHeaderBytes = 32;
constexpr size_t kFrameHeaderBytes = 24;
// The bytes of a header, and of a frame's, before its checksum that the checksum covers.
constexpr size_t kHeaderCovered = 24;
constexpr size_t kFrameCovered = 8;
// The checkpoint counter: read by nobody.
constexpr size_t kCounterOffset = 12, kCounterEnd = 16;
constexpr uint32_t kMagic = 0x377f0682;  // the last bit: words of checksums are big-endian

uint32_t Word(std::string_view bytes, size_t offset, bool big_endian = true) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4; ++i) {
    const auto byte = static_cast<uint8_t>(bytes[offset + (big_endian ? i : 3 - i)]);
    word = word << 8 | byte;
  }
  return word;
}

// Two sums, one from the other, over pairs of words.
struct Checksum {
  uint32_t first = 0, second = 0;

  static Checksum Stored(std::string_view bytes, size_t offset) {
    return {Word(bytes, offset), Word(bytes, offset + 4)};
  }
  void Add(std::string_view bytes, bool big_endian) {
    for (size_t i = 0; i + 8 <= bytes.size(); i += 8) {
      first += Word(bytes, i, big_endian) + second;
      second += Word(bytes, i + 4, big_endian) + first;
    }
  }
  // What a difference becomes after a pair without one.
  Checksum OnePairLater() const { return {first + second, first + 2 * second}; }
  int BitsFrom(const Checksum& other) const {
    return std::popcount(first ^ other.first) + std::popcount(second ^ other.second);
  }
};

// Whether another bit in `word`, each unit of which adds `unit`, gives what the sums lack.
bool IsOneBit(uint32_t word, const Checksum& unit, const Checksum& lacks) {
  for (int bit = 0; bit < 32; ++bit) {
    const uint32_t change = uint32_t{1} << bit;
    const uint32_t by = (word & change) != 0 ? 0 - change : change;
    if (by * unit.first == lacks.first && by * unit.second == lacks.second) return true;
  }
  return false;
}

class Wal {
 public:
  explicit Wal(std::string_view bytes) : bytes_(bytes) {}

  // Whether the header is right; the rest needs it.
  bool ReadHeader() {
    const uint32_t magic = Word(bytes_, 0);
    if ((magic & ~uint32_t{1}) != kMagic) return false;
    big_endian_ = (magic & 1) != 0;
    page_bytes_ = Word(bytes_, 8);
    const bool page_is_good = std::has_single_bit(page_bytes_) && page_bytes_ >= 512;
    header_ = {};
    header_.Add(bytes_.substr(0, kHeaderCovered), big_endian_);
    return page_is_good && header_.BitsFrom(Checksum::Stored(bytes_, kHeaderCovered)) == 0;
  }

  size_t frames() const { return (bytes_.size() - kHeaderBytes) / FrameBytes(); }
  size_t OffsetOf(size_t frame) const { return kHeaderBytes + frame * FrameBytes(); }

  // Where SQLite stops reading.
  size_t FirstBadFrame() const {
    size_t frame = 0;
    for (Checksum before = header_; frame < frames(); ++frame) {
      const Checksum sum = SumOf(frame, before);
      if (SaltBits(frame) != 0 || sum.BitsFrom(StoredSum(frame)) != 0) break;
      before = sum;
    }
    return frame;
  }

  // One bit of the frame made it bad.
  bool IsOneBitOff(size_t frame) const {
    const Checksum before = frame == 0 ? header_ : StoredSum(frame - 1);
    const Checksum stored = StoredSum(frame);
    const int sum_bits = SumOf(frame, before).BitsFrom(stored);
    if (SaltBits(frame) + sum_bits == 1) return true;
    if (SaltBits(frame) != 0) return false;
    std::string content(bytes_.substr(OffsetOf(frame), kFrameCovered));
    content += bytes_.substr(OffsetOf(frame) + kFrameHeaderBytes, page_bytes_);
    const Checksum sum = SumOf(frame, before);
    const Checksum lacks = {stored.first - sum.first, stored.second - sum.second};
    // The sums are linear: what 1 more in either word of a pair adds to them, from the last pair
    // on.
    Checksum by_first = {1, 1}, by_second = {0, 1};
    for (size_t pair = content.size(); pair > 0; pair -= 8) {
      if (IsOneBit(Word(content, pair - 8, big_endian_), by_first, lacks) ||
          IsOneBit(Word(content, pair - 4, big_endian_), by_second, lacks)) {
        return true;
      }
      by_first = by_first.OnePairLater();
      by_second = by_second.OnePairLater();
    }
    return false;
  }

  // A transaction ends at `frame` or behind it, and another follows.
  bool GoesOnBehind(size_t frame) const {
    for (; frame + 1 < frames(); ++frame) {
      const bool commits = Word(bytes_, OffsetOf(frame) + 4) != 0 && SaltBits(frame) == 0;
      if (commits && SaltBits(frame + 1) == 0 &&
          SumOf(frame + 1, StoredSum(frame)).BitsFrom(StoredSum(frame + 1)) == 0) {
        return true;
      }
    }
    return false;
  }

 private:
  size_t FrameBytes() const { return kFrameHeaderBytes + page_bytes_; }
  Checksum StoredSum(size_t frame) const { return Checksum::Stored(bytes_, OffsetOf(frame) + 16); }
  Checksum SumOf(size_t frame, Checksum before) const {
    before.Add(bytes_.substr(OffsetOf(frame), kFrameCovered), big_endian_);
    before.Add(bytes_.substr(OffsetOf(frame) + kFrameHeaderBytes, page_bytes_), big_endian_);
    return before;
  }
  // How many bits differ: frames of an earlier round have other salts.
  int SaltBits(size_t frame) const {
    return Checksum::Stored(bytes_, OffsetOf(frame) + 8).BitsFrom(Checksum::Stored(bytes_, 16));
  }

  const std::string_view bytes_;
  bool big_endian_ = false;
  uint32_t page_bytes_ = 0;
  Checksum header_;
};

absl::Status Damaged(const std::string& path, size_t offset, std::string_view what) {
  return absl::DataLossError(absl::StrCat(
      path, ", offset ", offset, ": ", what,
      "; versions behind it would be lost: restore the database from a backup, together with its "
      "-wal file"));
}

// Which bit of a wrong header was flipped, if that is all.
std::optional<size_t> FlippedHeaderBit(std::string header) {
  for (size_t bit = 0; bit < 8 * header.size(); ++bit) {
    char& byte = header[bit / 8];
    byte = static_cast<char>(byte ^ (1 << (bit % 8)));
    if (Wal(header).ReadHeader()) return bit;
    byte = static_cast<char>(byte ^ (1 << (bit % 8)));
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::string> CheckWal(std::string_view wal, const std::string& path) {
  std::string bytes(wal);
  // The header alone holds nothing.
  if (bytes.size() <= kHeaderBytes) return bytes;
  if (!Wal(bytes).ReadHeader()) {
    const std::optional<size_t> flipped = FlippedHeaderBit(bytes.substr(0, kHeaderBytes));
    // Torn while a new round was begun: the database has all of the one before.
    if (!flipped.has_value()) return bytes;
    if (*flipped / 8 < kCounterOffset || *flipped / 8 >= kCounterEnd) {
      return Damaged(path, *flipped / 8, "a bit of the WAL's header is flipped");
    }
    bytes[*flipped / 8] = static_cast<char>(bytes[*flipped / 8] ^ (1 << (*flipped % 8)));
  }
  Wal frames(bytes);
  if (!frames.ReadHeader()) return bytes;
  const size_t bad = frames.FirstBadFrame();
  if (bad == frames.frames()) return bytes;
  if (frames.IsOneBitOff(bad)) {
    return Damaged(path, frames.OffsetOf(bad), "a bit of this frame of the WAL is flipped");
  }
  if (frames.GoesOnBehind(bad)) {
    return Damaged(path, frames.OffsetOf(bad), "this frame of the WAL is damaged");
  }
  return bytes;
}

absl::Status RecoverWal(fs::FileSystem& fs, const std::string& path) {
  const std::string wal = path + "-wal";
  TM_ASSIGN_OR_RETURN(const bool exists, fs.Exists(wal));
  if (!exists) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const std::string bytes, fs::ReadFile(fs, wal));
  if (bytes.empty()) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const std::string checked, CheckWal(bytes, wal));
  // Written anew, as a sync alone may say OK for bytes that an earlier one failed to write.
  return fs::WriteFileAtomically(fs, wal, checked);
}

}  // namespace tidemark::catalog
