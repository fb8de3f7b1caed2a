#include "common/yaml/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/status_matchers.h"

namespace tidemark::yaml {
namespace {

using ::testing::HasSubstr;
using ::tidemark::testing::StatusIs;

void ExpectRefused(const std::string& text, const std::string& why) {
  EXPECT_THAT(LoadAll(text, "a.yaml"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why)))
      << text;
}

TEST(LoadTest, ReadsDocumentsWithAliases) {
  ASSERT_OK_AND_ASSIGN(const auto documents,
                       LoadAll("a: &x [1, 2]\nb: *x\nc: *x\n---\n- &x 1\n- *x\n---\n", "a.yaml"));
  ASSERT_EQ(documents.size(), 3u);
  EXPECT_EQ(documents[0]["c"][1].Scalar(), "2");
  EXPECT_EQ(documents[1][1].Scalar(), "1");
  EXPECT_TRUE(documents[2].IsNull());
}

TEST(LoadTest, OneDocumentOrNone) {
  ASSERT_OK_AND_ASSIGN(const YAML::Node root, Load("a: 1\n", "a.yaml"));
  EXPECT_EQ(root["a"].Scalar(), "1");
  ASSERT_OK_AND_ASSIGN(const YAML::Node nothing, Load("# nothing\n", "a.yaml"));
  EXPECT_TRUE(nothing.IsNull());
  EXPECT_THAT(Load("a\n---\nb\n", "a.yaml"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a.yaml: 2 documents")));
}

TEST(LoadTest, RefusesWhatTheParserWouldNeverEnd) {
  ExpectRefused("\n,", "a.yaml:2: not YAML: a document cannot begin like this");
  ExpectRefused("a: 1\n---\n]\n", "a.yaml:3: not YAML");
}

TEST(LoadTest, RefusesNodesThatContainThemselves) {
  ExpectRefused("&a [*a]", "a.yaml:1: not YAML: an alias stands inside of what it stands for");
  ExpectRefused("x: &a\n  y: [1, *a]\n", "a.yaml:2");
  ExpectRefused("? &a {b: *a}\n: 1\n", "an alias stands inside");
}

TEST(LoadTest, RefusesAliasesThatGrowWithoutBound) {
  std::string text = "- &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = " *a" + std::to_string(i - 1);
    text += "- &a" + std::to_string(i) + " [";
    for (int n = 0; n < 10; ++n) text += (n == 0 ? "" : ",") + last;
    text += "]\n";
  }
  ExpectRefused(text, "aliases make it more than 1000000 values");
}

TEST(LoadTest, ValuesAreUtf8) {
  ExpectRefused("a: x\nb: [\xE8\x8C\xB6, \xE8\x8C]\n", "a.yaml:2: not YAML: a value is not UTF-8");
  ExpectRefused("\x9A: x\n", "a.yaml:1");
}

TEST(LoadTest, SaysWhereItIsNoYaml) {
  ExpectRefused("a: 1\nb: [1\n", "a.yaml:3: not YAML");
  ExpectRefused("a: *nothing\n", "a.yaml:1: not YAML");
  ExpectRefused(std::string(2000, '['), "not YAML");
}

}  // namespace
}  // namespace tidemark::yaml
