// Random events, and what a Submission makes of them.
#ifndef TIDEMARK_SERVICES_INGEST_TESTING_JUDGED_BATCH_FIXTURE_H_
#define TIDEMARK_SERVICES_INGEST_TESTING_JUDGED_BATCH_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "clients/cpp/ledger/leaf.h"
#include "common/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "services/ingest/api/event_splitter.h"
#include "services/ingest/api/submission.h"
#include "services/ingest/testing/sample_events.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {

class JudgedBatchTest : public ::testing::Test {
 protected:
  static constexpr int64_t kNowUs = 1'800'000'000'000'000;

  JudgedBatchTest() {
    catalog_client::CatalogBuilder catalog;
    AddSampleCatalog(&catalog);
    view_ = catalog.View();
  }

  // Events of many faults: fields missing, unknown, too long, of other kinds.
  v1::Event RandomEvent() {
    v1::SubmitEventsRequest one;
    EXPECT_TRUE(one.ParseFromString(sample_.Request(1)));
    v1::Event event = one.events(0);
    fault_ = 0;
    if (Fault(3)) event.set_order(absl::StrCat("O", random_() % 50));
    if (Fault(10)) event.set_revision(random_() % 3);
    if (Fault(10)) event.mutable_original()->set_id(Chance(2) ? event.id() : "other");
    if (Fault(20)) event.mutable_original()->set_source(Chance(2) ? "platform-1" : "unknown");
    if (Fault(10)) {
      event.mutable_transaction()->set_scheme(Chance(3) ? "account" : "txn");
      event.mutable_transaction()->set_id(absl::StrCat("T", random_() % 20));
      event.set_reporting_role(static_cast<v1::ReportingRole>(random_() % 6));
    }
    if (Fault(8)) event.clear_consumer();
    if (Fault(8)) event.mutable_consumer()->set_prehashed(std::string(Chance(3) ? 15 : 16, 'x'));
    if (Fault(20)) event.mutable_consumer()->set_scheme(Chance(2) ? "nobody" : "");
    if (Fault(10)) event.set_place_of_use(event.consumer_region());
    if (Fault(12)) event.set_kind(static_cast<v1::EventKind>(random_() % 6));
    if (Fault(15)) event.clear_amount();
    if (Fault(15)) event.set_amount(static_cast<int64_t>(random_()) >> (random_() % 60));
    if (Fault(8)) event.set_voucher_amount(static_cast<int64_t>(random_() % 500));
    if (Fault(15)) event.set_quantity(-1);
    if (Fault(8)) event.clear_quantity();
    if (Fault(30)) event.set_event_time_us(static_cast<int64_t>(random_()));
    if (Fault(30)) event.clear_event_time_us();
    if (Fault(20)) event.set_consumer_region(Chance(2) ? "nowhere" : "");
    if (Fault(20)) event.set_category(std::string(random_() % 200, 'c'));
    if (Fault(15)) event.set_product(Chance(2) ? "产品\x01" : std::string(random_() % 90, 'p'));
    if (Fault(10)) event.set_provider(absl::StrCat("商家", random_() % 9));
    if (Fault(10)) event.set_income_band(absl::StrCat("band-", random_() % 3));
    if (Fault(40)) event.set_scenario("scenario");
    if (Fault(10)) event.set_currency(Chance(2) ? "CNY" : "EUR");
    if (Fault(30)) event.set_segment(static_cast<v1::Segment>(random_() % 9));
    if (Fault(20)) event.clear_source();
    if (Fault(20)) event.set_source("unknown");
    if (Fault(20)) event.set_id(std::string(random_() % 2 * 130, 'i'));
    return event;
  }
  bool Chance(uint32_t one_in) { return random_() % one_in == 0; }
  // Each kind of fault by its own.
  bool Fault(uint32_t one_in) { return ((faults_ >> fault_++) & 1) != 0 && Chance(one_in); }

  // Judges by `submission`; its rows and refusals as comparable texts.
  std::vector<std::string> Judge(Submission* submission, const std::string& request) {
    const absl::StatusOr<BatchEnvelope> envelope = ReadEnvelope(request);
    EXPECT_OK(envelope.status());
    EXPECT_OK(submission->Judge({.request = request,
                                 .events = envelope->events,
                                 .columns = envelope->columns,
                                 .principal = "tester",
                                 .view = view_,
                                 .reference = {.now_us = kNowUs, .may_use_source = MayUse}}));
    std::vector<std::string> out(envelope->events);
    for (size_t row = 0; row < submission->rows().size(); ++row) {
      EXPECT_OK(ledger::EncodeLeaf(submission->rows().Record(row), salt_key_,
                                   &out[submission->positions()[row]]));
    }
    for (const Submission::Rejected& rejected : submission->rejected()) {
      out[rejected.position] = absl::StrCat(
          "refused ", NameOf(rejected.rejection.reason), " ", NameOf(rejected.rejection.field), " ",
          rejected.rejection.message, " of ", rejected.source, " at ", rejected.event_time_us);
    }
    return out;
  }
  static bool MayUse(std::string_view source) { return source != "platform-7"; }

  static std::string ByRows(const std::vector<v1::Event>& events) {
    v1::SubmitEventsRequest request;
    for (const v1::Event& event : events) *request.add_events() = event;
    return request.SerializeAsString();
  }

  std::mt19937_64 random_{20261126};
  // Bit n: events may have the n-th fault.
  uint64_t faults_ = UINT64_MAX;
  int fault_ = 0;
  SampleEvents sample_{7};
  std::shared_ptr<const catalog_client::CatalogView> view_;
  const ledger::HmacKey key_{"pseudonym key"};
  const ledger::HmacKey salt_key_{"salt key"};
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_TESTING_JUDGED_BATCH_FIXTURE_H_
