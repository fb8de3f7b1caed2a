#include "clients/cpp/ledger/sha256_lanes.h"

#include <cstdlib>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

namespace tidemark::ledger::internal {
namespace {

// AVX for its three operands: a fifteenth of the time went into moves between registers.
#define TIDEMARK_SHA __attribute__((target("sha,avx")))

alignas(16) constexpr uint32_t kRound[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

constexpr int kLanes = 4;

struct Lane {
  __m128i abef;
  __m128i cdgh;
  const uint8_t* next;  // blocks ready to be taken
  size_t blocks;
  // What follows after `blocks`: the middle of the message in place, then the padded tail.
  const uint8_t* middle;
  size_t middle_blocks;
  size_t tail_blocks;
  uint8_t* out;
  uint8_t head[64];
  uint8_t tail[128];
};

TIDEMARK_SHA inline void LoadState(const uint32_t* state, Lane* lane) {
  const __m128i low =
      _mm_shuffle_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(state)), 0xB1);
  const __m128i high =
      _mm_shuffle_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(state + 4)), 0x1B);
  lane->abef = _mm_alignr_epi8(low, high, 8);
  lane->cdgh = _mm_blend_epi16(high, low, 0xF0);
}

TIDEMARK_SHA inline __m128i SwapMask() {
  return _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
}

TIDEMARK_SHA inline void StoreDigest(const Lane& lane, uint8_t* out) {
  const __m128i x = _mm_shuffle_epi32(lane.abef, 0x1B);
  const __m128i y = _mm_shuffle_epi32(lane.cdgh, 0xB1);
  auto* to = reinterpret_cast<__m128i*>(out);
  _mm_storeu_si128(to, _mm_shuffle_epi8(_mm_blend_epi16(x, y, 0xF0), SwapMask()));
  _mm_storeu_si128(to + 1, _mm_shuffle_epi8(_mm_alignr_epi8(y, x, 8), SwapMask()));
}

// Takes `blocks` blocks into each of L lanes. The loops over lanes are unrolled, so that the rounds
// of different lanes overlap in the pipeline.
template <int L>
TIDEMARK_SHA void Compress(Lane* const* lanes, size_t blocks) {
  // The SHA instructions have no AVX form. While the upper halves of registers, left by whatever
  // ran before, are in use, processors of Intel pay dozens of cycles at each step from one form to
  // the other: all of ingest took thirteen times as long.
  _mm256_zeroupper();
  const __m128i swap = SwapMask();
  __m128i s0[L], s1[L];
  for (int l = 0; l < L; ++l) {
    s0[l] = lanes[l]->abef;
    s1[l] = lanes[l]->cdgh;
  }
  for (size_t b = 0; b < blocks; ++b) {
    __m128i m[L][4], p0[L], p1[L];
    for (int l = 0; l < L; ++l) {
      p0[l] = s0[l];
      p1[l] = s1[l];
      const auto* from = reinterpret_cast<const __m128i*>(lanes[l]->next + 64 * b);
      for (int i = 0; i < 4; ++i) m[l][i] = _mm_shuffle_epi8(_mm_loadu_si128(from + i), swap);
    }
#pragma GCC unroll 16
    for (int r = 0; r < 16; ++r) {
      const __m128i k = _mm_load_si128(reinterpret_cast<const __m128i*>(kRound + 4 * r));
#pragma GCC unroll 4
      for (int l = 0; l < L; ++l) {
        const __m128i w = m[l][r & 3];
        const __m128i x = _mm_add_epi32(w, k);
        s1[l] = _mm_sha256rnds2_epu32(s1[l], s0[l], x);
        s0[l] = _mm_sha256rnds2_epu32(s0[l], s1[l], _mm_shuffle_epi32(x, 0x0E));
        if (r < 12) {
          __m128i n = _mm_sha256msg1_epu32(w, m[l][(r + 1) & 3]);
          n = _mm_add_epi32(n, _mm_alignr_epi8(m[l][(r + 3) & 3], m[l][(r + 2) & 3], 4));
          m[l][r & 3] = _mm_sha256msg2_epu32(n, m[l][(r + 3) & 3]);
        }
      }
    }
    for (int l = 0; l < L; ++l) {
      s0[l] = _mm_add_epi32(s0[l], p0[l]);
      s1[l] = _mm_add_epi32(s1[l], p1[l]);
    }
  }
  for (int l = 0; l < L; ++l) {
    lanes[l]->abef = s0[l];
    lanes[l]->cdgh = s1[l];
    lanes[l]->next += 64 * blocks;
    lanes[l]->blocks -= blocks;
  }
}

