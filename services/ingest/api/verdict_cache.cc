#include "services/ingest/api/verdict_cache.h"

#include <cstdint>
#include <cstring>

#include "common/base/varint.h"

namespace tidemark::ingest {
namespace {

// 128 bits of the request, 16 bytes a step: requests of megabytes are hashed on the way of every
// batch with an id. It tells apart what one principal sends under one id, by mistake; it keeps
// out nobody.
struct ContentHash {
  uint64_t a = 0x243F6A8885A308D3;
  uint64_t b = 0x13198A2E03707344;

  void Add(uint64_t x, uint64_t y) {
    a = Mix(a ^ x, y ^ 0xA4093822299F31D0);
    b = Mix(b ^ y, x ^ 0x082EFA98EC4E6C89) + a;
  }
  static uint64_t Mix(uint64_t x, uint64_t y) {
    const unsigned __int128 product = static_cast<unsigned __int128>(x) * y;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
};

ContentHash HashOf(std::string_view bytes) {
  ContentHash hash;
  const char* p = bytes.data();
  size_t left = bytes.size();
  uint64_t words[2];
  for (; left >= 16; p += 16, left -= 16) {
    std::memcpy(words, p, 16);
    hash.Add(words[0], words[1]);
  }
  words[0] = words[1] = 0;
  if (left > 0) std::memcpy(words, p, left);
  hash.Add(words[0], words[1]);
  hash.Add(bytes.size(), 0);
  return hash;
}

void AppendSized(std::string_view text, std::string* out) {
  base::AppendVarint(text.size(), out);
  out->append(text);
}

}  // namespace

std::string VerdictCache::KeyOf(std::string_view log_id, std::string_view principal,
                                std::string_view request_id, std::string_view request) {
  std::string key;
  AppendSized(log_id, &key);
  AppendSized(principal, &key);
  AppendSized(request_id, &key);
  const ContentHash hash = HashOf(request);
  key.append(reinterpret_cast<const char*>(&hash.a), sizeof(hash.a));
  key.append(reinterpret_cast<const char*>(&hash.b), sizeof(hash.b));
  return key;
}

std::optional<std::string> VerdictCache::Recall(const std::string& key) {
  base::MutexLock lock(mutex_);
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, it->second);
  return it->second->response;
}

std::optional<std::string> VerdictCache::Fetch(const std::string& key) {
  if (!shared_->enabled()) return std::nullopt;
  std::optional<std::string> response = shared_->Get(key);
  if (response.has_value()) Remember(key, *response);
  return response;
}

void VerdictCache::Share(const std::string& key, const std::string& response) {
  if (shared_->enabled()) shared_->Put(key, response);
}

void VerdictCache::Remember(const std::string& key, const std::string& response) {
  const size_t cost = key.size() + response.size() + 128;
  if (cost > max_bytes_ / 4) return;
  base::MutexLock lock(mutex_);
  if (by_key_.contains(key)) return;
  entries_.push_front({key, response});
  by_key_.emplace(key, entries_.begin());
  bytes_ += cost;
  while (bytes_ > max_bytes_) {
    const Entry& oldest = entries_.back();
    bytes_ -= oldest.key.size() + oldest.response.size() + 128;
    by_key_.erase(oldest.key);
    entries_.pop_back();
  }
}

}  // namespace tidemark::ingest
