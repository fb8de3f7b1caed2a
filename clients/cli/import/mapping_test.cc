#include "clients/cli/import/mapping.h"

#include "clients/cli/import/mapping_testing.h"
#include "common/testing/temp_dir.h"

namespace tidemark::importer {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The product field, for tests of texts; "~" when absent.
std::string Product(std::string_view expression, const std::string& input,
                    std::string_view head = "", const std::string& folder = "",
                    const Mapping::Options& options = {}) {
  const Outcome outcome = MapOne(WithEvent(head, absl::StrCat("  product: ", expression, "\n")),
                                 input, folder, options);
  if (!outcome.other.empty()) return outcome.other;
  return outcome.event.has_product() ? outcome.event.product() : "~";
}

std::string Amount(std::string_view expression, const std::string& input,
                   std::string_view head = "") {
  const Outcome outcome =
      MapOne(WithEvent(head, absl::StrCat("  amount: ", expression, "\n")), input);
  if (!outcome.other.empty()) return outcome.other;
  return outcome.event.has_amount() ? absl::StrCat(outcome.event.amount()) : "~";
}

TEST(MappingTest, TemplatesJoinColumnsAndConstants) {
  EXPECT_EQ(Product("fixed", "a,b\n1,2\n"), "fixed");
  EXPECT_EQ(Product("${a}", "a,b\n 1 ,2\n"), "1");
  EXPECT_EQ(Product("\"${a}-${b}\"", "a,b\n1,2\n"), "1-2");
  EXPECT_EQ(Product("\"${a}-${b}\"", "a,b\n,2\n"), "-2");
  EXPECT_EQ(Product("\"${a}-${b}\"", "a,b\n,\n"), "~");
  EXPECT_EQ(Product("\"$${a} ${b c}\"", "a,b c\n1,2\n"), "${a} 2");
  EXPECT_EQ(Product("{value: \"${a}\", trim: false}", "a\n\" 1 \"\n"), " 1 ");
}

TEST(MappingTest, EmptyAndNullValuesAreAbsent) {
  EXPECT_EQ(Product("${a}", "a,b\n,2\n"), "~");
  EXPECT_EQ(Product("${a}", "a\nNULL\n", "null_values: [NULL, \"-\"]"), "~");
  EXPECT_EQ(Product("{value: \"${a}\", default: none}", "a,b\n,1\n"), "none");
  EXPECT_EQ(Product("{first_of: [\"${a}\", \"${b}\", c]}", "a,b\n,2\n"), "2");
  EXPECT_EQ(Product("{first_of: [\"${a}\", \"${b}\", c]}", "a,b,d\n,,1\n"), "c");
}

TEST(MappingTest, StepsChangeTexts) {
  EXPECT_EQ(Product("{value: \"${a}\", strip_suffix: .0}", "a\n17850.0\n"), "17850");
  EXPECT_EQ(Product("{value: \"${a}\", strip_prefix: [X, Y-]}", "a\nY-7\n"), "7");
  EXPECT_EQ(Product("{value: \"${a}\", letters: upper}", "a\nstraße ä\n"), "STRASSE Ä");
  EXPECT_EQ(Product("{value: \"${a}\", letters: lower}", "a\nABC\n"), "abc");
  EXPECT_EQ(Product("{value: \"${a}\", replace: {match: \"[^0-9]\", with: \"\"}}", "a\n1-2 3\n"),
            "123");
  EXPECT_EQ(
      Product(
          "{value: \"${a}\", replace: [{match: \"^(..)\", with: '\\1/'}, {match: /, with: \"|\"}]}",
          "a\nabc\n"),
      "ab|c");
  EXPECT_EQ(Product("{value: \"${a}\", extract: \"no ([0-9]+)\"}", "a\norder no 77 x\n"), "77");
  EXPECT_EQ(Product("{value: \"${a}\", extract: \"no ([0-9]+)\"}", "a\norder\n"), "~");
  EXPECT_EQ(Product("{value: \"${a}\", unicode: nfkc}", "a\nＡ１　\n"), "A1");
  EXPECT_EQ(Product("{value: \"${a}\", unicode: nfc}", "a\ncafe\u0301\n"), "café");
}

TEST(MappingTest, MapsTranslateWithDefaultAndRefusal) {
  constexpr char kMap[] = "{A: x, B: ~}";
  EXPECT_EQ(Product(absl::StrCat("{value: \"${a}\", map: ", kMap, "}"), "a\nA\n"), "x");
  EXPECT_EQ(Product(absl::StrCat("{value: \"${a}\", map: ", kMap, "}"), "a\nB\n"), "~");
  EXPECT_THAT(Product(absl::StrCat("{value: \"${a}\", map: ", kMap, "}"), "a\nC\n"),
              "rejected UNMAPPED_VALUE product: `C` is not in the map");
  EXPECT_EQ(Product(absl::StrCat("{value: \"${a}\", map: ", kMap, ", default: z}"), "a\nC\n"), "z");
  EXPECT_EQ(Product(absl::StrCat("{value: \"${a}\", map: ", kMap, ", unmapped: keep}"), "a\nC\n"),
            "C");
  EXPECT_EQ(Product(absl::StrCat("{value: \"${a}\", map: ", kMap, ", unmapped: absent}"), "a\nC\n"),
            "~");
  EXPECT_EQ(Product("{value: \"${a}\", map: m}", "a\nEIRE\n",
                    "maps:\n  m: {ignore_case: true, values: {eire: ie}}"),
            "ie");
}

TEST(MappingTest, MapsComeFromFilesToo) {
  const testing::TempDir folder;
  folder.Write("codes.csv", "name;code\nEIRE;ie\nNowhere;\n");
  const std::string head = "maps:\n  m: {file: codes.csv, delimiter: \";\"}";
  EXPECT_EQ(Product("{value: \"${a}\", map: m}", "a\nEIRE\n", head, folder.path()), "ie");
  EXPECT_EQ(Product("{value: \"${a}\", map: m}", "a\nNowhere\n", head, folder.path()), "~");
}

TEST(MappingTest, CasesChooseByCondition) {
  const std::string expression =
      "{case: [{when: {column: a, prefix: C}, then: cancelled}, "
      "{when: {column: a, in: [x, y]}, then: \"${b}\"}, "
      "{when: {column: a, equals: z}, then: ~}], else: other}";
  EXPECT_EQ(Product(expression, "a,b\nC1,2\n"), "cancelled");
  EXPECT_EQ(Product(expression, "a,b\ny,2\n"), "2");
  EXPECT_EQ(Product(expression, "a,b\nz,2\n"), "~");
  EXPECT_EQ(Product(expression, "a,b\nq,2\n"), "other");
}

// Whether the only row is skipped by the condition.
bool Skips(std::string_view condition, const std::string& input, std::string_view head = "") {
  const Outcome outcome = MapOne(
      WithEvent(absl::StrCat(head, "\nskip: [{when: ", condition, ", reason: GONE}]"), ""), input);
  EXPECT_THAT(outcome.other, ::testing::AnyOf("", "skipped GONE"));
  return !outcome.other.empty();
}

TEST(MappingTest, ConditionsOnTexts) {
  EXPECT_TRUE(Skips("{column: a, equals: x}", "a\nx\n"));
  EXPECT_FALSE(Skips("{column: a, equals: x}", "a\nX\n"));
  EXPECT_TRUE(Skips("{column: a, equals: X, ignore_case: true}", "a\nx\n"));
  EXPECT_TRUE(Skips("{column: a, suffix: [b, c]}", "a\nxc\n"));
  EXPECT_TRUE(Skips("{column: a, contains: mid, prefix: a}", "a\nabmidz\n"));
  EXPECT_FALSE(Skips("{column: a, contains: mid, prefix: b}", "a\nabmidz\n"));
  EXPECT_TRUE(Skips("{column: a, matches: \"^[0-9]{3}$\"}", "a\n123\n"));
  EXPECT_TRUE(Skips("{column: a, empty: true}", "a,b\n,1\n"));
  EXPECT_TRUE(Skips("{column: a, empty: false}", "a,b\nx,1\n"));
  EXPECT_FALSE(Skips("{column: a, empty: false}", "a,b\n,1\n"));
  EXPECT_FALSE(Skips("{column: a, contains: x}", "a,b\n,1\n"));
  EXPECT_TRUE(Skips("{value: {value: \"${a}\", letters: lower}, equals: x}", "a\nX\n"));
  EXPECT_TRUE(Skips("{column: a, in_map: m}", "a\nx\n", "maps: {m: {values: {x: 1}}}"));
}

TEST(MappingTest, ConditionsCombine) {
  EXPECT_TRUE(Skips("{all: [{column: a, equals: x}, {column: b, equals: y}]}", "a,b\nx,y\n"));
  EXPECT_FALSE(Skips("[{column: a, equals: x}, {column: b, equals: z}]", "a,b\nx,y\n"));
  EXPECT_TRUE(Skips("{any: [{column: a, equals: z}, {column: b, equals: y}]}", "a,b\nx,y\n"));
  EXPECT_TRUE(Skips("{not: {column: a, equals: z}}", "a,b\nx,y\n"));
}

TEST(MappingTest, ConditionsOnNumbers) {
  EXPECT_TRUE(Skips("{number: \"${a}\", equals: 0}", "a\n0.00\n"));
  EXPECT_TRUE(Skips("{number: \"${a}\", less: 0}", "a\n-0.001\n"));
  EXPECT_FALSE(Skips("{number: \"${a}\", less: 0}", "a\n0\n"));
  EXPECT_TRUE(Skips("{number: \"${a}\", at_least: 5, at_most: 6}", "a\n6.0\n"));
  EXPECT_FALSE(Skips("{number: \"${a}\", greater: 6}", "a\n6.0\n"));
  EXPECT_FALSE(Skips("{number: \"${a}\", at_least: 0}", "a,b\n,1\n"));
  EXPECT_TRUE(Skips("{number: \"${sum}\", equals: 0}", "a,b\n1,-1\n",
                    "numbers: {sum: {sum: [\"${a}\", \"${b}\"]}}"));
}

TEST(MappingTest, AmountsAreExactAtTheScale) {
  EXPECT_EQ(Amount("${a}", "a\n12.34\n"), "1234");
  EXPECT_EQ(Amount("${a}", "a\n12\n", "scale: 3"), "12000");
  EXPECT_EQ(Amount("{product: [\"${a}\", \"${b}\"]}", "a,b\n80995,2.08\n", "scale: 3"),
            "168469600");
  EXPECT_EQ(Amount("{product: [\"${a}\", 0.01]}", "a\n1234\n"), "1234");
  EXPECT_EQ(Amount("{value: \"${a}\", absolute: true}", "a\n-5\n"), "500");
  EXPECT_EQ(Amount("{value: \"${a}\", negate: true}", "a\n-5\n"), "500");
  EXPECT_EQ(Amount("{value: \"${a}\", decimal: comma, thousands: \".\"}", "a\n\"1.234,5\"\n"),
            "123450");
  EXPECT_EQ(Amount("${a}", "a\n\"£ 1.234,5\"\n", "decimal: comma\nthousands: \".\""), "123450");
  EXPECT_EQ(Amount("{value: \"${a}\", default: 7}", "a,b\n,1\n"), "700");
  EXPECT_EQ(Amount("${a}", "a,b\n,1\n"), "~");
  EXPECT_EQ(Amount("{rounding: half_even, number: \"${a}\"}", "a\n0.125\n"), "12");
  EXPECT_THAT(Amount("${a}", "a\n0.125\n"), StartsWith("rejected TOO_MANY_DECIMALS amount: 0.125"));
  EXPECT_THAT(Amount("${a}", "a\nabc\n"), "rejected INVALID_NUMBER amount: `abc` is not a number");
  EXPECT_THAT(Amount("${a}", "a\n99999999999999999999\n"),
              StartsWith("rejected NUMBER_OUT_OF_RANGE"));
  EXPECT_EQ(Amount("{text: {value: \"${a}\", extract: \"([0-9.]+)\"}}", "a\nabout 3.5 kg\n"),
            "350");
}

TEST(MappingTest, SignAndPrefixGiveTheKind) {
  const std::string yaml =
      "numbers: {line: \"${a}\"}\nevent:\n  source: s\n  id: i\n  event_time: \"2024-01-01\"\n"
      "  kind: {sign_of: \"${line}\", negative: REFUND, positive: purchase}\n"
      "  amount: {value: \"${line}\", absolute: true}\n";
  EXPECT_EQ(MapOne(yaml, "a\n-1.5\n").event.kind(), ingest::v1::EVENT_KIND_REFUND);
  EXPECT_EQ(MapOne(yaml, "a\n-1.5\n").event.amount(), 150);
  EXPECT_EQ(MapOne(yaml, "a\n1.5\n").event.kind(), ingest::v1::EVENT_KIND_PURCHASE);
  EXPECT_EQ(MapOne(yaml, "a\n0\n").event.kind(), ingest::v1::EVENT_KIND_PURCHASE);
  EXPECT_THAT(MapOne(yaml, "a,b\n,1\n").other,
              "rejected MISSING_VALUE kind: the row has no value for it");
}

TEST(MappingTest, EnumsTakeShortAndLongNames) {
  const std::string yaml = WithEvent("", "  channel: ${a}\n");
  EXPECT_EQ(MapOne(yaml, "a\nonline\n").event.channel(), ingest::v1::CHANNEL_ONLINE);
  EXPECT_EQ(MapOne(yaml, "a\nCHANNEL_HYBRID\n").event.channel(), ingest::v1::CHANNEL_HYBRID);
  EXPECT_EQ(MapOne(yaml, "a,b\n,1\n").event.channel(), ingest::v1::CHANNEL_UNSPECIFIED);
  EXPECT_THAT(MapOne(yaml, "a\nonlin\n").other,
              "rejected UNKNOWN_VALUE channel: `onlin`; did you mean `ONLINE`?");
}

TEST(MappingTest, EveryFieldOfTheEventCanBeGiven) {
  const Outcome outcome = MapOne(R"(
time_zone: Asia/Shanghai
event:
  source: shop
  id: "${a}"
  revision: 2
  kind: REFUND
  event_time: {value: "2024-03-05 08:00", format: "%Y-%m-%d %H:%M"}
  original: {source: other, id: o1}
  order: n1
  transaction: {scheme: pay, id: t1}
  reporting_role: PAYMENT
  consumer: {scheme: e164, id: "+86"}
  consumer_region: r1
  provider_region: r2
  place_of_use: r3
  category: c
  product: p
  provider: q
  segment: PERSONS
  channel: OFFLINE
  payment_method: card
  age_band: 60+
  area_type: RURAL
  income_band: low
  scenario: s
  project: j
  activity: k
  amount: 5
  voucher_amount: 1.5
  quantity: 3
  attributes: {z: "1", a: "${a}", gone: "${b}"}
  currency: CNY
)",
                                 "a,b\nx,\n");
  EXPECT_EQ(outcome.other, "");
  const ingest::v1::Event& event = outcome.event;
  EXPECT_EQ(event.revision(), 2u);
  EXPECT_EQ(event.event_time_us(), 1709596800000000);
  EXPECT_EQ(event.original().source(), "other");
  EXPECT_EQ(event.transaction().id(), "t1");
  EXPECT_EQ(event.consumer().id(), "+86");
  EXPECT_EQ(event.amount(), 500);
  EXPECT_EQ(event.voucher_amount(), 150);
  EXPECT_EQ(event.quantity(), 3);
  EXPECT_EQ(event.attributes().size(), 2u);
  EXPECT_EQ(event.attributes().at("a"), "x");
  // No field of the contract was forgotten.
  std::vector<const google::protobuf::FieldDescriptor*> set;
  event.GetReflection()->ListFields(event, &set);
  EXPECT_EQ(static_cast<int>(set.size()), event.GetDescriptor()->field_count());
}

