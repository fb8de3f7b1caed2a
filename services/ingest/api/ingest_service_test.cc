#include "services/ingest/api/ingest_service.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "clients/cpp/ledger/checkpoint.h"
#include "clients/cpp/ledger/leaf.h"
#include "clients/cpp/ledger/merkle.h"
#include "clients/cpp/ledger/pseudonym.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/api/event_splitter.h"
#include "services/ingest/api/verdict.h"
#include "services/ingest/testing/ingest_service_fixture.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::ingest {
namespace {

using access::Role;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using tidemark::testing::ReasonIs;
using tidemark::testing::StatusIs;

ledger::Hash HashOf(const std::string& bytes) {
  ledger::Hash hash = {};
  std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
  return hash;
}

TEST_F(IngestServiceTest, AVerdictHoldsTheExceptionsOnly) {
  std::vector<v1::Event> events = {Event("a"), Event("b"), Event("c"), Event("a"), Event("d")};
  events[1].set_category("categry-7");
  events[2].clear_amount();
  ASSERT_OK_AND_ASSIGN(const auto response, Submit(events));
  const v1::BatchVerdict& verdict = response.verdict();
  EXPECT_EQ(verdict.log_id(), server_.log->log_id());
  EXPECT_EQ(verdict.accepted(), 2u);
  EXPECT_EQ(verdict.first_leaf(), 1u);
  ASSERT_EQ(verdict.exceptions_size(), 3);
  const absl::Status unknown = status::FromRpcStatusProto(verdict.exceptions(0).status());
  EXPECT_EQ(verdict.exceptions(0).position(), 1u);
  EXPECT_EQ(verdict.exceptions(0).kind(), v1::EXCEPTION_KIND_REJECTED);
  EXPECT_THAT(unknown, ReasonIs("UNKNOWN_CATEGORY"));
  EXPECT_EQ(status::FieldOf(unknown), "category");
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("category-7"));
  const absl::Status missing = status::FromRpcStatusProto(verdict.exceptions(1).status());
  EXPECT_EQ(verdict.exceptions(1).position(), 2u);
  EXPECT_THAT(missing, ReasonIs("FIELD_REQUIRED"));
  EXPECT_EQ(verdict.exceptions(2).position(), 3u);
  EXPECT_EQ(verdict.exceptions(2).kind(), v1::EXCEPTION_KIND_DUPLICATE);
  EXPECT_EQ(verdict.exceptions(2).leaf(), 1u);
  EXPECT_EQ(verdict.exceptions(2).first_position(), 0u);
  EXPECT_TRUE(verdict.exceptions(2).has_first_position());
  EXPECT_FALSE(verdict.exceptions(2).has_status());
  ASSERT_EQ(verdict.reasons_size(), 2);
  EXPECT_EQ(verdict.reasons(verdict.exceptions(1).reason()).field(), "amount");
  EXPECT_EQ(response.receipts_size(), 0);
}

