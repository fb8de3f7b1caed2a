#include "common/base/executor.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <future>
#include <string>
#include <vector>

namespace tidemark::base {
namespace {

TEST(ThreadPoolTest, RunsInOrderOnANamedThread) {
  std::vector<int> order;
  std::string name;
  std::promise<void> done;
  ThreadPool pool({.name = "a-rather-long-name", .threads = 1, .queue_limit = 10});
  ASSERT_TRUE(pool.TryPost([&] { order.push_back(1); }));
  ASSERT_TRUE(pool.TryPost([&] { order.push_back(2); }));
  ASSERT_TRUE(pool.TryPost([&] {
    char buffer[32] = {};
    pthread_getname_np(pthread_self(), buffer, sizeof(buffer));
    name = buffer;
    done.set_value();
  }));
  done.get_future().wait();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  EXPECT_EQ(name, "a-rather-long-n");
}

TEST(ThreadPoolTest, RefusesWhenTheQueueIsFull) {
  std::promise<void> started;
  std::promise<void> release;
  ThreadPool pool({.name = "small", .threads = 1, .queue_limit = 1});
  ASSERT_TRUE(pool.TryPost([&] {
    started.set_value();
    release.get_future().wait();
  }));
  started.get_future().wait();
  ASSERT_TRUE(pool.TryPost([] {}));
  EXPECT_EQ(pool.queued(), 1u);
  EXPECT_FALSE(pool.TryPost([] { FAIL() << "a refused task ran"; }));
  release.set_value();
}

TEST(ThreadPoolTest, ShutdownRunsWhatWasAcceptedAndRefusesTheRest) {
  std::atomic<int> ran{0};
  ThreadPool pool({.name = "drain", .threads = 2, .queue_limit = 1000});
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(pool.TryPost([&] { ++ran; }));
  pool.Shutdown();
  EXPECT_EQ(ran.load(), 500);
  EXPECT_FALSE(pool.TryPost([&] { ++ran; }));
  pool.Shutdown();
  EXPECT_EQ(ran.load(), 500);
}

}  // namespace
}  // namespace tidemark::base
