#include "services/analytics/store/run_builder.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/base/crc32c.h"
#include "common/status/status_macros.h"
#include "services/analytics/store/month_builder.h"
#include "services/analytics/store/utc_month.h"

namespace tidemark::analytics {
namespace {

using Months = std::map<int32_t, std::vector<MonthPiece>>;

void SplitByMonth(const RowGroup& group, Months* months) {
  if (group.rows == 0) return;
  if (group.sorted) {
    (*months)[group.month].push_back({&group, {}});
    return;
  }
  UtcMonthCursor cursor;
  int32_t current = 0;
  MonthPiece* piece = nullptr;
  for (uint32_t row = 0; row < group.rows; ++row) {
    const int32_t month = cursor.Month(group.columns[kTimeSlot].At(row));
    if (piece == nullptr || month != current) {
      std::vector<MonthPiece>& pieces = (*months)[month];
      if (pieces.empty() || pieces.back().group != &group) pieces.push_back({&group, {}});
      piece = &pieces.back();
      current = month;
    }
    piece->rows.push_back(row);
  }
  if (piece->rows.size() == group.rows) piece->rows.clear();
}

class SectionWriter {
 public:
  SectionWriter(RunDirectory* directory, ByteSink sink) : directory_(directory), sink_(sink) {}

  absl::Status Start() { return Put(kRunMagic); }
  absl::Status Add(SectionKind kind, uint32_t argument, std::string_view bytes) {
    directory_->sections.push_back({kind, argument, offset_, bytes.size(), base::Crc32c(bytes)});
    TM_RETURN_IF_ERROR(Put(bytes));
    static constexpr char kPadding[8] = {};
    return Put({kPadding, (8 - offset_ % 8) % 8});
  }
  absl::Status Finish() { return sink_(EncodeRunEnd(*directory_, offset_)); }

 private:
  absl::Status Put(std::string_view bytes) {
    offset_ += bytes.size();
    return bytes.empty() ? absl::OkStatus() : sink_(bytes);
  }

  RunDirectory* const directory_;
  ByteSink sink_;
  uint64_t offset_ = 0;
};

}  // namespace

absl::Status BuildRun(std::span<const RowGroup* const> inputs,
                      const std::vector<ExtraSection>& extra, RunDirectory directory,
                      MonthBuilder& builder, ByteSink sink) {
  Months months;
  directory.effects = 0;
  for (const RowGroup* group : inputs) {
    SplitByMonth(*group, &months);
    directory.effects += group->rows;
  }
  SectionWriter writer(&directory, sink);
  TM_RETURN_IF_ERROR(writer.Start());
  for (const auto& [month, pieces] : months) {
    directory.groups.push_back(builder.Build(month, pieces));
    TM_RETURN_IF_ERROR(writer.Add(
        SectionKind::kGroup, static_cast<uint32_t>(directory.groups.size() - 1), builder.bytes()));
  }
  for (const ExtraSection& section : extra) {
    TM_RETURN_IF_ERROR(writer.Add(section.kind, section.argument, section.bytes));
  }
  return writer.Finish();
}

}  // namespace tidemark::analytics