TEST_F(IngestServiceTest, AConflictNamesTheFieldAndTheLeaf) {
  ASSERT_OK(Submit({Event("a")}));
  v1::Event other = Event("a");
  other.set_amount(1);
  ASSERT_OK_AND_ASSIGN(const auto response, Submit({other}));
  ASSERT_EQ(response.verdict().exceptions_size(), 1);
  const v1::Exception& exception = response.verdict().exceptions(0);
  EXPECT_EQ(exception.kind(), v1::EXCEPTION_KIND_CONFLICT);
  EXPECT_EQ(exception.leaf(), 1u);
  const absl::Status conflict = status::FromRpcStatusProto(exception.status());
  EXPECT_THAT(conflict, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(conflict, ReasonIs("CONTENT_CONFLICT"));
  EXPECT_EQ(status::FieldOf(conflict), "amount");
}

TEST_F(IngestServiceTest, OneEventWithInvalidUtf8CostsItself) {
  v1::SubmitEventsRequest good;
  *good.add_events() = Event("a");
  std::string bytes = good.SerializeAsString();
  bytes += std::string("\x0A\x05\x12\x03x\xFFy", 7);
  bytes += std::string("\x0A\x02\x0A\x7F", 4);
  good.mutable_events(0)->set_id("b");
  bytes += good.SerializeAsString();
  ASSERT_OK_AND_ASSIGN(const auto response, SubmitRaw(bytes));
  EXPECT_EQ(response.verdict().accepted(), 2u);
  ASSERT_EQ(response.verdict().exceptions_size(), 2);
  EXPECT_EQ(response.verdict().exceptions(0).position(), 1u);
  const absl::Status utf8 = status::FromRpcStatusProto(response.verdict().exceptions(0).status());
  EXPECT_THAT(utf8, ReasonIs("INVALID_UTF8"));
  EXPECT_EQ(status::FieldOf(utf8), "id");
  EXPECT_THAT(status::FromRpcStatusProto(response.verdict().exceptions(1).status()),
              ReasonIs("MALFORMED_EVENT"));
}

TEST_F(IngestServiceTest, BadRequestsGetAMessageAndTheServiceLives) {
  EXPECT_THAT(SubmitRaw("\xFF garbage"), ReasonIs("MALFORMED_REQUEST"));
  std::string many;
  for (int i = 0; i < 1'000'000; ++i) many.append("\x0A\x00", 2);
  EXPECT_THAT(SubmitRaw(many),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1000000 events")));
  EXPECT_THAT(SubmitRaw(std::string(kMaxReceiveBytes - (1 << 20), '\x0A')),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("smaller batches")));
  EXPECT_THAT(SubmitRaw(std::string(100 << 20, '\x0A')),
              StatusIs(absl::StatusCode::kResourceExhausted));
  v1::SubmitEventsRequest request;
  request.set_request_id(std::string(65, 'x'));
  EXPECT_THAT(Submit(request), ReasonIs("REQUEST_ID_INVALID"));
  ASSERT_OK_AND_ASSIGN(const auto response, Submit({Event("a")}));
  EXPECT_EQ(response.verdict().accepted(), 1u);
  // An empty batch is a batch.
  ASSERT_OK_AND_ASSIGN(const auto empty, SubmitRaw(""));
  EXPECT_EQ(empty.verdict().accepted(), 0u);
}

TEST_F(IngestServiceTest, ValidateOnlyWritesNothing) {
  v1::SubmitEventsRequest request;
  *request.add_events() = Event("a");
  *request.add_events() = Event("a");
  request.mutable_events(0)->set_product("new");
  request.mutable_events(1)->set_product("new");
  request.set_validate_only(true);
  request.set_request_id("r");
  ASSERT_OK_AND_ASSIGN(const auto response, Submit(request));
  EXPECT_EQ(response.verdict().accepted(), 1u);
  ASSERT_EQ(response.verdict().exceptions_size(), 1);
  EXPECT_EQ(response.verdict().exceptions(0).first_position(), 0u);
  EXPECT_TRUE(response.verdict().exceptions(0).has_first_position());
  EXPECT_FALSE(response.verdict().exceptions(0).has_leaf());
  EXPECT_EQ(server_.log->state().size, 0u);
  EXPECT_EQ(server_.open_codes.size(), 0u);
}

TEST_F(IngestServiceTest, ARetriedRequestIdGetsTheSameVerdict) {
  v1::SubmitEventsRequest request;
  *request.add_events() = Event("a");
  request.set_request_id("r1");
  ASSERT_OK_AND_ASSIGN(const auto first, Submit(request));
  ASSERT_OK_AND_ASSIGN(const auto again, Submit(request));
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(again.verdict().accepted(), 1u);
  // The id with other content is another request.
  request.mutable_events(0)->set_amount(7);
  ASSERT_OK_AND_ASSIGN(const auto other, Submit(request));
  EXPECT_EQ(other.verdict().exceptions(0).kind(), v1::EXCEPTION_KIND_CONFLICT);
  EXPECT_EQ(server_.log->state().size, 2u);
}

TEST_F(IngestServiceTest, ARejectionThatTheCatalogMayTakeBackIsNotRemembered) {
  v1::SubmitEventsRequest request;
  *request.add_events() = Event("a");
  *request.add_events() = Event("b", "added-1");
  request.set_request_id("r1");
  ASSERT_OK_AND_ASSIGN(const auto first, Submit(request));
  EXPECT_EQ(first.verdict().accepted(), 1u);
  EXPECT_EQ(first.verdict().reasons(0).reason(), "UNKNOWN_SOURCE");
  server_.views.Set(IngestServer::MakeView(2));
  ASSERT_OK_AND_ASSIGN(const auto again, Submit(request));
  EXPECT_EQ(again.verdict().accepted(), 1u) << "the steward added the source meanwhile";
  ASSERT_EQ(again.verdict().exceptions_size(), 1);
  EXPECT_EQ(again.verdict().exceptions(0).position(), 0u);
  EXPECT_EQ(again.verdict().exceptions(0).kind(), v1::EXCEPTION_KIND_DUPLICATE);
}

TEST_F(IngestServiceTest, AFaultOfTheEventItselfIsRemembered) {
  v1::SubmitEventsRequest request;
  *request.add_events() = Event("a");
  *request.add_events() = Event("b");
  request.mutable_events(1)->set_amount(0);
  request.set_request_id("r1");
  ASSERT_OK_AND_ASSIGN(const auto first, Submit(request));
  ASSERT_OK_AND_ASSIGN(const auto again, Submit(request));
  EXPECT_EQ(first.verdict().accepted(), 1u);
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
}

TEST_F(IngestServiceTest, TheLargestBatchWithReceiptsFitsTheBound) {
  std::string bytes = "\x20\x01";  // with_receipts
  for (size_t i = 0; i < kMaxReceiptEvents; ++i) {
    v1::SubmitEventsRequest one;
    *one.add_events() = Event(std::to_string(i));
    one.AppendToString(&bytes);
  }
  ASSERT_OK_AND_ASSIGN(const auto response, SubmitRaw(bytes));
  EXPECT_EQ(response.receipts_size(), static_cast<int>(kMaxReceiptEvents));
  EXPECT_LT(response.ByteSizeLong(), kMaxVerdictBytes);
  bytes.append("\x0A\x00", 2);
  EXPECT_THAT(SubmitRaw(bytes), StatusIs(absl::StatusCode::kInvalidArgument,
                                         HasSubstr("25000 per batch with with_receipts")));
}

TEST_F(IngestServiceTest, ReceiptsAreProvenByCheckpoints) {
  v1::SubmitEventsRequest request;
  for (int i = 0; i < 10; ++i) *request.add_events() = Event("r" + std::to_string(i));
  request.set_with_receipts(true);
  ASSERT_OK_AND_ASSIGN(const auto response, Submit(request));
  ASSERT_EQ(response.receipts_size(), 10);
  ASSERT_OK_AND_ASSIGN(const auto newest,
                       Call(&v1::IngestService::Stub::GetCheckpoint, v1::GetCheckpointRequest()));
  ASSERT_OK_AND_ASSIGN(const auto verifier, ledger::NoteVerifier::FromText(newest.verifier_key()));
  ASSERT_OK_AND_ASSIGN(const auto checkpoint,
                       ledger::OpenCheckpoint(newest.checkpoint().note(), verifier));
  for (const v1::Receipt& receipt : response.receipts()) {
    v1::GetInclusionProofRequest proof_request;
    proof_request.set_leaf(receipt.leaf());
    proof_request.set_tree_size(checkpoint.size);
    ASSERT_OK_AND_ASSIGN(const auto proof,
                         Call(&v1::IngestService::Stub::GetInclusionProof, proof_request));
    EXPECT_EQ(proof.leaf_hash(), receipt.leaf_hash());
    EXPECT_EQ(HashOf(proof.leaf_hash()), ledger::LeafHash(proof.leaf()));
    ASSERT_OK_AND_ASSIGN(const ledger::DecodedLeaf leaf, ledger::DecodeLeaf(proof.leaf()));
    EXPECT_EQ(leaf.event.source, "platform-1");
    std::vector<ledger::Hash> path;
    for (const std::string& node : proof.path()) path.push_back(HashOf(node));
    EXPECT_OK(ledger::VerifyInclusion(receipt.leaf(), checkpoint.size, HashOf(receipt.leaf_hash()),
                                      path, checkpoint.root));
  }
  v1::GetConsistencyProofRequest consistency;
  consistency.set_new_size(checkpoint.size);
  EXPECT_THAT(Call(&v1::IngestService::Stub::GetConsistencyProof, consistency),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("old_size")));
  consistency.set_old_size(3);
  EXPECT_OK(Call(&v1::IngestService::Stub::GetConsistencyProof, consistency));
  consistency.set_new_size(checkpoint.size + 1);
  EXPECT_THAT(Call(&v1::IngestService::Stub::GetConsistencyProof, consistency),
              StatusIs(absl::StatusCode::kOutOfRange));
}

