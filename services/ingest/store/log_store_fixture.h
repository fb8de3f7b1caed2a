#ifndef TIDEMARK_SERVICES_INGEST_STORE_LOG_STORE_FIXTURE_H_
#define TIDEMARK_SERVICES_INGEST_STORE_LOG_STORE_FIXTURE_H_

// For tests of what every LogStore does.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"
#include "services/ingest/store/grpc_log_store.h"
#include "services/ingest/store/log_fixture.h"
#include "services/ingest/testing/log_owner.h"

namespace tidemark::ingest {

// The second with tables of 16 identities, so that nearly all of them are on disk.
enum class LogStoreKind { kFile, kFileWithRuns, kGrpc };

class LogStoreTest : public ::testing::TestWithParam<LogStoreKind> {
 protected:
  LogStoreTest() { Open(); }

  void Close() {
    log_ = nullptr;
    front_.reset();
    owner_.reset();
  }
  // Closes the log and opens it again.
  void Open() {
    Close();
    auto opened = FileLogStore::Open({.fs = fs_.get(),
                                      .clock = &clock_,
                                      .dir = dir_.path(),
                                      .checkpoint_interval = absl::ZeroDuration(),
                                      .identity_table_entries_for_testing =
                                          GetParam() == LogStoreKind::kFileWithRuns ? 16u : 0u});
    ASSERT_OK(opened);
    owner_ = std::make_unique<LogOwner>(*std::move(opened), &clock_);
    log_ = owner_->log.get();
    if (GetParam() != LogStoreKind::kGrpc) return;
    auto front = GrpcLogStore::Open({.channel = owner_->server->channel(), .token = "t"});
    ASSERT_OK(front);
    front_ = *std::move(front);
    log_ = front_.get();
  }
  absl::Status SignCheckpoint() { return owner_->log->SignCheckpoint(); }
  void StopLog() { front_ != nullptr ? front_->Stop() : owner_->log->Stop(); }
  // What the offline check says; the log is closed for it and opened again.
  void ExpectGoodLog() {
    Close();
    const uint64_t leaves = LeavesOfGoodLog(*fs_, dir_.path());
    Open();
    EXPECT_EQ(leaves, log_->state().size);
  }

  testing::TempDir dir_;
  testing::FakeClock clock_;
  std::unique_ptr<fs::FileSystem> fs_ = fs::NewPosixFileSystem();
  std::unique_ptr<LogOwner> owner_;
  std::unique_ptr<GrpcLogStore> front_;
  LogStore* log_ = nullptr;
};

inline constexpr LogStoreKind kLogStoreKinds[] = {LogStoreKind::kFile, LogStoreKind::kFileWithRuns,
                                                  LogStoreKind::kGrpc};
inline std::string NameOfKind(const ::testing::TestParamInfo<LogStoreKind>& info) {
  return info.param == LogStoreKind::kFile           ? "File"
         : info.param == LogStoreKind::kFileWithRuns ? "FileWithRuns"
                                                     : "Grpc";
}

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_LOG_STORE_FIXTURE_H_
