// The whole service against a catalog that is a fake: first start, binding, catalog away,
// restart.
#include "services/ingest/app/ingest_app.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "clients/cpp/access/rpc_access.h"
#include "clients/cpp/access/token_authorizer.h"
#include "clients/cpp/access/token_file.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/log/log.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/testing/fake_clock.h"
#include "common/testing/in_process_server.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"
#include "services/ingest/testing/sample_events.h"
#include "tidemark/catalog/v1/catalog_service.grpc.pb.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::ingest {
namespace {

using access::Role;
using catalog_client::CatalogBuilder;
using ::testing::HasSubstr;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;

// Watch and BindLog over a CatalogBuilder.
class FakeCatalog final : public catalog::v1::CatalogService::Service {
 public:
  void Change(const std::function<void(CatalogBuilder&)>& change) {
    base::MutexLock lock(mutex_);
    change(builder_);
    builder_.Commit();
    changed_.NotifyAll();
  }
  // Another catalog in its place, as after a restore; call it while nobody watches.
  void Replace(const std::function<void(CatalogBuilder&)>& make) {
    base::MutexLock lock(mutex_);
    builder_ = CatalogBuilder();
    make(builder_);
    builder_.Commit();
  }
  void Close() {
    base::MutexLock lock(mutex_);
    closed_ = true;
    changed_.NotifyAll();
  }
  int binds() {
    base::MutexLock lock(mutex_);
    return binds_;
  }
  uint64_t version() {
    base::MutexLock lock(mutex_);
    return builder_.version();
  }

  grpc::Status BindLog(grpc::ServerContext*, const catalog::v1::BindLogRequest* request,
                       catalog::v1::BindLogResponse* response) override {
    base::MutexLock lock(mutex_);
    // The first attempt fails, as in a restart of the catalog.
    if (++binds_ == 1) return {grpc::StatusCode::UNAVAILABLE, "not yet"};
    builder_.Observatory("Asia/Shanghai", {2020, 1, 1}).set_log_id(request->log_id());
    response->set_version(builder_.Commit());
    changed_.NotifyAll();
    return grpc::Status::OK;
  }

  grpc::Status WatchResources(
      grpc::ServerContext* context, const catalog::v1::WatchResourcesRequest* request,
      grpc::ServerWriter<catalog::v1::WatchResourcesResponse>* writer) override {
    uint64_t sent = request->after_version();
    base::MutexLock lock(mutex_);
    bool first = true;
    while (!closed_ && !context->IsCancelled()) {
      if (!first && builder_.version() <= sent) {
        changed_.WaitFor(mutex_, absl::Milliseconds(10));
        continue;
      }
      first = false;
      if (!writer->Write(Response(sent))) break;
      sent = builder_.version();
    }
    return {grpc::StatusCode::UNAVAILABLE, "closed by the test"};
  }

 private:
  catalog::v1::WatchResourcesResponse Response(uint64_t after)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    catalog::v1::WatchResourcesResponse response;
    for (const catalog::v1::Change& change : builder_.changes()) {
      if (change.version() > after) *response.add_changes() = change;
    }
    for (uint64_t v = after; v < builder_.version(); ++v) {
      response.add_version_hashes(builder_.hashes()[v]);
    }
    response.set_version(builder_.version());
    response.set_hash(builder_.version() == 0 ? std::string(32, '\0') : builder_.hashes().back());
    response.set_up_to_date(true);
    return response;
  }

  base::Mutex mutex_;
  base::CondVar changed_;
  CatalogBuilder builder_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  int binds_ ABSL_GUARDED_BY(mutex_) = 0;
};

class IngestAppTest : public ::testing::Test {
 protected:
  IngestAppTest() : server_(std::vector<grpc::Service*>{&catalog_}) {
    EXPECT_OK(access::WriteTokenFile(dir_.File("service.token"), secret_));
    catalog_.Change([this](CatalogBuilder& builder) { AddTokens(builder); });
  }

  void AddTokens(CatalogBuilder& builder) {
    auto& token =
        builder.Token("service", access::Bit(Role::kService), access::HashSecret(secret_));
    token.set_principal("platform");
    auto& producer =
        builder.Token("shop", access::Bit(Role::kProducer), access::HashSecret(producer_secret_));
    producer.set_principal("shop");
    producer.add_sources("sources/platform-1");
  }

