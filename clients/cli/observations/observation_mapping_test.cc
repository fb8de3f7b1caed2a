#include "clients/cli/observations/observation_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "clients/cli/observations/cell_reader.h"
#include "clients/cpp/catalog/period_text.h"
#include "common/testing/status_matchers.h"
#include "common/testing/temp_dir.h"

namespace tidemark::observations {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using tidemark::testing::StatusIs;

constexpr char kVintage[] = "vintage: {id: v, publisher: nbs, published: 2021-10-01}\n";

absl::StatusOr<StatedFile> Read(const std::string& mapping, const std::string& text,
                                importer::NameResolver* resolver = nullptr) {
  auto parsed = ObservationMapping::Parse(mapping, "m.yaml", ".", "in.csv");
  if (!parsed.ok()) return parsed.status();
  std::istringstream in(text);
  return parsed->Read(importer::StreamSource(in), resolver);
}

// "gdp cn-33 2020 64613.3 PROVISIONAL"
std::vector<std::string> Lines(const StatedFile& file) {
  std::vector<std::string> lines;
  for (const auto& [series, regions] : file.series) {
    for (const auto& [region, cells] : regions) {
      for (const auto& [key, cell] : cells) {
        std::string line = absl::StrCat(series.substr(series.find('/') + 1), " ", region, " ",
                                        *catalog_client::PeriodText(cell.period()), " ",
                                        cell.has_value() ? cell.value().value() : "none");
        if (cell.status() != 0) absl::StrAppend(&line, " ", cell.status());
        if (cell.break_before()) absl::StrAppend(&line, " break");
        lines.push_back(line);
      }
    }
  }
  return lines;
}

class FakeNames final : public importer::NameResolver {
 public:
  absl::Status Prepare(importer::NameKind) override { return absl::OkStatus(); }
  absl::StatusOr<std::string> Resolve(importer::NameKind, std::string_view name) override {
    if (name == "北京市") return "cn-11";
    if (name == "浙江省") return "cn-33";
    return absl::NotFoundError(absl::StrCat("no region `", name, "`"));
  }
};

TEST(ObservationMappingTest, ReadsRegionsAcrossAndYearsDown) {
  FakeNames names;
  const auto file = Read(absl::StrCat(kVintage,
                                      "cells: {except: [column1]}\n"
                                      "series: gdp\n"
                                      "region: {value: '${heading}', lookup: regions}\n"
                                      "period: ${column1}\n"
                                      "value: ${cell}\n"),
                         ",北京市,浙江省\n2020,36102.6,64613.3\n2019,35445.1,62462.0\n", &names);
  ASSERT_OK(file);
  EXPECT_THAT(file->problems, ElementsAre());
  EXPECT_THAT(Lines(*file),
              ElementsAre("gdp regions/cn-11 2019 35445.1", "gdp regions/cn-11 2020 36102.6",
                          "gdp regions/cn-33 2019 62462.0", "gdp regions/cn-33 2020 64613.3"));
  EXPECT_EQ(file->cells, 4u);
}

TEST(ObservationMappingTest, ReadsYearsAcrossFromGbkAndRegionsByCode) {
  // 内蒙古区 in GBK, a name that no table has.
  const std::string text =
      "code,Provinces,2000,2001\r\n150000000,\xc4\xda\xc3\xc9\xb9\xc5\xc7\xf8,1401.01,\"1,713."
      "8\"\r\n";
  const auto file = Read(absl::StrCat(kVintage,
                                      "encoding: gbk\nthousands: ','\n"
                                      "cells: {except: [code, Provinces]}\n"
                                      "series: gdp\n"
                                      "region: {value: '${code}', extract: '(..)0000000', "
                                      "map: provinces}\n"
                                      "period: ${heading}\nvalue: ${cell}\n"
                                      "maps: {provinces: {values: {'15': cn-15}}}\n"),
                         text);
  ASSERT_OK(file);
  EXPECT_THAT(file->problems, ElementsAre());
  EXPECT_THAT(Lines(*file),
              ElementsAre("gdp regions/cn-15 2000 1401.01", "gdp regions/cn-15 2001 1713.8"));
}

TEST(ObservationMappingTest, ReadsYearsQuartersAndMonthsOfOneFile) {
  const std::string text =
      "\"Title\",\"Internet sales, %\",\"Retail, £\"\n\"CDID\",\"J4MC\",\"JE2J\"\n"
      "\"Unit\",\"%\",\"m\"\n\"Release Date\",\"20-02-2026\",\"20-02-2026\"\n"
      "\"2025\",\"27.4\",\"\"\n\"2025 Q1\",\"26.0\",\"1,204.0\"\n\"2025 JAN\",\"25.1\",\"..\"\n";
  const auto file =
      Read(absl::StrCat(kVintage,
                        "skip_lines: 1\nthousands: ','\nnull_values: ['..']\n"
                        "cells: {except: [CDID]}\n"
                        "series: {value: 'drsi-${heading}', letters: lower}\nregion: gb\n"
                        "period: {value: '${CDID}', map: {Unit: ~, Release Date: ~}, unmapped: "
                        "keep}\nvalue: ${cell}\n"),
           text);
  ASSERT_OK(file);
  EXPECT_THAT(file->problems, ElementsAre());
  EXPECT_THAT(Lines(*file),
              ElementsAre("drsi-j4mc regions/gb 2025-01 25.1", "drsi-j4mc regions/gb 2025-Q1 26.0",
                          "drsi-j4mc regions/gb 2025 27.4", "drsi-je2j regions/gb 2025-Q1 1204.0"));
  EXPECT_EQ(file->empty_cells, 6u);
}

TEST(ObservationMappingTest, JanuaryAndFebruaryTogetherAreOnePeriod) {
  const auto file = Read(absl::StrCat(kVintage,
                                      "cells: {columns: [retailAmount, monthlyGrowth]}\n"
                                      "series: {value: '${heading}', map: {retailAmount: retail, "
                                      "monthlyGrowth: retail-growth}}\n"
                                      "region: cn\nperiod: ${time}\nvalue: ${cell}\n"),
                         "time,retailAmount,monthlyGrowth,other\n2012年1-2月,33668.6,14.7,1\n"
                         "2012年3月,15650.2,15.2,2\n");
  ASSERT_OK(file);
  EXPECT_THAT(Lines(*file), ElementsAre("retail regions/cn 2012-01..02 33668.6",
                                        "retail regions/cn 2012-03 15650.2",
                                        "retail-growth regions/cn 2012-01..02 14.7",
                                        "retail-growth regions/cn 2012-03 15.2"));
}

TEST(ObservationMappingTest, ReadsSdmxCsvWithItsStatuses) {
  const std::string text =
      "DATAFLOW,FREQ,REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n"
      "X:Y(1.0),A,CN,GDP,2023,1260582.1,P\nX:Y(1.0),A,CN,GDP,2022,1204724.0,A\n"
      "X:Y(1.0),Q,CN,GDP,2023-Q1,284997,B\nX:Y(1.0),A,CN,GDP,2021,,M\nX:Y(1.0),A,XX,GDP,2021,,A\n";
  const auto file = Read(absl::StrCat(kVintage,
                                      "series: {value: '${INDICATOR}', letters: lower}\n"
                                      "region: {value: '${REF_AREA}', letters: lower}\n"
                                      "period: ${TIME_PERIOD}\nvalue: ${OBS_VALUE}\n"
                                      "status: ${OBS_STATUS}\n"),
                         text);
  ASSERT_OK(file);
  EXPECT_THAT(file->problems, ElementsAre());
  EXPECT_THAT(
      Lines(*file),
      ElementsAre("gdp regions/cn 2021 none 8", "gdp regions/cn 2022 1204724.0",
                  "gdp regions/cn 2023-Q1 284997 break", "gdp regions/cn 2023 1260582.1 2"));
}

TEST(ObservationMappingTest, DaysCanStandForQuarters) {
  const auto file =
      Read(absl::StrCat(kVintage,
                        "series: ecomsa\nregion: us\nvalue: ${ECOMSA}\n"
                        "period: {day: '${DATE}', form: '%m/%d/%Y', grain: quarter}\n"),
           "DATE,ECOMSA\n10/1/1999,4468\n1/1/2000,5586\n");
  ASSERT_OK(file);
  EXPECT_THAT(Lines(*file),
              ElementsAre("ecomsa regions/us 1999-Q4 4468", "ecomsa regions/us 2000-Q1 5586"));
}

// docs/observations-mapping.md and what the code knows must not drift apart.
TEST(ObservationMappingTest, ThePageNamesEveryKeyAndItsMappingsAreRight) {
  const std::string page = tidemark::testing::ReadFileOrDie(std::string(TIDEMARK_REPOSITORY) +
                                                            "/docs/observations-mapping.md");
  for (const std::string& key : CellReader::Keys()) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat("`", key, "`")));
  }
  int mappings = 0;
  for (size_t at = page.find("```yaml\nvintage:"); at != std::string::npos;
       at = page.find("```yaml\nvintage:", at + 1)) {
    const size_t start = at + 8;
    const auto parsed = ObservationMapping::Parse(
        page.substr(start, page.find("```", start) - start), "page", ".", "in.csv");
    EXPECT_OK(parsed);
    ++mappings;
  }
  EXPECT_EQ(mappings, 5);
}