TEST(MappingTest, OriginalMayBeAnIdAlone) {
  const Outcome outcome = MapOne(WithEvent("", "  original: ${a}\n"), "a\no7\n");
  EXPECT_EQ(outcome.event.original().id(), "o7");
  EXPECT_EQ(outcome.event.original().source(), "");
  EXPECT_FALSE(MapOne(WithEvent("", "  original: ${a}\n"), "a,b\n,1\n").event.has_original());
}

TEST(MappingTest, TimesTryFormatsInOrderAndObeyTheZone) {
  const std::string yaml =
      "time_zone: Europe/London\nevent:\n  source: s\n  id: i\n  kind: SERVICE_USE\n"
      "  event_time: {value: \"${t}\", format: [\"%d/%m/%Y %H:%M\", iso8601], gap: reject}\n";
  EXPECT_EQ(MapOne(yaml, "t\n01/07/2011 01:00\n").event.event_time_us(), 1309478400000000);
  EXPECT_EQ(MapOne(yaml, "t\n2011-07-01T00:00:00Z\n").event.event_time_us(), 1309478400000000);
  EXPECT_THAT(MapOne(yaml, "t\n2011-03-27 01:30\n").other,
              StartsWith("rejected TIME_IN_GAP event_time"));
  EXPECT_THAT(MapOne(yaml, "t\n31/02/2011 01:00\n").other,
              StartsWith("rejected INVALID_TIME event_time"));
  EXPECT_THAT(MapOne(yaml, "t,b\n,1\n").other, StartsWith("rejected MISSING_VALUE event_time"));
}

