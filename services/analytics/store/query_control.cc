#include "services/analytics/store/query_control.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace tidemark::analytics {
namespace {

constexpr char kNarrow[] =
    "take a shorter range, more filters, fewer dimensions or a higher level of them, or leave out "
    "consumers, new_consumers, orders and quantiles";

uint64_t MebiBytes(uint64_t bytes) { return bytes >> 20; }

// False: `used` would pass `limit`.
bool Add(uint64_t bytes, uint64_t limit, std::atomic<uint64_t>* used) {
  uint64_t before = used->load(std::memory_order_relaxed);
  do {
    if (bytes > limit || before > limit - bytes) return false;
  } while (!used->compare_exchange_weak(before, before + bytes, std::memory_order_relaxed));
  return true;
}

}  // namespace

bool MemoryBudget::Take(uint64_t bytes) { return Add(bytes, bytes_, &used_); }

bool QueryControl::Continue() {
  if (failed()) return false;
  if (!stop_) return true;
  absl::Status status = stop_();
  if (status.ok()) return true;
  Fail(std::move(status));
  return false;
}

bool QueryControl::Take(uint64_t bytes) {
  if (!Add(bytes, query_bytes_, &used_)) {
    Fail(absl::ResourceExhaustedError(absl::StrCat("the query needs more than the ",
                                                   MebiBytes(query_bytes_),
                                                   " MiB of memory that one may use: ", kNarrow)));
    return false;
  }
  if (all_->Take(bytes)) return true;
  used_.fetch_sub(bytes, std::memory_order_relaxed);
  Fail(absl::ResourceExhaustedError(
      absl::StrCat("the queries that run at the moment use the ", MebiBytes(all_->bytes()),
                   " MiB of memory set aside for them: ask again later, or ", kNarrow)));
  return false;
}

void QueryControl::Give(uint64_t bytes) {
  used_.fetch_sub(bytes, std::memory_order_relaxed);
  all_->Give(bytes);
}

void QueryControl::Fail(absl::Status status) {
  base::MutexLock lock(mutex_);
  if (!status_.ok()) return;
  status_ = std::move(status);
  failed_.store(true, std::memory_order_release);
}

absl::Status QueryControl::status() const {
  base::MutexLock lock(mutex_);
  return status_;
}

absl::Status TooManyCells(uint64_t max_cells) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the answer has more than ", max_cells, " cells: narrow the query"));
}

absl::Status OutOfMemory() {
  return absl::ResourceExhaustedError(
      absl::StrCat("the system has no memory left for the query: ask again later, or ", kNarrow));
}

}  // namespace tidemark::analytics
