#ifndef TIDEMARK_SERVICES_INGEST_TESTING_LOG_WORLD_H_
#define TIDEMARK_SERVICES_INGEST_TESTING_LOG_WORLD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/testing/fake_clock.h"
#include "common/testing/fault_file_system.h"
#include "services/ingest/store/log_fixture.h"

namespace tidemark::ingest {

// A log on a disk that can fail, those who send to it, and what they were promised. Whatever breaks
// must leave true what CheckInvariants checks:
//
//   acknowledged ⊆ log ⊆ sent, no identity twice, every acknowledged leaf holds that event, every
//   checkpoint ever seen is a prefix of the last, accepted times never go back.
//
// For one thread. What it sends follows from the seed.
class LogWorld {
 public:
  struct Options {
    uint64_t seed = 0;
    uint64_t roll_bytes = 6000;
    // Batches that are under way at the same time, at most. With more than one it is up to the
    // threads which batches meet in a group, and so how many changes of the disk there are.
    uint64_t batches_at_once = 4;
    // FileLogStore::Options::identity_table_entries_for_testing.
    uint64_t identity_table_entries = 0;
  };
  explicit LogWorld(const Options& options) : options_(options), random_(options.seed) {}

  absl::Status Open();
  void Close() { log_.reset(); }
  FileLogStore& log() { return *log_; }
  testing::FaultFileSystem& fs() { return fs_; }
  testing::FakeClock& clock() { return clock_; }

  // Sends some batches at once, mostly new events, some sent before, some refunds; remembers what
  // was acknowledged. False when something failed.
  bool Send();
  // Sends at most so many times, and sees a checkpoint after a third of them.
  void SendUntilFailure(int times, std::mt19937_64& random);
  // As Send, but as several groups that are written together: the writer is held while they are
  // made. `before_write` comes just before they are written.
  bool SendAsOneWrite(int batches, const std::function<void()>& before_write);
  // Signs a checkpoint if that is possible, and remembers it.
  void SeeCheckpoint();

  // The log that is open now. An error says what does not hold.
  absl::Status CheckInvariants();
  // Closes the log. The offline check must find nothing in its files.
  absl::Status CheckFiles();

  // Of the last batch that was refused.
  const absl::Status& last_failure() const { return last_failure_; }
  size_t acknowledged() const { return acknowledged_.size(); }
  size_t checkpoints() const { return checkpoints_.size(); }

 private:
  std::vector<TestEvent> RandomEvents();
  // Of an event that was not sent before.
  std::string NewId();
  // Waits for the answers.
  bool Finish(const std::vector<std::unique_ptr<PendingBatch>>& pending);
  void Acknowledge(const PendingBatch& batch, const AppendResult& result);
  absl::Status ReadLog(std::map<std::string, uint64_t>* leaves);
  absl::Status CheckCheckpoints();

  const Options options_;
  std::mt19937_64 random_;
  testing::FaultFileSystem fs_;
  testing::FakeClock clock_;
  std::unique_ptr<FileLogStore> log_;
  uint64_t next_ = 0;
  std::set<std::string> sent_;
  std::map<std::string, uint64_t> acknowledged_;
  std::vector<StoredCheckpoint> checkpoints_;
  // The latest that a durable record was seen with.
  int64_t accepted_time_us_ = 0;
  absl::Status last_failure_;
  // An answer that was wrong by itself.
  absl::Status wrong_answer_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_TESTING_LOG_WORLD_H_
