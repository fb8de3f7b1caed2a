#include "services/ingest/api/event_splitter.h"

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "common/testing/status_matchers.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {
namespace {

using tidemark::testing::ReasonIs;

std::vector<std::string> EventsOf(const std::string& request) {
  std::vector<std::string> events;
  EventCursor cursor(request);
  std::string_view event;
  while (cursor.Next(&event)) events.emplace_back(event);
  return events;
}

TEST(EventSplitterTest, FindsOptionsWhereverTheyStand) {
  v1::SubmitEventsRequest first;
  first.add_events()->set_id("a");
  v1::SubmitEventsRequest second;
  second.set_request_id("r1");
  second.set_validate_only(true);
  second.set_with_receipts(true);
  v1::SubmitEventsRequest third;
  third.add_events()->set_id("b");
  third.add_events();
  const std::string request =
      first.SerializeAsString() + second.SerializeAsString() + third.SerializeAsString();
  ASSERT_OK_AND_ASSIGN(const BatchEnvelope envelope, ReadEnvelope(request));
  EXPECT_EQ(envelope.events, 3u);
  EXPECT_EQ(envelope.request_id, "r1");
  EXPECT_TRUE(envelope.validate_only);
  EXPECT_TRUE(envelope.with_receipts);
  EXPECT_THAT(EventsOf(request), ::testing::ElementsAre(first.events(0).SerializeAsString(),
                                                        third.events(0).SerializeAsString(), ""));
}

TEST(EventSplitterTest, ABrokenEventDoesNotBreakTheRequest) {
  std::string request("\x0A\x02\xFF\xFF\x0A\x01x", 7);
  ASSERT_OK_AND_ASSIGN(const BatchEnvelope envelope, ReadEnvelope(request));
  EXPECT_EQ(envelope.events, 2u);
  EXPECT_THAT(EventsOf(request), ::testing::ElementsAre("\xFF\xFF", "x"));
}

TEST(EventSplitterTest, RefusesBytesThatAreNoRequest) {
  for (const std::string& request :
       {std::string("\xFF"), std::string("\x0A\x05x"), std::string(1, '\0'), std::string("\x0C"),
        std::string("\x18")}) {
    EXPECT_THAT(ReadEnvelope(request), ReasonIs("MALFORMED_REQUEST"));
  }
}

TEST(EventSplitterTest, EventCountIsLimited) {
  std::string request;
  for (size_t i = 0; i < kMaxBatchEvents; ++i) request.append("\x0A\x00", 2);
  EXPECT_OK(ReadEnvelope(request));
  request.append("\x0A\x00", 2);
  const auto refused = ReadEnvelope(request);
  EXPECT_THAT(refused, ReasonIs("BATCH_TOO_LARGE"));
  EXPECT_THAT(refused.status().message(), ::testing::HasSubstr("100001 events"));
}

TEST(EventSplitterTest, BytesAreLimited) {
  EXPECT_THAT(ReadEnvelope(std::string(kMaxBatchBytes + 1, '\x0A')), ReasonIs("BATCH_TOO_LARGE"));
}

TEST(EventSplitterTest, RequestIdIsLimited) {
  v1::SubmitEventsRequest request;
  request.set_request_id(std::string(kMaxRequestIdBytes, 'x'));
  EXPECT_OK(ReadEnvelope(request.SerializeAsString()));
  request.set_request_id(std::string(kMaxRequestIdBytes + 1, 'x'));
  EXPECT_THAT(ReadEnvelope(request.SerializeAsString()), ReasonIs("REQUEST_ID_INVALID"));
  EXPECT_THAT(ReadEnvelope(std::string("\x12\x01\xFF")), ReasonIs("REQUEST_ID_INVALID"));
}

TEST(EventSplitterTest, AgreesWithGeneratedParserOnNoise) {
  const google::protobuf::LogSilencer quiet;
  std::mt19937_64 random(7);
  int good = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string noise(random() % 12, '\0');
    for (char& c : noise) c = static_cast<char>(random() % 3 == 0 ? random() % 64 : random());
    v1::SubmitEventsRequest request;
    // Events and UTF-8 are judged elsewhere: only where all is well must both agree.
    if (!request.ParseFromString(noise)) continue;
    ++good;
    ASSERT_OK_AND_ASSIGN(const BatchEnvelope envelope, ReadEnvelope(noise));
    EXPECT_EQ(envelope.events, static_cast<size_t>(request.events_size()));
    EXPECT_EQ(envelope.request_id, request.request_id());
    EXPECT_EQ(envelope.validate_only, request.validate_only());
    EXPECT_EQ(envelope.with_receipts, request.with_receipts());
  }
  EXPECT_GT(good, 10'000);
}

}  // namespace
}  // namespace tidemark::ingest
