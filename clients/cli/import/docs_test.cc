// docs/import-mapping.md and what the code knows must not drift apart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "clients/cli/import/event_fields.h"
#include "clients/cli/import/mapping_compiler.h"
#include "clients/cli/import/mapping_testing.h"
#include "clients/cli/import/number_format.h"
#include "clients/cli/import/text_steps.h"
#include "common/testing/temp_dir.h"

namespace tidemark::importer {
namespace {

const std::string& Page() {
  static const auto* const kPage = new std::string(
      testing::ReadFileOrDie(std::string(TIDEMARK_REPOSITORY) + "/docs/import-mapping.md"));
  return *kPage;
}

TEST(ImportMappingPageTest, NamesEveryKey) {
  for (const auto* keys :
       {&InputFormat::Keys(), &TextStepKeys(), &NumberFormatKeys(), &MappingCompiler::Keys()}) {
    for (const std::string& key : *keys) EXPECT_THAT(Page(), ::testing::HasSubstr(key)) << key;
  }
}

TEST(ImportMappingPageTest, FirstMappingWorks) {
  const size_t start = Page().find("```yaml\nscale: 2") + 8;
  const std::string yaml = Page().substr(start, Page().find("```", start) - start);
  const Outcome outcome =
      MapOne(yaml, "order_no,line,paid_at,price,sku\nA1,2,2024-03-05 08:00:00,12.30,X\n");
  EXPECT_EQ(outcome.other, "");
  EXPECT_EQ(outcome.event.id(), "A1-2");
  EXPECT_EQ(outcome.event.amount(), 1230);
  EXPECT_EQ(outcome.event.event_time_us(), 1709596800000000);
}

TEST(ImportMappingPageTest, ConditionsShownCompile) {
  const size_t start = Page().find("```yaml\n{column: InvoiceNo") + 8;
  const std::string block = Page().substr(start, Page().find("```", start) - start);
  int conditions = 0;
  for (std::string_view line : absl::StrSplit(block, '\n')) {
    line = line.substr(0, line.find('#'));
    if (line.empty() || line[0] != '{' || line.find("..") != line.npos) continue;
    const std::string yaml = WithEvent(absl::StrCat("skip: [{when: ", line, ", reason: A}]"), "");
    const auto mapper = OpenMapping(yaml, "InvoiceNo,Quantity,a\n1,2,3\n");
    EXPECT_TRUE(mapper.ok()) << line << mapper.status();
    ++conditions;
  }
  EXPECT_EQ(conditions, 3);
}

}  // namespace
}  // namespace tidemark::importer
