// Which snapshot an answer is of.
#include <map>
#include <thread>

#include "services/analytics/api/service_fixture_test.h"

namespace tidemark::analytics {
namespace {

TEST_F(AnalyticsServiceTest, AsOfSizeTimeAndCheckpoint) {
  const auto query = ParseText<v1::Query>(kMonthly);
  const auto check = [&](const std::string& as_of, uint64_t size) {
    ASSERT_OK_AND_ASSIGN(const auto response, Ask(Query(kMonthly, "as_of {" + as_of + "}")));
    EXPECT_EQ(response.meta().snapshot().log_size(), size) << as_of;
    EXPECT_EQ(testing::Difference(testing::Recount(world_, query, size), 0, response.result()), "")
        << as_of;
  };
  check(absl::StrCat("log_size: ", 100), 100);
  const uint64_t block = world_.block_ends[2];
  const int64_t accepted = world_.accepted_us[block - 1];
  check(absl::StrCat("accepted_time_us: ", accepted), block);
  check(absl::StrCat("accepted_time_us: ", accepted - 1), world_.block_ends[1]);
  EXPECT_THAT(Ask(Query(kMonthly, "as_of { newest_checkpoint: true }")),
              AllOf(StatusIs(absl::StatusCode::kUnavailable), ReasonIs("NO_CHECKPOINT")));
  checkpoint_ = 120;
  check("newest_checkpoint: true", 120);
  EXPECT_THAT(Ask(Query(kMonthly, "as_of {}")), ReasonIs("AS_OF_INVALID"));
  EXPECT_THAT(Ask(Query(kMonthly, "as_of { newest_checkpoint: false }")),
              ReasonIs("AS_OF_INVALID"));
  EXPECT_THAT(Ask(Query(kMonthly, "as_of { log_size: 5 } min_log_size: 9")),
              ReasonIs("AS_OF_INVALID"));
  EXPECT_THAT(Ask(Query(kMonthly, "as_of { log_size: 0 }")), ReasonIs("NO_OBSERVATORY"));
}

TEST_F(AnalyticsServiceTest, ReplicaThatIsBehindSaysHowFarItIs) {
  const absl::Status status =
      Ask(Query(kMonthly, absl::StrCat("min_log_size: ", world_.log_size() + 1))).status();
  EXPECT_THAT(status, AllOf(StatusIs(absl::StatusCode::kUnavailable), ReasonIs("BEHIND")));
  EXPECT_EQ(status::MetadataOf(status, "log_size"), absl::StrCat(world_.log_size()));
  EXPECT_OK(Ask(Query(kMonthly, absl::StrCat("min_log_size: ", world_.log_size()))));
}

TEST_F(AnalyticsServiceTest, AReplicaThatHasJustStartedAnswersAtNoOldHead) {
  MemoryStore behind;
  const uint64_t half = world_.block_ends[world_.block_ends.size() / 2];
  ASSERT_OK(testing::FoldInto(world_, half, &behind));
  Serve({.token_name = "t", .principal = "p"}, &behind);
  for (const uint64_t first : {UINT64_MAX, world_.log_size()}) {
    first_size_ = first;
    checkpoint_ = half;
    for (const char* at : {"", "as_of { newest_checkpoint: true }"}) {
      const absl::Status status = Ask(Query(kMonthly, at)).status();
      EXPECT_THAT(status, AllOf(StatusIs(absl::StatusCode::kUnavailable), ReasonIs("BEHIND")));
      EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("has just started"));
    }
    // What it has is right for ever.
    EXPECT_OK(Ask(Query(kMonthly, absl::StrCat("as_of { log_size: ", half, "}"))));
  }
  first_size_ = half;
  EXPECT_OK(Ask(Query(kMonthly, "")));
}

TEST_F(AnalyticsServiceTest, WaitsForTheFold) {
  patience_ = absl::Seconds(60);
  MemoryStore behind;
  const uint64_t half = world_.block_ends[world_.block_ends.size() / 2];
  ASSERT_OK(testing::FoldInto(world_, half, &behind));
  Serve({.token_name = "t", .principal = "p"}, &behind);
  absl::StatusOr<v1::QueryResponse> response;
  std::thread asker(
      [&] { response = Ask(Query(kMonthly, absl::StrCat("min_log_size: ", world_.log_size()))); });
  ASSERT_OK(testing::FoldInto(world_, world_.log_size(), &behind));
  waiter_.Notify();
  asker.join();
  ASSERT_OK(response);
  EXPECT_EQ(response->meta().snapshot().log_size(), world_.log_size());
}

TEST_F(AnalyticsServiceTest, SizeBeyondTheFoldIsBehindAndBeyondTheLogIsAhead) {
  const auto at = [&](uint64_t size) {
    return Ask(Query(kMonthly, absl::StrCat("as_of { log_size: ", size, "}"))).status();
  };
  // The log has five records more than the fold.
  const absl::Status behind = at(world_.log_size() + 5);
  EXPECT_THAT(behind, AllOf(StatusIs(absl::StatusCode::kUnavailable), ReasonIs("BEHIND")));
  EXPECT_EQ(status::MetadataOf(behind, "log_size"), absl::StrCat(world_.log_size()));
  const absl::Status ahead = at(world_.log_size() + 6);
  EXPECT_THAT(ahead, AllOf(StatusIs(absl::StatusCode::kOutOfRange), ReasonIs("AS_OF_AHEAD")));
  EXPECT_EQ(status::MetadataOf(ahead, "log_size"), absl::StrCat(world_.log_size() + 5));
  // Nobody can tell how long the log is.
  reachable_ = false;
  EXPECT_THAT(at(world_.log_size() + 6), ReasonIs("BEHIND"));
}

TEST_F(AnalyticsServiceTest, TimeNotOverIsNeverAnsweredWithWhatThereIs) {
  const int64_t newest = world_.accepted_us.back();
  const auto at = [&](int64_t time_us) {
    return Ask(Query(kMonthly, absl::StrCat("as_of { accepted_time_us: ", time_us, "}")));
  };
  ASSERT_OK_AND_ASSIGN(const auto settled, at(newest - 1));
  EXPECT_LT(settled.meta().snapshot().log_size(), world_.log_size());
  // The records that the log has and the fold lacks may have been accepted by then.
  for (const int64_t time_us : {newest, newest + 1, INT64_MAX}) {
    EXPECT_THAT(at(time_us), AllOf(StatusIs(absl::StatusCode::kUnavailable), ReasonIs("BEHIND")))
        << time_us;
  }
  // All is folded, but the next record may have the time of the last one.
  not_folded_ = 0;
  for (const int64_t time_us : {newest, newest + 1, INT64_MAX}) {
    const auto answer = at(time_us);
    EXPECT_THAT(answer, AllOf(StatusIs(absl::StatusCode::kOutOfRange), ReasonIs("AS_OF_AHEAD")))
        << time_us;
    EXPECT_EQ(status::MetadataOf(answer.status(), "accepted_time_us"), absl::StrCat(newest));
    EXPECT_EQ(status::MetadataOf(answer.status(), "log_size"), absl::StrCat(world_.log_size()));
  }
  EXPECT_OK(at(newest - 1));
  // Nor is it known what the log holds while it is away.
  reachable_ = false;
  EXPECT_THAT(at(newest), AllOf(StatusIs(absl::StatusCode::kUnavailable), ReasonIs("BEHIND")));
  EXPECT_OK(at(newest - 1));
}

TEST_F(AnalyticsServiceTest, ReplicasNeverDisagreeAboutATime) {
  MemoryStore behind;
  const size_t half = world_.block_ends.size() / 2;
  ASSERT_OK(testing::FoldInto(world_, world_.block_ends[half], &behind));
  const auto at = [&](int64_t time_us) {
    return Ask(Query(kMonthly, absl::StrCat("as_of { accepted_time_us: ", time_us, "}")));
  };
  std::map<int64_t, std::string> results;
  for (size_t block = 1; block + 1 < world_.block_ends.size(); ++block) {
    const int64_t time_us = world_.accepted_us[world_.block_ends[block] - 1];
    if (time_us == world_.accepted_us.back()) continue;
    ASSERT_OK_AND_ASSIGN(const auto response, at(time_us));
    results[time_us] = response.result().SerializeAsString();
  }
  Serve({.token_name = "t", .principal = "p"}, &behind);
  int answered = 0, refused = 0;
  for (const auto& [time_us, result] : results) {
    const auto response = at(time_us);
    if (response.ok()) {
      ++answered;
      EXPECT_EQ(response->result().SerializeAsString(), result) << time_us;
    } else {
      ++refused;
      EXPECT_THAT(response, ReasonIs("BEHIND"));
    }
  }
  EXPECT_GT(answered, 0);
  EXPECT_GT(refused, 0);
}

TEST_F(AnalyticsServiceTest, AnswersOnlyOfTheLogAskedFor) {
  const std::string other(32, 'e');
  for (const std::string& rest : {"log_id: '" + other + "' min_log_size: 5",
                                  "as_of { log_size: 100 log_id: '" + other + "' }",
                                  // Refused at once, not after waiting for a log that never comes.
                                  "log_id: '" + other + "' min_log_size: 1000000"}) {
    const auto answer = Ask(Query(kMonthly, rest));
    EXPECT_THAT(answer,
                AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), ReasonIs("LOG_ID_MISMATCH")))
        << rest;
    EXPECT_EQ(status::MetadataOf(answer.status(), "log_id"), world_.log_id);
  }
  EXPECT_OK(Ask(Query(kMonthly, "log_id: '" + world_.log_id +
                                    "' min_log_size: 5 as_of { log_size: "
                                    "100 log_id: '" +
                                    world_.log_id + "' }")));
  EXPECT_THAT(Ask(Query(kMonthly, "log_id: 'main'")),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument), ReasonIs("LOG_ID_INVALID")));
  EXPECT_THAT(Ask(Query(kMonthly, "as_of { log_size: 9 log_id: '" + std::string(32, 'E') + "' }")),
              ReasonIs("LOG_ID_INVALID"));
}

