#include "common/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:1", "Address to listen on, host:port.");
ABSL_FLAG(int32_t, threads, 2, "Threads of the store.");
ABSL_FLAG(bool, verbose, false, "Say more.");

namespace tidemark::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class ConfigTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::vector<std::string>> LoadFrom(const std::vector<std::string>& args) {
    return Load(args, "test", [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment_.find(name);
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    });
  }

  absl::FlagSaver saver_;
  std::map<std::string, std::string> environment_;
  testing::TempDir dir_;
};

TEST_F(ConfigTest, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  const std::string file = dir_.Write("c.yaml", "listen: file\nthreads: 7\nverbose: true\n");
  environment_ = {{"TIDEMARK_TEST_LISTEN", "environment"}, {"TIDEMARK_TEST_THREADS", "8"}};
  EXPECT_THAT(LoadFrom({"--listen=flag", "--config=" + file}), IsOk());
  EXPECT_EQ(absl::GetFlag(FLAGS_listen), "flag");
  EXPECT_EQ(absl::GetFlag(FLAGS_threads), 8);
  EXPECT_TRUE(absl::GetFlag(FLAGS_verbose));
}

TEST_F(ConfigTest, EnvironmentMayNameTheFile) {
  environment_ = {{"TIDEMARK_TEST_CONFIG", dir_.Write("c.yaml", "threads: 5")}};
  EXPECT_THAT(LoadFrom({}), IsOk());
  EXPECT_EQ(absl::GetFlag(FLAGS_threads), 5);
}

TEST_F(ConfigTest, TakesEveryWayToWriteAFlag) {
  EXPECT_THAT(LoadFrom({"--threads", "3", "a", "-listen=x", "--verbose", "b", "--", "--c"}),
              IsOkAndHolds(ElementsAre("a", "b", "--c")));
  EXPECT_EQ(absl::GetFlag(FLAGS_threads), 3);
  EXPECT_EQ(absl::GetFlag(FLAGS_listen), "x");
  EXPECT_TRUE(absl::GetFlag(FLAGS_verbose));
  EXPECT_THAT(LoadFrom({"--noverbose"}), IsOk());
  EXPECT_FALSE(absl::GetFlag(FLAGS_verbose));
}

TEST_F(ConfigTest, UnknownFlagNamesThoseThereAre) {
  EXPECT_THAT(LoadFrom({"--lisen=x"}),
              StatusIs(kInvalid, AllOf(HasSubstr("--lisen"), HasSubstr("--listen, --threads"))));
  EXPECT_THAT(LoadFrom({"--nothreads"}), StatusIs(kInvalid, HasSubstr("--nothreads")));
}

TEST_F(ConfigTest, UnknownKeyOfTheFileNamesTheFile) {
  const std::string file = dir_.Write("c.yaml", "thread: 7\n");
  EXPECT_THAT(LoadFrom({"--config=" + file}),
              StatusIs(kInvalid, AllOf(HasSubstr(file + ": thread"), HasSubstr("--threads"))));
}

TEST_F(ConfigTest, BadValueSaysWhatIsWanted) {
  EXPECT_THAT(LoadFrom({"--threads=many"}),
              StatusIs(kInvalid, AllOf(HasSubstr("\"many\""), HasSubstr("whole number"))));
  EXPECT_THAT(LoadFrom({"--threads"}), StatusIs(kInvalid, HasSubstr("value missing")));
  environment_ = {{"TIDEMARK_TEST_VERBOSE", "perhaps"}};
  EXPECT_THAT(LoadFrom({}), StatusIs(kInvalid, AllOf(HasSubstr("TIDEMARK_TEST_VERBOSE"),
                                                     HasSubstr("true or false"))));
}

TEST_F(ConfigTest, UnknownEnvironmentVariableIsSomebodyElses) {
  environment_ = {{"TIDEMARK_OTHER", "x"}};
  EXPECT_THAT(LoadFrom({}), IsOk());
}

// A shell that is set up for the CLI or for another service must not move this one's data.
TEST_F(ConfigTest, VariablesOfOtherProgramsAreNotRead) {
  environment_ = {{"TIDEMARK_LISTEN", "x"}, {"TIDEMARK_OTHER_LISTEN", "y"}, {"TIDEMARK_TEST", "z"}};
  EXPECT_THAT(LoadFrom({}), IsOk());
  EXPECT_EQ(absl::GetFlag(FLAGS_listen), "127.0.0.1:1");
}

TEST_F(ConfigTest, BadFilesAreExplained) {
  EXPECT_THAT(LoadFrom({"--config=" + dir_.File("none.yaml")}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none.yaml")));
  EXPECT_THAT(LoadFrom({"--config=" + dir_.Write("list.yaml", "- a\n- b\n")}),
              StatusIs(kInvalid, HasSubstr("flag: value")));
  EXPECT_THAT(LoadFrom({"--config=" + dir_.Write("deep.yaml", "threads: [1, 2]\n")}),
              StatusIs(kInvalid, HasSubstr("single value")));
  EXPECT_THAT(LoadFrom({"--config=" + dir_.Write("broken.yaml", "a: [\n")}),
              StatusIs(kInvalid, HasSubstr("broken.yaml")));
  EXPECT_THAT(LoadFrom({"--config=" + dir_.Write("empty.yaml", "")}), IsOk());
}

TEST_F(ConfigTest, HelpListsFlagsWithDefaultsAndEnvironment) {
  EXPECT_THAT(FlagHelp("test"), AllOf(HasSubstr("--threads  Threads of the store."),
                                      HasSubstr("default 2, environment TIDEMARK_TEST_THREADS")));
}

}  // namespace
}  // namespace tidemark::config
