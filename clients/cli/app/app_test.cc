#include "clients/cli/app/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <sstream>

#include "absl/status/status.h"
#include "clients/cli/app/command_host.h"
#include "common/status/error.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"

namespace tidemark::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What the probe command saw, or shall answer.
struct Probe {
  ConnectionOptions options;
  OutputFormat format = OutputFormat::kTable;
  absl::StatusOr<ExitCode> answer = ExitCode::kOk;
  uint64_t count = 0;
  int shift = 0;
  bool ran = false;
  bool asks_for_token = false;
};
Probe probe;

void AddProbe(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("probe", "Does nothing");
  command->add_option("--labels", "Any text")->expected(1);
  command->add_option("--count", probe.count);
  command->add_option("--shift", probe.shift);
  command->footer("Examples:\n  tidemark probe\n");
  command->callback([&host] {
    host.SetAction([&host] {
      probe.ran = true;
      host.terminal().out << "an answer\n";
      probe.options = host.connection().options();
      probe.format = host.output_format();
      if (probe.asks_for_token) {
        EXPECT_OK(host.connection().Token());
      }
      return probe.answer;
    });
  });
}

class AppTest : public ::testing::Test {
 protected:
  void SetUp() override { probe = Probe(); }

  int Run(const std::vector<std::string>& arguments) {
    std::istringstream in;
    const Terminal terminal{.in = in,
                            .out = out_,
                            .err = err_,
                            .clock = clock_,
                            .environment = [this](const char* name) -> std::optional<std::string> {
                              const auto it = environment_.find(name);
                              if (it == environment_.end()) return std::nullopt;
                              return it->second;
                            },
                            .reader_gone = [this] { return reader_gone_; }};
    static constexpr AddCommand kCommands[] = {AddProbe};
    return RunApp(arguments, kCommands, terminal);
  }

  testing::FakeClock clock_;
  std::ostringstream out_, err_;
  std::map<std::string, std::string> environment_;
  bool reader_gone_ = false;
};

TEST_F(AppTest, DefaultAddressesAreLoopback) {
  EXPECT_EQ(Run({"probe"}), 0);
  EXPECT_EQ(probe.options.ingest, "127.0.0.1:7301");
  EXPECT_EQ(probe.options.catalog, "127.0.0.1:7302");
  EXPECT_EQ(probe.options.analytics, "127.0.0.1:7303");
}

TEST_F(AppTest, FlagBeatsEnvironmentAndMayStandOnEitherSideOfTheCommand) {
  environment_["TIDEMARK_INGEST"] = "from-env:1";
  environment_["TIDEMARK_CATALOG"] = "from-env:2";
  EXPECT_EQ(Run({"--ingest", "before:1", "probe", "-o", "json", "--analytics", "after:3"}), 0);
  EXPECT_EQ(probe.options.ingest, "before:1");
  EXPECT_EQ(probe.options.catalog, "from-env:2");
  EXPECT_EQ(probe.options.analytics, "after:3");
  EXPECT_EQ(probe.format, OutputFormat::kJson);
}