  void Start() {
    app_.reset();
    auto started = IngestApp::Start(Options());
    ASSERT_OK(started);
    app_ = *std::move(started);
    channel_ = *rpc::CreateChannel({.target = app_->address()});
    stub_ = v1::IngestService::NewStub(channel_);
  }
  IngestApp::Options Options() {
    IngestApp::Options options;
    options.listen = testing::OwnLoopback() + ":0";
    options.data_dir = dir_.File("log");
    options.catalog = server_.address();
    options.service_token_file = dir_.File("service.token");
    options.clock = &clock_;
    return options;
  }
  void ApplySample() {
    catalog_.Change([](CatalogBuilder& builder) { AddSampleCatalog(&builder); });
  }

  absl::StatusOr<v1::SubmitEventsResponse> Submit(const std::string& id,
                                                  const std::string& product = "p",
                                                  const std::string& income_band = "i") {
    v1::SubmitEventsRequest request;
    v1::Event& event = *request.add_events();
    event.set_source("platform-1");
    event.set_id(id);
    event.set_kind(v1::EVENT_KIND_PURCHASE);
    event.set_event_time_us(testing::FakeClock::kStartMicros);
    event.set_amount(1);
    event.set_product(product);
    event.set_income_band(income_band);
    grpc::ClientContext context;
    rpc::PrepareCall(&context, producer_secret_, absl::Seconds(20));
    v1::SubmitEventsResponse response;
    const grpc::Status status = stub_->SubmitEvents(&context, request, &response);
    if (!status.ok()) return status::FromGrpcStatus(status);
    return response;
  }
  // What health says of the service: 1 SERVING, 2 NOT_SERVING.
  int Health() {
    const std::string name = "tidemark.ingest.v1.IngestService";
    const auto answer =
        testing::CallRaw(channel_, "/grpc.health.v1.Health/Check",
                         std::string("\x0A") + static_cast<char>(name.size()) + name);
    return answer.ok() && answer->size() == 2 ? answer->back() : 0;
  }
  v1::GetLogStatusResponse Status() {
    grpc::ClientContext context;
    rpc::PrepareCall(&context, secret_, absl::Seconds(20));
    v1::GetLogStatusResponse response;
    EXPECT_OK(status::FromGrpcStatus(
        stub_->GetLogStatus(&context, v1::GetLogStatusRequest(), &response)));
    return response;
  }
  // For what other threads will do; the test's own time limit ends a wait in vain.
  static void Await(const std::function<bool()>& condition) {
    while (!condition()) std::this_thread::yield();
  }
  void AwaitSubmitOk(const std::string& id) {
    Await([&] { return Submit(id).ok(); });
  }

  const std::string secret_ = "tm_" + std::string(43, 's');
  const std::string producer_secret_ = "tm_" + std::string(43, 'p');
  testing::TempDir dir_;
  testing::FakeClock clock_;
  FakeCatalog catalog_;
  testing::InProcessServer server_;
  std::unique_ptr<IngestApp> app_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::IngestService::Stub> stub_;
  const log::ScopedSink quiet_{[](std::string_view) {}};
};

TEST_F(IngestAppTest, BindsTheObservatoryBeforeTheFirstEvent) {
  Start();
  Await([&] {
    return !absl::IsUnavailable(Submit("x").status()) ||
           status::ReasonOf(Submit("x").status()) == "NO_OBSERVATORY";
  });
  EXPECT_THAT(Submit("x"), ReasonIs("NO_OBSERVATORY"));
  EXPECT_EQ(catalog_.binds(), 0);
  ApplySample();
  AwaitSubmitOk("a");
  EXPECT_EQ(catalog_.binds(), 2) << "one failed, one counted";
  const v1::GetLogStatusResponse status = Status();
  EXPECT_EQ(status.catalog_version(), catalog_.version());
  EXPECT_TRUE(status.catalog_reachable());
  EXPECT_FALSE(status.has_refusal());
  EXPECT_EQ(status.identities(), 1u);
}

