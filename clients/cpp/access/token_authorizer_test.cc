#include "clients/cpp/access/token_authorizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/base/hex.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace tidemark::access {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::ReasonIs;
using testing::StatusIs;

constexpr char kSubmit[] = "/tidemark.ingest.v1.IngestService/SubmitEvents";
constexpr char kStream[] = "/tidemark.ingest.v1.IngestService/StreamEvents";
constexpr char kTail[] = "/tidemark.ingest.v1.IngestService/Tail";

class TokenAuthorizerTest : public ::testing::Test {
 protected:
  void Load() { view_ = catalog_.View(); }
  absl::StatusOr<rpc::Caller> Authorize(const std::string& method, const std::string& bearer) {
    return authorizer_.Authorize(method, bearer);
  }

  const std::string secret_ = "tm_" + std::string(40, 'a') + "-_9";
  testing::FakeClock clock_;
  catalog_client::CatalogBuilder catalog_;
  std::shared_ptr<const catalog_client::CatalogView> view_ = catalog_.View();
  absl::Duration silence_;
  ViewTokenLookup lookup_{[this] { return view_; }, [this] { return silence_; }};
  TokenAuthorizer authorizer_{{.lookup = &lookup_, .clock = &clock_}};
};

// echo -n abc | sha256sum
TEST(HashSecretTest, IsSha256) {
  EXPECT_EQ(base::HexEncode(HashSecret("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(TokenAuthorizerTest, LetsAHolderInAndTellsWhoItIs) {
  auto& token =
      catalog_.Token("shop-1", Bit(Role::kProducer) | Bit(Role::kViewer), HashSecret(secret_));
  token.set_principal("Shop Ltd");
  token.add_sources("sources/shop");
  token.set_region_scope("regions/cn");
  Load();
  const auto caller = Authorize(kSubmit, secret_);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->token_name, "tokens/shop-1");
  EXPECT_EQ(caller->principal, "Shop Ltd");
  EXPECT_EQ(caller->roles, Bit(Role::kProducer) | Bit(Role::kViewer));
  EXPECT_THAT(caller->sources, ElementsAre("shop"));
  EXPECT_EQ(caller->region_scope, "regions/cn");
}

TEST_F(TokenAuthorizerTest, ErrorsSayWhatToDoAndNeverShowTheSecret) {
  catalog_.Token("shop-1", Bit(Role::kProducer), HashSecret(secret_));
  Load();
  const auto missing = Authorize(kSubmit, "");
  EXPECT_THAT(missing, StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("Bearer tm_")));
  EXPECT_THAT(missing, ReasonIs("TOKEN_MISSING"));
  const auto malformed = Authorize(kSubmit, "hunter2");
  EXPECT_THAT(malformed, ReasonIs("TOKEN_MALFORMED"));
  EXPECT_THAT(malformed, StatusIs(absl::StatusCode::kUnauthenticated, Not(HasSubstr("hunter"))));
  const auto unknown = Authorize(kSubmit, "tm_" + std::string(43, 'b'));
  EXPECT_THAT(unknown, ReasonIs("TOKEN_UNKNOWN"));
  EXPECT_THAT(unknown, StatusIs(absl::StatusCode::kUnauthenticated, Not(HasSubstr("bbb"))));
  const auto role = Authorize(kTail, secret_);
  EXPECT_THAT(role, ReasonIs("ROLE_MISSING"));
  EXPECT_THAT(role, StatusIs(absl::StatusCode::kPermissionDenied,
                             HasSubstr("Tail needs one of the roles auditor, admin, service; "
                                       "token shop-1 has producer")));
  EXPECT_THAT(role, StatusIs(absl::StatusCode::kPermissionDenied, Not(HasSubstr("aaa"))));
}

TEST_F(TokenAuthorizerTest, ATokenStopsAtItsExpiry) {
  catalog_.Token("t", Bit(Role::kService), HashSecret(secret_))
      .set_expire_time_us(clock_.NowMicros() + 1);
  Load();
  EXPECT_THAT(Authorize(kTail, secret_), IsOk());
  clock_.Advance(absl::Microseconds(1));
  EXPECT_THAT(Authorize(kTail, secret_), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(Authorize(kTail, secret_), ReasonIs("TOKEN_EXPIRED"));
}

TEST_F(TokenAuthorizerTest, ARevokedTokenIsUnknownAtOnce) {
  catalog_.Token("t", Bit(Role::kService), HashSecret(secret_));
  Load();
  EXPECT_THAT(Authorize(kTail, secret_), IsOk());
  catalog_.Delete("tokens/t");
  Load();
  EXPECT_THAT(Authorize(kTail, secret_), ReasonIs("TOKEN_UNKNOWN"));
}

constexpr char kTotals[] = "/tidemark.ingest.v1.IngestService/SubmitControlTotals";

TEST_F(TokenAuthorizerTest, WithoutTheCatalogOnlySendingGoesOn) {
  catalog_.Token("t", kAnyRole, HashSecret(secret_));
  Load();
  silence_ = absl::Seconds(60);
  EXPECT_THAT(Authorize(kTail, secret_), IsOk());
  silence_ += absl::Nanoseconds(1);
  EXPECT_THAT(Authorize(kTail, secret_), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Authorize(kTail, secret_), ReasonIs("TOKENS_STALE"));
  // Sending, and what a front of the ingest service needs of the log's owner for it.
  constexpr std::string_view kOwner = "/tidemark.internal.v1.LogStoreService/";
  std::set<std::string> sending = {std::string(kSubmit), std::string(kStream),
                                   std::string(kTotals)};
  for (const char* method :
       {"DescribeLog", "ListOpenCodes", "WatchLog", "Append", "AddRejected", "CountRefused"}) {
    sending.insert(absl::StrCat(kOwner, method));
  }
  for (const RpcRule& rule : RpcTable()) {
    const bool goes_on = rule.open || sending.contains(std::string(rule.method));
    EXPECT_EQ(Authorize(std::string(rule.method), secret_).ok(), goes_on) << rule.method;
  }
  // A token that the last view does not hold does not become a good one.
  EXPECT_THAT(Authorize(kSubmit, "tm_" + std::string(43, 'b')), ReasonIs("TOKEN_UNKNOWN"));
  EXPECT_THAT(Authorize(kTail, ""), ReasonIs("TOKEN_MISSING"));
  silence_ = absl::ZeroDuration();
  EXPECT_THAT(Authorize(kTail, secret_), IsOk());
}

TEST_F(TokenAuthorizerTest, WithoutTokensNobodyIsJudged) {
  silence_ = absl::InfiniteDuration();
  EXPECT_THAT(Authorize(kTail, secret_), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Authorize(kTail, secret_), ReasonIs("TOKENS_NOT_LOADED"));
  view_ = nullptr;
  EXPECT_THAT(Authorize(kTail, secret_), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(TokenAuthorizerTest, MethodsOutsideTheTableAreClosedToAll) {
  catalog_.Token("t", kAnyRole, HashSecret(secret_));
  Load();
  for (const char* method : {"/tidemark.ingest.v1.IngestService/Nothing", "", "/",
                             "tidemark.ingest.v1.IngestService/Tail"}) {
    EXPECT_THAT(Authorize(method, secret_), ReasonIs("METHOD_UNKNOWN")) << method;
    EXPECT_THAT(Authorize(method, ""), ReasonIs("TOKEN_MISSING")) << method;
  }
}

TEST_F(TokenAuthorizerTest, HealthIsOpen) {
  EXPECT_THAT(Authorize("/grpc.health.v1.Health/Check", ""), IsOk());
  const auto caller = Authorize("/grpc.health.v1.Health/Check", secret_);
  ASSERT_THAT(caller, IsOk());
  EXPECT_EQ(caller->roles, 0u);
}

// Finds a record for any hash, as a broken index would.
class WrongLookup final : public TokenLookup {
 public:
  absl::StatusOr<std::optional<TokenRecord>> FindBySecretHash(std::string_view) const override {
    return TokenRecord{.id = "t", .roles = kAnyRole, .secret_hash = HashSecret("other")};
  }
};

TEST(TokenAuthorizerLookupTest, ARecordOfAnotherSecretLetsNobodyIn) {
  const WrongLookup lookup;
  const testing::FakeClock clock;
  TokenAuthorizer authorizer({.lookup = &lookup, .clock = &clock});
  EXPECT_THAT(authorizer.Authorize(kTail, "tm_" + std::string(43, 'a')), ReasonIs("TOKEN_UNKNOWN"));
}

}  // namespace
}  // namespace tidemark::access
