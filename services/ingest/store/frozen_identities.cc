#include "services/ingest/store/frozen_identities.h"

#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

constexpr int kLongestRetry = 256;
constexpr absl::Duration kRetireEvery = absl::Milliseconds(100);
// Repairing goes on beside a full table and another pending, so it takes a part of a table only.
constexpr uint64_t kRepairShare = 4;
// Merging can wait for whatever else wants a processor.
constexpr int kMergerNice = 10;

bool Within(const IdentityRunName& inner, const IdentityRunName& outer) {
  return outer.begin_leaf <= inner.begin_leaf && inner.end_leaf <= outer.end_leaf;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FrozenIdentities>> FrozenIdentities::Open(Options options,
                                                                         uint64_t log_end) {
  auto frozen = std::unique_ptr<FrozenIdentities>(new FrozenIdentities(std::move(options)));
  TM_RETURN_IF_ERROR(frozen->folder_.Make());
  TM_ASSIGN_OR_RETURN(IdentityRunFolder::Contents contents, frozen->folder_.Read(log_end));
  for (const std::string& problem : contents.problems) {
    log::Warn("a file of identities is damaged and made again from the log", {{"error", problem}});
  }
  // For good: a run of leaves that are lost must not come back when there are others.
  TM_RETURN_IF_ERROR(frozen->folder_.RemoveAll(contents.useless));
  TM_RETURN_IF_ERROR(frozen->FillAtOpen(log_end, std::move(contents.views), contents.gaps));
  frozen->freezer_ = std::thread([f = frozen.get()] { f->RunFreezer(); });
  frozen->merger_ = std::thread([f = frozen.get()] { f->RunMerger(); });
  return frozen;
}

FrozenIdentities::FrozenIdentities(Options options)
    : options_(std::move(options)),
      folder_(options_.folder),
      runs_(std::make_shared<IdentityRunSet>()) {}

FrozenIdentities::~FrozenIdentities() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  if (freezer_.joinable()) freezer_.join();
  if (merger_.joinable()) merger_.join();
}

absl::Status FrozenIdentities::FillAtOpen(uint64_t log_end, Views views,
                                          const std::vector<IdentityRunName>& gaps) {
  std::vector<IdentityRunName> missing = gaps;
  const uint64_t end = views.empty() ? 0 : views.back().run->name().end_leaf;
  // What is behind the last run and fits into a table stays in memory.
  const uint64_t tables = (log_end - end) / options_.table_entries;
  if (tables > 0) missing.push_back({end, end + tables * options_.table_entries});
  for (const IdentityRunName& leaves : missing) {
    log::Info("identities are read from the log and put on disk",
              {{"first_leaf", leaves.begin_leaf}, {"end_leaf", leaves.end_leaf}});
    TM_ASSIGN_OR_RETURN(Views made, MakeAgain(leaves, options_.table_entries));
    std::move(made.begin(), made.end(), std::back_inserter(views));
  }
  base::MutexLock lock(mutex_);
  const auto old = Publish(std::move(views));
  return absl::OkStatus();
}

absl::StatusOr<FrozenIdentities::Views> FrozenIdentities::MakeAgain(
    const IdentityRunName& leaves, uint64_t entries_at_once) const {
  Views views;
  for (uint64_t begin = leaves.begin_leaf; begin < leaves.end_leaf && !Stopping();) {
    const uint64_t end = std::min(begin + entries_at_once, leaves.end_leaf);
    IdentityTable table(SIZE_MAX, end - begin);
    TM_RETURN_IF_ERROR(options_.read_log(begin, end, &table));
    TM_ASSIGN_OR_RETURN(IdentityRunView view, folder_.Write(table, {begin, end}, stopping_));
    views.push_back(std::move(view));
    begin = end;
  }
  if (Stopping()) return absl::CancelledError("stopping");
  return views;
}

FrozenIdentities::View FrozenIdentities::view() const {
  base::MutexLock lock(mutex_);
  return {.runs = runs_, .pending = pending_, .failure = failure_};
}

size_t FrozenIdentities::retired_bytes() const {
  base::MutexLock lock(mutex_);
  size_t bytes = 0;
  for (const auto& table : retired_) bytes += table->bytes();
  return bytes;
}

void FrozenIdentities::Freeze(std::shared_ptr<IdentityTable> table, uint64_t end_leaf) {
  {
    base::MutexLock lock(mutex_);
    pending_ = std::move(table);
    pending_end_ = end_leaf;
  }
  changed_.NotifyAll();
}

void FrozenIdentities::BecameDurable(uint64_t end_leaf) {
  {
    base::MutexLock lock(mutex_);
    const bool could_before = CanFreeze();
    durable_end_ = end_leaf;
    if (could_before || !CanFreeze()) return;
  }
  changed_.NotifyAll();
}