TEST_F(IngestServiceTest, EventsAreReadBackWithoutTheConsumersId) {
  v1::Event event = Event("full");
  event.mutable_consumer()->set_scheme("account");
  event.mutable_consumer()->set_id(" 4711 ");
  event.set_order("o1");
  event.set_consumer_region("gbt2260-110100");
  event.set_product("p");
  event.set_quantity(0);
  event.set_segment(v1::SEGMENT_PERSONS);
  (*event.mutable_attributes())["k"] = "v";
  v1::Event refund = Event("back");
  refund.set_kind(v1::EVENT_KIND_REFUND);
  refund.mutable_original()->set_id("full");
  ASSERT_OK(Submit({event, refund}));
  v1::BatchGetEventsRequest request;
  request.set_source("platform-1");
  for (const char* id : {"back", "none", "full"}) request.add_ids(id);
  ASSERT_OK_AND_ASSIGN(const auto response,
                       Call(&v1::IngestService::Stub::BatchGetEvents, request));
  EXPECT_THAT(response.missing_ids(), ElementsAre("none"));
  ASSERT_EQ(response.events_size(), 2);
  EXPECT_EQ(response.events(0).original_leaf(), 1u);
  EXPECT_FALSE(response.events(0).waiting());
  const v1::StoredEvent& stored = response.events(1);
  const ledger::Pseudonym pseudonym = ledger::MakePseudonym(*server_.key, "account", "4711");
  event.mutable_consumer()->set_prehashed(std::string(pseudonym.begin(), pseudonym.end()));
  EXPECT_EQ(stored.event().SerializeAsString(), event.SerializeAsString());
  EXPECT_EQ(stored.principal(), "tester");
  EXPECT_EQ(stored.accepted_time_us(), testing::FakeClock::kStartMicros);
  EXPECT_EQ(stored.receipt().leaf(), 1u);
  EXPECT_EQ(HashOf(stored.receipt().leaf_hash()), ledger::LeafHash(*server_.log->Leaf(1)));
}

