#ifndef TIDEMARK_SERVICES_CATALOG_SEARCH_FOUND_H_
#define TIDEMARK_SERVICES_CATALOG_SEARCH_FOUND_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"
#include "services/catalog/search/matching.h"

namespace tidemark::catalog {

// Resources that something was found in, each with its best match. Costs what was found, not what
// there is to be found in; a byte for each of those is kept and used again. Not thread-safe.
class Found {
 public:
  // Empties it, for resources numbered below `count`.
  void Reset(size_t count);

  void Offer(uint32_t doc, Match match);
  // Leaves those that `match_of` finds something in, with the worse of their matches.
  template <typename F>
  void Keep(F match_of) {
    size_t kept = 0;
    for (const uint32_t doc : docs_) {
      const auto there = static_cast<uint8_t>(match_of(doc));
      matches_[doc] = std::max(matches_[doc], there);
      if (At(doc) != Match::kNone) docs_[kept++] = doc;
    }
    docs_.resize(kept);
  }

  Match At(uint32_t doc) const { return static_cast<Match>(matches_[doc]); }
  // In no order.
  const std::vector<uint32_t>& docs() const { return docs_; }

 private:
  // kNone of all that are not in `docs_`.
  std::vector<uint8_t> matches_;
  std::vector<uint32_t> docs_;
};

// Those that no search uses at the moment. Thread-safe.
class FoundPool {
 public:
  // Gives it back when it goes.
  class Lease {
   public:
    Lease(FoundPool& pool, size_t count);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Found& operator*() { return *found_; }
    Found* operator->() { return found_.get(); }

   private:
    FoundPool& pool_;
    std::unique_ptr<Found> found_;
  };

 private:
  base::Mutex mutex_;
  std::vector<std::unique_ptr<Found>> free_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_SEARCH_FOUND_H_
