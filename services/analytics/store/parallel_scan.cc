#include "services/analytics/store/parallel_scan.h"

#include <algorithm>
#include <atomic>
#include <new>
#include <utility>

#include "common/status/status_macros.h"
#include "services/analytics/store/run_together.h"

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

// Calls read(task) for the tasks that fall to a thread, until the query has to end.
template <typename Read>
void DoTasks(TaskParts& parts, size_t thread, QueryControl& control, Read read) {
  try {
    while (control.Continue()) {
      const Task* const task = parts.Next(thread);
      if (task == nullptr) return;
      read(*task);
    }
  } catch (const std::bad_alloc&) {  // at once, so that the other threads stop
    control.Fail(OutOfMemory());
  }
}

}  // namespace

size_t ParallelScan::Threads(const ScanPlan& plan) const {
  if (pool_ == nullptr || threads_ < 2) return 1;
  return std::min<size_t>(static_cast<size_t>(threads_),
                          1 + plan.rows() / plan.facts().limits.rows_per_thread);
}

absl::Status ParallelScan::Run(const ScanPlan& plan, const CellSpace& cells,
                               const std::vector<std::vector<Sink*>>& sinks) const {
  TaskParts parts(plan, sinks.size());
  QueryControl& control = plan.control();
  RunTogether(pool_, sinks.size(), [&](size_t thread) {
    BlockReader reader(plan, &cells);
    DoTasks(parts, thread, control, [&](const Task& task) {
      reader.Read(*task.unit, task.begin, task.end, sinks[thread]);
    });
  });
  return control.status();
}

void ParallelScan::Together(size_t threads, absl::FunctionRef<void(size_t)> work) const {
  RunTogether(pool_, threads, work);
}

void ParallelScan::Each(size_t threads, size_t count, QueryControl& control,
                        absl::FunctionRef<void(size_t)> work) const {
  std::atomic<size_t> next = 0;
  Together(threads, [&](size_t) {
    for (size_t i = next++; i < count && control.Continue(); i = next++) work(i);
  });
}

absl::StatusOr<CellNumbers> ParallelScan::FindCells(const ScanPlan& plan) const {
  const size_t threads = Threads(plan);
  TaskParts parts(plan, threads);
  QueryControl& control = plan.control();
  std::vector<CellNumbers> found(threads);
  std::vector<uint64_t> taken(threads);
  RunTogether(pool_, threads, [&](size_t thread) {
    BlockReader reader(plan, nullptr);
    DoTasks(parts, thread, control,
            [&](const Task& task) { reader.Read(*task.unit, task.begin, task.end, {}); });
    taken[thread] = reader.numbers_bytes();
    found[thread] = std::move(reader.numbers());
  });
  for (size_t thread = 1; thread < threads && !control.failed(); ++thread) {
    const uint64_t before = found[0].bytes();
    size_t merged = 0;
    for (uint64_t number : found[thread].numbers()) {
      if (++merged % kCellsPerLook == 0 && !control.Continue()) break;
      found[0].Add(number);
      if (found[0].size() > plan.query().max_cells) {
        control.Fail(TooManyCells(plan.query().max_cells));
        break;
      }
    }
    control.Take(found[0].bytes() - before);
    control.Give(taken[thread]);
    found[thread] = CellNumbers();
  }
  TM_RETURN_IF_ERROR(control.status());
  return std::move(found[0]);
}

}  // namespace tidemark::analytics
