// IssueToken and BindLog over a real server.
#include "absl/strings/str_replace.h"
#include "services/catalog/api/service_fixture.h"

namespace tidemark::catalog {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::tidemark::testing::ParseText;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

class TokenTest : public testing::ServiceTest {};

constexpr char kRegion[] = R"pb(resources {
                                  name: "regions/cn"
                                  region { level: REGION_LEVEL_NATION }
                                })pb";

TEST_F(TokenTest, IssuedTokensWorkUntilTheyAreDeleted) {
  auto request =
      ParseText<v1::IssueTokenRequest>(R"pb(id: "ning"
                                            token { principal: "宁波" roles: ROLE_STEWARD }
                                            request_id: "r")pb");
  v1::IssueTokenResponse issued;
  EXPECT_THAT(Call(steward_, &Stub::IssueToken, request, &issued),
              StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK(Call(admin_, &Stub::IssueToken, request, &issued));
  EXPECT_EQ(issued.secret().size(), 46u);
  EXPECT_EQ(issued.resource().token().secret_hash(), "");
  v1::IssueTokenResponse again;
  ASSERT_OK(Call(admin_, &Stub::IssueToken, request, &again));
  EXPECT_EQ(again.secret(), issued.secret());
  ASSERT_OK(Apply(issued.secret(), ParseText<v1::ApplyResourcesRequest>(kRegion)));
  ASSERT_OK_AND_ASSIGN(const auto region, Get(viewer_, "regions/cn"));
  EXPECT_EQ(region.updated_by(), "宁波");

  v1::DeleteResourceRequest remove;
  remove.set_name("tokens/ning");
  v1::DeleteResourceResponse removed;
  ASSERT_OK(Call(admin_, &Stub::DeleteResource, remove, &removed));
  EXPECT_THAT(Get(issued.secret(), "regions/cn"), StatusIs(absl::StatusCode::kUnauthenticated));
  request.set_request_id("");
  EXPECT_THAT(Call(admin_, &Stub::IssueToken, request, &again),
              AllOf(StatusIs(absl::StatusCode::kAlreadyExists), ReasonIs("TOKEN_ID_USED")));
}

TEST_F(TokenTest, IssueTokenJudgesTheToken) {
  const auto issue = [&](const std::string& text) {
    v1::IssueTokenResponse response;
    return Call(admin_, &Stub::IssueToken, ParseText<v1::IssueTokenRequest>(text), &response);
  };
  EXPECT_THAT(issue(R"pb(id: "A"
                         token { principal: "p" roles: ROLE_VIEWER })pb"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("id")));
  EXPECT_THAT(issue(R"pb(id: "a")pb"), StatusIs(absl::StatusCode::kInvalidArgument));
  const absl::Status producer = issue(R"pb(id: "a"
                                           token { principal: "p" roles: ROLE_PRODUCER })pb");
  EXPECT_THAT(producer, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(status::FieldOf(producer), "token.sources");
  EXPECT_THAT(
      issue(R"pb(id: "a"
                 token { principal: "p" roles: ROLE_PRODUCER sources: "sources/x" })pb"),
      AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), ReasonIs("DANGLING_REFERENCE")));
  EXPECT_THAT(issue(R"pb(id: "a"
                         token { principal: "p" roles: ROLE_VIEWER expire_time_us: 5 })pb"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("expire_time_us")));
  EXPECT_OK(issue(R"pb(id: "a"
                       token { principal: "p" roles: ROLE_PRODUCER sources: "*" })pb"));
}

TEST_F(TokenTest, ExpiredTokensAreRefused) {
  auto request =
      ParseText<v1::IssueTokenRequest>(R"pb(id: "short"
                                            token { principal: "p" roles: ROLE_VIEWER })pb");
  request.mutable_token()->set_expire_time_us(clock_.NowMicros() + 1'000'000);
  v1::IssueTokenResponse issued;
  ASSERT_OK(Call(admin_, &Stub::IssueToken, request, &issued));
  EXPECT_THAT(Get(issued.secret(), "regions/cn"), StatusIs(absl::StatusCode::kNotFound));
  clock_.Advance(absl::Seconds(2));
  EXPECT_THAT(Get(issued.secret(), "regions/cn"), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(TokenTest, BindLogFixesTheObservatory) {
  const auto bind = [&](const std::string& log) -> absl::StatusOr<uint64_t> {
    v1::BindLogRequest request;
    request.set_log_id(log);
    v1::BindLogResponse response;
    absl::Status status = Call(service_token_, &Stub::BindLog, request, &response);
    if (!status.ok()) return status;
    return response.version();
  };
  const std::string log(32, 'a');
  EXPECT_THAT(bind("xyz"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(bind(log),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), ReasonIs("NO_OBSERVATORY")));
  const std::string observatory = R"pb(
    resources {
      name: "observatories/main"
      display_names { key: "zh" value: "宁波" }
      observatory {
        time_zone: "Asia/Shanghai"
        currency: "CNY"
        scale: $0
        start { year: 2020 month: 1 day: 1 }
      }
    })pb";
  ASSERT_OK(ApplyText(absl::StrReplaceAll(observatory, {{"$0", "3"}})));
  ASSERT_OK(ApplyText(absl::StrReplaceAll(observatory, {{"$0", "2"}})));
  EXPECT_THAT(
      ApplyText(absl::StrReplaceAll(observatory, {{"$0", "2"}, {"/main", "/other"}})),
      AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), ReasonIs("ONLY_ONE_OBSERVATORY")));
  ASSERT_OK_AND_ASSIGN(const uint64_t version, bind(log));
  ASSERT_OK(ApplyText(absl::StrReplaceAll(observatory, {{"$0", "2"}, {"宁波", "宁波市"}})));
  EXPECT_THAT(bind(log), tidemark::testing::IsOkAndHolds(version));
  EXPECT_THAT(bind(std::string(32, 'b')), AllOf(StatusIs(absl::StatusCode::kFailedPrecondition),
                                                ReasonIs("LOG_ALREADY_BOUND")));
  EXPECT_THAT(ApplyText(absl::StrReplaceAll(observatory, {{"$0", "3"}})),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), ReasonIs("IMMUTABLE_FIELD")));
  ASSERT_OK_AND_ASSIGN(const auto now, Get(viewer_, "observatories/main"));
  EXPECT_EQ(now.observatory().log_id(), log);
  EXPECT_EQ(now.observatory().fiscal_start_month(), 1u);
}

}  // namespace
}  // namespace tidemark::catalog
