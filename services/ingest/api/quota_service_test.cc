#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/testing/ingest_service_fixture.h"

namespace tidemark::ingest {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::ReasonIs;
using testing::StatusIs;

class QuotaTest : public IngestServiceTest {
 protected:
  // platform-1 may send 10 events a second, 20 at once; platform-2 1 a second, 10 at once.
  QuotaTest() {
    catalog_client::CatalogBuilder catalog;
    AddSampleCatalog(&catalog);
    auto& one = *catalog.Source("platform-1").mutable_quota();
    one.set_events_per_second(10);
    one.set_burst(20);
    catalog.Source("platform-2").mutable_quota()->set_events_per_second(1);
    server_.views.Set(catalog.View());
  }

  v1::SubmitEventsRequest Batch(int events, const std::string& source = "platform-1") {
    v1::SubmitEventsRequest request;
    Add(events, source, &request);
    return request;
  }
  void Add(int events, const std::string& source, v1::SubmitEventsRequest* request) {
    for (int i = 0; i < events; ++i) {
      *request->add_events() = Event(absl::StrCat("e-", next_++), source);
    }
  }

  int next_ = 0;
};

TEST_F(QuotaTest, ABatchAboveTheQuotaIsToldWhenItFitsAndThenDoes) {
  ASSERT_THAT(Submit(Batch(20)), IsOk());
  const v1::SubmitEventsRequest more = Batch(5);
  const auto refused = Submit(more);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted,
                                HasSubstr("\"platform-1\" may send 10 events a second")));
  EXPECT_THAT(refused, ReasonIs("QUOTA_EXCEEDED"));
  EXPECT_EQ(status::RetryAfterOf(refused.status()), absl::Milliseconds(500));
  // Nothing of it was judged.
  EXPECT_EQ(server_.log->state().size, 21u);
  clock_.Advance(absl::Milliseconds(500));
  const auto taken = Submit(more);
  ASSERT_THAT(taken, IsOk());
  EXPECT_EQ(taken->verdict().accepted(), 5u);
}

TEST_F(QuotaTest, ABatchAboveTheBurstIsToldToBeSmaller) {
  const auto refused = Submit(Batch(21));
  EXPECT_THAT(refused, ReasonIs("QUOTA_BATCH_TOO_LARGE"));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted,
                                HasSubstr("send at most 20 in one batch")));
  EXPECT_EQ(status::RetryAfterOf(refused.status()), absl::InfiniteDuration());
  EXPECT_THAT(Submit(Batch(20)), IsOk());
}

TEST_F(QuotaTest, AMixedBatchTakesFromEachSourceOrFromNone) {
  v1::SubmitEventsRequest mixed = Batch(10);
  Add(10, "platform-2", &mixed);
  Add(1000, "platform-3", &mixed);
  EXPECT_THAT(Submit(mixed), IsOk());
  mixed = Batch(10);
  Add(1, "platform-2", &mixed);
  EXPECT_THAT(Submit(mixed), ReasonIs("QUOTA_EXCEEDED"));
  EXPECT_THAT(Submit(Batch(10)), IsOk());
}

TEST_F(QuotaTest, RejectedEventsAndDuplicatesCountAndValidationDoesNot) {
  v1::SubmitEventsRequest batch = Batch(10);
  for (auto& event : *batch.mutable_events()) event.set_category("nowhere");
  v1::SubmitEventsRequest dry = batch;
  dry.set_validate_only(true);
  for (int i = 0; i < 10; ++i) EXPECT_THAT(Submit(dry), IsOk());
  EXPECT_THAT(Submit(batch), IsOk());
  EXPECT_THAT(Submit(batch), IsOk());
  EXPECT_THAT(Submit(batch), ReasonIs("QUOTA_EXCEEDED"));
}

TEST_F(QuotaTest, NobodyUsesUpTheQuotaOfASourceThatIsNotTheirs) {
  server_.authorizer.Become(access::Bit(access::Role::kProducer), {"platform-3"});
  for (int i = 0; i < 10; ++i) EXPECT_THAT(Submit(Batch(20)), IsOk());
  server_.authorizer.Become(access::Bit(access::Role::kProducer), {"platform-1"});
  EXPECT_THAT(Submit(Batch(20)), IsOk());
}

TEST_F(QuotaTest, AnAnswerThatIsKnownAlreadyTakesNothing) {
  v1::SubmitEventsRequest batch = Batch(20);
  batch.set_request_id("again");
  for (int i = 0; i < 5; ++i) EXPECT_THAT(Submit(batch), IsOk());
}

TEST_F(QuotaTest, AChangedQuotaHoldsAtOnce) {
  EXPECT_THAT(Submit(Batch(20)), IsOk());
  EXPECT_THAT(Submit(Batch(1)), ReasonIs("QUOTA_EXCEEDED"));
  server_.views.Set(IngestServer::MakeView(2));
  EXPECT_THAT(Submit(Batch(1000)), IsOk());
}

}  // namespace
}  // namespace tidemark::ingest