void FrozenIdentities::ReportDamage(std::shared_ptr<const IdentityRun> run,
                                    const absl::Status& why) {
  {
    base::MutexLock lock(mutex_);
    if (std::find(damaged_.begin(), damaged_.end(), run) != damaged_.end()) return;
    damaged_.push_back(std::move(run));
  }
  log::Error("a file of identities is damaged and made again from the log", {{"error", why}});
  changed_.NotifyAll();
}

absl::Status FrozenIdentities::WaitUntilRepaired() {
  base::MutexLock lock(mutex_);
  while (!damaged_.empty()) {
    TM_RETURN_IF_ERROR(repair_failure_);
    changed_.WaitFor(mutex_, absl::Milliseconds(10));
  }
  return absl::OkStatus();
}

absl::Status FrozenIdentities::WaitUntilIdle() {
  base::MutexLock lock(mutex_);
  while (CanFreeze() || !damaged_.empty() || merger_busy_ || !RunsToMerge().empty()) {
    TM_RETURN_IF_ERROR(failure_);
    TM_RETURN_IF_ERROR(repair_failure_);
    TM_RETURN_IF_ERROR(merge_failure_);
    changed_.WaitFor(mutex_, absl::Milliseconds(1));
  }
  return absl::OkStatus();
}

std::shared_ptr<const IdentityRunSet> FrozenIdentities::Publish(Views views) {
  std::sort(views.begin(), views.end(), [](const IdentityRunView& a, const IdentityRunView& b) {
    const IdentityRunName x = a.run->name();
    const IdentityRunName y = b.run->name();
    return x.begin_leaf != y.begin_leaf ? x.begin_leaf < y.begin_leaf : x.end_leaf > y.end_leaf;
  });
  return std::exchange(runs_, std::make_shared<IdentityRunSet>(std::move(views)));
}

bool FrozenIdentities::CanFreeze() const {
  return pending_ != nullptr && durable_end_ >= pending_end_;
}

std::vector<std::shared_ptr<IdentityTable>> FrozenIdentities::TakeRetired() {
  const auto unused = std::partition(retired_.begin(), retired_.end(),
                                     [](const auto& table) { return table.use_count() > 1; });
  std::vector<std::shared_ptr<IdentityTable>> taken(std::make_move_iterator(unused),
                                                    std::make_move_iterator(retired_.end()));
  retired_.erase(unused, retired_.end());
  return taken;
}

void FrozenIdentities::WaitToRetry(absl::Duration delay, bool until_damage) {
  using std::chrono::steady_clock;
  const auto end = steady_clock::now() + absl::ToChronoNanoseconds(delay);
  while (!Stopping() && !(until_damage && !damaged_.empty())) {
    const auto left = end - steady_clock::now();
    if (left <= left.zero()) return;
    changed_.WaitFor(mutex_, absl::FromChrono(left));
  }
}

void FrozenIdentities::RunFreezer() {
  ::pthread_setname_np(::pthread_self(), "id-freezer");
  base::MutexLock lock(mutex_);
  while (!Stopping()) {
    if (auto unused = TakeRetired(); !unused.empty()) {
      mutex_.Unlock();
      unused.clear();
      mutex_.Lock();
      continue;
    }
    if (!CanFreeze()) {
      if (retired_.empty()) {
        changed_.Wait(mutex_);
      } else {
        changed_.WaitFor(mutex_, kRetireEvery);
      }
      continue;
    }
    const std::shared_ptr<IdentityTable> table = pending_;
    mutex_.Unlock();
    const absl::Status written = FreezePending(*table);
    mutex_.Lock();
    if (!written.ok()) {
      if (failure_.ok() && !Stopping()) {
        log::Error("identities cannot be moved from memory to disk; it is tried again",
                   {{"error", written}});
      }
      failure_ = written;
      WaitToRetry(options_.retry_after, /*until_damage=*/false);
    }
  }
}

// Publishes the table's run and lets the table go, in one step.
absl::Status FrozenIdentities::FreezePending(const IdentityTable& table) {
  const uint64_t begin = view().runs->end_leaf();
  Views written;
  if (table.size() > 0) {
    TM_ASSIGN_OR_RETURN(IdentityRunView view,
                        folder_.Write(table, {begin, table.EndLeaf()}, stopping_));
    written.push_back(std::move(view));
  }
  std::shared_ptr<const IdentityRunSet> old;
  {
    base::MutexLock lock(mutex_);
    Views views = runs_->views();
    std::move(written.begin(), written.end(), std::back_inserter(views));
    old = Publish(std::move(views));
    retired_.push_back(std::move(pending_));
    failure_ = absl::OkStatus();
  }
  changed_.NotifyAll();
  return absl::OkStatus();
}

