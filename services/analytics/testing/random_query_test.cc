#include "services/analytics/testing/random_query.h"

#include <gtest/gtest.h>

#include "clients/cpp/query/canonical.h"
#include "clients/cpp/query/parse.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::analytics::testing {
namespace {

TEST(RandomQueryTest, CanonicalTextReadsBackAsTheNormalisedQuery) {
  const World world = MakeWorld(3, 200, "Europe/London");
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    const v1::Query query = RandomQuery(world, &random);
    const std::string text = query::CanonicalText(query);
    ASSERT_OK_AND_ASSIGN(const v1::Query parsed, query::ParseQuery(text));
    ASSERT_THAT(query::Normalised(parsed), tidemark::testing::EqualsProto(query::Normalised(query)))
        << text;
    ASSERT_EQ(query::CanonicalText(parsed), text);
  }
}

}  // namespace
}  // namespace tidemark::analytics::testing
