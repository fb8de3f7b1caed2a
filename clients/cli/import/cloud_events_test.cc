// CloudEvents by the sample mapping, and an exported quarantine by the one of the documentation.
#include <fstream>
#include <sstream>

#include "clients/cli/import/mapping_testing.h"
#include "common/testing/status_matchers.h"

namespace tidemark::importer {
namespace {

using ::testing::StartsWith;

const std::string kRoot = TIDEMARK_REPOSITORY;
const std::string kSample = kRoot + "/deploy/samples/cloudevents/";

std::string FileText(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

std::vector<Outcome> MapAll(const std::string& yaml, const std::string& text,
                            const std::string& name) {
  auto mapper = OpenMapping(yaml, text, "", {}, name);
  EXPECT_OK(mapper);
  return mapper.ok() ? mapper->Rest() : std::vector<Outcome>();
}

class CloudEventsTest : public ::testing::Test {
 protected:
  std::vector<Outcome> Map(const std::string& text, const std::string& name = "e.jsonl") {
    return MapAll(FileText(kSample + "mapping.yaml"), text, name);
  }
};

TEST_F(CloudEventsTest, OneALineAndABatchGiveTheSameEvents) {
  const std::vector<Outcome> lines = Map(FileText(kSample + "events.jsonl"));
  const std::vector<Outcome> batch = Map(FileText(kSample + "batch.json"), "batch.json");
  ASSERT_EQ(lines.size(), 5u);
  ASSERT_EQ(batch.size(), 5u);
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].event.SerializeAsString(), batch[i].event.SerializeAsString());
    EXPECT_EQ(lines[i].other, i == 4 ? "skipped OTHER_TYPE" : "");
  }
  const ingest::v1::Event& paid = lines[0].event;
  EXPECT_EQ(paid.source(), "jianghan-shop");
  EXPECT_EQ(paid.id(), "A-1001");
  EXPECT_EQ(paid.order(), "A");
  EXPECT_EQ(paid.kind(), ingest::v1::EVENT_KIND_PURCHASE);
  EXPECT_EQ(paid.event_time_us(), 1'709'604'000'000'000);
  EXPECT_EQ(paid.amount(), 2990);
  EXPECT_EQ(paid.consumer().scheme(), "local/jianghan-shop");
  EXPECT_EQ(paid.consumer_region(), "cn-420100");
  // The same pseudonym, in base64.
  EXPECT_EQ(lines[1].event.consumer().prehashed(), paid.consumer().prehashed());
  EXPECT_EQ(paid.consumer().prehashed().size(), 16u);
  EXPECT_EQ(lines[2].event.original().id(), "A-1001");
  EXPECT_EQ(lines[2].event.event_time_us(), 1'709'688'600'500'000);
  EXPECT_FALSE(lines[2].event.has_consumer());
  EXPECT_EQ(lines[3].event.kind(), ingest::v1::EVENT_KIND_VOID);
  EXPECT_EQ(lines[3].event.revision(), 1u);
  EXPECT_FALSE(lines[3].event.has_amount());
}

TEST_F(CloudEventsTest, WhatIsNoCloudEventOfThatVersionIsRejected) {
  const std::string type = R"("type":"com.example.order.paid","source":"/shops/xihu")";
  const std::string time = R"("time":"2024-03-05T10:00:00Z")";
  const auto outcome = [&](const std::string& attributes) {
    const std::vector<Outcome> outcomes = Map("{" + type + "," + attributes + "}\n");
    return outcomes.size() == 1 ? outcomes[0].other : "no single row";
  };
  const std::string good = R"("specversion":"1.0","id":"1",)" + time;
  EXPECT_EQ(outcome(good), "");
  EXPECT_EQ(outcome(good + R"(,"datacontenttype":"application/vnd.shop+json; charset=utf-8")"), "");
  EXPECT_THAT(outcome(good + R"(,"datacontenttype":"text/xml")"),
              StartsWith("rejected DATA_IS_NOT_JSON reject: "));
  EXPECT_THAT(outcome(R"("id":"1",)" + time), StartsWith("rejected NOT_CLOUDEVENTS_1_0 reject: "));
  EXPECT_THAT(outcome(R"("specversion":"0.3","id":"1",)" + time),
              StartsWith("rejected NOT_CLOUDEVENTS_1_0"));
  EXPECT_THAT(outcome(R"("specversion":"1.0",)" + time), StartsWith("rejected MISSING_VALUE id"));
  EXPECT_THAT(outcome(R"("specversion":"1.0","id":"1")"),
              StartsWith("rejected MISSING_VALUE event_time"));
}

TEST(PrehashedConsumerTest, AreSixteenBytesInHexOrBase64) {
  const std::string yaml = WithEvent("", "  consumer: {scheme: s, prehashed: \"${p}\"}\n");
  const auto pseudonym = [&](const std::string& text) {
    const Outcome outcome = MapOne(yaml, "p,q\n" + text + ",1\n");
    return outcome.other.empty() ? outcome.event.consumer().prehashed() : outcome.other;
  };
  const std::string want("\xff\xee\xdd\xcc\xbb\xaa\x99\x88\x77\x66\x55\x44\x33\x22\x11\x00", 16);
  for (const char* text :
       {"ffeeddccbbaa99887766554433221100", "FFEEDDCCBBAA99887766554433221100",
        "/+7dzLuqmYh3ZlVEMyIRAA==", "/+7dzLuqmYh3ZlVEMyIRAA", "_-7dzLuqmYh3ZlVEMyIRAA"}) {
    EXPECT_EQ(pseudonym(text), want) << text;
  }
  EXPECT_EQ(pseudonym(""), "");
  for (const char* text : {"13800138000", "ffeeddccbbaa998877665544332211zz", "AAAA",
                           "ffeeddccbbaa99887766554433221100ff"}) {
    EXPECT_THAT(pseudonym(text), StartsWith("rejected INVALID_PSEUDONYM consumer: ")) << text;
  }
  EXPECT_THAT(OpenMapping(WithEvent("", "  consumer: {scheme: s, id: a, prehashed: b}\n"), "p\n"),
              testing::StatusIs(absl::StatusCode::kInvalidArgument,
                                ::testing::HasSubstr("event.consumer.prehashed: goes without")));
}

TEST(ExportedQuarantineTest, IsImportedByTheMappingOfTheDocumentation) {
  const std::string page = FileText(kRoot + "/docs/import-mapping.md");
  const size_t start = page.find("```yaml\n# exported.yaml") + 8;
  const std::vector<Outcome> outcomes = MapAll(
      page.substr(start, page.find("```", start) - start),
      R"({"id":"7","event":{"source":"shop","id":"a","kind":"EVENT_KIND_PURCHASE",)"
      R"("event_time_us":"1709604000000000","consumer":{"scheme":"account",)"
      R"("prehashed":"/+7dzLuqmYh3ZlVEMyIRAA=="},"category":"books","amount":"1999"},"reasons":[]})"
      "\n",
      "rejected.jsonl");
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].other, "");
  const ingest::v1::Event& event = outcomes[0].event;
  EXPECT_EQ(event.source(), "shop");
  EXPECT_EQ(event.kind(), ingest::v1::EVENT_KIND_PURCHASE);
  EXPECT_EQ(event.event_time_us(), 1'709'604'000'000'000);
  EXPECT_EQ(event.consumer().prehashed().size(), 16u);
  EXPECT_EQ(event.amount(), 1999);
}

}  // namespace
}  // namespace tidemark::importer
