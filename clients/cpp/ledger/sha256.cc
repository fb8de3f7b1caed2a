#include "clients/cpp/ledger/sha256.h"

// The low-level calls are deprecated since OpenSSL 3, but SHA256() and EVP look the algorithm up on
// every message, which costs more than hashing a leaf.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

#include "clients/cpp/ledger/sha256_lanes.h"

namespace tidemark::ledger {
namespace internal {

void HashPortable(std::span<const Sha256Message> messages) {
  for (const Sha256Message& message : messages) {
    SHA256_CTX context;
    SHA256_Init(&context);
    std::copy_n(message.state, 8, context.h);
    context.Nl = static_cast<SHA_LONG>(message.prior_bytes * 8);
    context.Nh = static_cast<SHA_LONG>(message.prior_bytes >> 29);
    if (message.has_prefix) SHA256_Update(&context, &message.prefix, 1);
    SHA256_Update(&context, message.data.data(), message.data.size());
    SHA256_Final(message.out, &context);
  }
}

}  // namespace internal

namespace {

using internal::Sha256Message;

// Messages are described on the stack, this many at a time.
constexpr size_t kChunk = 128;

void HashAll(std::span<const Sha256Message> messages) {
  if (internal::HasShaExtensions()) {
    internal::HashInterleaved(messages);
  } else {
    internal::HashPortable(messages);
  }
}

// message(i) describes message i of `count`.
template <typename Describe>
void HashChunks(size_t count, const Describe& message) {
  Sha256Message chunk[kChunk];
  for (size_t done = 0; done < count;) {
    const size_t n = std::min(kChunk, count - done);
    for (size_t i = 0; i < n; ++i) chunk[i] = message(done + i);
    HashAll({chunk, n});
    done += n;
  }
}

std::string_view AsText(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

// Appends the padding of SHA-256; returns the number of blocks then.
size_t Pad(const PaddableMessage& message) {
  const size_t blocks = (message.size + 9 + 63) / 64;
  uint8_t* const end = message.data + message.size;
  const size_t zeros = 64 * blocks - message.size - 9;
  end[0] = 0x80;
  // All that the room allows, which is quicker than their number.
  std::memset(end + 1, 0, 64);
  for (size_t i = 0; i < 8; ++i) {
    end[1 + zeros + i] = static_cast<uint8_t>(uint64_t{message.size} * 8 >> (56 - 8 * i));
  }
  return blocks;
}

// The state after the key's padded block.
std::array<uint32_t, 8> KeyState(std::string_view key, uint8_t pad) {
  uint8_t block[64] = {};
  std::memcpy(block, key.data(), key.size());
  for (uint8_t& byte : block) byte ^= pad;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, block, sizeof(block));
  std::array<uint32_t, 8> state;
  std::copy_n(context.h, 8, state.begin());
  return state;
}

}  // namespace

Hash Sha256(std::string_view message) {
  Hash out;
  const Sha256Message one = {internal::kSha256Initial, 0, false, 0, message, out.data()};
  HashAll({&one, 1});
  return out;
}

void HashMany(std::span<const std::string_view> messages, std::span<Hash> out) {
  HashChunks(messages.size(), [&](size_t i) {
    return Sha256Message{internal::kSha256Initial, 0, false, 0, messages[i], out[i].data()};
  });
}

void HashMany(std::span<const std::string_view> messages, uint8_t prefix, std::span<Hash> out) {
  HashChunks(messages.size(), [&](size_t i) {
    return Sha256Message{internal::kSha256Initial, 0, true, prefix, messages[i], out[i].data()};
  });
}

void HashPaddable(std::span<const PaddableMessage> messages, std::span<Hash> out) {
  internal::PaddedMessage chunk[kChunk];
  for (size_t done = 0; done < messages.size();) {
    const size_t n = std::min(kChunk, messages.size() - done);
    if (!internal::HasShaExtensions()) {
      const auto text = [](const PaddableMessage& message) {
        return std::string_view(reinterpret_cast<const char*>(message.data), message.size);
      };
      for (size_t i = done; i < done + n; ++i) out[i] = Sha256(text(messages[i]));
    } else {
      for (size_t i = 0; i < n; ++i) {
        chunk[i] = {messages[done + i].data, Pad(messages[done + i]), out[done + i].data()};
      }
      // Lanes of one length never wait for each other.
      std::sort(chunk, chunk + n, [](const auto& a, const auto& b) { return a.blocks > b.blocks; });
      internal::HashPadded({chunk, n});
    }
    done += n;
  }
}

void HashNodes(std::span<const Hash> children, std::span<Hash> parents) {
  if (parents.empty()) return;
  if (internal::HasShaExtensions()) {
    internal::HashNodesInterleaved(children.front().data(), parents.front().data(), parents.size());
    return;
  }
  for (size_t i = 0; i < parents.size(); ++i) {
    uint8_t pair[64];  // `parents` may be the same memory
    std::memcpy(pair, children[2 * i].data(), 64);
    const std::string_view data(reinterpret_cast<const char*>(pair), 64);
    const Sha256Message node = {internal::kSha256Initial, 0, true, 0x01, data, parents[i].data()};
    internal::HashPortable({&node, 1});
  }
}

bool Sha256IsAccelerated() { return internal::HasShaExtensions(); }

HmacKey::HmacKey(std::string_view key) {
  Hash short_key;
  if (key.size() > 64) {
    short_key = Sha256(key);
    key = AsText(short_key);
  }
  inner_ = KeyState(key, 0x36);
  outer_ = KeyState(key, 0x5c);
}

Hash HmacKey::Mac(std::string_view message) const {
  Hash out;
  MacMany({&message, 1}, {&out, 1});
  return out;
}

void HmacKey::MacMany(std::span<const std::string_view> messages, std::span<Hash> out) const {
  HashChunks(messages.size(), [&](size_t i) {
    return Sha256Message{inner_.data(), 64, false, 0, messages[i], out[i].data()};
  });
  HashChunks(messages.size(), [&](size_t i) {
    return Sha256Message{outer_.data(), 64, false, 0, AsText(out[i]), out[i].data()};
  });
}

}  // namespace tidemark::ledger