TEST(MappingTest, FilesAreJoinedByKeyAlsoInARow) {
  const testing::TempDir folder;
  folder.Write("orders.csv", "order_id,customer_id\no1,c1\no2,c9\n");
  folder.Write("customers.tsv", "id\tcity\nc1\tNingbo\n");
  const std::string head = R"(
join:
  orders: {file: orders.csv, "on": "${order}"}
  customers: {file: customers.tsv, "on": "${orders.customer_id}", missing: MISSING}
)";
  const auto at = [&](const char* missing, const std::string& input) {
    std::string yaml = WithEvent(head, "  product: ${customers.city}\n");
    yaml.replace(yaml.find("MISSING"), 7, missing);
    const Outcome outcome = MapOne(yaml, input, folder.path());
    return outcome.other.empty() ? outcome.event.product() : outcome.other;
  };
  EXPECT_EQ(at("absent", "order\no1\n"), "Ningbo");
  EXPECT_EQ(at("absent", "order\no2\n"), "");
  EXPECT_EQ(at("reject", "order\no2\n"),
            "rejected MISSING_JOIN_ROW product: customers has no row for `c9`");
}

TEST(MappingTest, NamedValuesThatFailRejectOnlyWhereUsed) {
  const std::string yaml = WithEvent(
      "numbers: {line: \"${a}\"}\nskip: [{when: {column: b, equals: x}, reason: IGNORED}]",
      "  amount: ${line}\n");
  EXPECT_EQ(MapOne(yaml, "a,b\nbad,x\n").other, "skipped IGNORED");
  EXPECT_THAT(MapOne(yaml, "a,b\nbad,y\n").other, StartsWith("rejected INVALID_NUMBER amount"));
}

