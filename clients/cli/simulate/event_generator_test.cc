#include "clients/cli/simulate/event_generator.h"

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::simulate {
namespace {

using ingest::v1::Event;

// 2024 in UTC.
constexpr int64_t kFrom = 1'704'067'200'000'000;
constexpr int64_t kTo = 1'735'689'600'000'000;

GeneratorOptions MakeOptions(uint64_t events) {
  GeneratorOptions options{.seed = 7,
                           .events = events,
                           .from_us = kFrom,
                           .to_us = kTo,
                           .zone = absl::UTCTimeZone(),
                           .sources = {"synthetic-a", "synthetic-b"},
                           .consumer_scheme = "local.synthetic",
                           .consumers = 5'000};
  for (int i = 0; i < 50; ++i) options.regions.push_back(absl::StrCat("r", i));
  for (int i = 0; i < 20; ++i) options.categories.push_back(absl::StrCat("k", i));
  return options;
}

std::string Bytes(const EventGenerator& generator, uint64_t index) {
  submit::EventWriter writer;
  generator.Write(index, writer);
  return std::string(writer.bytes());
}

std::vector<Event> All(const EventGenerator& generator) {
  std::vector<Event> events(generator.options().events);
  for (uint64_t i = 0; i < events.size(); ++i) {
    EXPECT_TRUE(events[i].ParseFromString(Bytes(generator, i))) << i;
  }
  return events;
}

TEST(EventGeneratorTest, AnEventIsAFunctionOfSeedAndIndex) {
  const EventGenerator one(MakeOptions(1000)), same(MakeOptions(1000));
  GeneratorOptions other_options = MakeOptions(1000);
  other_options.seed = 8;
  const EventGenerator other(other_options);
  for (const uint64_t index : {999, 0, 500}) {
    EXPECT_EQ(Bytes(one, index), Bytes(same, index));
    EXPECT_NE(Bytes(one, index), Bytes(other, index));
  }
}

// The same number under other options is another event, so it must not have the same id.
TEST(EventGeneratorTest, EveryOptionThatShapesAnEventChangesTheIds) {
  const auto id = [](const GeneratorOptions& options) {
    Event event;
    EXPECT_TRUE(event.ParseFromString(Bytes(EventGenerator(options), 0)));
    return event.id();
  };
  std::set<std::string> ids = {id(MakeOptions(1000))};
  const auto expect_another = [&](auto change) {
    GeneratorOptions options = MakeOptions(1000);
    change(options);
    EXPECT_TRUE(ids.insert(id(options)).second);
  };
  expect_another([](GeneratorOptions& options) { options.seed = 8; });
  expect_another([](GeneratorOptions& options) { options.events = 2000; });
  expect_another([](GeneratorOptions& options) { options.from_us += 1'000'000; });
  expect_another([](GeneratorOptions& options) { options.to_us += 1'000'000; });
  expect_another([](GeneratorOptions& options) { options.consumers = 5'001; });
  expect_another([](GeneratorOptions& options) { options.sources.pop_back(); });
  expect_another([](GeneratorOptions& options) { options.regions[3] = "elsewhere"; });
  expect_another([](GeneratorOptions& options) { options.categories.pop_back(); });
  expect_another([](GeneratorOptions& options) { options.prehashed = true; });
  expect_another([](GeneratorOptions& options) { options.label = false; });
  expect_another([](GeneratorOptions& options) { options.lean = true; });
}

TEST(EventGeneratorTest, EventsAreValidAndLabelled) {
  const EventGenerator generator(MakeOptions(20'000));
  std::set<std::string> ids;
  for (const Event& event : All(generator)) {
    ids.insert(event.id());
    ASSERT_EQ(event.attributes().at("synthetic"), "true");
    ASSERT_EQ(event.source().rfind("synthetic-", 0), 0u);
    ASSERT_GE(event.event_time_us(), kFrom);
    ASSERT_LT(event.event_time_us(), kTo);
    ASSERT_GE(event.amount(), 1);
    ASSERT_GE(event.quantity(), 1);
    ASSERT_NE(event.segment(), ingest::v1::SEGMENT_UNSPECIFIED);
    ASSERT_NE(event.area_type(), ingest::v1::AREA_TYPE_UNSPECIFIED);
  }
  EXPECT_EQ(ids.size(), 20'000u);
  // Wire bytes are those that protobuf writes.
  Event first;
  ASSERT_TRUE(first.ParseFromString(Bytes(generator, 0)));
  EXPECT_EQ(first.SerializeAsString(), Bytes(generator, 0));
}

TEST(EventGeneratorTest, ShapesAreThoseOfConsumption) {
  const std::vector<Event> events = All(EventGenerator(MakeOptions(100'000)));
  std::map<std::string, int> by_region, by_consumer;
  std::vector<double> logs;
  int refunds = 0, linked = 0, identified = 0, evening = 0, night = 0, november = 0;
  for (const Event& event : events) {
    ++by_region[event.consumer_region()];
    refunds += event.kind() == ingest::v1::EVENT_KIND_REFUND;
    linked += event.has_original();
    identified += event.has_consumer();
    if (event.has_consumer()) ++by_consumer[event.consumer().id()];
    logs.push_back(std::log(static_cast<double>(event.amount())));
    const absl::CivilHour hour =
        absl::ToCivilHour(absl::FromUnixMicros(event.event_time_us()), absl::UTCTimeZone());
    evening += hour.hour() == 20;
    night += hour.hour() == 3;
    november += hour.month() == 11;
  }
  EXPECT_NEAR(refunds, 3'000, 250);
  EXPECT_NEAR(linked, 1'450, 250);
  EXPECT_NEAR(identified, 85'000, 1'500);
  // Zipf: the first region several times the tenth.
  EXPECT_GT(by_region["r0"], 4 * by_region["r9"]);
  EXPECT_GT(evening, 10 * night);
  EXPECT_GT(november, 100'000 / 12 * 1.2);
  // The heavy tail: 99th percentile far above the median.
  std::sort(logs.begin(), logs.end());
  EXPECT_GT(logs[99'000] - logs[50'000], 2.0);
  EXPECT_LT(logs[99'000] - logs[50'000], 5.0);
  // Few consumers buy much.
  EXPECT_GT(by_consumer["C00000000"], 20 * 85'000 / 5'000);
}

TEST(EventGeneratorTest, EventsComeInOrderOfTimeButForDelays) {
  const std::vector<Event> events = All(EventGenerator(MakeOptions(50'000)));
  int late = 0;
  int64_t newest = 0, worst = 0;
  for (const Event& event : events) {
    if (event.has_original()) continue;
    late += event.event_time_us() < newest;
    worst = std::max(worst, newest - event.event_time_us());
    newest = std::max(newest, event.event_time_us());
  }
  EXPECT_GT(late, 1'000);
  // Of a year.
  EXPECT_LT(worst, (kTo - kFrom) / 50);
}

TEST(EventGeneratorTest, LinkedRefundsNameAnEarlierPurchaseOfAtLeastTheirAmount) {
  const std::vector<Event> events = All(EventGenerator(MakeOptions(50'000)));
  std::map<std::string, const Event*> seen;
  int linked = 0;
  for (const Event& event : events) {
    if (event.has_original()) {
      ++linked;
      const auto it = seen.find(event.original().id());
      ASSERT_NE(it, seen.end());
      EXPECT_EQ(it->second->kind(), ingest::v1::EVENT_KIND_PURCHASE);
      EXPECT_EQ(it->second->source(), event.source());
      EXPECT_EQ(it->second->product(), event.product());
      EXPECT_GE(it->second->amount(), event.amount());
      EXPECT_LE(it->second->event_time_us(), event.event_time_us());
    }
    seen[event.id()] = &event;
  }
  EXPECT_GT(linked, 500);
}

TEST(EventGeneratorTest, TwoLinesMakeAnOrderOfOneConsumer) {
  const EventGenerator generator(MakeOptions(1000));
  Event a, b;
  for (uint64_t i = 0; i < 1000; i += 2) {
    ASSERT_TRUE(a.ParseFromString(Bytes(generator, i)));
    ASSERT_TRUE(b.ParseFromString(Bytes(generator, i + 1)));
    if (a.has_original() || b.has_original()) continue;
    EXPECT_EQ(a.order(), b.order());
    EXPECT_EQ(a.consumer().id(), b.consumer().id());
    EXPECT_EQ(a.consumer_region(), b.consumer_region());
  }
}

TEST(EventGeneratorTest, DuplicatesRepeatEarlierBytes) {
  GeneratorOptions options = MakeOptions(20'000);
  options.duplicates = 0.1;
  const EventGenerator generator(options);
  std::map<std::string, std::string> by_id;
  int repeated = 0;
  for (uint64_t i = 0; i < 20'000; ++i) {
    const std::string bytes = Bytes(generator, i);
    Event event;
    ASSERT_TRUE(event.ParseFromString(bytes));
    const auto [it, added] = by_id.try_emplace(event.id(), bytes);
    repeated += !added;
    ASSERT_EQ(it->second, bytes);
  }
  EXPECT_NEAR(repeated, 1'800, 300);
}

TEST(EventGeneratorTest, BadEventsHaveEveryKindOfFault) {
  GeneratorOptions options = MakeOptions(2'000);
  options.bad = 1;
  const EventGenerator generator(options);
  std::set<std::string> faults;
  const google::protobuf::LogSilencer silencer;
  for (uint64_t i = 0; i < 2'000; ++i) {
    Event event;
    if (!event.ParseFromString(Bytes(generator, i))) {
      faults.insert("UTF-8");
    } else if (event.id().empty()) {
      faults.insert("id");
    } else if (event.kind() == ingest::v1::EVENT_KIND_UNSPECIFIED) {
      faults.insert("kind");
    } else if (event.consumer_region() == "synthetic-nowhere") {
      faults.insert("region");
    } else if (event.category() == "synthetic-nothing") {
      faults.insert("category");
    } else if (event.amount() == 0) {
      faults.insert("amount");
    }
  }
  EXPECT_EQ(faults.size(), 6u);
}

TEST(EventGeneratorTest, PseudonymsReplaceIdentifiers) {
  GeneratorOptions options = MakeOptions(100);
  options.prehashed = true;
  options.label = false;
  const EventGenerator generator(options);
  for (const Event& event : All(generator)) {
    EXPECT_TRUE(event.attributes().empty());
    EXPECT_EQ(event.consumer().prehashed().size(), event.has_consumer() ? 16u : 0u);
  }
}

TEST(EventGeneratorTest, LeanEventsLeaveOutWhatHasToDoWithOrders) {
  GeneratorOptions options = MakeOptions(1000);
  const std::vector<Event> full = All(EventGenerator(options));
  options.lean = true;
  const std::vector<Event> lean = All(EventGenerator(options));
  ASSERT_EQ(lean.size(), full.size());
  for (size_t i = 0; i < lean.size(); ++i) {
    Event rest = full[i];
    rest.set_id(lean[i].id());
    rest.clear_order();
    rest.clear_provider();
    rest.clear_original();
    EXPECT_EQ(lean[i].SerializeAsString(), rest.SerializeAsString());
  }
}

TEST(SeasonTest, RisesFromBeginToEnd) {
  const Season season(kFrom, kTo, absl::UTCTimeZone());
  int64_t last = kFrom;
  for (int i = 0; i <= 10'000; ++i) {
    const int64_t at = season.At(i / 10'000.0);
    ASSERT_GE(at, last);
    ASSERT_LT(at, kTo);
    last = at;
  }
  EXPECT_EQ(season.At(-1), kFrom);
  EXPECT_GT(season.At(2), kTo - 3'600'000'000);
  // Shorter than an hour.
  EXPECT_LT(Season(kFrom, kFrom + 10, absl::UTCTimeZone()).At(0.99), kFrom + 10);
}

TEST(AliasTableTest, DrawsByWeight) {
  const AliasTable table({1, 2, 7});
  std::vector<int> counts(3);
  FastRandom random(1, 2);
  for (int i = 0; i < 100'000; ++i) ++counts[table.Draw(random.Next())];
  EXPECT_NEAR(counts[0], 10'000, 500);
  EXPECT_NEAR(counts[1], 20'000, 700);
  EXPECT_NEAR(counts[2], 70'000, 900);
}

}  // namespace
}  // namespace tidemark::simulate