TEST_F(IngestAppTest, MarksEveryNewViewEvenWithoutEvents) {
  Start();
  ApplySample();
  AwaitSubmitOk("a");
  const uint64_t size = Status().log_size();
  catalog_.Change([](CatalogBuilder& builder) { builder.Source("platform-new"); });
  Await([&] { return Status().log_size() == size + 1; });
}

TEST_F(IngestAppTest, GoesOnWhenTheCatalogIsAway) {
  Start();
  ApplySample();
  AwaitSubmitOk("a");
  catalog_.Close();
  Await([&] { return !Status().catalog_reachable(); });
  ASSERT_OK_AND_ASSIGN(const auto response, Submit("b"));
  EXPECT_EQ(response.verdict().accepted(), 1u);
}

TEST_F(IngestAppTest, RefusesEventsOfAnObservatoryThatIsBoundToAnotherLog) {
  Start();
  catalog_.Change([](CatalogBuilder& builder) {
    AddSampleCatalog(&builder);
    builder.Observatory("Asia/Shanghai", {2020, 1, 1}).set_log_id(std::string(32, 'a'));
  });
  Await([&] { return absl::IsFailedPrecondition(Submit("a").status()); });
  EXPECT_THAT(Submit("a"), ReasonIs("LOG_ID_MISMATCH"));
  EXPECT_EQ(catalog_.binds(), 0);
  EXPECT_EQ(Status().log_size(), 0u);
}

TEST_F(IngestAppTest, ACatalogThatHasLostVersionsIsRefusedUntilItIsRestored) {
  Start();
  ApplySample();
  AwaitSubmitOk("a");
  catalog_.Change([](CatalogBuilder& builder) { builder.Source("platform-new"); });
  Await([&] { return Status().log_size() == 3; });
  const std::string log_id = Status().log_id();
  app_.reset();
  const auto restore = [&](bool whole) {
    catalog_.Replace([&](CatalogBuilder& builder) {
      AddTokens(builder);
      builder.Commit();
      AddSampleCatalog(&builder);
      builder.Commit();
      builder.Observatory("Asia/Shanghai", {2020, 1, 1}).set_log_id(log_id);
      builder.Commit();
      if (whole) builder.Source("platform-new");
    });
  };
  restore(/*whole=*/false);
  Start();
  Await([&] { return absl::IsFailedPrecondition(Submit("b").status()); });
  EXPECT_THAT(Submit("b"), ReasonIs("CATALOG_BEHIND_LOG"));
  EXPECT_THAT(std::string(Submit("b").status().message()), HasSubstr("at version 3"));
  Await([&] { return Health() == 2; });
  EXPECT_EQ(Status().log_size(), 3u) << "it can be read, by those who still try";
  EXPECT_THAT(status::FromRpcStatusProto(Status().refusal()), ReasonIs("CATALOG_BEHIND_LOG"));
  app_.reset();
  restore(/*whole=*/true);
  Start();
  AwaitSubmitOk("b");
  Await([&] { return Health() == 1; });
}

TEST_F(IngestAppTest, ACatalogThatBecameAnotherIsNeitherUsedNorMarked) {
  Start();
  ApplySample();
  AwaitSubmitOk("a");
  const v1::GetLogStatusResponse before = Status();
  app_.reset();
  // As many versions as before with other content, then more.
  for (const int more : {0, 1}) {
    catalog_.Replace([&](CatalogBuilder& builder) {
      AddTokens(builder);
      builder.Commit();
      AddSampleCatalog(&builder);
      builder.Source("platform-other");
      builder.Commit();
      builder.Observatory("Asia/Shanghai", {2020, 1, 1}).set_log_id(before.log_id());
      builder.Commit();
      if (more > 0) builder.Source("platform-new");
    });
    ASSERT_EQ(catalog_.version(), before.catalog_version() + more);
    Start();
    Await([&] { return absl::IsFailedPrecondition(Submit("b").status()); });
    EXPECT_THAT(Submit("b"), ReasonIs("CATALOG_DIVERGED"));
    Await([&] { return Health() == 2; });
    EXPECT_EQ(Status().log_size(), before.log_size());
    app_.reset();
  }
}

