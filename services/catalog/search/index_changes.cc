#include "services/catalog/search/index_changes.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "services/catalog/domain/names.h"

namespace tidemark::catalog {
namespace {

// Some 10 ms of work.
constexpr size_t kSlice = 256;
// From so many slices on, a thread is worth its start.
constexpr size_t kManySlices = 4;

IndexChange WorkOut(const Change& change) {
  IndexChange out;
  out.change = &change;
  if (change.after != nullptr) {
    out.order = OrderOf(*change.after);
    out.added = TermsOf(*change.after);
  }
  if (change.before == nullptr) return out;
  const std::vector<Term> before = TermsOf(*change.before);
  std::set_difference(before.begin(), before.end(), out.added.begin(), out.added.end(),
                      std::back_inserter(out.removed));
  std::vector<Term> added;
  std::set_difference(std::make_move_iterator(out.added.begin()),
                      std::make_move_iterator(out.added.end()), before.begin(), before.end(),
                      std::back_inserter(added));
  out.added = std::move(added);
  return out;
}

}  // namespace

IndexChanges::IndexChanges(std::span<const Change> changes)
    : changes_(changes),
      slices_((changes.size() + kSlice - 1) / kSlice),
      done_(slices_.size(), false) {
  const bool many = slices_.size() >= kManySlices;
  if (many) {
    helper_.emplace([this] {
      while (WorkBelow(slices_.size())) {
      }
    });
  }
  while (WorkBelow(many ? slices_.size() / 2 : slices_.size())) {
  }
}

IndexChanges::~IndexChanges() {
  if (helper_) helper_->join();
}

bool IndexChanges::WorkBelow(size_t end) {
  size_t slice = next_.load(std::memory_order_relaxed);
  do {
    if (slice >= end) return false;
  } while (!next_.compare_exchange_weak(slice, slice + 1, std::memory_order_relaxed));
  const std::span<const Change> part =
      changes_.subspan(slice * kSlice, std::min(kSlice, changes_.size() - slice * kSlice));
  std::vector<IndexChange>& out = slices_[slice];
  out.reserve(part.size());
  for (const Change& change : part) {
    if (ParseName(change.name)->type != Type::kToken) out.push_back(WorkOut(change));
  }
  base::MutexLock lock(mutex_);
  done_[slice] = true;
  worked_.NotifyAll();
  return true;
}

void IndexChanges::WaitFor(size_t slice) {
  base::MutexLock lock(mutex_);
  while (!done_[slice]) worked_.Wait(mutex_);
}

void IndexChanges::ForEach(absl::FunctionRef<void(IndexChange&)> take) {
  for (size_t i = 0; i < slices_.size(); ++i) {
    WaitFor(i);
    for (IndexChange& change : slices_[i]) take(change);
    // What was taken needs no memory while the rest is.
    slices_[i] = {};
  }
}

}  // namespace tidemark::catalog
