#include "clients/cpp/catalog/catalog_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/testing/fake_clock.h"
#include "common/testing/in_process_server.h"
#include "common/testing/status_matchers.h"
#include "tidemark/catalog/v1/catalog_service.grpc.pb.h"

namespace tidemark::catalog_client {
namespace {

namespace pb = catalog::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::NotNull;
using testing::StatusIs;

constexpr absl::Duration kLong = absl::Seconds(30);

// Watches as the contract says, over a CatalogBuilder.
class FakeCatalog final : public pb::CatalogService::Service {
 public:
  // Publishes what `builder` has committed.
  void Publish(const CatalogBuilder& builder) {
    base::MutexLock lock(mutex_);
    builder_ = builder;
    changed_.NotifyAll();
  }
  // Ends all watches with an error.
  void Break() {
    base::MutexLock lock(mutex_);
    ++breaks_;
    changed_.NotifyAll();
  }
  // Answers no watch any more.
  void Close() {
    base::MutexLock lock(mutex_);
    closed_ = true;
    ++breaks_;
    changed_.NotifyAll();
  }
  // Sends each change in a message of its own; the watch breaks after `break_after` of them, once.
  void SplitVersions(int break_after) {
    base::MutexLock lock(mutex_);
    split_ = true;
    break_after_ = break_after;
  }
  void set_forged_hash(bool forged) {
    base::MutexLock lock(mutex_);
    forged_hash_ = forged;
  }
  std::vector<uint64_t> resumed_after() {
    base::MutexLock lock(mutex_);
    return resumed_after_;
  }

  grpc::Status WatchResources(grpc::ServerContext* context,
                              const pb::WatchResourcesRequest* request,
                              grpc::ServerWriter<pb::WatchResourcesResponse>* writer) override {
    uint64_t sent = request->after_version();
    base::MutexLock lock(mutex_);
    const int breaks = breaks_;
    resumed_after_.push_back(sent);
    bool first = true;
    while (!closed_ && !context->IsCancelled() && breaks == breaks_) {
      if (!first && builder_.version() <= sent) {
        changed_.WaitFor(mutex_, absl::Milliseconds(10));
        continue;
      }
      if (sent > builder_.version()) {
        return {grpc::StatusCode::OUT_OF_RANGE, "after_version: does not exist yet"};
      }
      first = false;
      const pb::WatchResourcesResponse response = Response(sent);
      if (split_ && !WriteParts(response, sent, writer)) break;
      if (!split_ && !writer->Write(response)) break;
      sent = builder_.version();
    }
    return {grpc::StatusCode::UNAVAILABLE, "broken by the test"};
  }

 private:
  // Of a response with one version.
  bool WriteParts(const pb::WatchResourcesResponse& whole, uint64_t after,
                  grpc::ServerWriter<pb::WatchResourcesResponse>* writer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (int i = 0; i < whole.changes_size(); ++i) {
      pb::WatchResourcesResponse part = whole;
      part.mutable_changes()->Clear();
      *part.add_changes() = whole.changes(i);
      if (i + 1 < whole.changes_size()) {
        part.set_version(after);
        part.set_hash(after == 0 ? std::string(32, '\0') : builder_.hashes()[after - 1]);
        part.clear_version_hashes();
        part.clear_up_to_date();
      }
      if (!writer->Write(part)) return false;
      if (--break_after_ == 0) return false;
    }
    return true;
  }
  pb::WatchResourcesResponse Response(uint64_t after) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    pb::WatchResourcesResponse response;
    for (const pb::Change& change : builder_.changes()) {
      if (change.version() > after) *response.add_changes() = change;
    }
    for (uint64_t v = after; v < builder_.version(); ++v) {
      response.add_version_hashes(builder_.hashes()[v]);
    }
    response.set_version(builder_.version());
    response.set_hash(builder_.version() == 0 ? std::string(32, '\0') : builder_.hashes().back());
    if (forged_hash_) response.set_hash(std::string(32, 'x'));
    response.set_up_to_date(true);
    return response;
  }