TEST_F(IngestServiceTest, AProducerActsForItsOwnSourcesOnly) {
  ASSERT_OK(Submit({Event("a", "platform-1"), Event("b", "platform-2")}));
  server_.authorizer.Become(access::Bit(Role::kProducer), {"platform-1"});
  ASSERT_OK_AND_ASSIGN(const auto response,
                       Submit({Event("c", "platform-1"), Event("c", "platform-2")}));
  EXPECT_EQ(response.verdict().accepted(), 1u);
  EXPECT_THAT(status::FromRpcStatusProto(response.verdict().exceptions(0).status()),
              StatusIs(absl::StatusCode::kPermissionDenied));
  v1::BatchGetEventsRequest get;
  get.set_source("platform-2");
  get.add_ids("b");
  EXPECT_THAT(Call(&v1::IngestService::Stub::BatchGetEvents, get), ReasonIs("SOURCE_NOT_ALLOWED"));
  v1::GetInclusionProofRequest proof;
  proof.set_tree_size(3);
  proof.set_leaf(1);
  EXPECT_OK(Call(&v1::IngestService::Stub::GetInclusionProof, proof));
  for (const uint64_t foreign : {0, 2}) {
    proof.set_leaf(foreign);
    EXPECT_THAT(Call(&v1::IngestService::Stub::GetInclusionProof, proof),
                StatusIs(absl::StatusCode::kPermissionDenied));
  }
}

