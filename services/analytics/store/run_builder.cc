#include "services/analytics/store/run_builder.h"

#include <algorithm>
#include <cstring>
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

// Where the own effects of events are, by leaf.
class OwnRows {
 public:
  explicit OwnRows(const RunDirectory& directory)
      : first_leaf_(directory.first_leaf), rows_(directory.end_leaf - directory.first_leaf) {}

  // The next group, as it lies in its section.
  void Add(const RunGroup& group, const std::string& section) {
    const auto view = [&](int slot) {
      const RunColumn& column = group.columns[slot];
      return ColumnView{.data = reinterpret_cast<const uint8_t*>(section.data()) + column.offset,
                        .width = column.width,
                        .base = column.min};
    };
    const ColumnView effective_column = view(kEffectiveSlot), class_column = view(kClassSlot);
    std::vector<int64_t> effective(kZoneRows);
    std::vector<uint32_t> classes(kZoneRows);
    for (size_t start = 0; start < group.rows; start += kZoneRows) {
      const size_t n = std::min<size_t>(kZoneRows, group.rows - start);
      Decode64(effective_column, start, n, effective.data());
      Decode32(class_column, start, n, classes.data());
      for (size_t i = 0; i < n; ++i) {
        ++row_;
        if (IsOwnClass(classes[i])) rows_[static_cast<uint64_t>(effective[i]) - first_leaf_] = row_;
      }
    }
  }

  std::string Encode(uint64_t effects) const {
    const uint8_t width = WidthFor(effects);
    // Four bytes at a time are one instruction; the last ones reach beyond the end.
    std::string bytes(rows_.size() * width + sizeof(uint32_t), '\0');
    char* out = bytes.data();
    for (const uint32_t row : rows_) {
      std::memcpy(out, &row, sizeof(row));
      out += width;
    }
    bytes.resize(rows_.size() * width);
    return bytes;
  }

 private:
  const uint64_t first_leaf_;
  std::vector<uint32_t> rows_;
  uint32_t row_ = 0;  // rows added
};

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
  OwnRows own_rows(directory);
  for (const auto& [month, pieces] : months) {
    directory.groups.push_back(builder.Build(month, pieces));
    own_rows.Add(directory.groups.back(), builder.bytes());
    TM_RETURN_IF_ERROR(writer.Add(
        SectionKind::kGroup, static_cast<uint32_t>(directory.groups.size() - 1), builder.bytes()));
  }
  TM_RETURN_IF_ERROR(writer.Add(SectionKind::kOwnRows, 0, own_rows.Encode(directory.effects)));
  for (const ExtraSection& section : extra) {
    TM_RETURN_IF_ERROR(writer.Add(section.kind, section.argument, section.bytes));
  }
  return writer.Finish();
}

}  // namespace tidemark::analytics
