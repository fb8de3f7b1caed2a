// What only the log of another process does: it may be away, or another, or not let a front in.
#include "services/ingest/store/grpc_log_store.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "clients/cpp/ledger/block_header.h"
#include "common/log/log.h"
#include "common/rpc/channel_factory.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"
#include "services/ingest/store/block_cache.h"
#include "services/ingest/store/log_fixture.h"
#include "services/ingest/testing/log_owner.h"

namespace tidemark::ingest {
namespace {

using ::testing::HasSubstr;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;

class GrpcLogStoreTest : public ::testing::Test {
 protected:
  void StartOwner(const std::string& folder = "log",
                  const std::string& listen = testing::OwnLoopback() + ":0") {
    owner_.reset();
    auto log = FileLogStore::Open({.fs = fs_.get(), .clock = &clock_, .dir = dir_.File(folder)});
    ASSERT_OK(log);
    owner_ = std::make_unique<LogOwner>(*std::move(log), &clock_, listen);
    address_ = owner_->server->address();
  }
  std::unique_ptr<GrpcLogStore> Front() {
    auto front = GrpcLogStore::Open({.channel = *rpc::CreateChannel({.target = address_}),
                                     .token = "t",
                                     .connect_timeout = absl::Seconds(5),
                                     .retry = absl::Milliseconds(20)});
    EXPECT_OK(front);
    return *std::move(front);
  }