// Splits a message into a head block (where a prefix shifts it), blocks hashed in place, and a
// padded tail.
TIDEMARK_SHA void Start(const Sha256Message& message, Lane* lane) {
  LoadState(message.state, lane);
  lane->out = message.out;
  const auto* data = reinterpret_cast<const uint8_t*>(message.data.data());
  size_t left = message.data.size();
  const uint64_t bits = 8 * (message.prior_bytes + left + (message.has_prefix ? 1 : 0));
  size_t tail_used = 0;
  lane->blocks = 0;
  if (message.has_prefix && left >= 63) {
    lane->head[0] = message.prefix;
    std::memcpy(lane->head + 1, data, 63);
    data += 63;
    left -= 63;
    lane->next = lane->head;
    lane->blocks = 1;
  } else if (message.has_prefix) {
    lane->tail[0] = message.prefix;
    tail_used = 1;
  }
  lane->middle = data;
  lane->middle_blocks = left / 64;
  data += 64 * lane->middle_blocks;
  left %= 64;
  if (left > 0) std::memcpy(lane->tail + tail_used, data, left);
  tail_used += left;
  lane->tail_blocks = tail_used + 9 <= 64 ? 1 : 2;
  const size_t tail_bytes = 64 * lane->tail_blocks;
  lane->tail[tail_used] = 0x80;
  std::memset(lane->tail + tail_used + 1, 0, tail_bytes - tail_used - 9);
  const uint64_t big_endian = __builtin_bswap64(bits);
  std::memcpy(lane->tail + tail_bytes - 8, &big_endian, 8);
}

// Gives the lane its next blocks; false when the message is done.
inline bool Refill(Lane* lane) {
  if (lane->blocks > 0) return true;
  if (lane->middle_blocks > 0) {
    lane->next = lane->middle;
    lane->blocks = lane->middle_blocks;
    lane->middle_blocks = 0;
    return true;
  }
  if (lane->tail_blocks == 0) return false;
  lane->next = lane->tail;
  lane->blocks = lane->tail_blocks;
  lane->tail_blocks = 0;
  return true;
}

TIDEMARK_SHA void CompressActive(Lane* const* lanes, int active, size_t blocks) {
  switch (active) {
    case 1:
      return Compress<1>(lanes, blocks);
    case 2:
      return Compress<2>(lanes, blocks);
    case 3:
      return Compress<3>(lanes, blocks);
    default:
      return Compress<4>(lanes, blocks);
  }
}

TIDEMARK_SHA void Start(const PaddedMessage& message, Lane* lane) {
  LoadState(kSha256Initial, lane);
  lane->out = message.out;
  lane->next = message.data;
  lane->blocks = message.blocks;
  lane->middle_blocks = 0;
  lane->tail_blocks = 0;
}

template <typename Message>
TIDEMARK_SHA void HashLanes(std::span<const Message> messages) {
  Lane storage[kLanes];
  Lane* lanes[kLanes] = {&storage[0], &storage[1], &storage[2], &storage[3]};
  int active = 0;
  size_t taken = 0;
  while (active < kLanes && taken < messages.size()) Start(messages[taken++], lanes[active++]);
  while (active > 0) {
    size_t blocks = SIZE_MAX;
    for (int l = 0; l < active;) {
      if (Refill(lanes[l])) {
        blocks = lanes[l]->blocks < blocks ? lanes[l]->blocks : blocks;
        ++l;
        continue;
      }
      StoreDigest(*lanes[l], lanes[l]->out);
      if (taken < messages.size()) {
        Start(messages[taken++], lanes[l]);
      } else {
        Lane* const done = lanes[l];
        lanes[l] = lanes[--active];
        lanes[active] = done;
      }
    }
    if (active > 0) CompressActive(lanes, active, blocks);
  }
}

}  // namespace

bool HasShaExtensions() {
  static const bool supported = [] {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & (1u << 29)) != 0 &&
           __builtin_cpu_supports("avx");
  }();
  return supported;
}

void HashInterleaved(std::span<const Sha256Message> messages) { HashLanes(messages); }

void HashPadded(std::span<const PaddedMessage> messages) { HashLanes(messages); }

TIDEMARK_SHA void HashNodesInterleaved(const uint8_t* children, uint8_t* parents, size_t count) {
  Lane storage[kLanes];
  Lane* lanes[kLanes];
  uint8_t padded[kLanes][128] = {};
  for (int l = 0; l < kLanes; ++l) {
    lanes[l] = &storage[l];
    padded[l][0] = 0x01;
    padded[l][65] = 0x80;
    padded[l][126] = 0x02;  // 65 bytes are 0x0208 bits
    padded[l][127] = 0x08;
  }
  for (size_t i = 0; i < count; i += kLanes) {
    const int active = count - i < kLanes ? static_cast<int>(count - i) : kLanes;
    for (int l = 0; l < active; ++l) {
      std::memcpy(padded[l] + 1, children + 64 * (i + static_cast<size_t>(l)), 64);
      LoadState(kSha256Initial, lanes[l]);
      lanes[l]->next = padded[l];
      lanes[l]->blocks = 2;
    }
    CompressActive(lanes, active, 2);
    for (int l = 0; l < active; ++l)
      StoreDigest(*lanes[l], parents + 32 * (i + static_cast<size_t>(l)));
  }
}

}  // namespace tidemark::ledger::internal

#else

namespace tidemark::ledger::internal {

bool HasShaExtensions() { return false; }
void HashInterleaved(std::span<const Sha256Message> messages) { HashPortable(messages); }
void HashPadded(std::span<const PaddedMessage>) { std::abort(); }
void HashNodesInterleaved(const uint8_t* children, uint8_t* parents, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const std::string_view pair(reinterpret_cast<const char*>(children + 64 * i), 64);
    const Sha256Message message = {kSha256Initial, 0, true, 0x01, pair, parents + 32 * i};
    HashPortable({&message, 1});
  }
}

}  // namespace tidemark::ledger::internal

#endif
