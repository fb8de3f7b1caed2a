#ifndef TIDEMARK_COMMON_BASE_EXECUTOR_H_
#define TIDEMARK_COMMON_BASE_EXECUTOR_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"

namespace tidemark::base {

// Runs tasks somewhere else. Thread-safe. Blocking work belongs here, never on gRPC's threads.
class Executor {
 public:
  virtual ~Executor() = default;
  // False: full or shut down; `task` was destroyed without being run.
  [[nodiscard]] virtual bool TryPost(absl::AnyInvocable<void()> task) = 0;
};

// A fixed number of threads behind one bounded first-in-first-out queue.
//
//   ThreadPool pool({.name = "store", .threads = 2, .queue_limit = 1024});
//   if (!pool.TryPost([] { ... })) { /* tell the caller to come back later */ }
class ThreadPool final : public Executor {
 public:
  struct Options {
    // Thread name; the first 15 bytes show in `top -H`.
    std::string name;
    int threads = 1;
    // Tasks waiting, without those running.
    size_t queue_limit = 1024;
  };
  explicit ThreadPool(Options options);
  // Calls Shutdown().
  ~ThreadPool() override;

  bool TryPost(absl::AnyInvocable<void()> task) override;
  // Refuses new tasks, runs those accepted, joins the threads. May be called more than once,
  // but never by a task of this pool.
  void Shutdown();
  size_t queued() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_EXECUTOR_H_
