// The log of ingest under the campaign: services/ingest/testing/log_world.h says what must hold.
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/ingest/store/log_check.h"
#include "services/ingest/testing/log_world.h"
#include "tests/fault/memory/faulty_disk.h"
#include "tests/fault/memory/subject.h"

namespace tidemark::fault {
namespace {

using ingest::LogWorld;

constexpr uint64_t kRollBytes[] = {1, 2000, 6000, 30000};

// Eight batches, a checkpoint after each, and a restart in between. It goes on after errors, as
// clients and the ticker do.
void RunScript(LogWorld& world) {
  for (int life = 0; life < 2; ++life) {
    if (!world.Open().ok()) return;
    for (int i = 0; i < 4; ++i) {
      world.Send();
      world.SeeCheckpoint();
    }
    world.Close();
  }
}

// Opened after whatever happened: everything holds, and it takes events again.
absl::Status CheckAfter(LogWorld& world) {
  TM_RETURN_IF_ERROR(world.Open());
  TM_RETURN_IF_ERROR(world.CheckInvariants());
  if (!world.Send()) return world.last_failure();
  TM_RETURN_IF_ERROR(world.CheckInvariants());
  return world.CheckFiles();
}

// A step of up to a day, either way.
void JumpClock(std::mt19937_64& random, LogWorld& world, Tally* tally) {
  constexpr int64_t kDayUs = int64_t{86'400} * 1'000'000;
  const auto step = static_cast<int64_t>(random() % (2 * kDayUs)) - kDayUs;
  world.clock().JumpTo(world.clock().NowMicros() + step);
  ++tally->clock_jumps;
}

// What is served of a log that is open: blocks, newest checkpoint and pseudonym key.
absl::StatusOr<std::string> Served(ingest::FileLogStore& log) {
  std::string served = absl::StrCat(log.log_id(), log.verifier_key(), log.pseudonym_key());
  std::string bytes;
  for (uint64_t leaf = 0; leaf < log.state().size;) {
    TM_ASSIGN_OR_RETURN(const ingest::BlockRef ref, log.FindBlock(leaf));
    bytes.resize(ref.bytes);
    TM_RETURN_IF_ERROR(log.ReadBlock(ref, bytes.data()));
    served += bytes;
    leaf = ref.end_leaf();
  }
  TM_ASSIGN_OR_RETURN(const ingest::StoredCheckpoint newest, log.NewestCheckpoint());
  return served + newest.note;
}

absl::StatusOr<std::string> OpenAndServe(testing::FaultFileSystem& fs) {
  const testing::FakeClock clock;
  TM_ASSIGN_OR_RETURN(
      auto log,
      ingest::FileLogStore::Open(
          {.fs = &fs, .clock = &clock, .dir = "log", .checkpoint_interval = absl::ZeroDuration()}));
  return Served(*log);
}

class LogSubject final : public Subject {
 public:
  uint64_t ScriptChanges() override {
    LogWorld world({.seed = 1, .batches_at_once = 1});
    RunScript(world);
    return world.fs().changes();
  }

  absl::Status Script(uint64_t nth, Tally::Fault fault, Tally* tally) override {
    LogWorld world({.seed = 1, .batches_at_once = 1});
    world.fs().FailChange(nth, fault);
    RunScript(world);
    tally->Count(fault);
    world.fs().Crash();
    ++tally->power_cuts;
    TM_RETURN_IF_ERROR(CheckAfter(world));
    ++tally->cases;
    tally->kept += world.acknowledged();
    return absl::OkStatus();
  }

  absl::Status Random(uint64_t seed, Tally* tally) override {
    std::mt19937_64 random(seed);
    // One batch at a time makes a point that repeats to the byte; several meet in groups.
    LogWorld world({.seed = seed,
                    .roll_bytes = kRollBytes[random() % std::size(kRollBytes)],
                    .batches_at_once = random() % 4 == 0 ? uint64_t{4} : uint64_t{1}});
    if (random() % 2 == 0) world.fs().KeepSomeAtCrash(seed);
    const bool jumps = random() % 2 == 0;
    for (uint64_t lives = 2 + random() % 5; lives > 0; --lives) {
      FaultPlan plan(random, 40, &world.fs());
      if (world.Open().ok()) Live(random, jumps, world, tally);
      EndLife(random, &world.fs(), tally);
      world.Close();
      plan.End(tally);
      TM_RETURN_IF_ERROR(world.Open());
      TM_RETURN_IF_ERROR(world.CheckInvariants());
      ++tally->cases;
    }
    TM_RETURN_IF_ERROR(CheckAfter(world));
    ++tally->cases;
    tally->kept += world.acknowledged();
    return absl::OkStatus();
  }

  uint64_t Flips() override { return small().count(); }

  absl::Status Flip(uint64_t nth, Tally* tally) override {
    std::string path;
    uint64_t offset = 0;
    testing::FaultFileSystem fs;
    WriteFiles(small().Flip(nth, &path, &offset), &fs);
    const std::string where = absl::StrCat("bit ", nth % 8, " of byte ", offset, " of ", path);
    ++tally->flips;
    ++tally->cases;
    const auto report = ingest::CheckLog(fs, "log");
    bool located = !report.ok() && absl::StrContains(report.status().message(), path);
    if (report.ok()) {
      for (const std::string& problem : report->problems)
        located |= absl::StrContains(problem, path);
    }
    const auto served = OpenAndServe(fs);
    tally->found_by_check += located;
    tally->refused_at_open += !served.ok();
    if (served.ok() && *served != served_) return absl::DataLossError(where + " is served");
    // What is refused without a place is a last write that the checkpoint says was whole.
    if (!located && served.ok()) {
      return absl::DataLossError(where + " is noticed by nobody");
    }
    return absl::OkStatus();
  }

 private:
  static void Live(std::mt19937_64& random, bool jumps, LogWorld& world, Tally* tally) {
    for (int i = 0; i < 12; ++i) {
      if (jumps && random() % 3 == 0) JumpClock(random, world, tally);
      if (random() % 40 == 0) {
        world.fs().SetDiskFull(true);
        ++tally->full_disks;
      }
      world.Send();
      world.fs().SetDiskFull(false);
      if (random() % 3 == 0) world.SeeCheckpoint();
    }
  }

  // A log of a few small files with a checkpoint of all of it.
  const FlippableBits& small() {
    if (small_ == nullptr) {
      LogWorld world({.seed = 5, .roll_bytes = 700, .batches_at_once = 1});
      bool good = world.Open().ok();
      for (int i = 0; i < 4; ++i) good = world.Send() && good;
      world.SeeCheckpoint();
      world.Close();
      small_ = std::make_unique<FlippableBits>(ReadFiles(world.fs(), "log"));
      served_ = OpenAndServe(world.fs()).value_or("");
      if (!good || served_.empty()) small_ = std::make_unique<FlippableBits>(Files());
    }
    return *small_;
  }

  std::unique_ptr<FlippableBits> small_;
  std::string served_;
};

}  // namespace

std::unique_ptr<Subject> NewLogSubject() { return std::make_unique<LogSubject>(); }

}  // namespace tidemark::fault
