#include "services/analytics/store/run_together.h"

#include <exception>
#include <memory>
#include <utility>

#include "common/base/mutex.h"

namespace tidemark::analytics {
namespace {

// Lets helpers join while the caller works. A helper that the pool starts too late finds the door
// closed, so that it may outlive the call.
class Helpers {
 public:
  bool Enter() {
    base::MutexLock lock(mutex_);
    if (closed_) return false;
    ++inside_;
    return true;
  }
  void Leave(std::exception_ptr error) {
    base::MutexLock lock(mutex_);
    if (error_ == nullptr) error_ = std::move(error);
    --inside_;
    left_.NotifyAll();
  }
  void CloseAndWait() {
    base::MutexLock lock(mutex_);
    closed_ = true;
    while (inside_ > 0) left_.Wait(mutex_);
  }
  // After CloseAndWait.
  std::exception_ptr error() const {
    base::MutexLock lock(mutex_);
    return error_;
  }

 private:
  mutable base::Mutex mutex_;
  base::CondVar left_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  int inside_ ABSL_GUARDED_BY(mutex_) = 0;
  std::exception_ptr error_ ABSL_GUARDED_BY(mutex_);
};

// However the caller leaves, `work` and what it uses must not be used after that.
class CloseOnExit {
 public:
  explicit CloseOnExit(Helpers& helpers) : helpers_(helpers) {}
  ~CloseOnExit() { helpers_.CloseAndWait(); }

 private:
  Helpers& helpers_;
};

}  // namespace

void RunTogether(base::Executor* pool, size_t threads, absl::FunctionRef<void(size_t)> work) {
  if (pool == nullptr || threads < 2) return work(0);
  const auto helpers = std::make_shared<Helpers>();
  {
    const CloseOnExit close(*helpers);
    for (size_t thread = 1; thread < threads; ++thread) {
      const bool posted = pool->TryPost([helpers, thread, work] {
        if (!helpers->Enter()) return;
        std::exception_ptr error;
        try {
          work(thread);
        } catch (...) {  // of memory, most likely: it belongs to the caller
          error = std::current_exception();
        }
        helpers->Leave(std::move(error));
      });
      if (!posted) break;  // a busy pool: the caller does it all
    }
    work(0);
  }
  if (const std::exception_ptr error = helpers->error()) std::rethrow_exception(error);
}

}  // namespace tidemark::analytics
