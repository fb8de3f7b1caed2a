#ifndef TIDEMARK_SERVICES_CATALOG_SEARCH_INDEX_CHANGES_H_
#define TIDEMARK_SERVICES_CATALOG_SEARCH_INDEX_CHANGES_H_

#include <atomic>
#include <cstddef>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "common/base/mutex.h"
#include "services/catalog/domain/resource.h"
#include "services/catalog/search/hit_order.h"
#include "services/catalog/search/terms.h"

namespace tidemark::catalog {

// What a change does to the index, worked out before it is done.
struct IndexChange {
  const Change* change = nullptr;
  HitOrder order;
  std::vector<Term> added;
  std::vector<Term> removed;
};

// Works out what changes do to the index; tokens are left out. The terms of a resource cost about
// as much as putting them into the index, so a second thread works on many changes beside the one
// that takes them. One caller.
class IndexChanges {
 public:
  // Has worked out all of few changes, or the first half of many.
  explicit IndexChanges(std::span<const Change> changes);
  ~IndexChanges();
  IndexChanges(const IndexChanges&) = delete;
  IndexChanges& operator=(const IndexChanges&) = delete;

  // In order. Waits for what is not worked out yet.
  void ForEach(absl::FunctionRef<void(IndexChange&)> take);

 private:
  // Works on the next slice; false when there is none below `end`.
  bool WorkBelow(size_t end);
  void WaitFor(size_t slice);

  const std::span<const Change> changes_;
  std::vector<std::vector<IndexChange>> slices_;
  std::atomic<size_t> next_ = 0;
  base::Mutex mutex_;
  base::CondVar worked_;
  std::vector<bool> done_ ABSL_GUARDED_BY(mutex_);
  std::optional<std::thread> helper_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_SEARCH_INDEX_CHANGES_H_
