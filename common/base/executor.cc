#include "common/base/executor.h"

#include <pthread.h>

#include <thread>
#include <utility>
#include <vector>

#include "common/base/bounded_queue.h"
#include "common/base/mutex.h"

namespace tidemark::base {

struct ThreadPool::State {
  explicit State(size_t queue_limit) : queue(queue_limit) {}

  BoundedQueue<absl::AnyInvocable<void()>> queue;
  Mutex join_mutex;
  std::vector<std::thread> threads ABSL_GUARDED_BY(join_mutex);
};

ThreadPool::ThreadPool(Options options) : state_(std::make_unique<State>(options.queue_limit)) {
  MutexLock lock(state_->join_mutex);
  for (int i = 0; i < options.threads; ++i) {
    state_->threads.emplace_back([state = state_.get(), name = options.name.substr(0, 15)] {
      pthread_setname_np(pthread_self(), name.c_str());
      while (auto task = state->queue.Pop()) (*task)();
    });
  }
}

ThreadPool::~ThreadPool() { Shutdown(); }

bool ThreadPool::TryPost(absl::AnyInvocable<void()> task) {
  return state_->queue.TryPush(std::move(task));
}

void ThreadPool::Shutdown() {
  state_->queue.Close();
  // A second caller waits here until the first has joined.
  MutexLock lock(state_->join_mutex);
  for (std::thread& thread : state_->threads) thread.join();
  state_->threads.clear();
}

size_t ThreadPool::queued() const { return state_->queue.size(); }

}  // namespace tidemark::base
