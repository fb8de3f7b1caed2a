#ifndef TIDEMARK_SERVICES_ANALYTICS_API_TABLE_CACHE_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_TABLE_CACHE_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"
#include "services/analytics/query/table.h"

namespace tidemark::analytics {

// TableCache: the last few tables of which a page was given and more are to come, so that the next
// page need not be computed anew. Bounded by bytes; forgets what was used longest ago. Thread-safe.
class TableCache {
 public:
  explicit TableCache(size_t max_bytes) : max_bytes_(max_bytes) {}

  // Null when it is not there.
  std::shared_ptr<const Table> Get(std::string_view key);
  // Keeps it unless it alone is too large.
  void Put(std::string_view key, std::shared_ptr<const Table> table);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const Table> table;
    size_t bytes;
  };
  const size_t max_bytes_;
  base::Mutex mutex_;
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  // Most recently used first.
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

// About what the table takes in memory.
size_t BytesOf(const Table& table);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_TABLE_CACHE_H_