TEST(ObservationMappingTest, SaysWhereACellCannotBeRead) {
  const std::string mapping = absl::StrCat(kVintage,
                                           "cells: {except: [p]}\nseries: gdp\nregion: ${heading}\n"
                                           "period: ${p}\nvalue: ${cell}\nmissing: state\n");
  const auto file = Read(mapping, "p,cn,us\n2020,1,\n20x0,2,3\n2021,many,4\n2020,1,5\n2020,7,\n");
  ASSERT_OK(file);
  EXPECT_EQ(file->problem_count, 5u);
  EXPECT_THAT(
      file->problems,
      ElementsAre(HasSubstr("line 3, column `cn`: period: `20x0` is no period"),
                  HasSubstr("line 3, column `us`"),
                  HasSubstr("line 4, column `cn`: value: `many` is not a number"),
                  HasSubstr("line 5, column `us`: observationSeries/gdp regions/us 2020 stands "
                            "in the file already"),
                  HasSubstr("line 6, column `cn`: observationSeries/gdp regions/cn 2020")));
  EXPECT_THAT(Read(absl::StrCat(kVintage, "series: gdp\nregion: cn\nvalue: ${v}\n"), "v\n1\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("period: missing")));
  EXPECT_THAT(Read("series: gdp\n", "v\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("vintage: missing")));
  EXPECT_THAT(Read(absl::StrCat(kVintage, "regoin: cn\n"), "v\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("region")));
}

TEST(ObservationMappingTest, NumbersKeepTheirDigits) {
  const auto published = [](const char* text) {
    return PublishedNumber(*importer::ParseDecimal(text, {.thousands = ','})).value_or("none");
  };
  EXPECT_EQ(published("11.0"), "11.0");
  EXPECT_EQ(published("-0.40"), "-0.40");
  EXPECT_EQ(published("-0.0"), "0.0");
  EXPECT_EQ(published("1,234,567.50"), "1234567.50");
  EXPECT_EQ(published("007"), "7");
  EXPECT_EQ(published("1e3"), "1000");
  EXPECT_EQ(published("1e-05"), "0.00001");
  EXPECT_EQ(published("999999999999999999"), "999999999999999999");
  EXPECT_EQ(published("1000000000000000000"), "none");
}

}  // namespace
}  // namespace tidemark::observations
