// As log_crash_test.cc, with tables of a few identities: whatever fails, the log or the runs of
// older identities, nothing that was acknowledged is lost and no identity is there twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "common/log/log.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/testing/log_world.h"

namespace tidemark::ingest {
namespace {

using tidemark::testing::FaultFileSystem;
using Fault = FaultFileSystem::Fault;

constexpr uint64_t kTableEntries = 24;

class LogRunsCrashTest : public ::testing::Test {
 private:
  // Failures are what is wanted here; their log lines are noise.
  const log::ScopedSink quiet_{[](std::string_view) {}};
};

TEST_F(LogRunsCrashTest, PowerFailuresOneAfterTheOther) {
  uint64_t runs = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    LogWorld world({.seed = seed, .identity_table_entries = kTableEntries});
    std::mt19937_64 random(seed);
    if (seed % 2 == 1) world.fs().KeepSomeAtCrash(seed);
    ASSERT_OK(world.Open());
    for (int life = 0; life < 6; ++life) {
      world.fs().FailChange(1 + random() % 150,
                            random() % 2 == 0 ? Fault::kTornCrash : Fault::kCrashBefore);
      world.SendUntilFailure(20, random);
      world.Close();
      world.fs().Crash();
      world.fs().ClearFaults();
      ASSERT_OK(world.Open());
      ASSERT_OK(world.CheckInvariants());
      ASSERT_TRUE(world.Send());
    }
    ASSERT_OK_AND_ASSIGN(const auto files, world.fs().List("log/identities"));
    runs += files.size();
    ASSERT_OK(world.CheckFiles());
  }
  EXPECT_GT(runs, 40u);
}

TEST_F(LogRunsCrashTest, FaultsThatPass) {
  for (const Fault fault : {Fault::kIoError, Fault::kDiskFull, Fault::kNoFiles}) {
    for (uint64_t seed = 0; seed < 40; ++seed) {
      SCOPED_TRACE(absl::StrCat("seed ", seed));
      LogWorld world({.seed = seed, .identity_table_entries = kTableEntries});
      std::mt19937_64 random(seed);
      ASSERT_OK(world.Open());
      for (int life = 0; life < 4; ++life) {
        world.fs().FailChange(1 + random() % 100, fault);
        for (int i = 0; i < 15; ++i) world.Send();
        world.fs().ClearFaults();
        ASSERT_OK(world.CheckInvariants());
        // After an error of the log's own it takes no more.
        if (!world.log().state().sealed_reason.empty()) {
          ASSERT_OK(world.Open());
        }
        ASSERT_TRUE(world.Send());
      }
      ASSERT_OK(world.CheckInvariants());
      ASSERT_OK(world.CheckFiles());
    }
  }
}

// Nothing of a run is needed: what is damaged or gone is made again from the log.
TEST_F(LogRunsCrashTest, RunsThatAreDamagedOrGone) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    LogWorld world({.seed = seed, .identity_table_entries = kTableEntries});
    std::mt19937_64 random(seed);
    ASSERT_OK(world.Open());
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(world.Send());
    world.Close();
    ASSERT_OK_AND_ASSIGN(const auto files, world.fs().List("log/identities"));
    bool damaged = false;
    for (const std::string& file : files) {
      const std::string path = fs::JoinPath("log/identities", file);
      ASSERT_OK_AND_ASSIGN(const std::string bytes, fs::ReadFile(world.fs(), path));
      switch (random() % 4) {
        case 0: {
          const uint64_t at = random() % bytes.size();
          ASSERT_OK(world.fs().Corrupt(path, at, std::string(1, static_cast<char>(~bytes[at]))));
          damaged = true;
          break;
        }
        case 1:
          ASSERT_OK(world.fs().TruncateFile(path, random() % bytes.size()));
          damaged = true;
          break;
        case 2:
          ASSERT_OK(world.fs().Remove(path));
          break;
        default:
          break;
      }
    }
    if (damaged) {
      EXPECT_FALSE(world.CheckFiles().ok());
    }
    ASSERT_OK(world.Open());
    // A page that is damaged is met when somebody asks for it.
    for (int i = 0; i < 40; ++i) world.Send();
    ASSERT_OK(world.CheckInvariants());
  }
}

}  // namespace
}  // namespace tidemark::ingest
