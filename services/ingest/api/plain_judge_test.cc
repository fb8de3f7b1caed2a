// An event that is judged in one pass gets the verdict that it gets by the usual way.
#include "services/ingest/api/plain_judge.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/ingest/testing/judged_batch_fixture.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {
namespace {

class PlainJudgeTest : public JudgedBatchTest {
 protected:
  PlainJudgeTest() {
    catalog_client::CatalogBuilder catalog;
    AddSampleCatalog(&catalog);
    auto& retired = catalog.Region("retired", catalog_client::RegionLevel::kCity);
    catalog_client::SetDate({2024, 1, 2}, retired.mutable_valid()->mutable_end());
    auto& late = catalog.Category("late");
    catalog_client::SetDate({2024, 1, 2}, late.mutable_valid()->mutable_start());
    auto& windowed = catalog.Source("windowed");
    catalog_client::SetDate({2024, 1, 2}, windowed.mutable_reports()->mutable_start());
    catalog.Source("capped").set_new_codes_per_day(3);
    catalog
        .Scheme("own", catalog_client::SchemeClass::kAccount,
                catalog_client::Normalisation::kCnResidentId)
        .set_source("sources/capped");
    catalog_client::SetDate(
        {2024, 1, 2},
        catalog.Put("scenarios/scenario").mutable_scenario()->mutable_valid()->mutable_start());
    catalog.Put("projects/project").mutable_project();
    auto* held = catalog.Put("activities/activity").mutable_activity()->mutable_held();
    catalog_client::SetDate({2024, 1, 1}, held->mutable_start());
    catalog_client::SetDate({2024, 1, 3}, held->mutable_end());
    view_ = catalog.View();
  }

