#include "services/analytics/api/stream_memory.h"

#include <gtest/gtest.h>

namespace tidemark::analytics {
namespace {

TEST(StreamMemoryTest, IsTakenUpToItsBoundAndGivenBack) {
  StreamMemory memory(100);
  EXPECT_TRUE(memory.Take(60).ok());
  EXPECT_TRUE(memory.Take(40).ok());
  const absl::Status full = memory.Take(1);
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_EQ(memory.bytes(), 100u);
  memory.Give(60);
  EXPECT_TRUE(memory.Take(1).ok());
  EXPECT_EQ(memory.bytes(), 41u);
}

TEST(StreamMemoryTest, OneAnswerAloneMayBeLarger) {
  StreamMemory memory(100);
  EXPECT_TRUE(memory.Take(1000).ok());
  EXPECT_FALSE(memory.Take(1).ok());
  memory.Give(1000);
  EXPECT_EQ(memory.bytes(), 0u);
}

}  // namespace
}  // namespace tidemark::analytics
