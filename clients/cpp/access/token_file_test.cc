#include "clients/cpp/access/token_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>

#include "common/status/status_macros.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"

namespace tidemark::access {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::Not;
using testing::StatusIs;

std::string Token(char fill) { return "tm_" + std::string(43, fill); }

class TokenFileTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& content, mode_t mode = 0600) {
    const std::string path = dir_.File(name);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    dir_.Write(name, content);
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  // The secret; where it was found is in `place_`.
  absl::StatusOr<std::string> Find(const std::string& token_file = "") {
    TM_ASSIGN_OR_RETURN(
        const FoundToken found,
        FindToken({.token_file = token_file, .environment = [this](const char* name) {
                     const auto it = environment_.find(name);
                     return it == environment_.end() ? std::nullopt
                                                     : std::optional<std::string>(it->second);
                   }}));
    place_ = found.place;
    return found.secret;
  }

  testing::TempDir dir_;
  std::map<std::string, std::string> environment_;
  std::string place_;
};

TEST_F(TokenFileTest, TokensHaveOneShape) {
  EXPECT_TRUE(LooksLikeToken("tm_" + std::string(43, 'Z')));
  EXPECT_TRUE(LooksLikeToken("tm_" + std::string(41, '0') + "-_"));
  EXPECT_FALSE(LooksLikeToken("tm_" + std::string(42, 'Z')));
  EXPECT_FALSE(LooksLikeToken("tm_" + std::string(44, 'Z')));
  EXPECT_FALSE(LooksLikeToken("tn_" + std::string(43, 'Z')));
  EXPECT_FALSE(LooksLikeToken("tm_" + std::string(42, 'Z') + "\xff"));
  EXPECT_FALSE(LooksLikeToken(""));
}

TEST_F(TokenFileTest, WritesForTheOwnerOnlyAndReadsBack) {
  const std::string path = dir_.File("admin.token");
  ASSERT_THAT(WriteTokenFile(path, Token('a')), IsOk());
  struct stat info = {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_THAT(ReadTokenFile(path), IsOkAndHolds(Token('a')));
  ASSERT_THAT(WriteTokenFile(path, Token('b')), IsOk());
  EXPECT_THAT(ReadTokenFile(path), IsOkAndHolds(Token('b')));
  EXPECT_THAT(WriteTokenFile(dir_.File("none/x"), Token('a')),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(TokenFileTest, RefusesFilesThatOthersCanRead) {
  for (const mode_t mode : {0640, 0604, 0660, 0644, 0610}) {
    const std::string path = Write("t", Token('a') + "\n", mode);
    EXPECT_THAT(ReadTokenFile(path),
                StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("chmod 600 " + path)));
  }
  EXPECT_THAT(ReadTokenFile(Write("t", Token('a'), 0400)), IsOk());
}

TEST_F(TokenFileTest, WhatIsNoTokenIsSaidWithoutShowingIt) {
  const auto is_no_token = StatusIs(absl::StatusCode::kInvalidArgument,
                                    AllOf(HasSubstr("holds no token"), Not(HasSubstr("hunter"))));
  EXPECT_THAT(ReadTokenFile(Write("t", "hunter2")), is_no_token);
  EXPECT_THAT(ReadTokenFile(Write("t", "")), is_no_token);
  EXPECT_THAT(ReadTokenFile(Write("t", Token('a') + std::string(10'000, 'x'))), is_no_token);
  EXPECT_THAT(ReadTokenFile(dir_.File("none")), StatusIs(absl::StatusCode::kNotFound));
  std::filesystem::permissions(dir_.path(), std::filesystem::perms::owner_all);
  EXPECT_THAT(ReadTokenFile(dir_.path()), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(TokenFileTest, PlacesAreTriedInOrder) {
  environment_["HOME"] = dir_.File("home");
  Write("home/.tidemark/catalog/admin.token", Token('h'));
  EXPECT_THAT(Find(), IsOkAndHolds(Token('h')));
  environment_["TIDEMARK_DATA"] = dir_.File("data");
  EXPECT_THAT(Find(), IsOkAndHolds(Token('h')));
  Write("data/catalog/admin.token", Token('d'));
  EXPECT_THAT(Find(), IsOkAndHolds(Token('d')));
  EXPECT_EQ(place_, dir_.File("data/catalog/admin.token"));
  environment_["TIDEMARK_TOKEN_FILE"] = Write("named", Token('e'));
  EXPECT_THAT(Find(), IsOkAndHolds(Token('e')));
  EXPECT_EQ(place_, dir_.File("named"));
  environment_["TIDEMARK_TOKEN"] = Token('t');
  EXPECT_THAT(Find(), IsOkAndHolds(Token('t')));
  EXPECT_EQ(place_, "$TIDEMARK_TOKEN");
  EXPECT_THAT(Find(Write("flag", Token('f'))), IsOkAndHolds(Token('f')));
}

TEST_F(TokenFileTest, WhatIsNamedMustBeUsable) {
  environment_["HOME"] = dir_.File("home");
  Write("home/.tidemark/catalog/admin.token", Token('h'));
  EXPECT_THAT(Find(dir_.File("none")), StatusIs(absl::StatusCode::kNotFound));
  environment_["TIDEMARK_TOKEN"] = "hunter2";
  EXPECT_THAT(Find(), StatusIs(absl::StatusCode::kInvalidArgument, Not(HasSubstr("hunter"))));
}

TEST_F(TokenFileTest, ADefaultPlaceThatIsOpenToOthersIsNotPassedOver) {
  environment_["HOME"] = dir_.File("home");
  Write("home/.tidemark/catalog/admin.token", Token('h'), 0644);
  EXPECT_THAT(Find(), StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(TokenFileTest, NotFoundListsThePlaces) {
  environment_["TIDEMARK_DATA"] = "/nonexistent";
  EXPECT_THAT(Find(), StatusIs(absl::StatusCode::kNotFound,
                               AllOf(HasSubstr("--token-file"),
                                     HasSubstr("/nonexistent/catalog/admin.token"))));
}

}  // namespace
}  // namespace tidemark::access
