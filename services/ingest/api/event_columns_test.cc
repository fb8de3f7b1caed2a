// A batch by columns is judged as the same events one by one.
#include "services/ingest/api/event_columns.h"

#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/submit/column_batch.h"
#include "common/status/error.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ingest/api/clean_columns.h"
#include "services/ingest/api/column_codes.h"
#include "services/ingest/api/event_parser.h"
#include "services/ingest/testing/event_facts.h"
#include "services/ingest/testing/judged_batch_fixture.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {
namespace {

using ::testing::HasSubstr;
using ::tidemark::testing::StatusIs;

class EventColumnsTest : public JudgedBatchTest {
 protected:
  // One that columns can say.
  v1::Event RandomSayable() {
    while (true) {
      v1::Event event = RandomEvent();
      submit::ColumnBatch batch;
      batch.Add(event);
      if (batch.good()) return event;
    }
  }
  static std::string ByColumns(const std::vector<v1::Event>& events) {
    submit::ColumnBatch batch;
    for (const v1::Event& event : events) batch.Add(event);
    return WithColumns(batch.Finish());
  }
  static std::string WithColumns(const std::string& columns) {
    v1::SubmitEventsRequest request;
    EXPECT_TRUE(request.mutable_columns()->ParseFromString(columns));
    return request.SerializeAsString();
  }
  absl::Status Read(const v1::EventColumns& columns) {
    bytes_ = columns.SerializeAsString();
    return columns_.Read(bytes_, 1000);
  }

  std::string bytes_;
  EventColumns columns_;
};

TEST_F(EventColumnsTest, VerdictsAndLeavesAreThoseOfTheSameEventsByRows) {
  OpenCodes row_codes, column_codes;
  PlainJudges row_judges(&row_codes), column_judges(&column_codes);
  Submission by_rows(&key_, &row_codes, &row_judges);
  Submission by_columns(&key_, &column_codes, &column_judges);
  size_t accepted = 0, refused = 0;
  for (int round = 0; round < 240; ++round) {
    std::vector<v1::Event> events;
    // With all kinds of faults, with few, so that most columns are good as a whole, or with none.
    faults_ = round % 4 == 0 ? UINT64_MAX : random_() & random_() & random_() & random_();
    if (round % 4 == 1) faults_ = 0;
    // Columns of every length, and batches in which a column is constant or not there.
    const size_t count = 1 + random_() % (round % 3 == 0 ? 3 : 120);
    while (events.size() < count) {
      events.push_back(RandomSayable());
    }
    const std::string rows = ByRows(events), columns = ByColumns(events);
    const std::vector<std::string> want = Judge(&by_rows, rows);
    const std::vector<std::string> got = Judge(&by_columns, columns);
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < want.size(); ++i) {
      ASSERT_EQ(got[i], want[i]) << events[i].DebugString();
    }
    accepted += by_rows.rows().size();
    refused += by_rows.rejected().size();
    // What is kept of an event refused is the event.
    std::vector<uint32_t> positions;
    for (const auto& rejected : by_columns.rejected()) positions.push_back(rejected.position);
    std::vector<std::string> by_row(positions.size());
    by_rows.ReadEvents(positions, SIZE_MAX,
                       [&](size_t i, std::string event) { by_row[i] = std::move(event); });
    by_columns.ReadEvents(positions, SIZE_MAX, [&](size_t i, std::string event) {
      v1::Event kept;
      ASSERT_TRUE(kept.ParseFromString(event));
      EXPECT_EQ(kept.id(), events[positions[i]].id());
      EXPECT_EQ(kept.source(), events[positions[i]].source());
      EXPECT_EQ(by_row[i], events[positions[i]].SerializeAsString());
    });
  }
  EXPECT_GT(accepted, 500);
  EXPECT_GT(refused, 500);
}

