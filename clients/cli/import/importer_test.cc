#include "clients/cli/import/importer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/str_split.h"
#include "clients/cli/app/exit_code.h"
#include "clients/cli/import/event_printer.h"
#include "clients/cli/import/mapping_testing.h"
#include "clients/cpp/submit/fake_ingest_service.h"
#include "common/status/error.h"
#include "common/testing/fake_clock.h"
#include "common/testing/in_process_server.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"

namespace tidemark::importer {
namespace {

using ::testing::HasSubstr;
using ::tidemark::testing::StatusIs;

constexpr char kMapping[] = R"(
skip:
  - {when: {number: "${amount}", equals: 0}, reason: ZERO_AMOUNT}
event:
  source: shop
  id: ${id}
  kind: PURCHASE
  event_time: "2024-01-01"
  amount: ${amount}
)";

class ImporterTest : public ::testing::Test {
 protected:
  // Rows 1 to `rows`; every tenth is zero, every 25th is no number.
  static std::string Table(int rows) {
    std::string text = "id,amount\n";
    for (int i = 1; i <= rows; ++i) {
      absl::StrAppend(&text, "e", i, ",", i % 10 == 0 ? "0" : i % 25 == 1 ? "bad" : "1.50", "\n");
    }
    return text;
  }

  Importer::Options MakeOptions() {
    Importer::Options options;
    options.submit.channel = server_.channel();
    options.submit.batch_events = 7;
    options.submit.initial_backoff = absl::Milliseconds(1);
    options.submit.max_backoff = absl::Milliseconds(2);
    options.quiet = true;
    return options;
  }

  absl::Status Run(const std::string& input, Importer::Options options) {
    auto mapper = OpenMapping(kMapping, input);
    EXPECT_OK(mapper);
    Importer importer(terminal_, std::move(mapper->opened), std::move(options));
    const absl::Status status = importer.Run();
    summary_ = importer.summary();
    return status;
  }

  void ExpectCountsAddUp() const {
    EXPECT_EQ(summary_.accepted + summary_.duplicates + summary_.conflicts +
                  summary_.rejected_count() + summary_.skipped_count() + summary_.resumed +
                  summary_.unknown,
              summary_.rows);
  }

