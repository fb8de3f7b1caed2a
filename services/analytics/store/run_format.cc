#include "services/analytics/store/run_format.h"

#include <cstring>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "common/base/crc32c.h"
#include "common/status/status_macros.h"

namespace tidemark::analytics {
namespace {

class Writer {
 public:
  template <typename T>
  void operator()(const T& value) {
    static_assert(std::is_integral_v<T>);
    out_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}

  template <typename T>
  void operator()(T& value) {
    static_assert(std::is_integral_v<T>);
    if (in_.size() < sizeof(T)) {
      good_ = false;
      value = 0;
      return;
    }
    if constexpr (std::is_same_v<T, bool>) {
      good_ = good_ && (in_[0] == 0 || in_[0] == 1);
      value = in_[0] != 0;
    } else {
      std::memcpy(&value, in_.data(), sizeof(T));
    }
    in_.remove_prefix(sizeof(T));
  }
  bool good() const { return good_; }
  size_t left() const { return in_.size(); }

 private:
  std::string_view in_;
  bool good_ = true;
};

// One list of fields for both directions, so that they cannot differ.
template <typename Visit, typename Sizes>
void VisitSizes(Visit& visit, Sizes& sizes) {
  for (auto& size : sizes.codes) visit(size);
  visit(sizes.consumers);
  visit(sizes.orders);
}

template <typename Visit, typename Group>
void VisitGroup(Visit& visit, Group& group) {
  visit(group.month);
  visit(group.rows);
  visit(group.has_negative);
  visit(group.min_time_us);
  visit(group.max_time_us);
  for (auto& column : group.columns) {
    visit(column.width);
    visit(column.zones);
    visit(column.min);
    visit(column.max);
    visit(column.offset);
    visit(column.zones_offset);
  }
  visit(group.regions);
  visit(group.regions_offset);
}

template <typename Visit, typename Directory>
void VisitFacts(Visit& visit, Directory& directory) {
  visit(directory.first_leaf);
  visit(directory.end_leaf);
  visit(directory.effects);
  VisitSizes(visit, directory.dictionary_begin);
  VisitSizes(visit, directory.dictionary_end);
}

absl::Status Bad(const char* what) { return absl::DataLossError(absl::StrCat("run file: ", what)); }

bool Inside(uint64_t offset, uint64_t length, uint64_t size) {
  return offset <= size && length <= size - offset;
}

absl::Status CheckGroup(const RunGroup& group, uint64_t size) {
  const uint64_t zones = (uint64_t{group.rows} + kZoneRows - 1) / kZoneRows;
  if (group.rows == 0) return Bad("a month without rows");
  for (const RunColumn& column : group.columns) {
    const bool known = column.width <= 4 || column.width == 8;
    const uint64_t spare = column.width == 3 ? 1 : 0;
    if (!known || column.offset % 8 != 0 ||
        !Inside(column.offset, uint64_t{column.width} * group.rows + spare, size)) {
      return Bad("a column lies outside its section");
    }
    if (column.zones &&
        (column.zones_offset % 4 != 0 || !Inside(column.zones_offset, 8 * zones, size))) {
      return Bad("a zone map lies outside its section");
    }
  }
  if (group.regions == 0 || group.regions > group.rows || group.regions_offset % 4 != 0 ||
      !Inside(group.regions_offset, 8 * uint64_t{group.regions} + 4, size)) {
    return Bad("a region index lies outside its section");
  }
  return absl::OkStatus();
}

// Own rows number the rows of all groups, one entry per leaf.
absl::Status CheckOwnRows(const RunDirectory& directory) {
  uint64_t rows = 0;
  for (const RunGroup& group : directory.groups) rows += group.rows;
  if (rows != directory.effects) return Bad("its months hold not as many rows as it says");
  uint64_t length = 0;
  for (const RunSection& section : directory.sections) {
    if (section.kind != SectionKind::kOwnRows) continue;
    if (length != 0) return Bad("two lists of events");
    length = section.length;
  }
  // Leaves first: a width times a forged number of leaves could wrap around.
  const uint64_t width = WidthFor(directory.effects);
  const uint64_t leaves = directory.end_leaf - directory.first_leaf;
  if (width == 0 ? length != 0 : length % width != 0 || length / width != leaves) {
    return Bad("the list of events does not fit the rows");
  }
  return absl::OkStatus();
}

absl::Status CheckDirectory(const RunDirectory& directory, uint64_t end) {
  std::vector<bool> seen(directory.groups.size());
  for (const RunSection& section : directory.sections) {
    if (section.offset % 8 != 0 || !Inside(section.offset, section.length, end)) {
      return Bad("a section lies outside the file");
    }
    if (section.kind == SectionKind::kTexts && section.argument >= kFieldCount)
      return Bad("unknown field");
    if (section.kind != SectionKind::kGroup) continue;
    if (section.argument >= seen.size() || seen[section.argument])
      return Bad("a month is not there once");
    seen[section.argument] = true;
    TM_RETURN_IF_ERROR(CheckGroup(directory.groups[section.argument], section.length));
  }
  for (bool found : seen) {
    if (!found) return Bad("a month has no section");
  }
  if (directory.first_leaf >= directory.end_leaf) return Bad("it covers no leaves");
  return CheckOwnRows(directory);
}

}  // namespace

std::string EncodeRunEnd(const RunDirectory& directory, uint64_t offset) {
  Writer writer;
  writer(kRunFormat);
  writer(static_cast<uint16_t>(kSlotCount));
  writer(static_cast<uint32_t>(directory.log_id.size()));
  for (char c : directory.log_id) writer(c);
  VisitFacts(writer, directory);
  writer(static_cast<uint32_t>(directory.groups.size()));
  for (const RunGroup& group : directory.groups) VisitGroup(writer, group);
  writer(static_cast<uint32_t>(directory.sections.size()));
  for (const RunSection& section : directory.sections) {
    writer(static_cast<uint8_t>(section.kind));
    writer(section.argument);
    writer(section.offset);
    writer(section.length);
    writer(section.crc);
  }
  std::string bytes = writer.Take();
  Writer footer;
  footer(offset);
  footer(static_cast<uint32_t>(bytes.size()));
  footer(base::Crc32c(bytes));
  bytes += footer.Take();
  bytes += kRunMagic;
  return bytes;
}

absl::StatusOr<RunDirectory> DecodeRunDirectory(std::string_view file) {
  if (file.size() < kRunMagic.size() + kRunFooterBytes || file.substr(0, 8) != kRunMagic ||
      file.substr(file.size() - 8) != kRunMagic) {
    return Bad("it does not start and end as one");
  }
  uint64_t offset = 0;
  uint32_t length = 0, crc = 0;
  Reader footer(file.substr(file.size() - kRunFooterBytes));
  footer(offset);
  footer(length);
  footer(crc);
  const uint64_t end = file.size() - kRunFooterBytes;
  if (!Inside(offset, length, end) || offset + length != end)
    return Bad("the directory lies outside");
  const std::string_view bytes = file.substr(offset, length);
  if (base::Crc32c(bytes) != crc) return Bad("the directory's checksum is wrong");

  RunDirectory directory;
  Reader reader(bytes);
  uint16_t format = 0, slots = 0;
  uint32_t count = 0;
  reader(format);
  reader(slots);
  if (format > kRunFormat || slots > kSlotCount) {
    return absl::UnimplementedError(
        absl::StrCat("run file: format ", format, " with ", slots, " columns"));
  }
  if (format < kRunFormat || slots < kSlotCount) {
    return absl::FailedPreconditionError(absl::StrCat("run file: format ", format, " with ", slots,
                                                      " columns, of an earlier release"));
  }
  reader(count);
  if (count > reader.left()) return Bad("the log's name is too long");
  directory.log_id.resize(count);
  for (char& c : directory.log_id) reader(c);
  VisitFacts(reader, directory);
  reader(count);
  if (count > reader.left()) return Bad("too many months");
  directory.groups.resize(count);
  for (RunGroup& group : directory.groups) VisitGroup(reader, group);
  reader(count);
  if (count > reader.left()) return Bad("too many sections");
  directory.sections.resize(count);
  for (RunSection& section : directory.sections) {
    uint8_t kind = 0;
    reader(kind);
    section.kind = static_cast<SectionKind>(kind);
    reader(section.argument);
    reader(section.offset);
    reader(section.length);
    reader(section.crc);
  }
  if (!reader.good() || reader.left() != 0)
    return Bad("the directory does not end where it should");
  TM_RETURN_IF_ERROR(CheckDirectory(directory, offset));
  return directory;
}

absl::Status VerifyRunSections(const RunDirectory& directory, std::string_view file) {
  for (const RunSection& section : directory.sections) {
    if (base::Crc32c(file.substr(section.offset, section.length)) != section.crc) {
      return absl::DataLossError(absl::StrCat("run file: wrong checksum of the ", section.length,
                                              " bytes at offset ", section.offset));
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
