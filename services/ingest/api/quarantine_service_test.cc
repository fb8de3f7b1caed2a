#include <gmock/gmock.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/pseudonym.h"
#include "common/testing/status_matchers.h"
#include "services/ingest/testing/ingest_service_fixture.h"

namespace tidemark::ingest {
namespace {

using access::Bit;
using access::Role;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::ReasonIs;
using testing::StatusIs;
using Stub = v1::IngestService::Stub;

constexpr char kIdentifier[] = "13800138000";

class QuarantineServiceTest : public IngestServiceTest {
 protected:
  QuarantineServiceTest() { AddSampleCatalog(&catalog_); }

  // Rejected until the category is added.
  v1::Event Unknown(const std::string& id, const std::string& source = "platform-1") {
    v1::Event event = Event(id, source);
    event.set_category("新类别");
    event.mutable_consumer()->set_scheme("account");
    event.mutable_consumer()->set_id(absl::StrCat(" ", kIdentifier));
    (*event.mutable_attributes())["note"] = "private";
    return event;
  }
  void AddCategory() {
    catalog_.Commit();
    catalog_.Category("新类别");
    server_.views.Set(catalog_.View());
  }

  // As an admin, who may look at any source.
  template <typename Request, typename Response>
  absl::StatusOr<Response> As(access::Roles roles,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const Request& request, std::vector<std::string> sources = {"*"}) {
    server_.authorizer.Become(roles, std::move(sources));
    auto answer = Call(method, request);
    server_.authorizer.Become(Bit(Role::kService));
    return answer;
  }
  std::vector<v1::QuarantinedEvent> List(const std::string& source = "platform-1",
                                         access::Roles roles = Bit(Role::kAdmin)) {
    v1::ListQuarantineRequest request;
    request.set_source(source);
    const auto answer = As(roles, &Stub::ListQuarantine, request);
    EXPECT_THAT(answer, IsOk());
    if (!answer.ok()) return {};
    return {answer->events().begin(), answer->events().end()};
  }
  v1::GetQuarantineStatsResponse Stats(const std::string& source = "platform-1") {
    v1::GetQuarantineStatsRequest request;
    request.set_source(source);
    return As(Bit(Role::kSteward), &Stub::GetQuarantineStats, request).value();
  }
  v1::ResubmitQuarantineResponse Resubmit(v1::ResubmitQuarantineRequest request) {
    request.set_source("platform-1");
    const auto answer = As(Bit(Role::kSteward), &Stub::ResubmitQuarantine, request);
    EXPECT_THAT(answer, IsOk());
    return answer.value_or(v1::ResubmitQuarantineResponse());
  }