  submit::FakeIngestService service_;
  testing::InProcessServer server_{{&service_}};
  testing::FakeClock clock_;
  std::istringstream in_;
  std::ostringstream out_, err_;
  bool interrupted_ = false;
  cli::Terminal terminal_{.in = in_,
                          .out = out_,
                          .err = err_,
                          .clock = clock_,
                          .environment = [](const char*) { return std::nullopt; },
                          .interrupted = [this] { return interrupted_; }};
  ImportSummary summary_;
  testing::TempDir folder_;
};

TEST_F(ImporterTest, CountsEveryRowOnce) {
  service_.set_reject([](const ingest::v1::Event& event) {
    return event.id() == "e5" ? status::InvalidArgument("id", "e5 is wrong", "WRONG_ID")
                              : absl::OkStatus();
  });
  ASSERT_OK(Run(Table(100), MakeOptions()));
  ExpectCountsAddUp();
  EXPECT_EQ(summary_.rows, 100u);
  EXPECT_EQ(summary_.skipped.at("ZERO_AMOUNT"), 10u);
  // Rows 1, 26, 51, 76.
  EXPECT_EQ(summary_.rejected.at("INVALID_NUMBER").count, 4u);
  EXPECT_EQ(summary_.rejected.at("WRONG_ID").count, 1u);
  EXPECT_EQ(summary_.rejected.at("WRONG_ID").example, "row 5: id: e5 is wrong");
  EXPECT_EQ(summary_.accepted, 85u);
  EXPECT_EQ(service_.log().size(), 85u);
  EXPECT_THAT(summary_.Text("accepted"), HasSubstr("ZERO_AMOUNT"));
}

TEST_F(ImporterTest, ImportingAgainCountsNothingTwice) {
  ASSERT_OK(Run(Table(100), MakeOptions()));
  ASSERT_OK(Run(Table(100), MakeOptions()));
  EXPECT_EQ(summary_.accepted, 0u);
  EXPECT_EQ(summary_.duplicates, 86u);
  EXPECT_EQ(service_.log().size(), 86u);
}

TEST_F(ImporterTest, RejectedAndConflictingRowsGoToAFileWithTheirText) {
  ASSERT_OK(Run("id,amount\ne1,1\n", MakeOptions()));
  Importer::Options options = MakeOptions();
  const std::string path = folder_.File("rejects.csv");
  ASSERT_OK_AND_ASSIGN(options.rejects, RejectsFile::Create(path));
  service_.set_reject([](const ingest::v1::Event& event) {
    return event.id() == "e2" ? status::InvalidArgument("id", "wrong, \"e2\"", "WRONG_ID")
                              : absl::OkStatus();
  });
  ASSERT_OK(Run("id,amount\ne1,2\ne2,\"1\"\ne3,x\ne4,4\n", std::move(options)));
  ExpectCountsAddUp();
  EXPECT_EQ(summary_.conflicts, 1u);
  const std::string text = testing::ReadFileOrDie(path);
  EXPECT_THAT(text, HasSubstr("row,verdict,reason,field,message,raw\n"));
  EXPECT_THAT(text, HasSubstr("3,rejected,INVALID_NUMBER,skip,`x` is not a number,\"e3,x\"\n"));
  EXPECT_THAT(text,
              HasSubstr("2,rejected,WRONG_ID,id,\"id: wrong, \"\"e2\"\"\",\"e2,\"\"1\"\"\"\n"));
  EXPECT_THAT(text, HasSubstr("1,conflict,CONFLICT,,another event has this id,\"e1,2\"\n"));
}

TEST_F(ImporterTest, RejectsAreNeverWrittenOverSomethingElse) {
  const std::string input = folder_.Write("in.csv", "id,amount\ne1,1\n");
  EXPECT_THAT(RejectsFile::Create(input).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("in.csv exists")));
  EXPECT_EQ(testing::ReadFileOrDie(input), "id,amount\ne1,1\n");
  folder_.Write("empty.csv", "");
  EXPECT_OK(RejectsFile::Create(folder_.File("empty.csv")));
  // Rejects of an earlier run may go.
  ASSERT_OK_AND_ASSIGN(auto rejects, RejectsFile::Create(folder_.File("r.csv")));
  rejects->Add(1, "rejected", "A", "", "", "");
  ASSERT_OK(rejects->Close());
  ASSERT_OK_AND_ASSIGN(rejects, RejectsFile::Create(folder_.File("r.csv")));
  ASSERT_OK(rejects->Close());
  EXPECT_EQ(testing::ReadFileOrDie(folder_.File("r.csv")),
            "row,verdict,reason,field,message,raw\n");
  EXPECT_THAT(RejectsFile::Create(folder_.File("no/folder/r.csv")).status(),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(ImporterTest, ResumingKeepsTheRejectsOfTheRunBefore) {
  const std::string input = Table(9'000);
  const std::string path = folder_.Write("in.csv", input);
  const std::string state_path = folder_.File("state"), rejects_path = folder_.File("r.csv");
  const auto run = [&](uint64_t limit) {
    Importer::Options options = MakeOptions();
    options.submit.batch_events = 500;
    options.limit = limit;
    options.state_path = state_path;
    const auto state = ResumeState::Load(state_path, path, "mapping");
    EXPECT_OK(state);
    options.resume = *state;
    auto rejects = RejectsFile::Create(rejects_path, state->rejects_bytes);
    EXPECT_OK(rejects);
    options.rejects = *std::move(rejects);
    return Run(input, std::move(options));
  };
  ASSERT_OK(run(5'000));
  // What a killed run wrote after its last state is told again, not twice.
  std::ofstream(rejects_path, std::ios::app) << "5001,rejected,INVALID_NU";
  ASSERT_OK(run(9'000));
  EXPECT_EQ(summary_.resumed, 5'000u);
  std::set<std::string> rows;
  const std::string text = testing::ReadFileOrDie(rejects_path);
  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  for (const std::string& line : lines) rows.insert(line.substr(0, line.find(',')));
  // The header, and every 25th row from the first on.
  EXPECT_EQ(lines.size(), 1u + 360);
  EXPECT_EQ(rows.size(), lines.size());
  EXPECT_TRUE(rows.contains("1"));
  EXPECT_TRUE(rows.contains("8976"));
}

TEST_F(ImporterTest, PrintingStopsWhenNobodyReads) {
  Importer::Options options;
  options.quiet = true;
  options.print = [&](uint64_t, std::string_view) {
    out_.setstate(std::ios::badbit);
    return absl::OkStatus();
  };
  const absl::Status status = Run(Table(50'000), std::move(options));
  EXPECT_EQ(cli::ExitCodeOf(status), cli::ExitCode::kData);
  EXPECT_LT(summary_.rows, 5'000u);
}

TEST_F(ImporterTest, DryRunLogsNothing) {
  Importer::Options options = MakeOptions();
  options.submit.validate_only = true;
  ASSERT_OK(Run(Table(30), std::move(options)));
  EXPECT_GT(summary_.accepted, 20u);
  EXPECT_TRUE(service_.log().empty());
}

TEST_F(ImporterTest, PrintWritesJsonLinesWithoutAService) {
  Importer::Options options;
  options.quiet = true;
  options.print = EventPrinter(out_);
  ASSERT_OK(Run("id,amount\ne1,1\n\"e\xff\",1\n", std::move(options)));
  EXPECT_EQ(out_.str(),
            "{\"source\":\"shop\",\"id\":\"e1\",\"kind\":\"EVENT_KIND_PURCHASE\","
            "\"eventTimeUs\":\"1704067200000000\",\"amount\":\"100\"}\n");
  EXPECT_EQ(summary_.rejected.at("INVALID_UTF8").count, 1u);
}

TEST_F(ImporterTest, LimitStopsEarly) {
  Importer::Options options = MakeOptions();
  options.limit = 12;
  ASSERT_OK(Run(Table(100), std::move(options)));
  EXPECT_EQ(summary_.rows, 12u);
  ExpectCountsAddUp();
}

TEST_F(ImporterTest, ARefusalEndsTheRunAndLeavesTheRestUnknown) {
  service_.set_interfere([](const ingest::v1::SubmitEventsRequest&, int attempt) {
    return attempt > 2 ? absl::PermissionDeniedError("no") : absl::OkStatus();
  });
  EXPECT_THAT(Run(Table(1000), MakeOptions()), StatusIs(absl::StatusCode::kPermissionDenied));
  ExpectCountsAddUp();
  EXPECT_EQ(summary_.accepted, 14u);
  EXPECT_GT(summary_.unknown, 0u);
}

TEST_F(ImporterTest, ResumesAfterWhatWasSettled) {
  const std::string input = Table(20'000);
  const std::string path = folder_.Write("in.csv", input);
  const std::string state_path = folder_.File("state");
  service_.set_interfere([](const ingest::v1::SubmitEventsRequest&, int attempt) {
    return attempt > 20 ? absl::PermissionDeniedError("no") : absl::OkStatus();
  });
  const auto options = [&] {
    Importer::Options options = MakeOptions();
    options.submit.batch_events = 500;
    options.state_path = state_path;
    const auto state = ResumeState::Load(state_path, path, "mapping");
    EXPECT_OK(state);
    options.resume = *state;
    return options;
  };
  EXPECT_THAT(Run(input, options()), StatusIs(absl::StatusCode::kPermissionDenied));
  const size_t logged = service_.log().size();
  EXPECT_EQ(logged, 20u * 500);
  service_.set_interfere(nullptr);
  ASSERT_OK(Run(input, options()));
  ExpectCountsAddUp();
  EXPECT_GT(summary_.resumed, 4000u);
  // No row was passed over: what the first run had settled and this one did are all.
  EXPECT_EQ(service_.log().size(), 20'000u - 2'000 - 800);
  ASSERT_OK(Run(input, options()));
  EXPECT_EQ(summary_.resumed, 20'000u);
  EXPECT_EQ(summary_.accepted + summary_.duplicates, 0u);
}

TEST_F(ImporterTest, StateOfAnotherInputOrMappingIsRefused) {
  const std::string path = folder_.Write("in.csv", "id,amount\ne1,1\n");
  const std::string state_path = folder_.File("state");
  ASSERT_OK_AND_ASSIGN(ResumeState state, ResumeState::ForInput(path, "mapping"));
  state.rows = 1;
  ASSERT_OK(state.Save(state_path));
  EXPECT_EQ(ResumeState::Load(state_path, path, "mapping")->rows, 1u);
  EXPECT_THAT(ResumeState::Load(state_path, path, "other").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another mapping")));
  folder_.Write("in.csv", "id,amount\ne1,1\ne2,2\n");
  EXPECT_OK(ResumeState::Load(state_path, path, "mapping"));
  folder_.Write("in.csv", "id,amount\ne7,1\ne2,2\n");
  EXPECT_THAT(ResumeState::Load(state_path, path, "mapping").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another input")));
  folder_.Write("state", "{");
  EXPECT_THAT(ResumeState::Load(state_path, path, "mapping").status(),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(ImporterTest, InterruptedRunsSayCancelled) {
  interrupted_ = true;
  EXPECT_THAT(Run(Table(5000), MakeOptions()), StatusIs(absl::StatusCode::kCancelled));
  ExpectCountsAddUp();
}

TEST_F(ImporterTest, BrokenInputSendsWhatCameBefore) {
  const std::string packed = Gzipped(Table(5000));
  auto mapping = Mapping::Parse(kMapping, "map.yaml", "", "in.csv");
  auto opened = mapping->Open(SourceOf(packed.substr(0, packed.size() - 20)), {});
  ASSERT_OK(opened);
  Importer importer(terminal_, *std::move(opened), MakeOptions());
  EXPECT_THAT(importer.Run(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_GT(service_.log().size(), 1000u);
  EXPECT_EQ(importer.summary().accepted, service_.log().size());
}

TEST(PendingRowsTest, KeepsTextsUntilSettledAndKnowsHowFarAllIsSettled) {
  PendingRows rows(/*keep_text=*/true);
  EXPECT_EQ(rows.settled(), 0u);
  for (uint64_t row = 1; row <= 10'000; ++row) {
    if (row % 3 == 0) {
      rows.AddSettled(row);
    } else {
      rows.AddInFlight(row, absl::StrCat("row ", row));
    }
  }
  EXPECT_EQ(rows.Text(1), "row 1");
  EXPECT_EQ(rows.Text(4096), "row 4096");
  EXPECT_EQ(rows.Text(9'998), "row 9998");
  EXPECT_EQ(rows.settled(), 0u);
  for (uint64_t row = 10'000; row >= 2; --row) {
    if (row % 3 != 0) rows.Settle(row);
  }
  EXPECT_EQ(rows.settled(), 0u);
  rows.Settle(1);
  EXPECT_EQ(rows.settled(), 10'000u);
}

TEST(ImportSummaryTest, CountsStandBelowEachOther) {
  ImportSummary summary;
  summary.rows = 12'345;
  summary.AddRejected("A_REASON_THAT_IS_LONGER_THAN_THE_OTHERS", "row 1: why");
  std::set<size_t> ends;
  const std::string text = summary.Text("accepted");
  for (const std::string_view line : absl::StrSplit(text, '\n')) {
    ends.insert(line.find_last_of("0123456789", line.find("  row 1")));
  }
  EXPECT_EQ(ends.size(), 1u) << text;
}

}  // namespace
}  // namespace tidemark::importer
