#ifndef TIDEMARK_CLIENTS_CLI_SIMULATE_SIMULATOR_H_
#define TIDEMARK_CLIENTS_CLI_SIMULATE_SIMULATOR_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "clients/cli/app/progress.h"
#include "clients/cli/app/terminal.h"
#include "clients/cli/simulate/event_stream.h"
#include "clients/cpp/submit/event_submitter.h"
#include "common/base/mutex.h"

namespace tidemark::simulate {

// What became of the events so far.
struct SimulationResult {
  uint64_t accepted = 0;
  uint64_t duplicates = 0;
  uint64_t conflicts = 0;
  // By reason.
  std::map<std::string, uint64_t> rejected;
  // Monotonic time of each acknowledgement and its events; in order.
  std::vector<std::pair<int64_t, uint64_t>> acks;
  int64_t started_ns = 0;

  uint64_t answered() const;
  // Events answered per second; `from`: leave out the first share of them, 0 to below 1.
  double Rate(double from) const;
};

// Submits a stream's events from several threads, each with its own channel.
class Simulator {
 public:
  struct Options {
    int clients = 1;
    // Events a second over all clients; 0: as fast as possible.
    double rate = 0;
    // One per client; on_batch, on_retry and interrupted are set by the Simulator.
    std::vector<submit::EventSubmitter::Options> submit;
    // Events taken by a client at a time.
    uint64_t block = 20'000;
    // Send each block as a batch by columns.
    bool columns = false;
    // Make all events before the first is sent; costs their bytes in memory.
    bool prepare = false;
    bool quiet = false;
    // Called for each acknowledged batch with the log size that holds it and the monotonic
    // time, from the clients' threads. May be empty.
    std::function<void(uint64_t log_size, int64_t acked_ns)> on_ack;
  };
  // Both outlive the simulator.
  Simulator(const cli::Terminal& terminal, const EventStream& events, Options options);

  // CANCELLED: the user wanted to stop. The first failure of a client stops all.
  absl::Status Run();
  SimulationResult result() const;

 private:
  absl::Status Prepare();
  // The bytes of an event, valid until the next call with the same writer.
  std::string_view EventBytes(uint64_t index, submit::EventWriter& writer) const;
  // Sends the events [first, end).
  absl::Status AddRows(uint64_t first, uint64_t end, submit::EventSubmitter& submitter,
                       submit::EventWriter& writer) const;
  absl::Status AddColumns(uint64_t first, uint64_t end, submit::EventSubmitter& submitter,
                          submit::ColumnBatch& batch) const;
  std::string ColumnsOf(uint64_t first, uint64_t end, submit::ColumnBatch& batch) const;
  absl::Status RunClient(const submit::EventSubmitter::Options& submit);
  absl::Status WaitForTurn(uint64_t first, submit::EventSubmitter& submitter);
  bool Stopped() const { return failed_ || terminal_.interrupted(); }
  void OnBatch(const submit::BatchReport& report);

  const cli::Terminal& terminal_;
  const EventStream& events_;
  const Options options_;
  // Events made beforehand, one after the other, and where each ends; empty without `prepare`.
  std::string prepared_;
  std::vector<uint64_t> prepared_ends_;
  // Likewise, blocks by columns.
  std::vector<std::string> prepared_columns_;
  std::atomic<uint64_t> next_{0};
  std::atomic<bool> failed_{false};
  int64_t started_ns_ = 0;

  mutable base::Mutex mutex_;
  SimulationResult result_ ABSL_GUARDED_BY(mutex_);
  cli::Progress progress_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::simulate

#endif  // TIDEMARK_CLIENTS_CLI_SIMULATE_SIMULATOR_H_
