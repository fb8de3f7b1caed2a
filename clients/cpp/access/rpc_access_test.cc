#include "clients/cpp/access/rpc_access.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cpp/access/token_authorizer.h"
#include "common/rpc/authorizer.h"
#include "common/testing/fake_clock.h"
#include "common/testing/golden.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"
#include "tidemark/analytics/v1/statistics_service.pb.h"
#include "tidemark/catalog/v1/catalog_service.pb.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"
#include "tidemark/internal/v1/log_store.pb.h"
#include "tidemark/type/v1/role.pb.h"

namespace tidemark::access {
namespace {

using testing::IsOk;
using testing::ReasonIs;
using testing::StatusIs;

std::vector<const google::protobuf::ServiceDescriptor*> OurServices() {
  return {ingest::v1::SubmitEventsRequest::descriptor()->file()->service(0),
          catalog::v1::GetResourceRequest::descriptor()->file()->service(0),
          analytics::v1::QueryRequest::descriptor()->file()->service(0),
          analytics::v1::GetAvailabilityRequest::descriptor()->file()->service(0),
          internal::v1::AppendRequest::descriptor()->file()->service(0)};
}

// "/tidemark.ingest.v1.IngestService/Tail", of every method that is linked in.
std::vector<std::string> OurMethods() {
  std::vector<std::string> methods;
  for (const auto* service : OurServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      methods.push_back(absl::StrCat("/", service->full_name(), "/", service->method(i)->name()));
    }
  }
  return methods;
}

Roles RolesInText(const std::string& text) {
  if (std::regex_search(text, std::regex("\\bany\\b"))) return kAnyRole;
  Roles roles = 0;
  for (int role = 1; role <= 9; ++role) {
    const std::string name(RoleName(static_cast<Role>(role)));
    if (std::regex_search(text, std::regex("\\b" + name + "\\b"))) roles |= Roles{1} << role;
  }
  return roles;
}

// Roles by method as the comments of the protos tell them: the table's independent twin.
std::map<std::string, Roles> RolesInProtos() {
  std::map<std::string, Roles> found;
  for (const auto* service : OurServices()) {
    std::istringstream file(
        testing::ReadFileOrDie(testing::RepositoryPath("protos/" + service->file()->name())));
    std::string comment;
    const std::string prefix = absl::StrCat("/", service->full_name(), "/");
    for (std::string line; std::getline(file, line);) {
      std::smatch match;
      if (std::regex_match(line, match, std::regex(" *//(.*)"))) {
        comment += match[1].str();
      } else if (std::regex_search(line, match, std::regex("^ *rpc (\\w+)"))) {
        std::smatch roles;
        if (std::regex_search(comment, roles, std::regex("Roles as (\\w+)"))) {
          found[prefix + match[1].str()] = found[prefix + roles[1].str()];
        } else if (std::regex_search(comment, roles, std::regex("Roles: ([^.;]*)"))) {
          found[prefix + match[1].str()] = RolesInText(roles[1].str());
        }
        comment.clear();
      } else {
        comment.clear();
      }
    }
  }
  return found;
}

// One token that every secret finds.
class OneToken final : public TokenLookup {
 public:
  explicit OneToken(Roles roles) : roles_(roles) {}
  absl::StatusOr<std::optional<TokenRecord>> FindBySecretHash(
      std::string_view secret_hash) const override {
    return TokenRecord{.id = "t", .roles = roles_, .secret_hash = std::string(secret_hash)};
  }

