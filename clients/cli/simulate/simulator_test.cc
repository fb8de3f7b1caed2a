#include "clients/cli/simulate/simulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "clients/cli/simulate/event_generator.h"
#include "clients/cli/simulate/synthetic_catalog.h"
#include "clients/cpp/submit/fake_ingest_service.h"
#include "common/status/error.h"
#include "common/testing/in_process_server.h"
#include "common/testing/status_matchers.h"

namespace tidemark::simulate {
namespace {

using ::tidemark::testing::StatusIs;

GeneratorOptions MakeOptions() {
  return {.seed = 3,
          .events = 5'000,
          .from_us = 1'704'067'200'000'000,
          .to_us = 1'735'689'600'000'000,
          .zone = absl::UTCTimeZone(),
          .sources = {"synthetic-a"},
          .regions = {"r"},
          .categories = {"k"},
          .consumer_scheme = "local.synthetic",
          .duplicates = 0.05};
}

class SimulatorTest : public ::testing::Test {
 protected:
  Simulator::Options MakeSimulatorOptions(int clients) {
    Simulator::Options options{.clients = clients, .block = 100, .quiet = true};
    for (int i = 0; i < clients; ++i) {
      options.submit.push_back({.channel = server_.channel(), .batch_events = 100});
    }
    return options;
  }

  submit::FakeIngestService service_;
  testing::InProcessServer server_{{&service_}};
  const base::SystemClock clock_;
  std::istringstream in_;
  std::ostringstream out_, err_;
  cli::Terminal terminal_{
      .in = in_, .out = out_, .err = err_, .clock = clock_, .environment = [](const char*) {
        return std::nullopt;
      }};
  const EventGenerator generator_{MakeOptions()};
};

TEST_F(SimulatorTest, SeveralClientsSendEveryEvent) {
  Simulator::Options options = MakeSimulatorOptions(3);
  base::Mutex mutex;
  uint64_t largest = 0;
  options.on_ack = [&](uint64_t log_size, int64_t acked_ns) {
    base::MutexLock lock(mutex);
    largest = std::max(largest, log_size);
    EXPECT_GT(acked_ns, 0);
  };
  Simulator simulator(terminal_, generator_, std::move(options));
  ASSERT_OK(simulator.Run());
  const SimulationResult result = simulator.result();
  EXPECT_EQ(result.answered(), 5'000u);
  EXPECT_EQ(result.accepted, service_.log().size());
  EXPECT_EQ(result.conflicts, 0u);
  EXPECT_GT(result.duplicates, 100u);
  EXPECT_EQ(largest, service_.log().size());
  EXPECT_EQ(result.acks.size(), 50u);
  EXPECT_GT(result.Rate(0), 0);
  EXPECT_GT(result.Rate(0.8), 0);
}

TEST_F(SimulatorTest, EventsMadeBeforehandAreTheSame) {
  ASSERT_OK(Simulator(terminal_, generator_, MakeSimulatorOptions(1)).Run());
  const size_t events = service_.log().size();
  Simulator::Options options = MakeSimulatorOptions(2);
  options.prepare = true;
  Simulator again(terminal_, generator_, std::move(options));
  ASSERT_OK(again.Run());
  // With the same content: nothing is in conflict.
  EXPECT_EQ(again.result().duplicates, 5'000u);
  EXPECT_EQ(service_.log().size(), events);
}

TEST_F(SimulatorTest, FailureOfOneStopsAll) {
  service_.set_interfere([](const ingest::v1::SubmitEventsRequest&, int attempt) {
    return attempt == 5 ? absl::PermissionDeniedError("no") : absl::OkStatus();
  });
  Simulator simulator(terminal_, generator_, MakeSimulatorOptions(2));
  EXPECT_THAT(simulator.Run(), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_LT(simulator.result().answered(), 5'000u);
}

TEST_F(SimulatorTest, RejectionsAreCountedByReason) {
  service_.set_reject([](const ingest::v1::Event& event) {
    return event.amount() % 2 == 0 ? status::InvalidArgument("amount", "even", "EVEN")
                                   : absl::OkStatus();
  });
  Simulator simulator(terminal_, generator_, MakeSimulatorOptions(1));
  ASSERT_OK(simulator.Run());
  const SimulationResult result = simulator.result();
  EXPECT_GT(result.rejected.at("EVEN"), 2'000u);
  EXPECT_EQ(result.answered(), 5'000u);
}

TEST(SimulationResultTest, RateOverTheLastFifth) {
  SimulationResult result{.accepted = 100};
  // 80 events in the first second, 20 in the next ten.
  result.acks = {{1'000'000'000, 80}, {6'000'000'000, 10}, {11'000'000'000, 10}};
  EXPECT_DOUBLE_EQ(result.Rate(0), 100 / 11.0);
  EXPECT_DOUBLE_EQ(result.Rate(0.8), 2);
  EXPECT_EQ(SimulationResult().Rate(0), 0);
}

TEST(SyntheticCatalogTest, HasTheSizesAndLabelsPromised) {
  int provinces = 0, cities = 0, categories = 0, sources = 0;
  std::set<std::string> names;
  for (const catalog::v1::Resource& resource : SyntheticResources({"synthetic-a"})) {
    EXPECT_TRUE(names.insert(resource.name()).second) << resource.name();
    EXPECT_NE(resource.name().find("synthetic"), std::string::npos);
    EXPECT_EQ(resource.display_names().at("en").rfind("Synthetic", 0), 0u);
    EXPECT_EQ(resource.display_names().at("zh").rfind("合成", 0), 0u);
    provinces += resource.region().level() == catalog::v1::REGION_LEVEL_PROVINCE;
    cities += resource.region().level() == catalog::v1::REGION_LEVEL_CITY;
    categories += !resource.category().parent().empty();
    sources += resource.source().kind() == catalog::v1::SOURCE_KIND_LIVE;
    // Parents come before children, and exist.
    if (!resource.region().parent().empty()) {
      EXPECT_TRUE(names.contains(resource.region().parent()));
    }
  }
  EXPECT_EQ(provinces, 81);
  EXPECT_EQ(cities, 350);
  EXPECT_EQ(categories, 60);
  EXPECT_EQ(sources, 1);
}

// The catalog takes no two sources that share a category without.
TEST(SyntheticCatalogTest, SourcesReportOnlyWhatHasAPrecedence) {
  std::set<std::string> with_precedence, reported;
  for (const catalog::v1::Resource& resource : SyntheticResources({"synthetic-a", "synthetic-b"})) {
    if (!resource.category().precedence().empty()) with_precedence.insert(resource.name());
    const auto& categories = resource.source().categories();
    EXPECT_EQ(categories.empty(), !resource.has_source());
    reported.insert(categories.begin(), categories.end());
  }
  EXPECT_EQ(reported, with_precedence);
}

}  // namespace
}  // namespace tidemark::simulate
