#include "clients/cli/import/resume_state.h"

#include <string>

#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tidemark::importer {
namespace {

class ResumeStateTest : public ::testing::Test {
 protected:
  testing::TempDir folder_;
};

TEST_F(ResumeStateTest, ComesBackAsItWasSaved) {
  const std::string input = folder_.Write("input", "id,amount\n1,2\n");
  auto state = ResumeState::ForInput(input, "mapping");
  ASSERT_TRUE(state.ok()) << state.status();
  state->rows = 18'446'744'073'709'551'615u;
  state->rejects_bytes = 9;
  const std::string path = folder_.File("saved");
  ASSERT_TRUE(state->Save(path).ok());
  const auto loaded = ResumeState::Load(path, input, "mapping");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->rows, 18'446'744'073'709'551'615u);
  EXPECT_EQ(loaded->rejects_bytes, 9u);
  EXPECT_EQ(loaded->head_bytes, 14u);
  EXPECT_EQ(loaded->head_hash, state->head_hash);
}

TEST_F(ResumeStateTest, AnotherMappingOrInputIsRefused) {
  const std::string input = folder_.Write("one", "1\n");
  const std::string path = folder_.File("of_one");
  ASSERT_TRUE(ResumeState::ForInput(input, "mapping")->Save(path).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(ResumeState::Load(path, input, "other").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      ResumeState::Load(path, folder_.Write("two", "2\n"), "mapping").status()));
}

TEST_F(ResumeStateTest, CountsThatNobodyWroteAreRefused) {
  const auto with = [](const std::string& rows, const std::string& rejects_bytes) {
    return R"({"rows": )" + rows +
           R"(, "mapping": "mapping", "head_hash": "", "head_bytes": 0, "rejects_bytes": )" +
           rejects_bytes + "}";
  };
  ASSERT_TRUE(ResumeState::Load(folder_.Write("good", with("3", "9")), "-", "mapping").ok());
  for (const char* bad : {"1e+99", "-1", "1.5", "\"3\"", "null", "18446744073709551616"}) {
    for (const auto& text : {with(bad, "9"), with("3", bad)}) {
      const auto state = ResumeState::Load(folder_.Write("bad", text), "-", "mapping");
      ASSERT_TRUE(absl::IsDataLoss(state.status())) << text;
      EXPECT_THAT(std::string(state.status().message()),
                  ::testing::AllOf(::testing::HasSubstr("is no state of an import ("),
                                   ::testing::HasSubstr("no whole number"),
                                   ::testing::HasSubstr("import from the start")));
    }
  }
}

TEST_F(ResumeStateTest, TextThatIsNoStateIsRefused) {
  for (const char* text : {"", "[]", "{}", "{\"rows\": 1", "7"}) {
    EXPECT_TRUE(
        absl::IsDataLoss(ResumeState::Load(folder_.Write("text", text), "-", "mapping").status()))
        << text;
  }
}

}  // namespace
}  // namespace tidemark::importer
