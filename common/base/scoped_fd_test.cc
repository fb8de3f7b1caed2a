#include "common/base/scoped_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <utility>

namespace tidemark::base {
namespace {

bool IsOpen(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }
int OpenSomething() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

TEST(ScopedFdTest, ClosesOnce) {
  const int raw = OpenSomething();
  ASSERT_TRUE(IsOpen(raw));
  { const ScopedFd fd(raw); }
  EXPECT_FALSE(IsOpen(raw));
}

TEST(ScopedFdTest, MovesOwnership) {
  ScopedFd first(OpenSomething());
  const int raw = first.get();
  ScopedFd second(std::move(first));
  EXPECT_FALSE(first.valid());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(second.get(), raw);
  ScopedFd third(OpenSomething());
  const int replaced = third.get();
  third = std::move(second);
  EXPECT_FALSE(IsOpen(replaced));
  EXPECT_TRUE(IsOpen(raw));
}

TEST(ScopedFdTest, ReleaseKeepsItOpen) {
  ScopedFd fd(OpenSomething());
  const int raw = fd.Release();
  EXPECT_FALSE(fd.valid());
  EXPECT_TRUE(IsOpen(raw));
  ScopedFd again(raw);
}

}  // namespace
}  // namespace tidemark::base
