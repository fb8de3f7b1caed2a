#include "services/ingest/api/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "common/testing/status_matchers.h"
#include "google/rpc/status.pb.h"
#include "services/ingest/api/event_splitter.h"
#include "services/ingest/testing/sample_events.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {
namespace {

using ::testing::HasSubstr;
using tidemark::testing::ReasonIs;

constexpr int64_t kNowUs = 1'704'067'200'000'000;
const std::string kLogId(32, 'a');

class VerdictTest : public ::testing::Test {
 protected:
  VerdictTest() {
    catalog_client::CatalogBuilder catalog;
    AddSampleCatalog(&catalog);
    view_ = catalog.View();
  }

  v1::Event& Add(const std::string& id) {
    v1::Event& event = *request_.add_events();
    event.set_source("platform-1");
    event.set_id(id);
    event.set_kind(v1::EVENT_KIND_PURCHASE);
    event.set_event_time_us(kNowUs);
    event.set_amount(1);
    return event;
  }

  // Validates the request, then takes `result` for what the log said.
  const v1::BatchVerdict& Judge(const AppendResult& result, bool dry_run = false) {
    bytes_ = request_.SerializeAsString();
    EXPECT_OK(
        submission_.Judge({.request = bytes_,
                           .events = static_cast<size_t>(request_.events_size()),
                           .principal = "tester",
                           .view = view_,
                           .reference = {.now_us = kNowUs,
                                         .may_use_source = [](std::string_view) { return true; },
                                         .dry_run = dry_run}}));
    final_ = MakeVerdict(submission_, result, kLogId, &response_);
    return response_.verdict();
  }