TEST_F(IngestAppTest, AnUnboundCatalogIsNotBoundToALogOfAnother) {
  Start();
  ApplySample();
  AwaitSubmitOk("a");
  app_.reset();
  const int binds = catalog_.binds();
  catalog_.Replace([&](CatalogBuilder& builder) {
    AddTokens(builder);
    builder.Commit();
    AddSampleCatalog(&builder);
    builder.Commit();
    builder.Source("platform-other");
  });
  Start();
  Await([&] { return absl::IsFailedPrecondition(Submit("b").status()); });
  EXPECT_THAT(Submit("b"), ReasonIs("CATALOG_DIVERGED"));
  EXPECT_EQ(catalog_.binds(), binds);
}

TEST_F(IngestAppTest, ARestartFindsItsEventsAndItsOpenCodes) {
  Start();
  catalog_.Change([](CatalogBuilder& builder) {
    AddSampleCatalog(&builder);
    builder.Source("platform-1").set_new_codes_per_day(1);
  });
  Await([&] { return Submit("a", "p1").ok(); });
  ASSERT_OK_AND_ASSIGN(auto response, Submit("b", "p2"));
  EXPECT_EQ(response.verdict().accepted(), 0u);
  app_.reset();
  EXPECT_EQ(CheckLogAndPrint(dir_.File("log"), ""), 0);
  Start();
  Await([&] { return Submit("a", "p1").ok(); });
  ASSERT_OK_AND_ASSIGN(response, Submit("a", "p1"));
  EXPECT_EQ(response.verdict().exceptions(0).kind(), v1::EXCEPTION_KIND_DUPLICATE);
  // p1 is known, so p2 is the first new code of the day; p3 is one too many.
  ASSERT_OK_AND_ASSIGN(response, Submit("b", "p2"));
  EXPECT_EQ(response.verdict().accepted(), 1u);
  ASSERT_OK_AND_ASSIGN(response, Submit("c", "p3"));
  EXPECT_THAT(status::FromRpcStatusProto(response.verdict().exceptions(0).status()),
              ReasonIs("TOO_MANY_NEW_CODES"));
  ASSERT_OK_AND_ASSIGN(response, Submit("d", "p1"));
  EXPECT_EQ(response.verdict().accepted(), 1u);
}

TEST_F(IngestAppTest, CodesOfEveryOpenListAreLearntFromTheLog) {
  Start();
  catalog_.Change([](CatalogBuilder& builder) {
    AddSampleCatalog(&builder);
    builder.Source("platform-1").set_new_codes_per_day(1);
  });
  Await([&] { return Submit("a", "p", "i1").ok(); });
  app_.reset();
  Start();
  // i1 is known, so i2 is the first new one of the day; i3 is one too many.
  Await([&] { return Submit("b", "p", "i1").ok(); });
  ASSERT_OK_AND_ASSIGN(auto response, Submit("c", "p", "i2"));
  EXPECT_EQ(response.verdict().accepted(), 1u);
  ASSERT_OK_AND_ASSIGN(response, Submit("d", "p", "i3"));
  ASSERT_EQ(response.verdict().reasons_size(), 1);
  EXPECT_EQ(response.verdict().reasons(0).reason(), "TOO_MANY_NEW_CODES");
  EXPECT_EQ(response.verdict().reasons(0).field(), "income_band");
}

