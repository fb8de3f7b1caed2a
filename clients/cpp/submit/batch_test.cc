#include "clients/cpp/submit/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/error.h"
#include "common/testing/status_matchers.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::submit {
namespace {

using ::testing::HasSubstr;
using ::tidemark::testing::StatusIs;

TEST(BatchTest, BytesParseAsTheRequest) {
  ingest::v1::Event small, large;
  small.set_id("a");
  large.set_id(std::string(1000, 'x'));
  Batch batch;
  batch.Add(7, small.SerializeAsString());
  batch.Add(9, large.SerializeAsString());
  batch.Finish("request-1", true);
  ingest::v1::SubmitEventsRequest request;
  ASSERT_TRUE(request.ParseFromString(*batch.request()));
  ASSERT_EQ(request.events_size(), 2);
  EXPECT_EQ(request.events(0).id(), "a");
  EXPECT_EQ(request.events(1).id().size(), 1000u);
  EXPECT_EQ(request.request_id(), "request-1");
  EXPECT_TRUE(request.validate_only());
  EXPECT_EQ(batch.records(), (std::vector<uint64_t>{7, 9}));
}

TEST(BatchTest, ResetLeavesBytesThatAreStillSharedAlone) {
  Batch batch;
  batch.Add(1, "event");
  const std::shared_ptr<std::string> held = batch.request();
  const std::string before = *held;
  batch.Reset();
  batch.Add(2, "other");
  EXPECT_EQ(*held, before);
  EXPECT_EQ(batch.events(), 1u);
}

TEST(ReadVerdictTest, MapsPositionsToTheCallersRecords) {
  ingest::v1::SubmitEventsResponse response;
  response.mutable_verdict()->set_accepted(1);
  response.mutable_verdict()->set_first_leaf(40);
  auto* duplicate = response.mutable_verdict()->add_exceptions();
  duplicate->set_position(0);
  duplicate->set_kind(ingest::v1::EXCEPTION_KIND_DUPLICATE);
  duplicate->set_leaf(5);
  auto* rejected = response.mutable_verdict()->add_exceptions();
  rejected->set_position(2);
  rejected->set_kind(ingest::v1::EXCEPTION_KIND_REJECTED);
  rejected->mutable_status()->set_code(3);
  rejected->mutable_status()->set_message("amount: 0, want >= 1");
  duplicate->set_first_position(2);
  BatchReport report{.records = {100, 200, 300}};
  ASSERT_OK(ReadVerdict(response.SerializeAsString(), report));
  EXPECT_EQ(report.first_leaf, 40u);
  ASSERT_EQ(report.exceptions.size(), 2u);
  EXPECT_EQ(report.exceptions[0].record, 100u);
  EXPECT_EQ(report.exceptions[0].verdict, Verdict::kDuplicate);
  EXPECT_EQ(report.exceptions[0].leaf, 5u);
  EXPECT_EQ(report.exceptions[0].first_record, 300u);
  EXPECT_EQ(report.exceptions[1].record, 300u);
  EXPECT_THAT(report.exceptions[1].status,
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("amount: 0")));
  EXPECT_EQ(report.exceptions[1].leaf, std::nullopt);
  EXPECT_EQ(report.exceptions[1].first_record, std::nullopt);
}

TEST(ReadVerdictTest, AnExceptionWithoutAStatusHasThatOfItsReason) {
  ingest::v1::SubmitEventsResponse response;
  ingest::v1::BatchVerdict& verdict = *response.mutable_verdict();
  verdict.add_reasons()->set_reason("OTHER");
  ingest::v1::ExceptionReason& reason = *verdict.add_reasons();
  reason.set_code(8);
  reason.set_reason("TOO_MANY_NEW_CODES");
  reason.set_field("product");
  ingest::v1::Exception& exception = *verdict.add_exceptions();
  exception.set_kind(ingest::v1::EXCEPTION_KIND_REJECTED);
  exception.set_reason(1);
  BatchReport report{.records = {100}};
  ASSERT_OK(ReadVerdict(response.SerializeAsString(), report));
  const absl::Status& status = report.exceptions[0].status;
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("product: ")));
  EXPECT_EQ(status::ReasonOf(status), "TOO_MANY_NEW_CODES");
  EXPECT_EQ(status::FieldOf(status), "product");
  EXPECT_EQ(report.rejected, 1u);
  // Neither status nor reason.
  exception.set_reason(2);
  BatchReport broken{.records = {100}};
  EXPECT_THAT(ReadVerdict(response.SerializeAsString(), broken),
              StatusIs(absl::StatusCode::kInternal));
}

TEST(ReadVerdictTest, AnswerThatDoesNotFitTheBatchIsAnError) {
  ingest::v1::SubmitEventsResponse response;
  response.mutable_verdict()->set_accepted(2);
  BatchReport report{.records = {1, 2, 3}};
  EXPECT_THAT(ReadVerdict(response.SerializeAsString(), report),
              StatusIs(absl::StatusCode::kInternal));
  ingest::v1::Exception& exception = *response.mutable_verdict()->add_exceptions();
  exception.set_kind(ingest::v1::EXCEPTION_KIND_DUPLICATE);
  exception.set_first_position(3);
  EXPECT_THAT(ReadVerdict(response.SerializeAsString(), report),
              StatusIs(absl::StatusCode::kInternal));
  exception.set_position(3);
  EXPECT_THAT(ReadVerdict(response.SerializeAsString(), report),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(ReadVerdict("\xff\xff", report), StatusIs(absl::StatusCode::kInternal));
}

}  // namespace
}  // namespace tidemark::submit