TEST(MappingTest, LetNamesTextsForLater) {
  EXPECT_EQ(Product("\"${both}!\"", "a,b\n1,2\n", "let: {both: \"${a}/${b}\"}"), "1/2!");
  EXPECT_EQ(Product("${n}", "a\n1.50\n", "numbers: {n: \"${a}\"}"), "1.5");
}

TEST(MappingTest, DamagedRowsAreRejected) {
  auto mapper = OpenMapping(WithEvent("", "  product: ${a}\n"), "a,b\n1\n2,3\n");
  ASSERT_TRUE(mapper.ok());
  const std::vector<Outcome> outcomes = mapper->Rest();
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[0].other, "rejected DAMAGED_ROW : 1 fields, want 2");
  EXPECT_EQ(outcomes[1].event.product(), "2");
}

TEST(MappingTest, JsonLinesUsePaths) {
  auto mapper = OpenMapping(WithEvent("", "  product: ${item.sku}\n  amount: ${item.price}\n"),
                            R"({"item":{"sku":"a","price":12.10}})"
                            "\n",
                            "", {}, "in.jsonl.gz");
  ASSERT_TRUE(mapper.ok()) << mapper.status();
  const std::vector<Outcome> outcomes = mapper->Rest();
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].event.product(), "a");
  EXPECT_EQ(outcomes[0].event.amount(), 1210);
}