  testing::TempDir dir_;
  testing::FakeClock clock_;
  std::unique_ptr<fs::FileSystem> fs_ = fs::NewPosixFileSystem();
  std::unique_ptr<LogOwner> owner_;
  std::string address_;
  const log::ScopedSink quiet_{[](std::string_view) {}};
};

TEST_F(GrpcLogStoreTest, TwoFrontsAndTheOwnerWriteOneLog) {
  StartOwner();
  const auto a = Front();
  const auto b = Front();
  EXPECT_EQ(a->log_id(), owner_->log->log_id());
  EXPECT_EQ(a->pseudonym_key(), owner_->log->pseudonym_key());
  EXPECT_EQ(Append(*a, Numbered(0, 10)).accepted, 10u);
  EXPECT_EQ(Append(*b, Numbered(5, 15)).accepted, 5u);
  EXPECT_EQ(Append(*owner_->log, Numbered(0, 20)).accepted, 5u);
  // A front hears of what others wrote.
  while (a->state().size < owner_->log->state().size) std::this_thread::yield();
  EXPECT_EQ(LeafOf(*a, "shop", "e19"), LeafOf(*owner_->log, "shop", "e19"));
}

TEST_F(GrpcLogStoreTest, FollowersOfAFrontAreWokenByWhatOthersWrite) {
  StartOwner();
  const auto front = Front();
  std::atomic<int> woken{0};
  front->SetSizeListener([&] { ++woken; });
  ASSERT_OK(Append(*owner_->log, Events({"a"})).status);
  while (woken == 0) std::this_thread::yield();
  ASSERT_OK_AND_ASSIGN(const BlockRef ref, front->FindBlock(0));
  std::string bytes(ref.bytes, '\0');
  ASSERT_OK(front->ReadBlock(ref, bytes.data()));
  EXPECT_OK(ledger::VerifyBlock(bytes));
  front->SetSizeListener({});
}

TEST_F(GrpcLogStoreTest, WithoutTheOwnerNothingIsAcceptedAndItsReturnIsNoticed) {
  StartOwner();
  const auto front = Front();
  ASSERT_OK(Append(*front, Events({"a"})).status);
  owner_.reset();
  const AppendResult refused = Append(*front, Events({"b"}));
  EXPECT_THAT(refused.status, ReasonIs("LOG_OWNER_AWAY"));
  EXPECT_EQ(refused.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_LT(status::RetryAfterOf(refused.status), absl::Seconds(5));
  EXPECT_EQ(refused.accepted, 0u);
  EXPECT_THAT(front->Leaf(0), ReasonIs("LOG_OWNER_AWAY"));
  EXPECT_EQ(front->state().size, 2u) << "what was told last";
  StartOwner("log", address_);
  AppendResult again;
  do {
    again = Append(*front, Events({"a", "b"}));
  } while (absl::IsUnavailable(again.status));
  ASSERT_OK(again.status);
  EXPECT_EQ(again.accepted, 1u);
  ASSERT_EQ(again.exceptions.size(), 1u);
  EXPECT_EQ(again.exceptions[0].leaf, 1u);
  // The stream is up again, too.
  ASSERT_OK(Append(*owner_->log, Events({"c"})).status);
  while (front->state().size < 4) std::this_thread::yield();
  EXPECT_OK(front->CheckWritable());
}

TEST_F(GrpcLogStoreTest, AFrontForgetsWhatARestoreTookBack) {
  StartOwner();
  const auto front = Front();
  ASSERT_OK(Append(*front, Events({"kept"})).status);
  const uint64_t kept = front->state().size;
  const auto block = [&](uint64_t leaf) -> absl::StatusOr<std::string> {
    TM_ASSIGN_OR_RETURN(const BlockRef ref, front->FindBlock(leaf));
    std::string bytes(ref.bytes, '\0');
    TM_RETURN_IF_ERROR(front->ReadBlock(ref, bytes.data()));
    return bytes;
  };
  owner_.reset();
  std::filesystem::copy(dir_.File("log"), dir_.File("backup"),
                        std::filesystem::copy_options::recursive);
  clock_.Advance(absl::Seconds(1));
  StartOwner("log", address_);
  while (!Append(*front, Events({"lost"})).status.ok()) std::this_thread::yield();
  ASSERT_OK_AND_ASSIGN(const std::string lost, block(kept));

  owner_.reset();
  std::filesystem::remove_all(dir_.File("log"));
  std::filesystem::rename(dir_.File("backup"), dir_.File("log"));
  clock_.Advance(absl::Seconds(1));
  std::atomic<int> woken{0};
  front->SetSizeListener([&] { ++woken; });
  StartOwner("log", address_);
  while (front->state().size != kept) std::this_thread::yield();
  while (woken == 0) std::this_thread::yield();  // its followers are to look
  EXPECT_THAT(block(kept), StatusIs(absl::StatusCode::kOutOfRange));
  ASSERT_OK(Append(*front, Events({"other"})).status);
  ASSERT_OK_AND_ASSIGN(const std::string other, block(kept));
  EXPECT_NE(other, lost);
  front->SetSizeListener({});
}

TEST_F(GrpcLogStoreTest, AFrontOfOneLogDoesNotWriteIntoAnother) {
  StartOwner();
  const auto front = Front();
  StartOwner("other", address_);
  AppendResult result;
  do {
    result = Append(*front, Events({"a"}));
  } while (absl::IsUnavailable(result.status));
  EXPECT_THAT(result.status, ReasonIs("LOG_ID_MISMATCH"));
  EXPECT_THAT(std::string(result.status.message()), HasSubstr("--store"));
  EXPECT_EQ(owner_->log->state().size, 0u);
}

TEST_F(GrpcLogStoreTest, ANewFrontKnowsTheCodesThatOthersLetIn) {
  StartOwner();
  const auto front = Front();
  EXPECT_TRUE(front->open_code_keys().empty());
  TestEvent event{.id = "a"};
  ledger::EventRecord record = event.Record();
  record.product = "p1";
  PendingBatch pending;
  pending.result = pending.promise.get_future();
  pending.batch.stamp.version = 1;
  pending.batch.rows.Append(record);
  pending.batch.done = [&](AppendResult r) { pending.promise.set_value(std::move(r)); };
  front->Append(&pending.batch);
  ASSERT_OK(pending.result.get().status);
  while (owner_->open_codes.size() == 0) std::this_thread::yield();
  const auto newer = Front();
  OpenCodes codes(base::TextHash(newer->open_code_seeds()));
  codes.LearnKeys(newer->open_code_keys());
  const uint64_t source = codes.SourceKey("shop");
  const auto known = [&](std::string_view code) {
    return codes.Admit(source, OpenList::kProduct, codes.CodeKey(source, OpenList::kProduct, code),
                       1, 0, true);
  };
  EXPECT_TRUE(known("p1"));
  EXPECT_FALSE(known("p2"));
}

TEST_F(GrpcLogStoreTest, OpeningSaysWhatIsAtTheAddress) {
  // Nobody.
  const auto nobody = GrpcLogStore::Open({.channel = *rpc::CreateChannel({.target = "127.0.0.1:1"}),
                                          .connect_timeout = absl::Milliseconds(100)});
  EXPECT_THAT(nobody, ReasonIs("LOG_OWNER_AWAY"));
  // Somebody else.
  testing::InProcessServer other(std::vector<grpc::Service*>{});
  EXPECT_THAT(GrpcLogStore::Open({.channel = other.channel()}), ReasonIs("NO_LOG_OWNER"));
}

TEST(BlockCacheTest, KeepsWhatWasUsedLast) {
  BlockCache cache(250);
  const auto put = [&](uint64_t first) {
    cache.Put({.ref = {.first_leaf = first, .record_count = 10},
               .bytes = std::make_shared<const std::string>(100, 'x')},
              cache.generation());
  };
  put(0);
  put(10);
  ASSERT_TRUE(cache.Find(9).has_value());
  put(20);
  EXPECT_FALSE(cache.Find(10).has_value());
  EXPECT_EQ(cache.Find(5)->ref.first_leaf, 0u);
  EXPECT_EQ(cache.Find(29)->ref.first_leaf, 20u);
  EXPECT_FALSE(cache.Find(30).has_value());
}

TEST(BlockCacheTest, KeepsNothingThatWasFetchedBeforeItWasCleared) {
  BlockCache cache(1000);
  const uint64_t before = cache.generation();
  const auto put = [&](uint64_t first, uint64_t generation) {
    cache.Put({.ref = {.first_leaf = first, .record_count = 10},
               .bytes = std::make_shared<const std::string>(100, 'x')},
              generation);
  };
  put(0, before);
  cache.Clear();
  put(10, before);
  put(20, cache.generation());
  EXPECT_FALSE(cache.Find(0).has_value());
  EXPECT_FALSE(cache.Find(10).has_value());
  EXPECT_TRUE(cache.Find(20).has_value());
}

}  // namespace
}  // namespace tidemark::ingest