// As the digits of a binary number: each run is larger than all behind it together, so that N
// tables are in at most log2(N) + 1 runs and every entry was written as often.
FrozenIdentities::Views FrozenIdentities::RunsToMerge() const {
  const Views& views = runs_->views();
  uint64_t behind = 0;
  size_t first = views.size();
  for (size_t i = views.size(); i-- > 0;) {
    if (behind > 0 && views[i].run->entries() <= behind) first = i;
    behind += views[i].run->entries();
  }
  return {views.begin() + static_cast<ptrdiff_t>(first), views.end()};
}

void FrozenIdentities::RunMerger() {
  ::pthread_setname_np(::pthread_self(), "id-merger");
  // Of this thread only, on Linux.
  ::setpriority(PRIO_PROCESS, 0, kMergerNice);
  absl::Duration delay = options_.retry_after;
  base::MutexLock lock(mutex_);
  while (!Stopping()) {
    const auto damaged = damaged_.empty() ? nullptr : damaged_.front();
    const Views views = RunsToMerge();
    if (damaged == nullptr && views.empty()) {
      changed_.Wait(mutex_);
      continue;
    }
    merger_busy_ = true;
    mutex_.Unlock();
    const absl::Status done = damaged != nullptr ? Repair(*damaged) : MergeRuns(views);
    mutex_.Lock();
    merger_busy_ = false;
    if (damaged != nullptr && done.ok()) damaged_.erase(damaged_.begin());
    absl::Status& failure = damaged != nullptr ? repair_failure_ : merge_failure_;
    const bool first = failure.ok();
    failure = done;
    if (done.ok()) {
      changed_.NotifyAll();
      delay = options_.retry_after;
      continue;
    }
    if (first && !Stopping()) {
      log::Warn("identities on disk could not be merged or repaired; it is tried again",
                {{"error", done}});
    }
    WaitToRetry(delay, /*until_damage=*/damaged == nullptr);
    delay = std::min(2 * delay, kLongestRetry * options_.retry_after);
  }
}

// The filters of the new run are read part by part while those of the old ones are let go, so that
// both are never in memory.
absl::Status FrozenIdentities::MergeRuns(const Views& views) {
  auto merged = folder_.Merge(views, stopping_);
  if (absl::IsDataLoss(merged.status())) {
    for (const IdentityRunView& view : views) {
      if (std::string_view(merged.status().message()).starts_with(view.run->path())) {
        ReportDamage(view.run, merged.status());
      }
    }
  }
  TM_RETURN_IF_ERROR(merged.status());
  IdentityRunView view{.run = *std::move(merged)};
  const IdentityRunName name = view.run->name();
  for (size_t part = 0; part < kIdentityRunParts; ++part) {
    auto filter = view.run->ReadFilter(part);
    if (!filter.ok()) {
      // The parts before are asked for in the new run already; a repair replaces them all.
      ReportDamage(view.run, filter.status());
      return filter.status();
    }
    view.filters[part] = *std::move(filter);
    std::shared_ptr<const IdentityRunSet> before;
    base::MutexLock lock(mutex_);
    Views now;
    for (const IdentityRunView& other : runs_->views()) {
      if (other.run == view.run) continue;
      now.push_back(other);
      if (Within(other.run->name(), name)) now.back().filters[part] = nullptr;
    }
    if (part + 1 == kIdentityRunParts) {
      std::erase_if(now, [&](const auto& other) { return Within(other.run->name(), name); });
    }
    now.push_back(view);
    before = Publish(std::move(now));
  }
  for (const IdentityRunView& old : views) folder_.TryRemove(old.run->name().ToString());
  return absl::OkStatus();
}

absl::Status FrozenIdentities::Repair(const IdentityRun& run) {
  const IdentityRunName name = run.name();
  const auto runs = view().runs;
  // Replaced meanwhile by one that was merged of it.
  if (std::none_of(runs->views().begin(), runs->views().end(),
                   [&run](const auto& view) { return view.run.get() == &run; })) {
    return absl::OkStatus();
  }
  TM_ASSIGN_OR_RETURN(
      const Views made,
      MakeAgain(name, std::max<uint64_t>(options_.table_entries / kRepairShare, 1)));
  std::vector<IdentityRunName> replaced;
  std::shared_ptr<const IdentityRunSet> before;
  {
    base::MutexLock lock(mutex_);
    Views now = made;
    for (const IdentityRunView& other : runs_->views()) {
      if (Within(other.run->name(), name)) {
        replaced.push_back(other.run->name());
      } else {
        now.push_back(other);
      }
    }
    before = Publish(std::move(now));
  }
  for (const IdentityRunName& old : replaced) {
    // Unless it has the name of one that was made just now.
    const bool again = std::any_of(made.begin(), made.end(), [&old](const auto& view) {
      return view.run->name().ToString() == old.ToString();
    });
    if (!again) folder_.TryRemove(old.ToString());
  }
  log::Info("the damaged file of identities was made again", {{"path", run.path()}});
  return absl::OkStatus();
}

}  // namespace tidemark::ingest
