#include "clients/cli/simulate/freshness_probe.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>

#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "tidemark/analytics/v1/analytics_service.grpc.pb.h"

namespace tidemark::simulate {
namespace {

constexpr absl::Duration kBetweenAsks = absl::Microseconds(500);
constexpr size_t kMostSeen = 10'000;

}  // namespace

struct FreshnessProbe::Impl {
  std::unique_ptr<analytics::v1::AnalyticsService::Stub> stub;
};

FreshnessProbe::FreshnessProbe(std::shared_ptr<grpc::Channel> channel, std::string token,
                               const base::Clock& clock)
    : impl_(new Impl{analytics::v1::AnalyticsService::NewStub(channel)}),
      token_(std::move(token)),
      clock_(clock),
      thread_([this] { Loop(); }) {}

FreshnessProbe::~FreshnessProbe() {
  stop_ = true;
  {
    base::MutexLock lock(mutex_);
    changed_.NotifyAll();
  }
  thread_.join();
}

void FreshnessProbe::OnAck(uint64_t log_size, int64_t acked_ns) {
  base::MutexLock lock(mutex_);
  waiting_.emplace_back(log_size, acked_ns);
  Settle();
}

absl::Status FreshnessProbe::Ask(uint64_t* folded) {
  grpc::ClientContext context;
  rpc::PrepareCall(&context, token_, absl::Seconds(10));
  analytics::v1::GetFoldStatusResponse response;
  const grpc::Status status =
      impl_->stub->GetFoldStatus(&context, analytics::v1::GetFoldStatusRequest(), &response);
  *folded = response.snapshot().log_size();
  return status::FromGrpcStatus(status);
}

void FreshnessProbe::Loop() {
  while (!stop_) {
    uint64_t folded = 0;
    const absl::Status asked = Ask(&folded);
    const int64_t now = clock_.MonotonicNanos();
    base::MutexLock lock(mutex_);
    last_failure_ = asked;
    if (asked.ok() && (seen_.empty() || folded > seen_.back().first)) {
      seen_.emplace_back(folded, now);
      if (seen_.size() > kMostSeen) seen_.pop_front();
      Settle();
    }
    if (!stop_) changed_.WaitFor(mutex_, asked.ok() ? kBetweenAsks : absl::Milliseconds(100));
  }
}

void FreshnessProbe::Settle() {
  // Batches of several clients are acknowledged out of order.
  for (auto ack = waiting_.begin(); ack != waiting_.end();) {
    const auto it = std::lower_bound(seen_.begin(), seen_.end(), std::pair(ack->first, INT64_MIN));
    if (it == seen_.end()) {
      ++ack;
      continue;
    }
    lags_.push_back(std::max<int64_t>(it->second - ack->second, 0));
    ack = waiting_.erase(ack);
  }
}

absl::Status FreshnessProbe::Drain(absl::Duration timeout) {
  const int64_t deadline = clock_.MonotonicNanos() + absl::ToInt64Nanoseconds(timeout);
  base::MutexLock lock(mutex_);
  while (!waiting_.empty()) {
    if (clock_.MonotonicNanos() >= deadline) {
      if (!last_failure_.ok()) return last_failure_;
      return absl::DeadlineExceededError("analytics has not caught up with the log");
    }
    changed_.WaitFor(mutex_, absl::Milliseconds(50));
  }
  return absl::OkStatus();
}

std::vector<int64_t> FreshnessProbe::Lags() const {
  base::MutexLock lock(mutex_);
  std::vector<int64_t> lags = lags_;
  std::sort(lags.begin(), lags.end());
  return lags;
}

}  // namespace tidemark::simulate
