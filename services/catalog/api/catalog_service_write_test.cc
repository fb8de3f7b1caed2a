// ApplyResources and DeleteResource over a real server.
#include <thread>

#include "services/catalog/api/service_fixture.h"

namespace tidemark::catalog {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::ServiceTest;
using ::tidemark::testing::ParseText;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

constexpr char kNingbo[] = R"pb(
  resources {
    name: "regions/cn"
    display_names { key: "zh" value: "中国" }
    region { level: REGION_LEVEL_NATION }
  }
  resources {
    name: "regions/cn-330200"
    display_names { key: "zh" value: "宁波市" }
    display_names { key: "en" value: "Ningbo" }
    description: "长三角南翼经济中心"
    region { level: REGION_LEVEL_CITY parent: "regions/cn" aliases: "宁波" }
  }
)pb";

TEST_F(ServiceTest, ApplyCreatesUpdatesAndLeavesAlone) {
  const uint64_t before = catalog_->head().version;
  ASSERT_OK_AND_ASSIGN(const auto created, ApplyText(kNingbo));
  EXPECT_EQ(created.version(), before + 1);
  ASSERT_EQ(created.changes_size(), 2);
  EXPECT_EQ(created.changes(1).kind(), v1::CHANGE_KIND_CREATE);
  EXPECT_EQ(created.changes(1).after().display_names().at("zh"), "宁波市");
  EXPECT_EQ(created.changes(1).after().updated_by(), "steward@test");
  EXPECT_EQ(created.changes(1).after().update_time_us(),
            tidemark::testing::FakeClock::kStartMicros);
  EXPECT_FALSE(created.changes(1).has_before());

  ASSERT_OK_AND_ASSIGN(const auto same, ApplyText(kNingbo));
  EXPECT_EQ(same.version(), before + 1);
  EXPECT_EQ(same.changes(0).kind(), v1::CHANGE_KIND_NONE);
  EXPECT_EQ(catalog_->head().version, before + 1);

  ASSERT_OK_AND_ASSIGN(const auto updated, ApplyText(R"pb(resources {
                                                            name: "regions/cn"
                                                            description: "new"
                                                            region { level: REGION_LEVEL_NATION }
                                                          })pb"));
  EXPECT_EQ(updated.version(), before + 2);
  EXPECT_EQ(updated.changes(0).kind(), v1::CHANGE_KIND_UPDATE);
  EXPECT_EQ(updated.changes(0).before().etag(), created.changes(0).after().etag());
  EXPECT_NE(updated.changes(0).after().etag(), updated.changes(0).before().etag());
}

TEST_F(ServiceTest, ApplyDryRunTellsAndChangesNothing) {
  auto request = ParseText<v1::ApplyResourcesRequest>(kNingbo);
  request.set_dry_run(true);
  request.set_request_id("dry");
  const uint64_t before = catalog_->head().version;
  ASSERT_OK_AND_ASSIGN(const auto told, Apply(steward_, request));
  EXPECT_EQ(told.version(), before + 1);
  EXPECT_EQ(told.changes(0).kind(), v1::CHANGE_KIND_CREATE);
  EXPECT_EQ(told.changes(0).after().etag(), "");
  EXPECT_EQ(catalog_->head().version, before);
  request.set_dry_run(false);
  ASSERT_OK_AND_ASSIGN(const auto made, Apply(steward_, request));
  EXPECT_EQ(made.changes(0).kind(), v1::CHANGE_KIND_CREATE);
}

TEST_F(ServiceTest, ApplyRefusesAStaleEtag) {
  ASSERT_OK_AND_ASSIGN(const auto created, ApplyText(kNingbo));
  auto request = ParseText<v1::ApplyResourcesRequest>(kNingbo);
  request.mutable_resources(0)->set_etag(created.changes(0).after().etag());
  request.mutable_resources(0)->set_description("first");
  ASSERT_OK(Apply(steward_, request));
  request.mutable_resources(0)->set_description("second");
  const auto stale = Apply(steward_, request);
  EXPECT_THAT(stale, AllOf(StatusIs(absl::StatusCode::kAborted,
                                    HasSubstr("resources[0].etag: regions/cn was changed by "
                                              "steward@test")),
                           ReasonIs("ETAG_MISMATCH")));
}

