#include "clients/cpp/ledger/stream_packer.h"

// For ZSTD_c_literalCompressionMode.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace tidemark::ledger {
namespace {

using internal::Packing;

// Below this a frame's own bytes eat what it saves.
constexpr size_t kMinPackBytes = 64;
// Of one text after the other: there every byte need not be looked at.
constexpr size_t kLargeBytes = 64 * 1024;

// A sample of a stream, to see whether it repeats itself: some windows in which every byte is
// looked at, and of the rest only words at equal distances, to which the windows may go back.
class Sample {
 public:
  explicit Sample(std::string_view bytes)
      : bytes_(bytes),
        shift_(65 - static_cast<int>(std::bit_width(std::clamp<size_t>(bytes.size(), 64, 1023)))) {}

  void Skip(size_t begin, size_t end) {
    const size_t step = std::max(kWord, bytes_.size() / 256);
    for (size_t i = begin; i + kWord <= end; i += step) {
      Place(WordAt(i)) = static_cast<uint32_t>(i);
    }
  }

  void Look(size_t begin, size_t end) {
    looked_at_ += end - begin;
    for (size_t i = begin; i < end; ++i) ++counts_[static_cast<uint8_t>(bytes_[i])];
    for (size_t i = std::max<size_t>(begin, 1); i + kWord <= end;) {
      const uint64_t word = WordAt(i);
      uint32_t& place = Place(word);
      const size_t distance = i - place;
      place = static_cast<uint32_t>(i);
      if (WordAt(i - distance) != word) {
        ++i;
        continue;
      }
      const size_t from = i;
      i += kWord;
      while (i < end && bytes_[i] == bytes_[i - distance]) ++i;
      repeated_ += i - from;
      ++repetitions_;
    }
  }

  Packing Verdict() const {
    // About what zstd writes for a repetition.
    constexpr double kRepetitionBits = 26;
    // What StreamPacker::Pack wants to save.
    constexpr double kMostByteBits = 8 - 8.0 / 32;
    int32_t pairs = 0;  // of equal bytes, twice
    for (const int16_t count : counts_) pairs += count * (count - 1);
    const double all = static_cast<double>(looked_at_);
    // The entropy of second order, never more than that of first order. A code has one bit at
    // least.
    const double byte_bits =
        pairs == 0 ? 8 : std::clamp(std::log2(all * (all - 1) / pairs), 1.0, 8.0);
    if (static_cast<double>(repeated_) * byte_bits >
        static_cast<double>(repetitions_) * kRepetitionBits) {
      return Packing::kRepetitions;
    }
    return byte_bits > kMostByteBits ? Packing::kNone : Packing::kEntropy;
  }

 private:
  static constexpr size_t kWord = sizeof(uint64_t);

  uint64_t WordAt(size_t i) const {
    uint64_t word;
    std::memcpy(&word, bytes_.data() + i, kWord);
    return word;
  }
  uint32_t& Place(uint64_t word) { return places_[(word * 0x9E3779B97F4A7C15) >> shift_]; }

  const std::string_view bytes_;
  const int shift_;
  size_t looked_at_ = 0;
  size_t repeated_ = 0;
  size_t repetitions_ = 0;
  int16_t counts_[256] = {};
  // Of words, the latest. None yet is the first word, which is as good as any.
  uint32_t places_[512] = {};
};

}  // namespace

Packing internal::PackingFor(std::string_view bytes) {
  constexpr size_t kWindow = 256;
  const size_t size = bytes.size();
  Sample sample(bytes);
  if (size <= 4 * kWindow) {
    sample.Look(0, size);
  } else {
    const size_t middle = size / 2;
    sample.Skip(0, middle);
    sample.Look(middle, middle + kWindow);
    sample.Skip(middle + kWindow, size - kWindow);
    sample.Look(size - kWindow, size);
  }
  return sample.Verdict();
}

StreamPacker::Context StreamPacker::Create() {
  Context context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, 1);
  // Sizes and checksums are the block's.
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 0);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_strategy, ZSTD_fast);
  // Shorter repetitions do not pay.
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_minMatch, 7);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_literalCompressionMode, ZSTD_ps_enable);
  return context;
}

StreamPacker::StreamPacker() : near_(Create()), far_(Create()), entropy_(Create()) {
  ZSTD_CCtx_setParameter(near_.get(), ZSTD_c_hashLog, 10);
  ZSTD_CCtx_setParameter(far_.get(), ZSTD_c_hashLog, 12);
  // Of this strategy the bytes that are stepped over.
  ZSTD_CCtx_setParameter(far_.get(), ZSTD_c_targetLength, 8);
  ZSTD_CCtx_setParameter(entropy_.get(), ZSTD_c_hashLog, ZSTD_HASHLOG_MIN);
  ZSTD_CCtx_setParameter(entropy_.get(), ZSTD_c_targetLength, ZSTD_TARGETLENGTH_MAX);
}

StreamPacker::~StreamPacker() = default;

std::string_view StreamPacker::Pack(std::string_view bytes) {
  if (bytes.size() < kMinPackBytes) return {};
  // Unpacking has to be worth the reader's time: at least 1/32 saved. Room for more is not given,
  // so zstd gives up early.
  const size_t room = bytes.size() - bytes.size() / 32;
  if (packed_.size() < room) packed_.resize(room);
  const Packing packing = internal::PackingFor(bytes);
  if (packing == Packing::kNone) return {};
  const Context& context = packing == Packing::kEntropy ? entropy_
                           : bytes.size() < kLargeBytes ? near_
                                                        : far_;
  const size_t packed =
      ZSTD_compress2(context.get(), packed_.data(), room, bytes.data(), bytes.size());
  if (ZSTD_isError(packed)) return {};
  return std::string_view(packed_).substr(0, packed);
}

}  // namespace tidemark::ledger
