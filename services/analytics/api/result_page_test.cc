#include "services/analytics/api/result_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/testing/proto_matchers.h"
#include "tidemark/analytics/v1/result.pb.h"

namespace tidemark::analytics {
namespace {

using ::tidemark::testing::EqualsText;

class ResultPageTest : public ::testing::Test {
 protected:
  ResultPageTest() {
    catalog_client::CatalogBuilder catalog;
    catalog.Region("cn-33", catalog_client::RegionLevel::kProvince);
    (*catalog.Put("regions/cn-33").mutable_display_names())["zh"] = "浙江";
    catalog.Put("scenarios/one-card").mutable_scenario();
    (*catalog.Put("scenarios/one-card").mutable_display_names())["zh"] = "一卡通";
    view_ = catalog.View();
  }
  std::shared_ptr<const catalog_client::CatalogView> view_;
};

TEST_F(ResultPageTest, WritesValuesNullsMembersAndLabels) {
  Column place{.name = "consumer_region",
               .kind = ColumnKind::kDimension,
               .type = Column::Type::kTexts,
               .dimension = FindDimension("consumer_region")};
  place.members = {{"cn-33"}, {"cn", MemberKind::kUnallocated}, {"", MemberKind::kUnknown}};
  place.texts = {2, 0, 2, 1};
  Column net{.name = "net", .unit = "CNY", .decimals = 2};
  net.integers = {-5, 0, 7, 8};
  net.SetNull(1, NullReason::kNoData);
  Column growth{.name = "prev(net)",
                .kind = ColumnKind::kComparison,
                .unit = "ratio",
                .type = Column::Type::kDoubles};
  growth.doubles = {0.5, 1, 2, 3};
  Table table{.row_count = 4,
              .columns = {place, net, growth},
              .notes = {{"CODE", "Text."}},
              .region_role = RegionRole::kSeller};
  v1::Result page;
  EXPECT_EQ(WritePage(table, *view_, 0, 3, "zh", &page), 3u);
  EXPECT_THAT(page, EqualsText(R"pb(
                row_count: 3
                columns {
                  name: "consumer_region"
                  title: "消费者地区"
                  kind: COLUMN_KIND_DIMENSION
                  dictionary {
                    members { kind: MEMBER_KIND_UNKNOWN }
                    members { code: "cn-33" label: "浙江" }
                    indexes: [ 0, 1, 0 ]
                  }
                }
                columns {
                  name: "net"
                  title: "净消费额"
                  kind: COLUMN_KIND_MEASURE
                  unit: "CNY"
                  decimals: 2
                  integers { values: [ -5, 0, 7 ] }
                  null_reasons: [ 0, 8, 0 ]
                }
                columns {
                  name: "prev(net)"
                  title: "净消费额环比"
                  kind: COLUMN_KIND_COMPARISON
                  unit: "ratio"
                  doubles { values: [ 0.5, 1, 2 ] }
                }
                notes { code: "CODE" message: "Text." }
                region_role: REGION_ROLE_SELLER
              )pb"));
  // The last row alone: no nulls, so no reasons.
  EXPECT_EQ(WritePage(table, *view_, 3, 10, "", &page), 1u);
  EXPECT_EQ(page.columns(1).null_reasons_size(), 0);
  EXPECT_EQ(page.columns(0).dictionary().members(0).kind(), v1::MEMBER_KIND_UNALLOCATED);
}

TEST_F(ResultPageTest, LabelsWhatTheCatalogNamesOfOpenCodesAndOfWholeNames) {
  const auto texts = [](const char* name, std::vector<Member> members) {
    Column column{.name = name, .kind = ColumnKind::kDimension, .type = Column::Type::kTexts};
    column.members = std::move(members);
    column.texts = {0, 1};
    return column;
  };
  Column scenario = texts("scenario", {{"one-card"}, {"not-in-the-catalog"}});
  scenario.dimension = FindDimension("scenario");
  const Table table{.row_count = 2,
                    .columns = {scenario, texts("region", {{"regions/cn-33"}, {"cn-33"}})}};
  v1::Result page;
  WritePage(table, *view_, 0, 2, "zh", &page);
  const auto label = [&](int column, int member) {
    return page.columns(column).dictionary().members(member).label();
  };
  EXPECT_EQ(label(0, 0), "一卡通");
  EXPECT_EQ(label(0, 1), "");
  EXPECT_EQ(label(1, 0), "浙江");
  EXPECT_EQ(label(1, 1), "") << "a text that is no name";
}

TEST_F(ResultPageTest, PagesStayBelowAMebibyteAndMeet) {
  constexpr uint64_t kRows = 60'000;
  Column code{.name = "product", .kind = ColumnKind::kDimension, .type = Column::Type::kTexts};
  Column net{.name = "net"};
  Column ratio{.name = "ratio", .type = Column::Type::kDoubles};
  for (uint64_t row = 0; row < kRows; ++row) {
    code.members.push_back({std::string(row % 64, 'p') + std::to_string(row)});
    code.texts.push_back(static_cast<uint32_t>(row));
    net.integers.push_back(static_cast<int64_t>(row * row * row * (row % 2 == 0 ? 1 : -1)));
    ratio.doubles.push_back(1.0 / static_cast<double>(row + 1));
  }
  ratio.SetNull(5, NullReason::kZeroBase);
  const Table table{.row_count = kRows, .columns = {code, net, ratio}};
  uint64_t offset = 0;
  int pages = 0;
  while (offset < kRows) {
    v1::Result page;
    const uint64_t rows = WritePage(table, *view_, offset, kRows, "", &page);
    ASSERT_GT(rows, 0u);
    EXPECT_LE(page.ByteSizeLong(), kMaxPageBytes);
    // Not much smaller than it could be.
    if (offset + rows < kRows) {
      EXPECT_GT(page.ByteSizeLong(), kMaxPageBytes * 8 / 10);
    }
    EXPECT_EQ(page.columns(1).integers().values(0), net.integers[offset]);
    offset += rows;
    ++pages;
  }
  EXPECT_EQ(offset, kRows);
  EXPECT_GT(pages, 3);
}

TEST_F(ResultPageTest, RowLargerThanAPageIsAPage) {
  Column code{.name = "product", .kind = ColumnKind::kDimension, .type = Column::Type::kTexts};
  code.members = {{std::string(2 << 20, 'x')}, {"y"}};
  code.texts = {0, 1};
  const Table table{.row_count = 2, .columns = {code}};
  v1::Result page;
  EXPECT_EQ(WritePage(table, *view_, 0, 10, "", &page), 1u);
  EXPECT_EQ(WritePage(table, *view_, 1, 10, "", &page), 1u);
}

}  // namespace
}  // namespace tidemark::analytics