  base::Mutex mutex_;
  base::CondVar changed_;
  CatalogBuilder builder_ ABSL_GUARDED_BY(mutex_);
  int breaks_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool forged_hash_ ABSL_GUARDED_BY(mutex_) = false;
  bool split_ ABSL_GUARDED_BY(mutex_) = false;
  int break_after_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<uint64_t> resumed_after_ ABSL_GUARDED_BY(mutex_);
};

class CatalogWatcherTest : public ::testing::Test {
 protected:
  void SetUp() override {
    builder_.Observatory("Asia/Shanghai", {2020, 1, 1});
    builder_.Region("cn", RegionLevel::kNation);
    builder_.Commit();
    catalog_.Publish(builder_);
    server_ = std::make_unique<testing::InProcessServer>(std::vector<grpc::Service*>{&catalog_});
  }
  std::unique_ptr<CatalogWatcher> Start(
      std::function<void(const std::shared_ptr<const CatalogView>&)> on_advance = nullptr) {
    auto watcher = CatalogWatcher::Start({.channel = server_->channel(),
                                          .token = "tm_x",
                                          .clock = &clock_,
                                          .initial_backoff = absl::Milliseconds(1),
                                          .max_backoff = absl::Milliseconds(10),
                                          .on_advance = std::move(on_advance)});
    EXPECT_THAT(watcher, IsOk());
    return *std::move(watcher);
  }
  void PublishRegion(const std::string& id) {
    builder_.Region(id, RegionLevel::kProvince, "cn");
    builder_.Commit();
    catalog_.Publish(builder_);
  }
  // Waits, without a clock in the test, for what another thread will do.
  template <typename Condition>
  void Await(Condition condition) {
    while (!condition()) std::this_thread::yield();
  }