  v1::Event MoreRandomEvent() {
    v1::Event event = RandomEvent();
    // Around the dates of the catalog.
    if (Fault(3)) event.set_event_time_us(Jan(1) + static_cast<int64_t>(random_() % 3) * kDayUs);
    if (Fault(3)) event.set_event_time_us(Jan(2) - 1 + static_cast<int64_t>(random_() % 3));
    if (Fault(20)) event.set_event_time_us(kNowUs + kMaxEarlyUs + random_() % 3 - 1);
    if (Fault(6)) event.set_place_of_use("retired");
    if (Fault(6)) event.set_category("late");
    if (Fault(6)) event.set_source("windowed");
    if (Fault(6)) event.set_source("capped");
    if (Fault(6)) event.mutable_consumer()->set_scheme("own");
    if (Fault(6)) event.set_scenario("scenario");
    if (Fault(6)) event.set_project("project");
    if (Fault(6)) event.set_activity("activity");
    if (Fault(6)) event.set_provider(std::string(random_() % 70, 'l'));
    if (Fault(6)) event.set_product(absl::StrCat("p", random_()));
    if (Fault(9)) event.set_revision(static_cast<uint32_t>(random_()));
    if (Fault(9)) event.set_reporting_role(v1::REPORTING_ROLE_PAYMENT);
    while (Fault(2)) {
      const std::string key = absl::StrCat("k", random_() % 40);
      (*event.mutable_attributes())[key] = std::string(random_() % 200, Chance(9) ? '\x7f' : 'v');
      --fault_;
    }
    return event;
  }
  static int64_t Jan(int day) { return 1'704'067'200'000'000 + (day - 1) * kDayUs; }
  static constexpr int64_t kDayUs = 86'400'000'000;

  // A field that protobuf skips, so that the event means the same and is not plain.
  static std::string NotPlain(const std::string& event) {
    return absl::StrCat(event, std::string_view("\xf8\x07\x01", 3));
  }
  static std::string RequestOf(const std::vector<std::string>& events, bool with_id) {
    std::string request;
    for (const std::string& event : events) {
      request.push_back('\x0a');
      size_t size = event.size();
      for (; size >= 0x80; size >>= 7) request.push_back(static_cast<char>(size | 0x80));
      request.push_back(static_cast<char>(size));
      request += event;
    }
    // So that there is something behind the last event.
    if (with_id) request += absl::StrCat("\x12\x14", std::string(20, 'i'));
    return request;
  }

  OpenCodes plain_codes_, usual_codes_;
  PlainJudges plain_judges_{&plain_codes_}, usual_judges_{&usual_codes_};
  Submission plain_{&key_, &plain_codes_, &plain_judges_};
  Submission usual_{&key_, &usual_codes_, &usual_judges_};
};

TEST_F(PlainJudgeTest, BatchesGetTheSameVerdicts) {
  size_t accepted = 0, refused = 0;
  for (int round = 0; round < 300; ++round) {
    faults_ = round % 4 == 0 ? UINT64_MAX : random_() & random_() & random_();
    std::vector<std::string> events(1 + random_() % (round % 3 == 0 ? 5 : 150));
    std::vector<std::string> not_plain;
    for (std::string& event : events) {
      event = MoreRandomEvent().SerializeAsString();
      not_plain.push_back(NotPlain(event));
    }
    const auto got = Judge(&plain_, RequestOf(events, true));
    const auto want = Judge(&usual_, RequestOf(not_plain, true));
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < want.size(); ++i) {
      v1::Event event;
      ASSERT_TRUE(event.ParseFromString(events[i]));
      ASSERT_EQ(got[i], want[i]) << round << " " << i << "\n" << event.DebugString();
    }
    accepted += plain_.rows().size();
    refused += plain_.rejected().size();
  }
  EXPECT_GT(accepted, 2000);
  EXPECT_GT(refused, 2000);
  // Those that are known: what was admitted in one way is admitted in the other.
  EXPECT_EQ(plain_codes_.size(), usual_codes_.size());
}

// The last bytes of a request are never read in one pass: an event by itself is judged as usual.
TEST_F(PlainJudgeTest, DamagedBytesGetTheSameVerdicts) {
  size_t accepted = 0, refused = 0;
  for (int round = 0; round < 60'000; ++round) {
    faults_ = round % 2 == 0 ? 0 : random_() & random_() & random_();
    std::string event = MoreRandomEvent().SerializeAsString();
    const size_t changes = random_() % 3;
    for (size_t change = 0; change < changes && !event.empty(); ++change) {
      const size_t at = random_() % event.size();
      switch (random_() % 4) {
        case 0:
          event[at] = static_cast<char>(random_());
          break;
        case 1:
          event.erase(at, 1 + random_() % 3);
          break;
        case 2:
          event.insert(at, 1, static_cast<char>(random_() % 3 * 127));
          break;
        default:
          event += event.substr(at, random_() % 24);
      }
    }
    const auto got = Judge(&plain_, RequestOf({event}, true));
    const auto want = Judge(&usual_, RequestOf({event}, false));
    ASSERT_EQ(got, want) << round;
    accepted += plain_.rows().size();
    refused += plain_.rejected().size();
  }
  EXPECT_GT(accepted, 10'000);
  EXPECT_GT(refused, 10'000);
}

TEST_F(PlainJudgeTest, TakesTheUsualEvents) {
  ReferenceValidator validator(view_, &plain_codes_);
  validator.StartBatch({.now_us = kNowUs, .may_use_source = MayUse});
  PlainJudge judge(view_, &plain_codes_);
  Arena arena;
  judge.StartBatch(&validator, &arena, /*dry_run=*/false);
  faults_ = 0;
  for (int i = 0; i < 1000; ++i) {
    const v1::Event event = RandomEvent();
    const std::string bytes = event.SerializeAsString();
    const std::string padded = bytes + std::string(PlainJudge::kReadsBehind, '\xff');
    PlainEvent plain;
    const bool usual = !event.has_original() && event.source() != "platform-7";
    EXPECT_EQ(judge.Reads(std::string_view(padded).substr(0, bytes.size()), &plain) &&
                  judge.Finds(&plain) && judge.Admits(plain),
              usual)
        << event.DebugString();
  }
}

// More products than are remembered.
TEST_F(PlainJudgeTest, ManyCodesAreTakenToo) {
  for (int round = 0; round < 30; ++round) {
    std::vector<std::string> events(10'000), not_plain;
    faults_ = 0;
    v1::Event event = RandomEvent();
    event.set_source("platform-1");
    event.clear_original();
    for (std::string& bytes : events) {
      event.set_id(absl::StrCat("e", random_()));
      event.set_product(absl::StrCat("product-", random_() % 100'000));
      bytes = event.SerializeAsString();
      not_plain.push_back(NotPlain(bytes));
    }
    ASSERT_EQ(Judge(&plain_, RequestOf(events, true)), Judge(&usual_, RequestOf(not_plain, true)));
  }
  EXPECT_EQ(plain_codes_.size(), usual_codes_.size());
}

// A batch that is only judged registers nothing, nor does what it leaves behind.
TEST_F(PlainJudgeTest, DryRunsRegisterNoCodes) {
  std::vector<std::string> events;
  for (int i = 0; i < 40; ++i) {
    faults_ = 0;
    v1::Event event = RandomEvent();
    event.set_source("capped");
    event.set_product(absl::StrCat("p", i % 5));
    event.clear_payment_method();
    event.clear_age_band();
    events.push_back(event.SerializeAsString());
  }
  const std::string request = RequestOf(events, true);
  for (const bool dry_run : {true, true, false}) {
    ASSERT_OK(plain_.Judge(
        {.request = request,
         .events = events.size(),
         .principal = "tester",
         .view = view_,
         .reference = {.now_us = kNowUs, .may_use_source = MayUse, .dry_run = dry_run}}));
    if (dry_run) {
      EXPECT_EQ(plain_codes_.size(), 0u);
      EXPECT_TRUE(plain_.rejected().empty());
    } else {
      EXPECT_EQ(plain_.rejected().size(), 16u);  // two products above the cap
    }
    plain_.Clear();
  }
}

}  // namespace
}  // namespace tidemark::ingest