TEST_F(AppTest, WrongFlagIsUsageErrorNamingIt) {
  EXPECT_EQ(Run({"probe", "--nonsense"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--nonsense"));
  EXPECT_EQ(Run({}), 2);
  EXPECT_EQ(Run({"probe", "-o", "xml"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("`xml`, want table, csv or json"));
  EXPECT_EQ(Run({"probe", "-o", "CSV"}), 0);
}

TEST_F(AppTest, WholeNumbersAreDecimalDigits) {
  EXPECT_EQ(Run({"probe", "--count", "18446744073709551615", "--shift", "-10"}), 0);
  EXPECT_EQ(probe.count, UINT64_MAX);
  EXPECT_EQ(probe.shift, -10);
  EXPECT_EQ(Run({"probe", "--count", "0", "--shift=0"}), 0);
  EXPECT_EQ(probe.count, 0u);
  for (const char* text :
       {"-5", "-0", "010", "0x10", "1e3", "1.0", "", " 1", "18446744073709551616"}) {
    EXPECT_EQ(Run({"probe", "--count", text}), 2) << text;
    EXPECT_THAT(err_.str(), HasSubstr("want a whole number of 0 or more")) << text;
  }
  for (const char* text : {"010", "-010", "+1", "9223372036854775808"}) {
    EXPECT_EQ(Run({"probe", "--shift", text}), 2) << text;
  }
}

TEST_F(AppTest, MistypedWordsGetTheNearestOnes) {
  EXPECT_EQ(Run({"prbe", "--labels", "x"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("`prbe` is no command; did you mean `probe`?"));
  EXPECT_EQ(Run({"probe", "--lables=x"}), 2);
  EXPECT_THAT(err_.str(),
              HasSubstr("`--lables` is no option of `probe`; did you mean `--labels`?"));
  EXPECT_EQ(Run({"probe", "--catlog", "x:1"}), 2);
  EXPECT_THAT(err_.str(),
              HasSubstr("`--catlog` is no option of `probe`; did you mean `--catalog`?"));
  EXPECT_EQ(Run({"probe", "net", "by", "month"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("`net by month`; a text with blanks goes in quotes"));
  EXPECT_FALSE(probe.ran);
}

TEST_F(AppTest, OutputThatDoesNotArriveIsAnError) {
  out_.setstate(std::ios::badbit);
  EXPECT_EQ(Run({"probe"}), 5);
  EXPECT_THAT(err_.str(), HasSubstr("cannot write the output"));
  EXPECT_EQ(Run({"--help"}), 5);
  // A pipe that nobody reads any more: no news to whoever ended it.
  err_.str("");
  reader_gone_ = true;
  EXPECT_EQ(Run({"probe"}), 141);
  EXPECT_EQ(err_.str(), "");
}

TEST_F(AppTest, EveryCommandsHelpSaysWhereTheRestIs) {
  EXPECT_EQ(Run({"probe", "--help"}), 0);
  EXPECT_THAT(out_.str(),
              HasSubstr("  tidemark probe\n\nShared options and exit codes: tidemark --help"));
  EXPECT_FALSE(probe.ran);
}

TEST_F(AppTest, HelpListsCommandsAndExitCodes) {
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("probe"));
  EXPECT_THAT(out_.str(), HasSubstr("a service refused the request"));
}

TEST_F(AppTest, ErrorsBecomeExitCodesAndText) {
  probe.answer = absl::UnavailableError("no connection");
  EXPECT_EQ(Run({"probe"}), 3);
  EXPECT_THAT(err_.str(), HasSubstr("no connection"));
  EXPECT_THAT(err_.str(), HasSubstr("Is the service running?"));
  err_.str("");
  probe.answer = status::WithReason(absl::UnavailableError("its queue is full"), "OVERLOADED");
  EXPECT_EQ(Run({"probe"}), 3);
  EXPECT_THAT(err_.str(), Not(HasSubstr("Is the service running?"))) << "it said so itself";
  probe.answer = absl::DeadlineExceededError("Deadline Exceeded");
  EXPECT_EQ(Run({"probe"}), 3);
  EXPECT_THAT(err_.str(), HasSubstr("did not answer in time"));
  err_.str("");
  probe.answer = absl::UnimplementedError("");
  EXPECT_EQ(Run({"probe"}), 4);
  EXPECT_THAT(err_.str(), HasSubstr("tidemark: UNIMPLEMENTED\nThe server does not know this call"));
  probe.answer = absl::PermissionDeniedError("role");
  EXPECT_EQ(Run({"probe"}), 4);
  probe.answer = DataError(absl::NotFoundError("no file"));
  EXPECT_EQ(Run({"probe"}), 5);
  probe.answer = UsageError(absl::InvalidArgumentError("--limit"));
  EXPECT_EQ(Run({"probe"}), 2);
  probe.answer = ExitCode::kSomeRejected;
  EXPECT_EQ(Run({"probe"}), 1);
}

TEST_F(AppTest, AnUnknownTokenIsNamedByWhereItIs) {
  probe.answer = absl::UnauthenticatedError("unknown token");
  EXPECT_EQ(Run({"probe"}), 4);
  EXPECT_THAT(err_.str(), Not(HasSubstr("The token is"))) << "none was used";
  environment_["TIDEMARK_TOKEN"] = "tm_" + std::string(43, 'x');
  probe.asks_for_token = true;
  EXPECT_EQ(Run({"probe"}), 4);
  EXPECT_THAT(err_.str(), HasSubstr("The token is that of $TIDEMARK_TOKEN;"));
}

TEST_F(AppTest, TheFirstMarkOfAnErrorStands) {
  probe.answer = UsageError(DataError(absl::NotFoundError("x")));
  EXPECT_EQ(Run({"probe"}), 5);
  EXPECT_THAT(err_.str(), Not(HasSubstr("exit-code")));
}

}  // namespace
}  // namespace tidemark::cli