  const ledger::HmacKey key_{"key"};
  OpenCodes open_codes_;
  PlainJudges judges_{&open_codes_};
  Submission submission_{&key_, &open_codes_, &judges_};
  std::shared_ptr<const catalog_client::CatalogView> view_;
  v1::SubmitEventsRequest request_;
  std::string bytes_;
  v1::SubmitEventsResponse response_;
  bool final_ = false;
};

TEST_F(VerdictTest, PointsAtTheFirstOneInTheBatchAndInTheLog) {
  // Positions 0 to 8; 2 is rejected, so the rows are 0 1 3 4 5 6 7 8. Rows 2, 4, 5 and 7 are
  // exceptions: the accepted rows 0 1 3 6 have the leaves 50 51 52 53.
  for (int i = 0; i < 9; ++i) Add(absl::StrCat("e", i));
  request_.mutable_events(2)->set_amount(0);
  const v1::BatchVerdict& verdict = Judge(
      {.first_leaf = 50,
       .accepted = 4,
       .exceptions = {{.row = 2, .outcome = Outcome::kDuplicate, .leaf = 51},
                      {.row = 4, .outcome = Outcome::kDuplicate, .leaf = 52},
                      {.row = 5, .outcome = Outcome::kDuplicate, .leaf = 49},
                      {.row = 7, .outcome = Outcome::kConflict, .leaf = 53, .field = "amount"}}});
  ASSERT_EQ(verdict.exceptions_size(), 5);
  const auto& e = verdict.exceptions();
  EXPECT_EQ(e[0].position(), 2u);
  EXPECT_FALSE(e[0].has_leaf());
  EXPECT_FALSE(e[0].has_first_position());
  EXPECT_EQ(e[1].position(), 3u);
  EXPECT_EQ(e[1].leaf(), 51u);
  EXPECT_EQ(e[1].first_position(), 1u);
  EXPECT_EQ(e[2].position(), 5u);
  EXPECT_EQ(e[2].leaf(), 52u);
  EXPECT_EQ(e[2].first_position(), 4u);
  EXPECT_EQ(e[3].leaf(), 49u);
  EXPECT_FALSE(e[3].has_first_position()) << "it came with an earlier batch";
  EXPECT_EQ(e[4].position(), 8u);
  EXPECT_EQ(e[4].leaf(), 53u);
  EXPECT_EQ(e[4].first_position(), 7u);
  EXPECT_THAT(e[4].status().message(), HasSubstr("at position 7 of this batch"));
  EXPECT_FALSE(e[1].has_reason());
  EXPECT_FALSE(e[1].has_status());
}

TEST_F(VerdictTest, ADryRunHasNoLeafForTheFirstOneInTheBatch) {
  for (int i = 0; i < 4; ++i) Add(absl::StrCat("e", i));
  request_.mutable_events(0)->set_amount(0);
  const v1::BatchVerdict& verdict = Judge(
      {.accepted = 1,
       .exceptions = {{.row = 1, .outcome = Outcome::kDuplicate, .leaf = 0, .leaf_is_row = true},
                      {.row = 2, .outcome = Outcome::kDuplicate, .leaf = 0}}},
      /*dry_run=*/true);
  ASSERT_EQ(verdict.exceptions_size(), 3);
  EXPECT_FALSE(verdict.exceptions(1).has_leaf());
  EXPECT_EQ(verdict.exceptions(1).first_position(), 1u);
  EXPECT_TRUE(verdict.exceptions(2).has_leaf()) << "leaf 0 of the log";
  EXPECT_FALSE(verdict.exceptions(2).has_first_position());
}

TEST_F(VerdictTest, EveryReasonIsNamedCountedAndExplained) {
  for (int i = 0; i < 1000; ++i) {
    v1::Event& event = Add(absl::StrCat("e", i));
    if (i % 2 == 0) event.set_category(absl::StrCat("unknown-", i));
  }
  request_.mutable_events(999)->set_amount(0);
  const v1::BatchVerdict& verdict = Judge({.first_leaf = 1, .accepted = 499});
  ASSERT_EQ(verdict.exceptions_size(), 501);
  ASSERT_EQ(verdict.reasons_size(), 2);
  EXPECT_EQ(verdict.reasons(0).code(), 3);
  EXPECT_EQ(verdict.reasons(0).reason(), "UNKNOWN_CATEGORY");
  EXPECT_EQ(verdict.reasons(0).field(), "category");
  EXPECT_EQ(verdict.reasons(0).count(), 500u);
  EXPECT_EQ(verdict.reasons(1).reason(), "OUT_OF_RANGE");
  EXPECT_EQ(verdict.reasons(1).field(), "amount");
  EXPECT_EQ(verdict.reasons(1).count(), 1u);
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(verdict.exceptions(i).reason(), 0u);
    EXPECT_TRUE(verdict.exceptions(i).has_reason());
    EXPECT_EQ(verdict.exceptions(i).has_status(), i < static_cast<int>(kStatusesPerReason)) << i;
  }
  EXPECT_EQ(verdict.exceptions(500).reason(), 1u);
  EXPECT_THAT(status::FromRpcStatusProto(verdict.exceptions(500).status()),
              ReasonIs("OUT_OF_RANGE"));
}

TEST_F(VerdictTest, TheLargestVerdictIsBelowTheBound) {
  // Conflicts with large leaves in every position, and as many reasons as there can be.
  static constexpr std::string_view kFields[] = {"kind",   "event_time_us", "original",
                                                 "order",  "transaction",   "consumer",
                                                 "amount", "quantity"};
  AppendResult result{.first_leaf = (uint64_t{1} << 55), .accepted = 1};
  for (uint32_t i = 0; i < kMaxBatchEvents; ++i) {
    v1::Event& event = *request_.add_events();
    event.set_source("platform-1");
    event.set_id("x");
    event.set_kind(v1::EVENT_KIND_PURCHASE);
    event.set_event_time_us(kNowUs);
    event.set_amount(1);
    if (i == 0) continue;
    result.exceptions.push_back({.row = i,
                                 .outcome = Outcome::kConflict,
                                 .leaf = result.first_leaf,
                                 .field = kFields[i % std::size(kFields)]});
  }
  const v1::BatchVerdict& verdict = Judge(result);
  EXPECT_EQ(verdict.exceptions_size(), static_cast<int>(kMaxBatchEvents) - 1);
  EXPECT_GT(response_.ByteSizeLong(), kMaxVerdictBytes / 2) << "it is no small one";
  EXPECT_LT(response_.ByteSizeLong() + (size_t{256} << 10), kMaxVerdictBytes)
      << "with room for the first statuses of 200 reasons more";
}

