#include "services/ingest/api/quarantine_intake.h"

#include <utility>

#include "clients/cpp/access/rpc_access.h"
#include "services/ingest/api/quarantine_convert.h"

namespace tidemark::ingest {
namespace {

// Memory of an event that waits, beside its bytes and message.
constexpr size_t kEventBytes = sizeof(RejectedEvents::Event) + 64;
// Sources whose dropped events are counted apart until the next Drain; nobody has so many.
constexpr size_t kMaxDropSources = 1000;

}  // namespace

void QuarantineIntake::CountDrop(const RejectedEvents& rejected,
                                 const RejectedEvents::Event& event) {
  std::string source = SourceForQuarantine(event.bytes, *rejected.view);
  if (!source.empty() && !access::MayUseSource(rejected.caller, rejected.method, source)) return;
  if (drops_.size() >= kMaxDropSources && !drops_.contains(source)) return;
  ++drops_[std::move(source)];
}

void QuarantineIntake::Take(RejectedEvents rejected) {
  base::MutexLock lock(mutex_);
  size_t kept = 0;
  for (const RejectedEvents::Event& event : rejected.events) {
    const size_t bytes = kEventBytes + event.bytes.size() + event.rejection.message.size();
    if (bytes_ + bytes > max_bytes_) break;
    bytes_ += bytes;
    ++kept;
  }
  for (size_t i = kept; i < rejected.events.size(); ++i) CountDrop(rejected, rejected.events[i]);
  rejected.events.erase(rejected.events.begin() + static_cast<std::ptrdiff_t>(kept),
                        rejected.events.end());
  if (kept > 0) waiting_.push_back(std::move(rejected));
}

void QuarantineIntake::Drain() {
  base::MutexLock draining(draining_);
  std::vector<RejectedEvents> taken;
  std::vector<QuarantineDrop> drops;
  {
    base::MutexLock lock(mutex_);
    taken.swap(waiting_);
    bytes_ = 0;
    for (const auto& [source, events] : drops_) drops.push_back({source, events});
    drops_.clear();
  }
  std::vector<QuarantineEntry> entries;
  for (RejectedEvents& rejected : taken) {
    EntriesOf(rejected, *pseudonym_key_, &entries);
    rejected.events = {};
  }
  if (!entries.empty() || !drops.empty()) sink_->Add(std::move(entries), std::move(drops));
}

}  // namespace tidemark::ingest