  catalog_client::CatalogBuilder catalog_;
};

TEST_F(QuarantineServiceTest, ARejectedEventIsKeptWithAPseudonymInPlaceOfTheIdentifier) {
  ASSERT_THAT(Submit({Event("good"), Unknown("bad")}), IsOk());
  const auto events = List();
  ASSERT_EQ(events.size(), 1u);
  const v1::QuarantinedEvent& bad = events[0];
  EXPECT_EQ(bad.event_id(), "bad");
  EXPECT_EQ(bad.reason(), "UNKNOWN_CATEGORY");
  EXPECT_EQ(bad.field(), "category");
  EXPECT_THAT(bad.message(), HasSubstr("新类别"));
  EXPECT_EQ(bad.code(), 3);
  EXPECT_EQ(bad.position(), 1u);
  EXPECT_EQ(bad.count(), 1u);
  EXPECT_EQ(bad.principal(), "tester");
  EXPECT_TRUE(bad.resubmittable());
  const auto pseudonym = ledger::MakePseudonym(*server_.key, "account", kIdentifier);
  v1::Event want = Unknown("bad");
  want.mutable_consumer()->set_prehashed(std::string(pseudonym.begin(), pseudonym.end()));
  EXPECT_EQ(bad.event().SerializeAsString(), want.SerializeAsString());
  EXPECT_THAT(bad.SerializeAsString(), Not(HasSubstr(kIdentifier)));
}

TEST_F(QuarantineServiceTest, OnlyWhatWasRejectedForTheLogIsKept) {
  v1::Event conflict = Event("good");
  conflict.set_amount(99);
  ASSERT_THAT(Submit({Event("good"), Event("good"), conflict}), IsOk());
  v1::SubmitEventsRequest dry;
  *dry.add_events() = Unknown("dry");
  dry.set_validate_only(true);
  ASSERT_THAT(Submit(dry), IsOk());
  EXPECT_TRUE(List().empty());
}

TEST_F(QuarantineServiceTest, BlindRetriesAreOneEntryWithACount) {
  for (int i = 0; i < 50; ++i) ASSERT_THAT(Submit({Unknown("bad"), Unknown("worse")}), IsOk());
  const v1::GetQuarantineStatsResponse stats = Stats();
  EXPECT_EQ(stats.events(), 2u);
  ASSERT_EQ(stats.counts_size(), 1);
  EXPECT_EQ(stats.counts(0).rejections(), 100u);
  EXPECT_EQ(stats.counts(0).resubmittable(), 2u);
  EXPECT_GT(stats.bytes(), 0u);
}

TEST_F(QuarantineServiceTest, AnIdentifierWithoutAPseudonymIsLeftOutAndTheEventIsNotResubmitted) {
  v1::Event other_scheme = Unknown("other-scheme");
  other_scheme.mutable_consumer()->set_scheme("nobody-knows");
  v1::Event wrong_size = Unknown("wrong-size");
  wrong_size.mutable_consumer()->set_prehashed(kIdentifier);
  v1::Event blank = Unknown("blank");
  blank.mutable_consumer()->set_id("  ");
  ASSERT_THAT(Submit({other_scheme, wrong_size, blank}), IsOk());
  const auto events = List();
  ASSERT_EQ(events.size(), 3u);
  for (const v1::QuarantinedEvent& event : events) {
    EXPECT_FALSE(event.resubmittable()) << event.event_id();
    EXPECT_EQ(event.event().consumer().identity_case(), v1::Consumer::IDENTITY_NOT_SET);
    EXPECT_THAT(event.SerializeAsString(), Not(HasSubstr(kIdentifier)));
  }
  AddCategory();
  const auto answer = Resubmit({});
  EXPECT_EQ(answer.not_resubmittable(), 3u);
  EXPECT_EQ(answer.ids_size(), 0);
  EXPECT_EQ(List().size(), 3u);
}

TEST_F(QuarantineServiceTest, BrokenBytesAreKeptOnlyWhenNoIdentifierCanBeInThem) {
  // Not UTF-8, with and without a consumer; cut off.
  const std::string harmless = Event("harmless").SerializeAsString() + "\x72\x02\xff\xfe";
  const std::string person = Unknown("person").SerializeAsString() + "\x7a\x02\xff\xfe";
  const std::string whole = Unknown("cut").SerializeAsString();
  std::string request;
  for (const std::string& event : {harmless, person, whole.substr(0, whole.size() - 3)}) {
    request += '\x0a';
    for (size_t size = event.size(); true; size >>= 7) {
      request += static_cast<char>((size & 0x7F) | (size >= 0x80 ? 0x80 : 0));
      if (size < 0x80) break;
    }
    request += event;
  }
  request += std::string("\x0a\x02\xff\xff", 4);
  // A consumer that has lost what is around it reads like an event of a source.
  request += std::string("\x0a\x17\x0a\x07") + "account\x12\x0b" + kIdentifier + "\x7f";
  ASSERT_THAT(SubmitRaw(request), IsOk());
  const auto events = List();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].reason(), "INVALID_UTF8");
  EXPECT_EQ(events[0].raw_event(), harmless);
  EXPECT_EQ(events[1].event_id(), "person");
  EXPECT_EQ(events[1].raw_event(), "");
  EXPECT_EQ(events[1].size_bytes(), person.size());
  EXPECT_EQ(events[2].reason(), "MALFORMED_EVENT");
  EXPECT_EQ(events[2].event_id(), "");
  EXPECT_EQ(events[2].raw_event(), "");
  for (const v1::QuarantinedEvent& event : events) {
    EXPECT_FALSE(event.has_event());
    EXPECT_THAT(event.SerializeAsString(), Not(HasSubstr(kIdentifier)));
  }
  // Those that do not even tell a source.
  const auto nameless = List("-");
  ASSERT_EQ(nameless.size(), 2u);
  EXPECT_THAT(nameless[1].SerializeAsString(), Not(HasSubstr(kIdentifier)));
  EXPECT_EQ(nameless[0].position(), 3u);
  EXPECT_EQ(nameless[0].size_bytes(), 2u);
}

