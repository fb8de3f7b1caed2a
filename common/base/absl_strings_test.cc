// What cmake/TidemarkAbsl.cmake promises about absl::string_view and std::string_view.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace tidemark::base {
namespace {

std::string_view Same(std::string_view view) { return view; }

TEST(AbslStringsTest, ViewsConvertBothWays) {
  const std::string text = "tide";
  const std::string_view standard = text;
  const absl::string_view own = standard;
  EXPECT_EQ(own.data(), text.data());
  EXPECT_EQ(Same(own).data(), text.data());
  EXPECT_EQ(std::string(own), text);
  std::string sum = "high ";
  sum += own;
  EXPECT_EQ(sum, "high tide");
}

TEST(AbslStringsTest, ViewsCompare) {
  const std::string_view a = "a";
  const absl::string_view b = "b";
  const std::string a_string = "a";
  EXPECT_TRUE(a < b && a <= b && a != b && b > a && b >= a);
  EXPECT_FALSE(a == b || b == a);
  EXPECT_TRUE(b != a_string && b > a_string && b == "b");
}

TEST(AbslStringsTest, StringFunctionsTakeStandardViews) {
  const std::string_view list = "3,1,2";
  EXPECT_EQ(absl::StrCat(list, "!", 7), "3,1,2!7");
  const std::vector<std::string_view> parts = absl::StrSplit(list, ',');
  EXPECT_EQ(absl::StrJoin(parts, "-"), "3-1-2");
  int sum = 0;
  for (const std::string_view part : absl::StrSplit(list, ',')) {
    int value = 0;
    ASSERT_TRUE(absl::SimpleAtoi(part, &value));
    sum += value;
  }
  EXPECT_EQ(sum, 6);
}

TEST(AbslStringsTest, HashTablesTakeStandardViews) {
  absl::flat_hash_map<std::string, int> by_string = {{"one", 1}};
  EXPECT_EQ(by_string.at(std::string_view("one")), 1);
  EXPECT_TRUE(by_string.contains(absl::string_view("one")));
  absl::flat_hash_set<std::string_view> views = {"one"};
  EXPECT_TRUE(views.contains(std::string("one")));
  EXPECT_FALSE(views.contains("two"));
}

}  // namespace
}  // namespace tidemark::base
