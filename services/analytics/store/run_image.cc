#include "services/analytics/store/run_image.h"

#include <algorithm>
#include <utility>

#include "common/status/status_macros.h"

namespace tidemark::analytics {
namespace {

std::span<const uint32_t> Words(const char* data, size_t n) {
  return {reinterpret_cast<const uint32_t*>(data), n};
}

RowGroup View(const RunGroup& from, const char* section) {
  RowGroup group;
  group.rows = from.rows;
  group.sorted = true;
  group.month = from.month;
  group.min_time_us = from.min_time_us;
  group.max_time_us = from.max_time_us;
  group.has_negative = from.has_negative;
  const size_t zones = (from.rows + kZoneRows - 1) / kZoneRows;
  for (int slot = 0; slot < kSlotCount; ++slot) {
    const RunColumn& column = from.columns[slot];
    group.columns[slot] = {.data = reinterpret_cast<const uint8_t*>(section + column.offset),
                           .width = column.width,
                           .base = column.min,
                           .min = column.min,
                           .max = column.max};
    if (!column.zones) continue;
    group.zones[slot] = {.min = Words(section + column.zones_offset, zones),
                         .max = Words(section + column.zones_offset + 4 * zones, zones)};
  }
  group.min_effective = static_cast<uint64_t>(from.columns[kEffectiveSlot].min);
  group.max_effective = static_cast<uint64_t>(from.columns[kEffectiveSlot].max);
  group.region_codes = Words(section + from.regions_offset, from.regions);
  group.region_starts =
      Words(section + from.regions_offset + 4 * size_t{from.regions}, from.regions + 1);
  return group;
}

}  // namespace

absl::Status RunImage::Parse(bool verify) {
  TM_ASSIGN_OR_RETURN(directory_, DecodeRunDirectory(data_));
  if (verify) TM_RETURN_IF_ERROR(VerifyRunSections(directory_, data_));
  groups_.resize(directory_.groups.size());
  for (const RunSection& section : directory_.sections) {
    if (section.kind != SectionKind::kGroup) continue;
    groups_[section.argument] =
        View(directory_.groups[section.argument], data_.data() + section.offset);
  }
  uint64_t rows = 0;
  for (const RowGroup& group : groups_) {
    group_starts_.push_back(rows);
    rows += group.rows;
  }
  const std::string_view own_rows = Section(SectionKind::kOwnRows, 0);
  own_rows_ = {.data = reinterpret_cast<const uint8_t*>(own_rows.data()),
               .width = WidthFor(directory_.effects)};
  return absl::OkStatus();
}

std::optional<StoredRow> RunImage::OwnRow(uint64_t leaf) const {
  if (leaf < first_leaf() || leaf >= end_leaf()) return std::nullopt;
  const uint64_t number = static_cast<uint64_t>(own_rows_.At(leaf - first_leaf()));
  if (number == 0 || number > effects()) return std::nullopt;
  const auto after = std::upper_bound(group_starts_.begin(), group_starts_.end(), number - 1);
  const size_t group = static_cast<size_t>(after - group_starts_.begin()) - 1;
  return ReadRow(groups_[group], number - 1 - group_starts_[group]);
}

absl::StatusOr<std::shared_ptr<const RunImage>> RunImage::FromFile(
    std::unique_ptr<fs::Mapping> file, std::string path) {
  std::shared_ptr<RunImage> image(new RunImage);
  image->data_ = file->data();
  image->file_ = std::move(file);
  image->path_ = std::move(path);
  TM_RETURN_IF_ERROR(image->Parse(/*verify=*/true));
  return image;
}

absl::StatusOr<std::shared_ptr<const RunImage>> RunImage::FromMemory(std::string bytes) {
  std::shared_ptr<RunImage> image(new RunImage);
  image->memory_ = std::move(bytes);
  image->data_ = image->memory_;
  TM_RETURN_IF_ERROR(image->Parse(/*verify=*/false));
  return image;
}

std::string_view RunImage::Section(SectionKind kind, uint32_t argument) const {
  for (const RunSection& section : directory_.sections) {
    if (section.kind == kind && section.argument == argument) {
      return data_.substr(section.offset, section.length);
    }
  }
  return {};
}

}  // namespace tidemark::analytics
