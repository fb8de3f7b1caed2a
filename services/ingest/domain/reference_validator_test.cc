#include "services/ingest/domain/reference_validator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"

namespace tidemark::ingest {
namespace {

using catalog_client::CatalogBuilder;
using ::testing::HasSubstr;

int64_t Day(int year, int month, int day, int hour = 12) {
  return absl::ToUnixMicros(
      absl::FromCivil(absl::CivilHour(year, month, day, hour), absl::UTCTimeZone()));
}

class ReferenceValidatorTest : public ::testing::Test {
 protected:
  ReferenceValidatorTest() {
    CatalogBuilder catalog;
    catalog.Observatory("UTC", {2024, 1, 1});
    catalog.Source("shop");
    catalog.Source("other");
    auto& windowed = catalog.Source("windowed");
    catalog_client::SetDate({2024, 2, 1}, windowed.mutable_reports()->mutable_start());
    catalog_client::SetDate({2024, 3, 1}, windowed.mutable_reports()->mutable_end());
    auto& capped = catalog.Source("capped");
    capped.set_new_codes_per_day(2);
    catalog.Region("cn", catalog_client::RegionLevel::kNation);
    auto& retired = catalog.Region("cn-old", catalog_client::RegionLevel::kProvince, "cn");
    catalog_client::SetDate({2024, 6, 1}, retired.mutable_valid()->mutable_end());
    catalog.Category("food");
    auto& late = catalog.Category("late");
    catalog_client::SetDate({2024, 6, 1}, late.mutable_valid()->mutable_start());
    catalog.Scheme("account", catalog_client::SchemeClass::kAccount,
                   catalog_client::Normalisation::kTrim);
    catalog.Scheme("txn", catalog_client::SchemeClass::kTransaction,
                   catalog_client::Normalisation::kNone);
    catalog
        .Scheme("local.other", catalog_client::SchemeClass::kAccount,
                catalog_client::Normalisation::kNone)
        .set_source("sources/other");
    for (const auto scheme_class :
         {catalog_client::SchemeClass::kAccount, catalog_client::SchemeClass::kTransaction}) {
      const bool account = scheme_class == catalog_client::SchemeClass::kAccount;
      auto& old = catalog.Scheme(account ? "account-old" : "txn-old", scheme_class,
                                 catalog_client::Normalisation::kNone);
      catalog_client::SetDate({2024, 5, 1}, old.mutable_valid()->mutable_end());
    }
    catalog_client::SetDate(
        {2024, 5, 1},
        catalog.Put("scenarios/one-card").mutable_scenario()->mutable_valid()->mutable_start());
    catalog.Put("projects/cloud-hospital").mutable_project();
    auto* held = catalog.Put("activities/tour").mutable_activity()->mutable_held();
    catalog_client::SetDate({2024, 5, 1}, held->mutable_start());
    catalog_client::SetDate({2024, 5, 3}, held->mutable_end());
    view_ = catalog.View();
    validator_.emplace(view_, &codes_);
    Start();
  }

  void Start(bool dry_run = false, int64_t now_us = Day(2024, 9, 1)) {
    validator_->StartBatch(
        {.now_us = now_us,
         .may_use_source = [](std::string_view source) { return source != "foreign"; },
         .dry_run = dry_run});
  }

  static ledger::EventRecord Event() {
    ledger::EventRecord record;
    record.source = "shop";
    record.id = "1";
    record.kind = ledger::EventKind::kPurchase;
    record.event_time_us = Day(2024, 5, 1);
    record.amount = 1;
    return record;
  }

  // The reason, or "" when it passes.
  std::string Judge(const ledger::EventRecord& record, const EventExtras& extras = {}) {
    scheme_ = nullptr;
    rejection_ = {};
    ReferenceValidator::Codes codes;
    validator_->Resolve(extras, record, &codes);
    scheme_ = codes.consumer_scheme;
    if (validator_->Check(extras, record, codes, &rejection_)) return "";
    return absl::StrCat(NameOf(rejection_.field), " ", NameOf(rejection_.reason));
  }
  std::string Judge(const std::function<void(ledger::EventRecord&, EventExtras&)>& change) {
    ledger::EventRecord record = Event();
    EventExtras extras;
    change(record, extras);
    return Judge(record, extras);
  }