  testing::FakeClock clock_;
  CatalogBuilder builder_;
  FakeCatalog catalog_;
  std::unique_ptr<testing::InProcessServer> server_;
};

TEST_F(CatalogWatcherTest, LoadsTheBacklogAndFollows) {
  const auto watcher = Start();
  ASSERT_THAT(watcher->WaitUntilCurrent(kLong), IsOk());
  EXPECT_EQ(watcher->view()->version(), 1u);
  EXPECT_THAT(watcher->view()->regions().Find("cn"), NotNull());
  EXPECT_TRUE(watcher->reachable());
  EXPECT_EQ(watcher->last_contact_us(), clock_.NowMicros());
  PublishRegion("cn-33");
  ASSERT_THAT(watcher->WaitForVersion(2, kLong), IsOk());
  EXPECT_THAT(watcher->view()->regions().Find("cn-33"), NotNull());
  EXPECT_EQ(watcher->view()->hash(), builder_.hashes().back());
}

TEST_F(CatalogWatcherTest, TellsEveryAdvanceInOrder) {
  base::Mutex mutex;
  std::vector<uint64_t> seen;
  const auto watcher = Start([&](const std::shared_ptr<const CatalogView>& view) {
    base::MutexLock lock(mutex);
    seen.push_back(view->version());
  });
  ASSERT_THAT(watcher->WaitForVersion(1, kLong), IsOk());
  for (uint64_t version = 2; version <= 4; ++version) {
    PublishRegion(absl::StrCat("r", version));
    ASSERT_THAT(watcher->WaitForVersion(version, kLong), IsOk());
  }
  watcher->Stop();
  EXPECT_THAT(seen, ElementsAre(1, 2, 3, 4));
}

TEST_F(CatalogWatcherTest, ResumesWithoutGapAfterABreak) {
  const auto watcher = Start();
  ASSERT_THAT(watcher->WaitForVersion(1, kLong), IsOk());
  catalog_.Break();
  PublishRegion("cn-33");
  catalog_.Break();
  PublishRegion("cn-44");
  ASSERT_THAT(watcher->WaitForVersion(3, kLong), IsOk());
  EXPECT_EQ(watcher->view()->regions().size(), 3u);
  const std::vector<uint64_t> resumed = catalog_.resumed_after();
  EXPECT_EQ(resumed.front(), 0u);
  EXPECT_GE(resumed.back(), 1u);
}

TEST_F(CatalogWatcherTest, PutsThePartsOfAVersionTogetherAndBeginsAnewAfterABreak) {
  base::Mutex mutex;
  std::vector<uint64_t> seen;
  const auto watcher = Start([&](const std::shared_ptr<const CatalogView>& view) {
    base::MutexLock lock(mutex);
    seen.push_back(view->version());
  });
  ASSERT_THAT(watcher->WaitForVersion(1, kLong), IsOk());
  for (const char* id : {"cn-31", "cn-32", "cn-33"}) {
    builder_.Region(id, RegionLevel::kProvince, "cn");
  }
  builder_.Commit();
  // Two of three parts, then the stream breaks.
  catalog_.SplitVersions(2);
  catalog_.Publish(builder_);
  ASSERT_THAT(watcher->WaitForVersion(2, kLong), IsOk());
  EXPECT_EQ(watcher->view()->regions().size(), 4u);
  EXPECT_EQ(watcher->view()->hash(), builder_.hashes().back());
  EXPECT_EQ(catalog_.resumed_after().back(), 1u);
  watcher->Stop();
  EXPECT_THAT(seen, ElementsAre(1, 2));
}

TEST_F(CatalogWatcherTest, KeepsTheLastViewWhileTheCatalogIsAway) {
  const auto watcher = Start();
  ASSERT_THAT(watcher->WaitForVersion(1, kLong), IsOk());
  catalog_.Close();
  Await([&] { return !watcher->reachable(); });
  EXPECT_EQ(watcher->view()->version(), 1u);
  EXPECT_FALSE(watcher->last_error().ok());
}

TEST_F(CatalogWatcherTest, SilenceCountsAsAway) {
  const auto watcher = Start();
  ASSERT_THAT(watcher->WaitUntilCurrent(kLong), IsOk());
  clock_.Advance(absl::Seconds(14));
  EXPECT_TRUE(watcher->reachable());
  clock_.Advance(absl::Seconds(2));
  EXPECT_FALSE(watcher->reachable());
  EXPECT_EQ(watcher->silence(), absl::Seconds(16));
  EXPECT_THAT(watcher->last_error(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("silent")));
}

TEST_F(CatalogWatcherTest, RefusesAHistoryThatDoesNotContinueItsOwn) {
  const auto watcher = Start();
  ASSERT_THAT(watcher->WaitForVersion(1, kLong), IsOk());
  CatalogBuilder other;
  other.Region("xx", RegionLevel::kNation);
  other.Commit();
  other.Region("yy", RegionLevel::kNation);
  other.Commit();
  catalog_.Publish(other);
  Await([&] { return absl::IsDataLoss(watcher->last_error()); });
  EXPECT_EQ(watcher->view()->version(), 1u);
  EXPECT_FALSE(watcher->reachable());
}

TEST_F(CatalogWatcherTest, RefusesAnotherHashAtItsOwnVersion) {
  const auto watcher = Start();
  ASSERT_THAT(watcher->WaitForVersion(1, kLong), IsOk());
  catalog_.set_forged_hash(true);
  catalog_.Break();
  Await([&] { return absl::IsDataLoss(watcher->last_error()); });
  catalog_.set_forged_hash(false);
  Await([&] { return watcher->reachable(); });
}

TEST_F(CatalogWatcherTest, ACatalogThatWentBackIsToldAsSuch) {
  PublishRegion("cn-33");
  const auto watcher = Start();
  ASSERT_THAT(watcher->WaitForVersion(2, kLong), IsOk());
  catalog_.Publish(CatalogBuilder());
  catalog_.Break();
  Await([&] { return absl::IsOutOfRange(watcher->last_error()); });
  EXPECT_EQ(watcher->view()->version(), 2u);
}

TEST_F(CatalogWatcherTest, WaitingEndsWithTheReason) {
  const auto watcher = Start();
  ASSERT_THAT(watcher->WaitForVersion(1, kLong), IsOk());
  EXPECT_THAT(watcher->WaitForVersion(99, absl::ZeroDuration()),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("version 99")));
  watcher->Stop();
  EXPECT_THAT(watcher->WaitForVersion(99, kLong), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(watcher->WaitForVersion(1, kLong), IsOk());
  watcher->Stop();
}

TEST_F(CatalogWatcherTest, StopsWhileNothingAnswers) {
  const std::shared_ptr<grpc::Channel> channel = server_->channel();
  server_.reset();
  auto watcher = CatalogWatcher::Start({.channel = channel, .clock = &clock_});
  ASSERT_THAT(watcher, IsOk());
  EXPECT_EQ((*watcher)->view()->version(), 0u);
  EXPECT_FALSE((*watcher)->reachable());
  EXPECT_EQ((*watcher)->last_contact_us(), 0);
  EXPECT_EQ((*watcher)->silence(), absl::InfiniteDuration());
  (*watcher)->Stop();
}

TEST_F(CatalogWatcherTest, WantsChannelAndClock) {
  EXPECT_THAT(CatalogWatcher::Start({.clock = &clock_}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CatalogWatcher::Start({.channel = server_->channel()}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace tidemark::catalog_client