TEST_F(QuarantineServiceTest, AfterTheCatalogIsMendedTheEventsAreAcceptedAndLeave) {
  std::vector<v1::Event> batch;
  for (int i = 0; i < 5; ++i) batch.push_back(Unknown(absl::StrCat("bad-", i)));
  v1::Event hopeless = Unknown("hopeless");
  hopeless.set_consumer_region("nowhere");
  batch.push_back(hopeless);
  ASSERT_THAT(Submit(batch), IsOk());
  // Before: all stay.
  EXPECT_EQ(Resubmit({}).verdict().accepted(), 0u);
  EXPECT_EQ(List().size(), 6u);
  AddCategory();
  v1::ResubmitQuarantineRequest dry;
  dry.set_validate_only(true);
  EXPECT_EQ(Resubmit(dry).verdict().accepted(), 5u);
  EXPECT_EQ(List().size(), 6u);
  const auto answer = Resubmit({});
  EXPECT_EQ(answer.verdict().accepted(), 5u);
  ASSERT_EQ(answer.ids_size(), 6);
  ASSERT_EQ(answer.verdict().exceptions_size(), 1);
  EXPECT_EQ(answer.next_page_token(), "");
  const auto left = List();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].id(), answer.ids(static_cast<int>(answer.verdict().exceptions(0).position())));
  EXPECT_EQ(left[0].reason(), "UNKNOWN_REGION");
  EXPECT_THAT(left[0].message(), HasSubstr("nowhere"));
  // The log has them as their producer would have sent them: a duplicate, not a conflict.
  const auto again = Submit({Unknown("bad-1")});
  ASSERT_THAT(again, IsOk());
  ASSERT_EQ(again->verdict().exceptions_size(), 1);
  EXPECT_EQ(again->verdict().exceptions(0).kind(), v1::EXCEPTION_KIND_DUPLICATE);
}

TEST_F(QuarantineServiceTest, DuplicatesLeaveAndConflictsStayWithTheirReason) {
  ASSERT_THAT(Submit({Unknown("a"), Unknown("b")}), IsOk());
  AddCategory();
  v1::Event other = Unknown("b");
  other.set_amount(7);
  ASSERT_THAT(Submit({Unknown("a"), other}), IsOk());
  const auto answer = Resubmit({});
  EXPECT_EQ(answer.verdict().accepted(), 0u);
  const auto left = List();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].event_id(), "b");
  EXPECT_EQ(left[0].reason(), "CONTENT_CONFLICT");
  EXPECT_EQ(left[0].field(), "amount");
}

TEST_F(QuarantineServiceTest, IdsAndFiltersChooseWhatIsJudgedAndRemoved) {
  v1::Event region = Event("region");
  region.set_consumer_region("nowhere");
  ASSERT_THAT(Submit({Unknown("a"), Unknown("b"), region}), IsOk());
  AddCategory();
  v1::ResubmitQuarantineRequest by_reason;
  by_reason.mutable_filter()->set_reason("UNKNOWN_REGION");
  EXPECT_EQ(Resubmit(by_reason).ids_size(), 1);
  v1::ResubmitQuarantineRequest by_id;
  by_id.add_ids("2");
  by_id.add_ids("99");
  EXPECT_EQ(Resubmit(by_id).verdict().accepted(), 1u);
  v1::DeleteQuarantineRequest removal;
  removal.set_source("platform-1");
  EXPECT_THAT(As(Bit(Role::kAdmin), &Stub::DeleteQuarantine, removal), ReasonIs("FIELD_REQUIRED"));
  removal.mutable_filter()->set_reason("UNKNOWN_REGION");
  EXPECT_EQ(As(Bit(Role::kAdmin), &Stub::DeleteQuarantine, removal)->deleted(), 1u);
  removal.clear_filter();
  removal.set_all(true);
  EXPECT_EQ(As(Bit(Role::kAdmin), &Stub::DeleteQuarantine, removal)->deleted(), 1u);
  EXPECT_TRUE(List().empty());
}