TEST_F(EventColumnsTest, OfCleanColumnsOnlyWhatRefersToOthersIsJudgedByItself) {
  faults_ = 0;
  std::vector<v1::Event> events;
  while (events.size() < 200) events.push_back(RandomSayable());
  size_t linked = 0;
  for (size_t i = 0; i < events.size(); i += 7, ++linked) {
    events[i].set_kind(v1::EVENT_KIND_REFUND);
    events[i].mutable_original()->set_id("other");
  }
  OpenCodes codes;
  ReferenceValidator validator(view_, &codes);
  const auto taken = [&] {
    submit::ColumnBatch batch;
    for (const v1::Event& event : events) batch.Add(event);
    bytes_ = batch.Finish();
    EXPECT_OK(columns_.Read(bytes_, 1000));
    validator.StartBatch({.now_us = kNowUs, .may_use_source = MayUse});
    ColumnCodes column_codes;
    column_codes.Resolve(columns_, *view_, codes);
    CleanColumns clean;
    if (!clean.Read(columns_, column_codes, &validator)) return size_t{0};
    size_t count = 0;
    for (size_t row = 0; row < events.size(); ++row) count += clean.Takes(row) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(taken(), events.size() - linked);
  // A number is one event's fault, a code that is not known leaves all of them to be looked at.
  events[1].set_quantity(-1);
  EXPECT_EQ(taken(), events.size() - linked - 1);
  events[2].set_consumer_region("nowhere");
  EXPECT_EQ(taken(), 0u);
}

TEST_F(EventColumnsTest, AnEventByItselfSaysTheSame) {
  for (int i = 0; i < 300; ++i) {
    const v1::Event event = RandomSayable();
    submit::ColumnBatch batch;
    batch.Add(event);
    bytes_ = batch.Finish();
    ASSERT_OK(columns_.Read(bytes_, 10));
    const auto facts = [](std::string_view bytes) {
      ledger::EventRecord record;
      EventExtras extras;
      Rejection rejection;
      EXPECT_TRUE(ParseEvent(bytes, &record, &extras, &rejection));
      return FactsOf(record, extras);
    };
    ASSERT_EQ(facts(columns_.EventBytes(0)), facts(event.SerializeAsString()))
        << event.DebugString();
  }
}

TEST_F(EventColumnsTest, InvalidTextCostsItsEventsOnly) {
  submit::ColumnBatch batch;
  for (const char* category : {"category-1", "\xff", "category-1"}) {
    v1::SubmitEventsRequest one;
    ASSERT_TRUE(one.ParseFromString(sample_.Request(1)));
    one.mutable_events(0)->clear_category();
    batch.Add(one.events(0));
    batch.Text(submit::EventField::kCategory, category);
  }
  // Not through protobuf, which refuses such a text.
  const std::string columns = batch.Finish();
  std::string request = "\x2a";
  request.push_back(static_cast<char>(columns.size() | 0x80));
  request.push_back(static_cast<char>(columns.size() >> 7));
  request += columns;
  OpenCodes codes;
  PlainJudges judges(&codes);
  Submission submission(&key_, &codes, &judges);
  const std::vector<std::string> got = Judge(&submission, request);
  ASSERT_EQ(submission.rejected().size(), 1);
  EXPECT_EQ(submission.rejected()[0].position, 1);
  EXPECT_EQ(submission.rejected()[0].rejection.reason, Reason::kInvalidUtf8);
  EXPECT_EQ(submission.rejected()[0].rejection.field, Field::kCategory);
}

// A hundred events of one text of a megabyte are a hundred megabytes by themselves.
TEST_F(EventColumnsTest, SharedTextsAreNotMadeIntoEventsWithoutBound) {
  constexpr size_t kText = size_t{1} << 20;
  std::vector<v1::Event> events(100);
  for (v1::Event& event : events) {
    event.set_source("platform-1");
    event.set_category(std::string(kText, 'c'));
  }
  OpenCodes codes;
  PlainJudges judges(&codes);
  Submission submission(&key_, &codes, &judges);
  const std::string request = ByColumns(events);
  Judge(&submission, request);
  ASSERT_EQ(submission.rejected().size(), events.size());
  std::vector<uint32_t> positions(events.size());
  std::iota(positions.begin(), positions.end(), 0);
  size_t bytes = 0;
  submission.ReadEvents(positions, 3 * kText, [&](size_t, std::string event) {
    v1::Event kept;
    ASSERT_TRUE(kept.ParseFromString(event));
    EXPECT_EQ(kept.source(), "platform-1");
    bytes += event.size();
  });
  EXPECT_LT(bytes, 4 * kText);
}

TEST_F(EventColumnsTest, IdentifierAndPseudonymOfOneEventAreTooMuch) {
  v1::EventColumns columns;
  columns.set_count(1);
  columns.mutable_consumer_scheme()->add_values("account");
  columns.mutable_consumer_id()->set_texts("c1");
  columns.mutable_consumer_id()->add_lengths(2);
  columns.mutable_consumer_prehashed()->set_texts("0123456789abcdef");
  columns.mutable_consumer_prehashed()->add_lengths(16);
  ASSERT_OK(Read(columns));
  ledger::EventRecord record;
  EventExtras extras;
  Rejection rejection;
  EXPECT_FALSE(columns_.ReadEvent(0, &record, &extras, &rejection));
  EXPECT_EQ(rejection.reason, Reason::kFieldNotAllowed);
  EXPECT_EQ(rejection.field, Field::kConsumerPrehashed);
}

TEST_F(EventColumnsTest, ColumnsThatDoNotFitAreNamed) {
  const auto refused = [this](std::string_view column, auto change) {
    v1::EventColumns columns;
    columns.set_count(2);
    change(columns);
    EXPECT_THAT(Read(columns), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(column)));
    EXPECT_EQ(status::ReasonOf(Read(columns)), "MALFORMED_COLUMNS");
  };
  refused("columns.source", [](auto& c) {
    c.mutable_source()->add_values("a");
    c.mutable_source()->add_values("b");
  });
  refused("columns.source", [](auto& c) {
    c.mutable_source()->add_values("a");
    c.mutable_source()->add_indexes(1);
    c.mutable_source()->add_indexes(2);
  });
  refused("columns.category", [](auto& c) {
    c.mutable_category()->add_values("a");
    c.mutable_category()->add_indexes(1);
  });
  refused("columns.category", [](auto& c) {
    for (int i = 0; i < 3; ++i) c.mutable_category()->add_values(absl::StrCat(i));
    for (int i = 0; i < 2; ++i) c.mutable_category()->add_indexes(1);
  });
  refused("columns.id", [](auto& c) { c.mutable_id()->set_texts("ab"); });
  refused("columns.id", [](auto& c) {
    c.mutable_id()->set_texts("abc");
    c.mutable_id()->add_lengths(2);
  });
  refused("columns.id", [](auto& c) {
    c.mutable_id()->set_texts("abc");
    for (const uint32_t length : {4'294'967'295u, 4u}) c.mutable_id()->add_lengths(length);
  });
  refused("columns.kind", [](auto& c) { c.add_kind(v1::EVENT_KIND_PURCHASE); });
  refused("columns.event_time_us", [](auto& c) { c.add_event_time_us(1); });
  refused("columns.revision", [](auto& c) { c.add_revision(1); });
  refused("columns.amount", [](auto& c) { c.mutable_amount()->add_values(1); });
  refused("columns.amount", [](auto& c) {
    for (int i = 0; i < 2; ++i) c.mutable_amount()->add_values(1);
    c.mutable_amount()->set_present("ab");
  });
}

// Nothing is kept of entries that no event can have: a short message must not cost much memory.
TEST_F(EventColumnsTest, MoreEntriesThanEventsAreRefusedAsTheyCome) {
  v1::EventColumns columns;
  columns.set_count(1);
  for (int i = 0; i < 100'000; ++i) columns.mutable_amount()->add_values(1);
  EXPECT_THAT(Read(columns),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("columns.amount")));
}

TEST_F(EventColumnsTest, EnvelopeCountsColumnsAndRefusesTwoKindsOfEvents) {
  const std::string request = ByColumns({RandomEvent(), RandomEvent(), RandomEvent()});
  EXPECT_EQ(ReadEnvelope(request)->events, 3);
  EXPECT_EQ(status::ReasonOf(ReadEnvelope(request + sample_.Request(1)).status()),
            "EVENTS_AND_COLUMNS");
  EXPECT_EQ(status::ReasonOf(ReadEnvelope(request + request).status()), "MALFORMED_COLUMNS");
  v1::SubmitEventsRequest large;
  large.mutable_columns()->set_count(100'001);
  EXPECT_EQ(status::ReasonOf(ReadEnvelope(large.SerializeAsString()).status()), "BATCH_TOO_LARGE");
}

}  // namespace
}  // namespace tidemark::ingest
