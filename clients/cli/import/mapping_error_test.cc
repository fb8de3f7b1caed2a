#include "clients/cli/import/mapping_testing.h"
#include "common/testing/temp_dir.h"

namespace tidemark::importer {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string ErrorOf(const std::string& yaml, const std::string& folder = "") {
  const auto mapper = OpenMapping(yaml, "Invoice,Price\n1,2\n", folder);
  return mapper.ok() ? "no error" : std::string(mapper.status().message());
}

TEST(MappingErrorTest, UnknownKeysNameTheNearest) {
  EXPECT_EQ(ErrorOf("delimeter: \";\"\n"),
            "map.yaml:1: delimeter: unknown key; did you mean `delimiter`?");
  EXPECT_EQ(ErrorOf(WithEvent("", "  amuont: 1\n")),
            "map.yaml:7: event.amuont: unknown key; did you mean `amount`?");
  EXPECT_EQ(ErrorOf(WithEvent("", "  amount: {value: 1, absolut: true}\n")),
            "map.yaml:7: event.amount.absolut: unknown key; did you mean `absolute`?");
  EXPECT_THAT(ErrorOf(WithEvent("", "  product: {value: x, mapp: {}}\n")), HasSubstr("`map`"));
  EXPECT_THAT(ErrorOf(WithEvent("skip: [{wen: {}, reason: A}]", "")), HasSubstr("`when`"));
  EXPECT_THAT(ErrorOf(WithEvent("maps: {m: {valeus: {}}}", "")), HasSubstr("`values`"));
}

TEST(MappingErrorTest, UnknownColumnsNameTheNearest) {
  EXPECT_EQ(ErrorOf(WithEvent("", "  order: ${invoice}\n")),
            "map.yaml:7: event.order: no column or name `invoice`; did you mean `Invoice`?");
  EXPECT_EQ(ErrorOf(WithEvent("", "  order: ${qqqqqqqqq}\n")),
            "map.yaml:7: event.order: no column or name `qqqqqqqqq`; known: Invoice, Price");
  EXPECT_THAT(ErrorOf(WithEvent("", "  product: {value: x, map: nope}\n")),
              HasSubstr("`maps` has no `nope`"));
}

TEST(MappingErrorTest, ObjectsThatAreReadAsATableAreTold) {
  const auto mapper =
      OpenMapping(WithEvent("", "  order: ${order}\n"), "{\"order\":1,\"x\":2}\n", "");
  EXPECT_THAT(std::string(mapper.status().message()),
              HasSubstr("looks like JSON lines: add `format: jsonl`"));
}

TEST(MappingErrorTest, EachErrorNamesItsPlace) {
  EXPECT_THAT(ErrorOf("event: [\n"), HasSubstr("map.yaml:2: not YAML"));
  EXPECT_EQ(ErrorOf("- a\n"), "map.yaml:1: want `key: value` pairs");
  EXPECT_THAT(ErrorOf("scale: 2\nscale: 3\n"), HasSubstr("map.yaml:2: scale: stands here twice"));
  EXPECT_THAT(ErrorOf("scale: 9\n"), HasSubstr("map.yaml:1: scale: `9`, want a whole number"));
  EXPECT_THAT(ErrorOf("time_zone: Mars\n"), HasSubstr("map.yaml:1: time_zone: `Mars`"));
  EXPECT_THAT(ErrorOf("scale: 2\n"), HasSubstr("event: missing"));
  EXPECT_THAT(ErrorOf("event: {source: s, id: i, kind: PURCHASE}\n"),
              HasSubstr("event.event_time: missing"));
  EXPECT_THAT(ErrorOf(WithEvent("", "  segment: PERSON\n")),
              HasSubstr("event.segment: `PERSON`; did you mean `PERSONS`?"));
  EXPECT_THAT(ErrorOf(WithEvent("", "  amount: Price\n")),
              HasSubstr("`Price` is not a number; a column is written ${Price}"));
  EXPECT_THAT(ErrorOf(WithEvent("", "  product: ${Price\n")), HasSubstr("is not closed"));
  EXPECT_THAT(ErrorOf(WithEvent("", "  product: {value: x, first_of: [y]}\n")),
              HasSubstr("exactly one of"));
  EXPECT_THAT(ErrorOf(WithEvent("", "  product: {value: x, unmapped: keep}\n")),
              HasSubstr("goes with `map` or `lookup`"));
  EXPECT_THAT(ErrorOf(WithEvent("", "  product: {value: x, extract: \"(\"}\n")),
              HasSubstr("no regular expression"));
  EXPECT_THAT(ErrorOf(WithEvent("", "  product: {value: x, replace: {match: a, with: '\\1'}}\n")),
              HasSubstr("event.product.replace.with"));
  EXPECT_THAT(ErrorOf(WithEvent("", "  product: {value: x, lookup: regions}\n")),
              HasSubstr("needs the catalog"));
  EXPECT_THAT(ErrorOf(WithEvent("skip: [{when: {column: Price}, reason: A}]", "")),
              HasSubstr("want one of `equals`"));
  const auto condition_error = [](const std::string& condition) {
    return ErrorOf(
        WithEvent("maps: {m: {values: {a: b}}}\nskip: [{when: " + condition + ", reason: A}]", ""));
  };
  // What would else be passed over in silence.
  EXPECT_THAT(condition_error("{column: Price, equals: 0, less: 3}"),
              HasSubstr("when.less: compares a `number`"));
  EXPECT_THAT(condition_error("{column: Price, equals: 0, in: [1]}"),
              HasSubstr("want one of `equals` and `in`"));
  EXPECT_THAT(condition_error("{column: Price, in_map: m, ignore_case: true}"),
              HasSubstr("when.in_map: set `ignore_case` in the map, too"));
  EXPECT_THAT(ErrorOf(WithEvent("maps: {m: {values: {A: x, a: y}, ignore_case: true}}", "")),
              HasSubstr("maps.m.values.a: stands here twice when case is ignored"));
  EXPECT_THAT(ErrorOf(WithEvent("skip: [{when: {column: Price, equals: 0}, reason: zero}]", "")),
              HasSubstr("UPPER_SNAKE_CASE"));
  EXPECT_THAT(ErrorOf(WithEvent("skip: [{when: {number: \"${Price}\"}, reason: A}]", "")),
              HasSubstr("`at_least`"));
  EXPECT_THAT(ErrorOf(WithEvent("let: {Price: x}", "")), HasSubstr("name of something else"));
  EXPECT_THAT(ErrorOf("delimiter: ab\n"), HasSubstr("one ASCII character"));
  EXPECT_THAT(ErrorOf("encoding: klingon\n" + WithEvent("", "")), HasSubstr("klingon"));
  EXPECT_THAT(ErrorOf("decimal: comma\nthousands: \",\"\n" + WithEvent("", "")),
              HasSubstr("same sign"));
}

TEST(MappingErrorTest, TablesAreCheckedWhenLoaded) {
  const testing::TempDir folder;
  folder.Write("t.csv", "k,v\na,1\na,2\n");
  EXPECT_THAT(ErrorOf(WithEvent("maps: {m: {file: nope.csv}}", ""), folder.path()),
              AllOf(HasSubstr("map.yaml:1: maps.m.file"), HasSubstr("nope.csv")));
  folder.Write("case.csv", "k,v\na,1\nA,2\n");
  EXPECT_THAT(
      ErrorOf(WithEvent("maps: {m: {file: case.csv, ignore_case: true}}", ""), folder.path()),
      HasSubstr("`A`: stands here twice when case is ignored"));
  EXPECT_THAT(ErrorOf(WithEvent("maps: {m: {file: t.csv}}", ""), folder.path()),
              HasSubstr("line 3: `a` stands twice"));
  EXPECT_THAT(
      ErrorOf(WithEvent("maps: {m: {file: t.csv, duplicates: last, key: K}}", ""), folder.path()),
      HasSubstr("did you mean `k`"));
  EXPECT_THAT(ErrorOf(WithEvent("join: {j: {file: t.csv, duplicates: first}}", ""), folder.path()),
              HasSubstr("join.j.on: missing"));
  EXPECT_EQ(ErrorOf(WithEvent("maps: {m: {file: t.csv, duplicates: last}}", ""), folder.path()),
            "no error");
}

}  // namespace
}  // namespace tidemark::importer