TEST_F(IngestAppTest, ACallerWithoutATokenIsRefused) {
  Start();
  ApplySample();
  AwaitSubmitOk("a");
  grpc::ClientContext context;
  rpc::PrepareCall(&context, "", absl::Seconds(20));
  v1::GetLogStatusResponse response;
  EXPECT_THAT(
      status::FromGrpcStatus(stub_->GetLogStatus(&context, v1::GetLogStatusRequest(), &response)),
      StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(IngestAppTest, AFrontIsTheServiceOfTheOwnersLog) {
  ApplySample();
  Start();
  AwaitSubmitOk("first");
  IngestApp::Options options = Options();
  options.data_dir = "";
  options.store = "grpc://" + app_->address();
  ASSERT_OK_AND_ASSIGN(const auto front, IngestApp::Start(options));
  const v1::GetLogStatusResponse owner = Status();
  // From here on calls go to the front.
  channel_ = *rpc::CreateChannel({.target = front->address()});
  stub_ = v1::IngestService::NewStub(channel_);
  AwaitSubmitOk("second");
  EXPECT_EQ(Status().log_id(), owner.log_id());
  EXPECT_EQ(Status().log_size(), owner.log_size() + 1);
  ASSERT_OK_AND_ASSIGN(const auto again, Submit("first"));
  ASSERT_EQ(again.verdict().exceptions_size(), 1);
  EXPECT_EQ(again.verdict().exceptions(0).kind(), v1::EXCEPTION_KIND_DUPLICATE);
  // A newer catalog is judged by as soon as the front has it, whoever marks it first.
  catalog_.Change([](CatalogBuilder& builder) { builder.Source("new-shop"); });
  AwaitSubmitOk("third");
  Await([&] { return Status().catalog_version() == catalog_.version(); });

  grpc::ClientContext read;
  rpc::PrepareCall(&read, secret_, absl::Seconds(20));
  v1::BatchGetEventsRequest ids;
  ids.set_source("platform-1");
  for (const char* id : {"second", "nothing", "first"}) ids.add_ids(id);
  v1::BatchGetEventsResponse found;
  ASSERT_OK(status::FromGrpcStatus(stub_->BatchGetEvents(&read, ids, &found)));
  ASSERT_EQ(found.events_size(), 2);
  EXPECT_EQ(found.events(0).event().id(), "second");
  EXPECT_EQ(found.events(0).principal(), "shop");
  EXPECT_EQ(found.events(0).accepted_time_us(), testing::FakeClock::kStartMicros);
  EXPECT_THAT(found.missing_ids(), ::testing::ElementsAre("nothing"));

  grpc::ClientContext tail;
  rpc::PrepareCall(&tail, secret_, absl::Seconds(20));
  const auto blocks = stub_->Tail(&tail, v1::TailRequest());
  v1::TailResponse block;
  uint64_t next = 0;
  while (next < Status().log_size() && blocks->Read(&block)) {
    if (!block.has_block()) continue;
    EXPECT_EQ(block.block().first_leaf(), next);
    next += block.block().record_count();
  }
  EXPECT_EQ(next, Status().log_size());
}

TEST_F(IngestAppTest, AFrontOutlivesItsOwner) {
  ApplySample();
  Start();
  AwaitSubmitOk("first");
  IngestApp::Options options = Options();
  options.data_dir = "";
  options.store = "grpc://" + app_->address();
  ASSERT_OK_AND_ASSIGN(const auto front, IngestApp::Start(options));
  const std::string address = app_->address();
  channel_ = *rpc::CreateChannel({.target = front->address()});
  stub_ = v1::IngestService::NewStub(channel_);
  AwaitSubmitOk("second");
  app_.reset();
  EXPECT_THAT(Submit("third"), ReasonIs("LOG_OWNER_AWAY"));
  IngestApp::Options back = Options();
  back.listen = address;
  auto restarted = IngestApp::Start(back);
  ASSERT_OK(restarted);
  AwaitSubmitOk("third");
  EXPECT_EQ((*Submit("second")).verdict().exceptions_size(), 1);
}

TEST_F(IngestAppTest, WrongFlagsAreNamed) {
  IngestApp::Options options = Options();
  options.data_dir = "";
  EXPECT_THAT(IngestApp::Start(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--data")));
  options = Options();
  options.service_token_file = "";
  EXPECT_THAT(IngestApp::Start(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--service_token_file")));
  options.service_token_file = dir_.File("none");
  EXPECT_THAT(IngestApp::Start(options),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("--service_token_file")));
  options = Options();
  options.store = "postgres://x";
  EXPECT_THAT(IngestApp::Start(options).status().message(), HasSubstr("--store: \"postgres://x\""));
  options.store = "grpc://127.0.0.1:1";
  EXPECT_THAT(IngestApp::Start(options).status().message(), HasSubstr("--data"));
  options = Options();
  options.redis = "http://127.0.0.1:1";
  EXPECT_THAT(IngestApp::Start(options).status().message(), HasSubstr("--redis"));
  EXPECT_NE(CheckLogAndPrint(dir_.File("nowhere"), ""), 0);
}

}  // namespace
}  // namespace tidemark::ingest
