#include "services/catalog/observations/row_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>

#include "absl/strings/str_cat.h"
#include "services/catalog/types/document_message.h"
#include "tidemark/catalog/v1/observations.pb.h"

namespace tidemark::catalog {
namespace {

std::string RegionName(unsigned i) { return absl::StrCat("regions/r", 10 + i); }

// Vintages of one series, each of some regions in any order.
std::vector<SeriesStatement> SomeStatements(std::mt19937& random) {
  std::vector<SeriesStatement> statements;
  for (unsigned i = 0, count = random() % 6; i < count; ++i) {
    v1::Vintage vintage;
    v1::VintageSeries& series = *vintage.add_series();
    series.set_series("observationSeries/s");
    std::vector<unsigned> regions(12);
    std::iota(regions.begin(), regions.end(), 0);
    std::shuffle(regions.begin(), regions.end(), random);
    regions.resize(random() % regions.size());
    for (const unsigned region : regions) series.add_regions()->set_region(RegionName(region));
    auto resource = std::make_shared<Resource>();
    resource->name = absl::StrCat("vintages/v", i);
    resource->content = DocumentOf(Type::kVintage, vintage);
    statements.push_back(StatementsOf(StatedVintageOf(resource, i + 1)).at(0).second);
  }
  return statements;
}

using Rows = std::map<std::string, std::vector<uint32_t>>;

Rows RowsOf(RowReader reader) {
  Rows rows;
  std::string last;
  for (; const StatedRow* row = reader.row(); reader.Next()) {
    EXPECT_LT(last, row->region);
    last = std::string(row->region);
    for (const StatedRow::Part& part : row->parts) {
      v1::VintageRegion region;
      EXPECT_TRUE(region.ParseFromArray(part.body.data(), static_cast<int>(part.body.size())));
      EXPECT_EQ(region.region(), row->region);
      rows[last].push_back(part.statement);
    }
  }
  return rows;
}

TEST(RowReaderTest, GivesEveryRowFromAnyRegionOnWithItsStatementsInOrder) {
  std::mt19937 random(20240229);
  for (int round = 0; round < 300; ++round) {
    const std::vector<SeriesStatement> statements = SomeStatements(random);
    std::vector<std::string> wanted;
    for (unsigned i = 0; i < 14; ++i) {
      if (round % 2 == 0 && random() % 3 == 0) wanted.push_back(RegionName(i));
    }
    const std::string from = random() % 2 == 0 ? "" : RegionName(random() % 14);
    Rows expected;
    for (uint32_t i = 0; i < statements.size(); ++i) {
      for (const StatedRegion& stated : *statements[i].regions) {
        const std::string region(stated.region);
        const bool is_wanted =
            wanted.empty() || std::binary_search(wanted.begin(), wanted.end(), region);
        if (is_wanted && region >= from) expected[region].push_back(i);
      }
    }
    EXPECT_EQ(RowsOf(RowReader(statements, wanted, from)), expected);
  }
}

}  // namespace
}  // namespace tidemark::catalog
