// The whole service on a data folder: first start, restart, damage, second process.
#include "services/catalog/app/catalog_app.h"

#include <grpcpp/grpcpp.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "clients/cpp/access/token_authorizer.h"
#include "clients/cpp/access/token_file.h"
#include "common/redis/testing/redis_server.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "common/testing/fake_clock.h"
#include "common/testing/in_process_server.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"
#include "services/catalog/domain/catalog.h"
#include "services/catalog/store/sqlite_catalog_store.h"
#include "services/catalog/types/contract_rules.h"
#include "tidemark/catalog/v1/catalog_service.grpc.pb.h"

namespace tidemark::catalog {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::tidemark::testing::StatusIs;

class CatalogAppTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<CatalogApp>> Start() {
    CatalogApp::Options options;
    options.listen = "127.0.0.1:0";
    options.data_dir = data_;
    options.redis = redis_;
    options.heartbeat = absl::Milliseconds(20);
    options.clock = &clock_;
    return CatalogApp::Start(options);
  }

  static absl::Status Apply(const CatalogApp& app, const std::string& token) {
    v1::ApplyResourcesRequest request;
    v1::Resource* group = request.add_resources();
    group->set_name("regionGroups/delta");
    (*group->mutable_display_names())["zh"] = "长三角";
    group->mutable_region_group();
    v1::ApplyResourcesResponse response;
    const auto stub = v1::CatalogService::NewStub(*rpc::CreateChannel({.target = app.address()}));
    grpc::ClientContext context;
    rpc::PrepareCall(&context, token, absl::Seconds(20));
    return status::FromGrpcStatus(stub->ApplyResources(&context, request, &response));
  }

  static absl::Status Delete(const CatalogApp& app, const std::string& token,
                             const std::string& name) {
    v1::DeleteResourceRequest request;
    request.set_name(name);
    v1::DeleteResourceResponse response;
    const auto stub = v1::CatalogService::NewStub(*rpc::CreateChannel({.target = app.address()}));
    grpc::ClientContext context;
    rpc::PrepareCall(&context, token, absl::Seconds(20));
    return status::FromGrpcStatus(stub->DeleteResource(&context, request, &response));
  }

  // While no app has the folder.
  void AddToken(const std::string& secret, std::vector<Role> roles, int64_t expire_time_us) {
    ASSERT_OK_AND_ASSIGN(const auto store,
                         SqliteCatalogStore::Open({.path = data_ + "/catalog.db"}));
    ASSERT_OK_AND_ASSIGN(
        const auto catalog,
        Catalog::Open({.store = store.get(), .clock = &clock_, .rules = RulesOfContract()}));
    Token token;
    token.principal = "other";
    token.roles = std::move(roles);
    token.expire_time_us = expire_time_us;
    token.secret_hash = access::HashSecret(secret);
    ASSERT_OK(catalog->IssueToken("test", "other", token));
  }

  std::string AdminToken() { return *access::ReadTokenFile(data_ + "/admin.token"); }

  tidemark::testing::TempDir dir_;
  tidemark::testing::FakeClock clock_;
  const std::string data_ = dir_.File("new/catalog");
  std::string redis_;
};

TEST_F(CatalogAppTest, ANewcomerCanDoEverythingAndItLasts) {
  {
    ASSERT_OK_AND_ASSIGN(const auto app, Start());
    ASSERT_OK(Apply(*app, AdminToken()));
    EXPECT_OK(access::ReadTokenFile(data_ + "/service.token"));
    EXPECT_THAT(Apply(*app, *access::ReadTokenFile(data_ + "/service.token")),
                StatusIs(absl::StatusCode::kPermissionDenied));
  }
  const std::string token = AdminToken();
  ASSERT_OK_AND_ASSIGN(const auto app, Start());
  EXPECT_EQ(AdminToken(), token);
  EXPECT_OK(Delete(*app, token, "regionGroups/delta"));
}

TEST_F(CatalogAppTest, ATokenFileThatIsThereIsTaken) {
  const std::string token = "tm_" + std::string(43, 'q');
  std::filesystem::create_directories(data_);
  ASSERT_OK(access::WriteTokenFile(data_ + "/admin.token", token));
  ASSERT_OK_AND_ASSIGN(const auto app, Start());
  EXPECT_EQ(AdminToken(), token);
  EXPECT_OK(Apply(*app, token));
}

