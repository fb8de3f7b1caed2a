#ifndef TIDEMARK_SERVICES_INGEST_TESTING_FAKE_VIEW_SOURCE_H_
#define TIDEMARK_SERVICES_INGEST_TESTING_FAKE_VIEW_SOURCE_H_

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "common/base/mutex.h"
#include "services/ingest/domain/view_source.h"

namespace tidemark::ingest {

// The view that the test says. Thread-safe.
class FakeViewSource final : public ViewSource {
 public:
  using Answer = absl::StatusOr<std::shared_ptr<const catalog_client::CatalogView>>;

  explicit FakeViewSource(Answer answer) : answer_(std::move(answer)) {}

  void Set(Answer answer) {
    base::MutexLock lock(mutex_);
    answer_ = std::move(answer);
  }
  // Given once, before the answer that was set.
  void SetOnce(Answer answer) {
    base::MutexLock lock(mutex_);
    once_.push_back(std::move(answer));
  }
  // Called by every View(), which waits for it.
  void SetHook(std::function<void()> hook) {
    base::MutexLock lock(mutex_);
    hook_ = std::move(hook);
  }
  void SetReachable(bool reachable) {
    base::MutexLock lock(mutex_);
    reachable_ = reachable;
  }

  Answer View() const override {
    std::function<void()> hook;
    {
      base::MutexLock lock(mutex_);
      hook = hook_;
    }
    if (hook) hook();
    base::MutexLock lock(mutex_);
    if (once_.empty()) return answer_;
    Answer answer = std::move(once_.front());
    once_.pop_front();
    return answer;
  }
  bool reachable() const override {
    base::MutexLock lock(mutex_);
    return reachable_;
  }

 private:
  mutable base::Mutex mutex_;
  Answer answer_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> hook_ ABSL_GUARDED_BY(mutex_);
  mutable std::deque<Answer> once_ ABSL_GUARDED_BY(mutex_);
  bool reachable_ ABSL_GUARDED_BY(mutex_) = true;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_TESTING_FAKE_VIEW_SOURCE_H_
