#ifndef TIDEMARK_SERVICES_ANALYTICS_API_FOLD_WAITER_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_FOLD_WAITER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace tidemark::analytics {

// FoldWaiter: calls back when the fold has come far enough or patience is over, so that requests
// wait without holding a thread each.
//
// Thread-safe. Callbacks run on the waiter's own thread and must not block.
class FoldWaiter {
 public:
  // True: ready. Must be cheap and thread-safe; asked after every Notify() and once a millisecond.
  using Ready = std::function<bool()>;
  using Callback = absl::AnyInvocable<void(bool ready)>;

  struct Options {
    // Not owned.
    const base::Clock* clock = nullptr;
    // Who would be more, or hold more, is called back at once, as if its time were over.
    size_t limit = 10'000;
    size_t max_bytes = size_t{64} << 20;
  };
  explicit FoldWaiter(Options options);
  // Calls everybody back.
  ~FoldWaiter();

  // `bytes`: what is held for the caller while it waits.
  void Wait(Ready ready, absl::Duration patience, size_t bytes, Callback callback);
  // The fold has moved.
  void Notify();

 private:
  struct Waiting {
    Ready ready;
    Callback callback;
    int64_t until_nanos;
    size_t bytes;
  };
  void Run();

  const Options options_;
  base::Mutex mutex_;
  base::CondVar changed_;
  std::vector<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  // Of all that wait, those included that Run() is asking.
  size_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_FOLD_WAITER_H_
