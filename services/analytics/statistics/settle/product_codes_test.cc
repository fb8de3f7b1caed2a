#include "services/analytics/statistics/settle/product_codes.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tidemark::analytics {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ProductCodesTest, TheCodeOfASourceComesFirstThenThatOfAllThenTheId) {
  std::vector<catalog::v1::Resource> products(3);
  products[0].set_name("products/a");
  products[1].set_name("products/b");
  products[2].set_name("products/c");
  const auto add = [&](size_t product, const char* source, const char* code) {
    catalog::v1::OpenCode& to = *products[product].mutable_product()->add_codes();
    to.set_source(source);
    to.set_code(code);
  };
  add(0, "", "书-1");
  add(1, "sources/shop", "书-1");
  add(2, "", "a");  // which is the first one's id
  const ProductCodes codes(products);
  EXPECT_EQ(codes.Find("other", "书-1"), 0);
  EXPECT_EQ(codes.Find("", "书-1"), 0);
  EXPECT_EQ(codes.Find("shop", "书-1"), 1);
  EXPECT_EQ(codes.Find("shop", "b"), 1);
  EXPECT_EQ(codes.Find("shop", "a"), 2);
  EXPECT_EQ(codes.Find("shop", "d"), -1);
  EXPECT_THAT(codes.SourcesOf("书-1"), ElementsAre("shop"));
  EXPECT_THAT(codes.SourcesOf("a"), IsEmpty());
  EXPECT_EQ(codes.FindName("products/a"), 0);
  EXPECT_EQ(codes.FindName("a"), -1);
  EXPECT_EQ(codes.FindName("products/d"), -1);
}

}  // namespace
}  // namespace tidemark::analytics