class FakeResolver final : public NameResolver {
 public:
  absl::Status Prepare(NameKind) override { return prepared; }
  absl::StatusOr<std::string> Resolve(NameKind, std::string_view name) override {
    ++asked;
    if (name == "Ningbo") return "cn-330200";
    if (name == "Springfield") return absl::FailedPreconditionError("several regions");
    return absl::NotFoundError("no such region");
  }
  absl::Status prepared;
  int asked = 0;
};

TEST(MappingTest, LookupsAskTheCatalogOncePerName) {
  FakeResolver resolver;
  const Mapping::Options options{.resolver = &resolver};
  auto mapper =
      OpenMapping(WithEvent("", "  consumer_region: {value: \"${a}\", lookup: regions}\n"),
                  "a\nNingbo\nNingbo\nAtlantis\nAtlantis\nSpringfield\n", "", options);
  ASSERT_TRUE(mapper.ok());
  const std::vector<Outcome> outcomes = mapper->Rest();
  EXPECT_EQ(outcomes[1].event.consumer_region(), "cn-330200");
  EXPECT_EQ(outcomes[2].other, "rejected UNKNOWN_NAME consumer_region: no such region");
  EXPECT_EQ(outcomes[4].other, "rejected AMBIGUOUS_NAME consumer_region: several regions");
  EXPECT_EQ(resolver.asked, 3);
  EXPECT_EQ(Product("{value: \"${a}\", lookup: regions, unmapped: absent}", "a\nAtlantis\n", "", "",
                    options),
            "~");
}

