#include "services/ingest/store/checkpointer.h"

#include <utility>

#include "clients/cpp/ledger/checkpoint.h"
#include "common/log/log.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {

Checkpointer::Checkpointer(Options options)
    : options_(std::move(options)), newest_(options_.newest) {
  if (options_.interval > absl::ZeroDuration()) thread_ = std::thread([this] { Run(); });
}

Checkpointer::~Checkpointer() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  stop_.NotifyAll();
  if (!thread_.joinable()) return;
  thread_.join();
  const absl::Status last = Sign();
  if (!last.ok()) log::Error("the last checkpoint was not stored", {{"error", last}});
}

absl::Status Checkpointer::Sign() {
  base::MutexLock one_at_a_time(signing_);
  const LogHead head = options_.head();
  {
    base::MutexLock lock(mutex_);
    if (head.size() == (newest_.has_value() ? newest_->size : 0)) return absl::OkStatus();
  }
  StoredCheckpoint next{
      .size = head.size(), .root = head.tree.Root(), .accepted_time_us = head.accepted_time_us};
  TM_ASSIGN_OR_RETURN(next.note,
                      ledger::SignCheckpoint({.origin = options_.signer.verifier().name(),
                                              .size = next.size,
                                              .root = next.root,
                                              .accepted_time_us = next.accepted_time_us},
                                             options_.signer));
  TM_RETURN_IF_ERROR(options_.folder->WriteCheckpoint(next.note));
  base::MutexLock lock(mutex_);
  newest_ = std::move(next);
  return absl::OkStatus();
}

absl::StatusOr<StoredCheckpoint> Checkpointer::Newest() {
  {
    base::MutexLock lock(mutex_);
    if (newest_.has_value()) return *newest_;
  }
  TM_RETURN_IF_ERROR(Sign());
  base::MutexLock lock(mutex_);
  if (newest_.has_value()) return *newest_;
  return absl::NotFoundError("the log is empty, so it has no checkpoint yet; submit events first");
}

void Checkpointer::Run() {
  bool failing = false;
  while (true) {
    {
      base::MutexLock lock(mutex_);
      if (!stopping_) stop_.WaitFor(mutex_, options_.interval);
      if (stopping_) return;
    }
    const absl::Status signed_now = Sign();
    // Once per change, not every second.
    if (!signed_now.ok() && !failing) {
      log::Error("a checkpoint could not be stored; the last one stays in force",
                 {{"error", signed_now}});
    }
    failing = !signed_now.ok();
  }
}

}  // namespace tidemark::ingest
