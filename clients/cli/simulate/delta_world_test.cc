#include "clients/cli/simulate/delta_world.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "absl/time/civil_time.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::simulate {
namespace {

using ingest::v1::Event;

std::vector<Event> EventsOf(const DeltaWorldOptions& options) {
  auto world = DeltaWorld::Make(options);
  EXPECT_TRUE(world.ok()) << world.status();
  std::vector<Event> events((*world)->events());
  submit::EventWriter writer;
  for (uint64_t index = 0; index < events.size(); ++index) {
    (*world)->Write(index, writer);
    EXPECT_TRUE(events[index].ParseFromString(std::string(writer.bytes())));
  }
  return events;
}

const std::vector<Event>& World() {
  static const auto* events = new std::vector<Event>(EventsOf({.events = kFewestDeltaEvents}));
  return *events;
}

// Net in fen from the first of one month to before the first of another.
template <typename Keeps>
int64_t Net(const std::vector<Event>& events, absl::CivilDay from, absl::CivilDay to,
            const Keeps& keeps) {
  const absl::TimeZone zone = absl::FixedTimeZone(8 * 3600);
  const int64_t first = absl::ToUnixMicros(absl::FromCivil(from, zone));
  const int64_t end = absl::ToUnixMicros(absl::FromCivil(to, zone));
  int64_t net = 0;
  for (const Event& event : events) {
    if (event.event_time_us() < first || event.event_time_us() >= end || !keeps(event)) continue;
    net += event.kind() == ingest::v1::EVENT_KIND_REFUND ? -event.amount() : event.amount();
  }
  return net;
}

void ExpectPublished(const std::vector<Event>& events) {
  const auto online = [](const Event& event) {
    return event.channel() == ingest::v1::CHANNEL_ONLINE;
  };
  const auto xining = [](const Event& event) {
    return event.consumer_region() == "cn-6301" && event.category() != "other";
  };
  EXPECT_EQ(Net(events, absl::CivilDay(2023, 1, 1), absl::CivilDay(2023, 3, 1), online),
            205'440'000);
  EXPECT_EQ(Net(events, absl::CivilDay(2022, 1, 1), absl::CivilDay(2022, 3, 1), online),
            193'450'000);
  EXPECT_EQ(Net(events, absl::CivilDay(2013, 1, 1), absl::CivilDay(2013, 10, 1), xining), 655'200);
  EXPECT_EQ(Net(events, absl::CivilDay(2012, 1, 1), absl::CivilDay(2012, 10, 1), xining), 546'000);
}

TEST(DeltaWorld, PublishedFiguresComeOutToTheFen) {
  ExpectPublished(World());
  ExpectPublished(EventsOf({.seed = 7, .events = 61'234, .label = false}));
}

TEST(DeltaWorld, TheSameOptionsGiveTheSameEventsAndOthersOthers) {
  const std::vector<Event> again = EventsOf({.events = kFewestDeltaEvents});
  ASSERT_EQ(again.size(), World().size());
  for (size_t i = 0; i < again.size(); ++i) {
    ASSERT_EQ(again[i].SerializeAsString(), World()[i].SerializeAsString());
  }
  std::set<std::string> ids;
  for (const Event& event : World()) ids.insert(event.id());
  EXPECT_EQ(ids.size(), World().size());
  for (const Event& event : EventsOf({.seed = 2, .events = kFewestDeltaEvents})) {
    ASSERT_FALSE(ids.contains(event.id()));
  }
}

TEST(DeltaWorld, ARefundGivesBackPartOfAnEarlierPurchaseInTheSamePlace) {
  std::map<std::string, const Event*> seen;
  size_t linked = 0, unlinked = 0;
  for (const Event& event : World()) {
    if (event.kind() == ingest::v1::EVENT_KIND_REFUND) {
      if (!event.has_original()) {
        ++unlinked;
        continue;
      }
      ++linked;
      const auto bought = seen.find(event.original().id());
      ASSERT_NE(bought, seen.end());
      EXPECT_EQ(bought->second->kind(), ingest::v1::EVENT_KIND_PURCHASE);
      EXPECT_LE(event.amount(), bought->second->amount());
      EXPECT_EQ(event.product(), bought->second->product());
      EXPECT_EQ(event.consumer_region(), bought->second->consumer_region());
      EXPECT_GE(event.event_time_us(), bought->second->event_time_us());
    }
    seen[event.id()] = &event;
  }
  EXPECT_GT(linked, 500u);
  EXPECT_GT(unlinked, 300u);
}

TEST(DeltaWorld, HasAllThatStatisticsAskFor) {
  size_t uses = 0, away = 0, vouchers = 0;
  std::set<std::string> projects, scenarios, activities, segments, ages, incomes;
  for (const Event& event : World()) {
    if (event.kind() == ingest::v1::EVENT_KIND_SERVICE_USE) {
      ++uses;
      EXPECT_FALSE(event.has_amount());
    } else {
      EXPECT_GE(event.amount(), 1);
    }
    away += event.place_of_use() != event.consumer_region();
    vouchers += event.has_voucher_amount();
    projects.insert(event.project());
    scenarios.insert(event.scenario());
    activities.insert(event.activity());
    segments.insert(ingest::v1::Segment_Name(event.segment()));
    ages.insert(event.age_band());
    incomes.insert(event.income_band());
    EXPECT_EQ(event.attributes().at("synthetic"), "true");
  }
  EXPECT_GT(uses, 1'000u);
  EXPECT_GT(away, 4'000u);
  EXPECT_GT(vouchers, 0u);
  EXPECT_EQ(projects.size(), 4u);
  EXPECT_EQ(scenarios.size(), 2u);
  EXPECT_EQ(activities.size(), 2u);
  EXPECT_EQ(segments.size(), 3u);
  EXPECT_EQ(ages.size(), 6u);
  EXPECT_EQ(incomes.size(), 4u);
}

TEST(DeltaWorld, SaysHowManyEventsItWants) {
  for (const uint64_t events : {uint64_t{10}, kMostDeltaEvents + 1}) {
    const auto world = DeltaWorld::Make({.events = events});
    EXPECT_EQ(world.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(world.status().message().find("want 50000 to 2000000"), std::string::npos);
  }
}

}  // namespace
}  // namespace tidemark::simulate
