// WatchResources over a real server.
#include <thread>

#include "clients/cpp/catalog/version_hash.h"
#include "services/catalog/api/service_fixture.h"

namespace tidemark::catalog {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::ServiceTest;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

class WatchTest : public ServiceTest {
 protected:
  struct Watch {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::WatchResourcesResponse>> reader;
    v1::WatchResourcesResponse message;

    // False at the end of the stream.
    bool Next() { return reader->Read(&message); }
    absl::Status Finish() { return status::FromGrpcStatus(reader->Finish()); }
    ~Watch() { context.TryCancel(); }
  };

  std::unique_ptr<Watch> Start(const std::string& token, uint64_t after) {
    auto watch = std::make_unique<Watch>();
    rpc::PrepareCall(&watch->context, token, absl::Seconds(60));
    v1::WatchResourcesRequest request;
    request.set_after_version(after);
    watch->reader = stub_->WatchResources(&watch->context, request);
    return watch;
  }

  void AddGroup(int n) {
    v1::ApplyResourcesRequest request;
    v1::Resource* group = request.add_resources();
    group->set_name(absl::StrCat("regionGroups/g", n));
    (*group->mutable_display_names())["zh"] = "城市群";
    (*group->mutable_display_names())["en"] = "cluster";
    group->mutable_region_group();
    ASSERT_OK(Apply(steward_, request));
  }
};

TEST_F(WatchTest, SendsTheBacklogThenSaysThatItIsUpToDate) {
  AddGroup(1);
  AddGroup(2);
  const auto watch = Start(service_token_, 0);
  ASSERT_TRUE(watch->Next());
  EXPECT_EQ(watch->message.changes_size(), 7);
  EXPECT_EQ(watch->message.version(), 7u);
  EXPECT_EQ(watch->message.version_hashes_size(), 7);
  EXPECT_TRUE(watch->message.up_to_date());
  EXPECT_EQ(watch->message.hash(), catalog_->head().hash);
  EXPECT_FALSE(watch->message.changes(6).has_before());
  EXPECT_FALSE(watch->message.changes(6).has_after());
  v1::Resource state;
  ASSERT_TRUE(state.ParseFromString(watch->message.changes(6).state()));
  EXPECT_EQ(state.display_names().at("en"), "cluster");
}

TEST_F(WatchTest, BeatsWithoutChanges) {
  const uint64_t head = catalog_->head().version;
  const auto watch = Start(auditor_, head);
  ASSERT_TRUE(watch->Next());
  EXPECT_TRUE(watch->message.changes().empty());
  EXPECT_TRUE(watch->message.up_to_date());
  EXPECT_EQ(watch->message.version(), head);
  EXPECT_EQ(watch->message.hash(), catalog_->head().hash);
  hub_.Beat();
  ASSERT_TRUE(watch->Next());
  EXPECT_TRUE(watch->message.up_to_date());
  EXPECT_EQ(watch->message.hash(), catalog_->head().hash);
}

// The store has a version a moment before readers see it.
TEST_F(WatchTest, KnowsTheHashWhereTheStoreIsAhead) {
  AddGroup(1);
  const uint64_t head = catalog_->head().version;
  Resource group;
  group.name = "regionGroups/ahead";
  group.content = RegionGroup();
  const Change change = {head + 1,
                         clock_.NowMicros(),
                         "p",
                         ChangeKind::kCreate,
                         group.name,
                         nullptr,
                         std::make_shared<Resource>(group)};
  ASSERT_OK_AND_ASSIGN(const Head ahead,
                       store_->Append({head + 1, clock_.NowMicros(), "p", {change}}));
  const auto watch = Start(service_token_, head - 1);
  ASSERT_TRUE(watch->Next());
  EXPECT_EQ(watch->message.version(), head + 1);
  EXPECT_EQ(watch->message.hash(), ahead.hash);
  hub_.Beat();
  ASSERT_TRUE(watch->Next());
  EXPECT_EQ(watch->message.version(), head + 1);
  EXPECT_EQ(watch->message.hash(), ahead.hash);
}

TEST_F(WatchTest, HashesAreTheOnesThatWatchersCompute) {
  for (int n = 0; n < 5; ++n) AddGroup(n);
  ASSERT_OK(catalog_->Delete({"steward", "", ""}, "regionGroups/g3", "", true));
  const auto watch = Start(service_token_, 0);
  std::string hash = catalog_client::ZeroHash();
  do {
    ASSERT_TRUE(watch->Next());
    int at = 0;
    for (int i = 0; i < watch->message.version_hashes_size(); ++i) {
      std::vector<const v1::Change*> changes;
      const uint64_t version = watch->message.changes(at).version();
      while (at < watch->message.changes_size() &&
             watch->message.changes(at).version() == version) {
        changes.push_back(&watch->message.changes(at++));
      }
      hash = catalog_client::NextVersionHash(hash, changes);
      EXPECT_EQ(hash, watch->message.version_hashes(i)) << "version " << version;
    }
  } while (!watch->message.up_to_date());
  EXPECT_EQ(hash, catalog_->head().hash);
}

TEST_F(WatchTest, AuditorsDoNotSeeTokens) {
  AddGroup(1);
  const auto watch = Start(auditor_, 0);
  ASSERT_TRUE(watch->Next());
  ASSERT_EQ(watch->message.changes_size(), 1);
  EXPECT_EQ(watch->message.changes(0).name(), "regionGroups/g1");
  EXPECT_EQ(watch->message.version_hashes_size(), 1);
  EXPECT_EQ(watch->message.version(), catalog_->head().version);
  // A version of tokens alone moves the watcher on.
  AddToken("another", {Role::kViewer});
  ASSERT_TRUE(watch->Next());
  EXPECT_TRUE(watch->message.changes().empty());
  EXPECT_TRUE(watch->message.up_to_date());
  EXPECT_EQ(watch->message.version(), catalog_->head().version);
}

TEST_F(WatchTest, NoVersionIsLostOrTwiceUnderConcurrentWritesAndResumes) {
  const uint64_t start = catalog_->head().version;
  constexpr int kVersions = 200;
  std::thread writer([this] {
    for (int n = 0; n < kVersions; ++n) AddGroup(n);
  });
  uint64_t last = start;
  int messages = 0;
  auto watch = Start(service_token_, last);
  while (last < start + kVersions) {
    ASSERT_TRUE(watch->Next());
    for (const v1::Change& change : watch->message.changes()) {
      ASSERT_EQ(change.version(), last + 1);
      last = change.version();
    }
    ASSERT_EQ(watch->message.version(), last);
    // Now and then the watcher comes back with what it has.
    if (++messages % 7 == 0) watch = Start(service_token_, last);
  }
  writer.join();
  EXPECT_EQ(last, catalog_->head().version);
}

// 9 MB in one version; other languages' clients take messages of 4 MiB.
TEST_F(WatchTest, SplitsALargeVersion) {
  v1::ApplyResourcesRequest request;
  for (int i = 0; i < 9'000; ++i) {
    v1::Resource* group = request.add_resources();
    group->set_name(absl::StrCat("regionGroups/g", i));
    group->set_description(std::string(1'000, 'd'));
    group->mutable_region_group();
  }
  ASSERT_OK(Apply(steward_, request));
  const uint64_t head = catalog_->head().version;
  for (const std::string& token : {service_token_, auditor_}) {
    const auto watch = Start(token, head - 1);
    std::vector<v1::Change> changes;
    int messages = 0;
    do {
      ASSERT_TRUE(watch->Next());
      ++messages;
      EXPECT_LT(watch->message.ByteSizeLong(), size_t{3} << 20);
      changes.insert(changes.end(), watch->message.changes().begin(),
                     watch->message.changes().end());
      const bool whole = changes.size() == 9'000;
      EXPECT_EQ(watch->message.version(), whole ? head : head - 1);
      EXPECT_EQ(watch->message.hash(), *catalog_->HashAt(watch->message.version()));
      EXPECT_EQ(watch->message.version_hashes_size(), whole ? 1 : 0);
      EXPECT_EQ(watch->message.up_to_date(), whole);
    } while (changes.size() < 9'000);
    EXPECT_GE(messages, 8);
    std::vector<const v1::Change*> pointers;
    for (const v1::Change& change : changes) pointers.push_back(&change);
    EXPECT_EQ(catalog_client::NextVersionHash(*catalog_->HashAt(head - 1), pointers),
              catalog_->head().hash);
  }
}

TEST_F(WatchTest, EndsWhenItsTokenIsRevoked) {
  const std::string secret = AddToken("leaver", {Role::kAuditor});
  const auto watch = Start(secret, catalog_->head().version);
  ASSERT_TRUE(watch->Next());
  ASSERT_OK(catalog_->Delete({"admin", "", ""}, "tokens/leaver", "", true));
  EXPECT_FALSE(watch->Next());
  EXPECT_THAT(watch->Finish(), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(WatchTest, RefusesAVersionToComeAndOtherRoles) {
  const auto ahead = Start(auditor_, 1000);
  EXPECT_FALSE(ahead->Next());
  EXPECT_THAT(ahead->Finish(),
              AllOf(StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("after_version")),
                    ReasonIs("VERSION_NOT_REACHED")));
  const auto viewer = Start(viewer_, 0);
  EXPECT_FALSE(viewer->Next());
  EXPECT_THAT(viewer->Finish(), StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(WatchTest, EndsWithUnavailableWhenTheServerDrains) {
  const auto watch = Start(auditor_, catalog_->head().version);
  ASSERT_TRUE(watch->Next());
  server_->runtime().Shutdown();
  EXPECT_FALSE(watch->Next());
  EXPECT_THAT(watch->Finish(), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace tidemark::catalog