TEST(MappingTest, ACatalogThatIsAwayEndsTheImportAndRejectsNoRow) {
  FakeResolver resolver;
  resolver.prepared = absl::UnavailableError("no catalog");
  const auto mapper =
      OpenMapping(WithEvent("", "  consumer_region: {value: \"${a}\", lookup: regions}\n"),
                  "a\nNingbo\n", "", {.resolver = &resolver});
  EXPECT_EQ(mapper.status(), resolver.prepared);
}

TEST(MappingTest, LongTextsAreCutBetweenCharactersInMessages) {
  std::string text = "x";
  for (int i = 0; i < 40; ++i) text += "宁";
  const Outcome outcome =
      MapOne(WithEvent("", "  amount: ${a}\n"), absl::StrCat("a\n", text, "\n"));
  // 60 bytes would end within the twentieth.
  EXPECT_EQ(outcome.other, absl::StrCat("rejected INVALID_NUMBER amount: `",
                                        text.substr(0, 1 + 3 * 19), "...` is not a number"));
}

TEST(MappingTest, BrokenBytesAreLeftForTheServiceToReject) {
  for (const char* steps : {"unicode: nfkc", "letters: upper"}) {
    auto mapper =
        OpenMapping(WithEvent("", absl::StrCat("  product: {value: \"${a}\", ", steps, "}\n")),
                    "a\n\xff\xe5\n");
    ASSERT_TRUE(mapper.ok()) << mapper.status();
    const auto row = mapper->opened.reader->Next();
    ASSERT_TRUE(row.ok());
    const Mapped mapped = mapper->opened.mapper->Map(**row);
    EXPECT_THAT(std::string(mapped.event), HasSubstr("\xff\xe5")) << steps;
  }
}

TEST(MappingTest, ObservatorysUnitsAreTheDefaultAndMustAgree) {
  const Mapping::Options options{
      .observatory = ObservatoryUnits{.time_zone = "Asia/Shanghai", .currency = "CNY", .scale = 3}};
  const Outcome outcome = MapOne(WithEvent("", "  amount: 1\n"), "a\n1\n", "", options);
  EXPECT_EQ(outcome.event.amount(), 1000);
  EXPECT_EQ(outcome.event.event_time_us(), 1704038400000000);
  EXPECT_THAT(OpenMapping(WithEvent("scale: 2", ""), "a\n1\n", "", options).status().message(),
              HasSubstr("map.yaml:1: scale: the observatory counts in 3"));
  EXPECT_THAT(OpenMapping(WithEvent("currency: GBP", ""), "a\n1\n", "", options).status().message(),
              HasSubstr("the observatory counts in CNY"));
}

}  // namespace
}  // namespace tidemark::importer
