#include "clients/cli/observations/vintage_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/testing/status_matchers.h"

namespace tidemark::observations {
namespace {

using ::testing::HasSubstr;
using tidemark::testing::StatusIs;

void Fill(StatedSeries& stated, const std::string& series, int regions, int cells) {
  for (int r = 0; r < regions; ++r) {
    auto& row = stated[series][absl::StrFormat("regions/r%04d", r)];
    for (int c = 0; c < cells; ++c) {
      catalog::v1::VintageCell& cell = row[{c, c + 1}];
      cell.mutable_period()->set_grain(type::v1::PERIOD_GRAIN_DAY);
      cell.mutable_value()->set_value("123456.78");
    }
  }
}

int CellsOf(const catalog::v1::Resource& resource) {
  int cells = 0;
  for (const auto& series : resource.vintage().series()) {
    for (const auto& region : series.regions()) cells += region.cells_size();
  }
  return cells;
}

TEST(VintageBuilderTest, AFileIsOneVintageWhereItFits) {
  StatedSeries stated;
  Fill(stated, "observationSeries/b", 2, 3);
  Fill(stated, "observationSeries/a", 1, 1);
  const auto vintages = BuildVintages("gdp", {}, stated);
  ASSERT_OK(vintages);
  ASSERT_EQ(vintages->size(), 1u);
  EXPECT_EQ((*vintages)[0].name(), "vintages/gdp");
  EXPECT_EQ((*vintages)[0].vintage().series(0).series(), "observationSeries/a");
  EXPECT_EQ(CellsOf((*vintages)[0]), 7);
  EXPECT_THAT(BuildVintages("gdp", {}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no cell")));
}

TEST(VintageBuilderTest, ALargeFileIsSplitBySeriesThenByRegion) {
  StatedSeries stated;
  Fill(stated, "observationSeries/a", 1, 20'000);
  Fill(stated, "observationSeries/b", 60, 2000);
  Fill(stated, "observationSeries/c", 1, 10);
  const auto vintages = BuildVintages("big", {}, stated);
  ASSERT_OK(vintages);
  int cells = 0;
  for (size_t i = 0; i < vintages->size(); ++i) {
    EXPECT_EQ((*vintages)[i].name(), absl::StrCat("vintages/big-", i + 1));
    EXPECT_LE((*vintages)[i].ByteSizeLong(), size_t{1} << 20);
    EXPECT_LE(CellsOf((*vintages)[i]), 50'000);
    EXPECT_GT(CellsOf((*vintages)[i]), 0);
    cells += CellsOf((*vintages)[i]);
  }
  EXPECT_EQ(cells, 140'010);
}

TEST(VintageBuilderTest, ACompletePublicationKeepsASeriesTogether) {
  StatedSeries stated;
  Fill(stated, "observationSeries/a", 60, 2000);
  catalog::v1::Vintage about;
  about.set_complete(true);
  EXPECT_THAT(BuildVintages("big", about, stated),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("complete")));
}

}  // namespace
}  // namespace tidemark::observations