TEST_F(IngestServiceTest, BatchGetLimitsAreNamed) {
  v1::BatchGetEventsRequest request;
  request.add_ids("a");
  EXPECT_THAT(Call(&v1::IngestService::Stub::BatchGetEvents, request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("source")));
  request.set_source("platform-1");
  request.clear_ids();
  EXPECT_THAT(Call(&v1::IngestService::Stub::BatchGetEvents, request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("ids")));
  for (int i = 0; i < 1001; ++i) request.add_ids("a");
  EXPECT_THAT(Call(&v1::IngestService::Stub::BatchGetEvents, request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1001")));
}

TEST_F(IngestServiceTest, ABatchJudgedByAViewThatIsOutOfDateIsJudgedAgain) {
  server_.log->MarkCatalog({.version = 2});
  server_.views.Set(IngestServer::MakeView(2));
  // Once for quotas, once for the judgement.
  server_.views.SetOnce(IngestServer::MakeView(1));
  server_.views.SetOnce(IngestServer::MakeView(1));
  ASSERT_OK_AND_ASSIGN(const auto response,
                       Submit({Event("a", "added-1"), Event("b", "platform-1")}));
  EXPECT_EQ(response.verdict().accepted(), 2u) << "the newer view knows the source";
}

TEST_F(IngestServiceTest, WithoutAViewEventsAreUnavailableAndReadingWorks) {
  ASSERT_OK(Submit({Event("a")}));
  server_.views.Set(status::WithRetryAfter(absl::UnavailableError("no catalog"), absl::Seconds(1)));
  server_.views.SetReachable(false);
  EXPECT_THAT(Submit({Event("b")}), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_OK_AND_ASSIGN(const auto status,
                       Call(&v1::IngestService::Stub::GetLogStatus, v1::GetLogStatusRequest()));
  EXPECT_EQ(status.log_size(), 2u);
  EXPECT_FALSE(status.catalog_reachable());
  EXPECT_EQ(status.catalog_version(), 1u);
  EXPECT_EQ(status.identities(), 1u);
  EXPECT_EQ(status.version(), "test");
  EXPECT_EQ(status.sealed_reason(), "");
  EXPECT_EQ(status.refusal().message(), "no catalog");
}

TEST(IngestBudgetTest, SmallEventsAreChargedByTheirNumber) {
  const testing::FakeClock clock;
  IngestServer server(&clock, /*max_in_flight_bytes=*/size_t{1} << 20);
  std::atomic<bool> held = false;
  std::atomic<bool> go_on = false;
  server.views.SetHook([&] {
    held = true;
    while (!go_on) std::this_thread::yield();
  });
  // 2 KB of wire, 0.6 MB of records.
  std::string request;
  for (int i = 0; i < 1000; ++i) request.append("\x0A\x00", 2);
  std::thread first(
      [&] { EXPECT_OK(testing::CallRaw(server.server->channel(), kSubmitEventsMethod, request)); });
  while (!held) std::this_thread::yield();
  const auto second = testing::CallRaw(server.server->channel(), kSubmitEventsMethod, request);
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(second, ReasonIs("OVERLOADED"));
  EXPECT_LT(status::RetryAfterOf(second.status()), absl::InfiniteDuration());
  go_on = true;
  first.join();
  // The budget comes back when the first answer was sent.
  while (!testing::CallRaw(server.server->channel(), kSubmitEventsMethod, request).ok()) {
    std::this_thread::yield();
  }
}

TEST_F(IngestServiceTest, AnEmptyLogHasNoCheckpoint) {
  EXPECT_THAT(Call(&v1::IngestService::Stub::GetCheckpoint, v1::GetCheckpointRequest()),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(IngestServiceTest, ManyCallersAtOnceLoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kBatches = 30;
  std::vector<std::thread> threads;
  std::atomic<uint64_t> accepted{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t, &accepted] {
      for (int i = 0; i < kBatches; ++i) {
        // Every batch overlaps with those of the other callers.
        std::vector<v1::Event> events;
        for (int e = 0; e < 20; ++e) events.push_back(Event(std::to_string(i * 10 + e + t)));
        const auto response = Submit(events);
        ASSERT_OK(response);
        accepted += response->verdict().accepted();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const uint64_t distinct = (kBatches - 1) * 10 + 20 + kThreads - 1;
  EXPECT_EQ(accepted, distinct);
  EXPECT_EQ(server_.log->state().identities, distinct);
}

}  // namespace
}  // namespace tidemark::ingest