TEST_F(CatalogAppTest, ARevokedTokenStaysRevokedAndTheFileGetsAnother) {
  std::string token;
  {
    ASSERT_OK_AND_ASSIGN(const auto app, Start());
    token = AdminToken();
    ASSERT_OK(Delete(*app, token, "tokens/admin"));
    EXPECT_THAT(Apply(*app, token), StatusIs(absl::StatusCode::kUnauthenticated));
  }
  ASSERT_OK_AND_ASSIGN(const auto app, Start());
  EXPECT_NE(AdminToken(), token);
  EXPECT_THAT(Apply(*app, token), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_OK(Apply(*app, AdminToken()));
}

TEST_F(CatalogAppTest, AnExpiredTokenInTheFileGetsASuccessor) {
  const std::string token = "tm_" + std::string(43, 'q');
  {
    ASSERT_OK(Start());
    AddToken(token, {Role::kAdmin}, clock_.NowMicros() + 1'000'000);
  }
  ASSERT_OK(access::WriteTokenFile(data_ + "/admin.token", token));
  { ASSERT_OK_AND_ASSIGN(const auto app, Start()); }
  EXPECT_EQ(AdminToken(), token);
  clock_.Advance(absl::Seconds(2));
  ASSERT_OK_AND_ASSIGN(const auto app, Start());
  EXPECT_NE(AdminToken(), token);
  EXPECT_OK(Apply(*app, AdminToken()));
}

TEST_F(CatalogAppTest, ATokenWithoutTheRoleStopsTheStart) {
  const std::string token = "tm_" + std::string(43, 'q');
  {
    ASSERT_OK(Start());
    AddToken(token, {Role::kViewer}, 0);
  }
  ASSERT_OK(access::WriteTokenFile(data_ + "/service.token", token));
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                AllOf(HasSubstr("service.token"), HasSubstr("tokens/other"),
                                      HasSubstr("role service"))));
  EXPECT_THAT(access::ReadTokenFile(data_ + "/service.token"),
              tidemark::testing::IsOkAndHolds(token));
}

TEST_F(CatalogAppTest, ACatalogWhoseDiskFailedDoesNotLookWell) {
  ASSERT_OK_AND_ASSIGN(const auto app, Start());
  const auto health = [&] {
    return tidemark::testing::CallRaw(*rpc::CreateChannel({.target = app->address()}),
                                      "/grpc.health.v1.Health/Check", "");
  };
  EXPECT_THAT(health(), tidemark::testing::IsOkAndHolds("\x08\x01"));
  // A file that may not grow is a disk that fails.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit limit = {1, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &limit);
  EXPECT_THAT(Apply(*app, AdminToken()), StatusIs(absl::StatusCode::kDataLoss));
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_THAT(Apply(*app, AdminToken()),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("restart")));
  while (health().value() != "\x08\x02") std::this_thread::yield();
}

TEST_F(CatalogAppTest, ATokenFileThatOthersCanReadStopsTheStart) {
  { ASSERT_OK(Start()); }
  std::filesystem::permissions(data_ + "/admin.token", std::filesystem::perms(0644));
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("chmod 600")));
}

TEST_F(CatalogAppTest, TheFolderBelongsToOneProcess) {
  ASSERT_OK_AND_ASSIGN(const auto app, Start());
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                AllOf(HasSubstr("--data"), HasSubstr("tidemark-catalog, process"),
                                      HasSubstr("another folder"))));
}

TEST_F(CatalogAppTest, ADamagedFileStopsTheStart) {
  { ASSERT_OK(Start()); }
  std::ofstream(data_ + "/catalog.db", std::ios::trunc) << std::string(5000, 'g');
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kDataLoss,
                                AllOf(HasSubstr("catalog.db"), HasSubstr("backup"))));
}

TEST_F(CatalogAppTest, RedisThatIsAwayHarmsNothingAndAWrongAddressStopsTheStart) {
  redis_ = "127.0.0.1:1";
  {
    ASSERT_OK_AND_ASSIGN(const auto app, Start());
    EXPECT_OK(Apply(*app, AdminToken()));
  }
  redis_ = "127.0.0.1:notaport";
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--redis")));
}

TEST_F(CatalogAppTest, LongListsGoThroughRedisAndStayRightWithoutIt) {
  tidemark::testing::RedisServer redis;
  redis_ = absl::StrCat("127.0.0.1:", redis.endpoint().port);
  ASSERT_OK_AND_ASSIGN(const auto app, Start());
  const auto stub = v1::CatalogService::NewStub(*rpc::CreateChannel({.target = app->address()}));
  v1::ApplyResourcesRequest apply;
  for (int i = 0; i < 200; ++i) {
    v1::Resource* group = apply.add_resources();
    group->set_name(absl::StrCat("regionGroups/g", 100 + i));
    group->mutable_region_group();
  }
  {
    grpc::ClientContext context;
    rpc::PrepareCall(&context, AdminToken(), absl::Seconds(20));
    v1::ApplyResourcesResponse response;
    ASSERT_OK(status::FromGrpcStatus(stub->ApplyResources(&context, apply, &response)));
  }
  const auto list = [&](const std::string& collection) {
    v1::ListResourcesRequest request;
    request.set_collection(collection);
    v1::ListResourcesResponse response;
    grpc::ClientContext context;
    rpc::PrepareCall(&context, AdminToken(), absl::Seconds(20));
    EXPECT_OK(status::FromGrpcStatus(stub->ListResources(&context, request, &response)));
    return response.SerializeAsString();
  };
  const std::string first = list("regionGroups");
  list("tokens");
  EXPECT_NE(redis.Command({"RANDOMKEY"}), "");
  EXPECT_EQ(redis.Command({"EVAL", "return tostring(redis.call('DBSIZE'))", "0"}), "1");
  EXPECT_EQ(list("regionGroups"), first);
  redis.Kill();
  EXPECT_EQ(list("regionGroups"), first);
}

TEST_F(CatalogAppTest, WantsADataFolder) {
  CatalogApp::Options options;
  options.clock = &clock_;
  EXPECT_THAT(CatalogApp::Start(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--data")));
}

}  // namespace
}  // namespace tidemark::catalog