TEST_F(AnalyticsServiceTest, PagesDoNotWaitForMoreThanTheirSnapshot) {
  ASSERT_OK_AND_ASSIGN(const auto first,
                       Ask(Query(kMonthly, "page_size: 3 as_of { log_size: 300 }")));
  const std::string token = "page_token: '" + first.meta().next_page_token() + "' ";
  ASSERT_OK_AND_ASSIGN(const auto second, Ask(Query(kMonthly, token + "min_log_size: 300")));
  EXPECT_EQ(second.meta().snapshot().log_size(), 300u);
  const auto contradiction = Ask(Query(kMonthly, token + "min_log_size: 301"));
  EXPECT_THAT(contradiction,
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument), ReasonIs("AS_OF_INVALID")));
  EXPECT_EQ(status::FieldOf(contradiction.status()), "page_token");
}

TEST_F(AnalyticsServiceTest, WhatNoSnapshotCanAnswerIsNotWaitedFor) {
  // Would wait for minutes.
  patience_ = absl::Minutes(5);
  Serve({.token_name = "t", .principal = "p"});
  const std::string behind = " min_log_size: 1000000";
  for (const char* query :
       {"measures { name: 'nett' }", "measures { name: 'net' } dimensions { name: 'regoin' }",
        "measures { name: 'net' } filters { dimension: 'channel' codes: 'onlin' }",
        "measures { name: 'net' } filters { dimension: 'product' codes: '' }",
        "measures { name: 'net' } range { first: '2024-13' }",
        "measures { name: 'net' } comparisons: COMPARISON_YOY",
        "measures { name: 'net' } range { first: '2024-01..02' last: '2024-01..02' } "
        "comparisons: COMPARISON_PREV",
        "measures { name: 'net' } order_by { column: 'gross' }"}) {
    EXPECT_THAT(Ask(Query(query, behind)), StatusIs(absl::StatusCode::kInvalidArgument)) << query;
  }
  EXPECT_THAT(Ask(Query(kMonthly, "page_size: 100001" + behind)),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Ask(Query(kMonthly, "as_of {}" + behind)), ReasonIs("AS_OF_INVALID"));
}

}  // namespace
}  // namespace tidemark::analytics
