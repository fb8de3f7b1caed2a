#include "services/analytics/store/run_format.h"

#include <string>

#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tidemark::analytics {
namespace {

using ::testing::HasSubstr;
using ::tidemark::testing::StatusIs;

constexpr uint64_t kSectionBytes = 64;

// A month of three rows over four leaves, every column constant, and the list of its events.
RunDirectory SmallDirectory() {
  RunDirectory directory;
  directory.log_id = std::string(32, 'a');
  directory.first_leaf = 10;
  directory.end_leaf = 14;
  directory.effects = 3;
  RunGroup group;
  group.rows = 3;
  group.regions = 1;
  directory.groups.push_back(group);
  directory.sections.push_back({.kind = SectionKind::kGroup, .offset = 8, .length = kSectionBytes});
  directory.sections.push_back(
      {.kind = SectionKind::kOwnRows, .offset = 8 + kSectionBytes, .length = 4});
  return directory;
}

absl::Status Decoded(const RunDirectory& directory) {
  std::string file(kRunMagic);
  file.append(2 * kSectionBytes, '\0');
  file += EncodeRunEnd(directory, file.size());
  return DecodeRunDirectory(file).status();
}

TEST(RunFormatTest, DirectoryComesBack) { EXPECT_OK(Decoded(SmallDirectory())); }

TEST(RunFormatTest, MonthsHoldTheRowsOfTheRun) {
  RunDirectory directory = SmallDirectory();
  directory.effects = 4;
  EXPECT_THAT(Decoded(directory), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("rows")));
}

TEST(RunFormatTest, ListOfEventsHasOneEntryPerLeaf) {
  RunDirectory directory = SmallDirectory();
  directory.end_leaf = 15;
  EXPECT_THAT(Decoded(directory),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("list of events")));
  directory = SmallDirectory();
  directory.sections.push_back(directory.sections.back());
  EXPECT_THAT(Decoded(directory),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("lists of events")));
  directory = SmallDirectory();
  directory.sections.pop_back();
  EXPECT_THAT(Decoded(directory),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("list of events")));
}

// Two bytes an entry: a number of leaves so large that the product wraps around to the length.
TEST(RunFormatTest, ForgedNumberOfLeavesDoesNotWrapAround) {
  RunDirectory directory = SmallDirectory();
  directory.groups[0].rows = 300;
  directory.effects = 300;
  directory.end_leaf = directory.first_leaf + (uint64_t{1} << 63) + 2;
  EXPECT_THAT(Decoded(directory),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("list of events")));
}

}  // namespace
}  // namespace tidemark::analytics
