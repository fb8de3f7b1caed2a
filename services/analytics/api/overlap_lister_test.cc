// ListOverlaps over gRPC: what is asked of it, and who may. What it tells is compared with a
// recount in testing/linked_events_test.cc.
#include "services/analytics/api/service_fixture_test.h"

namespace tidemark::analytics {
namespace {

class OverlapListerTest : public AnalyticsServiceTest {
 protected:
  absl::StatusOr<v1::ListOverlapsResponse> List(const std::string& request) {
    grpc::ClientContext context;
    v1::ListOverlapsResponse response;
    const grpc::Status status =
        stub_->ListOverlaps(&context, ParseText<v1::ListOverlapsRequest>(request), &response);
    if (!status.ok()) return status::FromGrpcStatus(status);
    return response;
  }
};

TEST_F(OverlapListerTest, AnswersAtTheSnapshotAskedFor) {
  ASSERT_OK_AND_ASSIGN(const auto head, List(""));
  EXPECT_THAT(head.overlaps(), SizeIs(0)) << "the world has no transactions";
  EXPECT_EQ(head.snapshot().log_size(), world_.log_size());
  EXPECT_EQ(head.snapshot().log_id(), world_.log_id);
  ASSERT_OK_AND_ASSIGN(const auto past,
                       List("as_of { log_size: 17 } range { first: '2016' last: '2017-03' }"));
  EXPECT_EQ(past.snapshot().log_size(), 17u);
}

TEST_F(OverlapListerTest, BadRequestsNameTheField) {
  for (const auto& [request, field] : {std::pair("range { first: '2016-13' }", "range.first"),
                                       std::pair("range { last: 'yesterday' }", "range.last"),
                                       std::pair("range { first: '2017' last: '2016' }", "range"),
                                       std::pair("as_of {}", "as_of")}) {
    const auto refused = List(request);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument)) << request;
    EXPECT_EQ(status::FieldOf(refused.status()), field) << request;
  }
}

TEST_F(OverlapListerTest, SnapshotsThatAreNotThereAreRefused) {
  EXPECT_THAT(List(absl::StrCat("as_of { log_size: ", world_.log_size() + 1, " }")),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(List(absl::StrCat("as_of { log_size: ", world_.log_size() + 1'000, " }")),
              StatusIs(absl::StatusCode::kOutOfRange));
}

TEST_F(OverlapListerTest, ATokenOfARegionSeesNone) {
  Serve({.token_name = "t", .principal = "p", .region_scope = "regions/cn-33"});
  const auto refused = List("");
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(refused.status(), ReasonIs("REGION_SCOPE"));
}

}  // namespace
}  // namespace tidemark::analytics
