#include "clients/cli/simulate/simulator.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::simulate {
namespace {

constexpr int64_t kNapNs = 2'000'000;

}  // namespace

uint64_t SimulationResult::answered() const {
  uint64_t sum = accepted + duplicates + conflicts;
  for (const auto& [reason, count] : rejected) sum += count;
  return sum;
}

double SimulationResult::Rate(double from) const {
  if (acks.empty()) return 0;
  const auto skip = static_cast<uint64_t>(static_cast<double>(answered()) * from);
  uint64_t seen = 0;
  int64_t start = started_ns;
  uint64_t counted = 0;
  for (const auto& [time, events] : acks) {
    seen += events;
    if (seen <= skip) {
      start = time;
    } else {
      counted += events;
    }
  }
  const double seconds = static_cast<double>(acks.back().first - start) / 1e9;
  return seconds > 0 ? static_cast<double>(counted) / seconds : 0;
}

Simulator::Simulator(const cli::Terminal& terminal, const EventStream& events, Options options)
    : terminal_(terminal),
      events_(events),
      options_(std::move(options)),
      progress_(terminal, "events", options_.quiet) {}

absl::Status Simulator::Run() {
  if (options_.prepare) TM_RETURN_IF_ERROR(Prepare());
  started_ns_ = terminal_.clock.MonotonicNanos();
  std::vector<absl::Status> statuses(options_.clients);
  std::vector<std::thread> threads;
  for (int i = 0; i < options_.clients; ++i) {
    threads.emplace_back([this, i, &statuses] {
      statuses[i] = RunClient(options_.submit[i]);
      if (!statuses[i].ok()) failed_ = true;
    });
  }
  for (std::thread& thread : threads) thread.join();
  base::MutexLock lock(mutex_);
  progress_.Finish();
  result_.started_ns = started_ns_;
  // The one that failed by itself, rather than those that stopped because of it.
  absl::Status failure;
  for (const absl::Status& status : statuses) {
    if (failure.ok() || (absl::IsCancelled(failure) && !status.ok())) failure = status;
  }
  return failure;
}

SimulationResult Simulator::result() const {
  base::MutexLock lock(mutex_);
  SimulationResult result = result_;
  // Each client tells of its batches in order; the clients' are mixed.
  std::sort(result.acks.begin(), result.acks.end());
  return result;
}

absl::Status Simulator::RunClient(const submit::EventSubmitter::Options& submit) {
  submit::EventSubmitter::Options options = submit;
  options.on_batch = [this](const submit::BatchReport& report) { OnBatch(report); };
  options.on_retry = [this](const absl::Status& failure) {
    base::MutexLock lock(mutex_);
    progress_.Note(absl::StrCat("trying again: ", failure.message()));
  };
  options.interrupted = [this] { return Stopped(); };
  submit::EventSubmitter submitter(std::move(options));
  submit::EventWriter writer;
  submit::ColumnBatch batch;
  const uint64_t events = events_.events();
  while (true) {
    const uint64_t first = next_.fetch_add(options_.block);
    if (first >= events) break;
    TM_RETURN_IF_ERROR(WaitForTurn(first, submitter));
    if (Stopped()) return absl::CancelledError("stopped");
    const uint64_t end = std::min(events, first + options_.block);
    TM_RETURN_IF_ERROR(options_.columns ? AddColumns(first, end, submitter, batch)
                                        : AddRows(first, end, submitter, writer));
  }
  return submitter.Close();
}

absl::Status Simulator::AddRows(uint64_t first, uint64_t end, submit::EventSubmitter& submitter,
                                submit::EventWriter& writer) const {
  for (uint64_t index = first; index < end; ++index) {
    TM_RETURN_IF_ERROR(submitter.AddSerialized(index, EventBytes(index, writer)));
  }
  return absl::OkStatus();
}

absl::Status Simulator::AddColumns(uint64_t first, uint64_t end, submit::EventSubmitter& submitter,
                                   submit::ColumnBatch& batch) const {
  std::vector<uint64_t> records(end - first);
  std::iota(records.begin(), records.end(), first);
  if (!prepared_columns_.empty()) {
    return submitter.AddColumns(std::move(records), prepared_columns_[first / options_.block]);
  }
  return submitter.AddColumns(std::move(records), ColumnsOf(first, end, batch));
}

std::string Simulator::ColumnsOf(uint64_t first, uint64_t end, submit::ColumnBatch& batch) const {
  for (uint64_t index = first; index < end; ++index) events_.Append(index, batch);
  return batch.Finish();
}

absl::Status Simulator::Prepare() {
  const uint64_t events = events_.events();
  if (options_.columns) {
    submit::ColumnBatch batch;
    for (uint64_t first = 0; first < events; first += options_.block) {
      if (Stopped()) return absl::CancelledError("stopped");
      prepared_columns_.push_back(
          ColumnsOf(first, std::min(events, first + options_.block), batch));
    }
    return absl::OkStatus();
  }
  prepared_ends_.reserve(events);
  submit::EventWriter writer;
  for (uint64_t index = 0; index < events; ++index) {
    if (Stopped()) return absl::CancelledError("stopped");
    events_.Write(index, writer);
    prepared_.append(writer.bytes());
    prepared_ends_.push_back(prepared_.size());
  }
  return absl::OkStatus();
}

std::string_view Simulator::EventBytes(uint64_t index, submit::EventWriter& writer) const {
  if (prepared_ends_.empty()) {
    events_.Write(index, writer);
    return writer.bytes();
  }
  const uint64_t begin = index == 0 ? 0 : prepared_ends_[index - 1];
  return std::string_view(prepared_).substr(begin, prepared_ends_[index] - begin);
}

absl::Status Simulator::WaitForTurn(uint64_t first, submit::EventSubmitter& submitter) {
  if (options_.rate <= 0) return absl::OkStatus();
  const int64_t due =
      started_ns_ + static_cast<int64_t>(static_cast<double>(first) / options_.rate * 1e9);
  while (!Stopped()) {
    const int64_t left = due - terminal_.clock.MonotonicNanos();
    if (left <= 0) break;
    TM_RETURN_IF_ERROR(submitter.Poll());
    std::this_thread::sleep_for(std::chrono::nanoseconds(std::min(left, kNapNs)));
  }
  return absl::OkStatus();
}

void Simulator::OnBatch(const submit::BatchReport& report) {
  if (!report.status.ok()) return;
  const int64_t now = report.answered_ns;
  {
    base::MutexLock lock(mutex_);
    result_.accepted += report.accepted;
    result_.duplicates += report.duplicates;
    result_.conflicts += report.conflicts;
    for (const submit::EventException& exception : report.exceptions) {
      if (exception.verdict == submit::Verdict::kRejected) {
        ++result_.rejected[status::ReasonOf(exception.status)];
      }
    }
    result_.acks.emplace_back(now, report.records.size());
    const uint64_t answered = result_.answered();
    progress_.Update(answered,
                     static_cast<double>(answered) / static_cast<double>(events_.events()));
  }
  if (options_.on_ack && report.accepted > 0) {
    options_.on_ack(report.first_leaf + report.accepted, now);
  }
}

}  // namespace tidemark::simulate