 private:
  const Roles roles_;
};

TEST(RpcTableTest, HasARowForEveryMethodAndNoOther) {
  std::set<std::string> linked;
  for (const std::string& method : OurMethods()) linked.insert(method);
  std::set<std::string> rows;
  for (const RpcRule& rule : RpcTable()) {
    EXPECT_EQ(FindRule(rule.method), &rule) << "twice: " << rule.method;
    if (rule.method.starts_with("/grpc.")) {
      EXPECT_TRUE(rule.open) << rule.method;
    } else {
      EXPECT_FALSE(rule.open) << rule.method;
      rows.emplace(rule.method);
    }
  }
  EXPECT_EQ(linked, rows);
}

TEST(RpcTableTest, SaysWhatTheProtosSay) {
  const auto in_protos = RolesInProtos();
  for (const std::string& method : OurMethods()) {
    const auto it = in_protos.find(method);
    ASSERT_NE(it, in_protos.end()) << method << " names no roles in its comment";
    EXPECT_EQ(RoleNames(FindRule(method)->roles), RoleNames(it->second)) << method;
  }
}

TEST(RpcTableTest, EveryRoleAndNoneIsDecidedByTheTable) {
  const testing::FakeClock clock;
  const std::string secret = "tm_" + std::string(43, 'a');
  int let_in = 0;
  int denied = 0;
  for (int role = 0; role <= 9; ++role) {
    const Roles roles = role == 0 ? 0 : Roles{1} << role;
    const OneToken lookup(roles);
    TokenAuthorizer authorizer({.lookup = &lookup, .clock = &clock});
    for (const std::string& method : OurMethods()) {
      const auto caller = authorizer.Authorize(method, secret);
      if ((FindRule(method)->roles & roles) != 0) {
        EXPECT_THAT(caller, IsOk()) << method << " as " << RoleNames(roles);
        ++let_in;
      } else {
        EXPECT_THAT(caller, ReasonIs("ROLE_MISSING")) << method << " as " << RoleNames(roles);
        EXPECT_THAT(caller, StatusIs(absl::StatusCode::kPermissionDenied));
        ++denied;
      }
      EXPECT_THAT(authorizer.Authorize(method, ""), StatusIs(absl::StatusCode::kUnauthenticated));
    }
  }
  EXPECT_GT(let_in, 50);
  EXPECT_GT(denied, 50);
}

TEST(RpcTableTest, RoleNumbersAreThoseOfTheProto) {
  const auto* roles = type::v1::Role_descriptor();
  EXPECT_EQ(roles->value_count(), 10) << "a new role needs a place in access::Role";
  for (int role = 1; role <= 9; ++role) {
    std::string name(RoleName(static_cast<Role>(role)));
    std::transform(name.begin(), name.end(), name.begin(), ::toupper);
    EXPECT_EQ(roles->FindValueByNumber(role)->name(), "ROLE_" + name);
  }
  EXPECT_EQ(RoleNames(Bit(Role::kAdmin) | Bit(Role::kProducer)), "producer, admin");
  EXPECT_EQ(RoleNames(0), "");
}

TEST(RpcTableTest, WhatIsNotInItIsDenied) {
  EXPECT_EQ(FindRule("/tidemark.ingest.v1.IngestService/Nothing"), nullptr);
  EXPECT_EQ(FindRule(""), nullptr);
  const rpc::Caller admin{.roles = kAnyRole, .sources = {"*"}};
  EXPECT_FALSE(MayUseSource(admin, "/tidemark.ingest.v1.IngestService/Nothing", "shop"));
}

TEST(ScopeTest, AProducerUsesItsOwnSources) {
  constexpr std::string_view kSubmit = "/tidemark.ingest.v1.IngestService/SubmitEvents";
  constexpr std::string_view kRead = "/tidemark.ingest.v1.IngestService/BatchGetEvents";
  const rpc::Caller producer{.roles = Bit(Role::kProducer), .sources = {"shop", "mall"}};
  EXPECT_TRUE(MayUseSource(producer, kSubmit, "mall"));
  EXPECT_FALSE(MayUseSource(producer, kSubmit, "other"));
  EXPECT_FALSE(MayUseSource(producer, kSubmit, ""));
  const rpc::Caller any{.roles = Bit(Role::kProducer), .sources = {"*"}};
  EXPECT_TRUE(MayUseSource(any, kSubmit, "other"));
  const rpc::Caller service{.roles = Bit(Role::kService)};
  EXPECT_TRUE(MayUseSource(service, kSubmit, "other"));
  // An auditor reads all sources but sends for none of them.
  const rpc::Caller both{.roles = Bit(Role::kProducer) | Bit(Role::kAuditor), .sources = {"shop"}};
  EXPECT_TRUE(MayUseSource(both, kRead, "other"));
  EXPECT_FALSE(MayUseSource(both, kSubmit, "other"));
}

TEST(ScopeTest, TokensAreForAdminAndService) {
  for (int role = 1; role <= 9; ++role) {
    const rpc::Caller caller{.roles = Roles{1} << role};
    const bool may =
        role == static_cast<int>(Role::kAdmin) || role == static_cast<int>(Role::kService);
    EXPECT_EQ(MaySeeTokens(caller), may) << role;
  }
}

std::string ScopeText(Scope scope) {
  switch (scope) {
    case Scope::kNone:
      return "";
    case Scope::kSources:
      return "a producer: own sources only";
    case Scope::kTokens:
      return "`tokens/...`: admin and service only; `assessments/...`, `grants/...`: steward, "
             "auditor, admin and service only";
    case Scope::kAssessments:
      return "`assessments/...`, `grants/...`: steward, auditor, admin and service only; tokens "
             "are never shown";
    case Scope::kTokenDeletion:
      return "`tokens/...`: admin only";
    case Scope::kTokenHashes:
      return "`tokens/...`: service only";
    case Scope::kRegion:
      return "inside the token's region scope";
    case Scope::kAsset:
      return "inside the token's region scope; a grantee: by an asset only";
    case Scope::kOwnGrants:
      return "of other organisations: steward, auditor, admin and service only";
  }
  return "?";
}

// docs/access.md: its table is this one.
TEST(AccessDocumentTest, ShowsTheTable) {
  std::vector<std::string> want;
  for (const RpcRule& rule : RpcTable()) {
    const std::string roles = rule.open                ? "open: no token"
                              : rule.roles == kAnyRole ? "any"
                                                       : RoleNames(rule.roles);
    want.push_back(absl::StrCat("| `", rule.method.substr(1), "` | ", roles, " | ",
                                ScopeText(rule.scope), " |"));
  }
  std::vector<std::string> got;
  std::istringstream file(testing::ReadFileOrDie(testing::RepositoryPath("docs/access.md")));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| `") && line.find("/") != std::string::npos) got.push_back(line);
  }
  EXPECT_EQ(absl::StrJoin(got, "\n"), absl::StrJoin(want, "\n"));
}

}  // namespace
}  // namespace tidemark::access
