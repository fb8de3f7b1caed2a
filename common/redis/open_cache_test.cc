#include "common/redis/open_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace tidemark::redis {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

absl::StatusOr<std::unique_ptr<Cache>> Open(const std::string& address) {
  static const testing::FakeClock clock;
  return OpenCache(
      {.address = address, .name_space = "test", .secret = "tm_secret", .clock = &clock});
}

TEST(OpenCacheTest, TakesWhatTheFlagMayHold) {
  const auto none = Open("");
  ASSERT_THAT(none, IsOk());
  EXPECT_FALSE((*none)->enabled());
  for (const char* address : {"127.0.0.1:7379", "redis://:pw@127.0.0.1:7379/2"}) {
    const auto cache = Open(address);
    ASSERT_THAT(cache, IsOk()) << address;
    EXPECT_TRUE((*cache)->enabled()) << address;
  }
}

TEST(OpenCacheTest, NamesTheFlag) {
  for (const char* address : {":1", "h:port", "http://h:1"}) {
    EXPECT_THAT(Open(address), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--redis:")))
        << address;
  }
}

}  // namespace
}  // namespace tidemark::redis
