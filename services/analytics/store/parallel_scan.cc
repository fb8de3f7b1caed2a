#include "services/analytics/store/parallel_scan.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>

#include "common/base/mutex.h"

namespace tidemark::analytics {
namespace {

struct Task {
  const ScanUnit* unit;
  uint32_t begin, end;
};

// Tasks in one part per thread, about equal in rows. A thread takes from its own part first, so
// that neighbouring months, and so the memory of their cells, stay with one thread.
class TaskParts {
 public:
  TaskParts(const ScanPlan& plan, size_t parts) : parts_(parts) {
    const uint64_t per_part = plan.rows() / parts + 1;
    uint64_t rows = 0;
    for (const ScanUnit& unit : plan.units()) {
      for (const RowRange& range : unit.ranges) {
        for (uint64_t begin = range.begin; begin < range.end;) {
          const uint64_t end =
              std::min<uint64_t>(range.end, begin + plan.facts().limits.rows_per_task);
          parts_[std::min<size_t>(rows / per_part, parts - 1)].tasks.push_back(
              {&unit, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)});
          rows += end - begin;
          begin = end;
        }
      }
    }
  }

  const Task* Next(size_t thread) {
    for (size_t i = 0; i < parts_.size(); ++i) {
      Part& part = parts_[(thread + i) % parts_.size()];
      const size_t next = part.next.fetch_add(1, std::memory_order_relaxed);
      if (next < part.tasks.size()) return &part.tasks[next];
    }
    return nullptr;
  }

 private:
  struct Part {
    std::vector<Task> tasks;
    std::atomic<size_t> next = 0;
  };
  std::vector<Part> parts_;
};

// Lets helpers join while the caller works. A helper that the pool starts too late finds the door
// closed.
class Helpers {
 public:
  bool Enter() {
    base::MutexLock lock(mutex_);
    if (closed_) return false;
    ++inside_;
    return true;
  }
  void Leave() {
    base::MutexLock lock(mutex_);
    --inside_;
    left_.NotifyAll();
  }
  void CloseAndWait() {
    base::MutexLock lock(mutex_);
    closed_ = true;
    while (inside_ > 0) left_.Wait(mutex_);
  }

 private:
  base::Mutex mutex_;
  base::CondVar left_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  int inside_ ABSL_GUARDED_BY(mutex_) = 0;
};

void RunOnThreads(base::Executor* pool, size_t threads, const std::function<void(size_t)>& work) {
  const auto helpers = std::make_shared<Helpers>();
  for (size_t thread = 1; thread < threads; ++thread) {
    const bool posted = pool->TryPost([helpers, thread, &work] {
      // `work` is alive for as long as a helper may enter.
      if (!helpers->Enter()) return;
      work(thread);
      helpers->Leave();
    });
    if (!posted) break;  // a busy pool: the caller does it all
  }
  work(0);
  helpers->CloseAndWait();
}

}  // namespace

size_t ParallelScan::Threads(const ScanPlan& plan) const {
  if (pool_ == nullptr || threads_ < 2) return 1;
  return std::min<size_t>(static_cast<size_t>(threads_),
                          1 + plan.rows() / plan.facts().limits.rows_per_thread);
}

void ParallelScan::Run(const ScanPlan& plan, const CellSpace& cells,
                       const std::vector<std::vector<Sink*>>& sinks) const {
  TaskParts parts(plan, sinks.size());
  RunOnThreads(pool_, sinks.size(), [&](size_t thread) {
    BlockReader reader(plan, &cells);
    while (const Task* task = parts.Next(thread)) {
      reader.Read(*task->unit, task->begin, task->end, sinks[thread]);
    }
  });
}

CellNumbers ParallelScan::FindCells(const ScanPlan& plan) const {
  const size_t threads = Threads(plan);
  TaskParts parts(plan, threads);
  std::vector<CellNumbers> found(threads);
  RunOnThreads(pool_, threads, [&](size_t thread) {
    BlockReader reader(plan, nullptr);
    while (const Task* task = parts.Next(thread))
      reader.Read(*task->unit, task->begin, task->end, {});
    found[thread] = std::move(reader.numbers());
  });
  for (size_t thread = 1; thread < threads; ++thread) {
    for (uint64_t number : found[thread].numbers()) found[0].Add(number);
  }
  return std::move(found[0]);
}

}  // namespace tidemark::analytics