  OpenCodes codes_;
  std::shared_ptr<const catalog_client::CatalogView> view_;
  std::optional<ReferenceValidator> validator_;
  const catalog_client::IdentifierScheme* scheme_ = nullptr;
  Rejection rejection_;
  std::deque<std::string> ids_;
};

TEST_F(ReferenceValidatorTest, AcceptsWhatTheCatalogKnows) {
  EXPECT_EQ(Judge([](auto& r, auto& x) {
              r.consumer_region = "cn";
              r.provider_region = "cn-old";
              r.place_of_use = "cn";
              r.category = "food";
              r.product = "anything";
              r.provider = "anybody";
              r.transaction_scheme = "txn";
              r.consumer_scheme = "account";
              x.has_transaction = x.has_consumer = true;
              x.currency = "CNY";
            }),
            "");
  ASSERT_NE(scheme_, nullptr);
  EXPECT_EQ(scheme_->id, "account");
}

TEST_F(ReferenceValidatorTest, ASchemeThatWasRetiredIsJudgedAtTheEventsTime) {
  const auto judge = [&](int64_t time_us) {
    return Judge([&](auto& r, auto& x) {
      r.event_time_us = time_us;
      r.consumer_scheme = "account-old";
      x.has_consumer = true;
    });
  };
  EXPECT_EQ(judge(Day(2024, 5, 1, 0) - 1), "");
  EXPECT_EQ(judge(Day(2024, 5, 1, 0)), "consumer.scheme CODE_NOT_VALID_AT_TIME");
  EXPECT_EQ(Judge([](auto& r, auto& x) {
              r.transaction_scheme = "txn-old";
              x.has_transaction = true;
            }),
            "transaction.scheme CODE_NOT_VALID_AT_TIME");
}

TEST_F(ReferenceValidatorTest, ScenariosProjectsAndActivitiesAreJudgedAtTheEventsTime) {
  const auto judge = [&](auto ledger::EventRecord::*field, std::string_view code, int64_t time_us) {
    return Judge([&](auto& r, auto&) {
      r.*field = code;
      r.event_time_us = time_us;
    });
  };
  using Record = ledger::EventRecord;
  EXPECT_EQ(judge(&Record::scenario, "one-card", Day(2024, 5, 1)), "");
  EXPECT_EQ(judge(&Record::scenario, "one-card", Day(2024, 4, 30)),
            "scenario CODE_NOT_VALID_AT_TIME");
  EXPECT_EQ(judge(&Record::project, "cloud-hospital", Day(2024, 2, 1)), "");
  EXPECT_EQ(judge(&Record::activity, "tour", Day(2024, 4, 30)), "activity CODE_NOT_VALID_AT_TIME");
  // Purchases follow a campaign.
  EXPECT_EQ(judge(&Record::activity, "tour", Day(2024, 8, 1)), "");
  EXPECT_EQ(judge(&Record::scenario, "tour", Day(2024, 8, 1)), "scenario UNKNOWN_CODE");
}

TEST_F(ReferenceValidatorTest, RefusesEveryKindOfUnknownOrForbiddenCode) {
  struct Case {
    std::function<void(ledger::EventRecord&, EventExtras&)> change;
    const char* want;
  };
  const std::vector<Case> cases = {
      {[](auto& r, auto&) { r.source = "nobody"; }, "source UNKNOWN_SOURCE"},
      {[](auto& r, auto&) { r.source = "foreign"; }, "source SOURCE_NOT_ALLOWED"},
      {[](auto& r, auto&) { r.consumer_region = "cx"; }, "consumer_region UNKNOWN_REGION"},
      {[](auto& r, auto&) { r.provider_region = "cx"; }, "provider_region UNKNOWN_REGION"},
      {[](auto& r, auto&) { r.place_of_use = "cx"; }, "place_of_use UNKNOWN_REGION"},
      {[](auto& r, auto&) { r.category = "fod"; }, "category UNKNOWN_CATEGORY"},
      {[](auto& r, auto&) { r.scenario = "s"; }, "scenario UNKNOWN_CODE"},
      {[](auto& r, auto&) { r.project = "s"; }, "project UNKNOWN_CODE"},
      {[](auto& r, auto&) { r.activity = "s"; }, "activity UNKNOWN_CODE"},
      {[](auto&, auto& x) { x.currency = "USD"; }, "currency CURRENCY_MISMATCH"},
      {[](auto& r, auto& x) {
         x.has_consumer = true;
         r.consumer_scheme = "acount";
       },
       "consumer.scheme UNKNOWN_SCHEME"},
      {[](auto& r, auto& x) {
         x.has_consumer = true;
         r.consumer_scheme = "txn";
       },
       "consumer.scheme SCHEME_WRONG_CLASS"},
      {[](auto& r, auto& x) {
         x.has_transaction = true;
         r.transaction_scheme = "account";
       },
       "transaction.scheme SCHEME_WRONG_CLASS"},
      {[](auto& r, auto& x) {
         x.has_consumer = true;
         r.consumer_scheme = "local.other";
       },
       "consumer.scheme SCHEME_NOT_ALLOWED"},
      {[](auto& r, auto&) {
         r.original_source = "foreign";
         r.original_id = "1";
       },
       "original.source SOURCE_NOT_ALLOWED"},
      {[](auto& r, auto&) {
         r.original_source = "nobody";
         r.original_id = "1";
       },
       "original.source UNKNOWN_SOURCE"},
      {[](auto& r, auto&) { r.event_time_us = Day(2023, 12, 31); },
       "event_time_us BEFORE_OBSERVATORY_START"},
      {[](auto& r, auto&) { r.event_time_us = INT64_MIN; },
       "event_time_us BEFORE_OBSERVATORY_START"},
      {[](auto& r, auto&) { r.event_time_us = INT64_MAX; }, "event_time_us TIME_IN_FUTURE"},
      {[](auto& r, auto&) {
         r.source = "windowed";
         r.event_time_us = Day(2024, 1, 31);
       },
       "event_time_us OUTSIDE_REPORTING_WINDOW"},
      {[](auto& r, auto&) {
         r.source = "windowed";
         r.event_time_us = Day(2024, 4, 1);
       },
       "event_time_us OUTSIDE_REPORTING_WINDOW"},
      {[](auto& r, auto&) {
         r.consumer_region = "cn-old";
         r.event_time_us = Day(2024, 7, 1);
       },
       "consumer_region CODE_NOT_VALID_AT_TIME"},
      {[](auto& r, auto&) { r.category = "late"; }, "category CODE_NOT_VALID_AT_TIME"},
  };
  for (const Case& c : cases) EXPECT_EQ(Judge(c.change), c.want);
}

TEST_F(ReferenceValidatorTest, FutureIsTenMinutesAfterNow) {
  ledger::EventRecord record = Event();
  record.event_time_us = Day(2024, 9, 1) + kMaxEarlyUs;
  EXPECT_EQ(Judge(record), "");
  record.event_time_us += 1;
  EXPECT_EQ(Judge(record), "event_time_us TIME_IN_FUTURE");
}

TEST_F(ReferenceValidatorTest, JudgesACodeAtTheTimeOfEachEvent) {
  // The memo must not carry the verdict of one event's time over to the next.
  for (const bool in_force : {true, false, true, false}) {
    ledger::EventRecord record = Event();
    record.consumer_region = "cn-old";
    record.event_time_us = in_force ? Day(2024, 5, 31) : Day(2024, 7, 1);
    EXPECT_EQ(Judge(record).empty(), in_force);
  }
}

TEST_F(ReferenceValidatorTest, ForgetsScopeBetweenBatches) {
  EXPECT_EQ(Judge(Event()), "");
  validator_->StartBatch(
      {.now_us = Day(2024, 9, 1), .may_use_source = [](std::string_view) { return false; }});
  EXPECT_EQ(Judge(Event()), "source SOURCE_NOT_ALLOWED");
}

TEST_F(ReferenceValidatorTest, UnknownCodesNameTheNearestForTheFirstFewOnly) {
  ledger::EventRecord record = Event();
  record.category = "foood";
  for (int i = 0; i < 3; ++i) {
    Judge(record);
    EXPECT_THAT(rejection_.message, HasSubstr("nearest: food"));
  }
  Judge(record);
  EXPECT_THAT(rejection_.message, ::testing::Not(HasSubstr("nearest")));
}

TEST_F(ReferenceValidatorTest, NewOpenCodesAreCappedPerSourceListAndDay) {
  const auto with = [this](std::string_view source, std::string_view product,
                           std::string_view provider) {
    ledger::EventRecord record = Event();
    record.source = source;
    if (!product.empty()) record.product = product;
    if (!provider.empty()) record.provider = provider;
    return Judge(record);
  };
  EXPECT_EQ(with("capped", "p1", ""), "");
  EXPECT_EQ(with("capped", "p2", ""), "");
  EXPECT_EQ(with("capped", "p3", ""), "product TOO_MANY_NEW_CODES");
  EXPECT_EQ(with("capped", "p1", ""), "") << "known codes stay known";
  EXPECT_EQ(with("capped", "", "q1"), "") << "the other list has its own cap";
  EXPECT_EQ(with("shop", "p3", ""), "") << "another source has its own cap";
  Start(/*dry_run=*/false, Day(2024, 9, 2));
  EXPECT_EQ(with("capped", "p3", ""), "") << "another day";
}

TEST_F(ReferenceValidatorTest, EveryOpenListHasItsCap) {
  const std::pair<std::string_view ledger::EventRecord::*, std::string> lists[] = {
      {&ledger::EventRecord::product, "product"},
      {&ledger::EventRecord::provider, "provider"},
      {&ledger::EventRecord::payment_method, "payment_method"},
      {&ledger::EventRecord::age_band, "age_band"},
      {&ledger::EventRecord::income_band, "income_band"}};
  for (const auto& [list, name] : lists) {
    ledger::EventRecord record = Event();
    record.source = "capped";
    for (const char* code : {"c1", "c2", "c1"}) {
      record.*list = code;
      EXPECT_EQ(Judge(record), "") << "the same codes are new in each list";
    }
    record.*list = "c3";
    EXPECT_EQ(Judge(record), name + " TOO_MANY_NEW_CODES");
  }
}

TEST_F(ReferenceValidatorTest, DryRunRegistersNoOpenCode) {
  ledger::EventRecord record = Event();
  record.source = "capped";
  Start(/*dry_run=*/true);
  for (const char* code : {"p1", "p2", "p3", "p4"}) {
    record.product = code;
    EXPECT_EQ(Judge(record), "");
  }
  EXPECT_EQ(codes_.size(), 0u);
}

TEST_F(ReferenceValidatorTest, ARejectedEventRegistersNoOpenCode) {
  ledger::EventRecord record = Event();
  record.product = "p";
  record.category = "unknown";
  EXPECT_NE(Judge(record), "");
  EXPECT_EQ(codes_.size(), 0u);
}

TEST(OpenCodesTest, KeepsEveryCodeThroughGrowth) {
  OpenCodes codes;
  const uint64_t source = codes.SourceKey("s");
  constexpr int kCodes = 100'000;
  const auto key = [&codes, source](int i) {
    return codes.CodeKey(source, OpenList::kProduct, absl::StrCat("p", i));
  };
  for (int i = 0; i < kCodes; ++i) {
    ASSERT_TRUE(codes.Admit(source, OpenList::kProduct, key(i), 1, kCodes, false));
  }
  EXPECT_EQ(codes.size(), static_cast<size_t>(kCodes));
  EXPECT_FALSE(codes.Admit(source, OpenList::kProduct, key(-1), 1, kCodes, false));
  for (int i = 0; i < kCodes; ++i) {
    ASSERT_TRUE(codes.Admit(source, OpenList::kProduct, key(i), 1, 0, false));
  }
}

TEST(OpenCodesTest, LearntCodesAreNotNew) {
  OpenCodes codes;
  const uint64_t source = codes.SourceKey("s");
  codes.Learn(source, OpenList::kProduct, "p");
  for (const OpenList list : {OpenList::kProduct, OpenList::kProvider}) {
    EXPECT_EQ(codes.Admit(source, list, codes.CodeKey(source, list, "p"), 1, 0, false),
              list == OpenList::kProduct);
  }
}

TEST(OpenCodesTest, AnotherWithTheSameHashTakesOverWhatIsKnown) {
  OpenCodes codes;
  const uint64_t source = codes.SourceKey("s");
  constexpr int kCodes = 20'000;
  for (int i = 0; i < kCodes; ++i) {
    codes.Learn(source, OpenList::kProvider, absl::StrCat("p", i));
  }
  OpenCodes other(codes.hash());
  other.LearnKeys(codes.Keys());
  EXPECT_EQ(other.size(), static_cast<size_t>(kCodes));
  for (int i = 0; i < kCodes; ++i) {
    const uint64_t key =
        other.CodeKey(other.SourceKey("s"), OpenList::kProvider, absl::StrCat("p", i));
    ASSERT_TRUE(other.Admit(source, OpenList::kProvider, key, 1, 0, false)) << i;
  }
}

}  // namespace
}  // namespace tidemark::ingest
