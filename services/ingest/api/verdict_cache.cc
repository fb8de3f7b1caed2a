#include "services/ingest/api/verdict_cache.h"

#include <cstdint>
#include <cstring>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/base/varint.h"

namespace tidemark::ingest {
namespace {

// 128 bits of what was added, 16 bytes a step. The whole product is kept, and its factors are
// added, so that a step forgets nothing, not even when a factor is 0.
struct Lane {
  uint64_t a;
  uint64_t b;

  void Add(uint64_t x, uint64_t y) {
    const uint64_t u = a ^ x;
    const uint64_t v = b ^ y;
    const unsigned __int128 product = static_cast<unsigned __int128>(u) * v;
    a = static_cast<uint64_t>(product) + v;
    b = static_cast<uint64_t>(product >> 64) + u;
  }
};

constexpr size_t kStep = 64;

// Four lanes, because each waits for its last product. They differ in where they begin (digits of
// pi), so that it matters what is added to which.
struct ContentHash {
  Lane lanes[4] = {{0x243F6A8885A308D3, 0x13198A2E03707344},
                   {0xA4093822299F31D0, 0x082EFA98EC4E6C89},
                   {0x452821E638D01377, 0xBE5466CF34E90C6C},
                   {0xC0AC29B7C97C50DD, 0x3F84D5B5B5470917}};

  void Add(const char* bytes) {
    uint64_t words[kStep / 8];
    std::memcpy(words, bytes, kStep);
    for (size_t i = 0; i < 4; ++i) lanes[i].Add(words[2 * i], words[2 * i + 1]);
  }
};

// Requests of megabytes are hashed on the way of every batch with an id. It tells apart what one
// principal sends under one id, by mistake; it keeps out nobody.
Lane HashOf(std::string_view bytes) {
  ContentHash hash;
  const char* p = bytes.data();
  size_t left = bytes.size();
  for (; left >= kStep; p += kStep, left -= kStep) hash.Add(p);
  if (left > 0) {
    char last[kStep] = {};
    std::memcpy(last, p, left);
    hash.Add(last);
  }
  Lane all = {0x9216D5D98979FB1B, 0xD1310BA698DFB5AC};
  for (const Lane& lane : hash.lanes) all.Add(lane.a, lane.b);
  all.Add(bytes.size(), 0);
  // A difference in the last of them reaches all bits.
  all.Add(0, 0);
  all.Add(0, 0);
  return all;
}

void AppendSized(std::string_view text, std::string* out) {
  base::AppendVarint(text.size(), out);
  out->append(text);
}

// Not that of earlier releases, whose values were the response alone.
std::string SharedKey(const std::string& key) { return absl::StrCat(key, "/2"); }

}  // namespace

std::string VerdictCache::KeyOf(std::string_view log_id, std::string_view principal,
                                std::string_view request_id, std::string_view request) {
  std::string key;
  key.reserve(log_id.size() + principal.size() + request_id.size() + 3 * 10 + sizeof(Lane));
  AppendSized(log_id, &key);
  AppendSized(principal, &key);
  AppendSized(request_id, &key);
  const Lane hash = HashOf(request);
  key.append(reinterpret_cast<const char*>(&hash.a), sizeof(hash.a));
  key.append(reinterpret_cast<const char*>(&hash.b), sizeof(hash.b));
  return key;
}

std::optional<std::string> VerdictCache::Recall(const std::string& key, int64_t log_opened_us) {
  base::MutexLock lock(mutex_);
  const auto it = by_key_.find(key);
  if (it == by_key_.end() || it->second->log_opened_us != log_opened_us) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, it->second);
  return it->second->response;
}

std::optional<VerdictCache::Shared> VerdictCache::Fetch(const std::string& key) {
  if (!shared_->enabled()) return std::nullopt;
  std::optional<std::string> value = shared_->Get(SharedKey(key));
  Shared shared;
  if (!value.has_value() || value->size() < sizeof(shared.log_opened_us)) return std::nullopt;
  std::memcpy(&shared.log_opened_us, value->data(), sizeof(shared.log_opened_us));
  shared.response = value->substr(sizeof(shared.log_opened_us));
  return shared;
}

void VerdictCache::Share(const std::string& key, const std::string& response,
                         int64_t log_opened_us) {
  if (!shared_->enabled()) return;
  std::string value(reinterpret_cast<const char*>(&log_opened_us), sizeof(log_opened_us));
  shared_->Put(SharedKey(key), value + response);
}

void VerdictCache::Remember(const std::string& key, const std::string& response,
                            int64_t log_opened_us) {
  const Entry entry = {key, response, log_opened_us};
  if (entry.cost() > max_bytes_ / 4) return;
  base::MutexLock lock(mutex_);
  if (const auto known = by_key_.find(key); known != by_key_.end()) Drop(known->second);
  bytes_ += entry.cost();
  entries_.push_front(entry);
  by_key_.emplace(key, entries_.begin());
  while (bytes_ > max_bytes_) Drop(std::prev(entries_.end()));
}

void VerdictCache::Drop(std::list<Entry>::iterator entry) {
  bytes_ -= entry->cost();
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace tidemark::ingest
