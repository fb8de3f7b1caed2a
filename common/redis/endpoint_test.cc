#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/redis/connection.h"
#include "common/testing/status_matchers.h"

namespace tidemark::redis {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::StatusIs;

TEST(EndpointTest, ParsesUrls) {
  const auto plain = Endpoint::Parse("redis://localhost");
  ASSERT_THAT(plain, IsOk());
  EXPECT_EQ(plain->host, "localhost");
  EXPECT_EQ(plain->port, 6379);
  const auto full = Endpoint::Parse("redis://ann:se:cr@t@10.0.0.1:7000/3");
  ASSERT_THAT(full, IsOk());
  EXPECT_EQ(full->username, "ann");
  EXPECT_EQ(full->password, "se:cr@t");
  EXPECT_EQ(full->host, "10.0.0.1");
  EXPECT_EQ(full->port, 7000);
  EXPECT_EQ(full->database, 3);
  const auto password_only = Endpoint::Parse("redis://:pw@h:1/");
  ASSERT_THAT(password_only, IsOk());
  EXPECT_EQ(password_only->username, "");
  EXPECT_EQ(password_only->password, "pw");
}

TEST(EndpointTest, SaysWhatIsWrongWithoutThePassword) {
  for (const char* url :
       {"", "localhost:6379", "redis://", "redis://h:0", "redis://h:65536", "redis://h:x",
        "redis://h/x", "redis://h/-1", "redis://secret@h", "redis://a:secret@:1"}) {
    EXPECT_THAT(Endpoint::Parse(url),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("want redis://")))
        << url;
    EXPECT_THAT(Endpoint::Parse(url),
                StatusIs(absl::StatusCode::kInvalidArgument, Not(HasSubstr("secret"))));
  }
}

}  // namespace
}  // namespace tidemark::redis
