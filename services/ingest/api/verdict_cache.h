#ifndef TIDEMARK_SERVICES_INGEST_API_VERDICT_CACHE_H_
#define TIDEMARK_SERVICES_INGEST_API_VERDICT_CACHE_H_

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "common/base/mutex.h"
#include "common/redis/cache.h"

namespace tidemark::ingest {

// Verdicts of recent request ids: a batch that is sent again because its answer was lost gets
// the same answer from any front, without touching the log. Only a shortcut: without it the
// retry finds its events as duplicates. Thread-safe.
class VerdictCache {
 public:
  // `shared` is not owned.
  explicit VerdictCache(redis::Cache* shared, size_t max_bytes = size_t{16} << 20)
      : shared_(shared), max_bytes_(max_bytes) {}

  // What a verdict depends on: the log, who asks, the id and the bytes of the request.
  static std::string KeyOf(std::string_view log_id, std::string_view principal,
                           std::string_view request_id, std::string_view request);

  // The serialised SubmitEventsResponse, none when this process does not know it of the log as it
  // was opened then (LogState.opened_us).
  std::optional<std::string> Recall(const std::string& key, int64_t log_opened_us);
  // What any process shared, and of the log as it was opened when. Whoever takes it asks whether
  // the log still holds what it accepted. Blocks on the shared cache: a new batch should not wait
  // for it, only what looks like a retry.
  struct Shared {
    std::string response;
    int64_t log_opened_us = 0;
  };
  std::optional<Shared> Fetch(const std::string& key);
  // In this process only: a retry that comes as soon as the answer has left finds it.
  void Remember(const std::string& key, const std::string& response, int64_t log_opened_us);
  // With the others. Blocks as Fetch.
  void Share(const std::string& key, const std::string& response, int64_t log_opened_us);

 private:
  struct Entry {
    std::string key;
    std::string response;
    int64_t log_opened_us;

    size_t cost() const { return key.size() + response.size() + 128; }
  };

  void Drop(std::list<Entry>::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  redis::Cache* const shared_;
  const size_t max_bytes_;
  base::Mutex mutex_;
  // Most recently used first.
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::list<Entry>::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_VERDICT_CACHE_H_
