#include "clients/cpp/submit/event_submitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "clients/cpp/submit/fake_ingest_service.h"
#include "common/status/error.h"
#include "common/testing/in_process_server.h"
#include "common/testing/status_matchers.h"

namespace tidemark::submit {
namespace {

using ::tidemark::testing::StatusIs;

ingest::v1::Event MakeEvent(int number) {
  ingest::v1::Event event;
  event.set_source("shop");
  event.set_id(absl::StrCat("e", number));
  event.set_amount(number);
  return event;
}

class EventSubmitterTest : public ::testing::TestWithParam<Transport> {
 protected:
  EventSubmitter::Options MakeOptions() {
    return {.channel = server_.channel(),
            .token = "tm_test",
            .transport = GetParam(),
            .batch_events = 10,
            .in_flight = 3,
            .initial_backoff = absl::Milliseconds(1),
            .max_backoff = absl::Milliseconds(4),
            .on_batch = [this](const BatchReport& report) { reports_.push_back(report); }};
  }
  int Accepted() const {
    int sum = 0;
    for (const BatchReport& report : reports_) sum += report.accepted;
    return sum;
  }

  FakeIngestService service_;
  testing::InProcessServer server_{{&service_}};
  std::vector<BatchReport> reports_;
};

INSTANTIATE_TEST_SUITE_P(Transports, EventSubmitterTest,
                         ::testing::Values(Transport::kStream, Transport::kUnary),
                         [](const auto& info) {
                           return info.param == Transport::kStream ? "Stream" : "Unary";
                         });

// Of streams only.
class StreamSubmitterTest : public EventSubmitterTest {};
INSTANTIATE_TEST_SUITE_P(Streams, StreamSubmitterTest, ::testing::Values(Transport::kStream));

TEST_P(EventSubmitterTest, EveryEventIsSentOnceAndReportedOnce) {
  EventSubmitter submitter(MakeOptions());
  for (int i = 0; i < 105; ++i) ASSERT_OK(submitter.Add(1000 + i, MakeEvent(i)));
  ASSERT_OK(submitter.Close());
  EXPECT_EQ(service_.log().size(), 105u);
  EXPECT_EQ(service_.calls(), 11);
  EXPECT_EQ(Accepted(), 105);
  std::set<uint64_t> records;
  for (const BatchReport& report : reports_) {
    EXPECT_EQ(report.attempts, 1);
    records.insert(report.records.begin(), report.records.end());
  }
  EXPECT_EQ(records.size(), 105u);
  EXPECT_EQ(*records.begin(), 1000u);
  EXPECT_EQ(*records.rbegin(), 1104u);
}

TEST_P(EventSubmitterTest, BytesLimitCutsBatchesToo) {
  EventSubmitter::Options options = MakeOptions();
  options.batch_bytes = 64;
  EventSubmitter submitter(options);
  for (int i = 0; i < 20; ++i) ASSERT_OK(submitter.Add(i, MakeEvent(i)));
  ASSERT_OK(submitter.Close());
  EXPECT_GT(service_.calls(), 4);
  EXPECT_EQ(service_.log().size(), 20u);
}

TEST_P(EventSubmitterTest, LostAnswersAreAskedAgainWithTheSameRequestIdAndCountOnce) {
  service_.LoseAnswers(2);
  EventSubmitter::Options options = MakeOptions();
  options.in_flight = 1;
  EventSubmitter submitter(options);
  for (int i = 0; i < 10; ++i) ASSERT_OK(submitter.Add(i, MakeEvent(i)));
  ASSERT_OK(submitter.Close());
  EXPECT_EQ(service_.log().size(), 10u);
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_EQ(reports_[0].attempts, 3);
  EXPECT_EQ(reports_[0].duplicates, 10u);
  const std::vector<std::string> ids = service_.request_ids();
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 1u);
}

TEST_P(EventSubmitterTest, OverloadIsWaitedOut) {
  service_.set_interfere([](const ingest::v1::SubmitEventsRequest&, int attempt) {
    if (attempt % 3 != 0) {
      return status::WithRetryAfter(absl::ResourceExhaustedError("busy"), absl::Milliseconds(1));
    }
    return absl::OkStatus();
  });
  EventSubmitter submitter(MakeOptions());
  for (int i = 0; i < 100; ++i) ASSERT_OK(submitter.Add(i, MakeEvent(i)));
  ASSERT_OK(submitter.Close());
  EXPECT_EQ(service_.log().size(), 100u);
  EXPECT_EQ(Accepted(), 100);
}

TEST_P(EventSubmitterTest, RejectionsAndConflictsNameTheCallersRecords) {
  service_.set_reject([](const ingest::v1::Event& event) {
    return event.amount() == 5 ? status::InvalidArgument("amount", "5 is unlucky", "UNLUCKY")
                               : absl::OkStatus();
  });
  EventSubmitter submitter(MakeOptions());
  for (int i = 0; i < 10; ++i) ASSERT_OK(submitter.Add(i, MakeEvent(i)));
  ASSERT_OK(submitter.Flush());
  ingest::v1::Event changed = MakeEvent(3);
  changed.set_amount(4);
  ASSERT_OK(submitter.Add(77, changed));
  ASSERT_OK(submitter.Close());
  ASSERT_EQ(reports_.size(), 2u);
  ASSERT_EQ(reports_[0].exceptions.size(), 1u);
  EXPECT_EQ(reports_[0].exceptions[0].record, 5u);
  EXPECT_EQ(status::ReasonOf(reports_[0].exceptions[0].status), "UNLUCKY");
  EXPECT_EQ(status::FieldOf(reports_[0].exceptions[0].status), "amount");
  ASSERT_EQ(reports_[1].exceptions.size(), 1u);
  EXPECT_EQ(reports_[1].exceptions[0].verdict, Verdict::kConflict);
  EXPECT_EQ(reports_[1].exceptions[0].record, 77u);
  EXPECT_EQ(reports_[1].exceptions[0].leaf, 3u);
}

TEST_P(EventSubmitterTest, FinalFailureStopsEverythingAndSticks) {
  service_.set_interfere([](const ingest::v1::SubmitEventsRequest&, int) {
    return absl::PermissionDeniedError("not your source");
  });
  EventSubmitter submitter(MakeOptions());
  absl::Status status;
  for (int i = 0; i < 1000 && status.ok(); ++i) status = submitter.Add(i, MakeEvent(i));
  if (status.ok()) status = submitter.Close();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(submitter.Add(1, MakeEvent(1)), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_TRUE(service_.log().empty());
}

TEST_P(EventSubmitterTest, GivesUpAfterTheTimeSet) {
  service_.set_interfere(
      [](const ingest::v1::SubmitEventsRequest&, int) { return absl::UnavailableError("down"); });
  EventSubmitter::Options options = MakeOptions();
  options.give_up_after = absl::Milliseconds(20);
  EventSubmitter submitter(options);
  ASSERT_OK(submitter.Add(1, MakeEvent(1)));
  EXPECT_THAT(submitter.Close(), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_GT(reports_[0].attempts, 1);
  EXPECT_EQ(reports_[0].records, std::vector<uint64_t>{1});
}

TEST_P(EventSubmitterTest, CancelEndsTheWaitForAServiceThatIsDown) {
  base::Mutex mutex;
  base::CondVar called;
  bool was_called = false;
  service_.set_interfere([&](const ingest::v1::SubmitEventsRequest&, int) {
    base::MutexLock lock(mutex);
    was_called = true;
    called.NotifyAll();
    return absl::UnavailableError("down");
  });
  EventSubmitter::Options options = MakeOptions();
  // Long enough that only the cancellation can end the test.
  options.initial_backoff = options.max_backoff = absl::Hours(1);
  EventSubmitter submitter(options);
  ASSERT_OK(submitter.Add(1, MakeEvent(1)));
  std::thread canceller([&] {
    {
      base::MutexLock lock(mutex);
      while (!was_called) called.Wait(mutex);
    }
    submitter.Cancel();
  });
  EXPECT_THAT(submitter.Close(), StatusIs(absl::StatusCode::kCancelled));
  canceller.join();
}

TEST_P(EventSubmitterTest, TellsOfRetriesAndAsksWhetherToGoOn) {
  service_.set_interfere(
      [](const ingest::v1::SubmitEventsRequest&, int) { return absl::UnavailableError("down"); });
  EventSubmitter::Options options = MakeOptions();
  bool stop = false;
  options.on_retry = [&](const absl::Status& failure) {
    EXPECT_THAT(failure, StatusIs(absl::StatusCode::kUnavailable));
    stop = true;
  };
  options.interrupted = [&] { return stop; };
  EventSubmitter submitter(options);
  ASSERT_OK(submitter.Add(1, MakeEvent(1)));
  EXPECT_THAT(submitter.Close(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_TRUE(stop);
}

TEST_P(EventSubmitterTest, ValidateOnlyLogsNothing) {
  EventSubmitter::Options options = MakeOptions();
  options.validate_only = true;
  EventSubmitter submitter(options);
  for (int i = 0; i < 25; ++i) ASSERT_OK(submitter.Add(i, MakeEvent(i)));
  ASSERT_OK(submitter.Close());
  EXPECT_EQ(Accepted(), 25);
  EXPECT_TRUE(service_.log().empty());
}

TEST_P(EventSubmitterTest, DestructionWithWorkInFlightIsClean) {
  EventSubmitter::Options options = MakeOptions();
  options.batch_events = 1;
  EventSubmitter submitter(options);
  for (int i = 0; i < 3; ++i) ASSERT_OK(submitter.Add(i, MakeEvent(i)));
}

TEST_P(StreamSubmitterTest, OneStreamTakesAllBatches) {
  EventSubmitter submitter(MakeOptions());
  for (int i = 0; i < 200; ++i) ASSERT_OK(submitter.Add(i, MakeEvent(i)));
  ASSERT_OK(submitter.Close());
  EXPECT_EQ(service_.streams(), 1);
  EXPECT_EQ(service_.log().size(), 200u);
}

TEST_P(StreamSubmitterTest, AStreamThatEndsIsOpenedAgainForWhatWasNotAnswered) {
  service_.EndStreamsAfter(3);
  EventSubmitter submitter(MakeOptions());
  for (int i = 0; i < 200; ++i) ASSERT_OK(submitter.Add(i, MakeEvent(i)));
  ASSERT_OK(submitter.Close());
  EXPECT_GE(service_.streams(), 7);
  EXPECT_EQ(service_.log().size(), 200u);
  EXPECT_EQ(Accepted(), 200);
  EXPECT_EQ(reports_.size(), 20u);
  const std::vector<std::string> ids = service_.request_ids();
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 20u);
}

TEST_P(StreamSubmitterTest, AStreamThatEndedIsNotKept) {
  service_.EndStreamsAfter(1);
  // Each stream shares the channel.
  const long before = server_.channel().use_count();
  {
    EventSubmitter submitter(MakeOptions());
    for (int i = 0; i < 100; ++i) ASSERT_OK(submitter.Add(i, MakeEvent(i)));
    ASSERT_OK(submitter.Close());
  }
  EXPECT_GE(service_.streams(), 10);
  EXPECT_EQ(server_.channel().use_count(), before);
}

TEST_P(StreamSubmitterTest, AServiceWithoutStreamsGetsTheBatchesOneByOne) {
  service_.KnowNoStreams();
  EventSubmitter submitter(MakeOptions());
  for (int i = 0; i < 100; ++i) ASSERT_OK(submitter.Add(i, MakeEvent(i)));
  ASSERT_OK(submitter.Close());
  EXPECT_EQ(service_.log().size(), 100u);
  EXPECT_EQ(service_.calls(), 10);
  for (const BatchReport& report : reports_) EXPECT_EQ(report.attempts, 1);
}

TEST_P(StreamSubmitterTest, ABatchThatIsNeverAnsweredIsGivenUp) {
  service_.NeverAnswer();
  EventSubmitter::Options options = MakeOptions();
  options.call_timeout = absl::Milliseconds(20);
  options.give_up_after = absl::Milliseconds(1);
  EventSubmitter submitter(options);
  ASSERT_OK(submitter.Add(1, MakeEvent(1)));
  EXPECT_THAT(submitter.Close(), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

}  // namespace
}  // namespace tidemark::submit