TEST_F(VerdictTest, StatusesStopAtTheirBytesButForTheFirstOfAReason) {
  // 40 reasons and fields of 100 exceptions each: more than the bytes allow.
  const auto* descriptor = v1::Event::descriptor();
  std::vector<const google::protobuf::FieldDescriptor*> texts;
  for (const char* name : {"order", "product", "provider", "payment_method", "age_band",
                           "income_band", "scenario", "project", "activity", "category"}) {
    texts.push_back(descriptor->FindFieldByName(name));
  }
  const std::string values[] = {"", "\x01", std::string(129, 'x')};
  for (int i = 0; i < 100; ++i) {
    for (const auto* field : texts) {
      for (const std::string& value : values) {
        v1::Event& event = Add("e");
        event.GetReflection()->SetString(&event, field, value);
      }
    }
  }
  // Its reason comes last.
  Add("last").clear_amount();
  const v1::BatchVerdict& verdict = Judge({});
  size_t bytes = 0;
  for (const v1::Exception& exception : verdict.exceptions()) {
    if (exception.has_status()) bytes += exception.status().ByteSizeLong();
  }
  EXPECT_GT(verdict.reasons_size(), 20);
  EXPECT_GT(bytes, kMaxStatusBytes / 2);
  EXPECT_LT(bytes, kMaxStatusBytes + verdict.reasons_size() * size_t{1024});
  EXPECT_FALSE(verdict.exceptions(verdict.exceptions_size() - 2).has_status());
  EXPECT_TRUE(verdict.exceptions(verdict.exceptions_size() - 1).has_status());
}

TEST_F(VerdictTest, OnlyWhatCannotChangeIsFinal) {
  Add("a").set_amount(0);
  Add("b");
  Judge({.accepted = 0, .exceptions = {{.row = 0, .outcome = Outcome::kDuplicate, .leaf = 1}}});
  EXPECT_TRUE(final_);
  Judge({.accepted = 0,
         .exceptions = {{.row = 0, .outcome = Outcome::kConflict, .leaf = 1, .field = "order"}}});
  EXPECT_TRUE(final_);
  Judge({.accepted = 0, .exceptions = {{.row = 0, .outcome = Outcome::kTooManyWaiting}}});
  EXPECT_FALSE(final_);
  Add("c").set_consumer_region("nowhere");
  Judge({.accepted = 1});
  EXPECT_FALSE(final_);
  request_.mutable_events(2)->clear_consumer_region();
  request_.mutable_events(2)->set_event_time_us(kNowUs + 3'600'000'000);
  Judge({.accepted = 1});
  EXPECT_FALSE(final_);
}

TEST_F(VerdictTest, AnEarlierVerdictHoldsWhileTheLogHasWhatItAccepted) {
  v1::BatchVerdict earlier;
  earlier.set_first_leaf(10);
  earlier.set_accepted(2);
  const auto duplicate = [](uint32_t row, uint64_t leaf) {
    return RowException{.row = row, .outcome = Outcome::kDuplicate, .leaf = leaf};
  };
  const auto holds = [&](const AppendResult& result) { return StillHolds(earlier, result); };
  EXPECT_TRUE(holds({.exceptions = {duplicate(0, 10), duplicate(1, 11)}}));
  // The batch had one twice, and one of an older batch.
  EXPECT_TRUE(holds(
      {.exceptions = {duplicate(0, 10), duplicate(1, 10), duplicate(2, 11), duplicate(3, 4)}}));
  EXPECT_FALSE(holds({.exceptions = {duplicate(0, 10), duplicate(1, 10)}}));
  EXPECT_FALSE(holds({.exceptions = {duplicate(0, 10), duplicate(1, 12)}}));
  EXPECT_FALSE(holds({.exceptions = {duplicate(0, 9), duplicate(1, 10)}}));
  EXPECT_FALSE(holds({.first_leaf = 11, .accepted = 1, .exceptions = {duplicate(0, 10)}}));
  EXPECT_FALSE(holds(
      {.exceptions = {duplicate(0, 10), {.row = 1, .outcome = Outcome::kConflict, .leaf = 11}}}));
  // Where nothing was accepted, what is said now is as good.
  earlier.set_accepted(0);
  EXPECT_FALSE(holds({.exceptions = {duplicate(0, 10)}}));
}

}  // namespace
}  // namespace tidemark::ingest
