#include "services/catalog/api/list_cache.h"

#include <future>
#include <map>
#include <thread>

#include "common/base/mutex.h"
#include "common/testing/status_matchers.h"

namespace tidemark::catalog {
namespace {

using ::tidemark::testing::StatusIs;
using Page = ListCache::Page;

class MapCache final : public redis::Cache {
 public:
  std::optional<std::string> Get(std::string_view material) override {
    base::MutexLock lock(mutex_);
    const auto it = values_.find(std::string(material));
    return it == values_.end() ? std::nullopt : std::optional(it->second);
  }
  void Put(std::string_view material, std::string_view value) override {
    base::MutexLock lock(mutex_);
    values_[std::string(material)] = std::string(value);
  }
  redis::CacheCounters counters() const override { return {}; }
  bool enabled() const override { return true; }

 private:
  base::Mutex mutex_;
  std::map<std::string, std::string> values_;
};

class ListCacheTest : public ::testing::Test {
 protected:
  static absl::StatusOr<Page> Nothing() { return absl::InternalError("made again"); }

  MapCache redis_;
  ListCache cache_{&redis_};
};

TEST_F(ListCacheTest, KeepsPagesByWhatTheyCost) {
  const auto make = [](size_t scanned) {
    return [scanned] { return absl::StatusOr<Page>(Page{.bytes = "p", .scanned = scanned}); };
  };
  ASSERT_OK_AND_ASSIGN(const Page first, cache_.GetOrMake("dear", make(100)));
  EXPECT_TRUE(first.made_here);
  ASSERT_OK_AND_ASSIGN(const Page kept, cache_.GetOrMake("dear", Nothing));
  EXPECT_FALSE(kept.made_here);
  EXPECT_EQ(kept.bytes, "p");
  ASSERT_OK(cache_.GetOrMake("cheap", make(99)));
  EXPECT_THAT(cache_.GetOrMake("cheap", Nothing), StatusIs(absl::StatusCode::kInternal));
}

// One caller makes a page until `made` is set, another asks for it meanwhile.
class SharedPageTest : public ListCacheTest {
 protected:
  absl::StatusOr<Page> Ask(absl::StatusOr<Page> of_first, absl::StatusOr<Page> of_second) {
    std::promise<void> made;
    std::thread first([&] {
      const auto make = [&] {
        made.get_future().wait();
        return of_first;
      };
      EXPECT_EQ(cache_.GetOrMake("key", make).status(), of_first.status());
    });
    std::thread release([&] {
      while (cache_.waiting() == 0) std::this_thread::yield();
      made.set_value();
    });
    while (cache_.in_flight() == 0) std::this_thread::yield();
    absl::StatusOr<Page> second = cache_.GetOrMake("key", [&] { return of_second; });
    first.join();
    release.join();
    return second;
  }
};

TEST_F(SharedPageTest, OneMakesItForAll) {
  ASSERT_OK_AND_ASSIGN(const Page page, Ask(Page{.bytes = "shared"}, Nothing()));
  EXPECT_EQ(page.bytes, "shared");
  EXPECT_FALSE(page.made_here);
}

TEST_F(SharedPageTest, AFailureIsTheOthersOwn) {
  ASSERT_OK_AND_ASSIGN(const Page page, Ask(absl::CancelledError("gone"), Page{.bytes = "mine"}));
  EXPECT_EQ(page.bytes, "mine");
  EXPECT_TRUE(page.made_here);
}

}  // namespace
}  // namespace tidemark::catalog