TEST_F(QuarantineServiceTest, PagesFollowOneAnother) {
  std::vector<v1::Event> batch;
  for (int i = 0; i < 25; ++i) batch.push_back(Unknown(absl::StrCat(i)));
  ASSERT_THAT(Submit(batch), IsOk());
  v1::ListQuarantineRequest request;
  request.set_source("platform-1");
  request.set_page_size(10);
  std::vector<std::string> ids;
  do {
    const auto page = As(Bit(Role::kAdmin), &Stub::ListQuarantine, request);
    ASSERT_THAT(page, IsOk());
    EXPECT_LE(page->events_size(), 10);
    for (const auto& event : page->events()) ids.push_back(event.event_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  ASSERT_EQ(ids.size(), 25u);
  for (int i = 0; i < 25; ++i) EXPECT_EQ(ids[static_cast<size_t>(i)], absl::StrCat(i));
  request.set_page_token("x");
  EXPECT_THAT(As(Bit(Role::kAdmin), &Stub::ListQuarantine, request), ReasonIs("OUT_OF_RANGE"));
  request.set_page_token("");
  request.set_page_size(1001);
  EXPECT_THAT(As(Bit(Role::kAdmin), &Stub::ListQuarantine, request), ReasonIs("OUT_OF_RANGE"));
}

TEST_F(QuarantineServiceTest, ProducersSeeAndFillTheirOwnSourcesOnly) {
  server_.authorizer.Become(Bit(Role::kProducer), {"platform-2"});
  // Rejected as not theirs, for its shape, or as broken: never theirs to keep.
  v1::Event shapeless = Unknown("shapeless");
  shapeless.clear_kind();
  ASSERT_THAT(Submit({Unknown("theirs", "platform-2"), Unknown("foreign"), shapeless}), IsOk());
  EXPECT_TRUE(List().empty());
  EXPECT_EQ(List("platform-2").size(), 1u);
  v1::ListQuarantineRequest request;
  for (const char* source : {"platform-1", "-"}) {
    request.set_source(source);
    EXPECT_THAT(As(Bit(Role::kProducer), &Stub::ListQuarantine, request, {"platform-2"}),
                ReasonIs("SOURCE_NOT_ALLOWED"));
  }
  request.set_source("platform-2");
  EXPECT_EQ(As(Bit(Role::kProducer), &Stub::ListQuarantine, request, {"platform-2"})
                ->events(0)
                .event()
                .attributes_size(),
            1);
}

TEST_F(QuarantineServiceTest, AStewardSeesNoAttributesAndResubmitsThemAllTheSame) {
  ASSERT_THAT(Submit({Unknown("bad")}), IsOk());
  const auto events = List("platform-1", Bit(Role::kSteward));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].event().attributes_size(), 0);
  AddCategory();
  EXPECT_EQ(Resubmit({}).verdict().accepted(), 1u);
  v1::BatchGetEventsRequest get;
  get.set_source("platform-1");
  get.add_ids("bad");
  const auto stored = Call(&Stub::BatchGetEvents, get);
  ASSERT_THAT(stored, IsOk());
  ASSERT_EQ(stored->events_size(), 1);
  EXPECT_EQ(stored->events(0).event().attributes().at("note"), "private");
}

TEST_F(QuarantineServiceTest, WhatHasNoRoomInMemoryIsCounted) {
  QuarantineIntake small(&*server_.quarantine, &*server_.key, /*max_bytes=*/1000);
  RejectedEvents rejected;
  rejected.caller.roles = Bit(Role::kService);
  rejected.method = kSubmitEventsMethod;
  rejected.view = *server_.views.View();
  for (int i = 0; i < 50; ++i) {
    rejected.events.push_back({.position = 0,
                               .rejection = {.reason = Reason::kUnknownCategory},
                               .bytes = Unknown(absl::StrCat(i)).SerializeAsString()});
  }
  small.Take(std::move(rejected));
  small.Drain();
  const v1::GetQuarantineStatsResponse stats = Stats();
  EXPECT_GT(stats.events(), 0u);
  EXPECT_EQ(stats.events() + stats.dropped(), 50u);
}

}  // namespace
}  // namespace tidemark::ingest