TEST_F(ServiceTest, ApplyCreatesWhatMustBeAbsentOnce) {
  auto request = ParseText<v1::ApplyResourcesRequest>(kNingbo);
  for (v1::Resource& resource : *request.mutable_resources()) resource.set_etag("absent");
  ASSERT_OK(Apply(steward_, request));
  request.mutable_resources(0)->set_description("by another");
  EXPECT_THAT(Apply(steward_, request),
              AllOf(StatusIs(absl::StatusCode::kAborted, HasSubstr("exists already")),
                    ReasonIs("ETAG_MISMATCH")));
}

TEST_F(ServiceTest, ApplyLeavesStatesOutOfAnAnswerThatWouldBeTooLarge) {
  v1::ApplyResourcesRequest request;
  for (int i = 0; i < 10'000; ++i) {
    v1::Resource* group = request.add_resources();
    group->set_name(absl::StrCat("regionGroups/", std::string(50, 'g'), i));
    group->set_description(std::string(1'000, 'd'));
    group->mutable_region_group();
  }
  ASSERT_OK(Apply(steward_, request));
  for (v1::Resource& group : *request.mutable_resources()) group.set_description("short");
  ASSERT_OK_AND_ASSIGN(const auto answer, Apply(steward_, request));
  EXPECT_LT(answer.ByteSizeLong(), size_t{4} << 20);
  ASSERT_EQ(answer.changes_size(), 10'000);
  EXPECT_EQ(answer.changes(0).before().description(), std::string(1'000, 'd'));
  const v1::Change& last = answer.changes(9'999);
  EXPECT_EQ(last.name(), request.resources(9'999).name());
  EXPECT_EQ(last.kind(), v1::CHANGE_KIND_UPDATE);
  EXPECT_EQ(last.before().type_case(), v1::Resource::TYPE_NOT_SET);
  // Enough to apply on.
  v1::ApplyResourcesRequest next;
  *next.add_resources() = request.resources(9'999);
  next.mutable_resources(0)->set_etag(last.before().etag());
  EXPECT_THAT(Apply(steward_, next), StatusIs(absl::StatusCode::kAborted));
  next.mutable_resources(0)->set_etag(last.after().etag());
  EXPECT_OK(Apply(steward_, next));
}

TEST_F(ServiceTest, ApplyRepeatsTheAnswerOfARequestId) {
  auto request = ParseText<v1::ApplyResourcesRequest>(kNingbo);
  request.set_request_id("attempt-1");
  ASSERT_OK_AND_ASSIGN(const auto first, Apply(steward_, request));
  ASSERT_OK(ApplyText(R"pb(resources {
                             name: "regions/cn"
                             description: "later"
                             region { level: REGION_LEVEL_NATION }
                           })pb"));
  ASSERT_OK_AND_ASSIGN(const auto again, Apply(steward_, request));
  EXPECT_THAT(again, tidemark::testing::EqualsProto(first));
  ASSERT_OK_AND_ASSIGN(const auto now, Get(viewer_, "regions/cn"));
  EXPECT_EQ(now.description(), "later");

  auto other = request;
  other.mutable_resources(0)->set_description("other");
  EXPECT_THAT(Apply(steward_, other),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument), ReasonIs("REQUEST_ID_REUSED")));
  // After a day the id is forgotten, and the states are applied again.
  clock_.Advance(absl::Hours(25));
  ASSERT_OK_AND_ASSIGN(const auto next_day, Apply(steward_, request));
  EXPECT_GT(next_day.version(), first.version());
}

TEST_F(ServiceTest, ApplyNamesEveryWrongField) {
  const auto result = ApplyText(R"pb(
    resources {
      name: "regions/CN"
      region { level: REGION_LEVEL_NATION }
    }
    resources {
      name: "regions/a"
      source { kind: SOURCE_KIND_LIVE }
    }
    resources {
      name: "sources/s"
      source {}
    }
    resources {
      name: "tokens/t"
      token { principal: "p" }
    }
    resources {
      name: "regions/b"
      region {
        level: REGION_LEVEL_NATION
        valid { start { year: 2024 month: 2 day: 30 } }
      }
    }
  )pb");
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument,
                               AllOf(HasSubstr("resources[0].name"), HasSubstr("(and 4 more)"))));
  EXPECT_EQ(status::FieldOf(result.status()), "resources[0].name");
  EXPECT_THAT(
      ApplyText(R"pb(resources {
                       name: "tokens/t"
                       token { principal: "p" }
                     })pb"),
      AllOf(StatusIs(absl::StatusCode::kInvalidArgument), ReasonIs("TOKEN_NOT_APPLICABLE")));
  EXPECT_THAT(ApplyText(""), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("resources")));
}

TEST_F(ServiceTest, ApplyJudgesTheStateAfterTheWholeRequest) {
  // A child before its parent is fine; a parent nowhere is not.
  ASSERT_OK(ApplyText(R"pb(
    resources {
      name: "categories/b"
      category { parent: "categories/a" }
    }
    resources {
      name: "categories/a"
      category {}
    }
  )pb"));
  EXPECT_THAT(ApplyText(R"pb(
                resources {
                  name: "categories/c"
                  category { parent: "categories/aa" }
                })pb"),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition,
                             AllOf(HasSubstr("resources[0].category.parent"),
                                   HasSubstr("near it: categories/a"))),
                    ReasonIs("DANGLING_REFERENCE")));
  EXPECT_THAT(ApplyText(R"pb(
                resources {
                  name: "categories/a"
                  category { parent: "categories/b" }
                })pb"),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), ReasonIs("CYCLE")));
}

TEST_F(ServiceTest, OnlyStewardsAndAdminsApply) {
  const auto request = ParseText<v1::ApplyResourcesRequest>(kNingbo);
  for (const std::string& token : {viewer_, auditor_, service_token_}) {
    EXPECT_THAT(Apply(token, request), StatusIs(absl::StatusCode::kPermissionDenied));
  }
  EXPECT_THAT(Apply("", request), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_OK(Apply(admin_, request));
}

TEST_F(ServiceTest, BytesThatAreNoRequestAreTheCallersFault) {
  const std::string method = "/tidemark.catalog.v1.CatalogService/ApplyResources";
  EXPECT_THAT(tidemark::testing::CallRaw(server_->channel(), method, "\xff\xff\xff", steward_),
              StatusIs(absl::StatusCode::kInvalidArgument));
  // Authorisation comes first.
  EXPECT_THAT(tidemark::testing::CallRaw(server_->channel(), method, "\xff\xff\xff", viewer_),
              StatusIs(absl::StatusCode::kPermissionDenied));
  // A name that is not UTF-8.
  EXPECT_THAT(
      tidemark::testing::CallRaw(server_->channel(), method, "\x0a\x03\x0a\x01\xff", steward_),
      StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ServiceTest, DeleteKeepsWhatIsReferredToAndWhatIsNeverDeleted) {
  ASSERT_OK(ApplyText(kNingbo));
  ASSERT_OK(ApplyText(R"pb(
    resources {
      name: "regionGroups/inner"
      region_group { members { member: "regions/cn" } }
    }
    resources {
      name: "regionGroups/outer"
      region_group { members { member: "regionGroups/inner" } }
    }
  )pb"));
  const auto remove = [&](const std::string& token, const std::string& name,
                          const std::string& etag = "",
                          const std::string& id = "") -> absl::StatusOr<uint64_t> {
    v1::DeleteResourceRequest request;
    request.set_name(name);
    request.set_etag(etag);
    request.set_request_id(id);
    v1::DeleteResourceResponse response;
    absl::Status status = Call(token, &Stub::DeleteResource, request, &response);
    if (!status.ok()) return status;
    return response.version();
  };
  EXPECT_THAT(remove(steward_, "regions/cn-330200"),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("region.valid.end")),
                    ReasonIs("NOT_DELETABLE")));
  EXPECT_THAT(
      remove(steward_, "regionGroups/inner"),
      AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("regionGroups/outer")),
            ReasonIs("STILL_REFERENCED")));
  Token scoped;
  scoped.principal = "p";
  scoped.roles = {Role::kAnalyst};
  scoped.region_scope = "regionGroups/outer";
  for (const char* id : {"secret-name-1", "secret-name-2"}) {
    scoped.secret_hash = access::HashSecret(id);
    ASSERT_OK(catalog_->IssueToken("test", id, scoped));
  }
  // Stewards do not see tokens, not even in messages.
  const auto held = remove(steward_, "regionGroups/outer");
  EXPECT_THAT(held, AllOf(StatusIs(absl::StatusCode::kFailedPrecondition,
                                   HasSubstr("is referred to by a token;")),
                          ReasonIs("STILL_REFERENCED")));
  EXPECT_THAT(remove(admin_, "regionGroups/outer"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("tokens/secret-name-")));
  ASSERT_OK(remove(admin_, "tokens/secret-name-1"));
  ASSERT_OK(remove(admin_, "tokens/secret-name-2"));
  EXPECT_THAT(remove(steward_, "regionGroups/outre"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("regionGroups/outer")));
  EXPECT_THAT(remove(steward_, "regionGroups/outer", "stale"),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(remove(steward_, "outer"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(remove(steward_, "tokens/viewer"), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(remove(viewer_, "regionGroups/outer"), StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK_AND_ASSIGN(const uint64_t version, remove(steward_, "regionGroups/outer", "", "id"));
  EXPECT_THAT(remove(steward_, "regionGroups/outer", "", "id"),
              tidemark::testing::IsOkAndHolds(version));
  EXPECT_OK(remove(steward_, "regionGroups/inner"));
  EXPECT_THAT(Get(viewer_, "regionGroups/outer"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_OK(Get(viewer_, "regionGroups/outer", version - 1));
}

TEST_F(ServiceTest, OneOfManyConcurrentWritersWinsEachEtag) {
  ASSERT_OK_AND_ASSIGN(const auto created, ApplyText(kNingbo));
  auto base = ParseText<v1::ApplyResourcesRequest>(kNingbo);
  std::string etag = created.changes(0).after().etag();
  for (int round = 0; round < 5; ++round) {
    base.mutable_resources(0)->set_etag(etag);
    std::vector<absl::StatusOr<v1::ApplyResourcesResponse>> results(8, absl::UnknownError(""));
    std::vector<std::thread> threads;
    for (size_t i = 0; i < results.size(); ++i) {
      threads.emplace_back([&, i] {
        auto mine = base;
        mine.mutable_resources(0)->set_description(absl::StrCat(round, " ", i));
        results[i] = Apply(steward_, mine);
      });
    }
    for (std::thread& thread : threads) thread.join();
    int won = 0;
    for (const auto& result : results) {
      if (result.ok()) {
        ++won;
        etag = result->changes(0).after().etag();
      } else {
        EXPECT_THAT(result, StatusIs(absl::StatusCode::kAborted));
      }
    }
    EXPECT_EQ(won, 1);
  }
}

TEST_F(ServiceTest, AppliesTenThousandResourcesInOneVersion) {
  v1::ApplyResourcesRequest request;
  for (int i = 0; i < 10'000; ++i) {
    v1::Resource* region = request.add_resources();
    region->set_name(absl::StrCat("regions/r", 10'000 - i));
    (*region->mutable_display_names())["zh"] = "街道";
    region->mutable_region()->set_level(i == 9'999 ? v1::REGION_LEVEL_CITY
                                                   : v1::REGION_LEVEL_COUNTY);
    if (i != 9'999) region->mutable_region()->set_parent("regions/r1");
  }
  const uint64_t before = catalog_->head().version;
  ASSERT_OK_AND_ASSIGN(const auto made, Apply(steward_, request));
  EXPECT_EQ(made.version(), before + 1);
  EXPECT_EQ(made.changes_size(), 10'000);
  request.add_resources()->set_name("regions/one-too-many");
  EXPECT_THAT(Apply(steward_, request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("10001")));
}

}  // namespace
}  // namespace tidemark::catalog
